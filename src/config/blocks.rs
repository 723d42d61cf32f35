//! From options to what jobs read (`--pipe`, `--pipepart`): how standard input or files are
//! cut, and how the blocks are dealt.

use std::path::PathBuf;

use super::parsed_cli::ParsedCli;
use super::slot_setup::SlotSetup;
use super::{block_source, input};
use crate::cli::Cli;
use crate::error::{Error, Result};
use crate::exec::start::stdin_file::StdinFile;
use crate::input::{InputOptions, InputSource, Rows, SourceOrigin, StdinValues};
use crate::os::host::Host;
use crate::os::startup;
use crate::placeholder::RowShape;
use crate::policy::descriptors;
use crate::policy::jobs::MOST;
use crate::pool::slots_file::{self, SlotCapacity};

/// Rows of the values beside the blocks, and their shape.
///
/// # Errors
/// There is more than one kind of input.
pub(super) fn open_values(
    cli: &mut Cli,
    host: &Host,
    notices: &mut Vec<String>,
) -> Result<(Rows, RowShape)> {
    check_stdin(cli, host, notices)?;
    if cli.blocks.pipepart {
        cli.input
            .arg_file
            .extend(data_files(cli.sources.drain(..))?);
        if cli.input.arg_file.is_empty() {
            return Err(Error::new("--pipepart reads a file, and none is given")
                .hint("--pipepart -a FILE reads it; --pipe reads standard input"));
        }
    } else if let Some(file) = cli.input.arg_file.first() {
        let hint = cli.typed_line.with_options(&["--pipepart"]);
        return Err(Error::new(format!(
            "--pipe reads standard input, and not '{}'",
            file.display()
        ))
        .hint(hint));
    }
    if cli.sources.is_empty() {
        let arity = usize::from(cli.blocks.cat || cli.blocks.fifo);
        let shape = RowShape {
            has_stdin: arity == 0,
            ..RowShape::of(arity)
        };
        return Ok((Rows::numbered(Vec::new()), shape));
    }
    if cli.sources.iter().any(|source| source.origin.is_stdin()) {
        return Err(
            Error::new("standard input cannot be both the values and the blocks")
                .hint("values can be in a file: prun --pipe --tee COMMAND :::: FILE"),
        );
    }
    let blocks = &mut cli.blocks;
    blocks.tee |= !blocks.are_dealt() && !cli.template.gnu;
    let sources = std::mem::take(&mut cli.sources);
    let arity = sources.len();
    let rows = crate::input::open(InputOptions {
        sources,
        link: cli.input.link,
        max_record: input::max_record(cli),
        ..InputOptions::default()
    })?;
    let shape = RowShape {
        needs_placeholder: cli.template.gnu,
        has_stdin: true,
        ..RowShape::of(arity)
    };
    Ok((rows, shape))
}

fn check_stdin(cli: &Cli, host: &Host, notices: &mut Vec<String>) -> Result<()> {
    if cli.blocks.pipepart {
        return Ok(());
    }
    if !startup::was_open(0) {
        return Err(Error::new("standard input is closed").hint("--pipepart -a FILE reads a file"));
    }
    if host.stdin.is_terminal() {
        notices.push("prun: reading input from the terminal".to_owned());
    }
    Ok(())
}

/// Files that are read instead of standard input (`:::: FILE`).
fn data_files(sources: impl Iterator<Item = InputSource>) -> Result<Vec<PathBuf>> {
    sources
        .map(|source| match source.origin {
            SourceOrigin::File(path) => Ok(path),
            SourceOrigin::Arguments(_) | SourceOrigin::Stdin => Err(Error::new(
                "--pipepart and values cannot go together: each job gets its part of a file",
            )
            .hint("prun --pipe --tee COMMAND ::: VALUE... <FILE gives each value's job all of it")),
        })
        .collect()
}

/// So many values are read to tell how many there are, though fewer jobs can run.
const MANY_VALUES: usize = 10_000;

