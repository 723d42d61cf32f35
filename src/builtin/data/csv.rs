//! `@csv`: tables are checked, columns are picked, rows become JSON and come back.

use std::io::{self, Read, Write};

use csv::{ByteRecord, Reader, ReaderBuilder, Terminator, WriterBuilder};

use super::rows::ObjectRows;
use super::scan::{self, JsonScanner};
use crate::builtin::arguments::{ArgumentError, BuiltinOption, ParsedArguments};
use crate::builtin::builtin_input::{BuiltinInput, too_long};
use crate::builtin::builtin_io::{BufferedStdout, BuiltinIo, CHUNK, complain};
use crate::builtin::files::each_file;
use crate::builtin::transform::{BuiltinSpec, Transform};
use crate::os::metered_reader::MeteredReader;

pub(in crate::builtin) static CSV: BuiltinSpec = BuiltinSpec {
    name: "@csv",
    about: "CSV checked, columns picked, to JSON and from it",
    notes: "\
Without options, files are checked: every row has as many fields as the first one, which has the
names. --to-json prints an object a row, all of whose members are strings. --from-json reads
objects, one after the other or in one array; the first one has the names. A string becomes a
field as it is, null an empty one, an object or array its JSON. --pick takes the columns in the
order given. Fields are quoted where they have to be, lines end with a newline, empty ones are
left out. Each of several files is taken by itself. The status is 1 if a file cannot be read or
is not in order; what comes before the mistake is printed.",
    flags: &[
        BuiltinOption::switch(None, "to-json", "Print an object a row"),
        BuiltinOption::switch(None, "from-json", "Read JSON, print CSV"),
        BuiltinOption::with(None, "pick", "LIST", "Only these columns: NAME,NAME or N,N"),
        BuiltinOption::with(
            Some('d'),
            "delimiter",
            "C",
            "What is between fields; \\t is a tab",
        ),
    ],
    build,
};

fn build(parsed: &mut ParsedArguments) -> Result<Box<dyn Transform>, ArgumentError> {
    let wrong = |text: &str| Err(ArgumentError::Wrong(text.to_owned()));
    let delimiter = match parsed.value("delimiter") {
        None => b',',
        Some(b"\\t") => b'\t',
        Some([b'"' | b'\n' | b'\r']) => return wrong("quotes and newlines are not between fields"),
        Some([byte]) => *byte,
        Some(_) => return wrong("what is between fields is one byte"),
    };
    let picked = parsed.value("pick").map(|list| {
        let columns = list.split(|byte| *byte == b',');
        columns.map(<[u8]>::to_vec).collect::<Vec<_>>()
    });
    let form = match (parsed.has("to-json"), parsed.has("from-json"), &picked) {
        (true, true, _) => return wrong("'--to-json' does not go with '--from-json'"),
        (_, true, Some(_)) => return wrong("'--pick' does not go with '--from-json'"),
        (true, ..) => CsvOutput::ToJson,
        (_, true, _) => CsvOutput::FromJson,
        (.., Some(_)) => CsvOutput::Csv,
        (.., None) => CsvOutput::Checked,
    };
    Ok(Box::new(CsvTransform {
        form,
        picked,
        delimiter,
    }))
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum CsvOutput {
    Checked,
    Csv,
    ToJson,
    FromJson,
}

#[derive(Debug)]
struct CsvTransform {
    form: CsvOutput,
    picked: Option<Vec<Vec<u8>>>,
    delimiter: u8,
}

enum CsvError {
    Io(io::Error),
    /// Reason, and the number of the line.
    Wrong(u64, String),
}

impl From<io::Error> for CsvError {
    fn from(error: io::Error) -> CsvError {
        CsvError::Io(error)
    }
}

impl From<scan::JsonError> for CsvError {
    fn from(error: scan::JsonError) -> CsvError {
        match error {
            scan::JsonError::Io(error) => CsvError::Io(error),
            scan::JsonError::Wrong { why, line, column } => {
                CsvError::Wrong(line, format!("column {column}: {why}"))
            }
        }
    }
}

impl From<csv::Error> for CsvError {
    fn from(error: csv::Error) -> CsvError {
        match error.kind() {
            csv::ErrorKind::UnequalLengths {
                pos,
                expected_len,
                len,
            } => {
                let line = pos.as_ref().map_or(1, |pos| pos.line());
                let why = format!("number of fields: {len}, in the first row: {expected_len}");
                CsvError::Wrong(line, why)
            }
            _ => CsvError::Io(reason(error)),
        }
    }
}

impl Transform for CsvTransform {
    fn run(&self, files: &[Vec<u8>], stdio: &BuiltinIo<'_>) -> io::Result<u8> {
        let convert = |file: &[u8], out: &mut BufferedStdout<'_>| {
            let source = BuiltinInput::open(file, stdio)?;
            match self.form {
                CsvOutput::FromJson => self.read_objects(source, out),
                _ => self.read_table(source, out),
            }
        };
        each_file(files, stdio, convert, |file, error| match error {
            CsvError::Io(error) => complain(stdio, "@csv: cannot read", file, error),
            CsvError::Wrong(line, why) => {
                let error = io::Error::other(format!("line {line}: {why}"));
                complain(stdio, "@csv: wrong in", file, error)
            }
        })
    }
}

