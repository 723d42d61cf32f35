//! What happens when jobs fail.

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};

use crate::exec::termination::LeakPolicy;
use crate::policy::halt::HaltRule;
use crate::policy::retry::{RetryDelay, RetryLimit};
use crate::policy::statuses::{RetryStatuses, SuccessStatuses};

#[derive(Debug, Clone, PartialEq, Default, Args)]
#[group(skip)]
#[command(next_help_heading = "Failure")]
pub(crate) struct FailureArgs {
    /// Stop the run early: now,fail=1 or soon,fail=10%
    ///
    /// RULE is never or WHEN,WHY=N. WHEN is now (kill the running jobs) or soon (let them finish).
    /// WHY says which jobs count: those that fail (fail), those that succeed (success), or all that
    /// end (done). N is a number of jobs or a percentage of all jobs, which counts once their number
    /// is known; with --gnu, no job starts before. A job that is retried counts after its last run.
    /// The older forms 0, 1, 2, -1, -2 and N% work as well.
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

    /// Retry only after these failures: 75,100-110,SIGKILL,timeout
    ///
    /// LIST holds exit statuses, ranges of them, names of signals, signal (any signal), timeout
    /// and fail (any failure, the default). Jobs that fail in another way are not run again. The
    /// status is the one that a shell shows: 126 and 127 for a command that cannot be run, 128+N
    /// for signal N, also where the shell of the job passes it on, and 124 for a timeout.
    #[arg(long, value_name = "LIST", allow_hyphen_values = true)]
    pub retry_on: Option<RetryStatuses>,

    /// Wait TIME, or TIME up to MAX, before a retry: 10, 1s..5m
    ///
    /// Other jobs run in the meantime. With TIME..MAX, the delay is doubled with each retry of a
    /// job, from TIME up to MAX, and a random part of up to a half is taken off, so that jobs that
    /// failed at the same time are not all retried at the same time. Stopped time does not count.
    /// If 16384 jobs wait for a retry, new jobs wait, too.
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    pub retry_delay: Option<RetryDelay>,

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
