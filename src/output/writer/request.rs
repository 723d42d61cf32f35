//! Requests to the writing thread, and its notices.

use std::io;

use crossbeam_channel::Sender;

use crate::builtin::CombinedResult;
use crate::error::Error;
use crate::exec::capture::output_credit::OutputCredit;
use crate::observer::RecordCondition;
use crate::output::{FinishedAttempt, WriteTarget};
use crate::spool::Spool;

/// Bytes that every request counts as beside its own, so that many small ones count as much
/// as the memory that they take.
const OVERHEAD: u64 = 8 << 10;

pub(super) enum WriteRequest {
    Output(WriteTarget, Spool, Option<OutputCredit>),
    /// Output that becomes results instead of being printed.
    Results(Box<FinishedAttempt>),
    /// A record for the sink of this index, in one write.
    Record(usize, RecordCondition, Vec<u8>),
    /// A record for standard output.
    PrintedRecord(RecordCondition, Spool),
    /// Whole lines for standard error, lost if that cannot take them.
    Message(Vec<u8>),
    /// The one result of all jobs.
    Combined(CombinedResult),
    /// Lines below everything else on the terminal.
    Status(Vec<String>),
    /// Erases the status lines, then answers.
    ClearStatus(Sender<()>),
    /// Leaves the status lines where they are.
    AbandonStatus,
    /// Lets the disk have all records.
    Sync,
    Drain,
}

impl WriteRequest {
    /// Contribution to the backlog, in bytes.
    pub(super) fn weight(&self) -> u64 {
        match self {
            WriteRequest::Output(_, bytes, _) | WriteRequest::PrintedRecord(_, bytes) => {
                bytes.len() + OVERHEAD
            }
            WriteRequest::Results(finished) => {
                finished.stdout.len() + finished.stderr.len() + OVERHEAD
            }
            WriteRequest::Record(.., record) => record.len() as u64 + OVERHEAD,
            _ => 0,
        }
    }
}

#[derive(Debug)]
pub(crate) enum WriterNotice {
    /// Bytes for this target, and all later ones, are lost.
    Failed(WriteTarget, io::Error),
    /// A record of a sink, and all later ones of the same sink, are lost.
    RecordLost(Error),
    /// Results of a job, and of all later ones, are lost.
    ResultsLost(Error),
    /// The result of all jobs could not be made.
    Uncombined(Error),
    /// All requests before [`WriteRequest::Drain`] were carried out or reported as failed.
    Drained,
}
