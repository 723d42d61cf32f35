//! Results as a table: one row per job, in the columns of GNU parallel. A field is
//! quoted only where it has to be; its bytes are exact.

use std::fs::File;
use std::io::{self, BufRead, BufReader};

use memchr::{memchr_iter, memchr3};

use super::row::ResultsRow;
use super::table_file::TableFile;
use crate::spool::Spool;

/// Separator of fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FieldSeparator {
    /// `.csv`
    Comma,
    /// `.tsv`
    Tab,
}

impl FieldSeparator {
    fn byte(self) -> u8 {
        match self {
            FieldSeparator::Comma => b',',
            FieldSeparator::Tab => b'\t',
        }
    }
}

/// Number of columns for values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TableWidth {
    /// That of the first row; other rows have as many as they have.
    Ragged,
    /// At least so many, or more if the first row has more. Rows with fewer are filled
    /// up; what others have more is behind their last column.
    Filled(usize),
}

/// A table that is being written.
#[derive(Debug)]
pub(super) struct ResultsTable {
    separator: FieldSeparator,
    names: Vec<Vec<u8>>,
    width: TableWidth,
    /// Columns for values, once the header is written.
    columns: Option<usize>,
}

const BEFORE: [&str; 9] = [
    "Seq",
    "Host",
    "Starttime",
    "JobRuntime",
    "Send",
    "Receive",
    "Exitval",
    "Signal",
    "Command",
];

impl ResultsTable {
    /// Without a row yet. Values are called `V1`, `V2`, ... as far as they have no names.
    pub(super) fn new(
        separator: FieldSeparator,
        names: Vec<Vec<u8>>,
        width: TableWidth,
    ) -> ResultsTable {
        ResultsTable {
            separator,
            names,
            width,
            columns: None,
        }
    }

    /// Goes on with a table that has so many columns for values.
    pub(super) fn go_on(&mut self, columns: Option<usize>) {
        self.columns = columns;
    }

    /// Adds a job's row, and the header before the first one.
    pub(super) fn write(
        &mut self,
        record: &ResultsRow<'_>,
        file: &mut TableFile,
    ) -> io::Result<()> {
        let values = record.values();
        let columns = match (self.columns, self.width) {
            (Some(columns), _) => columns,
            (None, width) => {
                let columns = match width {
                    TableWidth::Ragged => values.len(),
                    TableWidth::Filled(least) => least.max(values.len()),
                };
                self.header(columns, file)?;
                self.columns = Some(columns);
                columns
            }
        };
        let usual = match self.width {
            TableWidth::Ragged => values.len(),
            TableWidth::Filled(_) => values.len().min(columns),
        };
        let numbers = record.numbers();
        file.push(numbers.join(&self.separator.byte()).as_slice())?;
        self.field(&record.command, file)?;
        for value in values.iter().take(usual) {
            self.field(value, file)?;
        }
        if let TableWidth::Filled(_) = self.width {
            for _ in usual..columns {
                self.field(b"", file)?;
            }
        }
        self.spool(record.stdout, file)?;
        self.spool(record.stderr, file)?;
        for value in values.iter().skip(usual) {
            self.field(value, file)?;
        }
        file.push(b"\n")
    }

    fn header(&self, columns: usize, file: &mut TableFile) -> io::Result<()> {
        let separator = self.separator.byte();
        file.push(&BEFORE.map(str::as_bytes).join(&separator))?;
        for nth in 0..columns {
            match self.names.get(nth) {
                Some(name) => self.field(name, file)?,
                None => self.field(format!("V{}", nth + 1).as_bytes(), file)?,
            }
        }
        for name in ["Stdout", "Stderr"] {
            self.field(name.as_bytes(), file)?;
        }
        file.push(b"\n")
    }

    /// Adds a field behind others.
    fn field(&self, bytes: &[u8], file: &mut TableFile) -> io::Result<()> {
        file.push(&[self.separator.byte()])?;
        if !self.needs_quotes(bytes) {
            return file.push(bytes);
        }
        file.push(b"\"")?;
        quoted(bytes, file)?;
        file.push(b"\"")
    }

