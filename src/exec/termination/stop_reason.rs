//! Reasons for which prun ends a job.

use crate::job::Outcome;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StopReason {
    /// `--timeout TIME`.
    Timeout,
    /// The job waits for a terminal that it does not get.
    Terminal,
    /// A service that the job needs has failed.
    Bereft,
    /// A halt, a signal to prun, or a shortage of resources.
    Request,
}

impl StopReason {
    /// Outcome of a job that prun ended; `signal` is the last one that took part.
    pub(crate) fn outcome(self, signal: i32) -> Outcome {
        match self {
            StopReason::Timeout => Outcome::TimedOut(signal),
            StopReason::Bereft => Outcome::Bereft(signal),
            StopReason::Terminal => Outcome::WantedTerminal(signal),
            StopReason::Request => Outcome::Stopped(signal),
        }
    }
}
