//! Order of lines, as sort(1) has it in the C locale.

use std::cmp::Ordering;

use super::key::{SortKey, SortKeyKind, SortKeyRules};
use super::numeric::{NumericKey, SizeKey};
use super::version;

#[derive(Debug, Clone)]
pub(in crate::builtin::reduce) struct SortOrder {
    /// Compared one after the other; none for whole lines.
    pub(in crate::builtin::reduce) keys: Vec<SortKey>,
    /// Between fields; `None` for where blanks begin.
    pub(in crate::builtin::reduce) separator: Option<u8>,
    /// Whole lines are compared the other way round.
    pub(in crate::builtin::reduce) is_reversed: bool,
    pub(in crate::builtin::reduce) ties: SortTies,
    pub(in crate::builtin::reduce) terminator: u8,
}

/// Order of lines whose keys are equal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::builtin::reduce) enum SortTies {
    /// By their bytes.
    ByBytes,
    /// `--stable`: in the order of input.
    AsCome,
    /// `--unique`: only the first one of the input is left.
    Dropped,
}

impl SortOrder {
    /// By the number that a line begins with, then by its bytes.
    pub(in crate::builtin::reduce) fn numeric() -> SortOrder {
        SortOrder {
            keys: vec![SortKey::whole(SortKeyRules {
                kind: SortKeyKind::Number,
                ..SortKeyRules::BYTES
            })],
            separator: None,
            is_reversed: false,
            ties: SortTies::ByBytes,
            terminator: b'\n',
        }
    }

    /// Compares two lines, as far as that does not depend on their order in the input.
    pub(in crate::builtin::reduce) fn compare(&self, one: &[u8], other: &[u8]) -> Ordering {
        for key in &self.keys {
            let (one, other) = (key.of(one, self.separator), key.of(other, self.separator));
            let folds_case = key.rules.folds_case;
            let ordering = match key.rules.kind {
                SortKeyKind::Bytes if folds_case => folded(one).cmp(folded(other)),
                SortKeyKind::Bytes => one.cmp(other),
                SortKeyKind::Number => NumericKey::of(one).cmp(&NumericKey::of(other)),
                SortKeyKind::Size => {
                    SizeKey::of(one, folds_case).cmp(&SizeKey::of(other, folds_case))
                }
                SortKeyKind::Version if folds_case => {
                    version::compare(&one.to_ascii_uppercase(), &other.to_ascii_uppercase())
                }
                SortKeyKind::Version => version::compare(one, other),
            };
            if ordering != Ordering::Equal {
                return reversed_if(key.rules.is_reversed, ordering);
            }
        }
        if self.depends_on_input() {
            return Ordering::Equal;
        }
        reversed_if(self.is_reversed, one.cmp(other))
    }

    /// Different lines may compare as equal, so that their order in the input counts.
    pub(in crate::builtin::reduce) fn depends_on_input(&self) -> bool {
        !self.keys.is_empty() && self.ties != SortTies::ByBytes
    }

    /// Whole lines are compared.
    pub(in crate::builtin::reduce) fn compares_lines(&self) -> bool {
        self.keys.is_empty()
    }

    /// Order-preserving, but different lines may have the same prefix.
    pub(in crate::builtin::reduce) fn prefix(&self, line: &[u8]) -> u64 {
        let (prefix, is_reversed) = match self.keys.first() {
            None => (u64::from_be_bytes(first_bytes(line)), self.is_reversed),
            Some(key) => {
                let text = key.of(line, self.separator);
                let prefix = match key.rules.kind {
                    SortKeyKind::Bytes if key.rules.folds_case => {
                        u64::from_be_bytes(first_bytes(text).map(|byte| byte.to_ascii_uppercase()))
                    }
                    SortKeyKind::Bytes => u64::from_be_bytes(first_bytes(text)),
                    SortKeyKind::Number => NumericKey::of(text).prefix(),
                    SortKeyKind::Size => SizeKey::of(text, key.rules.folds_case).prefix(),
                    SortKeyKind::Version => 0,
                };
                (prefix, key.rules.is_reversed)
            }
        };
        if is_reversed { !prefix } else { prefix }
    }
}

fn reversed_if(is_reversed: bool, ordering: Ordering) -> Ordering {
    if is_reversed {
        ordering.reverse()
    } else {
        ordering
    }
}

fn folded(text: &[u8]) -> impl Iterator<Item = u8> {
    text.iter().map(u8::to_ascii_uppercase)
}

fn first_bytes(text: &[u8]) -> [u8; 8] {
    if let Some(bytes) = text.first_chunk() {
        return *bytes;
    }
    let mut bytes = [0; 8];
    bytes[..text.len()].copy_from_slice(text);
    bytes
}
