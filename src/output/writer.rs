//! The one thread that writes: jobs' output, messages and the job log, in the order
//! they were given to it. A slow reader blocks this thread and nothing else.

mod thread;

use std::fs::File;
use std::io;
use std::os::fd::BorrowedFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::Builder;

use crossbeam_channel::{Receiver, Sender, bounded, unbounded};
use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::Errno;

use super::results::{ResultsLocation, ResultsWriter};
use super::sequencer::FinishedJob;
use super::status_area::{StatusArea, StatusLines};
use crate::builtin::CombinedResult;
use crate::error::Error;
use crate::exec::capture::OutputStream;
use crate::exec::capture::output_credit::OutputCredit;
use crate::spool::Spool;
use thread::WriterThread;

/// Small outputs are put together to this size before they are written.
const BATCH: usize = 64 << 10;

/// What an order weighs beside its bytes, so that many small ones count as much as the
/// memory that they take.
const WEIGHT: u64 = 8 << 10;

/// Where bytes go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WriteTarget {
    /// prun's standard output.
    Stdout,
    /// prun's standard error.
    Stderr,
    /// The job log.
    Log,
}

impl From<OutputStream> for WriteTarget {
    fn from(stream: OutputStream) -> Self {
        match stream {
            OutputStream::Stdout => WriteTarget::Stdout,
            OutputStream::Stderr => WriteTarget::Stderr,
        }
    }
}

/// What the writer is told to do.
enum WriteRequest {
    Output(WriteTarget, Spool, Option<OutputCredit>),
    /// What a job leaves, to be kept instead of printed.
    Keep(Box<FinishedJob>, Option<ResultsLocation>),
    /// One record of the log, in one write.
    Record(Vec<u8>),
    /// prun's own words on standard error, lost if that cannot take them.
    Message(Vec<u8>),
    /// The one result of all jobs.
    Combined(CombinedResult),
    /// Lines to be shown below everything else.
    Status(StatusLines),
    /// Erases them, and tells when that is done.
    ClearStatus(Sender<()>),
    /// Leaves them where they are.
    AbandonStatus,
    Drain,
}

/// What the writer tells.
#[derive(Debug)]
pub(crate) enum WriterNotice {
    /// These bytes and all later ones for the same target are lost.
    Failed(WriteTarget, io::Error),
    /// Results of a job and of all later ones are not kept.
    Unkept(Error),
    /// The result of all jobs could not be made.
    Uncombined(Error),
    /// Everything before [`OutputWriter::drain`] was delivered, or told as failed.
    Drained,
}

/// The way to the writing thread.
#[derive(Debug)]
pub(crate) struct OutputWriter {
    orders: Sender<WriteRequest>,
    backlog: Arc<AtomicU64>,
    /// Whether status lines wait to be drawn.
    status_waits: Arc<AtomicBool>,
}

impl OutputWriter {
    /// Starts the thread. What it has to tell goes to `tell`; records go to `log`, what is
    /// to be kept to `sink`, status lines to `status`.
    ///
    /// # Errors
    /// No thread could be started.
    pub(crate) fn start(
        log: Option<File>,
        sink: Option<ResultsWriter>,
        status: StatusArea,
        tell: impl Fn(WriterNotice) + Send + 'static,
    ) -> io::Result<OutputWriter> {
        let (orders, received) = unbounded();
        let backlog = Arc::new(AtomicU64::new(0));
        let status_waits = Arc::new(AtomicBool::new(false));
        let writer = WriterThread {
            backlog: Arc::clone(&backlog),
            status,
            status_waits: Arc::clone(&status_waits),
            log,
            sink,
            unkept: false,
            tell,
            batch: Vec::with_capacity(BATCH),
            batched: WriteTarget::Stdout,
            failed: [false; 3],
        };
        Builder::new()
            .name("writer".to_owned())
            .stack_size(128 << 10)
            .spawn(move || writer.run(&received))?;
        Ok(OutputWriter {
            orders,
            backlog,
            status_waits,
        })
    }

