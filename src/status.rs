//! The exit status of a run: a pure function of counts and rules.

use crate::error::{Error, Result};
use crate::exit;
use crate::job::Outcome;
use crate::placeholder::CommandDialect;
use crate::policy::halt::{HaltRule, HaltStatus};
use crate::pool::HaltCause;
use crate::tally::Tally;

/// Rules by which counts become an exit status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ExitPolicy {
    pub dialect: CommandDialect,
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
    /// No row was read, and that is one.
    pub(crate) fn check_input(&self, rows: u64) -> Result<()> {
        match (rows, &self.empty) {
            (0, EmptyInput::Error(error)) => Err(error.clone()),
            _ => Ok(()),
        }
    }

    /// The error, if any, that lies in the counts.
    pub(crate) fn check(&self, tally: &Tally) -> Option<Error> {
        let ran = tally.done + tally.stopped;
        self.check_input(tally.total.unwrap_or(ran)).err()
    }

    /// The status for a run that nothing broke.
    pub(crate) fn status(&self, halted: &HaltCause, tally: &Tally) -> u8 {
        // GNU parallel gives the share of failed jobs where the rule is a share, whether
        // it came true or not, and its own error where a time limit decides.
        if let (CommandDialect::Gnu, true, Some(total @ 1..)) =
            (self.dialect, self.halt.is_share(), tally.total)
        {
            return (tally.failed * 100).div_ceil(total) as u8;
        }
        match (halted, self.halt.status()) {
            (HaltCause::By(_) | HaltCause::ByTotal, HaltStatus::Success) => exit::SUCCESS,
            (HaltCause::By(Outcome::TimedOut(_)), HaltStatus::DecidingJob)
                if self.dialect == CommandDialect::Gnu =>
            {
                exit::ERROR
            }
            (HaltCause::By(outcome), HaltStatus::DecidingJob) => outcome.status(),
            _ => tally.status(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(dialect: CommandDialect, halt: &str, halted: &HaltCause) -> u8 {
        let rule = ExitPolicy {
            dialect,
            halt: halt.parse().unwrap(),
            empty: EmptyInput::Fine,
        };
        let tally = Tally {
            total: Some(40),
            done: 10,
            failed: 3,
            stopped: 2,
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
        ] {
            assert_eq!(
                status(CommandDialect::Own, halt, &halted),
                expected,
                "{halt}"
            );
        }
    }

    #[test]
    fn gnu_parallel_has_shares_and_its_own_error() {
        let late = HaltCause::By(Outcome::TimedOut(15));
        assert_eq!(status(CommandDialect::Gnu, "now,fail=1", &late), 255);
        assert_eq!(
            status(CommandDialect::Gnu, "soon,fail=50%", &HaltCause::No),
            8
        );
    }
}
