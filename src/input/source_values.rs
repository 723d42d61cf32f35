//! Records of one source: arguments, lines of a file or CSV.

use std::path::Path;
use std::sync::Arc;
use std::vec;

use super::byte_order_mark::{BYTE_ORDER_MARK, MarkSkippingReader};
use super::columns::{self, CsvReader, CsvRecord, FieldNames, RecordFormat};
use super::delimited_values::RecordReader;
use super::delimiter::Delimiter;
use super::nul_bytes::NulFilter;
use super::reader::InputReader;
use super::row::Value;
use super::source::{InputSource, SourceOrigin};
use super::suspect::SuspectValues;
use super::value_cleanup::{CleanupResult, ValueCleanup};
use crate::error::{Error, Result};
use crate::os::byte_strings::ByteStrings;

/// # Errors
/// Standard input is named more than once.
pub(super) fn check_stdin_is_read_once(sources: &[InputSource]) -> Result<()> {
    let readers = sources
        .iter()
        .filter(|source| source.origin.is_stdin())
        .count();
    if readers > 1 {
        return Err(
            Error::new("standard input cannot be two sources at once").hint(
                "save it in a file and name that twice: cat > list; prun COMMAND :::: list list",
            ),
        );
    }
    Ok(())
}

#[derive(Debug, Clone)]
pub(super) struct ValueSyntax {
    pub(super) delimiter: Delimiter,
    pub(super) drop_final_newline: bool,
    pub(super) drop_byte_order_mark: bool,
    pub(super) nul: NulFilter,
    pub(super) max_record: usize,
}

/// Values of one source, in order, each cut into its columns.
#[derive(Debug)]
pub(super) struct SourceValues {
    values: ValueReader,
    /// Name for error messages.
    name: String,
    cleanup: ValueCleanup,
    columns: RecordFormat,
    /// Names of JSON's fields.
    fields: FieldNames,
    /// The present value was read and not given out.
    ahead: bool,
    given: u64,
    nul: NulFilter,
    suspects: Arc<SuspectValues>,
}

#[derive(Debug)]
enum ValueReader {
    /// The present value, and those after it.
    Arguments(Value, vec::IntoIter<Value>),
    Read(RecordReader<MarkSkippingReader<InputReader>>),
    /// Records of a CSV file, which may have newlines in quotes.
    Csv(Box<CsvReader<InputReader>>),
}

impl SourceValues {
    /// Opens a source, and reads as far as has to be known of its records.
    pub(super) fn open(
        origin: SourceOrigin,
        syntax: &ValueSyntax,
        columns: &RecordFormat,
        cleanup: &ValueCleanup,
        suspects: &Arc<SuspectValues>,
    ) -> Result<Self> {
        let (name, values) = open(origin, syntax, columns)?;
        let mut stream = SourceValues {
            values,
            name,
            cleanup: cleanup.clone(),
            columns: columns.clone(),
            fields: FieldNames::default(),
            ahead: false,
            given: 0,
            nul: syntax.nul.clone(),
            suspects: Arc::clone(suspects),
        };
        stream.begin()?;
        Ok(stream)
    }

    fn begin(&mut self) -> Result<()> {
        if let ValueReader::Arguments(_, values) = &mut self.values {
            // Cleaned at once, so that their number is known.
            let mut clean = Vec::with_capacity(values.len());
            for value in values {
                match self.cleanup.classify(&value) {
                    CleanupResult::Value => clean.push(value),
                    CleanupResult::Skipped => {}
                    CleanupResult::End => break,
                }
            }
            self.values = ValueReader::arguments(clean);
            self.cleanup.keep_all();
        } else if self.cleanup.skip_first_line {
            self.read()?;
        }
        let others = match &self.columns {
            RecordFormat::Json(json) => json.names.clone(),
            _ => return Ok(()),
        };
        if self.advance()? {
            let fields = FieldNames::new(self.value(), &others);
            self.fields = fields.map_err(|why| self.malformed(&why))?;
            self.ahead = true;
        }
        Ok(())
    }

