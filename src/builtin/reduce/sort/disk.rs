//! Sorted lines in temporary files.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::sync::Arc;

use memchr::memchr;

use super::order::SortOrder;
use crate::builtin::reduce::reducer::TemporaryFileError;

/// Bytes that are written and read at once.
const BUFFER: usize = 256 << 10;

/// Size of the rank before a line, where it counts which one came first.
pub(super) const RANK: usize = size_of::<u64>();

/// A temporary file without a name that takes one sorted run of lines after the other.
#[derive(Debug, Default)]
pub(super) struct SortedRunFile {
    file: Option<Arc<File>>,
    end: u64,
    buffer: Vec<u8>,
}

/// Sorted lines in a temporary file.
#[derive(Debug, Clone)]
pub(super) struct SortedRun {
    file: Arc<File>,
    start: u64,
    pub(super) len: u64,
}

impl SortedRunFile {
    pub(super) fn begin(&mut self) -> io::Result<SortedRunWriter<'_>> {
        let file = match &self.file {
            Some(file) => Arc::clone(file),
            None => {
                let file = tempfile::tempfile().map_err(TemporaryFileError::error)?;
                Arc::clone(self.file.insert(Arc::new(file)))
            }
        };
        self.buffer.clear();
        Ok(SortedRunWriter {
            start: self.end,
            file,
            disk: self,
        })
    }
}

pub(super) struct SortedRunWriter<'a> {
    disk: &'a mut SortedRunFile,
    file: Arc<File>,
    start: u64,
}

impl SortedRunWriter<'_> {
    pub(super) fn line(
        &mut self,
        rank: Option<u64>,
        line: &[u8],
        terminator: u8,
    ) -> io::Result<()> {
        if self.disk.buffer.len() + line.len() > BUFFER {
            self.flush()?;
        }
        let buffer = &mut self.disk.buffer;
        if let Some(rank) = rank {
            buffer.extend_from_slice(&rank.to_ne_bytes());
        }
        buffer.extend_from_slice(line);
        buffer.push(terminator);
        Ok(())
    }

    pub(super) fn end(mut self) -> io::Result<SortedRun> {
        self.flush()?;
        Ok(SortedRun {
            file: self.file,
            start: self.start,
            len: self.disk.end - self.start,
        })
    }

    fn flush(&mut self) -> io::Result<()> {
        let disk = &mut *self.disk;
        (self.file.write_all_at(&disk.buffer, disk.end)).map_err(TemporaryFileError::error)?;
        disk.end += disk.buffer.len() as u64;
        disk.buffer.clear();
        Ok(())
    }
}

pub(super) struct SortedRunReader {
    stored: SortedRun,
    /// Bytes of `stored` that were read.
    done: u64,
    buffer: Vec<u8>,
    /// Start and end of the line in the buffer, and the end of what was read.
    start: usize,
    end: usize,
    filled: usize,
    rank_size: usize,
    pub(super) prefix: u64,
}

impl SortedRunReader {
    /// At the first line; `None` if there is none.
    pub(super) fn new(stored: SortedRun, order: &SortOrder) -> io::Result<Option<SortedRunReader>> {
        let mut reading = SortedRunReader {
            buffer: vec![0; BUFFER.min(stored.len as usize)],
            stored,
            done: 0,
            start: 0,
            end: 0,
            filled: 0,
            rank_size: if order.depends_on_input() { RANK } else { 0 },
            prefix: 0,
        };
        Ok(reading.find(order)?.then_some(reading))
    }

    pub(super) fn line(&self) -> &[u8] {
        &self.buffer[self.start + self.rank_size..self.end]
    }

    /// Order of input; 0 if that does not count.
    pub(super) fn rank(&self) -> u64 {
        let bytes = &self.buffer[self.start..][..self.rank_size];
        bytes.try_into().map_or(0, u64::from_ne_bytes)
    }

    /// Moves to the next line; false if there is none.
    pub(super) fn advance(&mut self, order: &SortOrder) -> io::Result<bool> {
        self.start = self.end + 1;
        self.find(order)
    }

    fn find(&mut self, order: &SortOrder) -> io::Result<bool> {
        let mut searched = self.start + self.rank_size;
        loop {
            if searched < self.filled {
                if let Some(at) = memchr(order.terminator, &self.buffer[searched..self.filled]) {
                    self.end = searched + at;
                    self.prefix = order.prefix(self.line());
                    return Ok(true);
                }
                searched = self.filled;
            }
            if self.done == self.stored.len {
                return Ok(false);
            }
            searched -= self.start;
            self.fill()?;
        }
    }

    /// Moves the rest of the buffer to its beginning, and reads more.
    fn fill(&mut self) -> io::Result<()> {
        self.buffer.copy_within(self.start..self.filled, 0);
        self.filled -= self.start;
        self.start = 0;
        if self.filled == self.buffer.len() {
            self.buffer.resize(2 * self.filled, 0);
        }
        let left = self.stored.len - self.done;
        let free = &mut self.buffer[self.filled..];
        let count = free.len().min(usize::try_from(left).unwrap_or(usize::MAX));
        let offset = self.stored.start + self.done;
        (self.stored.file.read_exact_at(&mut free[..count], offset))
            .map_err(TemporaryFileError::error)?;
        self.filled += count;
        self.done += count as u64;
        Ok(())
    }
}
