//! How an attempt went, and what that makes of the status it ended with.

use crate::job::Outcome;
use crate::os::child::Status;

/// What to do about a process that outlives its job and holds its output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leak {
    /// Give it up and say so.
    Warn,
    /// Read until it is gone.
    Wait,
    /// Give it up and count the job as failed.
    Fail,
}

/// Why prun ends a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// Its time limit.
    Timeout,
    /// It waits for a terminal that it does not get.
    Terminal,
    /// A halt, a signal to prun, or that the system is short of something.
    Request,
}

/// How an attempt went, apart from its status.
#[derive(Debug)]
pub struct Over {
    /// Whether a process that the job left behind still held its output.
    pub leaked: bool,
    /// Why prun ended the job, if it did.
    pub cause: Option<Cause>,
    /// The last signal that it got for that.
    pub last_signal: i32,
    /// What its leak means.
    pub leak: Leak,
}

impl Over {
    /// What became of a job that ended with this status.
    pub fn outcome(&self, status: Status) -> Outcome {
        let signal = match status {
            Status::Signaled(signal) => signal,
            Status::Exited(_) => self.last_signal,
        };
        match self.cause {
            Some(Cause::Timeout) => Outcome::TimedOut(signal),
            Some(Cause::Terminal) => Outcome::WantedTerminal(signal),
            Some(Cause::Request) => Outcome::Stopped(signal),
            None if self.leaked && self.leak == Leak::Fail && status == Status::Exited(0) => {
                Outcome::Leaked
            }
            None => status.into(),
        }
    }
}
