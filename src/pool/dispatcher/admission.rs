//! Admission of jobs: how many may run at once, and when the next one may start.

use std::collections::BTreeSet;
use std::time::Duration;

use crossbeam_channel::Sender;

use super::tokens::TokenPool;
use crate::error::Error;
use crate::exec::termination::StopReason;
use crate::exec::termination::signal_sequence::SignalSequence;
use crate::job::AttemptRecord;
use crate::os::clock::{Clock, ClockReading};
use crate::os::terminal;
use crate::policy::delay::StartDelay;
use crate::policy::rate::StartRate;
use crate::pool::event::PoolEvent;
use crate::pool::options::PoolOptions;
use crate::pool::resource_backoff::ResourceBackoff;
use crate::pool::slot_pool::SlotPool;
use crate::pool::slots_file::SlotsFile;
use crate::pool::throttle::Throttle;

/// Run time up to which a job costs about as much to hand out as to run. No process is so
/// fast; built-ins are.
const BRIEF: Duration = Duration::from_micros(100);

/// Jobs in the slots' queue while jobs are brief...
const MANY_QUEUED: usize = 256;

/// ...and while they are not.
const MOST_QUEUED: usize = 8;

/// Jobs that are read ahead at most.
const MOST_AHEAD: usize = 1024;

/// Limits on the number of running jobs and on the time of the next start.
pub(super) struct Admission {
    /// Jobs that may run at once, by `-j`, its file, or signals.
    slots: usize,
    slots_file: Option<SlotsFile>,
    /// Number that the file held last: what signals have made of it stays until that changes.
    slots_in_file: usize,
    /// The warning that the file cannot be used was given.
    has_warned: bool,
    /// Jobs may wait in the slots' queue.
    may_queue: bool,
    /// Run time of the attempt that ended last.
    last_runtime: Duration,
    delay: StartDelay,
    /// Earliest time of the next start by `--delay`.
    next_start: ClockReading,
    /// `--rate`, and the earliest time of the next start by it.
    rate: Option<(StartRate, ClockReading)>,
    pub backoff: ResourceBackoff,
    pub throttle: Throttle,
    pub tokens: Option<TokenPool>,
    /// Job that is being stopped because the system is short of memory.
    evicted: Option<u64>,
    /// Jobs that were evicted once: the next time they are put off.
    evicted_before: BTreeSet<u64>,
    /// Job that was put off, and now runs alone.
    pub alone: Option<u64>,
}

/// What becomes of a job after an eviction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Eviction {
    /// It runs again as soon as it may.
    Again,
    /// It would be in the way again: it runs when no other one does.
    Alone,
}

impl Admission {
    /// Limits of which none is reached; `events` tell when that of a jobserver may have changed.
    pub(super) fn new(options: &PoolOptions, events: &Sender<PoolEvent>) -> Self {
        let tokens = options.tokens.clone();
        Admission {
            slots: options.slots,
            slots_file: options.slots_file.clone(),
            slots_in_file: options.slots,
            has_warned: false,
            // Ctrl-C ends the job that has the terminal, and then no other one starts.
            may_queue: options.may_queue() && !terminal::is_for_jobs(),
            last_runtime: Duration::MAX,
            delay: options.delay,
            next_start: ClockReading::ZERO,
            rate: options.rate.map(|rate| (rate, ClockReading::ZERO)),
            backoff: ResourceBackoff::new(options.slots),
            throttle: Throttle::new(options.throttle.clone()),
            tokens: tokens.map(|pipe| TokenPool::new(pipe, events.clone())),
            evicted: None,
            evicted_before: BTreeSet::new(),
            alone: None,
        }
    }

    /// Jobs that may run or wait in the slots' queue. A few more than can run wait there, so
    /// that a slot need not wait for the dispatcher; none while the system denies processes.
    pub(super) fn capacity(&self) -> usize {
        let allowed = self.backoff.allowed();
        if allowed == self.slots {
            return allowed + self.most_queued();
        }
        allowed
    }

