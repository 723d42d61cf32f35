//! How an attempt went, and what that makes of the status it ended with.

pub(crate) mod signal_sequence;
pub(crate) mod slot_control;

use crate::job::Outcome;
use crate::os::child::ExitStatus;

/// What to do about a process that outlives its job and holds its output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LeakPolicy {
    /// Give it up and say so.
    Warn,
    /// Read until it is gone.
    Wait,
    /// Give it up and count the job as failed.
    Fail,
}

/// Why prun ends a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StopReason {
    /// Its time limit.
    Timeout,
    /// It waits for a terminal that it does not get.
    Terminal,
    /// A halt, a signal to prun, or that the system is short of something.
    Request,
}

impl StopReason {
    /// The outcome of a job that prun ended; `signal` is the last one that took part.
    pub(crate) fn outcome(self, signal: i32) -> Outcome {
        match self {
            StopReason::Timeout => Outcome::TimedOut(signal),
            StopReason::Terminal => Outcome::WantedTerminal(signal),
            StopReason::Request => Outcome::Stopped(signal),
        }
    }
}

/// How an attempt went, apart from its status.
#[derive(Debug)]
pub(crate) struct Termination {
    /// Whether a process that the job left behind still held its output.
    pub leaked: bool,
    /// Why prun ended the job, if it did.
    pub cause: Option<StopReason>,
    /// The last signal that it got for that.
    pub last_signal: i32,
    /// What its leak means.
    pub leak: LeakPolicy,
}

impl Termination {
    /// What became of a job that ended with this status.
    pub(crate) fn outcome(&self, status: ExitStatus) -> Outcome {
        let signal = match status {
            ExitStatus::Signaled(signal) => signal,
            ExitStatus::Exited(_) => self.last_signal,
        };
        match self.cause {
            Some(reason) => reason.outcome(signal),
            None if self.leaked
                && self.leak == LeakPolicy::Fail
                && status == ExitStatus::Exited(0) =>
            {
                Outcome::Leaked
            }
            None => status.into(),
        }
    }
}
