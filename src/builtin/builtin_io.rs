//! The standard streams of a built-in and its connection to the job: the same for one that
//! is all of a job and for one in a pipeline, over a [`BuiltinSink`].

use std::cell::{Cell, OnceCell, RefCell};
use std::fmt;
use std::fs::File;
use std::io::{self, Write};
use std::os::fd::BorrowedFd;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags};
use rustix::io::Errno;

use super::on_success::OnSuccess;
use super::workers::{RunningBuiltin, WorkerThreads};
use crate::error::{escape_controls, reason_text};
use crate::os::pipe::write_some;
use crate::os::standard_streams::OutputStream;
use crate::os::wake::Wake;

/// Bytes that are read and written at once.
pub(crate) const CHUNK: usize = 128 << 10;

/// The job or pipeline that a built-in belongs to.
pub(crate) trait BuiltinSink {
    /// Tells whether the built-in has to end. It is asked between two pieces of work and
    /// each time a wait is over, and does what is due for the job meanwhile.
    fn must_stop(&self) -> bool;

    /// Takes bytes of a stream that has no descriptor; waits by `stdio` while it cannot.
    ///
    /// # Errors
    /// The built-in has been stopped.
    fn write(&self, stdio: &BuiltinIo<'_>, stream: OutputStream, bytes: &[u8]) -> io::Result<()>;

    /// A new descriptor of standard input; `None` if it is read by [`BuiltinSink::read`].
    ///
    /// # Errors
    /// There is no descriptor left.
    fn open_stdin(&self) -> io::Result<Option<File>>;

    /// Reads standard input that has no descriptor: 0 bytes at its end.
    ///
    /// # Errors
    /// The built-in has been stopped, or the bytes cannot be read.
    fn read(&self, _stdio: &BuiltinIo<'_>, _buffer: &mut [u8]) -> io::Result<usize> {
        Ok(0)
    }

    /// The time after which a wait is to be interrupted to ask [`BuiltinSink::must_stop`].
    fn timeout(&self) -> Option<Duration> {
        None
    }
}

/// Surroundings of a built-in.
#[derive(Clone, Copy)]
pub(crate) struct BuiltinEnv<'a> {
    pub name: &'static str,
    /// The job's number.
    pub seq: u64,
    /// Base of relative file names.
    pub directory: BorrowedFd<'a>,
    pub workers: &'a WorkerThreads,
    /// Interrupts waits of the built-in's thread.
    pub wake: &'a Wake,
    /// Standard output; `None` is the sink.
    pub stdout: Option<BorrowedFd<'a>>,
    /// Standard error; `None` is the sink.
    pub stderr: Option<BorrowedFd<'a>>,
    /// A later stage of a pipeline reads standard output.
    pub feeds_next_stage: bool,
    /// The job reads a part of an input, and its command is no more than this pipeline: that
    /// there is nothing to find in that part is no failure.
    pub reads_part: bool,
}

/// Reason for a built-in to stop before it has come to its end.
#[derive(Debug)]
pub(crate) enum BuiltinStop {
    /// [`BuiltinSink::must_stop`].
    Cancelled,
    /// The reader of its standard output is gone: a process would get `SIGPIPE`.
    ReaderGone,
    /// Output cannot be written; standard error tells why, unless it is that.
    WriteFailed,
    /// poll(2) failed.
    WaitFailed(io::Error),
}

/// Standard streams of a running built-in.
///
/// After the built-in has been stopped, each call fails with an error for which
/// [`is_cancelled`] holds.
pub(crate) struct BuiltinIo<'a> {
    env: BuiltinEnv<'a>,
    sink: &'a dyn BuiltinSink,
    /// Bytes for standard output that wait for more.
    pending: RefCell<Vec<u8>>,
    on_success: Cell<Option<OnSuccess>>,
    stop: OnceCell<BuiltinStop>,
    _running: RunningBuiltin<'a>,
}

