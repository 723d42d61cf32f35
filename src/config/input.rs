//! From options to rows: where values come from, and how many of them a job gets.

use super::{arguments, columns};
use crate::cli::Cli;
use crate::error::{Error, Result};
use crate::input::columns::{HeaderNames, RecordFormat};
use crate::input::group::{ArgumentSpace, CommandLineFill, RowGrouping};
use crate::input::value_cleanup::{TrimSides, ValueCleanup};
use crate::input::{self, InputOptions, InputSource, Rows, SourceJoin, SourceOrigin, Value};
use crate::os::host::Host;
use crate::os::{limits, startup};
use crate::placeholder::{CommandDialect, RowShape, UnknownNames, ValueNames};
use crate::template::CommandSize;

/// A command line is filled up to so many bytes, as xargs does it.
const USUAL_LINE: usize = 128 * 1024;

/// So many values, of the length of a path, fit into what any system takes: only with more
/// is it looked at whether they do, and the number of jobs depends on it.
const FEW: usize = 256;

/// Until the command is known.
const NO_ROOM: ArgumentSpace = ArgumentSpace { all: 0, each: 0 };

/// Opens the sources, and tells what is known of the rows.
pub(super) fn open(
    cli: &mut Cli,
    dialect: CommandDialect,
    host: &Host,
    notices: &mut Vec<String>,
) -> Result<(Rows, RowShape)> {
    let columns = columns::columns(cli, dialect)?;
    let mut sources = sources(cli, dialect, host, notices)?;
    let count = sources.len();
    let delimiter = match (cli.input.null, cli.input.delimiter.take()) {
        (true, _) => vec![0],
        (false, Some(delimiter)) => delimiter.0,
        (false, None) => vec![b'\n'],
    };
    if dialect == CommandDialect::Gnu {
        arguments::cut(&mut sources, &delimiter);
    }
    let is_own_text = dialect == CommandDialect::Own && !cli.input.null;
    let mut rows = input::open(InputOptions {
        sources,
        link: cli.input.link,
        delimiter,
        drop_final_newline: is_own_text,
        drop_byte_order_mark: is_own_text,
        escape_nul: dialect == CommandDialect::Gnu,
        max_record: max_record(cli),
        cleanup: cleaning(cli, &columns),
        columns,
        header: match cli.input.header.as_deref() {
            Some("0") => HeaderNames::FileName,
            Some(_) => HeaderNames::First,
            None => HeaderNames::Absent,
        },
    })?;
    if cli.input.shuf {
        rows.shuffle()?;
    }
    if dialect == CommandDialect::Own {
        columns::check_separator(cli, &rows)?;
        columns::tell_missing(&rows, notices);
    }
    let shape = shape(cli, dialect, count, rows.names().to_vec());
    Ok((rows, shape))
}

/// Values come from standard input for want of another source.
pub(super) fn is_stdin_implied(cli: &Cli) -> bool {
    let has_sources = !cli.input.arg_file.is_empty() || !cli.sources.is_empty();
    let jobs_come_along = cli.queue.is_taken() || cli.sharing.plan.is_some();
    let has_others = cli.compat.nonall || cli.blocks.are_made() || jobs_come_along;
    !has_sources && !has_others
}

/// What is known of rows from `count` sources whose first records are `names`, if any.
fn shape(cli: &Cli, dialect: CommandDialect, count: usize, names: Vec<Value>) -> RowShape {
    let arity = count.max(names.len());
    let group = usual_group(cli);
    let is_table = is_table(cli);
    RowShape {
        has_stdin: false,
        arity: match group {
            RowGrouping::Nothing => 0,
            RowGrouping::Rows(rows) => arity.saturating_mul(rows),
            RowGrouping::Single | RowGrouping::Lines(_) | RowGrouping::Fill(_) => arity,
        },
        varies: is_table || matches!(group, RowGrouping::Lines(_) | RowGrouping::Fill(_)),
        period: match group {
            RowGrouping::Single => 0,
            _ if is_table => 0,
            _ => arity,
        },
        names: ValueNames {
            others: match (
                names.is_empty(),
                cli.input.jsonl || cli.input.header.is_some(),
            ) {
                (_, false) => UnknownNames::Text,
                (true, true) => UnknownNames::Placeholders,
                (false, true) => UnknownNames::Refused,
            },
            known: names,
            is_ambiguous: !matches!(
                group,
                RowGrouping::Single | RowGrouping::Nothing | RowGrouping::Rows(1)
            ),
        },
        repeats_words: repeats_words(cli, group, dialect),
        needs_placeholder: false,
        braces_are_text: false,
    }
}

/// Bytes that are held of one line or record at most.
pub(super) fn max_record(cli: &Cli) -> usize {
    const USUAL: u64 = 64 << 20;
    let size = cli.input.max_record.map_or(USUAL, |size| size.0);
    usize::try_from(size).unwrap_or(usize::MAX)
}

/// Whether values have columns.
fn is_table(cli: &Cli) -> bool {
    let has_header = cli.input.header.as_deref() == Some(":");
    cli.input.jsonl || cli.input.csv || cli.input.tsv || cli.input.colsep.is_some() || has_header
}

fn sources(
    cli: &mut Cli,
    dialect: CommandDialect,
    host: &Host,
    notices: &mut Vec<String>,
) -> Result<Vec<InputSource>> {
    let is_bare = |source: &InputSource| source.origin == SourceOrigin::Arguments(Vec::new());
    if dialect == CommandDialect::Gnu && cli.sources.len() == 1 && cli.sources.iter().all(is_bare) {
        cli.sources.clear();
    }
    sources_typed(cli, host, notices)
}

