//! The values of one source, whatever it is.

use std::path::Path;
use std::vec;

use super::clean::{Cleaned, Cleaning, FirstLine};
use super::delimiter::Delimiter;
use super::reader::Reader;
use super::records::Records;
use super::{FinalNewline, Origin, Value};
use crate::error::{Error, Result};

/// The values of one source, in order.
#[derive(Debug)]
pub(super) struct Stream {
    values: Values,
    cleaning: Option<Cleaning>,
    given: u64,
}

#[derive(Debug)]
enum Values {
    Arguments(vec::IntoIter<Value>),
    Read {
        records: Records<Reader>,
        /// What the source is called in an error.
        name: String,
    },
}

impl Stream {
    pub(super) fn open(
        origin: Origin,
        delimiter: &Delimiter,
        final_newline: FinalNewline,
    ) -> Result<Self> {
        let is_stdin = origin.is_stdin();
        let (name, reader) = match origin {
            Origin::Arguments(values) => return Ok(Stream::of(values)),
            Origin::File(path) if !is_stdin => (file_name(&path), Reader::open(&path)),
            Origin::File(_) | Origin::Stdin => ("standard input".to_owned(), Reader::stdin()),
        };
        match reader {
            Err(reason) => Err(unreadable(&name).because(&reason)),
            Ok(reader) => Ok(Stream {
                values: Values::Read {
                    records: Records::new(reader, delimiter.clone(), final_newline),
                    name,
                },
                cleaning: None,
                given: 0,
            }),
        }
    }

    pub(super) fn of(values: Vec<Value>) -> Self {
        Stream {
            values: Values::Arguments(values.into_iter()),
            cleaning: None,
            given: 0,
        }
    }

    /// Gives only values that count from now on.
    pub(super) fn clean(&mut self, cleaning: &Cleaning) -> Result<()> {
        if let Values::Arguments(values) = &mut self.values {
            // Cleaned at once, so that their number is known.
            let mut clean = Vec::with_capacity(values.len());
            for value in values {
                match cleaning.clean(value) {
                    Cleaned::Value(value) => clean.push(value),
                    Cleaned::Skipped => {}
                    Cleaned::End => break,
                }
            }
            self.values = Values::Arguments(clean.into_iter());
            return Ok(());
        }
        if cleaning.first == FirstLine::Skipped {
            self.read()?;
        }
        if cleaning.is_picky() {
            self.cleaning = Some(cleaning.clone());
        }
        Ok(())
    }

    pub(super) fn next_value(&mut self) -> Result<Option<Value>> {
        while let Some(value) = self.read()? {
            let cleaned = match &self.cleaning {
                Some(cleaning) => cleaning.clean(value),
                None => Cleaned::Value(value),
            };
            match cleaned {
                Cleaned::Value(value) => {
                    self.given += 1;
                    return Ok(Some(value));
                }
                Cleaned::Skipped => {}
                Cleaned::End => break,
            }
        }
        // Whatever is left has no say: nothing more is read.
        self.values = Values::Arguments(Vec::new().into_iter());
        Ok(None)
    }

    fn read(&mut self) -> Result<Option<Value>> {
        match &mut self.values {
            Values::Arguments(values) => Ok(values.next()),
            Values::Read { records, name } => records
                .next_value()
                .map_err(|reason| unreadable(name).because(&reason)),
        }
    }

    /// Whether asking for a value cannot wait.
    pub(super) fn is_ready(&self) -> bool {
        match &self.values {
            Values::Arguments(_) => true,
            Values::Read { records, .. } => records.is_ready() && self.cleaning.is_none(),
        }
    }

    /// Whether it is known that no value is left.
    pub(super) fn is_exhausted(&self) -> bool {
        match &self.values {
            Values::Arguments(values) => values.len() == 0,
            Values::Read { records, .. } => records.is_exhausted(),
        }
    }

    /// How many values there are from first to last, if that is known already.
    pub(super) fn total(&self) -> Option<u64> {
        match &self.values {
            Values::Arguments(values) => Some(self.given + values.len() as u64),
            Values::Read { records, .. } => {
                let known = records.is_exhausted() && self.cleaning.is_none();
                known.then_some(self.given)
            }
        }
    }
}

fn file_name(path: &Path) -> String {
    format!("'{}'", path.display())
}

fn unreadable(name: &str) -> Error {
    Error::new(format!("cannot read {name}"))
}
