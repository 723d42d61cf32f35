//! `tr/a-z/A-Z/`.

use super::error::ExpressionError;
use super::escape::escape;
use super::text::{character, units};

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct CharacterTable {
    from: Vec<(u32, u32)>,
    to: Vec<(u32, u32)>,
    complement: bool,
    delete: bool,
    squeeze: bool,
    /// Leaves the subject alone: the result is the value.
    pub(super) gives_result: bool,
}

enum CharacterChange {
    Keep,
    Delete,
    To(u32),
}

impl CharacterTable {
    pub(super) fn new(
        from: &[u8],
        to: &[u8],
        flags: &[u8],
    ) -> Result<CharacterTable, ExpressionError> {
        let has = |letter| flags.contains(&letter);
        let mut from = ranges(from)?;
        if has(b'c') {
            from = all_but(from);
        }
        Ok(CharacterTable {
            from,
            to: ranges(to)?,
            complement: has(b'c'),
            delete: has(b'd'),
            squeeze: has(b's'),
            gives_result: has(b'r'),
        })
    }

    /// The subject is changed, not only counted.
    pub(super) fn changes(&self) -> bool {
        let same = self.to.is_empty() || (self.from == self.to && !self.complement);
        !self.gives_result && (self.delete || self.squeeze || !same)
    }

    /// The text after the changes, and how many characters were found.
    pub(super) fn apply(&self, text: &[u8]) -> (Vec<u8>, usize) {
        let (characters, is_text) = units(text);
        let mut out = Vec::with_capacity(text.len());
        let mut count = 0;
        let mut last = None;
        for number in characters {
            let change = self.change(number);
            let new = match change {
                CharacterChange::Keep => number,
                CharacterChange::Delete => {
                    count += 1;
                    continue;
                }
                CharacterChange::To(new) => new,
            };
            if matches!(change, CharacterChange::To(_)) {
                count += 1;
                if self.squeeze && last == Some(new) {
                    continue;
                }
                last = Some(new);
            } else {
                last = None;
            }
            match u8::try_from(new) {
                Ok(byte) if !is_text || byte.is_ascii() => out.push(byte),
                _ => out.extend(character(new)),
            }
        }
        (out, count)
    }

    fn change(&self, number: u32) -> CharacterChange {
        let Some(position) = position(&self.from, number) else {
            return CharacterChange::Keep;
        };
        if self.to.is_empty() {
            return if self.delete {
                CharacterChange::Delete
            } else {
                CharacterChange::To(number)
            };
        }
        match at(&self.to, position) {
            Some(new) => CharacterChange::To(new),
            None if self.delete => CharacterChange::Delete,
            None => CharacterChange::To(self.to.last().map_or(number, |range| range.1)),
        }
    }
}

/// Number of characters of `ranges` before `number`, if it is one of them.
fn position(ranges: &[(u32, u32)], number: u32) -> Option<u64> {
    let mut before = 0;
    for &(first, last) in ranges {
        if (first..=last).contains(&number) {
            return Some(before + u64::from(number - first));
        }
        before += u64::from(last - first) + 1;
    }
    None
}

/// The character at `position` of `ranges`.
fn at(ranges: &[(u32, u32)], mut position: u64) -> Option<u32> {
    for &(first, last) in ranges {
        let count = u64::from(last - first) + 1;
        if position < count {
            return Some(first + position as u32);
        }
        position -= count;
    }
    None
}

/// All characters that are not in `ranges`.
fn all_but(mut ranges: Vec<(u32, u32)>) -> Vec<(u32, u32)> {
    ranges.sort_unstable();
    let mut next = 0;
    let mut others = Vec::new();
    for (first, last) in ranges {
        if first > next {
            others.push((next, first - 1));
        }
        next = next.max(last + 1);
    }
    if next <= u32::from(char::MAX) {
        others.push((next, u32::from(char::MAX)));
    }
    others
}

/// `a-z` and single characters.
fn ranges(text: &[u8]) -> Result<Vec<(u32, u32)>, ExpressionError> {
    let characters = characters(text);
    let mut ranges = Vec::new();
    let mut rest = characters.as_slice();
    while let Some((&(first, _), after)) = rest.split_first() {
        match after {
            [(DASH, false), (last, _), after @ ..] => {
                if *last < first {
                    return Err(ExpressionError::unreadable(text));
                }
                ranges.push((first, *last));
                rest = after;
            }
            _ => {
                ranges.push((first, first));
                rest = after;
            }
        }
    }
    Ok(ranges)
}

const DASH: u32 = b'-' as u32;

/// The characters, and whether each was escaped.
fn characters(text: &[u8]) -> Vec<(u32, bool)> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(position) = memchr::memchr(b'\\', rest) {
        found.extend(
            units(&rest[..position])
                .0
                .into_iter()
                .map(|unit| (unit, false)),
        );
        let (bytes, length) = escape(&rest[position + 1..]);
        found.extend(units(&bytes).0.into_iter().map(|unit| (unit, true)));
        rest = &rest[position + 1 + length..];
    }
    found.extend(units(rest).0.into_iter().map(|unit| (unit, false)));
    found
}
