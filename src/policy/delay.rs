//! The time between two starts: `--delay`.

use std::str::FromStr;
use std::time::Duration;

use super::duration;
use crate::error::{Error, Result};

/// Limit of a delay that grows: a day.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

/// The first delay after a failure where none was typed.
const FIRST: Duration = Duration::from_millis(100);

/// Time between two starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StartDelay {
    /// `--delay TIME`
    Fixed(Duration),
    /// `--delay TIMEauto`, `--delay auto`: the time at present, longer after each failure, shorter
    /// after each success.
    Auto(Duration),
}

impl Default for StartDelay {
    fn default() -> Self {
        StartDelay::Fixed(Duration::ZERO)
    }
}

impl StartDelay {
    pub(crate) fn time(self) -> Duration {
        match self {
            StartDelay::Fixed(time) | StartDelay::Auto(time) => time,
        }
    }

    pub(crate) fn succeeded(&mut self) {
        if let StartDelay::Auto(time) = self {
            *time = time.mul_f64(0.9);
        }
    }

    pub(crate) fn failed(&mut self) {
        if let StartDelay::Auto(time) = self {
            *time = if time.is_zero() {
                FIRST
            } else {
                time.mul_f64(1.3).min(LONGEST)
            };
        }
    }
}

impl FromStr for StartDelay {
    type Err = Error;

    /// Reads a length of time, with `auto` behind it if it adapts, or `auto` alone.
    fn from_str(text: &str) -> Result<Self> {
        let Some(initial) = text.strip_suffix("auto") else {
            return duration::parse(text).map(StartDelay::Fixed);
        };
        if initial.is_empty() {
            return Ok(StartDelay::Auto(Duration::ZERO));
        }
        match duration::parse(initial) {
            Ok(time) if !time.is_zero() => Ok(StartDelay::Auto(time)),
            _ => Err(
                Error::new(format!("'{text}' is no delay that could grow and shrink")).hint(
                    "write the first one before auto, or none: --delay 0.1auto, --delay auto",
                ),
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_delay_adapts_if_it_is_asked_to() {
        let mut delay: StartDelay = "10auto".parse().unwrap();
        delay.failed();
        assert_eq!(delay.time(), Duration::from_secs(13));
        delay.succeeded();
        assert_eq!(delay.time(), Duration::from_millis(11_700));
        for _ in 0..1000 {
            delay.failed();
        }
        assert_eq!(delay.time(), LONGEST);

        let mut none: StartDelay = "auto".parse().unwrap();
        none.succeeded();
        assert_eq!(none.time(), Duration::ZERO);
        none.failed();
        assert_eq!(none.time(), FIRST);
        none.failed();
        assert_eq!(none.time(), Duration::from_millis(130));

        let mut fixed: StartDelay = "1m10".parse().unwrap();
        fixed.failed();
        fixed.succeeded();
        assert_eq!(fixed, StartDelay::Fixed(Duration::from_secs(70)));
    }

    #[test]
    fn anything_else_is_refused() {
        for text in ["", "0auto", "xauto", "1autos", "-1", "1 auto"] {
            assert!(text.parse::<StartDelay>().is_err(), "{text}");
        }
    }
}
