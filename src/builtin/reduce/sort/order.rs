//! Which of two lines comes first, as sort(1) has it in the C locale.

use std::cmp::Ordering;

use super::key::{Key, Kind};
use super::numeric::Numeric;

/// How lines are ordered.
#[derive(Debug, Clone)]
pub(in crate::builtin::reduce) struct Order {
    /// What is compared, in this sequence; nothing for whole lines.
    pub(in crate::builtin::reduce) keys: Vec<Key>,
    /// Between fields; none for where blanks begin.
    pub(in crate::builtin::reduce) separator: Option<u8>,
    /// Of whole lines.
    pub(in crate::builtin::reduce) direction: Direction,
    pub(in crate::builtin::reduce) ties: Ties,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::builtin::reduce) enum Direction {
    Upwards,
    Downwards,
}

impl Direction {
    fn of(self, ordering: Ordering) -> Ordering {
        match self {
            Direction::Upwards => ordering,
            Direction::Downwards => ordering.reverse(),
        }
    }
}

/// What becomes of lines whose keys are equal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::builtin::reduce) enum Ties {
    /// They are ordered by their bytes.
    ByBytes,
    /// They stay in the order in which they came.
    AsCome,
    /// Only the first one that came is left.
    Dropped,
}

impl Order {
    /// By the number that a line begins with, then by its bytes.
    pub(in crate::builtin::reduce) fn numeric() -> Order {
        Order {
            keys: vec![Key::whole(Kind::Number, Direction::Upwards)],
            separator: None,
            direction: Direction::Upwards,
            ties: Ties::ByBytes,
        }
    }

    /// Which one comes first, as far as that does not depend on which one came first.
    pub(in crate::builtin::reduce) fn compare(&self, one: &[u8], other: &[u8]) -> Ordering {
        for key in &self.keys {
            let (one, other) = (key.of(one, self.separator), key.of(other, self.separator));
            let ordering = match key.kind {
                Kind::Bytes => one.cmp(other),
                Kind::Number => Numeric::of(one).cmp(&Numeric::of(other)),
            };
            if ordering != Ordering::Equal {
                return key.direction.of(ordering);
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
        !self.keys.is_empty() && self.ties != Ties::ByBytes
    }

    /// Whether it is whole lines that are compared.
    pub(in crate::builtin::reduce) fn compares_lines(&self) -> bool {
        self.keys.is_empty()
    }

    /// A number that is smaller for a line that comes first, or the same.
    pub(in crate::builtin::reduce) fn prefix(&self, line: &[u8]) -> u64 {
        let (prefix, direction) = match self.keys.first() {
            None => (first_bytes(line), self.direction),
            Some(key) => {
                let text = key.of(line, self.separator);
                let prefix = match key.kind {
                    Kind::Bytes => first_bytes(text),
                    Kind::Number => Numeric::of(text).prefix(),
                };
                (prefix, key.direction)
            }
        };
        match direction {
            Direction::Upwards => prefix,
            Direction::Downwards => !prefix,
        }
    }
}

fn first_bytes(text: &[u8]) -> u64 {
    if let Some(bytes) = text.first_chunk() {
        return u64::from_be_bytes(*bytes);
    }
    let mut bytes = [0; 8];
    bytes[..text.len()].copy_from_slice(text);
    u64::from_be_bytes(bytes)
}
