//! Built-ins that reduce: what they find in all jobs becomes one result of the run.
//!
//! Each job makes a part of its own and promises to add it to the whole, under a lock that
//! is taken once for a job. That is done when the job has succeeded with all that is in its
//! line: a job that failed, ran out of time or is tried again counts neither twice nor
//! half. The whole does not depend on the order in which jobs end.

/// Notes of a help, with those that hold for all that reduce.
macro_rules! notes {
    ($text:literal) => {
        concat!(
            $text,
            "

The result is printed once, on standard output, when all else is. It is that of the jobs that
succeeded; the exit status counts the others. A run that was halted or interrupted has none.

It may be the last command of a line: 'zcat <> | @sum', 'cd d && cat <> | @sum'. What reaches
it counts if the job succeeds as a whole."
        )
    };
}

mod column;
mod decimal;
mod freq;
mod lines;
mod reducer;
mod sort;
mod stats;
mod sum;

pub(super) use freq::FREQ;
pub(super) use reducer::{Reducer, Reduction};
pub(super) use sort::SORT;
pub(super) use stats::STATS;
pub(super) use sum::SUM;