impl CsvTransform {
    fn read_table(
        &self,
        source: BuiltinInput<'_>,
        out: &mut BufferedStdout<'_>,
    ) -> Result<(), CsvError> {
        let most = source.stdio().workers().max_record();
        let mut reader = ReaderBuilder::new()
            .has_headers(false)
            .delimiter(self.delimiter)
            .buffer_capacity(source.buffer_size(CHUNK))
            .from_reader(MeteredReader::new(source, most, too_long));
        let mut row = ByteRecord::new();
        if !next(&mut reader, &mut row)? {
            return Ok(());
        }
        let columns = self.columns(&row)?;
        match self.form {
            CsvOutput::ToJson => {
                let names = names(&row, &columns)?;
                while next(&mut reader, &mut row)? {
                    write_object(&row, (&names, &columns), out)?;
                }
            }
            CsvOutput::Csv => {
                let mut table = self.table(out);
                loop {
                    table.write_record(columns.iter().map(|at| &row[*at]))?;
                    if !next(&mut reader, &mut row)? {
                        break;
                    }
                }
                table.flush()?;
            }
            CsvOutput::Checked | CsvOutput::FromJson => while next(&mut reader, &mut row)? {},
        }
        Ok(())
    }

    /// Indexes of the wanted columns, by the first row.
    fn columns(&self, names: &ByteRecord) -> Result<Vec<usize>, CsvError> {
        let Some(picked) = &self.picked else {
            return Ok((0..names.len()).collect());
        };
        let find = |wanted: &Vec<u8>| {
            let text = String::from_utf8_lossy(wanted);
            let number = text.parse::<usize>().ok();
            let found = match number.filter(|_| wanted.iter().all(u8::is_ascii_digit)) {
                Some(number) => number.checked_sub(1).filter(|at| *at < names.len()),
                None => names.iter().position(|name| name == wanted.as_slice()),
            };
            found.ok_or_else(|| CsvError::Wrong(1, format!("there is no column '{text}'")))
        };
        picked.iter().map(find).collect()
    }

    fn table<'o, 'a>(
        &self,
        out: &'o mut BufferedStdout<'a>,
    ) -> csv::Writer<&'o mut BufferedStdout<'a>> {
        WriterBuilder::new()
            .delimiter(self.delimiter)
            .terminator(Terminator::Any(b'\n'))
            .from_writer(out)
    }

    fn read_objects(
        &self,
        source: BuiltinInput<'_>,
        out: &mut BufferedStdout<'_>,
    ) -> Result<(), CsvError> {
        const LEAST: usize = 64;
        let most = source.stdio().workers().max_record();
        let buffer = vec![0; source.buffer_size(CHUNK).max(LEAST)];
        let mut scanner = JsonScanner::new(source, buffer);
        let mut table = self.table(out);
        let mut rows = ObjectRows::new(|fields| table.write_record(fields).map_err(reason), most);
        let result = loop {
            match scanner.value(&mut rows) {
                Ok(true) => {}
                Ok(false) => break Ok(()),
                Err(error) => {
                    let problem = rows.problem.take();
                    let line = scanner.line();
                    break Err(problem.map_or(error.into(), |why| CsvError::Wrong(line, why)));
                }
            }
        };
        table.flush()?;
        result
    }
}

/// Reads the next row.
fn next<R: Read>(reader: &mut Reader<MeteredReader<R>>, row: &mut ByteRecord) -> csv::Result<bool> {
    reader.get_mut().begin_record();
    reader.read_byte_record(row)
}

/// The error of the file behind that of the table.
fn reason(error: csv::Error) -> io::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error,
        other => io::Error::other(format!("{other:?}")),
    }
}

/// Names of the columns, quoted for JSON.
fn names(row: &ByteRecord, columns: &[usize]) -> Result<Vec<String>, CsvError> {
    let mut names: Vec<String> = Vec::new();
    for at in columns {
        let name = quoted(&row[*at], row)?;
        if names.contains(&name) {
            return Err(CsvError::Wrong(
                1,
                format!("the name {name} is there twice"),
            ));
        }
        names.push(name);
    }
    Ok(names)
}

/// A field as a string in JSON.
fn quoted(field: &[u8], row: &ByteRecord) -> Result<String, CsvError> {
    let text = std::str::from_utf8(field).map_err(|_| {
        let line = row.position().map_or(1, |position| position.line());
        CsvError::Wrong(line, "a field is not UTF-8".to_owned())
    })?;
    // Writing to memory does not fail.
    Ok(serde_json::to_string(text).unwrap_or_default())
}

fn write_object(
    row: &ByteRecord,
    (names, columns): (&[String], &[usize]),
    out: &mut BufferedStdout<'_>,
) -> Result<(), CsvError> {
    let mut before = '{';
    for (name, at) in names.iter().zip(columns) {
        let field = quoted(&row[*at], row)?;
        write!(out, "{before}{name}:{field}")?;
        before = ',';
    }
    out.write_all(b"}\n")?;
    Ok(())
}