impl<'a> BuiltinIo<'a> {
    pub(crate) fn new(env: BuiltinEnv<'a>, sink: &'a dyn BuiltinSink) -> BuiltinIo<'a> {
        BuiltinIo {
            env,
            sink,
            pending: RefCell::default(),
            on_success: Cell::default(),
            stop: OnceCell::new(),
            _running: env.workers.enter(),
        }
    }

    /// The status of a built-in that returned `result`, and its action on success.
    pub(crate) fn finish(
        self,
        result: io::Result<u8>,
    ) -> (Result<u8, BuiltinStop>, Option<OnSuccess>) {
        let status = match self.stop.into_inner() {
            Some(stop) => Err(stop),
            None => Ok(result.unwrap_or(1)),
        };
        (status, self.on_success.into_inner())
    }

    /// The job's number.
    pub(super) fn seq(&self) -> u64 {
        self.env.seq
    }

    /// Base of relative file names.
    pub(super) fn directory(&self) -> BorrowedFd<'a> {
        self.env.directory
    }

    pub(super) fn workers(&self) -> &'a WorkerThreads {
        self.env.workers
    }

    /// Ends [`BuiltinIo::wait_for_wake`].
    pub(super) fn wake(&self) -> &'a Wake {
        self.env.wake
    }

    pub(super) fn feeds_next_stage(&self) -> bool {
        self.env.feeds_next_stage
    }

    /// Tells whether standard input is a part of an input.
    pub(super) fn reads_part(&self) -> bool {
        self.env.reads_part
    }

    /// A new descriptor of standard input; `None` if it is read by [`BuiltinIo::read_stdin`].
    ///
    /// # Errors
    /// Those of [`BuiltinSink::open_stdin`].
    pub(super) fn open_stdin(&self) -> io::Result<Option<File>> {
        self.sink.open_stdin()
    }

    /// Reads standard input: 0 bytes at its end. Flushes before it waits.
    ///
    /// # Errors
    /// The built-in has been stopped.
    pub(super) fn read_stdin(&self, buffer: &mut [u8]) -> io::Result<usize> {
        self.sink.read(self, buffer)
    }

    /// Writes to standard output at once. Waits while the bytes cannot be taken.
    ///
    /// # Errors
    /// The built-in has been stopped.
    pub(super) fn out(&self, bytes: &[u8]) -> io::Result<()> {
        self.write(OutputStream::Stdout, bytes)
    }

    /// Writes to standard error.
    ///
    /// # Errors
    /// The built-in has been stopped.
    pub(super) fn err(&self, bytes: &[u8]) -> io::Result<()> {
        self.write(OutputStream::Stderr, bytes)
    }

    /// To be called between two chunks of work.
    ///
    /// # Errors
    /// The built-in has been stopped.
    pub(crate) fn check(&self) -> io::Result<()> {
        match self.stop.get() {
            Some(_) => Err(cancelled()),
            None if self.sink.must_stop() => Err(self.stop(BuiltinStop::Cancelled)),
            None => Ok(()),
        }
    }

    /// Writes pending bytes.
    ///
    /// # Errors
    /// The built-in has been stopped.
    pub(crate) fn flush(&self) -> io::Result<()> {
        let mut bytes = self.pending.take();
        if bytes.is_empty() {
            return Ok(());
        }
        let written = self.out(&bytes);
        bytes.clear();
        self.pending.replace(bytes);
        written
    }

    /// Flushes, then waits until the descriptor can be read.
    ///
    /// # Errors
    /// The built-in has been stopped.
    pub(super) fn wait_for_input(&self, source: BorrowedFd<'_>) -> io::Result<()> {
        self.flush()?;
        self.wait_for(source, PollFlags::IN)
    }

    /// Flushes, then waits until it is woken.
    ///
    /// # Errors
    /// The built-in has been stopped.
    pub(super) fn wait_for_wake(&self) -> io::Result<()> {
        self.flush()?;
        self.check()?;
        self.pause()
    }

    /// Waits until it is woken or the sink's timeout is over.
    ///
    /// # Errors
    /// The built-in has been stopped.
    pub(crate) fn pause(&self) -> io::Result<()> {
        self.poll(&mut Vec::new())?;
        self.check()
    }

    /// Leaves an action for the time when the job has succeeded: one at most.
    pub(super) fn on_success(&self, on_success: OnSuccess) {
        self.on_success.set(Some(on_success));
    }

    /// Stops the built-in, if it has not been stopped before, and returns the error for it.
    pub(crate) fn stop(&self, reason: BuiltinStop) -> io::Error {
        // The first reason counts.
        let _ = self.stop.set(reason);
        cancelled()
    }

    fn write(&self, stream: OutputStream, bytes: &[u8]) -> io::Result<()> {
        let descriptor = match stream {
            OutputStream::Stdout => self.env.stdout,
            OutputStream::Stderr => self.env.stderr,
        };
        match descriptor {
            Some(fd) => self.write_to(fd, stream, bytes),
            None => self.sink.write(self, stream, bytes),
        }
    }

    fn write_to(&self, fd: BorrowedFd<'_>, stream: OutputStream, bytes: &[u8]) -> io::Result<()> {
        let mut rest = bytes;
        while !rest.is_empty() {
            self.wait_for(fd, PollFlags::OUT)?;
            match write_some(fd, rest) {
                Ok(count) => rest = &rest[count..],
                Err(Errno::INTR | Errno::AGAIN) => {}
                // Only for standard output: `SIGPIPE` is no failure in the midst of a
                // pipeline, and what goes to standard error mostly tells of one.
                Err(Errno::PIPE) if stream == OutputStream::Stdout => {
                    return Err(self.stop(BuiltinStop::ReaderGone));
                }
                Err(error) => {
                    if stream == OutputStream::Stdout {
                        let (name, reason) = (self.env.name, reason_text(&error.into()));
                        self.err(format!("{name}: cannot write: {reason}\n").as_bytes())?;
                    }
                    return Err(self.stop(BuiltinStop::WriteFailed));
                }
            }
        }
        Ok(())
    }

    fn wait_for(&self, fd: BorrowedFd<'_>, flags: PollFlags) -> io::Result<()> {
        loop {
            self.check()?;
            let mut fds = vec![PollFd::from_borrowed_fd(fd, flags)];
            if self.poll(&mut fds)? && !fds[0].revents().is_empty() {
                return Ok(());
            }
        }
    }

    fn poll<'fd>(&'fd self, fds: &mut Vec<PollFd<'fd>>) -> io::Result<bool> {
        let polled = self.env.wake.poll(fds, self.sink.timeout());
        polled.map_err(|error| self.stop(BuiltinStop::WaitFailed(error)))
    }
}

