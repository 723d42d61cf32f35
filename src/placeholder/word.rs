//! Words of a command with placeholders in them.

use std::ffi::OsString;
use std::ops::Range;
use std::os::unix::ffi::OsStringExt;

use crate::builtin::arguments::BuiltinArgument;
use crate::input::{ByteStrings, Row};

use super::argument::{ValueError, push_argument, push_values};
use super::dialect::ValueSpread;
use super::position::JobPosition;
use super::source::Placeholder;
use super::syntax::PlaceholderSyntax;

/// A word of a command, quotes removed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TemplateWord {
    pub(crate) parts: Vec<WordPart>,
}

/// A piece of a word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum WordPart {
    Text(Vec<u8>),
    Placeholder(Placeholder, ValueSpread),
    /// Something whose text only a shell can tell; where it is in the line.
    Code(Range<usize>),
}

impl TemplateWord {
    /// A word that is all values.
    pub(crate) fn whole() -> TemplateWord {
        TemplateWord {
            parts: vec![WordPart::Placeholder(
                Placeholder::WHOLE,
                ValueSpread::Words,
            )],
        }
    }

    /// One argument with its placeholders.
    pub(crate) fn split(word: &[u8], syntax: &PlaceholderSyntax) -> TemplateWord {
        let mut parts = Vec::new();
        let mut text = Vec::new();
        let mut at = 0;
        while at < word.len() {
            let rest = &word[at..];
            if let Some((placeholder, length)) = syntax.at_start(rest) {
                if !text.is_empty() {
                    parts.push(WordPart::Text(std::mem::take(&mut text)));
                }
                parts.push(WordPart::Placeholder(placeholder, syntax.spread()));
                at += length;
            } else if rest[0] == b'\\'
                && let Some(length) = syntax.escaped(&rest[1..])
            {
                text.extend_from_slice(&rest[1..=length]);
                at += length + 1;
            } else {
                text.push(rest[0]);
                at += 1;
            }
        }
        if !text.is_empty() || parts.is_empty() {
            parts.push(WordPart::Text(text));
        }
        if let [WordPart::Placeholder(_, spread)] = parts.as_mut_slice() {
            *spread = ValueSpread::Words;
        }
        TemplateWord { parts }
    }

    /// The word as one argument, whatever the values.
    pub(crate) fn joined(mut self) -> TemplateWord {
        for part in &mut self.parts {
            if let WordPart::Placeholder(_, spread) = part {
                *spread = ValueSpread::Joined;
            }
        }
        self
    }

    /// The word as one argument of one row.
    pub(crate) fn text(&self, row: &Row, position: JobPosition) -> Result<OsString, ValueError> {
        let mut texts = ByteStrings::default();
        self.push_to(row, position, &mut texts)?;
        let text = texts.last().unwrap_or_default();
        Ok(OsString::from_vec(text.to_vec()))
    }

    /// The word's text if it is the same for every row.
    pub(crate) fn fixed(&self) -> Option<&[u8]> {
        match self.parts.as_slice() {
            [WordPart::Text(text)] => Some(text),
            _ => None,
        }
    }

    /// The text that the word begins with.
    pub(crate) fn head(&self) -> &[u8] {
        match self.parts.first() {
            Some(WordPart::Text(text)) => text,
            _ => b"",
        }
    }

    pub(crate) fn placeholders(&self) -> impl Iterator<Item = &Placeholder> {
        self.parts.iter().filter_map(|part| match part {
            WordPart::Placeholder(placeholder, _) => Some(placeholder),
            WordPart::Text(_) | WordPart::Code(_) => None,
        })
    }

    /// Blanks and a value in one word: it looks like a whole command line.
    pub(crate) fn is_line(&self) -> bool {
        let blank = |part: &WordPart| match part {
            WordPart::Text(text) => text.iter().any(u8::is_ascii_whitespace),
            WordPart::Placeholder(..) | WordPart::Code(_) => false,
        };
        self.placeholders().next().is_some() && self.parts.iter().any(blank)
    }

