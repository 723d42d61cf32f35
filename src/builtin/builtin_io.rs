//! How transforms read and write, and hear that they are to end.

use std::cell::RefCell;
use std::fmt;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::Arc;

use rustix::fs::{FileType, Mode, OFlags, openat};

use super::on_success::OnSuccess;
use super::workers::WorkerThreads;
use crate::error::reason_text;
use crate::os::wake::Wake;

/// How much is read and written at once.
pub(crate) const CHUNK: usize = 128 << 10;

/// Where standard input comes from.
#[derive(Debug)]
pub(crate) enum BuiltinStdin {
    /// A file or a pipe. Reading a pipe does not block after [`BuiltinIo::wait`].
    File(File),
    /// Another built-in, or prun itself: what it wrote comes by [`BuiltinIo::receive`].
    Builtin,
}

/// What connects a transform to its job.
///
/// Every call may tell that the job is over: by an error for which [`is_over`] holds, and
/// then by each that follows.
pub(crate) trait BuiltinIo {
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

    /// Waits until the descriptor can be read. Bytes in [`BuiltinIo::pending`] do not wait.
    ///
    /// # Errors
    /// The job is over.
    fn wait(&self, source: BorrowedFd<'_>) -> io::Result<()>;

    /// Standard input.
    ///
    /// # Errors
    /// There is no descriptor left.
    fn stdin(&self) -> io::Result<BuiltinStdin>;

    /// Takes what the built-in before this one wrote, or prun itself: 0 bytes at its end. Waits while there
    /// is nothing; bytes in [`BuiltinIo::pending`] do not.
    ///
    /// # Errors
    /// The job is over.
    fn receive(&self, buffer: &mut [u8]) -> io::Result<usize>;

    /// Bytes for standard output that wait for more.
    fn pending(&self) -> &RefCell<Vec<u8>>;

    /// Lets them go.
    ///
    /// # Errors
    /// The job is over.
    fn flush(&self) -> io::Result<()> {
        let mut bytes = self.pending().take();
        if bytes.is_empty() {
            return Ok(());
        }
        let sent = self.out(&bytes);
        bytes.clear();
        self.pending().replace(bytes);
        sent
    }

    /// The job's number: what does not depend on which job ends first.
    fn seq(&self) -> u64;

    /// Whether a later stage of a pipeline reads standard output.
    fn is_read_on(&self) -> bool {
        false
    }

    /// Where names of files start from.
    fn directory(&self) -> BorrowedFd<'_>;

    /// Threads for large inputs.
    fn workers(&self) -> &WorkerThreads;

    /// What ends [`BuiltinIo::rest`].
    fn waker(&self) -> Arc<Wake>;

    /// Waits until it is woken. Bytes in [`BuiltinIo::pending`] do not wait.
    ///
    /// # Errors
    /// The job is over.
    fn rest(&self) -> io::Result<()>;

    /// Takes what is to be done once the job has succeeded: one thing at most.
    fn on_success(&self, on_success: OnSuccess);
}

/// A job is over before its built-in has come to its end.
#[derive(Debug)]
struct CancelledError;

impl fmt::Display for CancelledError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the job is over")
    }
}

impl std::error::Error for CancelledError {}

/// The error that tells it.
pub(crate) fn over() -> io::Error {
    io::Error::other(CancelledError)
}

/// Whether an error tells that the job is over, rather than what is wrong with a file.
pub(crate) fn is_over(error: &io::Error) -> bool {
    error
        .get_ref()
        .is_some_and(|inner| inner.is::<CancelledError>())
}

/// A file that is read, or standard input.
pub(super) struct BuiltinInput<'a> {
    input: BuiltinStdin,
    port: &'a dyn BuiltinIo,
    /// The size of a regular file; reading others may have to be waited for.
    pub(super) size: Option<u64>,
}

