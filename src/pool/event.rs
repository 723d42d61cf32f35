//! Events of a run, in the order in which the dispatcher applies them.

use std::io;

use super::limit_command::LimitAnswer;
use super::service_event::ServiceEvent;
use crate::error::Error;
use crate::exec::capture::OutputStream;
use crate::exec::capture::output_credit::OutputCredit;
use crate::job::{Job, StartedAttempt};
use crate::os::pressure::PressureResource;
use crate::output::FinishedAttempt;
use crate::output::writer::WriterNotice;
use crate::spool::Spool;

/// Event that the dispatcher waits for.
#[derive(Debug)]
pub(super) enum PoolEvent {
    /// Jobs that were read, at least one.
    Jobs(Vec<Job>),
    /// Number of all jobs, of which the input holds no more.
    Total(u64),
    /// End of the input, by itself or by an error.
    InputEnded(Option<Error>),
    /// An attempt has begun, if an observer wants to know.
    Began(Box<StartedAttempt>),
    /// Line for standard error.
    Remark(Vec<u8>),
    /// Warning of a slot.
    Warning(String),
    /// Error by which no other job can run.
    RunFailed(Error),
    /// Output of a running job that need not wait.
    Output(OutputStream, Spool, OutputCredit),
    /// New latest line of a running job.
    Latest,
    /// Running job that has to print to go on.
    Blocked(u64),
    /// End of an attempt.
    Finished {
        finished: Box<FinishedAttempt>,
        /// Some of its output has left it before.
        emitted: bool,
    },
    /// Job that was not started, because its slot was told to stop.
    Unstarted(Job),
    /// Number of a slot whose thread ended on request.
    SlotEnded(usize),
    /// Job that was not started, because the system denied a process.
    StartDenied(Job, io::Error),
    /// Error by which the system denied the next process of a running job, which waits.
    ResourceShortage(io::Error),
    /// Answer of the command of `--limit`.
    Limit(LimitAnswer),
    /// A jobserver may have a token.
    Token,
    /// Pressure on a resource that has reached its limit.
    Pressure(PressureResource),
    Service(ServiceEvent),
    Delivery(WriterNotice),
    /// Signal to prun itself.
    Signal(i32),
    /// End of the reader of prun's standard output.
    HungUp,
}
