//! Counts of jobs by outcome, and the rule that makes them one exit status.

use crate::exit;
use crate::job::Outcome;

/// Counts of jobs so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Tally {
    /// Number of all jobs, once that is known.
    pub total: Option<u64>,
    /// Jobs that ended by themselves or at their time limit, retries not counted.
    pub done: u64,
    /// Part of `done` that failed.
    pub failed: u64,
    /// Jobs that prun has ended because of a halt or a signal.
    pub stopped: u64,
    /// Jobs of a plan that never started, because one that they need has failed.
    pub skipped: u64,
}

impl Tally {
    /// Counts a job that is over.
    pub(crate) fn count(&mut self, outcome: &Outcome) {
        match outcome {
            Outcome::Stopped(_) => self.stopped += 1,
            other => {
                self.done += 1;
                self.failed += u64::from(!other.is_success());
            }
        }
    }

    /// Jobs that failed, or could not run because others did.
    pub(crate) fn failures(&self) -> u64 {
        self.failed + self.skipped
    }

    /// Jobs that are over, however they came to that.
    pub(crate) fn over(&self) -> u64 {
        self.done + self.stopped + self.skipped
    }

    /// Part of `done` that succeeded.
    pub(crate) fn succeeded(&self) -> u64 {
        self.done - self.failed
    }

    /// The number of failed jobs as an exit status: 101 stands for more than 100.
    pub(crate) fn status(&self) -> u8 {
        u8::try_from(self.failures())
            .unwrap_or(exit::MANY_FAILED)
            .min(exit::MANY_FAILED)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_than_a_hundred_failures_are_101() {
        let mut tally = Tally::default();
        for failures in 1..=300 {
            tally.count(&Outcome::Exited(1));
            assert_eq!(u64::from(tally.status()), failures.min(101));
        }
    }

    #[test]
    fn jobs_that_prun_stopped_did_not_fail() {
        let mut tally = Tally::default();
        tally.count(&Outcome::Exited(0));
        tally.count(&Outcome::Stopped(15));
        assert_eq!((tally.succeeded(), tally.failed, tally.stopped), (1, 0, 1));
        assert_eq!(tally.status(), exit::SUCCESS);
    }
}
