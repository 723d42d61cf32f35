//! Starting jobs: as soon as they may, and never more than may.

use std::io;
use std::time::Duration;

use rustix::io::Errno;

use super::{Dispatcher, RunPhase, WaitingJob};
use crate::error::{Error, reason_text};
use crate::job::Job;
use crate::os::clock::ClockReading;
use crate::os::terminal;
use crate::policy::delay::StartDelay;
use crate::policy::halt::HaltRule;
use crate::policy::retry::RetryLimit;
use crate::pool::resource_backoff::{ResourceDenial, ResourceLimit};
use crate::pool::{StartAfter, Verbosity};

/// Output that may wait for a slow reader before no more jobs are started.
const MOST_BACKLOG: u64 = 1 << 30;

/// At most so many finished jobs wait for the turn of another one.
const MOST_HELD: usize = 16 << 10;

/// At most so many jobs are read ahead.
const MOST_AHEAD: usize = 1024;

/// A job that takes no longer costs about as much to hand out as to run. No process is so
/// fast; built-ins are.
const BRIEF: Duration = Duration::from_micros(100);

/// So many jobs wait in the queue while jobs are brief.
const MANY_AHEAD: usize = 256;

impl Dispatcher {
    /// Hands jobs out. A few more than can run wait in the queue, so that a slot need
    /// not wait for the dispatcher; but none where it may be decided at the end of a
    /// job that no other one starts.
    pub(super) fn start_jobs(&mut self) {
        let ahead = self.most_ahead();
        while self.phase == RunPhase::Running && !self.is_held_back() {
            let allowed = self.room.allowed();
            let ahead = if allowed == self.options.slots {
                ahead
            } else {
                0
            };
            if self.slots.busy() >= allowed + ahead {
                return;
            }
            if !self.waiting.is_empty() && self.is_throttled() {
                return;
            }
            let Some(WaitingJob { job, .. }) = self.waiting.pop_front() else {
                return;
            };
            let first_try = job.attempt == 1;
            self.newest = job.seq;
            self.reporter.starting(&job);
            match self.slots.hand(job, allowed) {
                Ok(()) => self.started += u64::from(first_try),
                Err((job, error)) => self.no_room(job, &error),
            }
            let delay = self.options.delay.time();
            if delay > Duration::ZERO {
                self.next_start = self.clock.now() + delay;
            }
        }
    }

    /// How many jobs may wait in the queue. Many brief ones, so that slots go on while the
    /// dispatcher is on its way, which then deals with the ends of several at once.
    fn most_ahead(&self) -> usize {
        let options = &self.options;
        let is_free = options.start_after == StartAfter::Free
            && options.halt == HaltRule::Never
            && options.retry == RetryLimit::default()
            && options.delay == StartDelay::default()
            && options.slots_file.is_none()
            && options.conditions.is_none()
            // Ctrl-C ends the job that has the terminal, and then no other one starts.
            && !terminal::is_for_jobs();
        match is_free {
            false => 0,
            true if self.last_runtime <= BRIEF => MANY_AHEAD,
            true => options.slots.min(8),
        }
    }

    /// Reads the file of `-j` again: the end of a job is when another one may start.
    pub(super) fn resize(&mut self) {
        let Some(file) = &self.options.slots_file else {
            return;
        };
        let slots = match file.read() {
            Ok(Some(slots)) => slots,
            Ok(None) => return,
            Err(error) => return self.distrust(&error),
        };
        if slots != self.options.slots {
            self.options.slots = slots;
            self.room.resize(slots);
            self.slots.shrink(self.room.allowed());
        }
    }

    /// What the file said last goes on to count.
    fn distrust(&mut self, error: &Error) {
        let first = !std::mem::replace(&mut self.distrusts_file, true);
        if first && self.options.verbosity != Verbosity::Silent {
            let slots = self.options.slots;
            let error = error.to_string();
            let reason = error.lines().next().unwrap_or_default();
            let reason = reason.trim_start_matches("prun: ");
            self.reporter.say(&format!(
                "prun: warning: {reason}: the number stays {slots}\n"
            ));
        }
    }

    fn is_held_back(&mut self) -> bool {
        let start = self.next_start.max(self.room.not_before());
        (start > ClockReading::ZERO && self.clock.now() < start)
            || self.waits_for_reader()
            || self.waits_for_turn()
            || self.waits_for_record()
    }

    fn waits_for_record(&mut self) -> bool {
        let waits = self.options.start_after == StartAfter::Recorded && self.reporter.backlog() > 0;
        if waits {
            self.ask_writer();
        }
        waits
    }

    /// Whether so much output waits for its reader that no more should be made.
    fn waits_for_reader(&mut self) -> bool {
        let backlog = self.reporter.backlog();
        let waits =
            backlog > MOST_BACKLOG || (backlog > 0 && self.budget.files() > self.most_files);
        if waits {
            // Nothing else may happen until the reader has caught up.
            self.ask_writer();
        }
        waits
    }

    /// Whether so much output waits for the turn of a job that runs that no more should
    /// be made. The job whose turn it is never waits.
    fn waits_for_turn(&self) -> bool {
        let much = self.sequencer.held() > MOST_HELD
            || self.budget.files() > self.most_files
            || (self.sequencer.is_pressed() && self.budget.is_exhausted());
        let next = self.waiting.front().map(|waiting| waiting.job.seq);
        much && self.slots.busy() > 0 && next != self.sequencer.turn()
    }

    pub(super) fn request_jobs(&mut self) {
        let Some(demand) = &self.demand else {
            return;
        };
        let ahead = (2 * self.options.slots).clamp(self.most_ahead(), MOST_AHEAD);
        let missing = ahead.saturating_sub(self.waiting.len() + self.requested);
        // Asked for in batches, so that the feeder is not woken for every job.
        if missing >= ahead / 2 && demand.send(missing).is_ok() {
            self.requested += missing;
        }
    }

    /// A job that runs waits for room, which fewer others make.
    pub(super) fn shortage(&mut self, error: &io::Error) {
        let others = self.slots.busy().saturating_sub(1).max(1);
        let denied = self
            .room
            .denied(others, ResourceLimit::Shared, self.clock.now());
        self.slots.shrink(self.room.allowed());
        if denied == ResourceDenial::First {
            self.tell_fewer(error);
        }
    }

    fn tell_fewer(&mut self, error: &io::Error) {
        if self.options.verbosity != Verbosity::Silent {
            let reason = reason_text(error);
            self.reporter.say(&format!(
                "prun: warning: running fewer jobs at once: {reason}\nhint: ulimit -n and ulimit -u show the limits\n"
            ));
        }
    }

    pub(super) fn no_room(&mut self, job: Job, error: &io::Error) {
        self.waiting.push_front(job.into());
        let limit = match Errno::from_io_error(error) {
            Some(Errno::MFILE) => ResourceLimit::Own,
            _ => ResourceLimit::Shared,
        };
        let running = self.slots.busy();
        let denied = self.room.denied(running, limit, self.clock.now());
        self.slots.shrink(self.room.allowed());
        match denied {
            ResourceDenial::First => self.tell_fewer(error),
            ResourceDenial::Again => {}
            // Outputs that wait hold descriptors, and will give them back.
            ResourceDenial::ForGood if self.reporter.backlog() > 0 => {}
            ResourceDenial::ForGood => {
                let error = Error::new("cannot start any job").because(error);
                self.fail(error.hint("ulimit -n and ulimit -u show the limits"));
                self.stop_starting();
            }
        }
    }
}
