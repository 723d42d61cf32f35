//! From options to what jobs read (`--pipe`, `--pipepart`): how standard input or files are
//! cut, and how the blocks are dealt.

use std::fs::{self, File};
use std::io;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use regex::bytes::{Regex, RegexBuilder};
use rustix::fs::{SeekFrom, seek};

use super::input;
use super::parsed_cli::ParsedCli;
use super::record_rule::{at_least_one, record_rule};
use crate::blocks::block_reader::{BlockOptions, BlockReader};
use crate::blocks::file_ranges::{FileRanges, RangeLength, RangeOptions};
use crate::blocks::record_cutter::RecordCutter;
use crate::blocks::record_rule::RecordRule;
use crate::blocks::stdin_sequence::StdinSequence;
use crate::cli::Cli;
use crate::cli::options::blocks::BlockSize;
use crate::error::{Error, Result};
use crate::exec::start::stdin_file::StdinFile;
use crate::input::job_stdin::StdinSource;
use crate::input::reader::InputReader;
use crate::input::{InputOptions, InputSource, Rows, SourceOrigin, StdinValues};
use crate::os::host::{FileKind, Host};
use crate::os::startup;
use crate::placeholder::RowShape;
use crate::policy::descriptors;

/// Usual bytes of a block, as GNU parallel has it.
const USUAL: u64 = 1 << 20;

/// Buffers beside those of the jobs that run: one for the next job, one that is being filled.
const SPARE_BUFFERS: usize = 2;

/// Tells whether jobs read blocks.
pub(super) fn are_made(cli: &Cli) -> bool {
    cli.blocks.pipe || cli.blocks.pipepart
}

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
        return Ok((Rows::numbered(Vec::new()), RowShape::of(arity)));
    }
    let sources = std::mem::take(&mut cli.sources);
    let arity = sources.len();
    let rows = crate::input::open(InputOptions {
        sources,
        link: cli.input.link,
        max_record: input::max_record(cli),
        ..InputOptions::default()
    })?;
    Ok((rows, RowShape::of(arity)))
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

/// Tells whether commands are printed that read their parts of a file.
pub(super) fn shows_parts(cli: &Cli) -> bool {
    cli.blocks.pipepart && cli.running.dry_run && cli.output.show_command > 1
}

/// Number of slots: `--tee` runs the jobs of all values at once.
///
/// # Errors
/// `-j` or the limit of open files is below that.
pub(super) fn slots(typed: &ParsedCli<'_>, slots: usize, rows: &mut Rows) -> Result<usize> {
    let cli = typed.cli;
    if !are_made(cli) || !cli.blocks.tee && rows.total() == Some(0) {
        return Ok(slots);
    }
    let jobs = rows.read_ahead(usize::MAX)?.max(1);
    if jobs <= slots {
        return Ok(slots);
    }
    if typed.cli.running.jobs.is_some() {
        return Err(Error::new(format!(
            "--tee runs all jobs at once: {jobs} of them, and {slots} may run"
        ))
        .hint(format!("give -j {jobs}, or leave -j out")));
    }
    Ok(jobs)
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
    let cli = typed.cli;
    let values = if cli.blocks.cat || cli.blocks.fifo {
        StdinValues::Numbered(path_prefix())
    } else {
        match rows.take_ahead() {
            given if given.is_empty() => StdinValues::Nothing,
            given => StdinValues::Given(given),
        }
    };
    rows.make_of_stdin(source(typed, slots)?, values);
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
        _ if cli.blocks.pipe || cli.blocks.pipepart => descriptors::FED,
        _ => 0,
    }
}

/// Beginning of the paths of blocks that are files. Nobody else can guess the rest.
fn path_prefix() -> Vec<u8> {
    let name = format!("prun-{}-{:016x}-", std::process::id(), fastrand::u64(..));
    let path = tempfile::env::temp_dir().join(name);
    path.into_os_string().into_encoded_bytes()
}

fn source(typed: &ParsedCli<'_>, slots: usize) -> Result<Box<dyn StdinSource>> {
    let cli = typed.cli;
    let division = Division::of(typed, slots)?;
    if cli.blocks.pipe {
        return division.stdin(typed.host);
    }
    let files = cli.input.arg_file.iter().map(|path| division.file(path));
    Ok(Box::new(StdinSequence(files.collect::<Result<_>>()?)))
}

/// Division of a stream or a file into blocks.
struct Division<'a> {
    cli: &'a Cli,
    rule: RecordRule,
    /// `-N`
    count: Option<NonZeroUsize>,
    header: Option<Regex>,
    slots: usize,
    /// `--dry-run -vv`
    shows_parts: bool,
}

