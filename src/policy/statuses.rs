//! Sets of exit statuses: those that count as success, and those that are tried again.

use std::str::FromStr;

use crate::error::{Error, Result};
use crate::exit;
use crate::os::signal_name;

/// Set of exit statuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct StatusSet([u64; 4]);

impl StatusSet {
    pub(crate) fn contains(&self, status: u8) -> bool {
        self.0[usize::from(status / 64)] & 1 << (status % 64) != 0
    }

    fn insert(&mut self, status: u8) {
        self.0[usize::from(status / 64)] |= 1 << (status % 64);
    }

    /// Adds `75` or `100-110`; `None` if the text is neither.
    fn insert_range(&mut self, text: &str) -> Option<()> {
        let (first, last) = text.split_once('-').unwrap_or((text, text));
        let (first, last) = (status(first)?, status(last)?);
        (first <= last).then(|| (first..=last).for_each(|status| self.insert(status)))
    }
}

/// Reads digits only, while Rust would take a sign.
fn status(text: &str) -> Option<u8> {
    let is_plain = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| is_plain)
}

/// Exit statuses that count as success (`--ok-codes`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SuccessStatuses(StatusSet);

impl SuccessStatuses {
    pub(crate) fn contains(&self, status: u8) -> bool {
        self.0.contains(status)
    }
}

impl From<&[u8]> for SuccessStatuses {
    /// 0 and these.
    fn from(others: &[u8]) -> Self {
        let SuccessStatuses(mut statuses) = SuccessStatuses::default();
        others.iter().for_each(|&status| statuses.insert(status));
        SuccessStatuses(statuses)
    }
}

impl Default for SuccessStatuses {
    /// 0 alone.
    fn default() -> Self {
        let mut statuses = StatusSet::default();
        statuses.insert(exit::SUCCESS);
        SuccessStatuses(statuses)
    }
}

impl FromStr for SuccessStatuses {
    type Err = Error;

    /// Reads `1,3,10-20`. 0 is always one of them.
    fn from_str(text: &str) -> Result<Self> {
        let SuccessStatuses(mut statuses) = SuccessStatuses::default();
        for word in text.split(',') {
            statuses.insert_range(word).ok_or_else(|| {
                Error::new(format!("'{word}' is not an exit status"))
                    .hint("write numbers from 0 to 255 and ranges of them: --ok-codes 1,10-20")
            })?;
        }
        // The log has these statuses for jobs that prun could not run.
        if statuses.contains(exit::NOT_EXECUTABLE) || statuses.contains(exit::NOT_FOUND) {
            return Err(
                Error::new("126 and 127 cannot count as success: the command was not run")
                    .hint("--ok-codes 1-125"),
            );
        }
        Ok(SuccessStatuses(statuses))
    }
}

/// Failures after which a job is tried again (`--retry-on`), each as the status that a shell
/// shows: jobs tell of signals and time limits of their own in that way, too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RetryStatuses(StatusSet);

impl RetryStatuses {
    pub(crate) fn contains(&self, status: u8) -> bool {
        self.0.contains(status)
    }
}

impl Default for RetryStatuses {
    /// Every status.
    fn default() -> Self {
        RetryStatuses(StatusSet([u64::MAX; 4]))
    }
}

impl FromStr for RetryStatuses {
    type Err = Error;

    /// Reads statuses, ranges of them, names of signals, `signal`, `timeout` and `fail`.
    fn from_str(text: &str) -> Result<Self> {
        let mut statuses = StatusSet::default();
        for word in text.split(',') {
            match word {
                "fail" => return Ok(RetryStatuses::default()),
                "timeout" => statuses.insert(exit::TIMED_OUT),
                "signal" => (1..=signal_name::HIGHEST)
                    .filter_map(signaled)
                    .for_each(|status| statuses.insert(status)),
                _ if statuses.insert_range(word).is_some() => {}
                _ => statuses.insert(signal_name::number(word).and_then(signaled).ok_or_else(|| {
                    Error::new(format!("'{word}' is not a way to fail")).hint(
                        "write exit statuses, ranges of them, signals or timeout: --retry-on 75,100-110,SIGKILL,timeout",
                    )
                })?),
            }
        }
        Ok(RetryStatuses(statuses))
    }
}

/// Status of a job that this signal has ended.
fn signaled(signal: i32) -> Option<u8> {
    exit::SIGNALED.checked_add(u8::try_from(signal).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zero_and_the_listed_ones_are_success() {
        let read = |text: &str| text.parse::<SuccessStatuses>().unwrap();
        for (text, expected) in [
            ("0", vec![0]),
            ("1", vec![0, 1]),
            ("3,1,3", vec![0, 1, 3]),
            ("10-12,255", vec![0, 10, 11, 12, 255]),
            ("63-65,128-128", vec![0, 63, 64, 65, 128]),
        ] {
            let statuses = read(text);
            let all: Vec<u8> = (0..=255).filter(|&s| statuses.contains(s)).collect();
            assert_eq!(all, expected, "{text}");
        }
        assert_eq!(read("0"), SuccessStatuses::default());
    }

    #[test]
    fn anything_else_is_refused() {
        for text in [
            "", ",", "1,", "1,,2", "-1", "1-", "256", "3-1", "+1", " 1", "x", "1-2-3", "126",
            "1-255", "127",
        ] {
            assert!(text.parse::<SuccessStatuses>().is_err(), "{text}");
        }
    }

    #[test]
    fn failures_are_statuses_as_a_shell_shows_them() {
        let read = |text: &str| text.parse::<RetryStatuses>().unwrap();
        for (text, expected) in [
            ("75,100-102", vec![75, 100, 101, 102]),
            ("SIGKILL,term", vec![137, 143]),
            ("timeout,127", vec![124, 127]),
            ("signal", (129..=192).collect()),
            ("fail,1", (0..=255).collect()),
        ] {
            let statuses = read(text);
            let all: Vec<u8> = (0..=255).filter(|&s| statuses.contains(s)).collect();
            assert_eq!(all, expected, "{text}");
        }
        for text in [
            "", "x", "1,", "SIG", "SIGNOPE", "256", "300", "5-1", "time out",
        ] {
            assert!(text.parse::<RetryStatuses>().is_err(), "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn ranges_are_what_they_say(first in 0u8..=125, last in 0u8..=125, other in 0u8..) {
            let parsed = format!("{first}-{last}").parse::<SuccessStatuses>();
            proptest::prop_assert_eq!(parsed.is_ok(), first <= last);
            if let Ok(statuses) = parsed {
                let is_in = other == 0 || (first..=last).contains(&other);
                proptest::prop_assert_eq!(statuses.contains(other), is_in);
            }
        }

        #[test]
        fn no_text_makes_it_panic(text in "[0-9,a-zA-Z-]{0,12}") {
            let _ = text.parse::<SuccessStatuses>();
            let _ = text.parse::<RetryStatuses>();
        }
    }
}
