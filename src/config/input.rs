//! From options to rows: where values come from, and how many of them a job gets.

use super::{arguments, columns};
use crate::cli::Cli;
use crate::cli::flags::TrimName;
use crate::error::{Error, Result};
use crate::input::clean::{Blank, Cleaning, FirstLine, Trim};
use crate::input::columns::{Columns, Header};
use crate::input::group::{Fill, Group, Room};
use crate::input::mark::Mark;
use crate::input::{self, Combine, FinalNewline, Join, Nul, Options, Origin, Rows, Source, Value};
use crate::os::world::World;
use crate::os::{limits, startup};
use crate::template::{Dialect, Length, Names, Others, PerJob, Repeat, Shape, Weight};

/// A command line is filled up to so many bytes, as xargs does it.
const USUAL_LINE: usize = 128 * 1024;

/// So many values, of the length of a path, fit into what any system takes: only with more
/// is it looked at whether they do, and the number of jobs depends on it.
const FEW: usize = 256;

/// Until the command is known.
const NO_ROOM: Room = Room { all: 0, each: 0 };

/// Opens the sources, and tells what is known of the rows.
pub(super) fn open(
    cli: &mut Cli,
    dialect: Dialect,
    world: &World,
    notices: &mut Vec<String>,
) -> Result<(Rows, Shape)> {
    check_groups(cli, dialect)?;
    let columns = columns::columns(cli, dialect)?;
    let mut sources = sources(cli, dialect, world, notices)?;
    let count = sources.len();
    let delimiter = match (cli.null, cli.delimiter.take()) {
        (true, _) => vec![0],
        (false, Some(delimiter)) => delimiter.0,
        (false, None) => vec![b'\n'],
    };
    if dialect == Dialect::Gnu {
        arguments::cut(&mut sources, &delimiter);
    }
    let final_newline = match (dialect, cli.null) {
        (Dialect::Own, false) => FinalNewline::Dropped,
        _ => FinalNewline::Kept,
    };
    let mut rows = input::open(Options {
        sources,
        combine: match cli.link {
            true => Combine::Wrapped,
            false => Combine::AsWritten,
        },
        delimiter,
        final_newline,
        mark: match (dialect, cli.null) {
            (Dialect::Own, false) => Mark::Dropped,
            _ => Mark::Kept,
        },
        nul: match dialect {
            Dialect::Own => Nul::Kept,
            Dialect::Gnu => Nul::Escaped,
        },
        max_record: max_record(cli),
        cleaning: cleaning(cli, &columns),
        columns,
        header: match cli.header.as_deref() {
            Some("0") => Header::FileName,
            Some(_) => Header::First,
            None => Header::Absent,
        },
    })?;
    if cli.shuf {
        rows.shuffle()?;
    }
    if dialect == Dialect::Own {
        columns::check_separator(cli, &rows)?;
        columns::tell_missing(&rows, notices);
    }
    let shape = shape(cli, dialect, count, rows.names().to_vec());
    Ok((rows, shape))
}

/// What is known of rows from `count` sources whose first records are `names`, if any.
fn shape(cli: &Cli, dialect: Dialect, count: usize, names: Vec<Value>) -> Shape {
    let arity = count.max(names.len());
    let group = usual_group(cli);
    let is_table = is_table(cli);
    Shape {
        arity: match group {
            Group::Nothing => 0,
            Group::Rows(rows) => arity.saturating_mul(rows),
            Group::Single | Group::Lines(_) | Group::Fill(_) => arity,
        },
        length: match group {
            Group::Lines(_) | Group::Fill(_) => Length::Varying,
            _ if is_table => Length::Varying,
            _ => Length::Fixed,
        },
        period: match group {
            Group::Single => 0,
            _ if is_table => 0,
            _ => arity,
        },
        names: Names {
            others: match (names.is_empty(), cli.jsonl || cli.header.is_some()) {
                (_, false) => Others::Text,
                (true, true) => Others::Places,
                (false, true) => Others::Refused,
            },
            known: names,
            rows: match group {
                Group::Single | Group::Nothing | Group::Rows(1) => PerJob::One,
                Group::Rows(_) | Group::Lines(_) | Group::Fill(_) => PerJob::Several,
            },
        },
        repeat: repeat(cli, group, dialect),
    }
}

