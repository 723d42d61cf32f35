//! Rounds: what the dispatcher looks after from time to time because no event tells it.

use std::time::Duration;

use super::Dispatcher;
use crate::os::clock::ClockReading;
use crate::os::orphans;
use crate::os::signal_name;
use crate::pool::Verbosity;

/// Between two rounds. They are the only wake-ups of a run that waits for its jobs
/// and shows no progress.
const ROUND: Duration = Duration::from_secs(5);

/// What a job must have run for to be looked at: it is first looked at when it has run
/// for about the length of a round.
const SETTLED: Duration = Duration::from_millis(2500);

/// Between two times that orphans are reaped while events keep the dispatcher awake. A
/// long row of short jobs may leave many.
const REAPING: Duration = Duration::from_millis(100);

impl Dispatcher {
    /// Reaps what has lost its parent and ended. This must be the main thread, to which
    /// orphans are given. No signal tells of them: `SIGCHLD` would come with the end of
    /// every job, too.
    pub(super) fn reap_orphans(&mut self, now: ClockReading) {
        if now >= self.next_reaping {
            self.next_reaping = now + REAPING;
            orphans::reap();
        }
    }

    /// Looks after the running jobs if it is time for it.
    pub(super) fn make_round(&mut self, now: ClockReading) {
        if now < self.next_round {
            return;
        }
        self.next_round = now + ROUND;
        // One that was stopped before it was known to run.
        self.deny_terminal();
        if self.options.verbosity != Verbosity::Silent {
            for (seq, signal) in self.slots.stopped_jobs(now.saturating_sub(SETTLED)) {
                self.reporter.say(&about_stopped(seq, signal));
            }
        }
    }
}

/// A job that is stopped waits for someone who may not know of it.
fn about_stopped(seq: u64, signal: i32) -> String {
    let name = signal_name::name(signal);
    format!("prun: warning: job {seq} is stopped ({name})\n")
}
