//! Numbers in the lines of a file.

use std::io;

use super::decimal::Decimal;
use super::lines::each_line;
use crate::builtin::arguments::{ArgumentError, BuiltinOption, ParsedArguments};
use crate::builtin::builtin_io::BuiltinIo;

pub(super) const FIELD: BuiltinOption = BuiltinOption::with(
    Some('f'),
    "field",
    "N",
    "The Nth field of each line instead of all of it",
);
pub(super) const DELIMITER: BuiltinOption = BuiltinOption::with(
    Some('d'),
    "delimiter",
    "C",
    "What is between fields, instead of blanks",
);
pub(super) const SKIP: BuiltinOption = BuiltinOption::switch(
    None,
    "skip",
    "Leave out what is no number instead of failing",
);

/// Bytes of a line that a message shows.
const SHOWN: usize = 40;

/// Position of the number in a line.
#[derive(Debug)]
pub(super) struct NumberColumn {
    /// From 1; `None` for the whole line.
    field: Option<usize>,
    /// Between fields; `None` for blanks.
    delimiter: Option<u8>,
    /// `--skip`: a line without a number is left out and no failure.
    skips_others: bool,
}

impl NumberColumn {
    pub(super) fn new(parsed: &ParsedArguments) -> Result<NumberColumn, ArgumentError> {
        let field = parsed.number("field")?;
        if field == Some(0) {
            return Err(ArgumentError::Wrong("fields are counted from 1".to_owned()));
        }
        let delimiter = parsed.value("delimiter").map(one_byte).transpose()?;
        if delimiter.is_some() && field.is_none() {
            let text = "'--delimiter' needs '--field': which one".to_owned();
            return Err(ArgumentError::Wrong(text));
        }
        Ok(NumberColumn {
            field,
            delimiter,
            skips_others: parsed.has("skip"),
        })
    }

    /// Passes the numbers of a file to `take`.
    ///
    /// # Errors
    /// The file cannot be read, a line has no number, or the job was cancelled.
    pub(super) fn each_number(
        &self,
        file: &[u8],
        stdio: &BuiltinIo<'_>,
        mut take: impl FnMut(&Decimal<'_>) -> io::Result<()>,
    ) -> io::Result<()> {
        let mut line_number = 0_u64;
        each_line(file, stdio, |line| {
            line_number += 1;
            let text = self.text(line);
            match Decimal::parse(text) {
                Some(number) => take(&number),
                None if self.skips_others => Ok(()),
                None => Err(no_number(line_number, text)),
            }
        })
    }

    fn text<'a>(&self, line: &'a [u8]) -> &'a [u8] {
        let Some(field) = self.field else {
            return line;
        };
        let found = match self.delimiter {
            Some(delimiter) => line.split(|byte| *byte == delimiter).nth(field - 1),
            None => {
                let mut words = line.split(|byte| matches!(byte, b' ' | b'\t'));
                words
                    .by_ref()
                    .filter(|word| !word.is_empty())
                    .nth(field - 1)
            }
        };
        found.unwrap_or_default()
    }
}

fn no_number(line: u64, text: &[u8]) -> io::Error {
    let (shown, more) = if text.len() > SHOWN {
        (&text[..SHOWN], "...")
    } else {
        (text, "")
    };
    let shown = String::from_utf8_lossy(shown);
    let shown: String = (shown.chars())
        .map(|letter| if letter.is_control() { '?' } else { letter })
        .collect();
    io::Error::other(format!("line {line} has no number: '{shown}{more}'"))
}

/// A byte between fields; `\t` is a tab.
pub(super) fn one_byte(text: &[u8]) -> Result<u8, ArgumentError> {
    match text {
        [byte] => Ok(*byte),
        b"\\t" => Ok(b'\t'),
        b"\\0" => Ok(0),
        _ => {
            let text = String::from_utf8_lossy(text);
            let why = format!("'{text}' is not one byte: it cannot be between fields");
            Err(ArgumentError::Wrong(why))
        }
    }
}
