//! Borders of records in a stream, as options say them.

use std::ffi::OsString;
use std::num::NonZeroUsize;
use std::os::unix::ffi::OsStrExt;

use super::columns::columns;
use crate::blocks::column_key::ColumnKey;
use crate::blocks::record_pattern::RecordPattern;
use crate::blocks::record_rule::{RecordRule, RecordSeparator};
use crate::cli::Cli;
use crate::cli::options::blocks::separator;
use crate::error::{Error, Result};
use crate::input::columns::RecordFormat;
use crate::placeholder::CommandDialect;

/// Borders of records.
pub(super) fn record_rule(cli: &Cli, dialect: CommandDialect) -> Result<RecordRule> {
    let blocks = &cli.blocks;
    let text = |option: &Option<OsString>| {
        option.as_ref().map(|text| match dialect {
            CommandDialect::Gnu => as_meant(text.as_bytes()).to_vec(),
            CommandDialect::Own => text.as_bytes().to_vec(),
        })
    };
    let (end, start) = (text(&blocks.recend), text(&blocks.recstart));
    let separator = if cli.input.csv || cli.input.tsv {
        RecordSeparator::Csv {
            delimiter: delimiter(cli, dialect)?,
        }
    } else if blocks.regexp {
        let end = match (end, &start) {
            (None, None) => b"\n".to_vec(),
            (end, _) => end.unwrap_or_default(),
        };
        record_pattern(&end, &start.unwrap_or_default())?
    } else {
        let unescaped = |text: Option<Vec<u8>>| text.map(|text| separator(&text)).transpose();
        let start = unescaped(start)?.unwrap_or_default();
        let end = match unescaped(end)? {
            Some(end) => end,
            None if cli.input.null => vec![0],
            None => match &cli.input.delimiter {
                Some(delimiter) => delimiter.0.clone(),
                None if start.is_empty() => b"\n".to_vec(),
                None => Vec::new(),
            },
        };
        if end.is_empty() && start.is_empty() {
            RecordSeparator::Anywhere
        } else {
            RecordSeparator::Literal { end, start }
        }
    };
    let separator = match &blocks.group_by {
        Some(group_by) => RecordSeparator::Group {
            key: column_key(cli, dialect, "--group-by", group_by)?,
            records: Box::new(separator),
        },
        None => separator,
    };
    let multiple = at_least_one("-L", cli.input.max_lines.unwrap_or(1))?;
    Ok(RecordRule {
        separator,
        multiple,
    })
}

/// Key of a record. Columns are separated by tabs if nothing else is said.
pub(super) fn column_key(
    cli: &Cli,
    dialect: CommandDialect,
    option: &str,
    text: &str,
) -> Result<ColumnKey> {
    let format = match columns(cli, dialect)? {
        RecordFormat::Whole => RecordFormat::tabs(),
        format => format,
    };
    ColumnKey::parse(option, text.as_bytes(), &format)
}

fn delimiter(cli: &Cli, dialect: CommandDialect) -> Result<u8> {
    Ok(match columns(cli, dialect)? {
        RecordFormat::Csv(delimiter) => delimiter,
        _ => b',',
    })
}

fn record_pattern(end: &[u8], start: &[u8]) -> Result<RecordSeparator> {
    if end.is_empty() && start.is_empty() {
        return Ok(RecordSeparator::Anywhere);
    }
    let (end, start) = (String::from_utf8_lossy(end), String::from_utf8_lossy(start));
    let pattern = RecordPattern::new(&end, &start);
    let pattern = pattern.map_err(|reason| {
        let text = if start.is_empty() { &end } else { &start };
        Error::new(format!("'{text}' is not a regular expression")).hint(reason)
    })?;
    Ok(RecordSeparator::Pattern(pattern))
}

/// `parsort -z` puts quotes around the NUL. To GNU parallel they are bytes like others, so that
/// it finds no record and one job sorts all.
fn as_meant(text: &[u8]) -> &[u8] {
    match text {
        br#""\0""# => br"\0",
        text => text,
    }
}

pub(super) fn at_least_one(option: &str, count: usize) -> Result<NonZeroUsize> {
    NonZeroUsize::new(count)
        .ok_or_else(|| Error::new(format!("{option} 0: a block has at least one record")))
}
