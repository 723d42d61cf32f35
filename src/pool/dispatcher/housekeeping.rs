//! Work of the dispatcher that no event tells of: orphans, and jobs that are stopped.

use std::time::Duration;

use crate::os::clock::ClockReading;
use crate::os::orphans;
use crate::os::signal_name;
use crate::pool::slot_pool::SlotPool;

/// Time between two inspections of the running jobs. These are the only wake-ups of a run that
/// waits for its jobs and shows no progress.
const INSPECTION: Duration = Duration::from_secs(5);

/// Run time from which a job is inspected: half the interval, so that it is inspected for the
/// first time after about one.
const SETTLED: Duration = Duration::from_millis(2500);

/// Time between two reapings of orphans while events keep the dispatcher awake. A long row of
/// short jobs may leave many.
const REAPING: Duration = Duration::from_millis(100);

/// Times of the next work.
#[derive(Default)]
pub(super) struct Housekeeping {
    pub next_inspection: ClockReading,
    next_reaping: ClockReading,
}

impl Housekeeping {
    /// Reaps orphans when it is time for it. This must be the main thread, to which orphans are
    /// given. No signal tells of them: `SIGCHLD` would come with the end of every job, too.
    pub(super) fn reap_orphans(&mut self, now: ClockReading) {
        if now >= self.next_reaping {
            self.next_reaping = now + REAPING;
            orphans::reap();
        }
    }

    /// Tells whether it is time to inspect the running jobs, once in an interval.
    pub(super) fn is_inspection_due(&mut self, now: ClockReading) -> bool {
        let is_due = now >= self.next_inspection;
        if is_due {
            self.next_inspection = now + INSPECTION;
        }
        is_due
    }
}

/// Warnings of jobs that are stopped and wait for someone who may not know of it, each once.
pub(super) fn warnings(slots: &SlotPool, now: ClockReading) -> impl Iterator<Item = String> {
    let stopped = slots.stopped_jobs(now.saturating_sub(SETTLED)).into_iter();
    stopped.map(|(seq, signal)| {
        let name = signal_name::name(signal);
        format!("prun: warning: job {seq} is stopped ({name})\n")
    })
}