    /// Writes what a job printed.
    pub(crate) fn output(
        &self,
        target: WriteTarget,
        bytes: Spool,
        in_flight: Option<OutputCredit>,
    ) {
        if bytes.is_empty() {
            return;
        }
        self.backlog
            .fetch_add(bytes.len() + WEIGHT, Ordering::Relaxed);
        self.order(WriteRequest::Output(target, bytes, in_flight));
    }

    /// Keeps what a job leaves, at its place if it has one.
    pub(crate) fn keep(&self, finished: Box<FinishedJob>, spot: Option<ResultsLocation>) {
        self.backlog.fetch_add(weight(&finished), Ordering::Relaxed);
        self.order(WriteRequest::Keep(finished, spot));
    }

    /// Appends a record to the log. It follows what was given before: a job is on
    /// record only when its output was accepted.
    pub(crate) fn record(&self, record: Vec<u8>) {
        let weight = record.len() as u64 + WEIGHT;
        self.backlog.fetch_add(weight, Ordering::Relaxed);
        self.order(WriteRequest::Record(record));
    }

    /// Says something on standard error.
    pub(crate) fn message(&self, text: impl Into<Vec<u8>>) {
        self.order(WriteRequest::Message(text.into()));
    }

    /// Writes the one result of all jobs.
    pub(crate) fn combined(&self, combined: CombinedResult) {
        self.order(WriteRequest::Combined(combined));
    }

    /// Shows these lines below everything else.
    pub(crate) fn show_status(&self, lines: StatusLines) {
        self.status_waits.store(true, Ordering::Relaxed);
        self.order(WriteRequest::Status(lines));
    }

    /// Whether such lines wait to be drawn.
    pub(crate) fn status_waits(&self) -> bool {
        self.status_waits.load(Ordering::Relaxed)
    }

    /// Erases such lines. The answer comes when that is done.
    pub(crate) fn clear_status(&self) -> Receiver<()> {
        let (done, erased) = bounded(1);
        self.order(WriteRequest::ClearStatus(done));
        erased
    }

    /// Leaves such lines where they are and draws the next ones anew.
    pub(crate) fn abandon_status(&self) {
        self.order(WriteRequest::AbandonStatus);
    }

    /// Asks to be told when everything so far was written.
    pub(crate) fn drain(&self) {
        self.order(WriteRequest::Drain);
    }

    /// What waits for its reader: bytes of output, each piece with some more.
    pub(crate) fn backlog(&self) -> u64 {
        self.backlog.load(Ordering::Relaxed)
    }

    fn order(&self, order: WriteRequest) {
        // The thread ends only when this end is gone.
        let _ = self.orders.send(order);
    }
}

/// What an order to keep weighs.
fn weight(finished: &FinishedJob) -> u64 {
    finished.stdout.len() + finished.stderr.len() + WEIGHT
}

/// Lets the kernel copy from a file, and returns how many bytes it did: fewer where the
/// target takes none that way, such as a file opened for appending. What is wrong
/// otherwise will be told by the write that follows.
#[cfg(target_os = "linux")]
pub(crate) fn send(target: BorrowedFd<'_>, file: &File, mut offset: u64, len: u64) -> u64 {
    let mut sent = 0;
    while sent < len {
        let count = (len - sent).min(1 << 30) as usize;
        match rustix::fs::sendfile(target, file, Some(&mut offset), count) {
            Ok(0) | Err(_) => break,
            Ok(count) => sent += count as u64,
        }
    }
    sent
}

/// Elsewhere nothing is copied that way.
#[cfg(not(target_os = "linux"))]
pub fn send(_: BorrowedFd<'_>, _: &File, _: u64, _: u64) -> u64 {
    0
}

/// Writes everything. A descriptor that someone else made non-blocking is waited for
/// and left as it is: the flag is shared with whoever gave it to prun.
pub(crate) fn write_all(fd: BorrowedFd<'_>, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        match rustix::io::write(fd, bytes) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(count) => bytes = &bytes[count..],
            Err(Errno::INTR) => {}
            Err(Errno::AGAIN) => {
                let mut fds = [PollFd::from_borrowed_fd(fd, PollFlags::OUT)];
                if let Err(error) = poll(&mut fds, None)
                    && error != Errno::INTR
                {
                    return Err(error.into());
                }
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}
