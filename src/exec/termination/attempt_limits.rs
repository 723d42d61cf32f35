//! Limits of each attempt, and the end that they make of it.

use std::time::Duration;

use super::signal_sequence::SignalSequence;
use super::{LeakPolicy, StopReason};
use crate::os::clock::ClockReading;

#[derive(Debug, Clone)]
pub(crate) struct AttemptLimits {
    /// `--timeout TIME`.
    pub timeout: Option<Duration>,
    /// `--termseq`: the signals at the end of that time.
    pub timeout_signals: SignalSequence,
    pub leak: LeakPolicy,
}

impl AttemptLimits {
    /// End of the time limit of an attempt.
    pub(crate) fn deadline(&self, started: ClockReading) -> Option<ClockReading> {
        self.timeout.map(|timeout| started + timeout)
    }

    /// Reason to stop an attempt that is over its time limit, and the signals for that.
    pub(crate) fn overdue(
        &self,
        started: ClockReading,
        now: ClockReading,
    ) -> Option<(StopReason, SignalSequence)> {
        let is_late = self.deadline(started)? <= now;
        is_late.then(|| (StopReason::Timeout, self.timeout_signals.clone()))
    }
}