    /// The word as an argument of a built-in, before there are values.
    pub(crate) fn unknown_argument(&self) -> BuiltinArgument {
        match self.fixed() {
            Some(text) => BuiltinArgument::Typed(text.to_vec()),
            None => BuiltinArgument::Unknown(self.head().to_vec()),
        }
    }

    /// The word as arguments of a built-in. Which of them begin with a value is not lost.
    pub(crate) fn push_arguments(
        &self,
        row: &Row,
        position: JobPosition,
        arguments: &mut Vec<BuiltinArgument>,
    ) -> Result<(), ValueError> {
        let mut texts = ByteStrings::default();
        self.push_to(row, position, &mut texts)?;
        let typed = self.repetitions(row).unwrap_or(1);
        for (at, text) in texts.iter().enumerate() {
            let text = text.to_vec();
            arguments.push(match self.head().is_empty() || at >= typed {
                true if self.fixed().is_none() => BuiltinArgument::Value(text),
                _ => BuiltinArgument::Typed(text),
            });
        }
        Ok(())
    }

    pub(crate) fn push_to(
        &self,
        row: &Row,
        position: JobPosition,
        argv: &mut ByteStrings,
    ) -> Result<(), ValueError> {
        if let Some(text) = self.fixed() {
            argv.push(text);
            return Ok(());
        }
        if let [WordPart::Placeholder(placeholder, ValueSpread::Words)] = self.parts.as_slice()
            && *placeholder == Placeholder::WHOLE
        {
            return push_values(argv, row, position);
        }
        if let Some(count) = self.repetitions(row) {
            for nth in 0..count {
                push_argument(argv, &self.nth(nth, row, position), position)?;
            }
            return Ok(());
        }
        let mut open: Option<Vec<u8>> = None;
        for part in &self.parts {
            match part {
                WordPart::Text(text) => open.get_or_insert_default().extend_from_slice(text),
                WordPart::Placeholder(placeholder, ValueSpread::Joined | ValueSpread::Each) => open
                    .get_or_insert_default()
                    .extend_from_slice(&placeholder.joined(row, position)),
                WordPart::Placeholder(placeholder, ValueSpread::Words) => {
                    for nth in 0..placeholder.count(row.values.len()) {
                        if nth > 0 {
                            push_argument(argv, &open.take().unwrap_or_default(), position)?;
                        }
                        let text = placeholder.text(nth, row, position);
                        open.get_or_insert_default().extend_from_slice(&text);
                    }
                }
                WordPart::Code(_) => {}
            }
        }
        if let Some(last) = open {
            push_argument(argv, &last, position)?;
        }
        Ok(())
    }

    /// Repetitions of the word; `None` if it is there once.
    fn repetitions(&self, row: &Row) -> Option<usize> {
        let counts = self.parts.iter().filter_map(|part| match part {
            WordPart::Placeholder(placeholder, ValueSpread::Each) => {
                Some(placeholder.count(row.values.len()))
            }
            _ => None,
        });
        counts.max().filter(|count| *count > 1)
    }

    /// The word for the `nth` value.
    fn nth(&self, nth: usize, row: &Row, position: JobPosition) -> Vec<u8> {
        let mut text = Vec::new();
        for part in &self.parts {
            match part {
                WordPart::Text(fixed) => text.extend_from_slice(fixed),
                WordPart::Placeholder(placeholder, ValueSpread::Each)
                    if placeholder.count(row.values.len()) > 1 =>
                {
                    text.extend_from_slice(&placeholder.text(nth, row, position));
                }
                WordPart::Placeholder(placeholder, _) => {
                    text.extend_from_slice(&placeholder.joined(row, position));
                }
                WordPart::Code(_) => {}
            }
        }
        text
    }
}
