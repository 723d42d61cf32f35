//! Parts of a line that are compared: `-k 2.3,3nr`.

use super::blanks::{blanks, is_blank};
use crate::builtin::arguments::{ArgumentError, decimal};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::builtin::reduce) struct SortKey {
    start: KeyPosition,
    /// `None` for the end of the line.
    end: Option<KeyPosition>,
    pub(super) rules: SortKeyRules,
}

/// Letters of a key: its comparison, and the blanks that do not count for its position.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::builtin::reduce) struct SortKeyRules {
    pub(super) kind: SortKeyKind,
    pub(super) is_reversed: bool,
    /// Lower case counts as upper case.
    pub(super) folds_case: bool,
    /// Characters of the first field are counted from where its blanks end.
    pub(super) skips_first: bool,
    /// Characters of the last field are counted from where its blanks end.
    pub(super) skips_last: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::builtin::reduce) enum SortKeyKind {
    Bytes,
    Number,
    /// A number that may have a unit: `2K`.
    Size,
    Version,
}

/// Position after `fields` fields and `chars` characters of the next one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct KeyPosition {
    fields: usize,
    /// `None` for the end of the last of the fields.
    chars: Option<usize>,
}

impl SortKeyRules {
    pub(in crate::builtin::reduce) const BYTES: SortKeyRules = SortKeyRules {
        kind: SortKeyKind::Bytes,
        is_reversed: false,
        folds_case: false,
        skips_first: false,
        skips_last: false,
    };

    /// Applies a letter; false if it cannot stand here.
    fn apply(&mut self, letter: u8) -> bool {
        let kind = match letter {
            b'f' => {
                self.folds_case = true;
                return true;
            }
            b'r' => {
                self.is_reversed = true;
                return true;
            }
            b'n' => SortKeyKind::Number,
            b'h' => SortKeyKind::Size,
            b'V' => SortKeyKind::Version,
            _ => return false,
        };
        let is_possible = self.kind == SortKeyKind::Bytes || self.kind == kind;
        self.kind = kind;
        is_possible
    }
}

impl SortKey {
    pub(in crate::builtin::reduce) const fn whole(rules: SortKeyRules) -> SortKey {
        let start = KeyPosition {
            fields: 0,
            chars: Some(0),
        };
        SortKey {
            start,
            end: None,
            rules,
        }
    }

    /// Reads `F[.C][LETTERS][,F[.C][LETTERS]]`. A key without letters is compared by `others`.
    pub(super) fn parse(text: &[u8], others: SortKeyRules) -> Result<SortKey, ArgumentError> {
        read(text, others).ok_or_else(|| {
            let text = String::from_utf8_lossy(text);
            let why = "is no key: F[.C][,F[.C]], each with letters of bfr and one of nhV at most";
            ArgumentError::Wrong(format!("'{text}' {why}"))
        })
    }

    pub(super) fn of<'a>(&self, line: &'a [u8], separator: Option<u8>) -> &'a [u8] {
        let start = self.start.find(line, separator, self.rules.skips_first);
        match self.end {
            None => &line[start..],
            Some(end) => {
                let end = end.find(line, separator, self.rules.skips_last);
                &line[start..end.max(start)]
            }
        }
    }
}

fn read(text: &[u8], others: SortKeyRules) -> Option<SortKey> {
    let mut halves = text.splitn(2, |byte| *byte == b',');
    let mut rules = SortKeyRules::BYTES;
    let mut has_letters = false;

    let (field, char, letters) = position(halves.next()?)?;
    for letter in letters {
        has_letters = true;
        match letter {
            b'b' => rules.skips_first = true,
            letter if !rules.apply(*letter) => return None,
            _ => {}
        }
    }
    let start = KeyPosition {
        fields: field - 1,
        chars: Some(char.unwrap_or(1).checked_sub(1)?),
    };

    let mut end = None;
    if let Some(half) = halves.next() {
        let (field, char, letters) = position(half)?;
        for letter in letters {
            has_letters = true;
            match letter {
                b'b' => rules.skips_last = true,
                letter if !rules.apply(*letter) => return None,
                _ => {}
            }
        }
        let chars = char.filter(|char| *char > 0);
        let fields = if chars.is_some() { field - 1 } else { field };
        end = Some(KeyPosition { fields, chars });
    }
    Some(SortKey {
        start,
        end,
        rules: if has_letters { rules } else { others },
    })
}