/// Bytes that are held of one line or record at most.
pub(super) fn max_record(cli: &Cli) -> usize {
    const USUAL: u64 = 64 << 20;
    let size = cli.max_record.map_or(USUAL, |size| size.0);
    usize::try_from(size).unwrap_or(usize::MAX)
}

/// Whether values have columns.
fn is_table(cli: &Cli) -> bool {
    let has_header = cli.header.as_deref() == Some(":");
    cli.jsonl || cli.csv || cli.tsv || cli.colsep.is_some() || has_header
}

fn sources(
    cli: &mut Cli,
    dialect: Dialect,
    world: &World,
    notices: &mut Vec<String>,
) -> Result<Vec<Source>> {
    let is_bare = |source: &Source| source.origin == Origin::Arguments(Vec::new());
    if dialect == Dialect::Gnu && cli.sources.len() == 1 && cli.sources.iter().all(is_bare) {
        cli.sources.clear();
    }
    sources_typed(cli, world, notices)
}

fn sources_typed(cli: &mut Cli, world: &World, notices: &mut Vec<String>) -> Result<Vec<Source>> {
    let files = cli.arg_file.drain(..).map(|path| Source {
        origin: Origin::File(path),
        join: Join::Product,
    });
    let mut sources: Vec<Source> = files.collect();
    sources.append(&mut cli.sources);
    if sources.is_empty() && cli.nonall {
        sources.push(Source {
            origin: Origin::Arguments(vec![Vec::new()]),
            join: Join::Product,
        });
    }
    if sources.is_empty() {
        if world.stdin.is_terminal() && cli.command.is_empty() {
            return Err(Error::new("neither a command nor input")
                .hint("prun 'gzip -9 <>' ::: *.log; prun --help tells more"));
        }
        sources.push(Source {
            origin: Origin::Stdin,
            join: Join::Product,
        });
    }
    let reads_stdin = sources.iter().any(|source| source.origin.is_stdin());
    if reads_stdin && !startup::was_open(0) {
        return Err(Error::new("standard input is closed")
            .hint("values can be typed or be in a file: prun COMMAND ::: VALUE...; prun COMMAND :::: FILE"));
    }
    if reads_stdin && world.stdin.is_terminal() {
        notices.push("prun: reading input from the terminal, one value per line".to_owned());
    }
    Ok(sources)
}

fn cleaning(cli: &Cli, columns: &Columns) -> Cleaning {
    let trim = match (cli.trim, columns) {
        (Some(trim), _) => trim,
        (None, Columns::Separated(_)) => TrimName::Lr,
        (None, Columns::Whole | Columns::Csv(_) | Columns::Json(_)) => TrimName::N,
    };
    Cleaning {
        trim: match trim {
            TrimName::N => Trim::Nothing,
            TrimName::L => Trim::Left,
            TrimName::R => Trim::Right,
            TrimName::Lr | TrimName::Rl => Trim::Both,
        },
        blank: match cli.no_run_if_empty {
            true => Blank::Skipped,
            false => Blank::Kept,
        },
        end: cli
            .eof
            .as_ref()
            .map(|text| text.as_encoded_bytes().to_vec()),
        first: match cli.skip_first_line {
            true => FirstLine::Skipped,
            false => FirstLine::Kept,
        },
    }
}

