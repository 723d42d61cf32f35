//! End of a run before the end of its input: `--halt`.

use std::str::FromStr;

use crate::error::{Error, Result};
use crate::tally::Tally;

/// Rule of `--halt`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum HaltRule {
    /// `never`: every job runs, whatever becomes of the others.
    #[default]
    Never,
    /// Halt once enough jobs have ended in the given way.
    When {
        urgency: HaltUrgency,
        reason: HaltReason,
        threshold: HaltThreshold,
    },
}

/// Fate of the jobs that run when the rule is met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum HaltUrgency {
    /// `now`: they are ended.
    Now,
    /// `soon`: they may end by themselves.
    Soon,
}

/// Jobs that count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum HaltReason {
    Fail,
    Success,
    Done,
}

/// Number of jobs that meets the rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum HaltThreshold {
    /// `N`, at least one.
    Count(u64),
    /// `N%` of all jobs, from 1 to 100.
    Percent(u64),
}

/// Exit status of a halted run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum HaltStatus {
    /// 0: the success that was wanted has happened.
    Success,
    /// The status of the job that met the rule.
    DecidingJob,
    /// The number of failed jobs.
    Failures,
}

/// Consequence for the run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum HaltDecision {
    Continue,
    StopStarting,
    /// Start no more jobs, and end those that run.
    KillRunning,
}

impl HaltRule {
    /// Applies the rule to the counts. A share of all jobs is not reached before their number
    /// is known.
    pub(crate) fn decide(&self, tally: &Tally) -> HaltDecision {
        match *self {
            HaltRule::When {
                urgency,
                reason,
                threshold,
            } if threshold.is_reached(reason.count(tally), tally.total) => match urgency {
                HaltUrgency::Now => HaltDecision::KillRunning,
                HaltUrgency::Soon => HaltDecision::StopStarting,
            },
            HaltRule::Never | HaltRule::When { .. } => HaltDecision::Continue,
        }
    }

    /// Tells whether the rule is about a share of all jobs.
    pub(crate) fn is_share(&self) -> bool {
        matches!(
            self,
            HaltRule::When {
                threshold: HaltThreshold::Percent(_),
                ..
            }
        )
    }

    /// The exit status of a run that this rule has halted.
    pub(crate) fn status(&self) -> HaltStatus {
        match self {
            HaltRule::When {
                reason: HaltReason::Success,
                ..
            } => HaltStatus::Success,
            HaltRule::When {
                reason: HaltReason::Fail | HaltReason::Done,
                threshold: HaltThreshold::Count(1),
                ..
            } => HaltStatus::DecidingJob,
            HaltRule::Never | HaltRule::When { .. } => HaltStatus::Failures,
        }
    }
}

impl HaltReason {
    fn count(self, tally: &Tally) -> u64 {
        match self {
            HaltReason::Fail => tally.failures(),
            HaltReason::Success => tally.succeeded(),
            HaltReason::Done => tally.done,
        }
    }
}

impl HaltThreshold {
    fn is_reached(self, count: u64, total: Option<u64>) -> bool {
        match (self, total) {
            (HaltThreshold::Count(enough), _) => count >= enough,
            (HaltThreshold::Percent(_), None) => false,
            (HaltThreshold::Percent(percent), Some(total)) => {
                count > 0 && u128::from(count) * 100 >= u128::from(total) * u128::from(percent)
            }
        }
    }
}

impl FromStr for HaltRule {
    type Err = Error;

    /// Reads `never`, `WHEN,WHY=N`, `WHEN,WHY=N%`, and the older `0 1 2 -1 -2 N%`.
    fn from_str(text: &str) -> Result<Self> {
        older_form(text)
            .or_else(|| current_form(text))
            .ok_or_else(|| bad(text))
    }
}

fn older_form(text: &str) -> Option<HaltRule> {
    let (urgency, reason) = match text {
        "never" | "0" => return Some(HaltRule::Never),
        "1" => (HaltUrgency::Soon, HaltReason::Fail),
        "2" => (HaltUrgency::Now, HaltReason::Fail),
        "-1" => (HaltUrgency::Soon, HaltReason::Success),
        "-2" => (HaltUrgency::Now, HaltReason::Success),
        share if share.ends_with('%') => {
            return Some(HaltRule::When {
                urgency: HaltUrgency::Soon,
                reason: HaltReason::Fail,
                threshold: threshold(share)?,
            });
        }
        _ => return None,
    };
    Some(HaltRule::When {
        urgency,
        reason,
        threshold: HaltThreshold::Count(1),
    })
}

