//! Ending jobs that take much longer than others: `--timeout N%`. The limit moves with
//! every job that succeeds, also for those that run; a fixed one is their slots' business.

use std::collections::BTreeSet;

use crate::exec::termination::StopReason;
use crate::exec::termination::signal_sequence::SignalSequence;
use crate::job::AttemptRecord;
use crate::os::clock::ClockReading;
use crate::policy::timeout::MedianRunTime;
use crate::pool::slot_pool::SlotPool;

/// Time limit in percent of the median run time.
pub(super) struct RelativeTimeout {
    percent: Option<f64>,
    /// Median of the jobs that have succeeded.
    median: MedianRunTime,
    /// Jobs that are being ended. Asked twice, a job would get the first signal again.
    overdue: BTreeSet<u64>,
}

impl RelativeTimeout {
    pub(super) fn new(percent: Option<f64>) -> Self {
        RelativeTimeout {
            percent,
            median: MedianRunTime::default(),
            overdue: BTreeSet::new(),
        }
    }

    /// Takes note of an attempt that has ended.
    pub(super) fn ended(&mut self, record: &AttemptRecord) {
        self.overdue.remove(&record.job.seq);
        if self.percent.is_some() && record.outcome.is_success() {
            self.median.add(record.runtime);
        }
    }

    /// Ends the jobs that have run for too long.
    pub(super) fn end_overdue(
        &mut self,
        now: ClockReading,
        slots: &SlotPool,
        signals: &SignalSequence,
    ) {
        for (due, seq) in self.deadlines(slots) {
            if due <= now && slots.end(seq, StopReason::Timeout, signals) {
                self.overdue.insert(seq);
            }
        }
    }

    /// Time at which the next job will have run for too long.
    pub(super) fn next(&self, slots: &SlotPool) -> Option<ClockReading> {
        let deadlines = self.deadlines(slots).into_iter();
        deadlines.map(|(due, _)| due).min()
    }

    /// Deadlines of the running jobs that are not being ended.
    fn deadlines(&self, slots: &SlotPool) -> Vec<(ClockReading, u64)> {
        let limit = self
            .percent
            .and_then(|percent| self.median.percent(percent));
        let Some(limit) = limit else {
            return Vec::new();
        };
        let running = slots.running().into_iter();
        running
            .filter(|running| running.suspended.is_none())
            .filter(|running| !self.overdue.contains(&running.seq))
            .map(|running| (running.since.saturating_add(limit), running.seq))
            .collect()
    }
}