fn sources_typed(
    cli: &mut Cli,
    host: &Host,
    notices: &mut Vec<String>,
) -> Result<Vec<InputSource>> {
    let files = cli.input.arg_file.drain(..).map(|path| InputSource {
        origin: SourceOrigin::File(path),
        join: SourceJoin::Product,
    });
    let mut sources: Vec<InputSource> = files.collect();
    sources.append(&mut cli.sources);
    if sources.is_empty() && cli.compat.nonall {
        sources.push(InputSource {
            origin: SourceOrigin::Arguments(vec![Vec::new()]),
            join: SourceJoin::Product,
        });
    }
    if sources.is_empty() {
        if host.stdin.is_terminal() && cli.command.is_empty() {
            return Err(Error::new("neither a command nor input")
                .hint("prun 'gzip -9 <>' ::: *.log; prun --help tells more"));
        }
        sources.push(InputSource {
            origin: SourceOrigin::Stdin,
            join: SourceJoin::Product,
        });
    }
    let reads_stdin = sources.iter().any(|source| source.origin.is_stdin());
    if reads_stdin && !startup::was_open(0) {
        return Err(Error::new("standard input is closed")
            .hint("values can be typed or be in a file: prun COMMAND ::: VALUE...; prun COMMAND :::: FILE"));
    }
    if reads_stdin && host.stdin.is_terminal() {
        notices.push("prun: reading input from the terminal, one value per line".to_owned());
    }
    Ok(sources)
}

fn cleaning(cli: &Cli, columns: &RecordFormat) -> ValueCleanup {
    let usual_trim = match columns {
        RecordFormat::Separated(_) => TrimSides::Both,
        RecordFormat::Whole | RecordFormat::Csv(_) | RecordFormat::Json(_) => TrimSides::Nothing,
    };
    ValueCleanup {
        trim: cli.input.trim.unwrap_or(usual_trim),
        skip_blank: cli.input.no_run_if_empty,
        end: cli
            .input
            .eof
            .as_ref()
            .map(|text| text.as_encoded_bytes().to_vec()),
        skip_first_line: cli.input.skip_first_line,
    }
}

/// Whether a job gets as many values as fit.
fn fills(cli: &Cli) -> bool {
    cli.input.context_replace || cli.input.many || cli.input.xargs || cli.input.max_chars.is_some()
}

/// The group, but for the size of a line that is filled.
fn usual_group(cli: &Cli) -> RowGrouping {
    let count = cli.input.max_replace_args.or(cli.input.max_args);
    let unknown = CommandLineFill {
        spaces: [NO_ROOM; 2],
        times: 1,
        most: 1,
        slots: 1,
    };
    match (count, cli.input.max_lines) {
        _ if cli.compat.nonall => RowGrouping::Nothing,
        (Some(0), _) => RowGrouping::Nothing,
        (None, Some(0)) if cli.template.gnu => RowGrouping::Nothing,
        // For GNU parallel lines count more than what fits.
        (None, Some(lines)) if cli.template.gnu || !fills(cli) => {
            RowGrouping::Lines(CommandLineFill {
                most: lines.max(1),
                ..unknown
            })
        }
        (most, _) if fills(cli) => RowGrouping::Fill(CommandLineFill {
            most: most.unwrap_or(usize::MAX),
            ..unknown
        }),
        (Some(count), _) if count > FEW => RowGrouping::Fill(CommandLineFill {
            most: count,
            ..unknown
        }),
        (Some(count), _) => RowGrouping::Rows(count),
        (None, _) => RowGrouping::Single,
    }
}

/// How many values a job gets.
pub(super) fn group(cli: &Cli, weight: &CommandSize, slots: usize) -> Result<RowGrouping> {
    let (make, fill): (fn(CommandLineFill) -> RowGrouping, CommandLineFill) = match usual_group(cli)
    {
        RowGrouping::Fill(fill) => (RowGrouping::Fill, fill),
        RowGrouping::Lines(fill) => (RowGrouping::Lines, fill),
        group => return Ok(group),
    };
    let line = if fills(cli) {
        cli.input.max_chars.unwrap_or(USUAL_LINE)
    } else {
        usize::MAX
    };
    // A message to a worker is as long as it is.
    let possible = if cli.sharing.worker {
        usize::MAX
    } else {
        limits::arguments().min(weight.possible)
    };
    let room = |all: usize, each: usize| {
        let left = all.checked_sub(weight.base).filter(|left| *left > 0);
        let left = left.ok_or_else(|| {
            Error::new(format!(
                "a command line of {all} bytes has no room for values: the command itself has {}",
                weight.base
            ))
            .hint("give more by -s, or leave it out")
        });
        left.map(|all| ArgumentSpace { all, each })
    };
    Ok(make(CommandLineFill {
        spaces: [room(line, weight.shown)?, room(possible, weight.passed)?],
        times: weight.times,
        slots: if cli.input.xargs || !fills(cli) {
            1
        } else {
            slots
        },
        ..fill
    }))
}

/// In a word with other text, as `a<>b`: is all of it repeated?
fn repeats_words(cli: &Cli, group: RowGrouping, dialect: CommandDialect) -> bool {
    let joins = cli.input.many || cli.input.xargs;
    let as_gnu = dialect == CommandDialect::Gnu
        && cli.input.max_args.is_some()
        && !cli.input.context_replace;
    let has_several = !matches!(group, RowGrouping::Single | RowGrouping::Nothing);
    has_several && !joins && !as_gnu
}
