//! What the dispatcher hears.

use std::io;

use super::limit_command::LimitAnswer;
use crate::error::Error;
use crate::exec::capture::OutputStream;
use crate::exec::capture::output_credit::OutputCredit;
use crate::job::Job;
use crate::output::sequencer::FinishedJob;
use crate::output::writer::WriterNotice;
use crate::spool::Spool;

/// One thing that happened.
#[derive(Debug)]
pub(super) enum PoolEvent {
    /// Jobs were read.
    Jobs(Vec<Job>),
    /// So many will have been read when the input has ended.
    Total(u64),
    /// There are no more, or no more can be read.
    InputEnded(Option<Error>),
    /// A line about a job, to be shown where it happens.
    Remark(Vec<u8>),
    /// A running job printed something that need not wait.
    Output(OutputStream, Spool, OutputCredit),
    /// A running job has left a line to be shown.
    Latest,
    /// A running job has to print to go on.
    Blocked(u64),
    /// An attempt is over.
    Finished {
        /// How it ended and what it left.
        finished: Box<FinishedJob>,
        /// Whether it has printed anything before.
        emitted: bool,
    },
    /// A job was not started, because its slot was told to stop.
    Unstarted(Job),
    /// A slot has ended as it was told.
    SlotEnded(usize),
    /// A job could not be started for want of room.
    NoRoom(Job, io::Error),
    /// A job that runs cannot start its next process for want of room.
    Shortage(io::Error),
    /// What the command of `--limit` says.
    Limit(LimitAnswer),
    /// The writer tells.
    Delivery(WriterNotice),
    /// A signal came to prun.
    Signal(i32),
    /// Nobody reads prun's standard output any more.
    HungUp,
}
