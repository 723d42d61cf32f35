//! Placeholders: what they look like and what each one yields for a row.
//!
//! `<>` is the whole value; `<.>` `</>` `<//>` `</.>` edit a path; `<#>` and `<%>`
//! number the job and its slot; an index (`<2>`, `<-1.>`) names one source. The
//! same with braces. Anything else between the brackets, an index of 0 too, is
//! plain text.

use std::borrow::Cow;

use crate::input::Row;

use super::direct::Spread;
use super::edit::Edit;
use super::{Dialect, Place, Repeat, Shape};

/// What a placeholder stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Placeholder {
    pub(super) source: Source,
    pub(super) edit: Edit,
}

/// Where a placeholder's text comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Source {
    /// Every value of the row.
    All,
    /// One value: from 1, or from -1 backwards.
    Nth(i32),
    /// The job's number.
    Seq,
    /// The slot's number.
    Slot,
}

impl Placeholder {
    /// Every value as it is.
    pub(super) const WHOLE: Placeholder = Placeholder {
        source: Source::All,
        edit: Edit::Keep,
    };

    /// Whether it stands for input, not for a number of prun's own.
    pub(super) fn is_value(self) -> bool {
        matches!(self.source, Source::All | Source::Nth(_))
    }

    /// How many texts it yields for a row of `len` values.
    pub(super) fn count(self, len: usize) -> usize {
        match self.source {
            Source::All => len,
            Source::Nth(index) => usize::from(position(index, len).is_some()),
            Source::Seq | Source::Slot => 1,
        }
    }

    /// The `nth` of its texts, `nth` being below [`Placeholder::count`].
    pub(super) fn text(self, nth: usize, row: &Row, place: Place) -> Cow<'_, [u8]> {
        let at = match self.source {
            Source::Seq => return Cow::Owned(place.seq.to_string().into_bytes()),
            Source::Slot => return Cow::Owned(place.slot.to_string().into_bytes()),
            Source::All => Some(nth),
            Source::Nth(index) => position(index, row.0.len()),
        };
        match at.and_then(|at| row.0.get(at)) {
            Some(value) => Cow::Borrowed(self.edit.apply(value)),
            None => Cow::Borrowed(b""),
        }
    }

    /// All its texts, one space between them.
    pub(super) fn joined(self, row: &Row, place: Place) -> Cow<'_, [u8]> {
        match self.count(row.0.len()) {
            0 => Cow::Borrowed(b""),
            1 => self.text(0, row, place),
            count => {
                let mut all = Vec::new();
                for nth in 0..count {
                    if nth > 0 {
                        all.push(b' ');
                    }
                    all.extend_from_slice(&self.text(nth, row, place));
                }
                Cow::Owned(all)
            }
        }
    }

    /// Whether it is the slot's number.
    pub(super) fn is_slot(&self) -> bool {
        matches!(self.source, Source::Slot)
    }

    /// The same placeholder for one of its texts in rows of `len` values, so that
    /// different spellings of one value compare equal.
    pub(super) fn single(self, nth: usize, len: usize) -> Placeholder {
        let at = match self.source {
            Source::All => Some(nth),
            Source::Nth(index) => position(index, len),
            Source::Seq | Source::Slot => None,
        };
        match at.and_then(|at| i32::try_from(at + 1).ok()) {
            Some(index) => Placeholder {
                source: Source::Nth(index),
                ..self
            },
            None => self,
        }
    }
}

/// Whether an odd number of backslashes stands before `at`.
fn is_escaped(text: &[u8], at: usize) -> bool {
    let before = text[..at].iter().rev();
    before.take_while(|&&byte| byte == b'\\').count() % 2 == 1
}

/// The place in a row of `len` values that an index names.
fn position(index: i32, len: usize) -> Option<usize> {
    let magnitude = usize::try_from(index.unsigned_abs()).ok()?;
    if magnitude == 0 || magnitude > len {
        None
    } else if index > 0 {
        Some(magnitude - 1)
    } else {
        Some(len - magnitude)
    }
}

/// Which brackets make a placeholder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Brackets {
    Angle,
    Brace,
}

impl Brackets {
    fn bytes(self) -> (u8, u8) {
        match self {
            Brackets::Angle => (b'<', b'>'),
            Brackets::Brace => (b'{', b'}'),
        }
    }
}

