//! A stream as blocks, each for one job.

#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::num::NonZeroUsize;
use std::ops::Range;
use std::os::fd::AsFd;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;

use super::header::{HeaderRule, HeaderScan};
use super::input_name::{BoundedPart, InputName};
use super::record_cutter::{RecordCutter, StreamState};
use crate::error::{Error, Result};
use crate::input::JobStdin;
use crate::input::block::{Block, BlockBuffer, BlockBuffers};
use crate::input::job_stdin::StdinSource;
use crate::input::reader::InputReader;
use crate::os::pipe::enlarge_most;

/// Bytes to read at once, where blocks are shorter.
const READ_SIZE: usize = 64 << 10;

/// Bytes of a buffer that is made before there is anything to fill it with. Larger ones grow
/// with what is in them.
const MOST_RESERVED: usize = 64 << 20;

/// Blocks of one buffer whose separators are removed before the first of them is given.
const PREPARED_BLOCKS: usize = 16 << 10;

/// Division of a stream into blocks.
#[derive(Debug)]
pub(crate) struct BlockOptions {
    pub name: InputName,
    /// Bytes of a block (`--block`). A block with a longer record is longer; with `-N` it has
    /// its records, whatever their length.
    pub size: usize,
    /// Bytes that a longer block may have (`--max-record`).
    pub max_record: usize,
    /// The text at the beginning of the stream that comes before every block (`--header`).
    pub header: Option<HeaderRule>,
    /// Time after which a block is cut that is not full (`--block-timeout`).
    pub timeout: Option<Duration>,
    /// Buffers at once.
    pub buffers: usize,
}

/// Reads a stream and cuts it.
#[derive(Debug)]
pub(crate) struct BlockReader {
    input: InputReader,
    options: BlockOptions,
    cutter: RecordCutter,
    buffers: Arc<BlockBuffers>,
    /// Search for the header, if that is not yet found.
    header_scan: Option<HeaderScan>,
    header: Option<Arc<[u8]>>,
    /// Buffer that is being divided.
    divided: Option<DividedBuffer>,
    /// Error of the block after those that are cut.
    failure: Option<Error>,
    has_ended: bool,
}

#[derive(Debug)]
struct DividedBuffer {
    buffer: Arc<BlockBuffer>,
    /// Bytes of all blocks that are cut.
    given: usize,
    /// Blocks that are cut, and without their separators if these are removed.
    prepared: VecDeque<Range<usize>>,
}

impl BlockReader {
    pub(crate) fn new(input: InputReader, cutter: RecordCutter, options: BlockOptions) -> Self {
        enlarge_most(input.as_fd());
        BlockReader {
            input,
            cutter,
            buffers: BlockBuffers::new(options.buffers),
            header_scan: options.header.as_ref().map(HeaderScan::new),
            header: None,
            divided: None,
            failure: None,
            has_ended: false,
            options,
        }
    }

    /// Bytes of a block.
    pub(crate) fn block_size(&self) -> usize {
        self.options.size
    }

    /// Waits for the next block; `None` at the end of the stream.
    ///
    /// # Errors
    /// The stream cannot be read, or a record is longer than it may be.
    pub(crate) fn next_block(&mut self) -> Result<Option<Block>> {
        if let Some(block) = self.next_of_divided()? {
            return Ok(Some(block));
        }
        if self.is_at_end() {
            // Those who wait for the end may have all buffers.
            return Ok(None);
        }
        let mut buffer = self.buffers.take();
        let usual = self.usual_target().max(READ_SIZE);
        buffer.bytes.shrink_to(usual);
        buffer.bytes.reserve_exact(usual.min(MOST_RESERVED));
        if let Some(divided) = self.divided.take() {
            let rest = &divided.buffer.bytes[divided.given..];
            buffer.bytes.extend_from_slice(rest);
        }
        let Some(length) = self.fill(&mut buffer)? else {
            return Ok(None);
        };
        let divided = if self.cutter.removes_separators() {
            self.prepare(buffer, length)
        } else {
            DividedBuffer {
                buffer: buffer.share(),
                given: length,
                prepared: std::iter::once(0..length).collect(),
            }
        };
        self.divided = Some(divided);
        self.next_of_divided()
    }

