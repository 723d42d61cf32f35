//! The records of one source, whatever it is.

use std::path::Path;
use std::vec;

use super::clean::{Cleaned, Cleaning, FirstLine};
use super::columns::{self, Columns, Csv, Record};
use super::delimiter::Delimiter;
use super::mark::{BYTE_ORDER_MARK, Mark, Unmarked};
use super::reader::Reader;
use super::records::Records;
use super::{FinalNewline, Origin, Value};
use crate::error::{Error, Result};

/// How values in a source end.
#[derive(Debug, Clone)]
pub(super) struct Ending {
    pub(super) delimiter: Delimiter,
    pub(super) final_newline: FinalNewline,
    pub(super) mark: Mark,
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
    fields: Vec<Value>,
    /// A value that was looked at and not given out.
    ahead: Option<Value>,
    given: u64,
}

#[derive(Debug)]
enum Values {
    Arguments(vec::IntoIter<Value>),
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
    ) -> Result<Self> {
        let (name, values) = open(origin, ending, columns)?;
        let mut stream = Stream {
            values,
            name,
            cleaning: cleaning.clone(),
            columns: columns.clone(),
            fields: Vec::new(),
            ahead: None,
            given: 0,
        };
        stream.begin()?;
        Ok(stream)
    }

    fn begin(&mut self) -> Result<()> {
        if let Values::Arguments(values) = &mut self.values {
            // Cleaned at once, so that their number is known.
            let mut clean = Vec::with_capacity(values.len());
            for value in values {
                match self.cleaning.clean(value) {
                    Cleaned::Value(value) => clean.push(value),
                    Cleaned::Skipped => {}
                    Cleaned::End => break,
                }
            }
            self.values = Values::Arguments(clean.into_iter());
            self.cleaning.forget_values();
        } else if self.cleaning.first == FirstLine::Skipped {
            self.read()?;
        }
        if matches!(self.columns, Columns::Json)
            && let Some(first) = self.next_value()?
        {
            self.fields = columns::field_names(&first).map_err(|why| self.malformed(&why))?;
            self.ahead = Some(first);
        }
        Ok(())
    }

    /// The names of the columns, if they have names of their own.
    pub(super) fn fields(&self) -> &[Value] {
        &self.fields
    }

    /// Takes the first record for the names of the columns.
    pub(super) fn take_names(&mut self, names: &mut Vec<Value>) -> Result<()> {
        if self.next_record(names)? {
            self.given -= 1;
        }
        Ok(())
    }

    /// Appends the columns of the next value to a row, if there is one.
    pub(super) fn next_record(&mut self, row: &mut Vec<Value>) -> Result<bool> {
        if let Values::Csv(_) = &self.values {
            return self.next_csv_record(row);
        }
        let Some(value) = self.next_value()? else {
            return Ok(false);
        };
        self.given += 1;
        let split = self
            .columns
            .split(value, &self.fields, self.cleaning.trim, row);
        split.map_err(|why| self.malformed(&why))?;
        Ok(true)
    }

    fn next_value(&mut self) -> Result<Option<Value>> {
        if let Some(value) = self.ahead.take() {
            return Ok(Some(value));
        }
        while let Some(mut value) = self.read()? {
            if matches!(self.columns, Columns::Json) {
                if self.fields.is_empty() && value.starts_with(BYTE_ORDER_MARK) {
                    value.drain(..BYTE_ORDER_MARK.len());
                }
                if value.trim_ascii().is_empty() {
                    continue;
                }
            }
            match self.cleaning.clean(value) {
                Cleaned::Value(value) => return Ok(Some(value)),
                Cleaned::Skipped => {}
                Cleaned::End => break,
            }
        }
        self.end();
        Ok(None)
    }

    fn read(&mut self) -> Result<Option<Value>> {
        let value = match &mut self.values {
            Values::Arguments(values) => return Ok(values.next()),
            Values::Csv(_) => return Ok(None),
            Values::Read(records) => records.next_value(),
        };
        value.map_err(|reason| unreadable(&self.name).because(&reason))
    }

    fn next_csv_record(&mut self, row: &mut Vec<Value>) -> Result<bool> {
        while let Values::Csv(reader) = &mut self.values {
            match reader.next() {
                Err(reason) => {
                    self.end();
                    return Err(unreadable(&self.name).because(&reason));
                }
                Ok(Record::End) => self.end(),
                Ok(Record::Open) => return Err(self.not_closed()),
                Ok(Record::Fields(fields)) => match self.cleaning.clean(fields.join(&b' ')) {
                    Cleaned::Skipped => {}
                    Cleaned::End => self.end(),
                    Cleaned::Value(_) => {
                        self.given += 1;
                        let trim = self.cleaning.trim;
                        row.extend(fields.into_iter().map(|mut value| {
                            trim.cut(&mut value);
                            value
                        }));
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
        self.values = Values::Arguments(Vec::new().into_iter());
    }

    /// Nothing follows what cannot be understood.
    fn malformed(&mut self, why: &str) -> Error {
        self.end();
        let number = self.given.max(1);
        let error = Error::new(format!("value {number} of {}: {why}", self.name));
        match self.columns {
            Columns::Json if why == columns::ARRAY => {
                error.hint("jq makes lines of it: jq -c '.[]' FILE | prun --jsonl 'echo <name>'")
            }
            Columns::Json => error.hint("each line is one object: {\"name\": \"a\", \"size\": 3}"),
            _ => error,
        }
    }

    /// Whether a value that is at hand may not be one.
    fn is_picky(&self) -> bool {
        self.cleaning.is_picky() || matches!(self.columns, Columns::Json)
    }

    /// Whether asking for a record cannot wait.
    pub(super) fn is_ready(&self) -> bool {
        match &self.values {
            Values::Arguments(_) => true,
            Values::Read(records) => self.ahead.is_some() || records.is_ready() && !self.is_picky(),
            Values::Csv(_) => false,
        }
    }

    /// Whether it is known that no record is left.
    pub(super) fn is_exhausted(&self) -> bool {
        self.ahead.is_none()
            && match &self.values {
                Values::Arguments(values) => values.len() == 0,
                Values::Read(records) => records.is_exhausted(),
                Values::Csv(_) => false,
            }
    }

    /// How many records there are from first to last, if that is known already.
    pub(super) fn total(&self) -> Option<u64> {
        let left = match &self.values {
            Values::Arguments(values) => values.len(),
            Values::Read(records) => {
                let is_known = records.is_exhausted() && !self.is_picky();
                is_known.then_some(0)?
            }
            Values::Csv(_) => return None,
        };
        Some(self.given + left as u64 + u64::from(self.ahead.is_some()))
    }
}

fn open(origin: Origin, ending: &Ending, columns: &Columns) -> Result<(String, Values)> {
    let is_stdin = origin.is_stdin();
    let (name, reader) = match origin {
        Origin::Arguments(values) => {
            return Ok((
                "the arguments".to_owned(),
                Values::Arguments(values.into_iter()),
            ));
        }
        Origin::File(path) if !is_stdin => (file_name(&path), Reader::open(&path)),
        Origin::File(_) | Origin::Stdin => ("standard input".to_owned(), Reader::stdin()),
    };
    let reader = reader.map_err(|reason| unreadable(&name).because(&reason))?;
    let values = match columns {
        Columns::Csv(separator) => Values::Csv(Box::new(Csv::new(*separator, reader))),
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
