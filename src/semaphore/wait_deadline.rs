//! End of the waits in the kernel.

use std::io;
use std::time::{Duration, Instant};

use crate::os::alarm::InterruptingAlarm;

/// End of all waits of an entry.
pub(super) struct WaitDeadline {
    end: Option<(Instant, InterruptingAlarm)>,
}

impl WaitDeadline {
    pub(super) fn after(time: Option<Duration>) -> io::Result<WaitDeadline> {
        let end = |time| io::Result::Ok((Instant::now() + time, InterruptingAlarm::after(time)?));
        Ok(WaitDeadline {
            end: time.map(end).transpose()?,
        })
    }

    /// Calls a function that waits until it returns or the time is over, which is `None`.
    pub(super) fn wait<T>(&self, mut call: impl FnMut() -> io::Result<T>) -> io::Result<Option<T>> {
        loop {
            match call() {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {
                    if self.is_over() {
                        return Ok(None);
                    }
                }
                result => return result.map(Some),
            }
        }
    }

    fn is_over(&self) -> bool {
        let end = self.end.as_ref();
        end.is_some_and(|(end, _)| Instant::now() >= *end)
    }
}
