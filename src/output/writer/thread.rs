//! The thread behind an [`OutputWriter`](super::OutputWriter).

use std::io;
use std::os::fd::AsFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Instant;

use crossbeam_channel::{Receiver, RecvTimeoutError};
use rustix::io::Errno;

use super::record_writer::RecordWriter;
use super::request::{WriteRequest, WriterNotice};
use crate::builtin::CombinedResult;
use crate::error::Result;
use crate::observer::{RecordCondition, RecordDestination};
use crate::os::startup;
use crate::output::combined::{self, OutputError};
use crate::output::descriptor::{send_file, write_all};
use crate::output::results::{ResultsError, ResultsWriter};
use crate::output::status_area::StatusArea;
use crate::output::{FinishedAttempt, WriteTarget};
use crate::spool::Spool;

/// Small outputs are put together to this size before they are written.
const BATCH: usize = 64 << 10;

/// State of the thread.
pub(super) struct WriterThread<F> {
    pub(super) backlog: Arc<AtomicU64>,
    /// Each until a write to it fails.
    sinks: Vec<Option<RecordWriter>>,
    results: Option<ResultsWriter>,
    status: StatusArea,
    pub(super) status_waits: Arc<AtomicBool>,
    are_results_lost: bool,
    /// Records of some sink are lost.
    are_records_lost: bool,
    tell: F,
    /// Bytes that were taken over and not written yet...
    batch: Vec<u8>,
    /// ...and where they go.
    batched: WriteTarget,
    /// By target: a write has failed.
    failed: [bool; 2],
}

impl<F: Fn(WriterNotice)> WriterThread<F> {
    pub(super) fn new(
        sinks: Vec<RecordDestination>,
        results: Option<ResultsWriter>,
        status: StatusArea,
        tell: F,
    ) -> Self {
        WriterThread {
            backlog: Arc::default(),
            sinks: sinks.into_iter().map(RecordWriter::new).map(Some).collect(),
            results,
            status,
            status_waits: Arc::default(),
            are_results_lost: false,
            are_records_lost: false,
            tell,
            batch: Vec::with_capacity(BATCH),
            batched: WriteTarget::Stdout,
            failed: [false; 2],
        }
    }

    pub(super) fn run(mut self, requests: &Receiver<WriteRequest>) {
        loop {
            let due = self.status.due().into_iter().chain(self.sync_due()).min();
            let received = match due {
                Some(due) => requests.recv_deadline(due),
                None => requests.recv().map_err(|_| RecvTimeoutError::Disconnected),
            };
            match received {
                Ok(request) => self.carry_out(request),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
            // Whatever came meanwhile may share a write; nothing waits for more to come.
            for request in requests.try_iter() {
                self.carry_out(request);
            }
            self.flush();
            if self.sync_due().is_some() {
                self.sync(|file| file.sync_overdue(Instant::now()));
            }
            let lines = self.status.redraw();
            self.draw(&lines);
        }
    }

    fn carry_out(&mut self, request: WriteRequest) {
        let weight = request.weight();
        match request {
            WriteRequest::Output(target, bytes, _credit) => self.output(target, &bytes),
            WriteRequest::Results(finished) => self.results(&finished),
            WriteRequest::Record(sink, condition, record) => {
                self.record(sink, condition, &record);
            }
            WriteRequest::PrintedRecord(condition, record) => {
                // What is before it on the same stream is lost only together with it.
                if self.batched == WriteTarget::Stderr {
                    self.flush();
                }
                if self.meets(condition) {
                    self.output(WriteTarget::Stdout, &record);
                }
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
            WriteRequest::Sync => self.sync(RecordWriter::sync_last),
            WriteRequest::Drain => {
                self.flush();
                (self.tell)(WriterNotice::Drained);
            }
        }
        self.backlog.fetch_sub(weight, Ordering::Relaxed);
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
                WriteTarget::Stdout => send_file(io::stdout().as_fd(), file, offset, len),
                // It is seldom so long that it would be worth it.
                WriteTarget::Stderr => 0,
            },
            |piece| self.write(target, piece),
        );
        self.check(target, written);
    }

    /// Tells whether a record of this condition may be written.
    fn meets(&self, condition: RecordCondition) -> bool {
        if condition == RecordCondition::None {
            return true;
        }
        let is_output_lost = self.are_results_lost || self.failed.contains(&true);
        let is_record_lost = condition == RecordCondition::AllRecorded && self.are_records_lost;
        !is_output_lost && !is_record_lost
    }

    fn record(&mut self, index: usize, condition: RecordCondition, record: &[u8]) {
        if condition != RecordCondition::None {
            self.flush();
        }
        if !self.meets(condition) {
            return;
        }
        if let Some(file) = &mut self.sinks[index] {
            let written = file.write(record);
            self.check_record(index, written);
        }
    }

    /// Time at which the disk has to have some record.
    fn sync_due(&self) -> Option<Instant> {
        let files = self.sinks.iter().flatten();
        files.filter_map(RecordWriter::due).min()
    }

    /// Lets the disk have records of each file.
    fn sync(&mut self, sync: impl Fn(&mut RecordWriter) -> Result<()>) {
        for index in 0..self.sinks.len() {
            if let Some(file) = &mut self.sinks[index] {
                let synced = sync(file);
                self.check_record(index, synced);
            }
        }
    }

    fn check_record(&mut self, index: usize, written: Result<()>) {
        if let Err(error) = written {
            self.sinks[index] = None;
            self.are_records_lost = true;
            (self.tell)(WriterNotice::RecordLost(error));
        }
    }

    fn results(&mut self, finished: &FinishedAttempt) {
        // What is printed of a table goes around the batch.
        self.flush();
        let Some(results) = &mut self.results else {
            return;
        };
        let is_stdout_lost = self.failed[WriteTarget::Stdout as usize];
        if self.are_results_lost || (results.prints() && is_stdout_lost) {
            return;
        }
        let leaves_stderr = results.leaves_stderr();
        match results.write(finished) {
            Ok(text) => {
                let printed = self.write(WriteTarget::Stdout, &text);
                self.check(WriteTarget::Stdout, printed);
            }
            Err(ResultsError::Stdout(error)) => self.check(WriteTarget::Stdout, Err(error)),
            Err(ResultsError::Stored(error)) => {
                self.are_results_lost = true;
                (self.tell)(WriterNotice::ResultsLost(error));
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
        match combined::write(combined) {
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
        match target {
            WriteTarget::Stdout => write_all(io::stdout().as_fd(), bytes),
            // Rust has put `/dev/null` there, where bytes would be lost in silence.
            WriteTarget::Stderr if !startup::was_open(2) => Err(Errno::BADF.into()),
            WriteTarget::Stderr => write_all(io::stderr().as_fd(), bytes),
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
