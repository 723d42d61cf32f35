//! A whole file as standard input of a job: nothing has to be fed.

use std::fs::File;
use std::io::{self, Seek};
use std::os::fd::{AsFd, OwnedFd};

use super::stdin_writer::has_become_shorter;
use crate::input::JobStdin;
use crate::os::reopen::reopen;

/// prun's copy of the descriptor that a job reads the file by. Both have one offset, which
/// nobody else has.
#[derive(Debug)]
pub(crate) struct ReopenedFile {
    file: File,
    /// Bytes that the job is to read.
    length: u64,
}

impl ReopenedFile {
    /// Opens the file once more, if the job reads all of it. Returns the job's descriptor,
    /// too.
    ///
    /// A range that begins later goes through a pipe: a job that opens `/dev/stdin`, or that
    /// reads its standard input backwards, as tac(1) does, would get the whole file.
    ///
    /// # Errors
    /// There is no descriptor left, or the file has become shorter.
    pub(super) fn open(stdin: &JobStdin) -> io::Result<Option<(ReopenedFile, OwnedFd)>> {
        let JobStdin::FileRange(range) = stdin else {
            return Ok(None);
        };
        if range.start > 0 || !range.to_end || !range.header.is_empty() {
            return Ok(None);
        }
        let Ok(file) = reopen(range.file.as_fd()) else {
            return Ok(None);
        };
        let reopened = ReopenedFile {
            file: file.try_clone()?,
            length: range.length,
        };
        if reopened.has_become_shorter(range.length)? {
            return Err(has_become_shorter());
        }
        Ok(Some((reopened, file.into())))
    }

    /// Number of bytes that the job has read.
    pub(super) fn sent(&self) -> u64 {
        let offset = (&self.file).stream_position();
        offset.unwrap_or(0).min(self.length)
    }

    /// Looks at the file at the end of the job.
    ///
    /// # Errors
    /// The job has come to the end of a file that has become shorter, and would take a part
    /// for the whole.
    pub(super) fn check(&self) -> io::Result<()> {
        let offset = (&self.file).stream_position()?;
        if self.has_become_shorter(offset)? {
            return Err(has_become_shorter());
        }
        Ok(())
    }

    fn has_become_shorter(&self, offset: u64) -> io::Result<bool> {
        let metadata = self.file.metadata()?;
        let size = metadata.len();
        Ok(metadata.is_file() && size < self.length && size <= offset)
    }
}