    /// Adds what a job printed, a piece at a time.
    fn spool(&self, spool: &Spool, file: &mut TableFile) -> io::Result<()> {
        if let Some(bytes) = spool.in_memory() {
            return self.field(bytes, file);
        }
        let mut needs_quotes = false;
        spool.deliver(
            |_, _, _| 0,
            |piece| {
                needs_quotes |= self.needs_quotes(piece);
                Ok(())
            },
        )?;
        file.push(&[self.separator.byte()])?;
        if !needs_quotes {
            return spool.deliver(|_, _, _| 0, |piece| file.push(piece));
        }
        file.push(b"\"")?;
        spool.deliver(|_, _, _| 0, |piece| quoted(piece, file))?;
        file.push(b"\"")
    }

    /// White space of any kind makes GNU parallel quote a field, and it would be cut off
    /// at the ends by some readers.
    fn needs_quotes(&self, bytes: &[u8]) -> bool {
        let separator = self.separator.byte();
        memchr3(b'"', b' ', b'\n', bytes).is_some()
            || bytes
                .iter()
                .any(|&byte| byte == separator || matches!(byte, b'\t'..=b'\r'))
    }
}

/// End of the last whole row of a table, and its number of columns for values.
pub(super) fn whole_rows(
    file: &File,
    separator: FieldSeparator,
) -> io::Result<(u64, Option<usize>)> {
    let mut lines = BufReader::new(file);
    let (mut read, mut whole) = (0, 0);
    let mut row = Vec::new();
    let mut columns = None;
    loop {
        let count = lines.read_until(b'\n', &mut row)?;
        read += count as u64;
        // Quotes come in pairs: within one, a newline does not end the row.
        let is_whole = row.ends_with(b"\n") && memchr_iter(b'"', &row).count().is_multiple_of(2);
        if is_whole {
            whole = read;
            columns.get_or_insert_with(|| columns_of(&row, separator));
            row.clear();
        }
        if count == 0 {
            return Ok((whole, columns));
        }
    }
}

fn columns_of(header: &[u8], separator: FieldSeparator) -> usize {
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(separator.byte())
        .has_headers(false)
        .from_reader(header);
    let mut record = csv::ByteRecord::new();
    // Memory can always be read, and any bytes are a record.
    let _ = reader.read_byte_record(&mut record);
    record.len().saturating_sub(BEFORE.len() + 2)
}

/// Adds bytes with every quote doubled.
fn quoted(bytes: &[u8], file: &mut TableFile) -> io::Result<()> {
    let mut from = 0;
    for quote in memchr_iter(b'"', bytes) {
        file.push(&bytes[from..=quote])?;
        from = quote;
    }
    file.push(&bytes[from..])
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read_back(separator: FieldSeparator, fields: &[Vec<u8>]) -> Vec<Vec<u8>> {
        let table = ResultsTable::new(separator, Vec::new(), TableWidth::Ragged);
        let mut file = TableFile::test();
        file.push(b"x").unwrap();
        for field in fields {
            table.field(field, &mut file).unwrap();
        }
        file.push(b"\n").unwrap();
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(separator.byte())
            .has_headers(false)
            .from_reader(io::Cursor::new(file.text()));
        let record = reader.byte_records().next().unwrap().unwrap();
        record.iter().skip(1).map(<[u8]>::to_vec).collect()
    }

    proptest! {
        #[test]
        fn fields_can_be_read_back(
            fields in prop::collection::vec(prop::collection::vec(
                prop_oneof![any::<u8>(), prop::sample::select(b"\"\n\r\t ,".to_vec())], 0..12), 1..5)
        ) {
            for separator in [FieldSeparator::Comma, FieldSeparator::Tab] {
                prop_assert_eq!(&read_back(separator, &fields), &fields);
            }
        }
    }

    #[test]
    fn quotes_are_there_only_where_they_have_to_be() {
        let comma = ResultsTable::new(FieldSeparator::Comma, Vec::new(), TableWidth::Ragged);
        let tab = ResultsTable::new(FieldSeparator::Tab, Vec::new(), TableWidth::Ragged);
        for byte in 0..=255u8 {
            let text = [b'x', byte];
            let is_blank = matches!(byte, 9..=13 | b' ' | b'"');
            assert_eq!(comma.needs_quotes(&text), is_blank || byte == b',');
            assert_eq!(tab.needs_quotes(&text), is_blank);
        }
    }
}
