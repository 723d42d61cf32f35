//! Limits of the jobs that have the same key: `--per-key`, `--key-rate`.

use super::rate::StartRate;
use crate::os::clock::ClockReading;

/// Limits of the jobs of one key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct KeyLimits {
    /// Jobs that run at once (`--per-key`), at least one.
    pub at_once: usize,
    /// Starts in a time (`--key-rate`).
    pub rate: Option<StartRate>,
}

impl KeyLimits {
    /// Tells whether one more job may run beside so many.
    pub(crate) fn allow(self, running: usize) -> bool {
        running < self.at_once
    }

    /// Earliest time of the start after one at `now`, if that matters.
    pub(crate) fn next_start(self, now: ClockReading) -> Option<ClockReading> {
        self.rate.map(|rate| rate.after_exactly(now))
    }
}