/// The built-in has been stopped before it came to its end.
#[derive(Debug)]
struct CancelledError;

impl fmt::Display for CancelledError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the job is over")
    }
}

impl std::error::Error for CancelledError {}

/// The error of each call after a stop.
pub(super) fn cancelled() -> io::Error {
    io::Error::other(CancelledError)
}

/// Tells the stop of a built-in from what is wrong with a file.
pub(super) fn is_cancelled(error: &io::Error) -> bool {
    error
        .get_ref()
        .is_some_and(|inner| inner.is::<CancelledError>())
}

/// Standard output, written in large pieces.
pub(super) struct BufferedStdout<'a> {
    stdio: &'a BuiltinIo<'a>,
}

impl<'a> BufferedStdout<'a> {
    pub(super) fn new(stdio: &'a BuiltinIo<'a>) -> BufferedStdout<'a> {
        BufferedStdout { stdio }
    }
}

impl Write for BufferedStdout<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.write_all(bytes)?;
        Ok(bytes.len())
    }

    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        if self.stdio.pending.borrow().len() + bytes.len() > CHUNK {
            self.flush()?;
        }
        if bytes.len() >= CHUNK {
            return self.stdio.out(bytes);
        }
        self.stdio.pending.borrow_mut().extend_from_slice(bytes);
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stdio.flush()
    }
}

/// Tells on standard error what is wrong with a file: `@sha256: cannot read 'x': REASON`.
///
/// # Errors
/// The built-in has been stopped; `error` may tell that, too.
pub(super) fn complain(
    stdio: &BuiltinIo<'_>,
    what: &str,
    file: &[u8],
    error: io::Error,
) -> io::Result<()> {
    if is_cancelled(&error) {
        return Err(error);
    }
    let mut text = format!("{what} '").into_bytes();
    text.extend_from_slice(file);
    text.extend_from_slice(format!("': {}\n", reason_text(&error)).as_bytes());
    stdio.err(&escape_controls(&text))
}

#[cfg(test)]
pub(super) mod tests;
