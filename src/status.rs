//! The exit status of a run: a pure function of counts and rules.

use crate::error::{Error, Result};
use crate::exit;
use crate::job::Outcome;
use crate::policy::halt::{HaltRule, HaltStatus};
use crate::pool::HaltCause;
use crate::tally::Tally;

/// Rules by which counts become an exit status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ExitPolicy {
    /// A halt rule with a percentage gives the percentage of failed jobs, whether it came
    /// true or not.
    pub reports_share: bool,
    /// A time limit that decides is an error of prun's.
    pub timeout_is_error: bool,
    pub halt: HaltRule,
    pub empty: EmptyInput,
}

/// Meaning of no input at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum EmptyInput {
    /// Success.
    Fine,
    /// `--fail-if-empty`, and lines that look as if they had values.
    Error(Error),
}

impl ExitPolicy {
    /// # Errors
    /// No row was read, and `--fail-if-empty` forbids that.
    pub(crate) fn check_input(&self, rows: u64) -> Result<()> {
        match (rows, &self.empty) {
            (0, EmptyInput::Error(error)) => Err(error.clone()),
            _ => Ok(()),
        }
    }

    /// The error, if any, that lies in the counts.
    pub(crate) fn check(&self, tally: &Tally) -> Option<Error> {
        self.check_input(tally.total.unwrap_or(tally.over())).err()
    }

    /// The status for a run that nothing broke.
    pub(crate) fn status(&self, halted: &HaltCause, tally: &Tally) -> u8 {
        if *halted == HaltCause::TimeOver {
            return exit::TIMED_OUT;
        }
        if let Some(total @ 1..) = tally.total
            && self.reports_share
            && self.halt.is_share()
        {
            return (tally.failures() * 100).div_ceil(total) as u8;
        }
        match (halted, self.halt.status()) {
            (HaltCause::By(_) | HaltCause::ByTotal, HaltStatus::Success) => exit::SUCCESS,
            (HaltCause::By(Outcome::TimedOut(_)), HaltStatus::DecidingJob)
                if self.timeout_is_error =>
            {
                exit::ERROR
            }
            (HaltCause::By(Outcome::Accepted(_)), HaltStatus::DecidingJob) => exit::SUCCESS,
            (HaltCause::By(outcome), HaltStatus::DecidingJob) => outcome.status(),
            _ => tally.status(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(is_gnu: bool, halt: &str, halted: &HaltCause) -> u8 {
        let rule = ExitPolicy {
            reports_share: is_gnu,
            timeout_is_error: is_gnu,
            halt: halt.parse().unwrap(),
            empty: EmptyInput::Fine,
        };
        let tally = Tally {
            total: Some(40),
            done: 10,
            failed: 3,
            stopped: 2,
            skipped: 0,
        };
        rule.status(halted, &tally)
    }

    #[test]
    fn the_deciding_job_gives_its_status_only_where_it_is_one() {
        let by = |outcome| HaltCause::By(outcome);
        for (halt, halted, expected) in [
            ("never", HaltCause::No, 3),
            ("now,fail=1", by(Outcome::Exited(7)), 7),
            ("soon,done=1", by(Outcome::Exited(0)), 0),
            ("now,fail=1", by(Outcome::Signaled(9)), 137),
            ("now,fail=1", by(Outcome::TimedOut(15)), 124),
            ("now,fail=2", by(Outcome::Exited(7)), 3),
            ("now,success=1", by(Outcome::Exited(0)), 0),
            ("now,success=1", HaltCause::No, 3),
            ("soon,success=10%", HaltCause::ByTotal, 0),
            ("soon,fail=5%", by(Outcome::Exited(7)), 3),
            ("now,done=1", by(Outcome::Accepted(7)), 0),
            ("never", HaltCause::TimeOver, 124),
            ("now,success=1", HaltCause::TimeOver, 124),
        ] {
            assert_eq!(status(false, halt, &halted), expected, "{halt}");
        }
    }

    #[test]
    fn gnu_parallel_has_shares_and_its_own_error() {
        let late = HaltCause::By(Outcome::TimedOut(15));
        assert_eq!(status(true, "now,fail=1", &late), 255);
        assert_eq!(status(true, "soon,fail=50%", &HaltCause::No), 8);
        assert_eq!(status(true, "soon,fail=50%", &HaltCause::TimeOver), 124);
    }
}
