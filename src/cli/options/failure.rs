//! What happens when jobs fail.

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};

use crate::exec::termination::LeakPolicy;
use crate::policy::halt::HaltRule;
use crate::policy::retry::RetryLimit;

#[derive(Debug, Clone, PartialEq, Default, Args)]
#[group(skip)]
#[command(next_help_heading = "Failure")]
pub(crate) struct FailureArgs {
    /// When to stop early: now,fail=1 or soon,fail=10%
    ///
    /// never, or WHEN,WHY=N. WHEN is now (end the running jobs) or soon (let them end). WHY is
    /// fail, success or done. N is a number of jobs or a percentage of all. The older forms 0, 1,
    /// 2, -1, -2 and N% are understood.
    #[arg(
        long,
        value_name = "RULE",
        allow_hyphen_values = true,
        overrides_with = "fail_fast"
    )]
    pub halt: Option<HaltRule>,

    /// End all jobs as soon as one fails; as --halt now,fail=1
    #[arg(long, overrides_with = "halt")]
    pub fail_fast: bool,

    /// Try a failing job up to N times, 0 without end
    ///
    /// N counts all tries. Only the output of the last one is printed.
    #[arg(long, value_name = "N", allow_hyphen_values = true)]
    pub retries: Option<RetryLimit>,

    /// If a job's output stays open: warn, wait or fail
    ///
    /// A process that a job has left in the background can hold the job's output open. It is read
    /// until it is silent for 0.1 s, for 2 s at most, so that it holds prun no longer. Then: warn
    /// prints a warning and goes on, wait waits for it, fail makes the job fail.
    #[arg(
        long,
        value_name = "WHAT",
        value_parser = PossibleValuesParser::new(["warn", "wait", "fail"]).map(leak_policy),
        hide_possible_values = true
    )]
    pub leak: Option<LeakPolicy>,
}

/// Called only with one of the possible values.
fn leak_policy(name: String) -> LeakPolicy {
    match name.as_str() {
        "wait" => LeakPolicy::Wait,
        "fail" => LeakPolicy::Fail,
        _ => LeakPolicy::Warn,
    }
}
