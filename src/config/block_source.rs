//! From options to the source of what jobs read: standard input or files, how they are cut, and
//! to which jobs the blocks go.

use std::fs::{self, File};
use std::io;
use std::num::{NonZeroU32, NonZeroUsize};
use std::path::Path;

use rustix::fs::{SeekFrom, seek};

use super::input;
use super::parsed_cli::ParsedCli;
use super::record_rule::{at_least_one, column_key, record_rule};
use crate::blocks::block_reader::{BlockOptions, BlockReader};
use crate::blocks::distributor::{DistributionMode, DistributionOptions, SharedStreams};
use crate::blocks::file_ranges::{FileRanges, RangeLength, RangeOptions};
use crate::blocks::header::HeaderRule;
use crate::blocks::input_name::InputName;
use crate::blocks::record_cutter::RecordCutter;
use crate::blocks::record_pattern::RecordPattern;
use crate::blocks::record_rule::RecordRule;
use crate::blocks::stdin_sequence::{NoStdin, StdinSequence};
use crate::cli::Cli;
use crate::cli::options::blocks::BlockSize;
use crate::error::{Error, Result};
use crate::input::job_stdin::StdinSource;
use crate::input::reader::InputReader;
use crate::os::host::{FileKind, Host};
use crate::placeholder::CommandDialect;

/// Usual bytes of a block, as GNU parallel has it.
const USUAL: u64 = 1 << 20;

/// Buffers beside those of the jobs that run: one for the next job, one that is being filled.
const SPARE_BUFFERS: usize = 2;

/// `--header :`
const FIRST_LINE: &str = ":";

/// Tells whether commands are printed that read their parts of a file.
pub(super) fn shows_parts(cli: &Cli) -> bool {
    cli.blocks.pipepart && cli.running.dry_run && cli.output.show_command > 1
}

/// What jobs read, of which `values` have a value each.
pub(super) fn source(
    typed: &ParsedCli<'_>,
    slots: usize,
    values: usize,
) -> Result<Box<dyn StdinSource>> {
    let cli = typed.cli;
    if let Some((mode, workers)) = distribution(typed, slots, values)? {
        let starts_with_block = values == 0 && matches!(mode, DistributionMode::RoundRobin { .. });
        if cli.running.dry_run {
            return Ok(Box::new(NoStdin {
                jobs: 0..workers as u64,
                is_total: !starts_with_block,
            }));
        }
        let division = Division::of(typed, workers)?;
        return division.streams(mode, workers, starts_with_block);
    }
    let division = Division::of(typed, slots)?;
    if cli.blocks.pipe {
        return division.stdin(typed.host);
    }
    let files = cli.input.arg_file.iter().map(|path| division.file(path));
    Ok(Box::new(StdinSequence(files.collect::<Result<_>>()?)))
}

/// Choice of the jobs that get a block if they run all the time, and the number of these.
fn distribution(
    typed: &ParsedCli<'_>,
    slots: usize,
    values: usize,
) -> Result<Option<(DistributionMode, usize)>> {
    let (cli, blocks) = (typed.cli, &typed.cli.blocks);
    let key = |option, text| column_key(cli, typed.dialect, option, text);
    let workers = if values > 0 && typed.dialect == CommandDialect::Own {
        values
    } else {
        slots
    };
    Ok(if blocks.tee {
        Some((DistributionMode::Tee, values.max(1)))
    } else if blocks.round_robin {
        let is_ordered = cli.output.keep_order;
        Some((DistributionMode::RoundRobin { is_ordered }, workers))
    } else if let Some(column) = &blocks.shard {
        Some((DistributionMode::Shard(key("--shard", column)?), workers))
    } else if let Some(column) = &blocks.bin {
        Some((DistributionMode::Bin(key("--bin", column)?), workers))
    } else {
        None
    })
}

/// Division of a stream or a file into blocks.
struct Division<'a> {
    cli: &'a Cli,
    rule: RecordRule,
    /// `-N`
    count: Option<NonZeroUsize>,
    header: Option<HeaderRule>,
    slots: usize,
    /// `--dry-run -vv`
    shows_parts: bool,
}

