//! How transforms read and write, and hear that they are to end.

use std::fmt;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::fd::{AsFd, BorrowedFd};

use rustix::fs::{FileType, Mode, OFlags};

use crate::error::reason_text;

/// How much is read and written at once.
pub(super) const CHUNK: usize = 128 << 10;

/// What connects a transform to its job.
///
/// Every call may tell that the job is over: by an error for which [`is_over`] holds, and
/// then by each that follows.
pub trait Port {
    /// Takes bytes for standard output. Waits while they cannot be taken.
    ///
    /// # Errors
    /// The job is over.
    fn out(&self, bytes: &[u8]) -> io::Result<()>;

    /// Takes bytes for standard error.
    ///
    /// # Errors
    /// The job is over.
    fn err(&self, bytes: &[u8]) -> io::Result<()>;

    /// To be called between two chunks of work.
    ///
    /// # Errors
    /// The job is over.
    fn check(&self) -> io::Result<()>;

    /// Waits until the descriptor can be read.
    ///
    /// # Errors
    /// The job is over.
    fn wait(&self, source: BorrowedFd<'_>) -> io::Result<()>;

    /// The job's number: what does not depend on which job ends first.
    fn seq(&self) -> u64;

    /// Where names of files start from.
    fn directory(&self) -> BorrowedFd<'_>;
}

/// A job is over before its built-in has come to its end.
#[derive(Debug)]
struct Over;

impl fmt::Display for Over {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the job is over")
    }
}

impl std::error::Error for Over {}

/// The error that tells it.
pub fn over() -> io::Error {
    io::Error::other(Over)
}

/// Whether an error tells that the job is over, rather than what is wrong with a file.
pub fn is_over(error: &io::Error) -> bool {
    error.get_ref().is_some_and(|inner| inner.is::<Over>())
}

/// A file that is read, or the job's standard input.
pub(super) struct Source<'a> {
    file: File,
    port: &'a dyn Port,
    /// The size of a regular file; reading others may have to be waited for.
    pub(super) size: Option<u64>,
}

impl<'a> Source<'a> {
    /// Opens a file by its name; `-` is standard input.
    ///
    /// # Errors
    /// What the system says.
    pub(super) fn open(name: &[u8], port: &'a dyn Port) -> io::Result<Source<'a>> {
        match name {
            b"-" => Source::named(b"/dev/null", port),
            name => Source::named(name, port),
        }
    }

    fn named(name: &[u8], port: &'a dyn Port) -> io::Result<Source<'a>> {
        // Nobody may have opened a FIFO for writing yet: that is waited for later.
        let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK | OFlags::NOCTTY;
        let file = rustix::fs::openat(port.directory(), name, flags, Mode::empty())?;
        let stat = rustix::fs::fstat(&file)?;
        let size = match FileType::from_raw_mode(stat.st_mode) {
            FileType::RegularFile => Some(stat.st_size as u64),
            _ => None,
        };
        Ok(Source {
            file: file.into(),
            port,
            size,
        })
    }

    /// The file itself, where it is regular.
    pub(super) fn file(&self) -> &File {
        &self.file
    }

    /// When it was last changed, in seconds; 0 if nobody knows.
    pub(super) fn modified(&self) -> i64 {
        rustix::fs::fstat(&self.file).map_or(0, |stat| stat.st_mtime)
    }

    /// Goes on reading there.
    pub(super) fn start_at(&mut self, offset: u64) -> io::Result<()> {
        self.file.seek(SeekFrom::Start(offset)).map(drop)
    }

    /// As [`Port::check`].
    pub(super) fn check(&self) -> io::Result<()> {
        self.port.check()
    }

    /// A buffer that suits the file, of `most` bytes at most: many files are small.
    pub(super) fn buffer(&self, most: usize) -> Vec<u8> {
        vec![0; self.buffer_size(most)]
    }

    /// How long such a buffer is.
    pub(super) fn buffer_size(&self, most: usize) -> usize {
        match self.size {
            // Files of the kernel's own have no size, but something in them.
            None | Some(0) => most.min(CHUNK),
            // One more, so that the end is found by the first read.
            Some(size) => size.min(most as u64 - 1) as usize + 1,
        }
    }
}

impl Read for Source<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.port.check()?;
        loop {
            if self.size.is_none() {
                self.port.wait(self.file.as_fd())?;
            }
            match self.file.read(buffer) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                read => return read,
            }
        }
    }
}

/// Standard output of a job, in pieces that are worth it.
pub(super) struct Out<'a> {
    port: &'a dyn Port,
    buffer: Vec<u8>,
}

impl<'a> Out<'a> {
    pub(super) fn new(port: &'a dyn Port) -> Out<'a> {
        Out {
            port,
            buffer: Vec::new(),
        }
    }
}

impl Write for Out<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.write_all(bytes)?;
        Ok(bytes.len())
    }

    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        if self.buffer.len() + bytes.len() > CHUNK {
            self.flush()?;
        }
        if bytes.len() >= CHUNK {
            return self.port.out(bytes);
        }
        self.buffer.extend_from_slice(bytes);
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.buffer.is_empty() {
            return Ok(());
        }
        let sent = self.port.out(&self.buffer);
        self.buffer.clear();
        sent
    }
}

/// Tells on standard error what is wrong with a file: `@sha256: cannot read 'x': REASON`.
///
/// # Errors
/// `error` was none of the file's: the job is over.
pub(super) fn complain(
    port: &dyn Port,
    what: &str,
    file: &[u8],
    error: io::Error,
) -> io::Result<()> {
    if is_over(&error) {
        return Err(error);
    }
    let mut text = format!("{what} '").into_bytes();
    text.extend_from_slice(file);
    text.extend_from_slice(format!("': {}\n", reason_text(&error)).as_bytes());
    port.err(&text)
}