    fn block(&self, buffer: &Arc<BlockBuffer>, range: Range<usize>) -> Block {
        let block = Block::new(buffer, range);
        match &self.header {
            Some(header) => block.headed(header),
            None => block,
        }
    }

    /// Next block of those that are cut. The one after it is cut ahead, to tell whether it is
    /// there.
    fn next_of_divided(&mut self) -> Result<Option<Block>> {
        let Some(mut divided) = self.divided.take() else {
            return Ok(None);
        };
        let range = divided.prepared.pop_front();
        if range.is_some() && divided.prepared.is_empty() && !self.cutter.removes_separators() {
            let start = divided.given;
            if let Some(length) = self.cut_ahead(&divided.buffer.bytes[start..]) {
                divided.given += length;
                divided.prepared.push_back(start..divided.given);
            }
        }
        let block = range.map(|range| self.block(&divided.buffer, range));
        self.divided = Some(divided);
        match self.failure.take_if(|_| block.is_none()) {
            Some(error) => Err(error),
            None => Ok(block),
        }
    }

    /// Length of the block after those that are cut, if it is there. An error is kept for
    /// whoever asks for that block.
    fn cut_ahead(&mut self, bytes: &[u8]) -> Option<usize> {
        let length = self.cut(bytes, self.state());
        length.unwrap_or_else(|error| {
            self.failure = Some(error);
            None
        })
    }

    /// All blocks have been given, up to the end of the stream.
    fn is_at_end(&self) -> bool {
        let is_given = |divided: &DividedBuffer| {
            divided.prepared.is_empty() && divided.given == divided.buffer.bytes.len()
        };
        self.has_ended && self.failure.is_none() && self.divided.as_ref().is_none_or(is_given)
    }

    /// Removes the separators of the first block and of those that can be cut after it. Later
    /// the buffer is shared and cannot be changed.
    fn prepare(&mut self, mut buffer: BlockBuffer, length: usize) -> DividedBuffer {
        let mut prepared = VecDeque::new();
        let mut given = 0;
        let mut next = Some(length);
        while let Some(length) = next {
            let block = &mut buffer.bytes[given..given + length];
            let kept = self.cutter.remove_separators(block);
            prepared.push_back(given..given + kept);
            given += length;
            next = if prepared.len() < PREPARED_BLOCKS {
                self.cut_ahead(&buffer.bytes[given..])
            } else {
                None
            };
        }
        DividedBuffer {
            buffer: buffer.share(),
            given,
            prepared,
        }
    }

    /// Reads until a block can be cut, and returns its length; `None` at the end.
    fn fill(&mut self, buffer: &mut BlockBuffer) -> Result<Option<usize>> {
        let mut target = self.usual_target();
        let mut deadline = None;
        loop {
            let bytes = &mut buffer.bytes;
            let timed_out = !self.has_ended
                && bytes.len() < target
                && !self.read_some(bytes, target, &mut deadline)?;
            if self.header_scan.is_some() {
                if !self.take_header(bytes)? {
                    target = self.longer(bytes.len(), target)?;
                    continue;
                }
                // What the header needed is not for the first block.
                target = self.usual_target();
            }
            let is_full = bytes.len() >= target;
            if !(is_full || self.has_ended || timed_out || self.cutter.counts()) {
                continue;
            }
            let state = if timed_out {
                StreamState::Stalled
            } else {
                self.state()
            };
            let length = self.cut(bytes, state)?;
            if length.is_some() || self.has_ended {
                return Ok(length);
            }
            target = self.longer(bytes.len(), target)?;
        }
    }

    fn state(&self) -> StreamState {
        if self.has_ended {
            StreamState::Ended
        } else {
            StreamState::Open
        }
    }

