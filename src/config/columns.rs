//! From options to columns and their names.

use std::os::unix::ffi::OsStrExt;

use regex::bytes::Regex;

use crate::cli::Cli;
use crate::error::{Error, Result};
use crate::input::columns::Columns;
use crate::input::{Rows, Value};
use crate::template::{self, Dialect};

/// Two ways to find columns contradict each other.
fn check_columns(cli: &Cli) -> Result<()> {
    let given = [
        (cli.jsonl, "--jsonl"),
        (cli.csv, "--csv"),
        (cli.tsv, "--tsv"),
        (cli.colsep.is_some(), "--colsep"),
        (cli.header.is_some(), "--header"),
        (cli.delimiter.is_some(), "--delimiter"),
        (cli.null, "--null"),
    ];
    let given = given.into_iter().filter(|(is_given, _)| *is_given);
    let names: Vec<&str> = given.map(|(_, name)| name).collect();
    let refuse = |one: &str, other: &str, hint: &str| {
        Err(Error::new(format!("{one} and {other} cannot go together")).hint(hint))
    };
    match names.as_slice() {
        ["--jsonl", other, ..] => refuse(
            "--jsonl",
            other,
            "each line is an object whose fields have names: prun --jsonl 'echo <name>'",
        ),
        ["--csv", "--tsv", ..] | ["--tsv", "--colsep", ..] => refuse(
            "--tsv",
            if cli.csv { "--csv" } else { "--colsep" },
            "--csv --colsep names another byte between columns: prun --csv --colsep ';'",
        ),
        ["--csv" | "--tsv", .., other @ ("--delimiter" | "--null")] => refuse(
            "--csv",
            other,
            "--colsep names the byte between columns: prun --csv --colsep ';'",
        ),
        _ => Ok(()),
    }
}

/// A separator of one byte is itself in prun's own mode, whatever it means in a regular
/// expression: `-C '|'`.
pub(super) fn columns(cli: &Cli, dialect: Dialect) -> Result<Columns> {
    check_columns(cli)?;
    let Some(separator) = &cli.colsep else {
        return Ok(match (cli.jsonl, cli.csv, &cli.header) {
            (true, ..) => Columns::Json(wanted_fields(cli, dialect)),
            (_, true, _) => Columns::Csv(b','),
            _ if cli.tsv => Columns::Csv(b'\t'),
            (.., Some(header)) if header != "0" => Columns::tabs(),
            _ => Columns::Whole,
        });
    };
    if cli.csv {
        return match separator.as_bytes() {
            [byte] => Ok(Columns::Csv(*byte)),
            b"\\t" => Ok(Columns::Csv(b'\t')),
            _ => Err(Error::new(format!(
                "'{separator}' cannot separate columns of --csv: it is not one byte"
            ))
            .hint("prun --csv --colsep ';' :::: table.csv")),
        };
    }
    let expression = match (dialect, separator.len()) {
        (Dialect::Own, 1) => regex::escape(separator),
        _ => separator.clone(),
    };
    let expression = Regex::new(&expression).map_err(|_| {
        Error::new(format!("'{separator}' is not a regular expression")).hint(
            match separator.contains("(?=")
                || separator.contains("(?!")
                || separator.contains("(?<")
            {
                true => "look-around is not known: name what separates the columns",
                false => "a backslash makes a character stand for itself: --colsep '\\|'",
            },
        )
    });
    expression.map(Columns::Separated)
}

/// Names of fields in the texts with placeholders. With several sources it would not be
/// clear whose they are, and those of the first objects are known only.
fn wanted_fields(cli: &Cli, dialect: Dialect) -> Vec<Value> {
    if dialect == Dialect::Gnu || cli.sources.len() + cli.arg_file.len() > 1 {
        return Vec::new();
    }
    let others = [&cli.tagstring, &cli.ctagstring, &cli.results, &cli.workdir];
    let texts = cli.command.iter().chain(others.into_iter().flatten());
    template::field_names(texts.map(|text| text.as_bytes()))
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