    /// Names of the columns, if they have names of their own.
    pub(super) fn fields(&self) -> &FieldNames {
        &self.fields
    }

    /// Takes the first record for the names of the columns.
    pub(super) fn take_names(&mut self, names: &mut Vec<Value>) -> Result<()> {
        let mut columns = ByteStrings::default();
        if self.append_next(&mut columns)? {
            self.given -= 1;
        }
        names.extend(columns.iter().map(<[u8]>::to_vec));
        Ok(())
    }

    /// Appends the columns of the next value to a row, if there is one.
    pub(super) fn append_next(&mut self, row: &mut ByteStrings) -> Result<bool> {
        if let ValueReader::Csv(_) = &self.values {
            return self.append_csv_record(row);
        }
        if !std::mem::take(&mut self.ahead) && !self.advance()? {
            return Ok(false);
        }
        self.given += 1;
        let (fields, trim) = (&self.fields.known, self.cleanup.trim);
        // Blanks round JSON, and those of CSV that end lines, are no part of values.
        if let (ValueReader::Read(records), false) = (&self.values, self.is_json()) {
            let origin = || format!("value {} of {}", self.given, self.name);
            self.suspects.check(records.value(), trim, origin);
        }
        let value = self.nul.apply(self.value());
        let split = self.columns.split(&value, fields, trim, row);
        split.map_err(|why| self.malformed(&why))?;
        Ok(true)
    }

    /// Makes the next value that counts the present one, if there is one.
    fn advance(&mut self) -> Result<bool> {
        while self.read()? {
            let value = self.value();
            if self.is_json() && value.trim_ascii().is_empty() {
                continue;
            }
            match self.cleanup.classify(value) {
                CleanupResult::Value => return Ok(true),
                CleanupResult::Skipped => {}
                CleanupResult::End => break,
            }
        }
        self.end();
        Ok(false)
    }

    fn is_json(&self) -> bool {
        matches!(self.columns, RecordFormat::Json(_))
    }

    fn value(&self) -> &[u8] {
        let value = match &self.values {
            ValueReader::Arguments(value, _) => value,
            ValueReader::Read(records) => records.value(),
            ValueReader::Csv(_) => b"",
        };
        match self.columns {
            RecordFormat::Json(_) => value.strip_prefix(BYTE_ORDER_MARK).unwrap_or(value),
            _ => value,
        }
    }

    fn read(&mut self) -> Result<bool> {
        let is_there = match &mut self.values {
            ValueReader::Arguments(value, values) => {
                let next = values.next();
                let is_there = next.is_some();
                *value = next.unwrap_or_default();
                return Ok(is_there);
            }
            ValueReader::Csv(_) => return Ok(false),
            ValueReader::Read(records) => records.advance(),
        };
        is_there.map_err(|reason| unreadable(&self.name).because(&reason))
    }

    fn append_csv_record(&mut self, row: &mut ByteStrings) -> Result<bool> {
        while let ValueReader::Csv(reader) = &mut self.values {
            match reader.next() {
                Err(reason) => {
                    self.end();
                    return Err(unreadable(&self.name).because(&reason));
                }
                Ok(CsvRecord::End) => self.end(),
                Ok(CsvRecord::Unclosed) => return Err(self.not_closed()),
                Ok(CsvRecord::Fields(fields)) => match self.cleanup.classify(&joined(&fields)) {
                    CleanupResult::Skipped => {}
                    CleanupResult::End => self.end(),
                    CleanupResult::Value => {
                        self.given += 1;
                        let trim = self.cleanup.trim;
                        row.extend(fields.iter().map(|value| trim.cut(value)));
                        return Ok(true);
                    }
                },
            }
        }
        Ok(false)
    }

