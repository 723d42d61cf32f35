//! Work of the dispatcher that no event tells of: orphans, and jobs that are stopped.

use std::time::Duration;

use super::Dispatcher;
use crate::os::clock::ClockReading;
use crate::os::orphans;
use crate::os::signal_name;

/// Interval of looking after the running jobs. These are the only wake-ups of a run that
/// waits for its jobs and shows no progress.
const INSPECTION: Duration = Duration::from_secs(5);

/// Run time from which a job is looked at: about half the interval, so that it is looked at
/// for the first time after about one.
const SETTLED: Duration = Duration::from_millis(2500);

/// Interval of reaping orphans while events keep the dispatcher awake. A long row of short
/// jobs may leave many.
const REAPING: Duration = Duration::from_millis(100);

/// Times of the next work.
#[derive(Default)]
pub(super) struct HousekeepingTimes {
    pub next_inspection: ClockReading,
    next_reaping: ClockReading,
}

impl Dispatcher {
    /// Reaps orphans and looks after the running jobs when it is time for it.
    pub(super) fn keep_house(&mut self, now: ClockReading) {
        // This must be the main thread, to which orphans are given. No signal tells of them:
        // `SIGCHLD` would come with the end of every job, too.
        if now >= self.housekeeping.next_reaping {
            self.housekeeping.next_reaping = now + REAPING;
            orphans::reap();
        }
        if now >= self.housekeeping.next_inspection {
            self.housekeeping.next_inspection = now + INSPECTION;
            // A job that was stopped before it was known to run.
            self.deny_terminal();
            for (seq, signal) in self.slots.stopped_jobs(now.saturating_sub(SETTLED)) {
                self.reporter.warn(&about_stopped(seq, signal));
            }
        }
    }
}

/// A job that is stopped waits for someone who may not know of it.
fn about_stopped(seq: u64, signal: i32) -> String {
    let name = signal_name::name(signal);
    format!("prun: warning: job {seq} is stopped ({name})\n")
}
