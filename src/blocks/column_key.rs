//! Keys of records: records with equal keys belong together.

mod csv_field;

#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::sync::{Arc, OnceLock};

use memchr::memchr;
use regex::bytes::Regex;
use regex_syntax::hir::HirKind;

use super::border_scan::csv::CsvScan;
use super::border_scan::scan::BorderScan;
use crate::error::{Error, Result};
use crate::expression::{Expression, ExpressionContext, ExpressionOutcome};
use crate::input::ByteStrings;
use crate::input::columns::{RecordFormat, split_at};

/// Key of a record: a column or the whole of it, maybe edited by an expression (`--shard`,
/// `--bin`, `--group-by`).
#[derive(Debug, Clone)]
pub(crate) struct ColumnKey {
    column: KeyColumn,
    expression: Option<Arc<Expression>>,
    separator: ColumnSeparator,
    /// Error of the first record that has no key.
    error: Arc<OnceLock<Error>>,
}

#[derive(Debug, Clone, PartialEq)]
enum KeyColumn {
    Whole,
    /// Number of columns before it.
    Number(usize),
    /// Name, and why it is not an expression instead, if it could be meant as one.
    Name(Vec<u8>, Option<String>),
}

#[derive(Debug, Clone)]
enum ColumnSeparator {
    /// One column.
    None,
    Byte(u8),
    Pattern(Regex),
    Csv(u8),
}

impl ColumnKey {
    /// Reads the value of an option: the number of a column from 1, or its name in the header,
    /// and maybe a blank and an expression; or an expression alone, whose value is the record.
    ///
    /// A text that is no expression is a name.
    ///
    /// # Errors
    /// It is neither, or the columns are those of JSON.
    pub(crate) fn parse(option: &str, text: &[u8], format: &RecordFormat) -> Result<ColumnKey> {
        let separator = ColumnSeparator::new(format)
            .ok_or_else(|| Error::new(format!("{option} cannot be used with --jsonl")))?;
        let (column, rest) = split_column(text.trim_ascii()).map_err(|reason| {
            Error::new(format!(
                "{option} '{}': {reason}",
                String::from_utf8_lossy(text)
            ))
            .hint(format!(
                "{option} 2 or {option} '2 s/-.*//' or {option} NAME"
            ))
        })?;
        let mut key = ColumnKey {
            column,
            expression: None,
            separator,
            error: Arc::default(),
        };
        if !rest.is_empty() {
            match read_expression(rest) {
                Ok(expression) => key.expression = Some(Arc::new(expression)),
                Err(reason) if matches!(key.column, KeyColumn::Number(_)) => {
                    return Err(Error::new(format!(
                        "{option}: '{}' is no expression: {reason}",
                        String::from_utf8_lossy(rest)
                    ))
                    .hint(format!(
                        "{option} '2 s/-.*//' takes the second column up to a dash"
                    )));
                }
                Err(reason) => {
                    key.column = KeyColumn::Name(text.trim_ascii().to_vec(), Some(reason));
                }
            }
        }
        Ok(key)
    }

    /// The byte that separates fields, if records are those of CSV: a newline in a quoted field
    /// ends none.
    pub(crate) fn csv_delimiter(&self) -> Option<u8> {
        match self.separator {
            ColumnSeparator::Csv(delimiter) => Some(delimiter),
            _ => None,
        }
    }

    /// The column is known by its name: [`ColumnKey::resolve`] must be called.
    pub(crate) fn needs_header(&self) -> bool {
        matches!(self.column, KeyColumn::Name(..))
    }

    /// Finds a column that is known by its name in the first record of the header.
    ///
    /// # Errors
    /// No column has that name.
    pub(crate) fn resolve(&mut self, header: &[u8]) -> Result<()> {
        let KeyColumn::Name(name, reason) = &self.column else {
            return Ok(());
        };
        let end = match self.separator {
            ColumnSeparator::Csv(delimiter) => {
                let border = CsvScan::new(delimiter).next(header, true);
                border.map(|border| border.separator.start)
            }
            _ => memchr(b'\n', header),
        };
        let header = end.map_or(header, |end| &header[..end]);
        let header = header.strip_suffix(b"\r").unwrap_or(header);
        let columns = (0..).map_while(|number| self.separator.column(header, number));
        match columns.clone().position(|column| *column == **name) {
            Some(number) => self.column = KeyColumn::Number(number),
            None => {
                let not_expression = reason.as_ref().map_or_else(String::new, |reason| {
                    format!(", nor is it an expression: {reason}")
                });
                let names: Vec<_> = columns
                    .map(|name| String::from_utf8_lossy(&name).into_owned())
                    .collect();
                return Err(Error::new(format!(
                    "no column is named '{}'{not_expression}",
                    String::from_utf8_lossy(name)
                ))
                .hint(format!("the columns are: {}", names.join(", "))));
            }
        }
        Ok(())
    }

