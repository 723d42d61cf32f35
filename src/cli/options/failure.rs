//! What happens when jobs fail.

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};

use crate::exec::termination::LeakPolicy;
use crate::policy::halt::HaltRule;
use crate::policy::retry::RetryLimit;
use crate::policy::statuses::SuccessStatuses;

#[derive(Debug, Clone, PartialEq, Default, Args)]
#[group(skip)]
#[command(next_help_heading = "Failure")]
pub(crate) struct FailureArgs {
    /// Stop the run early: now,fail=1 or soon,fail=10%
    ///
    /// RULE is never or WHEN,WHY=N. WHEN is now (kill the running jobs) or soon (let them finish).
    /// WHY says which jobs count: those that fail (fail), those that succeed (success), or all that
    /// end (done). N is a number of jobs or a percentage of all jobs. The older forms 0, 1, 2, -1,
    /// -2 and N% work as well.
    #[arg(
        long,
        value_name = "RULE",
        allow_hyphen_values = true,
        overrides_with = "fail_fast"
    )]
    pub halt: Option<HaltRule>,

    /// Stop all jobs when one fails, like --halt now,fail=1
    #[arg(long, overrides_with = "halt")]
    pub fail_fast: bool,

    /// Run a failing job up to N times; 0 means no limit
    ///
    /// N includes the first run. Only the output of the last run is printed.
    #[arg(long, value_name = "N", allow_hyphen_values = true)]
    pub retries: Option<RetryLimit>,

    /// Exit statuses beside 0 that count as success: 1,3,10-20
    ///
    /// LIST is a list of numbers and ranges. Such a job has not failed for --halt, --retries, the
    /// exit status of prun and the closing block. The job log still has the real status: give the
    /// same LIST with --resume-failed and --retry-failed. 126 and 127 cannot be in LIST, because
    /// they say that the command was not run.
    #[arg(long, value_name = "LIST", allow_hyphen_values = true)]
    pub ok_codes: Option<SuccessStatuses>,

    /// Background processes that hold output: warn, wait, fail
    ///
    /// A job may leave a process in the background that keeps the job's output open. By default
    /// (warn), prun reads on until nothing has been written for 0.1 s, but for at most 2 s, and
    /// then prints a warning and goes on. wait waits until the process closes the output. fail does
    /// as warn does, and the job fails.
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
