//! Treatment of processes that outlive their job.

/// Treatment of a process that outlives its job and holds its output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LeakPolicy {
    /// `--leak warn`: stop reading, print a warning.
    Warn,
    /// `--leak wait`: read until the process is gone.
    Wait,
    /// `--leak fail`: stop reading, count the job as failed.
    Fail,
    /// Services: kill it, also if it holds no output.
    Kill,
}
