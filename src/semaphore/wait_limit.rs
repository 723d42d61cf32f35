//! Limit of a wait: `--semaphoretimeout`.

use std::str::FromStr;
use std::time::Duration;

use crate::error::Error;
use crate::policy::duration;

/// `10`, `-1.5s`, `-0`; `0` is no limit, as in GNU parallel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct WaitLimit {
    pub after: Duration,
    pub then: AfterWait,
}

/// What follows a wait that has reached its limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AfterWait {
    /// A positive limit: prun goes on as if the wait were over.
    GoOn,
    /// A negative one.
    GiveUp,
}

impl WaitLimit {
    /// Tells whether there is any limit.
    pub(crate) fn is_limit(&self) -> bool {
        self.then == AfterWait::GiveUp || !self.after.is_zero()
    }
}

impl FromStr for WaitLimit {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let (time, then) = match text.strip_prefix('-') {
            Some(time) => (time, AfterWait::GiveUp),
            None => (text, AfterWait::GoOn),
        };
        let after = duration::parse(time)?;
        Ok(WaitLimit { after, then })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sign_says_what_follows() {
        let limit = |text: &str| {
            let limit: WaitLimit = text.parse().unwrap();
            (limit.after.as_millis(), limit.then, limit.is_limit())
        };
        assert_eq!(limit("1.5"), (1500, AfterWait::GoOn, true));
        assert_eq!(limit("-2m"), (120_000, AfterWait::GiveUp, true));
        assert_eq!(limit("0"), (0, AfterWait::GoOn, false));
        assert_eq!(limit("-0"), (0, AfterWait::GiveUp, true));
        for wrong in ["", "-", "--1", "x", "-1 s"] {
            assert!(wrong.parse::<WaitLimit>().is_err(), "{wrong}");
        }
    }
}
