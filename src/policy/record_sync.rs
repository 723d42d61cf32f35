//! When the records of a log are on the disk: `--joblog-sync`.

use std::str::FromStr;
use std::time::Duration;

use super::duration;
use crate::error::{Error, Result};

/// Time at which written records are to survive a failure of the machine. What was written
/// survives the death of prun in any case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum RecordSync {
    /// `TIME`: that time after the first record that is not on the disk; `each` is 0, before a
    /// record counts as written.
    Every(Duration),
    /// `end`: when all jobs have ended.
    #[default]
    AtEnd,
    /// `never`: when the system thinks fit.
    Never,
}

impl FromStr for RecordSync {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        match text {
            "each" => Ok(RecordSync::Every(Duration::ZERO)),
            "end" => Ok(RecordSync::AtEnd),
            "never" => Ok(RecordSync::Never),
            time => match duration::parse(time) {
                Ok(time) => Ok(RecordSync::Every(time)),
                Err(_) => Err(Error::new(format!(
                    "'{time}' does not say when to write to the disk"
                ))
                .hint("--joblog-sync takes each, end, never or a time such as 1s")),
            },
        }
    }
}

impl RecordSync {
    /// Time that a record may be without being on the disk, as long as the run goes on.
    pub(crate) fn limit(self) -> Option<Duration> {
        match self {
            RecordSync::Every(time) => Some(time),
            RecordSync::AtEnd | RecordSync::Never => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_or_a_time_says_when() {
        let second = Duration::from_secs(1);
        for (text, sync, limit) in [
            (
                "each",
                RecordSync::Every(Duration::ZERO),
                Some(Duration::ZERO),
            ),
            ("0", RecordSync::Every(Duration::ZERO), Some(Duration::ZERO)),
            ("1s", RecordSync::Every(second), Some(second)),
            ("1", RecordSync::Every(second), Some(second)),
            ("end", RecordSync::AtEnd, None),
            ("never", RecordSync::Never, None),
        ] {
            let parsed: RecordSync = text.parse().unwrap();
            assert_eq!((parsed, parsed.limit()), (sync, limit), "{text}");
        }
        for text in ["", "always", "1x", "-1", "END"] {
            assert!(text.parse::<RecordSync>().is_err(), "{text}");
        }
    }
}
