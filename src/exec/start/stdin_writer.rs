//! Standard input of a job that prun writes, through a pipe.

use std::io::{self, BufRead, Cursor};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::Arc;

use rustix::fs::{OFlags, fcntl_setfl};
use rustix::io::{Errno, write};

use crate::error::reason_text;
use crate::input::JobStdin;
use crate::input::job_stdin::FileRange;
use crate::os::pipe::{enlarge, splice};

/// All that a pipe holds by default (pipe(7)).
const DEFAULT_CAPACITY: u64 = 64 << 10;

/// Writes at once: a job that reads as fast as prun writes must not keep it from looking at
/// the clock.
const TURNS: usize = 16;

/// Rest of a job's standard input, and the pipe that it is written to.
pub(crate) struct StdinWriter {
    pipe: OwnedFd,
    reader: Box<dyn BufRead>,
    /// Bytes of a file after those of `reader`, which go to the pipe without a copy.
    spliced: Option<FileRange>,
}

impl StdinWriter {
    /// Opens the pipe, if prun is to write anything. Returns the job's end of it, too.
    ///
    /// # Errors
    /// There is no descriptor left.
    pub(super) fn open(stdin: &JobStdin) -> io::Result<Option<(StdinWriter, OwnedFd)>> {
        let (reader, spliced): (Box<dyn BufRead>, _) = match stdin {
            JobStdin::FileRange(range) => {
                let (header, mut range) = (Arc::clone(&range.header), FileRange::clone(range));
                range.header = [].into();
                (Box::new(Cursor::new(header)), Some(range))
            }
            _ => match stdin.reader() {
                Some(reader) => (reader, None),
                None => return Ok(None),
            },
        };
        let (theirs, pipe) = io::pipe()?;
        // The job's end stays blocking: that is another open file description.
        fcntl_setfl(&pipe, OFlags::NONBLOCK)?;
        // A pipe that takes a whole block was not faster, and the system bounds the pages of
        // all pipes of a user (`/proc/sys/fs/pipe-user-pages-soft`).
        if stdin.length() > Some(DEFAULT_CAPACITY) {
            enlarge(pipe.as_fd());
        }
        let writer = StdinWriter {
            pipe: pipe.into(),
            reader,
            spliced,
        };
        Ok(Some((writer, theirs.into())))
    }

    pub(crate) fn pipe(&self) -> &OwnedFd {
        &self.pipe
    }

    /// Writes as much as the pipe takes, and adds it to `sent`. Returns `false` when there is
    /// no more to write, or nobody to read it (`EPIPE`), which is no error.
    ///
    /// # Errors
    /// The bytes cannot be read.
    pub(super) fn write_some(&mut self, sent: &mut u64) -> io::Result<bool> {
        for _ in 0..TURNS {
            let bytes = self.reader.fill_buf().map_err(|error| unreadable(&error))?;
            let length = bytes.len();
            let is_spliced = length == 0;
            let written = match &mut self.spliced {
                _ if !is_spliced => write(&self.pipe, bytes),
                Some(range) if range.length > 0 => splice_some(range, self.pipe.as_fd()),
                _ => return Ok(false),
            };
            let count = match written {
                Ok(0) if is_spliced => return Err(has_become_shorter()),
                Ok(count) => count,
                Err(Errno::INTR) => continue,
                Err(Errno::AGAIN) => return Ok(true),
                Err(Errno::PIPE) => return Ok(false),
                Err(Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP) if is_spliced => {
                    self.copy_instead();
                    continue;
                }
                Err(error) if is_spliced => return Err(unreadable(&error.into())),
                Err(error) => return Err(error.into()),
            };
            *sent += count as u64;
            if is_spliced {
                continue;
            }
            self.reader.consume(count);
            // The pipe is full: no need to be told so.
            if count < length {
                return Ok(true);
            }
        }
        Ok(true)
    }

    /// Goes on by reading and writing, where the file or the system has no splice(2).
    fn copy_instead(&mut self) {
        let rest = self.spliced.take();
        let rest = rest.map(|range| JobStdin::FileRange(Arc::new(range)));
        if let Some(reader) = rest.and_then(|rest| rest.reader()) {
            self.reader = reader;
        }
    }
}

/// Moves bytes of the file to the pipe, and takes them off the range.
fn splice_some(range: &mut FileRange, pipe: BorrowedFd<'_>) -> rustix::io::Result<usize> {
    let most = usize::try_from(range.length).unwrap_or(usize::MAX);
    let count = splice(range.file.as_fd(), range.start, pipe, most)?;
    range.start += count as u64;
    range.length -= count as u64;
    Ok(count)
}

pub(super) fn has_become_shorter() -> io::Error {
    unreadable(&io::Error::other("the file has become shorter"))
}

pub(super) fn unreadable(error: &io::Error) -> io::Error {
    let reason = reason_text(error);
    io::Error::other(format!("cannot read standard input: {reason}"))
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::io::{Read, Write};
    use std::thread;

    use super::*;

    #[test]
    fn a_range_that_cannot_be_spliced_is_copied_from_where_that_has_come_to() {
        let bytes: Vec<u8> = (0..3_u32 << 18).flat_map(u32::to_le_bytes).collect();
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(&bytes).unwrap();
        for refused_after in 0..4 {
            let stdin = JobStdin::FileRange(Arc::new(FileRange {
                header: (*b"header").into(),
                file: Arc::new(file.try_clone().unwrap()),
                path: None,
                start: 3,
                length: bytes.len() as u64 - 5,
                to_end: false,
            }));
            let (mut writer, theirs) = StdinWriter::open(&stdin).unwrap().unwrap();
            let reader = thread::spawn(move || {
                let mut all = Vec::new();
                File::from(theirs).read_to_end(&mut all).unwrap();
                all
            });
            let (mut sent, mut turns) = (0, 0);
            while writer.write_some(&mut sent).unwrap() {
                turns += 1;
                if turns == refused_after {
                    writer.copy_instead();
                }
            }
            drop(writer);
            let expected = [b"header", &bytes[3..bytes.len() - 2]].concat();
            assert!(reader.join().unwrap() == expected);
            assert_eq!(sent, expected.len() as u64);
        }
    }
}
