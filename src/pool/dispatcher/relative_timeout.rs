//! Ending jobs that take much longer than others: `--timeout N%`. The limit moves with
//! every job that succeeds, also for those that run; a fixed one is their slots' business.

use super::Dispatcher;
use crate::exec::termination::StopReason;
use crate::os::clock::ClockReading;

impl Dispatcher {
    /// Ends the jobs that have run for too long.
    pub(super) fn end_overdue(&mut self, now: ClockReading) {
        for (due, seq) in self.deadlines() {
            // Asked twice, a job would get the first signal again.
            if due <= now
                && self
                    .slots
                    .end(seq, StopReason::Timeout, &self.options.signal_sequence)
            {
                self.overdue.insert(seq);
            }
        }
    }

    /// When the next job will have run for too long.
    pub(super) fn next_overdue(&self) -> Option<ClockReading> {
        let deadlines = self.deadlines().into_iter();
        deadlines.map(|(due, _)| due).min()
    }

    /// When the running jobs have to end that were not asked to yet.
    fn deadlines(&self) -> Vec<(ClockReading, u64)> {
        let percent = self.options.timeout_percent;
        let Some(limit) = percent.and_then(|percent| self.median.percent(percent)) else {
            return Vec::new();
        };
        let running = self.slots.running().into_iter();
        let running = running.filter(|running| !self.overdue.contains(&running.seq));
        running
            .map(|running| (running.since.saturating_add(limit), running.seq))
            .collect()
    }
}