/// Two ways to say how many values a job gets contradict each other.
fn check_groups(cli: &Cli, dialect: Dialect) -> Result<()> {
    let lines = ("-L", cli.max_lines.is_some());
    let counts = [
        ("-n", cli.max_args.is_some()),
        ("-N", cli.max_replace_args.is_some()),
    ];
    let fills = [
        ("-X", cli.context_replace),
        ("-m", cli.many),
        ("--xargs", cli.xargs),
    ];
    let given = |ways: &[(&'static str, bool)]| -> Vec<&'static str> {
        let given = ways.iter().filter(|(_, is_given)| *is_given);
        given.map(|(name, _)| *name).collect()
    };
    let [n, number] = counts;
    let [x, m, xargs] = fills;
    let refused = match dialect {
        Dialect::Own => vec![vec![lines, n, number], vec![lines, x, m, xargs]],
        // Where several are given, GNU parallel has an order.
        Dialect::Gnu => vec![vec![lines, n], vec![lines, number]],
    };
    for ways in refused {
        if let [one, other, ..] = given(&ways).as_slice() {
            return Err(Error::new(format!(
                "{one} and {other} both say how many values a job gets"
            ))
            .hint(format!("leave out {one} or {other}")));
        }
    }
    Ok(())
}

/// Whether a job gets as many values as fit.
fn fills(cli: &Cli) -> bool {
    cli.context_replace || cli.many || cli.xargs || cli.max_chars.is_some()
}

/// The group, but for the size of a line that is filled.
fn usual_group(cli: &Cli) -> Group {
    let count = cli.max_replace_args.or(cli.max_args);
    let unknown = Fill {
        rooms: [NO_ROOM; 2],
        times: 1,
        most: 1,
        slots: 1,
    };
    match (count, cli.max_lines) {
        _ if cli.nonall => Group::Nothing,
        (Some(0), _) => Group::Nothing,
        (None, Some(0)) if cli.gnu => Group::Nothing,
        // For GNU parallel lines count more than what fits.
        (None, Some(lines)) if cli.gnu || !fills(cli) => Group::Lines(Fill {
            most: lines.max(1),
            ..unknown
        }),
        (most, _) if fills(cli) => Group::Fill(Fill {
            most: most.unwrap_or(usize::MAX),
            ..unknown
        }),
        (Some(count), _) if count > FEW => Group::Fill(Fill {
            most: count,
            ..unknown
        }),
        (Some(count), _) => Group::Rows(count),
        (None, _) => Group::Single,
    }
}

/// How many values a job gets.
pub(super) fn group(cli: &Cli, weight: &Weight, slots: usize) -> Result<Group> {
    let (make, fill): (fn(Fill) -> Group, Fill) = match usual_group(cli) {
        Group::Fill(fill) => (Group::Fill, fill),
        Group::Lines(fill) => (Group::Lines, fill),
        group => return Ok(group),
    };
    let line = match fills(cli) {
        true => cli.max_chars.unwrap_or(USUAL_LINE),
        false => usize::MAX,
    };
    let possible = limits::arguments().min(weight.possible);
    let room = |all: usize, each: usize| {
        let left = all.checked_sub(weight.base).filter(|left| *left > 0);
        let left = left.ok_or_else(|| {
            Error::new(format!(
                "a command line of {all} bytes has no room for values: the command itself has {}",
                weight.base
            ))
            .hint("give more by -s, or leave it out")
        });
        left.map(|all| Room { all, each })
    };
    Ok(make(Fill {
        rooms: [room(line, weight.shown)?, room(possible, weight.passed)?],
        times: weight.times,
        slots: match cli.xargs || !fills(cli) {
            true => 1,
            false => slots,
        },
        ..fill
    }))
}

/// In a word with other text, as `a<>b`: is all of it repeated?
fn repeat(cli: &Cli, group: Group, dialect: Dialect) -> Repeat {
    let joins = cli.many || cli.xargs;
    let as_gnu = dialect == Dialect::Gnu && cli.max_args.is_some() && !cli.context_replace;
    match group {
        Group::Single | Group::Nothing => Repeat::Values,
        _ if joins || as_gnu => Repeat::Values,
        Group::Rows(_) | Group::Lines(_) | Group::Fill(_) => Repeat::Words,
    }
}
