//! Number of attempts of a failing job: `--retries`.

use std::num::NonZeroU32;
use std::str::FromStr;

use crate::error::{Error, Result};

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

impl FromStr for RetryLimit {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let tries: u32 = text.parse().map_err(|_| {
            Error::new(format!("'{text}' is not a number of tries"))
                .hint("--retries 3 tries a failing job three times in all, --retries 0 without end")
        })?;
        Ok(NonZeroU32::new(tries).map_or(RetryLimit::Endless, RetryLimit::Times))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
    }
}
