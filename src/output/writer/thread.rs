//! The thread behind an [`OutputWriter`](super::OutputWriter).

use std::fs::File;
use std::io;
use std::os::fd::AsFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use crossbeam_channel::{Receiver, RecvTimeoutError};
use rustix::io::Errno;

use super::{BATCH, WEIGHT, WriteRequest, WriteTarget, WriterNotice, send, weight, write_all};
use crate::builtin::CombinedResult;
use crate::os::startup;
use crate::output::outlet::{self, OutputError};
use crate::output::results::{ResultsError, ResultsLocation, ResultsWriter};
use crate::output::sequencer::FinishedJob;
use crate::output::status_area::StatusArea;
use crate::spool::Spool;

/// What the thread works with.
pub(super) struct WriterThread<F> {
    pub(super) backlog: Arc<AtomicU64>,
    pub(super) log: Option<File>,
    pub(super) sink: Option<ResultsWriter>,
    pub(super) status: StatusArea,
    pub(super) status_waits: Arc<AtomicBool>,
    /// Results were lost.
    pub(super) unkept: bool,
    pub(super) tell: F,
    /// Bytes that were taken over and not written yet...
    pub(super) batch: Vec<u8>,
    /// ...and where they go.
    pub(super) batched: WriteTarget,
    /// By target: a write has failed.
    pub(super) failed: [bool; 3],
}

impl<F: Fn(WriterNotice)> WriterThread<F> {
    pub(super) fn run(mut self, orders: &Receiver<WriteRequest>) {
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

    fn carry_out(&mut self, order: WriteRequest) {
        match order {
            WriteRequest::Output(target, bytes, in_flight) => {
                self.output(target, &bytes);
                self.backlog
                    .fetch_sub(bytes.len() + WEIGHT, Ordering::Relaxed);
                drop(in_flight);
            }
            WriteRequest::Keep(finished, spot) => {
                self.keep(&finished, spot.as_ref());
                self.backlog.fetch_sub(weight(&finished), Ordering::Relaxed);
            }
            WriteRequest::Record(record) => {
                self.flush();
                // A job whose output was lost is not done.
                if !self.unkept && !self.failed.contains(&true) {
                    let written = self.write(WriteTarget::Log, &record);
                    self.check(WriteTarget::Log, written);
                }
                let weight = record.len() as u64 + WEIGHT;
                self.backlog.fetch_sub(weight, Ordering::Relaxed);
            }
            WriteRequest::Message(text) => {
                self.flush();
                let _ = self.write(WriteTarget::Stderr, &text);
            }
            WriteRequest::Combined(combined) => self.combined(&combined),
            WriteRequest::Status(lines) => {
                self.flush();
                let lines = self.status.replace(lines);
                self.draw(&lines);
                self.status_waits.store(false, Ordering::Relaxed);
            }
            WriteRequest::ClearStatus(done) => {
                self.flush();
                let erased = self.status.clear();
                self.draw(&erased);
                let _ = done.send(());
            }
            WriteRequest::AbandonStatus => self.status.abandon(),
            WriteRequest::Drain => {
                self.flush();
                (self.tell)(WriterNotice::Drained);
            }
        }
    }

    fn output(&mut self, target: WriteTarget, bytes: &Spool) {
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
                WriteTarget::Stdout => send(io::stdout().as_fd(), file, offset, len),
                // It is seldom so long that it would be worth it.
                WriteTarget::Stderr | WriteTarget::Log => 0,
            },
            |piece| self.write(target, piece),
        );
        self.check(target, written);
    }

    fn keep(&mut self, finished: &FinishedJob, spot: Option<&ResultsLocation>) {
        // What is printed of a table goes around the batch.
        self.flush();
        let Some(sink) = &mut self.sink else {
            return;
        };
        let lost = self.unkept || (sink.prints() && self.failed[WriteTarget::Stdout as usize]);
        if lost {
            return;
        }
        let leaves_stderr = sink.leaves_stderr();
        match sink.keep(finished, spot) {
            Ok(text) => {
                let written = self.write(WriteTarget::Stdout, &text);
                self.check(WriteTarget::Stdout, written);
            }
            Err(ResultsError::Stdout(error)) => self.check(WriteTarget::Stdout, Err(error)),
            Err(ResultsError::Stored(error)) => {
                self.unkept = true;
                (self.tell)(WriterNotice::Unkept(error));
            }
        }
        if leaves_stderr {
            self.output(WriteTarget::Stderr, &finished.stderr);
        }
    }

    fn combined(&mut self, combined: &CombinedResult) {
        self.flush();
        if self.failed[WriteTarget::Stdout as usize] {
            return;
        }
        match outlet::write(combined) {
            Ok(()) => {}
            Err(OutputError::Stdout(error)) => self.check(WriteTarget::Stdout, Err(error)),
            Err(OutputError::Result(error)) => (self.tell)(WriterNotice::Uncombined(error)),
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
            let _ = self.write_plain(WriteTarget::Stderr, lines);
        }
    }

    /// Writes above the status lines.
    fn write(&mut self, target: WriteTarget, bytes: &[u8]) -> io::Result<()> {
        match self.status.above(target, bytes) {
            Some(bytes) => self.write_plain(target, &bytes),
            None => self.write_plain(target, bytes),
        }
    }

    fn write_plain(&self, target: WriteTarget, bytes: &[u8]) -> io::Result<()> {
        match (target, &self.log) {
            (WriteTarget::Stdout, _) => write_all(io::stdout().as_fd(), bytes),
            // Rust has put `/dev/null` there, where bytes would be lost in silence.
            (WriteTarget::Stderr, _) if !startup::was_open(2) => Err(Errno::BADF.into()),
            (WriteTarget::Stderr, _) => write_all(io::stderr().as_fd(), bytes),
            (WriteTarget::Log, Some(log)) => write_all(log.as_fd(), bytes),
            (WriteTarget::Log, None) => Ok(()),
        }
    }

    fn check(&mut self, target: WriteTarget, written: io::Result<()>) {
        if let Err(error) = written
            && !std::mem::replace(&mut self.failed[target as usize], true)
        {
            (self.tell)(WriterNotice::Failed(target, error));
        }
    }
}