/// Number of slots: the jobs of values that share the input run at once.
///
/// # Errors
/// `-j`, the values of `--slot-env` or the limit of open files are below that.
pub(super) fn slots(cli: &Cli, setup: &SlotSetup, rows: &mut Rows) -> Result<usize> {
    let (slots, descriptors) = (setup.count, setup.descriptors);
    if !cli.blocks.are_made() || !cli.blocks.tee && rows.total() == Some(0) {
        return Ok(slots);
    }
    let most = slots_file::fit(MOST, descriptors).possible;
    let most = if is_value_of_block(cli) {
        usize::MAX
    } else {
        most.max(MANY_VALUES).saturating_add(1)
    };
    let jobs = rows.read_ahead(most)?.max(1);
    if jobs <= slots || is_value_of_block(cli) {
        return Ok(slots);
    }
    let SlotCapacity { possible, limit } = slots_file::fit(jobs, descriptors);
    if possible < jobs {
        return Err(Error::new(format!(
            "cannot run all {jobs} jobs at once: only {limit} files can be open"
        ))
        .hint(format!("ulimit -n {}", descriptors.wanted(jobs))));
    }
    if let Some(bound) = &setup.bound {
        let problem = format!(
            "jobs that share the input run at once: {jobs} of them, and {} has {} values",
            bound.owner, bound.most
        );
        return Err(Error::new(problem).hint(format!("give it {jobs} values, or leave it out")));
    }
    if cli.running.jobs.is_some() {
        return Err(Error::new(format!(
            "jobs that share the input run at once: {jobs} of them, and {slots} may run"
        ))
        .hint(format!("give -j {jobs}, or leave -j out")));
    }
    Ok(jobs)
}

/// In GNU parallel, a value is for the next block or worker, and is left out if there is none.
fn is_value_of_block(cli: &Cli) -> bool {
    let needs_all = cli.blocks.are_streams() && !cli.blocks.round_robin;
    cli.template.gnu && !needs_all
}

/// Number of blocks.
///
/// # Errors
/// It is not known before they are read.
pub(super) fn total(rows: &Rows) -> Result<u64> {
    rows.total().ok_or_else(|| {
        Error::new("the number of blocks is not known before all of the input has been read")
            .hint("--total-jobs N says how many there will be")
    })
}

/// Gives rows their standard input.
///
/// # Errors
/// A file or an option that cannot be used.
pub(super) fn feed(typed: &ParsedCli<'_>, slots: usize, rows: &mut Rows) -> Result<()> {
    let blocks = &typed.cli.blocks;
    let given = rows.take_ahead();
    let source = block_source::source(typed, slots, given.len())?;
    let values = if blocks.cat || blocks.fifo {
        StdinValues::Numbered(path_prefix())
    } else if given.is_empty() {
        StdinValues::Nothing
    } else {
        StdinValues::Given(given)
    };
    rows.make_of_stdin(source, values);
    Ok(())
}

/// File that a job gets instead of a standard input (`--cat`, `--fifo`).
pub(super) fn stdin_file(cli: &Cli) -> Option<StdinFile> {
    match (cli.blocks.cat, cli.blocks.fifo) {
        (true, _) => Some(StdinFile::Regular),
        (false, true) => Some(StdinFile::Fifo),
        (false, false) => None,
    }
}

/// Descriptors that the standard input of a job needs.
pub(super) fn descriptors(cli: &Cli) -> usize {
    match stdin_file(cli) {
        Some(StdinFile::Fifo) => descriptors::FED_BY_FIFO,
        _ if cli.blocks.are_made() => descriptors::FED,
        _ => 0,
    }
}

/// Beginning of the paths of blocks that are files. Nobody else can guess it before the
/// first one is there; each is made by whoever finds none of that name.
fn path_prefix() -> Vec<u8> {
    let name = format!("prun-{}-{:016x}-", std::process::id(), fastrand::u64(..));
    let path = tempfile::env::temp_dir().join(name);
    path.into_os_string().into_encoded_bytes()
}

/// Tells whether one job that does not read holds the others back.
pub(super) fn run_at_once(cli: &Cli) -> bool {
    let is_free = cli.blocks.round_robin && !cli.output.keep_order;
    cli.blocks.are_streams() && !is_free
}
