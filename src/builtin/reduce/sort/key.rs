//! Parts of a line that are compared: `-k 2,3nr`.

use super::order::Direction;
use crate::builtin::arguments::Problem;

/// Fields of a line, and how they are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::builtin::reduce) struct Key {
    /// The first field, from 0.
    pub(super) first: usize,
    /// The field that ends it, from 1; none for the end of the line.
    pub(super) last: Option<usize>,
    pub(super) kind: Kind,
    pub(super) direction: Direction,
}

/// What texts are taken for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::builtin::reduce) enum Kind {
    Bytes,
    Number,
}

impl Key {
    /// All of a line.
    pub(in crate::builtin::reduce) const fn whole(kind: Kind, direction: Direction) -> Key {
        Key {
            first: 0,
            last: None,
            kind,
            direction,
        }
    }

    /// Reads `N[nr][,M[nr]]`. A key without letters is compared as `others` says.
    pub(super) fn parse(text: &[u8], others: Key) -> Result<Key, Problem> {
        let wrong = || {
            let text = String::from_utf8_lossy(text);
            let why = format!("'{text}' is no key: N[,M], each with the letters n and r at most");
            Problem::Wrong(why)
        };
        let mut halves = text.splitn(2, |byte| *byte == b',');
        let (first, letters) = field(halves.next().unwrap_or_default()).ok_or_else(wrong)?;
        let (last, more) = match halves.next() {
            None => (None, &b""[..]),
            Some(half) => {
                let (last, letters) = field(half).ok_or_else(wrong)?;
                (Some(last), letters)
            }
        };
        let letters = [letters, more].concat();
        let mut key = Key {
            first: first - 1,
            last,
            ..others
        };
        if !letters.is_empty() {
            key.kind = match letters.contains(&b'n') {
                true => Kind::Number,
                false => Kind::Bytes,
            };
            key.direction = match letters.contains(&b'r') {
                true => Direction::Downwards,
                false => Direction::Upwards,
            };
        }
        Ok(key)
    }

    /// The key of a line.
    pub(super) fn of<'a>(&self, line: &'a [u8], separator: Option<u8>) -> &'a [u8] {
        let start = skip(line, self.first, separator, Landing::NextField);
        match self.last {
            None => &line[start..],
            Some(last) => {
                let end = skip(line, last, separator, Landing::FieldEnd);
                &line[start..end.max(start)]
            }
        }
    }
}

/// A field's number, from 1, and the letters after it.
fn field(text: &[u8]) -> Option<(usize, &[u8])> {
    let count = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (digits, letters) = text.split_at(count);
    let number: usize = std::str::from_utf8(digits).ok()?.parse().ok()?;
    let known = letters.iter().all(|letter| matches!(letter, b'n' | b'r'));
    (number > 0 && known).then_some((number, letters))
}

/// Where skipping fields ends up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Landing {
    NextField,
    FieldEnd,
}

/// Where so many fields have been passed. Blanks belong to the field after them.
fn skip(line: &[u8], fields: usize, separator: Option<u8>, landing: Landing) -> usize {
    let mut at = 0;
    for nth in 1..=fields {
        if at >= line.len() {
            break;
        }
        let rest = &line[at..];
        match separator {
            Some(separator) => {
                let end = memchr::memchr(separator, rest);
                let is_last = nth == fields && landing == Landing::FieldEnd;
                at += match end {
                    Some(end) if is_last => end,
                    Some(end) => end + 1,
                    None => rest.len(),
                };
            }
            None => {
                let is_blank = |byte: &&u8| matches!(**byte, b' ' | b'\t');
                let blanks = rest.iter().take_while(is_blank).count();
                let word = rest[blanks..].iter().take_while(|byte| !is_blank(byte));
                at += blanks + word.count();
            }
        }
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_parts_of_lines() {
        for (spelling, line, separator, expected) in [
            ("1", "a b c", None, "a b c"),
            ("2", "a  b c", None, "  b c"),
            ("2,2", " a\tb c", None, "\tb"),
            ("1,1", " a b", None, " a"),
            ("3,3", "a b", None, ""),
            ("2,1", "a b", None, ""),
            ("2", "a,,c", Some(b','), ",c"),
            ("2,2", "a,,c", Some(b','), ""),
            ("1,2", "a,b,c", Some(b','), "a,b"),
            ("3", "a,b,", Some(b','), ""),
        ] {
            let others = Key::whole(Kind::Bytes, Direction::Upwards);
            let key = Key::parse(spelling.as_bytes(), others).unwrap();
            let found = key.of(line.as_bytes(), separator);
            assert_eq!(found, expected.as_bytes(), "-k {spelling} of {line:?}");
        }
    }

    #[test]
    fn letters_replace_what_holds_for_others() {
        let others = Key::whole(Kind::Number, Direction::Downwards);
        let parsed = |text: &str| {
            let key = Key::parse(text.as_bytes(), others).unwrap();
            (key.kind, key.direction)
        };
        assert_eq!(parsed("1"), (Kind::Number, Direction::Downwards));
        assert_eq!(parsed("1,1n"), (Kind::Number, Direction::Upwards));
        assert_eq!(parsed("1r,2"), (Kind::Bytes, Direction::Downwards));
        for wrong in ["", "0", "x", "1,", "1,0", "1b", "1.2", "1,2,3"] {
            assert!(Key::parse(wrong.as_bytes(), others).is_err(), "{wrong}");
        }
    }
}
