//! Standard input of a job: what its first process reads.

use std::fmt;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Cursor, Read};
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustix::io::{pread, retry_on_intr};

use super::block::Block;
use crate::error::Result;
use crate::os::pipe::has_unread;

/// Most bytes of a file that are held in memory: as many as an enlarged pipe takes.
const CHUNK: usize = 256 << 10;

/// Source of a job's standard input.
#[derive(Debug, Clone, Default)]
pub(crate) enum JobStdin {
    /// `/dev/null`, or the terminal (`--tty`).
    #[default]
    Null,
    /// Bytes in memory.
    Block(Block),
    FileRange(Arc<FileRange>),
    /// Bytes that come while the job runs.
    Stream(StdinStream),
}

/// Bytes of a regular file. The offset of the descriptor is neither used nor moved, so jobs
/// can share one.
#[derive(Debug, Clone)]
pub(crate) struct FileRange {
    /// Bytes before those of the file (`--header`).
    pub header: Arc<[u8]>,
    pub file: Arc<File>,
    /// Path of the file, if it is not standard input.
    pub path: Option<Arc<Path>>,
    /// Offset of the first byte.
    pub start: u64,
    /// Number of bytes from there on.
    pub length: u64,
    /// They are the last ones of the file.
    pub to_end: bool,
}

/// Source of the standard input of one job after the other.
pub(crate) trait StdinSource: fmt::Debug + Send {
    /// Waits for what the next job reads; `None` at the end.
    ///
    /// # Errors
    /// The input cannot be read or divided. Nothing comes after an error.
    fn next(&mut self) -> Result<Option<JobStdin>>;

    /// Number of jobs in all, if it is known.
    fn total(&self) -> Option<u64> {
        None
    }

    /// Tells whether [`StdinSource::next`] returns at once.
    fn is_ready(&self) -> bool {
        false
    }
}

impl JobStdin {
    /// Reader of the bytes that prun itself hands to the job, from their beginning.
    pub(crate) fn reader(&self) -> Option<Box<dyn BufRead>> {
        match self {
            JobStdin::Null | JobStdin::Stream(_) => None,
            JobStdin::Block(block) => Some(block.clone().reader()),
            JobStdin::FileRange(range) => Some(range.reader()),
        }
    }

    /// Copy of the pipe's end, if the bytes come through a pipe.
    ///
    /// # Errors
    /// There is no descriptor left, or an earlier attempt has read the stream.
    pub(crate) fn pipe(&self) -> io::Result<Option<OwnedFd>> {
        match self {
            JobStdin::Stream(stream) => stream.open().map(Some),
            _ => Ok(None),
        }
    }

    /// Leaves a stream to the processes that have it.
    pub(crate) fn close(&self) {
        if let JobStdin::Stream(stream) = self {
            lock(&stream.pipe).take();
        }
    }

    /// Tells whether it is a part of an input, of which other jobs read the rest.
    pub(crate) fn is_part(&self) -> bool {
        matches!(self, JobStdin::Block(_) | JobStdin::FileRange(_))
    }

    /// Number of bytes that a stream has had so far.
    pub(crate) fn streamed(&self) -> Option<u64> {
        match self {
            JobStdin::Stream(stream) => Some(stream.sent.load(Ordering::Acquire)),
            _ => None,
        }
    }

    /// Tells whether a job that has ended has left bytes of a stream that were for it alone, as
    /// far as all of them had been written before.
    pub(crate) fn has_unread(&self) -> bool {
        let JobStdin::Stream(stream) = self else {
            return false;
        };
        match std::mem::replace(&mut *lock(&stream.rest.0), StreamRestState::Ended) {
            StreamRestState::Written(pipe) => has_unread(pipe.as_fd()),
            StreamRestState::Open | StreamRestState::Ended => false,
        }
    }

    /// Number of bytes; `None` for a stream, which is not known before its end.
    pub(crate) fn length(&self) -> Option<u64> {
        match self {
            JobStdin::Null => Some(0),
            JobStdin::Block(block) => Some(block.length()),
            JobStdin::FileRange(range) => Some(range.header.len() as u64 + range.length),
            JobStdin::Stream(_) => None,
        }
    }
}

