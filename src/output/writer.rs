//! The one thread that writes: jobs' output, messages and the job log, in the order
//! they were given to it. A slow reader blocks this thread and nothing else.

use std::fs::File;
use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use crossbeam_channel::{Receiver, Sender, unbounded};
use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::Errno;

use super::outlet::{self, Flaw};
use super::results::{Failure, Sink, Spot};
use super::sequencer::Finished;
use crate::builtin::Combined;
use crate::error::Error;
use crate::exec::capture::Stream;
use crate::exec::in_flight::InFlight;
use crate::os::startup;
use crate::spool::Spool;

/// Small outputs are put together to this size before they are written.
const BATCH: usize = 64 << 10;

/// What an order weighs beside its bytes, so that many small ones count as much as the
/// memory that they take.
const WEIGHT: u64 = 8 << 10;

/// Where bytes go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// prun's standard output.
    Stdout,
    /// prun's standard error.
    Stderr,
    /// The job log.
    Log,
}

impl From<Stream> for Target {
    fn from(stream: Stream) -> Self {
        match stream {
            Stream::Stdout => Target::Stdout,
            Stream::Stderr => Target::Stderr,
        }
    }
}

/// What the writer is told to do.
enum Order {
    Output(Target, Spool, Option<InFlight>),
    /// What a job leaves, to be kept instead of printed.
    Keep(Box<Finished>, Option<Spot>),
    /// One record of the log, in one write.
    Record(Vec<u8>),
    /// prun's own words on standard error, lost if that cannot take them.
    Message(Vec<u8>),
    /// The one result of all jobs.
    Combined(Combined),
    Drain,
}

/// What the writer tells.
#[derive(Debug)]
pub enum Delivery {
    /// These bytes and all later ones for the same target are lost.
    Failed(Target, io::Error),
    /// Results of a job and of all later ones are not kept.
    Unkept(Error),
    /// The result of all jobs could not be made.
    Uncombined(Error),
    /// Everything before [`Writer::drain`] was delivered, or told as failed.
    Drained,
}

/// The way to the writing thread.
#[derive(Debug)]
pub struct Writer {
    orders: Sender<Order>,
    backlog: Arc<AtomicU64>,
}

impl Writer {
    /// Starts the thread. What it has to tell goes to `tell`; records go to `log`, what is
    /// to be kept to `sink`.
    ///
    /// # Errors
    /// No thread could be started.
    pub fn start(
        log: Option<File>,
        sink: Option<Sink>,
        tell: impl Fn(Delivery) + Send + 'static,
    ) -> io::Result<Writer> {
        let (orders, received) = unbounded();
        let backlog = Arc::new(AtomicU64::new(0));
        let desk = Desk {
            backlog: Arc::clone(&backlog),
            log,
            sink,
            unkept: false,
            tell,
            batch: Vec::with_capacity(BATCH),
            batched: Target::Stdout,
            failed: [false; 3],
        };
        thread::Builder::new()
            .name("writer".to_owned())
            .stack_size(128 << 10)
            .spawn(move || desk.run(&received))?;
        Ok(Writer { orders, backlog })
    }

    /// Writes what a job printed.
    pub fn output(&self, target: Target, bytes: Spool, in_flight: Option<InFlight>) {
        if bytes.is_empty() {
            return;
        }
        self.backlog
            .fetch_add(bytes.len() + WEIGHT, Ordering::Relaxed);
        self.order(Order::Output(target, bytes, in_flight));
    }

    /// Keeps what a job leaves, at its place if it has one.
    pub fn keep(&self, finished: Box<Finished>, spot: Option<Spot>) {
        self.backlog.fetch_add(weight(&finished), Ordering::Relaxed);
        self.order(Order::Keep(finished, spot));
    }

    /// Appends a record to the log. It follows what was given before: a job is on
    /// record only when its output was accepted.
    pub fn record(&self, record: Vec<u8>) {
        let weight = record.len() as u64 + WEIGHT;
        self.backlog.fetch_add(weight, Ordering::Relaxed);
        self.order(Order::Record(record));
    }

    /// Says something on standard error.
    pub fn message(&self, text: impl Into<Vec<u8>>) {
        self.order(Order::Message(text.into()));
    }

    /// Writes the one result of all jobs.
    pub fn combined(&self, combined: Combined) {
        self.order(Order::Combined(combined));
    }

    /// Asks to be told when everything so far was written.
    pub fn drain(&self) {
        self.order(Order::Drain);
    }

    /// What waits for its reader: bytes of output, each piece with some more.
    pub fn backlog(&self) -> u64 {
        self.backlog.load(Ordering::Relaxed)
    }

    fn order(&self, order: Order) {
        // The thread ends only when this end is gone.
        let _ = self.orders.send(order);
    }
}

struct Desk<F> {
    backlog: Arc<AtomicU64>,
    log: Option<File>,
    sink: Option<Sink>,
    /// Results were lost.
    unkept: bool,
    tell: F,
    /// Bytes that were taken over and not written yet...
    batch: Vec<u8>,
    /// ...and where they go.
    batched: Target,
    /// By target: a write has failed.
    failed: [bool; 3],
}

