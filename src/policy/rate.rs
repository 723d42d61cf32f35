//! Number of starts in a time: `--rate`, `--key-rate`.

use std::str::FromStr;
use std::time::Duration;

use super::duration;
use crate::error::{Error, Result};
use crate::os::clock::ClockReading;

/// Time that late starts may catch up: what a busy system has lost in waking prun. More of it
/// would be a burst after a pause.
const CATCH_UP: Duration = Duration::from_millis(50);

/// Limit of the number of starts in a time (`--rate N/TIME`, `--key-rate N/TIME`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct StartRate {
    /// Time between two starts.
    interval: Duration,
}

impl StartRate {
    /// Earliest time of the start after one at `now`, which was allowed from `due` on. Late starts
    /// do not make the rate lower.
    pub(crate) fn after(self, due: ClockReading, now: ClockReading) -> ClockReading {
        let due = due.max(now.saturating_sub(CATCH_UP));
        due.saturating_add(self.interval)
    }

    /// Earliest time of the start after one at `now`, however late that came: two starts are never
    /// closer than that.
    pub(crate) fn after_exactly(self, now: ClockReading) -> ClockReading {
        now.saturating_add(self.interval)
    }
}

impl FromStr for StartRate {
    type Err = Error;

    /// Reads `N/s`, `N/min`, `N/h`, `N/10s`: a number of starts in a length of time.
    fn from_str(text: &str) -> Result<Self> {
        let interval = interval(text).ok_or_else(|| {
            Error::new(format!("'{text}' is not a number of starts in a time"))
                .hint("write N/s, N/min, N/h or N/TIME: --rate 10/s, --rate 3/10s")
        })?;
        Ok(StartRate { interval })
    }
}

fn interval(text: &str) -> Option<Duration> {
    let (count, period) = text.split_once('/')?;
    if !count.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let count: u32 = count.parse().ok()?;
    let period = if period.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
        duration::parse(period)
    } else if period.is_empty() {
        return None;
    } else {
        duration::parse(&format!("1{period}"))
    };
    let nanos = period.ok()?.as_nanos();
    if count == 0 || nanos == 0 {
        return None;
    }
    // Rounded up, and so never more starts than allowed.
    u64::try_from(nanos.div_ceil(u128::from(count)))
        .ok()
        .map(Duration::from_nanos)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_in_a_time_is_read() {
        let millis = Duration::from_millis;
        for (text, interval) in [
            ("1/s", millis(1000)),
            ("10/s", millis(100)),
            ("1000/s", millis(1)),
            ("30/min", millis(2000)),
            ("60/m", millis(1000)),
            ("1/h", millis(3_600_000)),
            ("24/d", millis(3_600_000)),
            ("3/10s", Duration::from_nanos(3_333_333_334)),
            ("5/1m30s", millis(18_000)),
            ("4/100ms", millis(25)),
            ("1/2", millis(2000)),
            ("3000000000/s", Duration::from_nanos(1)),
        ] {
            assert_eq!(text.parse(), Ok(StartRate { interval }), "{text}");
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for text in [
            "",
            "5",
            "/s",
            "0/s",
            "5/",
            "5/0",
            "5/0s",
            "-1/s",
            "+1/s",
            "1.5/s",
            "x/s",
            "5/x",
            "5/s/s",
            "5 /s",
            "99999999999/s",
            "1/200y",
        ] {
            assert!(text.parse::<StartRate>().is_err(), "{text}");
        }
    }

    /// Starts in the first second if each one comes `late` after it was allowed, and none at all
    /// before `first`.
    fn starts(rate: &str, first: Duration, late: Duration) -> usize {
        let rate: StartRate = rate.parse().unwrap();
        let (mut due, mut count) = (ClockReading::ZERO, 0);
        let mut now = first;
        while now < Duration::from_secs(1) {
            count += 1;
            due = rate.after(due, now);
            now = now.max(due + late);
        }
        count
    }

    #[test]
    fn the_average_is_kept_by_starts_that_come_late_and_a_pause_makes_no_large_burst() {
        let millis = Duration::from_millis;
        assert_eq!(starts("1000/s", millis(0), millis(0)), 1000);
        assert_eq!(
            starts("1000/s", millis(0), Duration::from_micros(700)),
            1000
        );
        assert_eq!(starts("1000/s", millis(0), millis(40)), 960);
        // Half of a second was lost, and not made up for.
        assert_eq!(starts("1000/s", millis(500), millis(0)), 550);
        assert_eq!(starts("2/s", millis(0), millis(0)), 2);
    }
}