/// Number of a field, from 1, that of a character, and the letters after them.
fn position(text: &[u8]) -> Option<(usize, Option<usize>, &[u8])> {
    let (field, rest) = number(text)?;
    let (char, letters) = match rest.strip_prefix(b".") {
        Some(rest) => number(rest).map(|(char, rest)| (Some(char), rest))?,
        None => (None, rest),
    };
    (field > 0).then_some((field, char, letters))
}

fn number(text: &[u8]) -> Option<(usize, &[u8])> {
    let count = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (digits, rest) = text.split_at(count);
    Some((decimal(digits)?, rest))
}

impl KeyPosition {
    fn find(self, line: &[u8], separator: Option<u8>, skips_blanks: bool) -> usize {
        let Some(chars) = self.chars else {
            return skip(line, self.fields, separator, FieldSkip::FieldEnd);
        };
        let mut at = skip(line, self.fields, separator, FieldSkip::NextField);
        if skips_blanks {
            at += blanks(&line[at..]);
        }
        at.saturating_add(chars).min(line.len())
    }
}

/// Position after skipping fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum FieldSkip {
    NextField,
    FieldEnd,
}

/// Position behind `fields` fields. Blanks belong to the field after them.
fn skip(line: &[u8], fields: usize, separator: Option<u8>, landing: FieldSkip) -> usize {
    let mut at = 0;
    for nth in 1..=fields {
        if at >= line.len() {
            break;
        }
        let rest = &line[at..];
        match separator {
            Some(separator) => {
                let end = memchr::memchr(separator, rest);
                let is_last = nth == fields && landing == FieldSkip::FieldEnd;
                at += match end {
                    Some(end) if is_last => end,
                    Some(end) => end + 1,
                    None => rest.len(),
                };
            }
            None => {
                let blanks = blanks(rest);
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
            ("2.2", "ab cde f", None, "cde f"),
            ("2.2,2.3", "ab cde f", None, "cd"),
            ("2.2b,2.3b", "ab  cde f", None, "de"),
            ("2b,2", "ab  cde f", None, "cde"),
            ("1.2,1.0", "abc def", None, "bc"),
            ("1.3,1.2", "abcd", None, ""),
            ("1.9", "abcd ef", None, ""),
            ("1.6", "abcd ef", None, "ef"),
            ("2.2,3.1", "a,bcd,ef", Some(b','), "cd,e"),
            ("2.1b,3.2b", "a, bc, ef", Some(b','), "bc, ef"),
        ] {
            let key = SortKey::parse(spelling.as_bytes(), SortKeyRules::BYTES).unwrap();
            let found = key.of(line.as_bytes(), separator);
            assert_eq!(found, expected.as_bytes(), "-k {spelling} of {line:?}");
        }
    }

    #[test]
    fn letters_replace_what_holds_for_others() {
        let others = SortKeyRules {
            kind: SortKeyKind::Number,
            is_reversed: true,
            skips_first: true,
            ..SortKeyRules::BYTES
        };
        let parsed = |text: &str| SortKey::parse(text.as_bytes(), others).unwrap().rules;
        let number = SortKeyRules {
            kind: SortKeyKind::Number,
            ..SortKeyRules::BYTES
        };
        let reverse = SortKeyRules {
            is_reversed: true,
            ..SortKeyRules::BYTES
        };
        assert_eq!(parsed("1"), others);
        assert_eq!(parsed("1,1n"), number);
        assert_eq!(parsed("1.2nn,1.3n"), number);
        assert_eq!(parsed("1r,2"), reverse);
        for wrong in [
            "", "0", "x", "1,", "1,0", "1x", "1.", "1.0", "1,2,3", "1nh", "1n,1V", "1,1.x",
        ] {
            assert!(SortKey::parse(wrong.as_bytes(), others).is_err(), "{wrong}");
        }
    }
}
