//! The one thread that writes: jobs' output, messages and records, in the order they were
//! given to it. A slow reader blocks this thread and nothing else.

mod record_file;
mod record_writer;
mod request;
mod thread;

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::Builder;

use crossbeam_channel::{Receiver, Sender, bounded, unbounded};

use super::FinishedAttempt;
use super::results::ResultsWriter;
use super::status_area::StatusArea;
use super::target::WriteTarget;
use crate::builtin::CombinedResult;
use crate::exec::capture::output_credit::OutputCredit;
use crate::observer::{RecordCondition, RecordDestination};
use crate::spool::Spool;
pub(crate) use request::WriterNotice;

use request::WriteRequest;
use thread::WriterThread;

/// Handle of the writing thread, which ends when this is dropped.
#[derive(Debug)]
pub(crate) struct OutputWriter {
    requests: Sender<WriteRequest>,
    backlog: Arc<AtomicU64>,
    /// Status lines wait to be drawn.
    status_waits: Arc<AtomicBool>,
}

impl OutputWriter {
    /// Starts the thread, which calls `tell` with its notices.
    ///
    /// # Errors
    /// No thread could be started.
    pub(crate) fn start(
        sinks: Vec<RecordDestination>,
        results: Option<ResultsWriter>,
        status: StatusArea,
        tell: impl Fn(WriterNotice) + Send + 'static,
    ) -> io::Result<OutputWriter> {
        let (requests, received) = unbounded();
        let writer = WriterThread::new(sinks, results, status, tell);
        let backlog = Arc::clone(&writer.backlog);
        let status_waits = Arc::clone(&writer.status_waits);
        Builder::new()
            .name("writer".to_owned())
            .stack_size(128 << 10)
            .spawn(move || writer.run(&received))?;
        Ok(OutputWriter {
            requests,
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
        if !bytes.is_empty() {
            self.request(WriteRequest::Output(target, bytes, in_flight));
        }
    }

    /// Writes the output of a job to its results.
    pub(crate) fn results(&self, finished: Box<FinishedAttempt>) {
        self.request(WriteRequest::Results(finished));
    }

    /// Appends a record to the sink of this index. It follows what was given before: a job
    /// is on record only when its output was accepted.
    pub(crate) fn record(&self, sink: usize, condition: RecordCondition, record: Vec<u8>) {
        self.request(WriteRequest::Record(sink, condition, record));
    }

    /// Prints a record on standard output.
    pub(crate) fn print_record(&self, condition: RecordCondition, record: Spool) {
        self.request(WriteRequest::PrintedRecord(condition, record));
    }

    /// Prints whole lines on standard error.
    pub(crate) fn message(&self, text: Vec<u8>) {
        self.request(WriteRequest::Message(text));
    }

    /// Writes the one result of all jobs.
    pub(crate) fn combined(&self, combined: CombinedResult) {
        self.request(WriteRequest::Combined(combined));
    }

    /// Shows these lines below everything else.
    pub(crate) fn show_status(&self, lines: Vec<String>) {
        self.status_waits.store(true, Ordering::Relaxed);
        self.request(WriteRequest::Status(lines));
    }

    /// Tells whether status lines wait to be drawn.
    pub(crate) fn status_waits(&self) -> bool {
        self.status_waits.load(Ordering::Relaxed)
    }

    /// Erases the status lines. The answer comes when that is done.
    pub(crate) fn clear_status(&self) -> Receiver<()> {
        let (done, erased) = bounded(1);
        self.request(WriteRequest::ClearStatus(done));
        erased
    }

    /// Leaves the status lines where they are and draws the next ones anew.
    pub(crate) fn abandon_status(&self) {
        self.request(WriteRequest::AbandonStatus);
    }

    /// Lets the disk have all records.
    pub(crate) fn sync(&self) {
        self.request(WriteRequest::Sync);
    }

    /// Asks for [`WriterNotice::Drained`].
    pub(crate) fn drain(&self) {
        self.request(WriteRequest::Drain);
    }

    /// Bytes that wait for their reader, each piece counting as some more.
    pub(crate) fn backlog(&self) -> u64 {
        self.backlog.load(Ordering::Relaxed)
    }

    fn request(&self, request: WriteRequest) {
        self.backlog.fetch_add(request.weight(), Ordering::Relaxed);
        // The thread ends only when this end is gone.
        let _ = self.requests.send(request);
    }
}
