//! Commands that run without a shell: words whose parts are put together for
//! each row.

use std::ffi::OsString;
use std::ops::Range;
use std::os::unix::ffi::{OsStrExt, OsStringExt};

use crate::builtin::{self, arguments::BuiltinArgument};
use crate::input::{ByteStrings, Row};

use super::placeholder::Placeholder;
use super::syntax::PlaceholderSyntax;
use super::{JobPosition, PreparedCommand, ValueError, table};

/// The longest argument that Linux takes (`MAX_ARG_STRLEN`, less the final NUL).
pub(super) const LONGEST_ARGUMENT: usize = 131_071;

/// A word of a command, quotes removed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct TemplateWord {
    pub(super) parts: Vec<WordPart>,
}

/// A piece of a word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum WordPart {
    Text(Vec<u8>),
    Place(Placeholder, ValueSpread),
    /// Something whose text only a shell can tell; where it is in the line.
    Code(Range<usize>),
}

/// What several values become.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ValueSpread {
    /// Words of their own; none at all leave nothing.
    Words,
    /// One text with spaces between.
    Joined,
    /// The whole word once for each.
    Each,
}

impl TemplateWord {
    /// One argument with its placeholders.
    pub(super) fn split(word: &[u8], forms: &PlaceholderSyntax) -> TemplateWord {
        let mut parts = Vec::new();
        let mut text = Vec::new();
        let mut at = 0;
        while at < word.len() {
            let rest = &word[at..];
            if let Some((placeholder, length)) = forms.at_start(rest) {
                if !text.is_empty() {
                    parts.push(WordPart::Text(std::mem::take(&mut text)));
                }
                parts.push(WordPart::Place(placeholder, forms.spread()));
                at += length;
            } else if rest[0] == b'\\'
                && let Some(length) = forms.escaped(&rest[1..])
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
        if let [WordPart::Place(_, spread)] = parts.as_mut_slice() {
            *spread = ValueSpread::Words;
        }
        TemplateWord { parts }
    }

    /// The word as one argument, whatever the values.
    pub(super) fn joined(mut self) -> TemplateWord {
        for part in &mut self.parts {
            if let WordPart::Place(_, spread) = part {
                *spread = ValueSpread::Joined;
            }
        }
        self
    }

    /// The word as one argument of one row.
    pub(super) fn text(&self, row: &Row, place: JobPosition) -> Result<OsString, ValueError> {
        let mut texts = ByteStrings::default();
        self.push_to(row, place, &mut texts)?;
        let text = texts.last().unwrap_or_default();
        Ok(OsString::from_vec(text.to_vec()))
    }

    /// The word's text if it is the same for every row.
    pub(super) fn fixed(&self) -> Option<&[u8]> {
        match self.parts.as_slice() {
            [WordPart::Text(text)] => Some(text),
            _ => None,
        }
    }

    /// The text that the word begins with.
    pub(super) fn head(&self) -> &[u8] {
        match self.parts.first() {
            Some(WordPart::Text(text)) => text,
            _ => b"",
        }
    }

    pub(super) fn placeholders(&self) -> impl Iterator<Item = &Placeholder> {
        self.parts.iter().filter_map(|part| match part {
            WordPart::Place(placeholder, _) => Some(placeholder),
            WordPart::Text(_) | WordPart::Code(_) => None,
        })
    }

    /// Blanks and a value in one word: it looks like a whole command line.
    pub(super) fn is_line(&self) -> bool {
        let blank = |part: &WordPart| match part {
            WordPart::Text(text) => text.iter().any(u8::is_ascii_whitespace),
            WordPart::Place(..) | WordPart::Code(_) => false,
        };
        self.placeholders().next().is_some() && self.parts.iter().any(blank)
    }

    /// The word as an argument of a built-in, before there are values.
    pub(super) fn unknown_argument(&self) -> BuiltinArgument {
        match self.fixed() {
            Some(text) => BuiltinArgument::Typed(text.to_vec()),
            None => BuiltinArgument::Unknown(self.head().to_vec()),
        }
    }

    /// The word as arguments of a built-in. Which of them begin with a value is not lost.
    pub(super) fn push_arguments(
        &self,
        row: &Row,
        place: JobPosition,
        arguments: &mut Vec<BuiltinArgument>,
    ) -> Result<(), ValueError> {
        let mut texts = ByteStrings::default();
        self.push_to(row, place, &mut texts)?;
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

    fn push_to(
        &self,
        row: &Row,
        place: JobPosition,
        argv: &mut ByteStrings,
    ) -> Result<(), ValueError> {
        if let Some(text) = self.fixed() {
            argv.push(text);
            return Ok(());
        }
        if let [WordPart::Place(placeholder, ValueSpread::Words)] = self.parts.as_slice()
            && *placeholder == Placeholder::WHOLE
        {
            return push_values(argv, row, place);
        }
        if let Some(count) = self.repetitions(row) {
            for nth in 0..count {
                push_argument(argv, &self.nth(nth, row, place), place)?;
            }
            return Ok(());
        }
        let mut open: Option<Vec<u8>> = None;
        for part in &self.parts {
            match part {
                WordPart::Text(text) => open.get_or_insert_default().extend_from_slice(text),
                WordPart::Place(placeholder, ValueSpread::Joined | ValueSpread::Each) => open
                    .get_or_insert_default()
                    .extend_from_slice(&placeholder.joined(row, place)),
                WordPart::Place(placeholder, ValueSpread::Words) => {
                    for nth in 0..placeholder.count(row.0.len()) {
                        if nth > 0 {
                            push_argument(argv, &open.take().unwrap_or_default(), place)?;
                        }
                        let text = placeholder.text(nth, row, place);
                        open.get_or_insert_default().extend_from_slice(&text);
                    }
                }
                WordPart::Code(_) => {}
            }
        }
        if let Some(last) = open {
            push_argument(argv, &last, place)?;
        }
        Ok(())
    }

    /// How often the word is repeated, if it is one that is.
    fn repetitions(&self, row: &Row) -> Option<usize> {
        let counts = self.parts.iter().filter_map(|part| match part {
            WordPart::Place(placeholder, ValueSpread::Each) => Some(placeholder.count(row.0.len())),
            _ => None,
        });
        counts.max().filter(|count| *count > 1)
    }

    /// The word for the `nth` value.
    fn nth(&self, nth: usize, row: &Row, place: JobPosition) -> Vec<u8> {
        let mut text = Vec::new();
        for part in &self.parts {
            match part {
                WordPart::Text(fixed) => text.extend_from_slice(fixed),
                WordPart::Place(placeholder, ValueSpread::Each)
                    if placeholder.count(row.0.len()) > 1 =>
                {
                    text.extend_from_slice(&placeholder.text(nth, row, place));
                }
                WordPart::Place(placeholder, _) => {
                    text.extend_from_slice(&placeholder.joined(row, place));
                }
                WordPart::Code(_) => {}
            }
        }
        text
    }
}

/// Appends bytes as an argument, if the system can take them.
pub(super) fn push_argument(
    argv: &mut ByteStrings,
    bytes: &[u8],
    place: JobPosition,
) -> Result<(), ValueError> {
    check(bytes, place)?;
    argv.push(bytes);
    Ok(())
}

/// Appends all values of a row as arguments: one copy, however many there are.
pub(super) fn push_values(
    argv: &mut ByteStrings,
    row: &Row,
    place: JobPosition,
) -> Result<(), ValueError> {
    if row.0.longest() > LONGEST_ARGUMENT || row.0.has_nul() {
        row.0.iter().try_for_each(|value| check(value, place))?;
    }
    argv.append(&row.0);
    Ok(())
}

/// Whether the system can take bytes as an argument.
pub(super) fn check(bytes: &[u8], place: JobPosition) -> Result<(), ValueError> {
    let seq = place.seq;
    if bytes.len() > LONGEST_ARGUMENT {
        return Err(ValueError(format!(
            "input {seq} is {} bytes; an argument can have {LONGEST_ARGUMENT}",
            bytes.len()
        )));
    }
    if memchr::memchr(0, bytes).is_some() {
        return Err(ValueError(format!(
            "input {seq} contains a NUL byte; use -0"
        )));
    }
    Ok(())
}

/// A command without a shell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ArgvTemplate {
    pub(super) environment: Vec<(OsString, TemplateWord)>,
    pub(super) words: Vec<TemplateWord>,
}

impl ArgvTemplate {
    /// Cuts leading `NAME=value` words off; `None` if nothing is left to run.
    pub(super) fn from_words(mut words: Vec<TemplateWord>) -> Option<ArgvTemplate> {
        let environment = take_environment(&mut words);
        (!words.is_empty()).then_some(ArgvTemplate { environment, words })
    }

