//! Which of two lines comes first, as sort(1) has it in the C locale.

use std::cmp::Ordering;

use super::key::{SortKey, SortKeyKind, SortKeyRules};
use super::numeric::{NumericKey, SizeKey};
use super::version;

/// How lines are ordered.
#[derive(Debug, Clone)]
pub(in crate::builtin::reduce) struct SortOrder {
    /// What is compared, in this sequence; nothing for whole lines.
    pub(in crate::builtin::reduce) keys: Vec<SortKey>,
    /// Between fields; none for where blanks begin.
    pub(in crate::builtin::reduce) separator: Option<u8>,
    /// Of whole lines.
    pub(in crate::builtin::reduce) direction: SortDirection,
    pub(in crate::builtin::reduce) ties: SortTies,
    /// What ends each line.
    pub(in crate::builtin::reduce) terminator: u8,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::builtin::reduce) enum SortDirection {
    Upwards,
    Downwards,
}

impl SortDirection {
    fn of(self, ordering: Ordering) -> Ordering {
        match self {
            SortDirection::Upwards => ordering,
            SortDirection::Downwards => ordering.reverse(),
        }
    }
}

/// What becomes of lines whose keys are equal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::builtin::reduce) enum SortTies {
    /// They are ordered by their bytes.
    ByBytes,
    /// They stay in the order in which they came.
    AsCome,
    /// Only the first one that came is left.
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
            direction: SortDirection::Upwards,
            ties: SortTies::ByBytes,
            terminator: b'\n',
        }
    }

    /// Which one comes first, as far as that does not depend on which one came first.
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
                return key.rules.direction.of(ordering);
            }
        }
        if self.depends_on_input() {
            return Ordering::Equal;
        }
        self.direction.of(one.cmp(other))
    }

    /// Whether lines that are not the same may compare as equal, so that it counts which one
    /// came first.
    pub(in crate::builtin::reduce) fn depends_on_input(&self) -> bool {
        !self.keys.is_empty() && self.ties != SortTies::ByBytes
    }

    /// Whether it is whole lines that are compared.
    pub(in crate::builtin::reduce) fn compares_lines(&self) -> bool {
        self.keys.is_empty()
    }

    /// A number that is smaller for a line that comes first, or the same.
    pub(in crate::builtin::reduce) fn prefix(&self, line: &[u8]) -> u64 {
        let (prefix, direction) = match self.keys.first() {
            None => (u64::from_be_bytes(first_bytes(line)), self.direction),
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
                (prefix, key.rules.direction)
            }
        };
        match direction {
            SortDirection::Upwards => prefix,
            SortDirection::Downwards => !prefix,
        }
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