impl<F: Fn(Delivery)> Desk<F> {
    fn run(mut self, orders: &Receiver<Order>) {
        while let Ok(order) = orders.recv() {
            self.carry_out(order);
            // Whatever came meanwhile may share a write; nothing waits for more to come.
            for order in orders.try_iter() {
                self.carry_out(order);
            }
            self.flush();
        }
    }

    fn carry_out(&mut self, order: Order) {
        match order {
            Order::Output(target, bytes, in_flight) => {
                self.output(target, &bytes);
                self.backlog
                    .fetch_sub(bytes.len() + WEIGHT, Ordering::Relaxed);
                drop(in_flight);
            }
            Order::Keep(finished, spot) => {
                self.keep(&finished, spot.as_ref());
                self.backlog.fetch_sub(weight(&finished), Ordering::Relaxed);
            }
            Order::Record(record) => {
                self.flush();
                // A job whose output was lost is not done.
                if !self.unkept && !self.failed.contains(&true) {
                    let written = self.write(Target::Log, &record);
                    self.check(Target::Log, written);
                }
                let weight = record.len() as u64 + WEIGHT;
                self.backlog.fetch_sub(weight, Ordering::Relaxed);
            }
            Order::Message(text) => {
                self.flush();
                let _ = self.write(Target::Stderr, &text);
            }
            Order::Combined(combined) => self.combined(&combined),
            Order::Drain => {
                self.flush();
                (self.tell)(Delivery::Drained);
            }
        }
    }

    fn output(&mut self, target: Target, bytes: &Spool) {
        if self.failed[target as usize] {
            return;
        }
        if self.batched != target {
            self.flush();
            self.batched = target;
        }
        if let Some(small) = bytes.in_memory()
            && small.len() + self.batch.len() <= BATCH
        {
            self.batch.extend_from_slice(small);
            return;
        }
        self.flush();
        let written = bytes.deliver(
            |file, offset, len| match target {
                Target::Stdout => send(io::stdout().as_fd(), file, offset, len),
                // It is seldom so long that it would be worth it.
                Target::Stderr | Target::Log => 0,
            },
            |piece| self.write(target, piece),
        );
        self.check(target, written);
    }

    fn keep(&mut self, finished: &Finished, spot: Option<&Spot>) {
        // What is printed of a table goes around the batch.
        self.flush();
        let Some(sink) = &mut self.sink else {
            return;
        };
        let lost = self.unkept || (sink.prints() && self.failed[Target::Stdout as usize]);
        if lost {
            return;
        }
        let leaves_stderr = sink.leaves_stderr();
        match sink.keep(finished, spot) {
            Ok(text) => {
                let written = self.write(Target::Stdout, &text);
                self.check(Target::Stdout, written);
            }
            Err(Failure::Stdout(error)) => self.check(Target::Stdout, Err(error)),
            Err(Failure::Stored(error)) => {
                self.unkept = true;
                (self.tell)(Delivery::Unkept(error));
            }
        }
        if leaves_stderr {
            self.output(Target::Stderr, &finished.stderr);
        }
    }

    fn combined(&mut self, combined: &Combined) {
        self.flush();
        if self.failed[Target::Stdout as usize] {
            return;
        }
        match outlet::write(combined) {
            Ok(()) => {}
            Err(Flaw::Stdout(error)) => self.check(Target::Stdout, Err(error)),
            Err(Flaw::Result(error)) => (self.tell)(Delivery::Uncombined(error)),
        }
    }

    fn flush(&mut self) {
        if self.batch.is_empty() {
            return;
        }
        let batch = std::mem::take(&mut self.batch);
        let written = self.write(self.batched, &batch);
        self.check(self.batched, written);
        self.batch = batch;
        self.batch.clear();
    }

    fn write(&self, target: Target, bytes: &[u8]) -> io::Result<()> {
        match (target, &self.log) {
            (Target::Stdout, _) => write_all(io::stdout().as_fd(), bytes),
            // Rust has put `/dev/null` there, where bytes would be lost in silence.
            (Target::Stderr, _) if !startup::was_open(2) => Err(Errno::BADF.into()),
            (Target::Stderr, _) => write_all(io::stderr().as_fd(), bytes),
            (Target::Log, Some(log)) => write_all(log.as_fd(), bytes),
            (Target::Log, None) => Ok(()),
        }
    }

    fn check(&mut self, target: Target, written: io::Result<()>) {
        if let Err(error) = written
            && !std::mem::replace(&mut self.failed[target as usize], true)
        {
            (self.tell)(Delivery::Failed(target, error));
        }
    }
}

/// What an order to keep weighs.
fn weight(finished: &Finished) -> u64 {
    finished.stdout.len() + finished.stderr.len() + WEIGHT
}

/// Lets the kernel copy from a file, and returns how many bytes it did: fewer where the
/// target takes none that way, such as a file opened for appending. What is wrong
/// otherwise will be told by the write that follows.
#[cfg(target_os = "linux")]
pub fn send(target: BorrowedFd<'_>, file: &File, mut offset: u64, len: u64) -> u64 {
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
pub fn write_all(fd: BorrowedFd<'_>, mut bytes: &[u8]) -> io::Result<()> {
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
