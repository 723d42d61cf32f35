//! Standard input of one worker: what is to be written, and the pipe.

use std::collections::VecDeque;
use std::io::{self, IoSlice};
use std::mem;
use std::ops::Deref;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use rustix::fs::{OFlags, fcntl_setfl};
use rustix::io::{Errno, writev};

use crate::input::block::Block;
use crate::input::job_stdin::{StdinStream, StreamRest};
use crate::os::pipe::{enlarge, has_no_reader, has_unread};
use crate::os::reopen::reopen;

/// Bytes of records that are written at once. Below the size from which the allocator asks
/// the kernel for memory each time.
pub(super) const CHUNK: usize = 64 << 10;

/// Most pieces that one call writes.
const MOST_SLICES: usize = 64;

/// Bytes in memory that a worker is to read.
#[derive(Debug)]
pub(super) enum StreamPiece {
    Header(Arc<[u8]>),
    Block(Block),
    Records(Vec<u8>),
}

impl Deref for StreamPiece {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            StreamPiece::Header(bytes) => bytes,
            StreamPiece::Block(block) => block,
            StreamPiece::Records(bytes) => bytes,
        }
    }
}

/// Write end of a pipe that a worker reads, and what is to be written to it.
#[derive(Debug)]
pub(super) struct WorkerStream {
    /// Open as long as something may be written, and somebody may read it.
    pipe: Option<OwnedFd>,
    pieces: VecDeque<StreamPiece>,
    /// Bytes of the first piece that are written.
    written: usize,
    /// Bytes of all pieces that are written, for the job log.
    sent: Arc<AtomicU64>,
    /// Bytes of all pieces that are not written.
    pending: usize,
    /// Buffer for records that was used and can be used again.
    spare: Vec<u8>,
    has_begun: bool,
    /// End for the job, which starts with its first block.
    unstarted: Option<StdinStream>,
    /// The worker ended before it got all of its input.
    lost_input: bool,
    /// Place for what tells that the job has not read all, if it has to.
    rest: Option<StreamRest>,
}

impl WorkerStream {
    /// A stream that has begun, and the end for the job. That one stays blocking: it is another
    /// open file description.
    ///
    /// # Errors
    /// There is no descriptor left.
    pub(super) fn open(must_read_all: bool) -> io::Result<(WorkerStream, StdinStream)> {
        let (reader, writer) = io::pipe()?;
        fcntl_setfl(&writer, OFlags::NONBLOCK)?;
        // Not further: with many workers, the largest pipes exceed what a user may have.
        enlarge(writer.as_fd());
        let rest = must_read_all.then(StreamRest::default);
        let stdin = StdinStream::new(reader.into(), rest.clone().unwrap_or_default());
        let stream = WorkerStream {
            pipe: Some(writer.into()),
            pieces: VecDeque::new(),
            written: 0,
            sent: stdin.sent(),
            pending: 0,
            spare: Vec::new(),
            has_begun: false,
            unstarted: None,
            lost_input: false,
            rest,
        };
        Ok((stream, stdin))
    }

    /// Keeps the end for the job, which is to start with its first block.
    pub(super) fn hold(&mut self, stream: StdinStream) {
        self.unstarted = Some(stream);
    }

    /// End for the job, once.
    pub(super) fn take_unstarted(&mut self) -> Option<StdinStream> {
        self.unstarted.take()
    }

    pub(super) fn pipe(&self) -> Option<&OwnedFd> {
        self.pipe.as_ref()
    }

    pub(super) fn is_open(&self) -> bool {
        self.pipe.is_some()
    }

    /// Number of bytes that are to be written.
    pub(super) fn pending(&self) -> usize {
        self.pending
    }

    /// Tells whether it has not got all that was for it alone.
    pub(super) fn has_lost_input(&self) -> bool {
        self.rest.is_some() && self.lost_input
    }

    /// Number of pieces that are not written in full.
    pub(super) fn pieces(&self) -> usize {
        self.pieces.len()
    }

    /// Adds the header if nothing was added before. There may be none.
    pub(super) fn begin(&mut self, header: Option<&Arc<[u8]>>) {
        if !mem::replace(&mut self.has_begun, true)
            && let Some(header) = header
        {
            self.push(StreamPiece::Header(Arc::clone(header)));
        }
    }

    /// Adds a piece. A worker that has ended loses it.
    pub(super) fn push(&mut self, piece: StreamPiece) {
        if piece.is_empty() {
            return;
        }
        if self.pipe.is_none() {
            self.lost_input = true;
            return;
        }
        self.pending += piece.len();
        self.pieces.push_back(piece);
    }

    /// Adds a record to the last piece, if it fits there.
    pub(super) fn push_record(&mut self, record: &[u8]) {
        if self.pipe.is_none() {
            self.lost_input |= !record.is_empty();
            return;
        }
        if let Some(StreamPiece::Records(chunk)) = self.pieces.back_mut()
            && chunk.capacity() - chunk.len() >= record.len()
        {
            chunk.extend_from_slice(record);
            self.pending += record.len();
            return;
        }
        let mut chunk = mem::take(&mut self.spare);
        chunk.reserve_exact(CHUNK.max(record.len()));
        chunk.extend_from_slice(record);
        self.push(StreamPiece::Records(chunk));
    }

    /// Writes as much as the pipe takes.
    ///
    /// # Errors
    /// Those of write(2), but for a worker that has ended.
    pub(super) fn write(&mut self) -> io::Result<()> {
        while self.pending > 0
            && let Some(pipe) = &self.pipe
        {
            let mut slices = [IoSlice::new(&[]); MOST_SLICES];
            let mut offset = self.written;
            let count = slices.len().min(self.pieces.len());
            for (slice, piece) in slices.iter_mut().zip(&self.pieces) {
                *slice = IoSlice::new(&piece[mem::take(&mut offset)..]);
            }
            match writev(pipe, &slices[..count]) {
                Ok(count) => self.advance(count),
                Err(Errno::INTR) => {}
                Err(Errno::AGAIN) => return Ok(()),
                Err(Errno::PIPE) => self.lose(),
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    /// Drops what was written.
    fn advance(&mut self, count: usize) {
        self.pending -= count;
        self.written += count;
        self.sent.fetch_add(count as u64, Ordering::Release);
        while let Some(first) = self.pieces.front() {
            let length = first.len();
            if self.written < length {
                return;
            }
            self.written -= length;
            if let Some(StreamPiece::Records(mut chunk)) = self.pieces.pop_front()
                && chunk.capacity() <= CHUNK
            {
                chunk.clear();
                self.spare = chunk;
            }
        }
    }

    /// Closes the pipe. What is not written is lost, and what is not read.
    pub(super) fn lose(&mut self) {
        let pipe = self.pipe.take();
        self.lost_input |= self.pending > 0 || pipe.is_some_and(|pipe| has_unread(pipe.as_fd()));
        self.pieces.clear();
        self.pending = 0;
    }

    /// Ends the input after the last piece.
    pub(super) fn close(&mut self) {
        if self.pending > 0 {
            return;
        }
        let (Some(pipe), Some(rest)) = (self.pipe.take(), &self.rest) else {
            return;
        };
        if has_no_reader(pipe.as_fd()) {
            self.lost_input |= has_unread(pipe.as_fd());
        } else if let Ok(reader) = reopen(pipe.as_fd()) {
            self.lost_input |= rest.set(reader.into());
        }
    }
}