impl Division<'_> {
    fn of<'a>(typed: &ParsedCli<'a>, slots: usize) -> Result<Division<'a>> {
        let cli = typed.cli;
        Ok(Division {
            cli,
            rule: record_rule(cli, typed.dialect)?,
            count: count(cli)?,
            header: cli.input.header.as_deref().map(header).transpose()?,
            slots,
            shows_parts: shows_parts(cli),
        })
    }

    /// Blocks of standard input, or ranges of a file that is standard input.
    fn stdin(&self, host: &Host) -> Result<Box<dyn StdinSource>> {
        if host.stdin.kind == FileKind::Regular && self.has_ranges() {
            let stdin = rustix::stdio::stdin();
            let unreadable =
                |error: io::Error| Error::new("cannot read standard input").because(&error);
            let at = seek(stdin, SeekFrom::Current(0)).map_err(|error| unreadable(error.into()))?;
            let file = File::from(stdin.try_clone_to_owned().map_err(unreadable)?);
            if self.is_worth_ranges(&file, at).map_err(unreadable)? {
                return Ok(Box::new(FileRanges::new(file, None, at, self.ranges())?));
            }
        }
        let stdin = InputReader::stdin();
        let stdin =
            stdin.map_err(|error| Error::new("cannot read standard input").because(&error))?;
        Ok(Box::new(self.reader(stdin)?))
    }

    /// Ranges of a file, or its blocks if where they end is not known without reading it.
    fn file(&self, path: &Path) -> Result<Box<dyn StdinSource>> {
        let name = format!("'{}'", path.display());
        let unreadable =
            |error: io::Error| Error::new(format!("cannot read {name}")).because(&error);
        let input = InputReader::open(path).map_err(unreadable)?;
        if !fs::metadata(path).map_err(unreadable)?.is_file() {
            return Err(
                Error::new(format!("{name} is no regular file, and has no parts"))
                    .hint("prun --pipe COMMAND <FILE reads it as a stream"),
            );
        }
        let InputReader::File(file) = input else {
            return Ok(Box::new(self.reader(input)?));
        };
        if self.has_ranges() && self.is_worth_ranges(&file, 0).map_err(unreadable)? {
            let ranges = FileRanges::new(file, Some(path), 0, self.ranges())?;
            return Ok(Box::new(ranges));
        }
        Ok(Box::new(self.reader(InputReader::File(file))?))
    }

    /// A border is known by what is around it, and blocks are what is in the file.
    fn has_ranges(&self) -> bool {
        let blocks = &self.cli.blocks;
        self.rule.is_local()
            && self.count.is_none()
            && !blocks.remove_rec_sep
            && blocks.block_timeout.is_none()
    }

    /// The file has more than one block. A small one may be of a kernel's file system, where the
    /// size says nothing.
    fn is_worth_ranges(&self, file: &File, at: u64) -> io::Result<bool> {
        let left = file.metadata()?.len().saturating_sub(at);
        Ok(match self.length() {
            RangeLength::Bytes(size) => left > size || self.shows_parts && left > 0,
            RangeLength::Share(_) => left > 0,
        })
    }

    fn length(&self) -> RangeLength {
        match self.cli.blocks.block {
            Some(BlockSize::Bytes(size)) => RangeLength::Bytes(size.0),
            Some(BlockSize::PerSlot(count)) => {
                RangeLength::Share(count.saturating_mul(self.slots) as u64)
            }
            None => RangeLength::Bytes(USUAL),
        }
    }

    fn ranges(&self) -> RangeOptions {
        RangeOptions {
            length: self.length(),
            rule: self.rule.clone(),
            max_record: input::max_record(self.cli),
            header: self.header.clone(),
        }
    }

    fn reader(&self, input: InputReader) -> Result<BlockReader> {
        let size = match self.length() {
            RangeLength::Bytes(size) => size,
            RangeLength::Share(_) if self.cli.blocks.pipe => {
                return Err(Error::new(
                    "blocks for each slot are made of a file whose size is known",
                )
                .hint("--pipepart -a FILE --block -1 reads a file; --block 10M makes blocks of 10 MiB"));
            }
            RangeLength::Share(_) => USUAL,
        };
        let options = BlockOptions {
            size: usize::try_from(size).unwrap_or(usize::MAX),
            max_record: input::max_record(self.cli),
            header: self.header.clone(),
            timeout: self.cli.blocks.block_timeout,
            buffers: self.slots.saturating_add(SPARE_BUFFERS),
        };
        let cutter = if self.cli.blocks.remove_rec_sep {
            RecordCutter::removing(self.rule.clone(), self.count)
        } else {
            RecordCutter::new(self.rule.clone(), self.count)
        };
        Ok(BlockReader::new(input, cutter, options))
    }
}

/// Records of a block, if it has a fixed number of them.
fn count(cli: &Cli) -> Result<Option<NonZeroUsize>> {
    let count = cli.input.max_replace_args.or(cli.input.max_args);
    count.map(|count| at_least_one("-N", count)).transpose()
}

/// Regular expression over bytes.
fn regex(text: &[u8]) -> Result<Regex> {
    let text = String::from_utf8_lossy(text);
    RegexBuilder::new(&text)
        .unicode(false)
        .build()
        .map_err(|error| {
            Error::new(format!("'{text}' is not a regular expression")).hint(error.to_string())
        })
}

/// The header at the beginning of the input: one line (`:`), so many lines, or what a regular
/// expression matches.
fn header(text: &str) -> Result<Regex> {
    let lines = match text {
        ":" => Some(1),
        number => number.parse::<u32>().ok(),
    };
    match lines {
        Some(lines) => regex(format!(r"\A(?:[^\n]*(?:\n|\z)){{{lines}}}").as_bytes()),
        None => regex(format!(r"\A(?:{text})").as_bytes()),
    }
}
