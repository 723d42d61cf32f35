//! From options to columns and their names.

use std::os::unix::ffi::OsStrExt;

use regex::bytes::Regex;

use crate::cli::Cli;
use crate::error::{Error, Result};
use crate::input::columns::{JsonColumns, RecordFormat};
use crate::input::{InputSource, Rows, SourceOrigin, Value};
use crate::placeholder::{self, CommandDialect};

/// A separator of one byte is itself in prun's own mode, whatever it means in a regular
/// expression: `-C '|'`.
pub(super) fn columns(cli: &Cli, dialect: CommandDialect) -> Result<RecordFormat> {
    let Some(separator) = &cli.input.colsep else {
        return Ok(match (cli.input.jsonl, cli.input.csv, &cli.input.header) {
            (true, ..) => RecordFormat::Json(JsonColumns {
                names: wanted_fields(cli, dialect),
                array_hint: array_hint(cli),
            }),
            (_, true, _) => RecordFormat::Csv(b','),
            _ if cli.input.tsv => RecordFormat::Csv(b'\t'),
            (.., Some(header)) if header != "0" => RecordFormat::tabs(),
            _ => RecordFormat::Whole,
        });
    };
    if cli.input.csv {
        return match separator.as_bytes() {
            [byte] => Ok(RecordFormat::Csv(*byte)),
            b"\\t" => Ok(RecordFormat::Csv(b'\t')),
            _ => Err(Error::new(format!(
                "'{separator}' cannot separate columns of --csv: it is not one byte"
            ))
            .hint("prun --csv --colsep ';' :::: table.csv")),
        };
    }
    let expression = match (dialect, separator.len()) {
        (CommandDialect::Own, 1) => regex::escape(separator),
        _ => separator.clone(),
    };
    let expression = Regex::new(&expression).map_err(|_| {
        Error::new(format!("'{separator}' is not a regular expression")).hint(
            if separator.contains("(?=") || separator.contains("(?!") || separator.contains("(?<") {
                "look-around is not known: name what separates the columns"
            } else {
                "a backslash makes a character stand for itself: --colsep '\\|'"
            },
        )
    });
    expression.map(RecordFormat::Separated)
}

/// Names of fields in the texts with placeholders. With several sources it would not be
/// clear whose they are, and those of the first objects are known only.
fn wanted_fields(cli: &Cli, dialect: CommandDialect) -> Vec<Value> {
    if dialect == CommandDialect::Gnu || cli.sources.len() + cli.input.arg_file.len() > 1 {
        return Vec::new();
    }
    let others = [
        &cli.output.tagstring,
        &cli.output.ctagstring,
        &cli.output.results,
        &cli.running.workdir,
    ];
    let texts = cli.command.iter().chain(others.into_iter().flatten());
    placeholder::field_names(texts.map(|text| text.as_bytes()))
}

/// Lines of objects are made by jq, from the file that is typed or before prun in its pipe.
fn array_hint(cli: &Cli) -> String {
    let line = &cli.typed_line;
    let file = match (cli.input.arg_file.as_slice(), cli.sources.as_slice()) {
        ([], []) => None,
        ([path], []) => Some(path),
        (
            [],
            [
                InputSource {
                    origin: SourceOrigin::File(path),
                    ..
                },
            ],
        ) => Some(path),
        _ => return "each line is one object: {\"name\": \"a\", \"size\": 3}".to_owned(),
    };
    match file.filter(|path| path.as_os_str() != "-") {
        None => format!("jq -c '.[]' | {}", line.reading_stdin()),
        Some(path) => {
            let name = path.to_string_lossy();
            let name = shell_words::quote(&name);
            format!("jq -c '.[]' {name} | {}", line.reading_stdin())
        }
    }
}

/// Tells of fields that the first object lacks, since they may be text or slips.
pub(super) fn tell_missing(rows: &Rows, notices: &mut Vec<String>) {
    for name in rows.missing() {
        let name = String::from_utf8_lossy(name);
        notices.push(format!(
            "prun: warning: the first object has no field '{name}': <{name}> is empty where it is missing\nhint: \\<{name}> is text"
        ));
    }
}

/// A header that is one column with semicolons in it.
///
/// # Errors
/// The byte between columns is most likely that one.
pub(super) fn check_separator(cli: &Cli, rows: &Rows) -> Result<()> {
    let has_other = |name: &Value| name.contains(&b';') && !name.contains(&b',');
    match rows.names() {
        [name] if cli.input.csv && cli.input.colsep.is_none() && has_other(name) => {
            Err(Error::new(format!(
                "the header '{}' has semicolons, and no comma",
                String::from_utf8_lossy(name)
            ))
            .hint(cli.typed_line.with_options(&["--colsep", ";"])))
        }
        _ => Ok(()),
    }
}
