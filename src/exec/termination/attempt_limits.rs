//! Limits of each attempt, and what its end is by them.

use std::borrow::Cow;
use std::time::Duration;

use super::signal_sequence::SignalSequence;
use super::slot_control::SlotControl;
use super::{LeakPolicy, StopReason};
use crate::exit;
use crate::input::Row;
use crate::job::Outcome;
use crate::os::child::ExitStatus;
use crate::os::clock::ClockReading;
use crate::policy::statuses::SuccessStatuses;

#[derive(Debug, Clone)]
pub(crate) struct AttemptLimits {
    /// `--timeout TIME`.
    pub timeout: Option<Duration>,
    /// `--termseq`: the signals at the end of that time.
    pub timeout_signals: SignalSequence,
    pub leak: LeakPolicy,
    /// `--ok-codes`.
    pub success: SuccessStatuses,
}

impl AttemptLimits {
    /// The limits of a row's attempts, which go before these.
    pub(crate) fn of(&self, row: &Row) -> Cow<'_, AttemptLimits> {
        match &row.settings {
            Some(settings)
                if settings.timeout.is_some()
                    || settings.ok_codes.is_some()
                    || settings.is_service =>
            {
                let success = settings.ok_codes.as_deref().map(SuccessStatuses::from);
                Cow::Owned(AttemptLimits {
                    timeout: match settings.timeout {
                        Some(own) => own.time(),
                        None => self.timeout,
                    },
                    success: success.unwrap_or(self.success),
                    leak: if settings.is_service {
                        LeakPolicy::Kill
                    } else {
                        self.leak
                    },
                    ..self.clone()
                })
            }
            _ => Cow::Borrowed(self),
        }
    }

    /// Outcome of an attempt that prun has not ended: the one place that tells success from
    /// failure.
    pub(crate) fn outcome(&self, status: ExitStatus) -> Outcome {
        match status {
            ExitStatus::Exited(exit::SUCCESS) => Outcome::Exited(exit::SUCCESS),
            ExitStatus::Exited(status) if self.success.contains(status) => {
                Outcome::Accepted(status)
            }
            ExitStatus::Exited(status) => Outcome::Exited(status),
            ExitStatus::Signaled(signal) => Outcome::Signaled(signal),
        }
    }

    /// End of the time limit of the attempt that `control` runs; there is none while that is
    /// suspended.
    pub(crate) fn deadline(&self, control: &SlotControl) -> Option<ClockReading> {
        let timeout = self.timeout?;
        control.counts_since().map(|since| since + timeout)
    }

    /// Reason to stop an attempt that is over its time limit, and the signals for that.
    pub(crate) fn overdue(
        &self,
        control: &SlotControl,
        now: ClockReading,
    ) -> Option<(StopReason, SignalSequence)> {
        let is_late = self.deadline(control)? <= now;
        is_late.then(|| (StopReason::Timeout, self.timeout_signals.clone()))
    }
}