    /// Jobs that may wait in the slots' queue. Many brief ones, so that slots go on while the
    /// dispatcher is on its way, which then deals with the ends of several at once.
    fn most_queued(&self) -> usize {
        if !self.may_queue {
            0
        } else if self.last_runtime <= BRIEF {
            MANY_QUEUED
        } else {
            self.slots.min(MOST_QUEUED)
        }
    }

    /// Jobs that are to be read before they can start.
    pub(super) fn read_ahead(&self) -> usize {
        let tokens = self.tokens.as_ref().map_or(usize::MAX, TokenPool::allowed);
        (2 * self.slots.min(tokens)).clamp(self.most_queued(), MOST_AHEAD)
    }

    /// The earliest time of the next start.
    pub(super) fn next_start(&self) -> ClockReading {
        let by_rate = self.rate.map_or(ClockReading::ZERO, |(_, due)| due);
        (self.next_start.max(by_rate)).max(self.backoff.not_before())
    }

    /// Takes note of a start.
    pub(super) fn started(&mut self, clock: &Clock) {
        let delay = self.delay.time();
        if delay > Duration::ZERO {
            self.next_start = clock.now() + delay;
        }
        if let Some((rate, due)) = &mut self.rate {
            *due = rate.after(*due, clock.now());
        }
    }

    /// Takes note of an attempt that was not evicted.
    pub(super) fn ended(&mut self, record: &AttemptRecord) {
        self.last_runtime = record.runtime;
        self.evicted_before.remove(&record.job.seq);
        if record.outcome.is_success() {
            self.delay.succeeded();
        } else {
            self.delay.failed();
        }
    }

    /// Jobs that may run at once.
    pub(super) fn slots(&self) -> usize {
        self.slots
    }

    /// Changes the number of jobs that may run at once.
    pub(super) fn resize(&mut self, slots: usize) {
        self.slots = slots;
        self.backoff.resize(slots);
    }

    /// Reads the file of `-j` again. Returns whether its number has changed.
    ///
    /// # Errors
    /// The file cannot be used, which is told once: the last number goes on to count.
    pub(super) fn reread_slots(&mut self) -> Result<bool, String> {
        let Some(file) = &self.slots_file else {
            return Ok(false);
        };
        match file.read() {
            Ok(Some(slots)) if slots != self.slots_in_file => {
                self.slots_in_file = slots;
                self.resize(slots);
                Ok(true)
            }
            Ok(_) => Ok(false),
            Err(_) if std::mem::replace(&mut self.has_warned, true) => Ok(false),
            Err(error) => Err(about_file(&error, self.slots)),
        }
    }

    /// Stops the youngest job, one at a time.
    pub(super) fn evict_youngest(&mut self, slots: &SlotPool, signals: &SignalSequence) {
        // The oldest one goes on: ended, it would only start again, and none would ever
        // end by itself.
        if self.evicted.is_none()
            && let [_, .., youngest] = slots.running()[..]
            && slots.end(youngest.seq, StopReason::Request, signals)
        {
            self.evicted = Some(youngest.seq);
        }
    }

    /// Takes note that an attempt has ended. Tells what becomes of its job if it was stopped by
    /// [`Admission::evict_youngest`].
    pub(super) fn eviction(&mut self, record: &AttemptRecord) -> Option<Eviction> {
        let seq = record.job.seq;
        self.alone.take_if(|alone| *alone == seq);
        self.evicted.take_if(|evicted| *evicted == seq)?;
        if !record.outcome.is_stopped() {
            return None;
        }
        Some(if self.evicted_before.insert(seq) {
            Eviction::Again
        } else {
            Eviction::Alone
        })
    }
}

fn about_file(error: &Error, slots: usize) -> String {
    let error = error.to_string();
    let reason = error.lines().next().unwrap_or_default();
    let reason = reason.trim_start_matches("prun: ");
    format!("prun: warning: {reason}: the number stays {slots}\n")
}
