//! When to stop before the input ends: `--halt`.

use std::str::FromStr;

use crate::error::{Error, Result};
use crate::tally::Tally;

/// The rule that `--halt` states.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Halt {
    /// Every input runs, whatever becomes of the others.
    #[default]
    Never,
    /// Stop in the given way once enough jobs have ended in the given way.
    When {
        /// What becomes of the jobs that are running then.
        urgency: Urgency,
        /// Which jobs count.
        reason: Reason,
        /// How many are enough.
        enough: Enough,
    },
}

/// What becomes of running jobs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Urgency {
    /// `now`: they are ended.
    Now,
    /// `soon`: they may end by themselves.
    Soon,
}

/// Which jobs count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// Those that failed.
    Fail,
    /// Those that succeeded.
    Success,
    /// All that ended.
    Done,
}

/// How many jobs are enough.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Enough {
    /// So many, at least one.
    Count(u64),
    /// So many in a hundred of all there are, from 1 to 100.
    Percent(u64),
}

/// What the exit status of a halted run is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// 0: what was wanted has happened.
    Success,
    /// The status of the job that met the rule.
    DecidingJob,
    /// The number of failed jobs.
    Failures,
}

/// What follows for the run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Go on.
    Continue,
    /// Start no more jobs and wait for those that run.
    StopStarting,
    /// Start no more jobs and end those that run.
    KillRunning,
}

impl Halt {
    /// What the rule says at this point of the run. A share of all jobs is not
    /// reached before their number is known.
    pub fn decide(&self, tally: &Tally) -> Decision {
        match *self {
            Halt::When {
                urgency,
                reason,
                enough,
            } if enough.is_reached(reason.count(tally), tally.total) => match urgency {
                Urgency::Now => Decision::KillRunning,
                Urgency::Soon => Decision::StopStarting,
            },
            Halt::Never | Halt::When { .. } => Decision::Continue,
        }
    }
}

impl Halt {
    /// Whether the rule is about a share of all jobs.
    pub fn is_share(&self) -> bool {
        matches!(
            self,
            Halt::When {
                enough: Enough::Percent(_),
                ..
            }
        )
    }

    /// What prun's exit status is once this rule has been met.
    pub fn verdict(&self) -> Verdict {
        match self {
            Halt::When {
                reason: Reason::Success,
                ..
            } => Verdict::Success,
            Halt::When {
                reason: Reason::Fail | Reason::Done,
                enough: Enough::Count(1),
                ..
            } => Verdict::DecidingJob,
            Halt::Never | Halt::When { .. } => Verdict::Failures,
        }
    }
}

impl Reason {
    fn count(self, tally: &Tally) -> u64 {
        match self {
            Reason::Fail => tally.failed,
            Reason::Success => tally.succeeded(),
            Reason::Done => tally.done,
        }
    }
}

impl Enough {
    fn is_reached(self, count: u64, total: Option<u64>) -> bool {
        match (self, total) {
            (Enough::Count(enough), _) => count >= enough,
            (Enough::Percent(_), None) => false,
            (Enough::Percent(percent), Some(total)) => {
                count > 0 && u128::from(count) * 100 >= u128::from(total) * u128::from(percent)
            }
        }
    }
}

impl FromStr for Halt {
    type Err = Error;

    /// `never`, `WHEN,WHY=N`, `WHEN,WHY=N%`, and the older `0 1 2 -1 -2 N%`.
    fn from_str(text: &str) -> Result<Self> {
        old_form(text)
            .or_else(|| new_form(text))
            .ok_or_else(|| bad(text))
    }
}

fn old_form(text: &str) -> Option<Halt> {
    let (urgency, reason) = match text {
        "never" | "0" => return Some(Halt::Never),
        "1" => (Urgency::Soon, Reason::Fail),
        "2" => (Urgency::Now, Reason::Fail),
        "-1" => (Urgency::Soon, Reason::Success),
        "-2" => (Urgency::Now, Reason::Success),
        share if share.ends_with('%') => {
            return Some(Halt::When {
                urgency: Urgency::Soon,
                reason: Reason::Fail,
                enough: enough(share)?,
            });
        }
        _ => return None,
    };
    Some(Halt::When {
        urgency,
        reason,
        enough: Enough::Count(1),
    })
}

fn new_form(text: &str) -> Option<Halt> {
    let (urgency, condition) = text.split_once(',')?;
    let (reason, number) = condition.split_once('=')?;
    Some(Halt::When {
        urgency: match urgency {
            "now" => Urgency::Now,
            "soon" => Urgency::Soon,
            _ => return None,
        },
        reason: match reason {
            "fail" => Reason::Fail,
            "success" => Reason::Success,
            "done" => Reason::Done,
            _ => return None,
        },
        enough: enough(number)?,
    })
}

/// Never zero: a run that is to stop before its first job is a mistake.
fn enough(text: &str) -> Option<Enough> {
    let digits = text.strip_suffix('%').unwrap_or(text);
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    match digits.parse().ok()? {
        0 => None,
        count if digits.len() == text.len() => Some(Enough::Count(count)),
        percent @ 1..=100 => Some(Enough::Percent(percent)),
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
    use Decision::{Continue, KillRunning, StopStarting};
    use Enough::{Count, Percent};
    use Reason::{Done, Fail, Success};
    use Urgency::{Now, Soon};

    fn when(urgency: Urgency, reason: Reason, enough: Enough) -> Halt {
        Halt::When {
            urgency,
            reason,
            enough,
        }
    }

    #[test]
    fn every_form_is_read() {
        for (text, halt) in [
            ("never", Halt::Never),
            ("0", Halt::Never),
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
            assert!(text.parse::<Halt>().is_err(), "{text}");
        }
    }

    #[test]
    fn counts_decide() {
        let tally = Tally {
            total: None,
            done: 5,
            failed: 2,
            stopped: 0,
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
            let halt: Halt = text.parse().unwrap();
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