impl Division<'_> {
    fn of<'a>(typed: &ParsedCli<'a>, slots: usize) -> Result<Division<'a>> {
        let cli = typed.cli;
        let rule = record_rule(cli, typed.dialect)?;
        let first_line = rule.needs_header().then_some(FIRST_LINE);
        let typed_header = cli.input.header.as_deref();
        Ok(Division {
            cli,
            count: count(cli)?,
            header: match typed_header.or(first_line) {
                Some(text) => Some(header(text, &rule)?),
                None => None,
            },
            rule,
            slots,
            shows_parts: shows_parts(cli),
        })
    }

    /// Streams of jobs that run all the time. A header that only names the column of the key
    /// is for none of them, as with GNU parallel.
    fn streams(
        mut self,
        mode: DistributionMode,
        workers: usize,
        starts_with_block: bool,
    ) -> Result<Box<dyn StdinSource>> {
        let (input, name) = match &self.cli.input.arg_file[..] {
            [] => (InputReader::stdin(), InputName(None)),
            [path] => (InputReader::open(path), InputName::file(path)),
            _ => {
                return Err(Error::new("several files cannot be dealt to the same jobs")
                    .hint("cat FILE... | prun --pipe ... reads one after the other"));
            }
        };
        let input = input.map_err(|error| name.unreadable(&error))?;
        let left = match &input {
            InputReader::File(file) => bytes_after(file, 0).ok().filter(|&left| left > 0),
            _ => None,
        };
        let passes_header = self.header.is_some();
        if let Some(key) = mode.key() {
            // Records are copied out of one buffer, and then it is free.
            self.slots = 1;
            if key.needs_header() && !passes_header {
                self.header = Some(header(FIRST_LINE, &self.rule)?);
            }
        }
        let reader = self.reader(input, name, left)?;
        let count = u32::try_from(workers).ok().and_then(NonZeroU32::new);
        let options = DistributionOptions {
            mode,
            workers: count.unwrap_or(NonZeroU32::MAX),
            block_size: reader.block_size(),
            passes_header,
            starts_with_block,
        };
        Ok(Box::new(SharedStreams::new(reader, options)?))
    }

    /// Blocks of standard input, or ranges of a file that is standard input.
    fn stdin(&self, host: &Host) -> Result<Box<dyn StdinSource>> {
        let name = InputName(None);
        let unreadable = |error: io::Error| name.unreadable(&error);
        let mut left = None;
        if host.stdin.kind == FileKind::Regular {
            let stdin = rustix::stdio::stdin();
            let at = seek(stdin, SeekFrom::Current(0)).map_err(|error| unreadable(error.into()))?;
            let file = File::from(stdin.try_clone_to_owned().map_err(unreadable)?);
            let bytes = bytes_after(&file, at).map_err(unreadable)?;
            if self.has_ranges(bytes) {
                let ranges = FileRanges::new(file, name.clone(), at, self.ranges())?;
                return Ok(Box::new(ranges));
            }
            left = Some(bytes);
        }
        let stdin = InputReader::stdin().map_err(unreadable)?;
        Ok(Box::new(self.reader(stdin, name.clone(), left)?))
    }

    /// Ranges of a file, or its blocks if where they end is not known without reading it.
    fn file(&self, path: &Path) -> Result<Box<dyn StdinSource>> {
        let name = InputName::file(path);
        let unreadable = |error: io::Error| name.unreadable(&error);
        // To open a FIFO would wait for whoever writes to it.
        if !fs::metadata(path).map_err(unreadable)?.is_file() {
            return Err(
                Error::new(format!("{name} is no regular file, and has no parts"))
                    .hint("prun --pipe COMMAND <FILE reads it as a stream"),
            );
        }
        let file = File::open(path).map_err(unreadable)?;
        let bytes = bytes_after(&file, 0).map_err(unreadable)?;
        if self.has_ranges(bytes) {
            let ranges = FileRanges::new(file, name.clone(), 0, self.ranges())?;
            return Ok(Box::new(ranges));
        }
        let file = InputReader::File(file);
        Ok(Box::new(self.reader(file, name.clone(), Some(bytes))?))
    }

    /// Tells whether jobs read ranges of a file that has so many bytes left: a border is known by
    /// what is around it, blocks are what is in the file, and there is more than one of them. A
    /// small file may be of a kernel's file system, where the size says nothing.
    fn has_ranges(&self, left: u64) -> bool {
        let blocks = &self.cli.blocks;
        self.rule.is_local()
            && self.count.is_none()
            && !blocks.remove_rec_sep
            && blocks.block_timeout.is_none()
            && match self.length() {
                RangeLength::Bytes(size) => left > size || self.shows_parts && left > 0,
                RangeLength::Share(_) => left > 0,
            }
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

    /// Reader of an input that has so many bytes `left`, as far as is known.
    fn reader(
        &self,
        input: InputReader,
        name: InputName,
        left: Option<u64>,
    ) -> Result<BlockReader> {
        let size = match (self.length(), left) {
            (RangeLength::Bytes(size), _) => size,
            (RangeLength::Share(count), Some(left)) => left.div_ceil(count).max(1),
            (RangeLength::Share(_), None) => {
                return Err(Error::new(
                    "blocks for each slot are made of a file whose size is known",
                )
                .hint("--pipepart -a FILE --block -1 reads a file; --block 10M makes blocks of 10 MiB"));
            }
        };
        let options = BlockOptions {
            name,
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

/// Bytes of a file from `at` on.
fn bytes_after(file: &File, at: u64) -> io::Result<u64> {
    Ok(file.metadata()?.len().saturating_sub(at))
}

/// Records of a block, if it has a fixed number of them.
fn count(cli: &Cli) -> Result<Option<NonZeroUsize>> {
    let few = cli.input.max_args.map(|count| ("-n", count));
    let count = cli
        .input
        .max_replace_args
        .map(|count| ("-N", count))
        .or(few);
    count
        .map(|(option, count)| at_least_one(option, count))
        .transpose()
}

/// The header at the beginning of the input: one line (`:`), so many lines, or what a regular
/// expression matches.
fn header(text: &str, rule: &RecordRule) -> Result<HeaderRule> {
    let count = match text {
        FIRST_LINE => Some(1),
        number => number.parse().ok(),
    };
    if let Some(count) = count {
        let csv = rule.csv_delimiter();
        return Ok(HeaderRule::Lines { count, csv });
    }
    let pattern = RecordPattern::prefix(text).map_err(|reason| {
        Error::new(format!("'{text}' is not a regular expression")).hint(reason)
    })?;
    Ok(HeaderRule::Pattern(pattern))
}
