//! How a run ended.

use crate::error::Error;
use crate::job::Outcome;
use crate::tally::Tally;

/// Result of a run.
#[derive(Debug)]
pub(crate) struct RunResult {
    pub tally: Tally,
    pub halted: HaltCause,
    /// Signal that prun has to die by.
    pub signal: Option<i32>,
    /// First error that broke the run.
    pub error: Option<Error>,
}

/// Event that made the rule of `--halt` come true, or halted the run without it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum HaltCause {
    /// The rule did not come true.
    No,
    /// The end of a job.
    By(Outcome),
    /// The end of the input, which told the number of jobs.
    ByTotal,
    /// The end of the time of `--timeout-total`, and no rule.
    TimeOver,
}
