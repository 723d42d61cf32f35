//! The thread that writes to a job's FIFO (`--fifo`).
//!
//! Whoever opens a FIFO waits for somebody to open its other side. A job may never do so, it
//! may read a part only, and a process that it leaves behind may have the FIFO open for ever:
//! the thread has to end with the job in each case.

use std::convert::Infallible;
use std::io::{self, PipeReader, PipeWriter};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{Mode, OFlags, fcntl_setfl, open};
use rustix::io::{Errno, retry_on_intr, write};

use super::stdin_writer::unreadable;
use crate::input::JobStdin;
use crate::os::fifo::Fifo;
use crate::os::pipe::enlarge;

const STACK: usize = 128 << 10;

/// Time between two attempts to open the FIFO when there is no descriptor left.
const RETRY: Duration = Duration::from_millis(20);

/// Attempts to release the thread, before it is left behind.
const RETRIES: usize = 500;

/// The thread, which ends when [`FifoFeeder::finish`] says so.
#[derive(Debug)]
pub(super) struct FifoFeeder {
    fifo: Fifo,
    /// Disconnected once the thread waits for no reader any more.
    opened: Receiver<Infallible>,
    /// Closed to end the thread.
    cancel: PipeWriter,
    thread: JoinHandle<FedBytes>,
}

/// Number of bytes that the FIFO has taken, and whether all could be read.
pub(super) type FedBytes = (u64, io::Result<()>);

impl FifoFeeder {
    /// Starts the thread.
    ///
    /// # Errors
    /// There is no descriptor or thread left.
    pub(super) fn start(fifo: Fifo, stdin: &JobStdin) -> io::Result<FifoFeeder> {
        let (cancelled, cancel) = io::pipe()?;
        let stdin = stdin.clone();
        let (sender, opened) = channel();
        let feeder = FifoThread {
            path: fifo.path().to_owned(),
            reserved: cancelled.try_clone()?,
            cancelled,
            opened: sender,
        };
        let thread = Builder::new()
            .name("fifo".to_owned())
            .stack_size(STACK)
            .spawn(move || feeder.run(&stdin))?;
        Ok(FifoFeeder {
            fifo,
            opened,
            cancel,
            thread,
        })
    }

    /// Ends the thread, since the job has ended.
    pub(super) fn finish(self) -> FedBytes {
        drop(self.cancel);
        // Kept until the thread has passed its own open(2): it would miss one that comes and
        // goes.
        let (mut reader, mut pause) = (None, Duration::ZERO);
        for _ in 0..RETRIES {
            if self.opened.recv_timeout(pause) == Err(RecvTimeoutError::Disconnected) {
                drop(reader);
                return self.thread.join().unwrap_or((0, Ok(())));
            }
            reader = reader.or_else(|| self.fifo.open_reader().ok());
            pause = RETRY;
        }
        // The job has removed the FIFO, and the system gives no other way to it.
        (0, Ok(()))
    }
}

/// Side of the thread.
struct FifoThread {
    path: PathBuf,
    cancelled: PipeReader,
    /// Closed to have a descriptor for the FIFO.
    reserved: PipeReader,
    /// Dropped once the FIFO is open.
    opened: Sender<Infallible>,
}

impl FifoThread {
    fn run(self, stdin: &JobStdin) -> FedBytes {
        drop(self.reserved);
        let fifo = open_when_read(&self.path, self.cancelled.as_fd());
        drop(self.opened);
        let mut sent = 0;
        let fed = match fifo {
            Some(fifo) => feed(&fifo, stdin, self.cancelled.as_fd(), &mut sent),
            None => Ok(()),
        };
        (sent, fed)
    }
}

/// Opens the FIFO when the job does; `None` if the job has ended, or removed it. The job waits
/// for that, and so an open that fails is tried again: another thread may have taken the
/// descriptor.
fn open_when_read(path: &Path, cancelled: BorrowedFd<'_>) -> Option<OwnedFd> {
    let flags = OFlags::WRONLY | OFlags::CLOEXEC;
    loop {
        match open(path, flags, Mode::empty()) {
            Ok(fifo) => return Some(fifo),
            Err(Errno::NOENT) => return None,
            Err(_) => {
                let mut fds = [PollFd::from_borrowed_fd(cancelled, PollFlags::IN)];
                let pause = Timespec::try_from(RETRY).ok();
                if !matches!(poll(&mut fds, pause.as_ref()), Ok(0) | Err(Errno::INTR)) {
                    return None;
                }
            }
        }
    }
}

/// Writes until there is no more, nobody reads, or the job has ended.
fn feed(
    fifo: &OwnedFd,
    stdin: &JobStdin,
    cancelled: BorrowedFd<'_>,
    sent: &mut u64,
) -> io::Result<()> {
    fcntl_setfl(fifo, OFlags::NONBLOCK)?;
    enlarge(fifo.as_fd());
    let Some(mut reader) = stdin.reader() else {
        return Ok(());
    };
    loop {
        let bytes = reader.fill_buf().map_err(|error| unreadable(&error))?;
        if bytes.is_empty() || !wait(fifo.as_fd(), cancelled)? {
            return Ok(());
        }
        match write(fifo, bytes) {
            Ok(count) => {
                *sent += count as u64;
                reader.consume(count);
            }
            Err(Errno::AGAIN | Errno::INTR) => {}
            Err(Errno::PIPE) => return Ok(()),
            Err(error) => return Err(error.into()),
        }
    }
}

/// Waits until the FIFO takes bytes; `false` once the job has ended.
fn wait(fifo: BorrowedFd<'_>, cancelled: BorrowedFd<'_>) -> io::Result<bool> {
    let mut fds = [
        PollFd::from_borrowed_fd(fifo, PollFlags::OUT),
        PollFd::from_borrowed_fd(cancelled, PollFlags::IN),
    ];
    retry_on_intr(|| poll(&mut fds, None))?;
    Ok(fds[1].revents().is_empty())
}
