//! A stream as blocks, each for one job.

use std::os::fd::AsFd;
use std::sync::Arc;
use std::time::{Duration, Instant};

use regex::bytes::Regex;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;

use super::record_cutter::RecordCutter;
use crate::error::{Error, Result};
use crate::input::JobStdin;
use crate::input::block::{Block, BlockBuffer, BlockBuffers};
use crate::input::job_stdin::StdinSource;
use crate::input::reader::InputReader;
use crate::os::pipe::enlarge_most;

/// Division of a stream into blocks.
#[derive(Debug)]
pub(crate) struct BlockOptions {
    /// Bytes of a block (`--block`). A block with a longer record is longer; with `-N` it has
    /// its records, whatever their length.
    pub size: usize,
    /// Bytes that a longer block may have.
    pub max_record: usize,
    /// The text at the beginning of the stream that comes before every block (`--header`).
    pub header: Option<Regex>,
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
    header: Option<Arc<[u8]>>,
    /// Buffer that is being divided, the next block in it, and the rest after that.
    divided: Option<DividedBuffer>,
    has_ended: bool,
}

#[derive(Debug)]
struct DividedBuffer {
    buffer: Arc<BlockBuffer>,
    /// Bytes that belong to blocks already.
    given: usize,
}

impl BlockReader {
    pub(crate) fn new(input: InputReader, cutter: RecordCutter, options: BlockOptions) -> Self {
        enlarge_most(input.as_fd());
        BlockReader {
            input,
            cutter,
            buffers: BlockBuffers::new(options.buffers),
            header: None,
            divided: None,
            has_ended: false,
            options,
        }
    }

    /// Waits for the next block; `None` at the end of the stream.
    ///
    /// # Errors
    /// The stream cannot be read, or a record is longer than it may be.
    pub(crate) fn next_block(&mut self) -> Result<Option<Block>> {
        if let Some(block) = self.next_of_divided() {
            return Ok(Some(block));
        }
        let mut buffer = self.buffers.take();
        if let Some(divided) = self.divided.take() {
            let rest = &divided.buffer.bytes[divided.given..];
            buffer.bytes.reserve(self.options.size.max(rest.len()));
            buffer.bytes.extend_from_slice(rest);
        }
        let Some(length) = self.fill(&mut buffer)? else {
            return Ok(None);
        };
        let buffer = buffer.share();
        let block = self.block(&buffer, 0, length);
        self.divided = Some(DividedBuffer {
            buffer,
            given: length,
        });
        Ok(Some(block))
    }

    /// Tells whether [`BlockReader::next_block`] has what it needs.
    pub(crate) fn is_at_end(&self) -> bool {
        let rest = |divided: &DividedBuffer| divided.buffer.bytes.len() - divided.given;
        self.has_ended && self.divided.as_ref().map_or(0, rest) == 0
    }

    fn block(&self, buffer: &Arc<BlockBuffer>, start: usize, length: usize) -> Block {
        let block = Block::new(buffer, start..start + length);
        match &self.header {
            Some(header) => block.headed(header),
            None => block,
        }
    }

    /// Next block of the bytes that were read before.
    fn next_of_divided(&mut self) -> Option<Block> {
        let divided = self.divided.as_mut()?;
        let bytes = &divided.buffer.bytes[divided.given..];
        let length = self.cutter.cut(bytes, self.has_ended)?.get();
        let start = divided.given;
        divided.given += length;
        let buffer = Arc::clone(&divided.buffer);
        Some(self.block(&buffer, start, length))
    }

    /// Reads until a block can be cut, and returns its length; `None` at the end.
    fn fill(&mut self, buffer: &mut BlockBuffer) -> Result<Option<usize>> {
        let mut target = self.options.size.max(1);
        let mut deadline = None;
        loop {
            let bytes = &mut buffer.bytes;
            let timed_out = !self.has_ended
                && bytes.len() < target
                && !self.read_some(bytes, target, &mut deadline)?;
            if self.options.header.is_some() && !self.take_header(bytes) {
                target = self.longer(bytes.len(), target)?;
                continue;
            }
            let is_full = bytes.len() >= target;
            if !(is_full || self.has_ended || timed_out || self.cutter.counts()) {
                continue;
            }
            if let Some(length) = self.cutter.cut(bytes, self.has_ended) {
                return Ok(Some(length.get()));
            }
            if self.has_ended {
                return Ok(None);
            }
            if is_full {
                target = self.longer(bytes.len(), target)?;
            }
        }
    }

    /// Target for a block that has no border in `length` bytes.
    fn longer(&self, length: usize, target: usize) -> Result<usize> {
        if length < target {
            return Ok(target);
        }
        let most = self.options.max_record.max(self.options.size);
        if length > most {
            return Err(Error::new(format!(
                "{}: a record is longer than {most} bytes",
                self.input.name()
            ))
            .hint("--max-record SIZE allows more; --recend and --recstart say where records end"));
        }
        Ok(target.saturating_mul(2).min(most + 1))
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
            let wait = (!is_empty).then(|| due.saturating_duration_since(Instant::now()));
            if !self.is_readable_within(wait)? {
                *deadline = None;
                return Ok(false);
            }
            if is_empty {
                *deadline = Some(Instant::now() + timeout);
            }
        }
        bytes.reserve(target - bytes.len());
        let count = self.input.append_some(bytes);
        let count = count.map_err(|error| self.unreadable(&error))?;
        self.has_ended = count == 0;
        Ok(true)
    }

    fn is_readable_within(&self, wait: Option<Duration>) -> Result<bool> {
        let wait = wait.and_then(|wait| Timespec::try_from(wait).ok());
        let mut fds = [PollFd::new(&self.input, PollFlags::IN)];
        match poll(&mut fds, wait.as_ref()) {
            Ok(count) => Ok(count > 0),
            Err(Errno::INTR) => Ok(true),
            Err(error) => Err(self.unreadable(&error.into())),
        }
    }

    fn unreadable(&self, error: &std::io::Error) -> Error {
        Error::new(format!("cannot read {}", self.input.name())).because(error)
    }

    /// Takes the header off the beginning of the stream. Returns `false` if it may be longer
    /// than the bytes that are there.
    fn take_header(&mut self, bytes: &mut Vec<u8>) -> bool {
        let Some(header) = &self.options.header else {
            return true;
        };
        let found = header.find(bytes).filter(|found| found.start() == 0);
        let length = found.map_or(0, |found| found.end());
        if length == bytes.len() && !self.has_ended {
            return false;
        }
        self.header = Some(bytes[..length].into());
        bytes.drain(..length);
        self.options.header = None;
        true
    }
}

impl StdinSource for BlockReader {
    fn next(&mut self) -> Result<Option<JobStdin>> {
        Ok(self.next_block()?.map(JobStdin::Block))
    }
}
