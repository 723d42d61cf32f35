//! When a failing job is tried again: `--retries`, `--retry-on`, `--retry-delay`.

use std::num::NonZeroU32;
use std::str::FromStr;
use std::time::Duration;

use super::duration;
use super::statuses::RetryStatuses;
use crate::error::{Error, Result};
use crate::input::Row;
use crate::job::Outcome;

/// Rules by which failing jobs are tried again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct RetryPolicy {
    pub limit: RetryLimit,
    /// `--retry-on`.
    pub on: RetryStatuses,
    pub delay: RetryDelay,
}

impl RetryPolicy {
    /// The policy for the job of a row, whose own number of attempts goes before that of the run.
    pub(crate) fn of(&self, row: &Row) -> RetryPolicy {
        let own = row.settings.as_ref().and_then(|settings| settings.retries);
        RetryPolicy {
            limit: own.map_or(self.limit, RetryLimit::from),
            ..*self
        }
    }

    /// Tells whether a job is tried again whose attempt of that number, from 1, has ended.
    pub(crate) fn applies(&self, attempt: u32, outcome: &Outcome) -> bool {
        !outcome.is_success()
            && self.limit.after_failure(attempt)
            && self.on.contains(outcome.status())
    }
}

/// Number of attempts of a job, the first included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RetryLimit {
    Times(NonZeroU32),
    /// `--retries 0`: until it succeeds.
    Endless,
}

impl Default for RetryLimit {
    fn default() -> Self {
        RetryLimit::Times(NonZeroU32::MIN)
    }
}

impl RetryLimit {
    /// Tells whether a job is tried again after its attempt of that number, from 1, has failed.
    pub(crate) fn after_failure(self, attempt: u32) -> bool {
        match self {
            RetryLimit::Times(tries) => attempt < tries.get(),
            RetryLimit::Endless => true,
        }
    }
}

impl From<u32> for RetryLimit {
    /// So many attempts; 0 is without end.
    fn from(tries: u32) -> Self {
        NonZeroU32::new(tries).map_or(RetryLimit::Endless, RetryLimit::Times)
    }
}

impl FromStr for RetryLimit {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let tries: u32 = text.parse().map_err(|_| {
            Error::new(format!("'{text}' is not a number of tries"))
                .hint("--retries 3 tries a failing job three times in all, --retries 0 without end")
        })?;
        Ok(tries.into())
    }
}

/// Time between a failed attempt and the next one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RetryDelay {
    /// `--retry-delay TIME`
    Fixed(Duration),
    /// `--retry-delay TIME..MAX`: doubled after each attempt.
    Doubling { first: Duration, longest: Duration },
}

impl Default for RetryDelay {
    fn default() -> Self {
        RetryDelay::Fixed(Duration::ZERO)
    }
}

impl RetryDelay {
    /// Time after the attempt of that number, from 1. A delay that doubles is between half of it
    /// and all of it, by a random `share` from 0 to 1: jobs that failed together, for one reason,
    /// are not to come back together.
    pub(crate) fn after(self, attempt: u32, share: f64) -> Duration {
        match self {
            RetryDelay::Fixed(time) => time,
            RetryDelay::Doubling { first, longest } => {
                let factor = 2u32.saturating_pow(attempt.saturating_sub(1));
                let whole = first.checked_mul(factor).unwrap_or(longest).min(longest);
                whole / 2 + (whole / 2).mul_f64(share)
            }
        }
    }
}

impl FromStr for RetryDelay {
    type Err = Error;

    /// Reads `TIME` or `TIME..MAX`.
    fn from_str(text: &str) -> Result<Self> {
        let Some((first, longest)) = text.split_once("..") else {
            return duration::parse(text).map(RetryDelay::Fixed);
        };
        let (first, longest) = (duration::parse(first)?, duration::parse(longest)?);
        if first.is_zero() || longest < first {
            return Err(
                Error::new(format!("'{text}' does not say how a delay grows"))
                    .hint("write the first one and the longest: --retry-delay 1s..5m"),
            );
        }
        Ok(RetryDelay::Doubling { first, longest })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_number_is_that_of_all_tries() {
        for (text, attempt, again) in [
            ("1", 1, false),
            ("3", 1, true),
            ("3", 2, true),
            ("3", 3, false),
            ("0", 1, true),
            ("0", u32::MAX, true),
        ] {
            let retry: RetryLimit = text.parse().unwrap();
            assert_eq!(retry.after_failure(attempt), again, "{text} {attempt}");
        }
        assert!(!RetryLimit::default().after_failure(1));
    }

    #[test]
    fn anything_else_is_refused() {
        for text in ["", "-1", "x", "1.5", "99999999999"] {
            assert!(text.parse::<RetryLimit>().is_err(), "{text}");
        }
        for text in [
            "", "-1", "x", "..", "1..", "..5", "5..1", "0..5", "1..5..9", "1...5",
        ] {
            assert!(text.parse::<RetryDelay>().is_err(), "{text}");
        }
    }

    #[test]
    fn only_listed_failures_are_tried_again() {
        let applies = |on: &str, outcome| {
            let policy = RetryPolicy {
                limit: RetryLimit::Endless,
                on: on.parse().unwrap(),
                ..RetryPolicy::default()
            };
            policy.applies(1, &outcome)
        };
        assert!(applies("75", Outcome::Exited(75)));
        assert!(!applies("75", Outcome::Exited(1)));
        assert!(applies("SIGKILL", Outcome::Signaled(9)));
        assert!(!applies("SIGKILL", Outcome::Signaled(15)));
        assert!(applies("timeout", Outcome::TimedOut(15)));
        assert!(!applies("signal", Outcome::TimedOut(15)));
        assert!(applies("fail", Outcome::TimedOut(15)));
        // Not even where its status is listed.
        assert!(!applies("3", Outcome::Accepted(3)));
        assert!(!applies("0", Outcome::Exited(0)));
    }

    #[test]
    fn a_delay_doubles_up_to_the_longest() {
        let delay: RetryDelay = "1s..10".parse().unwrap();
        let whole: Vec<u64> = (1..=6).map(|n| delay.after(n, 1.0).as_secs()).collect();
        assert_eq!(whole, [1, 2, 4, 8, 10, 10]);
        let half: Vec<u128> = (1..=3).map(|n| delay.after(n, 0.0).as_millis()).collect();
        assert_eq!(half, [500, 1000, 2000]);
        assert_eq!(delay.after(u32::MAX, 1.0), Duration::from_secs(10));

        let fixed: RetryDelay = "1.5".parse().unwrap();
        assert_eq!(fixed.after(9, 0.5), Duration::from_millis(1500));
    }

    proptest! {
        #[test]
        fn a_delay_is_in_its_bounds(
            first in 1u64..1 << 40,
            more in 0u64..1 << 40,
            attempt in 0u32..,
            share in 0.0..=1.0,
        ) {
            let first = Duration::from_millis(first);
            let longest = first + Duration::from_millis(more);
            let time = RetryDelay::Doubling { first, longest }.after(attempt, share);
            prop_assert!(first / 2 <= time && time <= longest, "{:?}", time);
        }
    }
}