/// Read end of a pipe, which the job's processes inherit: the kernel bounds what waits in
/// it. When the job has ended or reads no more, whoever writes gets `EPIPE`.
///
/// One attempt can read it. prun closes its own copy then, and a further attempt is refused:
/// it would read the rest only.
#[derive(Debug, Clone)]
pub(crate) struct StdinStream {
    pipe: Arc<Mutex<Option<OwnedFd>>>,
    rest: StreamRest,
    sent: Arc<AtomicU64>,
}

/// Another read end of the pipe, made when all has been written: it tells what the job has
/// left in there. An earlier one would keep whoever writes from hearing that the job is gone.
#[derive(Debug, Clone, Default)]
pub(crate) struct StreamRest(Arc<Mutex<StreamRestState>>);

#[derive(Debug, Default)]
enum StreamRestState {
    /// Not all has been written, and the job has not ended.
    #[default]
    Open,
    /// All has been written; what the job leaves is in this pipe.
    Written(OwnedFd),
    /// The job has ended.
    Ended,
}

impl StreamRest {
    /// Takes the pipe when all has been written. Returns whether the job has ended before and
    /// left bytes in it.
    pub(crate) fn set(&self, pipe: OwnedFd) -> bool {
        let mut state = lock(&self.0);
        if let StreamRestState::Ended = *state {
            return has_unread(pipe.as_fd());
        }
        *state = StreamRestState::Written(pipe);
        false
    }
}

impl StdinStream {
    pub(crate) fn new(pipe: OwnedFd, rest: StreamRest) -> StdinStream {
        StdinStream {
            pipe: Arc::new(Mutex::new(Some(pipe))),
            rest,
            sent: Arc::default(),
        }
    }

    /// Number of bytes that were written to the pipe, to be counted by whoever writes.
    pub(crate) fn sent(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.sent)
    }

    fn open(&self) -> io::Result<OwnedFd> {
        match &*lock(&self.pipe) {
            Some(pipe) => pipe.try_clone(),
            None => Err(io::Error::other(
                "cannot open standard input: an earlier attempt has read it",
            )),
        }
    }
}

/// Nothing can be half done when a holder of the lock panics.
fn lock<T>(state: &Mutex<T>) -> MutexGuard<'_, T> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

impl FileRange {
    fn reader(&self) -> Box<dyn BufRead> {
        let range = FileRangeReader {
            file: Arc::clone(&self.file),
            at: self.start,
            left: self.length,
        };
        let chunk = CHUNK.min(usize::try_from(self.length).unwrap_or(CHUNK));
        let range = BufReader::with_capacity(chunk, range);
        Box::new(Cursor::new(Arc::clone(&self.header)).chain(range))
    }
}

struct FileRangeReader {
    file: Arc<File>,
    at: u64,
    left: u64,
}

impl Read for FileRangeReader {
    /// A file that has become shorter is an error: the job would take a part for the whole.
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let most = usize::try_from(self.left).map_or(buffer.len(), |left| left.min(buffer.len()));
        // Callers that look into the buffer of a reader do not try again.
        let count = retry_on_intr(|| pread(&*self.file, &mut buffer[..most], self.at))?;
        if count == 0 && most > 0 {
            return Err(io::Error::other("the file has become shorter"));
        }
        self.at += count as u64;
        self.left -= count as u64;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_of_any_length_is_held_a_chunk_at_a_time() {
        const LENGTH: u64 = 200 << 20;
        let file = tempfile::tempfile().unwrap();
        file.set_len(LENGTH + 5).unwrap();
        let range = JobStdin::FileRange(Arc::new(FileRange {
            header: [].into(),
            file: Arc::new(file),
            path: None,
            start: 5,
            length: LENGTH,
            to_end: true,
        }));
        let (mut reader, mut total) = (range.reader().unwrap(), 0);
        loop {
            let count = reader.fill_buf().unwrap().len();
            assert!(count <= CHUNK, "{count}");
            if count == 0 {
                break;
            }
            reader.consume(count);
            total += count as u64;
        }
        assert_eq!(total, LENGTH);
    }
}