    pub(super) fn command(
        &self,
        row: &Row,
        place: JobPosition,
    ) -> Result<PreparedCommand, ValueError> {
        // The row may give more words than the template has, by all its values.
        let mut argv = ByteStrings::with_capacity(self.words.len() + row.0.len(), row.0.size());
        for word in &self.words {
            word.push_to(row, place, &mut argv)?;
        }
        if argv.is_empty() {
            return Err(ValueError(format!("input {} names no command", place.seq)));
        }
        super::imitation::adapt(&mut argv);
        let environment = environment(&self.environment, row, place)?;
        Ok(PreparedCommand { argv, environment })
    }
}

impl ArgvTemplate {
    /// Whether its name is that of a program to whoever reads the command, not of something
    /// in a shell or in prun.
    pub(super) fn is_program(&self, row: &Row, place: JobPosition) -> bool {
        let Some(Ok(name)) = self.words.first().map(|word| word.text(row, place)) else {
            return true;
        };
        let name = name.as_bytes();
        let is_known = table::is_builtin(name) || table::is_keyword(name);
        !is_known && name.first() != Some(&builtin::MARK)
    }
}

/// Takes leading `NAME=value` words away.
pub(super) fn take_environment(words: &mut Vec<TemplateWord>) -> Vec<(OsString, TemplateWord)> {
    let count = words
        .iter()
        .take_while(|word| table::assigned_name(word.head()).is_some())
        .count();
    words.drain(..count).map(assignment).collect()
}

fn assignment(mut word: TemplateWord) -> (OsString, TemplateWord) {
    let mut name = Vec::new();
    if let Some(WordPart::Text(text)) = word.parts.first_mut()
        && let Some(length) = table::assigned_name(text)
    {
        let value = text.split_off(length + 1);
        text.truncate(length);
        name = std::mem::replace(text, value);
    }
    (OsString::from_vec(name), word.joined())
}

/// The values of the variables for one row.
pub(super) fn environment(
    variables: &[(OsString, TemplateWord)],
    row: &Row,
    place: JobPosition,
) -> Result<Vec<(OsString, OsString)>, ValueError> {
    variables
        .iter()
        .map(|(name, word)| Ok((name.clone(), word.text(row, place)?)))
        .collect()
}
