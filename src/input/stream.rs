//! The records of one source, whatever it is.

use std::path::Path;
use std::sync::Arc;
use std::vec;

use super::clean::{Cleaned, Cleaning, FirstLine};
use super::columns::{self, Columns, Csv, FieldNames, Record};
use super::delimiter::Delimiter;
use super::mark::{BYTE_ORDER_MARK, Mark, Unmarked};
use super::nul::NulFilter;
use super::reader::Reader;
use super::records::Records;
use super::suspect::SuspectValues;
use super::{FinalNewline, Origin, Source, Strings, Value};
use crate::error::{Error, Result};

/// # Errors
/// Standard input is named more than once.
pub(super) fn check_stdin_is_read_once(sources: &[Source]) -> Result<()> {
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

/// How values in a source end.
#[derive(Debug, Clone)]
pub(super) struct Ending {
    pub(super) delimiter: Delimiter,
    pub(super) final_newline: FinalNewline,
    pub(super) mark: Mark,
    pub(super) nul: NulFilter,
    pub(super) max_record: usize,
}

/// The values of one source, in order, each cut into its columns.
#[derive(Debug)]
pub(super) struct Stream {
    values: Values,
    /// What the source is called in an error.
    name: String,
    cleaning: Cleaning,
    columns: Columns,
    /// The names of JSON's fields.
    fields: FieldNames,
    /// Whether the present value was looked at and not given out.
    ahead: bool,
    given: u64,
    nul: NulFilter,
    suspects: Arc<SuspectValues>,
}

#[derive(Debug)]
enum Values {
    /// Those that are left after the first, which is the present one.
    Arguments(Value, vec::IntoIter<Value>),
    Read(Records<Unmarked<Reader>>),
    /// Records of a CSV file, which may have newlines in quotes.
    Csv(Box<Csv<Reader>>),
}

impl Stream {
    /// Opens a source, and reads as far as has to be known of its records.
    pub(super) fn open(
        origin: Origin,
        ending: &Ending,
        columns: &Columns,
        cleaning: &Cleaning,
        suspects: &Arc<SuspectValues>,
    ) -> Result<Self> {
        let (name, values) = open(origin, ending, columns)?;
        let mut stream = Stream {
            values,
            name,
            cleaning: cleaning.clone(),
            columns: columns.clone(),
            fields: FieldNames::default(),
            ahead: false,
            given: 0,
            nul: ending.nul.clone(),
            suspects: Arc::clone(suspects),
        };
        stream.begin()?;
        Ok(stream)
    }

    fn begin(&mut self) -> Result<()> {
        if let Values::Arguments(_, values) = &mut self.values {
            // Cleaned at once, so that their number is known.
            let mut clean = Vec::with_capacity(values.len());
            for value in values {
                match self.cleaning.judge(&value) {
                    Cleaned::Value => clean.push(value),
                    Cleaned::Skipped => {}
                    Cleaned::End => break,
                }
            }
            self.values = Values::arguments(clean);
            self.cleaning.forget_values();
        } else if self.cleaning.first == FirstLine::Skipped {
            self.read()?;
        }
        let others = match &self.columns {
            Columns::Json(json) => json.names.clone(),
            _ => return Ok(()),
        };
        if self.advance()? {
            let fields = FieldNames::new(self.value(), &others);
            self.fields = fields.map_err(|why| self.malformed(&why))?;
            self.ahead = true;
        }
        Ok(())
    }

    /// The names of the columns, if they have names of their own.
    pub(super) fn fields(&self) -> &FieldNames {
        &self.fields
    }

    /// Takes the first record for the names of the columns.
    pub(super) fn take_names(&mut self, names: &mut Vec<Value>) -> Result<()> {
        let mut columns = Strings::default();
        if self.append_next(&mut columns)? {
            self.given -= 1;
        }
        names.extend(columns.iter().map(<[u8]>::to_vec));
        Ok(())
    }

    /// Appends the columns of the next value to a row, if there is one.
    pub(super) fn append_next(&mut self, row: &mut Strings) -> Result<bool> {
        if let Values::Csv(_) = &self.values {
            return self.append_csv_record(row);
        }
        if !std::mem::take(&mut self.ahead) && !self.advance()? {
            return Ok(false);
        }
        self.given += 1;
        let (fields, trim) = (&self.fields.known, self.cleaning.trim);
        // Blanks round JSON, and those of CSV that end lines, are no part of values.
        if let (Values::Read(records), false) = (&self.values, self.is_json()) {
            let place = || format!("value {} of {}", self.given, self.name);
            self.suspects.look_at(records.value(), trim, place);
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
            match self.cleaning.judge(value) {
                Cleaned::Value => return Ok(true),
                Cleaned::Skipped => {}
                Cleaned::End => break,
            }
        }
        self.end();
        Ok(false)
    }

    fn is_json(&self) -> bool {
        matches!(self.columns, Columns::Json(_))
    }

    fn value(&self) -> &[u8] {
        let value = match &self.values {
            Values::Arguments(value, _) => value,
            Values::Read(records) => records.value(),
            Values::Csv(_) => b"",
        };
        match self.columns {
            Columns::Json(_) => value.strip_prefix(BYTE_ORDER_MARK).unwrap_or(value),
            _ => value,
        }
    }

    fn read(&mut self) -> Result<bool> {
        let is_there = match &mut self.values {
            Values::Arguments(value, values) => {
                let next = values.next();
                let is_there = next.is_some();
                *value = next.unwrap_or_default();
                return Ok(is_there);
            }
            Values::Csv(_) => return Ok(false),
            Values::Read(records) => records.advance(),
        };
        is_there.map_err(|reason| unreadable(&self.name).because(&reason))
    }

    fn append_csv_record(&mut self, row: &mut Strings) -> Result<bool> {
        while let Values::Csv(reader) = &mut self.values {
            match reader.next() {
                Err(reason) => {
                    self.end();
                    return Err(unreadable(&self.name).because(&reason));
                }
                Ok(Record::End) => self.end(),
                Ok(Record::Open) => return Err(self.not_closed()),
                Ok(Record::Fields(fields)) => match self.cleaning.judge(&joined(&fields)) {
                    Cleaned::Skipped => {}
                    Cleaned::End => self.end(),
                    Cleaned::Value => {
                        self.given += 1;
                        let trim = self.cleaning.trim;
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

    /// Whatever is left has no say: nothing more is read.
    fn end(&mut self) {
        self.values = Values::arguments(Vec::new());
    }

    /// Nothing follows what cannot be understood.
    fn malformed(&mut self, why: &str) -> Error {
        self.end();
        let number = self.given.max(1);
        let error = Error::new(format!("value {number} of {}: {why}", self.name));
        match &self.columns {
            Columns::Json(json) if why == columns::ARRAY => error.hint(&json.array_hint),
            Columns::Json(_) => {
                error.hint("each line is one object: {\"name\": \"a\", \"size\": 3}")
            }
            _ => error,
        }
    }

    /// Whether a value that is at hand may not be one.
    fn is_picky(&self) -> bool {
        self.cleaning.is_picky() || self.is_json()
    }

    /// Whether asking for a record cannot wait.
    pub(super) fn is_ready(&self) -> bool {
        match &self.values {
            Values::Arguments(..) => true,
            Values::Read(records) => self.ahead || records.is_ready() && !self.is_picky(),
            Values::Csv(_) => false,
        }
    }

    /// Whether it is known that no record is left.
    pub(super) fn is_exhausted(&self) -> bool {
        !self.ahead
            && match &self.values {
                Values::Arguments(_, values) => values.len() == 0,
                Values::Read(records) => records.is_exhausted(),
                Values::Csv(_) => false,
            }
    }

    /// How many records there are from first to last, if that is known already.
    pub(super) fn total(&self) -> Option<u64> {
        let left = match &self.values {
            Values::Arguments(_, values) => values.len(),
            Values::Read(records) => {
                let is_known = records.is_exhausted() && !self.is_picky();
                is_known.then_some(0)?
            }
            Values::Csv(_) => return None,
        };
        Some(self.given + left as u64 + u64::from(self.ahead))
    }
}

impl Values {
    fn arguments(values: Vec<Value>) -> Values {
        Values::Arguments(Value::new(), values.into_iter())
    }
}

fn joined(fields: &csv::ByteRecord) -> Vec<u8> {
    fields.iter().collect::<Vec<&[u8]>>().join(&b' ')
}

fn open(origin: Origin, ending: &Ending, columns: &Columns) -> Result<(String, Values)> {
    let is_stdin = origin.is_stdin();
    let (name, reader) = match origin {
        Origin::Arguments(values) => {
            return Ok(("the arguments".to_owned(), Values::arguments(values)));
        }
        Origin::File(path) if !is_stdin => (file_name(&path), Reader::open(&path)),
        Origin::File(_) | Origin::Stdin => ("standard input".to_owned(), Reader::stdin()),
    };
    let reader = reader.map_err(|reason| unreadable(&name).because(&reason))?;
    let values = match columns {
        Columns::Csv(separator) => {
            let csv = Csv::new(*separator, reader, ending.max_record);
            Values::Csv(Box::new(csv))
        }
        _ => {
            let reader = Unmarked::new(reader, ending.mark);
            let records = Records::new(reader, ending.delimiter.clone(), ending.final_newline);
            Values::Read(records.bounded(ending.max_record))
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
