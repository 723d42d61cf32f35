//! Meaning of `SIGUSR1` and `SIGUSR2`, which users send to a running prun.

use std::str::FromStr;

use crate::error::{Error, Result};
use crate::os::signal_name;

/// Effects of the two signals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct UserSignals {
    pub usr1: UserSignalEffect,
    pub usr2: UserSignalEffect,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum UserSignalEffect {
    /// One more job at once.
    AddSlot,
    /// One job less at once.
    RemoveSlot,
    /// The running jobs are listed.
    ListJobs,
    Nothing,
}

impl Default for UserSignals {
    /// The habit of xargs.
    fn default() -> Self {
        UserSignals {
            usr1: UserSignalEffect::AddSlot,
            usr2: UserSignalEffect::RemoveSlot,
        }
    }
}

impl UserSignals {
    /// Effects in GNU parallel, where the second signal is about the progress display.
    pub(crate) fn of_gnu() -> UserSignals {
        UserSignals {
            usr1: UserSignalEffect::ListJobs,
            usr2: UserSignalEffect::Nothing,
        }
    }

    /// The same, but that one signal lists the running jobs.
    pub(crate) fn listing_on(self, signal: Option<StatusSignal>) -> UserSignals {
        let usr1 = match signal {
            Some(StatusSignal::Usr1) => UserSignalEffect::ListJobs,
            _ => self.usr1,
        };
        let usr2 = match signal {
            Some(StatusSignal::Usr2) => UserSignalEffect::ListJobs,
            _ => self.usr2,
        };
        UserSignals { usr1, usr2 }
    }
}

/// Signal that lists the running jobs (`--status-on`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StatusSignal {
    Usr1,
    Usr2,
}

impl FromStr for StatusSignal {
    type Err = Error;

    /// Reads `USR1` or `USR2`, as kill(1) has them.
    fn from_str(text: &str) -> Result<Self> {
        match signal_name::number(text) {
            Some(libc::SIGUSR1) => Ok(StatusSignal::Usr1),
            Some(libc::SIGUSR2) => Ok(StatusSignal::Usr2),
            _ => Err(Error::new(format!(
                "'{text}' is not a signal that lists the running jobs"
            ))
            .hint("it can be USR1 or USR2: --status-on USR1")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use UserSignalEffect::{AddSlot, ListJobs, Nothing, RemoveSlot};

    #[test]
    fn one_of_the_signals_may_list_the_jobs() {
        let (own, gnu) = (UserSignals::default(), UserSignals::of_gnu());
        for (signals, status_on, usr1, usr2) in [
            (own, None, AddSlot, RemoveSlot),
            (own, Some("USR1"), ListJobs, RemoveSlot),
            (own, Some("sigusr2"), AddSlot, ListJobs),
            (gnu, None, ListJobs, Nothing),
            (gnu, Some("USR2"), ListJobs, ListJobs),
        ] {
            let status_on = status_on.map(|text| text.parse().unwrap());
            assert_eq!(signals.listing_on(status_on), UserSignals { usr1, usr2 });
        }
        for text in ["", "USR3", "TERM", "SIG"] {
            assert!(text.parse::<StatusSignal>().is_err(), "{text}");
        }
    }
}