    fn not_closed(&mut self) -> Error {
        self.end();
        let number = self.given + 1;
        Error::new(format!(
            "value {number} of {}: a quote is not closed",
            self.name
        ))
        .hint("in CSV a quote within quotes is written twice: \"5\"\" disk\"")
    }

    /// Drops the rest: nothing more is read.
    fn end(&mut self) {
        self.values = ValueReader::arguments(Vec::new());
    }

    /// Ends the source: the rest cannot be trusted.
    fn malformed(&mut self, why: &str) -> Error {
        self.end();
        let number = self.given.max(1);
        let error = Error::new(format!("value {number} of {}: {why}", self.name));
        match &self.columns {
            RecordFormat::Json(json) if why == columns::ARRAY => error.hint(&json.array_hint),
            RecordFormat::Json(_) => {
                error.hint("each line is one object: {\"name\": \"a\", \"size\": 3}")
            }
            _ => error,
        }
    }

    /// A value that is at hand may be left out.
    fn may_skip(&self) -> bool {
        self.cleanup.may_skip() || self.is_json()
    }

    /// Asking for a record cannot wait.
    pub(super) fn is_ready(&self) -> bool {
        match &self.values {
            ValueReader::Arguments(..) => true,
            ValueReader::Read(records) => self.ahead || records.is_ready() && !self.may_skip(),
            ValueReader::Csv(_) => false,
        }
    }

    /// No record is left, and that is known.
    pub(super) fn is_exhausted(&self) -> bool {
        !self.ahead
            && match &self.values {
                ValueReader::Arguments(_, values) => values.len() == 0,
                ValueReader::Read(records) => records.is_exhausted(),
                ValueReader::Csv(_) => false,
            }
    }

    /// Number of records from first to last, if it is known already.
    pub(super) fn total(&self) -> Option<u64> {
        let left = match &self.values {
            ValueReader::Arguments(_, values) => values.len(),
            ValueReader::Read(records) => {
                let is_known = records.is_exhausted() && !self.may_skip();
                is_known.then_some(0)?
            }
            ValueReader::Csv(_) => return None,
        };
        Some(self.given + left as u64 + u64::from(self.ahead))
    }
}

impl ValueReader {
    fn arguments(values: Vec<Value>) -> ValueReader {
        ValueReader::Arguments(Value::new(), values.into_iter())
    }
}

fn joined(fields: &csv::ByteRecord) -> Vec<u8> {
    fields.iter().collect::<Vec<&[u8]>>().join(&b' ')
}

fn open(
    origin: SourceOrigin,
    syntax: &ValueSyntax,
    columns: &RecordFormat,
) -> Result<(String, ValueReader)> {
    let is_stdin = origin.is_stdin();
    let (name, reader) = match origin {
        SourceOrigin::Arguments(values) => {
            return Ok(("the arguments".to_owned(), ValueReader::arguments(values)));
        }
        SourceOrigin::File(path) if !is_stdin => (file_name(&path), InputReader::open(&path)),
        SourceOrigin::File(_) | SourceOrigin::Stdin => {
            ("standard input".to_owned(), InputReader::stdin())
        }
    };
    let reader = reader.map_err(|reason| unreadable(&name).because(&reason))?;
    let values = match columns {
        RecordFormat::Csv(separator) => {
            let csv = CsvReader::new(*separator, reader, syntax.max_record);
            ValueReader::Csv(Box::new(csv))
        }
        _ => {
            let reader = MarkSkippingReader::new(reader, syntax.drop_byte_order_mark);
            let records =
                RecordReader::new(reader, syntax.delimiter.clone(), syntax.drop_final_newline);
            ValueReader::Read(records.bounded(syntax.max_record))
        }
    };
    Ok((name, values))
}

fn file_name(path: &Path) -> String {
    format!("'{}'", path.display())
}

fn unreadable(name: &str) -> Error {
    Error::new(format!("cannot read {name}"))
}