    /// Length of the block at the beginning of these bytes.
    fn cut(&mut self, bytes: &[u8], state: StreamState) -> Result<Option<usize>> {
        let length = self.cutter.cut(bytes, self.options.size, state);
        self.cutter.check()?;
        match length.map(NonZeroUsize::get) {
            Some(length) if length > self.longest() => Err(self.too_long()),
            length => Ok(length),
        }
    }

    /// Bytes that tell where a block ends, if no record is longer than a block.
    fn usual_target(&self) -> usize {
        self.options
            .size
            .max(1)
            .saturating_add(self.cutter.lookahead())
    }

    fn longest(&self) -> usize {
        self.options.max_record.max(self.options.size).max(1)
    }

    /// Target for a block that has no border in `length` bytes.
    fn longer(&self, length: usize, target: usize) -> Result<usize> {
        if length < target {
            return Ok(target);
        }
        let longest = self.longest().saturating_add(self.cutter.lookahead());
        if length > longest {
            return Err(self.too_long());
        }
        Ok(target.saturating_mul(2).min(longest.saturating_add(1)))
    }

    fn too_long(&self) -> Error {
        let part = if self.header_scan.is_some() {
            BoundedPart::Header
        } else if self.cutter.counts() {
            BoundedPart::Block
        } else {
            BoundedPart::Record
        };
        self.options.name.too_long(part, self.longest() as u64)
    }

    /// Reads once. Returns `false` when the time of an unfinished block is over.
    fn read_some(
        &mut self,
        bytes: &mut Vec<u8>,
        target: usize,
        deadline: &mut Option<Instant>,
    ) -> Result<bool> {
        if let Some(timeout) = self.options.timeout {
            let is_empty = bytes.is_empty();
            let due = *deadline.get_or_insert_with(|| Instant::now() + timeout);
            if !self.is_readable_by((!is_empty).then_some(due))? {
                *deadline = None;
                return Ok(false);
            }
            if is_empty {
                *deadline = Some(Instant::now() + timeout);
            }
        }
        if bytes.capacity() < target && bytes.len() == bytes.capacity() {
            bytes.reserve_exact(bytes.len().max(READ_SIZE).min(target - bytes.len()));
        }
        let count = self.input.append_some(bytes);
        let count = count.map_err(|error| self.options.name.unreadable(&error))?;
        self.has_ended = count == 0;
        Ok(true)
    }

    fn is_readable_by(&self, due: Option<Instant>) -> Result<bool> {
        let mut fds = [PollFd::new(&self.input, PollFlags::IN)];
        loop {
            let wait = due.map(|due| due.saturating_duration_since(Instant::now()));
            let wait = wait.and_then(|wait| Timespec::try_from(wait).ok());
            match poll(&mut fds, wait.as_ref()) {
                Ok(count) => return Ok(count > 0),
                Err(Errno::INTR) => {}
                Err(error) => return Err(self.options.name.unreadable(&error.into())),
            }
        }
    }

    /// Takes the header off the beginning of the stream. Returns `false` if it may be longer
    /// than the bytes that are there.
    fn take_header(&mut self, bytes: &mut Vec<u8>) -> Result<bool> {
        let Some(scan) = &mut self.header_scan else {
            return Ok(true);
        };
        let Some(length) = scan.length(bytes, self.has_ended) else {
            return Ok(false);
        };
        self.cutter.take_header(&bytes[..length])?;
        self.header = Some(bytes[..length].into());
        bytes.drain(..length);
        self.header_scan = None;
        Ok(true)
    }
}

impl StdinSource for BlockReader {
    fn next(&mut self) -> Result<Option<JobStdin>> {
        Ok(self.next_block()?.map(JobStdin::Block))
    }

    fn is_ready(&self) -> bool {
        let has_cut = |divided: &DividedBuffer| !divided.prepared.is_empty();
        self.divided.as_ref().is_some_and(has_cut) || self.failure.is_some() || self.is_at_end()
    }
}
