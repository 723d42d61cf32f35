//! Division of standard input, or of a file, into blocks that jobs read.

// Placeholders look like HTML to rustdoc.
#![allow(rustdoc::invalid_html_tags)]

use std::ffi::OsString;
use std::time::Duration;

use clap::Args;
use clap::builder::{OsStringValueParser, TypedValueParser};

use crate::error::Error;
use crate::input::delimiter;
use crate::policy::duration;
use crate::policy::memory::{self, MemorySize};

#[derive(Debug, Clone, PartialEq, Default, Args)]
#[group(skip)]
#[command(next_help_heading = "Blocks of input")]
pub(crate) struct BlockArgs {
    /// Cut standard input into blocks, and give each job one
    ///
    /// A block is up to 1 MiB long and ends with a whole line: see --block, --recend and
    /// --recstart. A command needs no placeholder. <#> is the number of the block. A job that ends
    /// before it has read its block is no error. Each job keeps its block until it has succeeded,
    /// so that --retries can give it the block again. With values, as in --pipe --tee 'grep <>'
    /// ::: a b, each value's job reads the whole input.
    #[arg(long)]
    pub pipe: bool,

    /// Like --pipe, for a file given by -a FILE or :::: FILE
    ///
    /// Each job reads its part of the file. More than one file may be given; no part belongs to two
    /// files. With --dry-run -vv, prun prints commands that read their parts.
    #[arg(long)]
    pub pipepart: bool,

    /// Make blocks of up to SIZE bytes (default 1M)
    ///
    /// 10k is 10 000 bytes and 10K is 10 240 bytes. A block is longer if its first record is. With
    /// --pipepart, -2 makes two blocks of equal size for each slot.
    #[arg(
        long,
        value_name = "SIZE",
        allow_hyphen_values = true,
        value_parser = OsStringValueParser::new().try_map(block_size)
    )]
    pub block: Option<BlockSize>,

    /// Records end with S (default \n)
    ///
    /// S is any text. The escapes \n \t \0 and \x2c are understood. With an empty S, blocks can end
    /// anywhere. With --recstart as well, a record ends only where S is followed by the start of
    /// another one.
    #[arg(long, value_name = "S", allow_hyphen_values = true)]
    pub recend: Option<OsString>,

    /// Records start with S
    ///
    /// --recstart '>' is for FASTA.
    #[arg(long, value_name = "S", allow_hyphen_values = true)]
    pub recstart: Option<OsString>,

    /// --recend and --recstart are regular expressions
    #[arg(long)]
    pub regexp: bool,

    /// Remove --recend and --recstart from the blocks
    #[arg(long)]
    pub remove_rec_sep: bool,

    /// Run one job per slot, and deal blocks to all of them
    ///
    /// A job starts when there is a block for it, and each block goes to whichever job can take
    /// one; with --keep-order, they are dealt in turn. A job that ends while there are blocks for
    /// it is an error. With values, there is one job for each of them, and all run at once:
    /// prun --pipe --round-robin 'gzip >part<>.gz' ::: 1 2 3
    #[arg(long)]
    pub round_robin: bool,

    /// Give each job all of the input
    ///
    /// All jobs run at once: prun --pipe --tee 'grep -c <>' ::: a b c
    #[arg(long)]
    pub tee: bool,

    /// Deal records by column COL, to one job per slot
    ///
    /// All records with the same value in that column go to the same job.
    /// COL is a number, or a name in the first line, which goes to no job unless --header : is
    /// given. Columns are separated by tabs unless --colsep or --csv says otherwise. An expression
    /// may follow, as in '2 $_ %= 10'.
    #[arg(long, value_name = "COL")]
    pub shard: Option<String>,

    /// Like --shard, but the number in column COL says to which
    ///
    /// 1 is the first job. Numbers above the number of jobs start again from the first.
    #[arg(long, value_name = "COL")]
    pub bin: Option<String>,

    /// Keep records with the same column COL in one block
    ///
    /// The input has to be sorted by that column. With -N1, each job gets one group.
    #[arg(long, value_name = "COL")]
    pub group_by: Option<String>,

    /// Put the block into a temporary file; <> is its name
    #[arg(long)]
    pub cat: bool,

    /// Like --cat, with a named pipe instead of a file
    #[arg(long)]
    pub fifo: bool,

    /// Start a job after TIME even if its block is not full
    #[arg(long, value_name = "TIME", value_parser = block_time)]
    pub block_timeout: Option<Duration>,
}

impl BlockArgs {
    /// Tells whether jobs read blocks.
    pub(crate) fn are_made(&self) -> bool {
        self.pipe || self.pipepart
    }

    /// Tells whether jobs read as long as there is input, each a part of it.
    pub(crate) fn are_dealt(&self) -> bool {
        self.round_robin || self.shard.is_some() || self.bin.is_some()
    }

    /// Tells whether jobs read as long as there is input.
    pub(crate) fn are_streams(&self) -> bool {
        self.tee || self.are_dealt()
    }

    /// Sets `pipe` where an option makes no sense without it, unless a file is read. GNU parallel
    /// ignores `--round-robin` then: its clients leave it to their callers to give `--pipe`.
    pub(crate) fn imply_pipe(&mut self, gnu: bool) {
        self.round_robin &= !gnu || self.pipe || self.pipepart;
        self.pipe |= self.are_streams() || self.cat || self.fifo || self.group_by.is_some();
        self.pipe &= !self.pipepart;
    }
}

/// `--block SIZE`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BlockSize {
    Bytes(MemorySize),
    /// `-2`: so many blocks of a file for each slot.
    PerSlot(usize),
}

fn block_size(text: OsString) -> Result<BlockSize, Error> {
    let shown = text.to_string_lossy();
    let size = match shown.strip_prefix('-') {
        Some(number) => number.parse().ok().map(BlockSize::PerSlot),
        None => memory::bytes(&shown).map(|bytes| BlockSize::Bytes(MemorySize(bytes))),
    };
    let is_positive = |size: &BlockSize| {
        !matches!(
            size,
            BlockSize::Bytes(MemorySize(0)) | BlockSize::PerSlot(0)
        )
    };
    size.filter(is_positive).ok_or_else(|| {
        Error::new(format!("'{shown}' is not the size of a block"))
            .hint("--block 10M is 10 MiB; --pipepart --block -2 makes two blocks for each slot")
    })
}

fn block_time(text: &str) -> Result<Duration, Error> {
    duration::parse(text)
}

/// Text of a separator with the escapes that `-d` knows; it may be empty.
///
/// # Errors
/// An escape that does not exist.
pub(crate) fn separator(text: &[u8]) -> Result<Vec<u8>, Error> {
    match text {
        b"" => Ok(Vec::new()),
        text => delimiter::parse(text),
    }
}