fn current_form(text: &str) -> Option<HaltRule> {
    let (urgency, condition) = text.split_once(',')?;
    let (reason, number) = condition.split_once('=')?;
    Some(HaltRule::When {
        urgency: match urgency {
            "now" => HaltUrgency::Now,
            "soon" => HaltUrgency::Soon,
            _ => return None,
        },
        reason: match reason {
            "fail" => HaltReason::Fail,
            "success" => HaltReason::Success,
            "done" => HaltReason::Done,
            _ => return None,
        },
        threshold: threshold(number)?,
    })
}

/// Reads a number above zero: a run that is to stop before its first job is a mistake.
fn threshold(text: &str) -> Option<HaltThreshold> {
    let digits = text.strip_suffix('%').unwrap_or(text);
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    match digits.parse().ok()? {
        0 => None,
        count if digits.len() == text.len() => Some(HaltThreshold::Count(count)),
        percent @ 1..=100 => Some(HaltThreshold::Percent(percent)),
        _ => None,
    }
}

fn bad(text: &str) -> Error {
    Error::new(format!("'{text}' does not say when to halt")).hint(
        "write never or WHEN,WHY=N with now or soon, and fail, success or done: --halt now,fail=1, --halt soon,fail=10%",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use HaltDecision::{Continue, KillRunning, StopStarting};
    use HaltReason::{Done, Fail, Success};
    use HaltThreshold::{Count, Percent};
    use HaltUrgency::{Now, Soon};

    fn when(urgency: HaltUrgency, reason: HaltReason, threshold: HaltThreshold) -> HaltRule {
        HaltRule::When {
            urgency,
            reason,
            threshold,
        }
    }

    #[test]
    fn every_form_is_read() {
        for (text, halt) in [
            ("never", HaltRule::Never),
            ("0", HaltRule::Never),
            ("1", when(Soon, Fail, Count(1))),
            ("2", when(Now, Fail, Count(1))),
            ("-1", when(Soon, Success, Count(1))),
            ("-2", when(Now, Success, Count(1))),
            ("10%", when(Soon, Fail, Percent(10))),
            ("now,fail=1", when(Now, Fail, Count(1))),
            ("soon,success=3", when(Soon, Success, Count(3))),
            ("now,done=7", when(Now, Done, Count(7))),
            ("soon,fail=100%", when(Soon, Fail, Percent(100))),
            ("soon,fail=500", when(Soon, Fail, Count(500))),
        ] {
            assert_eq!(text.parse(), Ok(halt), "{text}");
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for text in [
            "",
            "3",
            "-3",
            "now",
            "fail=1",
            "now,fail",
            "now,fail=",
            "now,fail=0",
            "soon,fail=0%",
            "now,fail=101%",
            "soon,fail=1.5%",
            "now,fail=-1",
            "now,fail=+1",
            "later,fail=1",
            "now,exit=1",
            "%",
            "now,fail=%",
        ] {
            assert!(text.parse::<HaltRule>().is_err(), "{text}");
        }
    }

    #[test]
    fn counts_decide() {
        let tally = Tally {
            total: None,
            done: 5,
            failed: 2,
            stopped: 0,
            ..Tally::default()
        };
        for (text, decision) in [
            ("never", Continue),
            ("now,fail=3", Continue),
            ("now,fail=2", KillRunning),
            ("soon,fail=1", StopStarting),
            ("now,success=3", KillRunning),
            ("soon,success=4", Continue),
            ("soon,done=5", StopStarting),
            ("soon,done=6", Continue),
        ] {
            let halt: HaltRule = text.parse().unwrap();
            assert_eq!(halt.decide(&tally), decision, "{text}");
        }
    }

    #[test]
    fn a_share_needs_the_total() {
        let halt = when(Soon, Fail, Percent(10));
        let decide = |total, failed| {
            halt.decide(&Tally {
                total,
                failed,
                ..Tally::default()
            })
        };
        assert_eq!(decide(None, 1000), Continue);
        assert_eq!(decide(Some(50), 4), Continue);
        assert_eq!(decide(Some(50), 5), StopStarting);
        assert_eq!(decide(Some(0), 0), Continue);
    }
}
