//! The thread behind a [`Writer`](super::Writer).

use std::fs::File;
use std::io;
use std::os::fd::AsFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use crossbeam_channel::{Receiver, RecvTimeoutError};
use rustix::io::Errno;

use super::{BATCH, Delivery, Order, Target, WEIGHT, send, weight, write_all};
use crate::builtin::Combined;
use crate::os::startup;
use crate::output::outlet::{self, Flaw};
use crate::output::results::{Failure, Sink, Spot};
use crate::output::sequencer::Finished;
use crate::output::status_area::StatusArea;
use crate::spool::Spool;

/// What the thread works with.
pub(super) struct WriterThread<F> {
    pub(super) backlog: Arc<AtomicU64>,
    pub(super) log: Option<File>,
    pub(super) sink: Option<Sink>,
    pub(super) status: StatusArea,
    pub(super) status_waits: Arc<AtomicBool>,
    /// Results were lost.
    pub(super) unkept: bool,
    pub(super) tell: F,
    /// Bytes that were taken over and not written yet...
    pub(super) batch: Vec<u8>,
    /// ...and where they go.
    pub(super) batched: Target,
    /// By target: a write has failed.
    pub(super) failed: [bool; 3],
}

impl<F: Fn(Delivery)> WriterThread<F> {
    pub(super) fn run(mut self, orders: &Receiver<Order>) {
        loop {
            let received = match self.status.due() {
                Some(due) => orders.recv_deadline(due),
                None => orders.recv().map_err(|_| RecvTimeoutError::Disconnected),
            };
            match received {
                Ok(order) => self.carry_out(order),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
            // Whatever came meanwhile may share a write; nothing waits for more to come.
            for order in orders.try_iter() {
                self.carry_out(order);
            }
            self.flush();
            let lines = self.status.redraw();
            self.draw(&lines);
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
            Order::Status(lines) => {
                self.flush();
                let lines = self.status.replace(lines);
                self.draw(&lines);
                self.status_waits.store(false, Ordering::Relaxed);
            }
            Order::ClearStatus(done) => {
                self.flush();
                let erased = self.status.clear();
                self.draw(&erased);
                let _ = done.send(());
            }
            Order::AbandonStatus => self.status.abandon(),
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
        let erased = self.status.make_room(target, bytes.ends_line());
        self.draw(&erased);
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

    /// Draws status lines. They are lost if the terminal cannot take them.
    fn draw(&self, lines: &[u8]) {
        if !lines.is_empty() {
            let _ = self.write_plain(Target::Stderr, lines);
        }
    }

    /// Writes above the status lines.
    fn write(&mut self, target: Target, bytes: &[u8]) -> io::Result<()> {
        match self.status.above(target, bytes) {
            Some(bytes) => self.write_plain(target, &bytes),
            None => self.write_plain(target, bytes),
        }
    }

    fn write_plain(&self, target: Target, bytes: &[u8]) -> io::Result<()> {
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