    /// Key of a record, which may have a newline at its end; empty if the record does not have
    /// that column.
    pub(crate) fn of<'r>(&self, record: &'r [u8]) -> Cow<'r, [u8]> {
        let record = record.strip_suffix(b"\n").unwrap_or(record);
        let value = match &self.column {
            KeyColumn::Whole => Some(Cow::Borrowed(record)),
            KeyColumn::Number(number) => self.separator.column(record, *number),
            KeyColumn::Name(name, _) => {
                let name = String::from_utf8_lossy(name);
                self.fail(&format!("there is no header with the name '{name}'"));
                None
            }
        };
        let value = value.unwrap_or_default();
        let Some(expression) = &self.expression else {
            return value;
        };
        match expression.apply(&value, &NO_JOB) {
            ExpressionOutcome::Text(text) | ExpressionOutcome::Code(text) => Cow::Owned(text),
            ExpressionOutcome::Error(reason) => {
                let value = String::from_utf8_lossy(&value);
                self.fail(&format!("'{value}' has no key: {reason}"));
                Cow::default()
            }
            // Refused when it was read.
            ExpressionOutcome::Skip => Cow::default(),
        }
    }

    /// # Errors
    /// A record since the beginning had no key.
    pub(crate) fn check(&self) -> Result<()> {
        self.error.get().map_or(Ok(()), |error| Err(error.clone()))
    }

    #[cold]
    fn fail(&self, message: &str) {
        self.error.get_or_init(|| Error::new(message));
    }
}

/// An expression here is for no job.
const NO_JOB: ExpressionContext<'static> = ExpressionContext {
    seq: 0,
    slot: 0,
    slots: 0,
    total: None,
    values: &ByteStrings::EMPTY,
};

/// Divides a text into a column and the text of an expression.
fn split_column(text: &[u8]) -> std::result::Result<(KeyColumn, &[u8]), &'static str> {
    if text.is_empty() {
        return Err("a column or an expression is missing");
    }
    let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_' || !byte.is_ascii();
    let length = text.iter().take_while(|byte| is_word(byte)).count();
    let (word, rest) = text.split_at(length);
    let ends_there = rest.first().is_none_or(u8::is_ascii_whitespace);
    let digits = word.iter().take_while(|byte| byte.is_ascii_digit()).count();
    if digits > 0 {
        if !(ends_there && digits == length) {
            return Err("a blank is missing after the number of the column");
        }
        let number = std::str::from_utf8(word).unwrap_or_default().parse();
        return match number {
            Ok(0) => Err("columns are counted from 1"),
            Ok(number) => Ok((KeyColumn::Number(number - 1_usize), rest.trim_ascii())),
            Err(_) => Err("the number of the column is too large"),
        };
    }
    Ok(if length > 0 && ends_there {
        (KeyColumn::Name(word.to_vec(), None), rest.trim_ascii())
    } else {
        (KeyColumn::Whole, text)
    })
}

fn read_expression(text: &[u8]) -> std::result::Result<Expression, String> {
    let expression = Expression::parse(text, &[]).map_err(|error| error.to_string())?;
    let is_for_job = expression.can_skip()
        || expression.needs_seq()
        || expression.needs_slot()
        || expression.needs_total();
    if is_for_job {
        return Err("a record has no job of its own yet".to_owned());
    }
    Ok(expression)
}

impl ColumnSeparator {
    fn new(format: &RecordFormat) -> Option<ColumnSeparator> {
        Some(match format {
            RecordFormat::Whole => ColumnSeparator::None,
            RecordFormat::Csv(separator) => ColumnSeparator::Csv(*separator),
            RecordFormat::Separated(regex) => match only_byte(regex) {
                Some(byte) => ColumnSeparator::Byte(byte),
                None => ColumnSeparator::Pattern(regex.clone()),
            },
            RecordFormat::Json(_) => return None,
        })
    }

    fn column<'r>(&self, record: &'r [u8], number: usize) -> Option<Cow<'r, [u8]>> {
        match self {
            ColumnSeparator::None => (number == 0).then_some(Cow::Borrowed(record)),
            ColumnSeparator::Byte(byte) => byte_column(*byte, record, number).map(Cow::Borrowed),
            ColumnSeparator::Pattern(regex) => {
                split_at(regex, record).nth(number).map(Cow::Borrowed)
            }
            ColumnSeparator::Csv(byte) => {
                let record = record.strip_suffix(b"\r").unwrap_or(record);
                csv_field::csv_field(*byte, record, number)
            }
        }
    }
}

/// The byte that alone matches a regular expression.
fn only_byte(regex: &Regex) -> Option<u8> {
    let mut parser = regex_syntax::ParserBuilder::new().utf8(false).build();
    match parser.parse(regex.as_str()).ok()?.kind() {
        HirKind::Literal(literal) => match *literal.0 {
            [byte] => Some(byte),
            _ => None,
        },
        _ => None,
    }
}

fn byte_column(separator: u8, record: &[u8], number: usize) -> Option<&[u8]> {
    let mut rest = record;
    for _ in 0..number {
        rest = &rest[memchr::memchr(separator, rest)? + 1..];
    }
    let end = memchr::memchr(separator, rest).unwrap_or(rest.len());
    Some(&rest[..end])
}