/// Which texts are placeholders in one template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Forms {
    brackets: Option<Brackets>,
    replacement: Option<Vec<u8>>,
    dialect: Dialect,
    names: Vec<Vec<u8>>,
    repeat: Repeat,
}

impl Forms {
    /// No placeholder at all: the text of an input line.
    pub(super) const NONE: Forms = Forms {
        brackets: None,
        replacement: None,
        dialect: Dialect::Gnu,
        names: Vec::new(),
        repeat: Repeat::Values,
    };

    /// Chooses the brackets: braces are literal as soon as one `<...>` placeholder
    /// is there.
    pub(super) fn choose<'a>(
        words: impl IntoIterator<Item = &'a [u8]>,
        dialect: Dialect,
        replacement: Option<&[u8]>,
        shape: &Shape,
    ) -> Forms {
        let mut forms = Forms {
            brackets: Some(Brackets::Angle),
            replacement: replacement
                .filter(|text| !text.is_empty())
                .map(<[u8]>::to_vec),
            dialect,
            names: shape.names.clone(),
            repeat: shape.repeat,
        };
        let angle = |word| dialect == Dialect::Own && forms.has_brackets(word);
        if !words.into_iter().any(angle) {
            forms.brackets = Some(Brackets::Brace);
        }
        forms
    }

    fn has_brackets(&self, word: &[u8]) -> bool {
        (0..word.len()).any(|at| {
            let found = self.bracketed(&word[at..], Brackets::Angle);
            found.is_some() && !is_escaped(word, at)
        })
    }

    /// The placeholder that `text` begins with, and its length.
    pub(super) fn at_start(&self, text: &[u8]) -> Option<(Placeholder, usize)> {
        if let Some(replacement) = &self.replacement
            && text.starts_with(replacement)
        {
            return Some((Placeholder::WHOLE, replacement.len()));
        }
        self.bracketed(text, self.brackets?)
    }

    /// The length of the placeholder that `text` begins with, after a backslash
    /// that makes it literal; for GNU parallel the backslash is the shell's. `\<>` is
    /// literal among braces too: a shell would read a redirection there.
    pub(super) fn escaped(&self, text: &[u8]) -> Option<usize> {
        if self.dialect == Dialect::Gnu {
            return None;
        }
        self.at_start(text)
            .or_else(|| self.bracketed(text, Brackets::Angle))
            .or_else(|| parse(text, Brackets::Angle))
            .map(|(_, length)| length)
    }

    /// What several values become in the middle of an unquoted word.
    pub(super) fn spread(&self) -> Spread {
        match (self.repeat, self.dialect) {
            (Repeat::Words, _) => Spread::Each,
            (Repeat::Values, Dialect::Own) => Spread::Joined,
            (Repeat::Values, Dialect::Gnu) => Spread::Words,
        }
    }

    /// The text that stands for the whole value.
    pub(super) fn whole(&self) -> &[u8] {
        match (&self.replacement, self.brackets) {
            (Some(replacement), _) => replacement,
            (None, Some(Brackets::Angle)) => b"<>",
            (None, _) => b"{}",
        }
    }

    /// A placeholder as it is written, for messages.
    pub(super) fn spelling(&self, placeholder: Placeholder) -> Vec<u8> {
        let source = match placeholder.source {
            Source::All => String::new(),
            Source::Nth(index) => index.to_string(),
            Source::Seq => "#".to_owned(),
            Source::Slot => "%".to_owned(),
        };
        let edit = placeholder.edit.mark();
        match self.brackets {
            Some(Brackets::Brace) => format!("{{{source}{edit}}}").into_bytes(),
            _ => format!("<{source}{edit}>").into_bytes(),
        }
    }

    /// Whether any placeholder is in `text`.
    pub(super) fn occur_in(&self, text: &[u8]) -> bool {
        (0..text.len()).any(|at| self.at_start(&text[at..]).is_some())
    }

    fn bracketed(&self, text: &[u8], brackets: Brackets) -> Option<(Placeholder, usize)> {
        let found = parse(text, brackets).or_else(|| self.named(text, brackets));
        found.filter(|&(placeholder, _)| {
            self.replacement.is_none() || placeholder != Placeholder::WHOLE
        })
    }

    /// A placeholder by the name of a value: `<name>`, `<name/.>`.
    fn named(&self, text: &[u8], brackets: Brackets) -> Option<(Placeholder, usize)> {
        let (open, close) = brackets.bytes();
        if self.names.is_empty() || text.first() != Some(&open) {
            return None;
        }
        self.names.iter().zip(1..).find_map(|(name, index)| {
            let rest = text[1..].strip_prefix(name.as_slice())?;
            let mark = rest.iter().position(|&byte| byte == close)?;
            let placeholder = Placeholder {
                source: Source::Nth(index),
                edit: Edit::parse(&rest[..mark])?,
            };
            Some((placeholder, name.len() + mark + 2))
        })
    }
}

