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

use crate::exec::capture::Stream;
use crate::exec::control::InFlight;
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
    /// One record of the log, in one write.
    Record(Vec<u8>),
    /// prun's own words on standard error, lost if that cannot take them.
    Message(Vec<u8>),
    Drain,
}

/// What the writer tells.
#[derive(Debug)]
pub enum Delivery {
    /// These bytes and all later ones for the same target are lost.
    Failed(Target, io::Error),
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
    /// Starts the thread. What it has to tell goes to `tell`; records go to `log`.
    ///
    /// # Errors
    /// No thread could be started.
    pub fn start(
        log: Option<File>,
        tell: impl Fn(Delivery) + Send + 'static,
    ) -> io::Result<Writer> {
        let (orders, received) = unbounded();
        let backlog = Arc::new(AtomicU64::new(0));
        let desk = Desk {
            backlog: Arc::clone(&backlog),
            log,
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

    /// Appends a record to the log. It follows what was given before: a job is on
    /// record only when its output was accepted.
    pub fn record(&self, record: Vec<u8>) {
        self.order(Order::Record(record));
    }

    /// Says something on standard error.
    pub fn message(&self, text: impl Into<Vec<u8>>) {
        self.order(Order::Message(text.into()));
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
            Order::Record(record) => {
                self.flush();
                // A job whose output was lost is not done.
                if !self.failed.contains(&true) {
                    let written = self.write(Target::Log, &record);
                    self.check(Target::Log, written);
                }
            }
            Order::Message(text) => {
                self.flush();
                let _ = self.write(Target::Stderr, &text);
            }
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
            |file, offset, len| Self::send(target, file, offset, len),
            |piece| self.write(target, piece),
        );
        self.check(target, written);
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

    /// Lets the kernel copy from a file, and returns how many bytes it did: fewer where
    /// the target takes none that way, such as a file opened for appending. What is
    /// wrong otherwise will be told by the write that follows.
    #[cfg(target_os = "linux")]
    fn send(target: Target, file: &File, mut offset: u64, len: u64) -> u64 {
        let mut sent = 0;
        // Standard error is seldom so long that it would be worth it.
        while target == Target::Stdout && sent < len {
            let count = (len - sent).min(1 << 30) as usize;
            match rustix::fs::sendfile(io::stdout(), file, Some(&mut offset), count) {
                Ok(0) | Err(_) => break,
                Ok(count) => sent += count as u64,
            }
        }
        sent
    }

    #[cfg(not(target_os = "linux"))]
    fn send(_: Target, _: &File, _: u64, _: u64) -> u64 {
        0
    }

    fn check(&mut self, target: Target, written: io::Result<()>) {
        if let Err(error) = written
            && !std::mem::replace(&mut self.failed[target as usize], true)
        {
            (self.tell)(Delivery::Failed(target, error));
        }
    }
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