impl<'a> BuiltinInput<'a> {
    /// Opens a file by its name; `-` is standard input.
    ///
    /// # Errors
    /// What the system says.
    pub(super) fn open(name: &[u8], port: &'a dyn BuiltinIo) -> io::Result<BuiltinInput<'a>> {
        let input = match name {
            b"-" => port.stdin()?,
            name => {
                // Nobody may have opened a FIFO for writing yet: that is waited for later.
                let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK | OFlags::NOCTTY;
                let file = openat(port.directory(), name, flags, Mode::empty())?;
                BuiltinStdin::File(file.into())
            }
        };
        let mut source = BuiltinInput {
            input,
            port,
            size: None,
        };
        if let Some(file) = source.file() {
            let stat = rustix::fs::fstat(file)?;
            if FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile {
                source.size = Some(stat.st_size as u64);
            }
        }
        Ok(source)
    }

    /// The file itself, unless it is what another built-in writes.
    pub(super) fn file(&self) -> Option<&File> {
        match &self.input {
            BuiltinStdin::File(file) => Some(file),
            BuiltinStdin::Builtin => None,
        }
    }

    /// When it was last changed, in seconds; 0 if nobody knows.
    pub(super) fn modified(&self) -> i64 {
        let stat = self.file().map(rustix::fs::fstat);
        stat.map_or(0, |stat| stat.map_or(0, |stat| stat.st_mtime))
    }

    /// Goes on reading there.
    pub(super) fn start_at(&mut self, offset: u64) -> io::Result<()> {
        match &mut self.input {
            BuiltinStdin::File(file) => file.seek(SeekFrom::Start(offset)).map(drop),
            BuiltinStdin::Builtin => Err(io::ErrorKind::NotSeekable.into()),
        }
    }

    /// What it is read through.
    pub(super) fn port(&self) -> &'a dyn BuiltinIo {
        self.port
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

impl Read for BuiltinInput<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.port.check()?;
        let BuiltinStdin::File(file) = &mut self.input else {
            return self.port.receive(buffer);
        };
        loop {
            if self.size.is_none() {
                self.port.wait(file.as_fd())?;
            }
            match file.read(buffer) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                read => return read,
            }
        }
    }
}

/// Appends to a line or record that is held in memory.
///
/// # Errors
/// It becomes longer than `most`, or there is no memory left.
pub(super) fn hold(held: &mut Vec<u8>, bytes: &[u8], most: usize) -> io::Result<()> {
    if bytes.len() > most.saturating_sub(held.len()) {
        return Err(too_long(most));
    }
    reserve(held, bytes.len())?;
    held.extend_from_slice(bytes);
    Ok(())
}

/// Makes room for more bytes.
///
/// # Errors
/// There is no memory left: that is the job's failure and not the end of prun.
pub(super) fn reserve(held: &mut Vec<u8>, more: usize) -> io::Result<()> {
    let reserved = held.try_reserve(more);
    reserved.map_err(|_| rustix::io::Errno::NOMEM.into())
}

/// The error for a line or record of more than `most` bytes.
pub(super) fn too_long(most: usize) -> io::Error {
    const MEBI: usize = 1 << 20;
    let most = match most % MEBI {
        0 => format!("{} MiB", most / MEBI),
        _ => format!("{most} bytes"),
    };
    io::Error::other(format!("line longer than {most}; --max-record allows more"))
}

/// Reads until the buffer is full or there is no more; how many bytes.
pub(super) fn fill(source: &mut dyn Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut count = 0;
    while count < buffer.len() {
        match source.read(&mut buffer[count..]) {
            Ok(0) => break,
            Ok(more) => count += more,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(count)
}

/// Standard output, in pieces that are worth it.
pub(super) struct BufferedStdout<'a> {
    port: &'a dyn BuiltinIo,
}

impl<'a> BufferedStdout<'a> {
    pub(super) fn new(port: &'a dyn BuiltinIo) -> BufferedStdout<'a> {
        BufferedStdout { port }
    }
}

impl Write for BufferedStdout<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.write_all(bytes)?;
        Ok(bytes.len())
    }

    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        if self.port.pending().borrow().len() + bytes.len() > CHUNK {
            self.flush()?;
        }
        if bytes.len() >= CHUNK {
            return self.port.out(bytes);
        }
        self.port.pending().borrow_mut().extend_from_slice(bytes);
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.port.flush()
    }
}

/// Tells on standard error what is wrong with a file: `@sha256: cannot read 'x': REASON`.
///
/// # Errors
/// `error` was none of the file's: the job is over.
pub(super) fn complain(
    port: &dyn BuiltinIo,
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