fn parse(text: &[u8], brackets: Brackets) -> Option<(Placeholder, usize)> {
    /// Longer than any index that could name a source.
    const LONGEST: usize = 16;
    let (open, close) = brackets.bytes();
    if text.first() != Some(&open) {
        return None;
    }
    let window = &text[1..text.len().min(LONGEST)];
    let end = window.iter().position(|&byte| byte == close)?;
    Some((inside(&window[..end])?, end + 2))
}

fn inside(body: &[u8]) -> Option<Placeholder> {
    let source = match body {
        b"#" => Source::Seq,
        b"%" => Source::Slot,
        _ => return value_form(body),
    };
    Some(Placeholder {
        source,
        edit: Edit::Keep,
    })
}

fn value_form(body: &[u8]) -> Option<Placeholder> {
    let mark = body
        .iter()
        .position(|&byte| byte == b'.' || byte == b'/')
        .unwrap_or(body.len());
    let edit = Edit::parse(&body[mark..])?;
    let source = match &body[..mark] {
        b"" => Source::All,
        index => Source::Nth(index_value(index)?),
    };
    Some(Placeholder { source, edit })
}

fn index_value(text: &[u8]) -> Option<i32> {
    let digits = text.strip_prefix(b"-").unwrap_or(text);
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let index: i32 = std::str::from_utf8(text).ok()?.parse().ok()?;
    (index != 0).then_some(index)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Option<(Source, Edit, usize)> {
        let forms = Forms::choose([b"<>".as_slice()], Dialect::Own, None, &Shape::of(1));
        forms
            .at_start(text.as_bytes())
            .map(|(placeholder, length)| (placeholder.source, placeholder.edit, length))
    }

    #[test]
    fn only_known_forms_are_placeholders() {
        assert_eq!(found("<>x"), Some((Source::All, Edit::Keep, 2)));
        assert_eq!(found("<.>"), Some((Source::All, Edit::Stem, 3)));
        assert_eq!(found("</>"), Some((Source::All, Edit::Base, 3)));
        assert_eq!(found("<//>"), Some((Source::All, Edit::Directory, 4)));
        assert_eq!(found("</.>"), Some((Source::All, Edit::BaseStem, 4)));
        assert_eq!(found("<#>"), Some((Source::Seq, Edit::Keep, 3)));
        assert_eq!(found("<%>"), Some((Source::Slot, Edit::Keep, 3)));
        assert_eq!(found("<2/.>"), Some((Source::Nth(2), Edit::BaseStem, 5)));
        assert_eq!(found("<-1.>"), Some((Source::Nth(-1), Edit::Stem, 5)));
        for text in [
            "<foo>", "<0>", "<-0>", "<+1>", "<->", "<1#>", "<./>", "< >", "<", "<1", "{}",
        ] {
            assert_eq!(found(text), None, "{text}");
        }
        assert_eq!(found("<99999999999999999999>"), None);
    }

    #[test]
    fn braces_are_placeholders_only_where_no_angle_form_is() {
        let own = |word: &str, replacement: Option<&str>| {
            Forms::choose(
                [word.as_bytes()],
                Dialect::Own,
                replacement.map(str::as_bytes),
                &Shape::of(1),
            )
        };
        assert!(own("a {}", None).at_start(b"{}").is_some());
        assert!(own("a {} <.>", None).at_start(b"{}").is_none());
        assert!(own("a {} \\<>", None).at_start(b"{}").is_some());
        assert!(own("a {}", None).escaped(b"<>").is_some());
        let named = own("X {.}", Some("X"));
        assert!(named.at_start(b"{}").is_none());
        assert!(named.at_start(b"{.}").is_some());
        assert_eq!(named.at_start(b"Xy"), Some((Placeholder::WHOLE, 1)));
        let gnu = Forms::choose([b"<> {}".as_slice()], Dialect::Gnu, None, &Shape::of(1));
        assert!(gnu.at_start(b"<>").is_none());
        assert!(gnu.at_start(b"{}").is_some());
    }
}
