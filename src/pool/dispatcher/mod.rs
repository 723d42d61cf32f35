//! The one loop that owns all state of a run: it starts what may start, waits for one
//! event, and applies it. It never blocks in a write, and it never leaves early: an
//! error is kept until everything that runs has ended.

mod finish;
mod housekeeping;
mod relative_timeout;
mod schedule;
mod setup;
mod shutdown;
#[cfg(test)]
mod tests;
mod throttling;

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender};

use super::event::PoolEvent;
use super::reporter::Reporter;
use super::resource_backoff::ResourceBackoff;
use super::slot_pool::SlotPool;
use super::throttle::Throttle;
use super::{HaltCause, PoolOptions, RunResult};
use crate::builtin::CombinedResult;
use crate::error::Error;
use crate::job::{Job, Outcome};
use crate::os::clock::{Clock, ClockReading};
use crate::os::terminal;
use crate::output::sequencer::{FinishedJob, OutputSequencer};
use crate::output::writer::WriterNotice;
use crate::policy::halt::HaltDecision;
use crate::policy::timeout::MedianRunTime;
use crate::spool::SpoolBudget;
use crate::tally::Tally;

pub(crate) use setup::run;

/// What may still be started.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum RunPhase {
    /// Everything.
    Running,
    /// Nothing; what runs may end by itself.
    Draining,
    /// Nothing; what runs is being ended.
    Stopping,
}

/// A job that may be started.
struct WaitingJob {
    job: Job,
    /// How its last attempt ended, which counts if there is no other one.
    failed: Option<Box<FinishedJob>>,
}

impl From<Job> for WaitingJob {
    fn from(job: Job) -> Self {
        WaitingJob { job, failed: None }
    }
}

struct Dispatcher {
    options: PoolOptions,
    events: Receiver<PoolEvent>,
    /// How the feeder is asked for jobs; gone when no more are wanted.
    demand: Option<Sender<usize>>,
    /// Jobs that were asked for and have not come.
    requested: usize,
    /// Jobs that may be started.
    waiting: VecDeque<WaitingJob>,
    slots: SlotPool,
    room: ResourceBackoff,
    throttle: Throttle,
    /// The job that is being stopped to make room.
    evicted: Option<u64>,
    /// Jobs that are being stopped because they take too long.
    overdue: BTreeSet<u64>,
    /// Of the run times of those that succeeded.
    median: MedianRunTime,
    phase: RunPhase,
    input_ended: bool,
    tally: Tally,
    /// Jobs that were handed to slots, retries not counted.
    started: u64,
    /// Jobs that were read and will not be started.
    unstarted: u64,
    /// The job that was handed out last.
    newest: u64,
    /// How long the attempt took that ended last.
    last_runtime: Duration,
    next_start: ClockReading,
    /// Whether it was told that the file of `-j` cannot be used.
    distrusts_file: bool,
    /// When to look after the running jobs.
    next_round: ClockReading,
    /// When to reap orphans if there is something else to do, too.
    next_reaping: ClockReading,
    /// The writer was asked to tell when it has caught up.
    draining: bool,
    sequencer: OutputSequencer,
    budget: Arc<SpoolBudget>,
    /// So many outputs may wait in files of their own.
    most_files: usize,
    clock: Arc<Clock>,
    reporter: Reporter,
    log_name: String,
    /// The one result of all jobs, if they make one.
    combined: Option<CombinedResult>,
    halted: HaltCause,
    /// The signal that prun has to die by.
    signal: Option<i32>,
    last_signal: Option<(i32, Instant)>,
    /// prun has stopped itself, and the signal that let it go on was not told yet.
    has_paused: bool,
    error: Option<Error>,
}

impl Dispatcher {
    fn run(mut self) -> RunResult {
        loop {
            self.start_jobs();
            self.favour_last_job();
            self.advance_turn();
            self.request_jobs();
            if self.is_finished() {
                break;
            }
            let now = self.clock.now();
            self.reporter.draw(now, &self.tally, &self.slots);
            self.reap_orphans(now);
            self.make_round(now);
            self.relieve_memory(now);
            self.end_overdue(now);
            if self.reporter.waits_to_draw() {
                self.ask_writer();
            }
            if let Some(event) = self.wait() {
                self.apply(event);
                // Whatever else has happened meanwhile is applied before anything is
                // started, so that decisions are made on all that is known.
                while let Ok(event) = self.events.try_recv() {
                    self.apply(event);
                }
            }
        }
        self.finish()
    }

    /// Waits for an event, or until something is due without one.
    fn wait(&self) -> Option<PoolEvent> {
        let may_start = self.phase == RunPhase::Running && !self.waiting.is_empty();
        let start = self.next_start.max(self.room.not_before());
        let now = self.clock.now();
        let several = self.phase == RunPhase::Running && self.slots.busy() > 1;
        let look = self.throttle.next_look(may_start, several);
        let due = [
            (may_start && start > now).then_some(start),
            look.filter(|&look| look > now),
            self.next_overdue().filter(|&due| due > now),
            self.reporter.next_drawing(),
            (self.slots.busy() > 0).then_some(self.next_round),
        ];
        let Some(due) = due.into_iter().flatten().min() else {
            return self.events.recv().ok();
        };
        self.events
            .recv_timeout(due.saturating_sub(self.clock.now()))
            .ok()
    }

    /// Lets the writer wake this loop when it has caught up.
    fn ask_writer(&mut self) {
        if !std::mem::replace(&mut self.draining, true) {
            self.reporter.drain();
        }
    }

    fn is_finished(&self) -> bool {
        let nothing_to_start = match self.phase {
            RunPhase::Running => self.input_ended && self.waiting.is_empty(),
            RunPhase::Draining | RunPhase::Stopping => true,
        };
        nothing_to_start && self.slots.busy() == 0
    }

    fn apply(&mut self, event: PoolEvent) {
        match event {
            PoolEvent::Jobs(jobs) => {
                self.requested -= jobs.len();
                if self.phase == RunPhase::Running {
                    self.expect(&jobs);
                    self.waiting.extend(jobs.into_iter().map(WaitingJob::from));
                } else {
                    self.unstarted += jobs.len() as u64;
                }
            }
            PoolEvent::Total(total) => self.total_known(total),
            PoolEvent::InputEnded(error) => self.input_ended(error),
            PoolEvent::Remark(text) => self.reporter.say_bytes(&text),
            PoolEvent::Output(stream, bytes, in_flight) => {
                self.reporter.output(stream.into(), bytes, Some(in_flight));
            }
            PoolEvent::Latest => self.reporter.news(),
            PoolEvent::Blocked(seq) if self.reporter.keeps() => self.cannot_wait(seq),
            PoolEvent::Blocked(seq) => {
                self.sequencer.request_turn(seq);
                self.slots.grant_turn(self.sequencer.turn());
            }
            PoolEvent::Finished { finished, emitted } => self.finished(*finished, emitted),
            PoolEvent::Unstarted(job) => {
                self.slots.released();
                self.started -= u64::from(job.attempt == 1);
                self.unstarted += u64::from(job.attempt == 1);
            }
            PoolEvent::SlotEnded(slot) => self.slots.ended(slot),
            PoolEvent::NoRoom(job, error) => {
                self.slots.released();
                self.started -= u64::from(job.attempt == 1);
                self.no_room(job, &error);
            }
            PoolEvent::Shortage(error) => self.shortage(&error),
            PoolEvent::Delivery(WriterNotice::Drained) => self.draining = false,
            PoolEvent::Delivery(WriterNotice::Failed(target, error)) => {
                self.undelivered(target, &error)
            }
            PoolEvent::Delivery(WriterNotice::Unkept(error)) => self.unkept(error),
            PoolEvent::Limit(verdict) => self.limited(verdict),
            PoolEvent::Delivery(WriterNotice::Uncombined(error)) => self.fail(error),
            PoolEvent::Signal(signal) => self.signalled(signal),
            PoolEvent::HungUp => self.hung_up(),
        }
    }

    fn expect(&mut self, jobs: &[Job]) {
        let before = self.sequencer.turn();
        for job in jobs {
            self.sequencer.expect(job.seq);
        }
        if self.sequencer.turn() != before {
            self.slots.grant_turn(self.sequencer.turn());
        }
    }

    fn input_ended(&mut self, error: Option<Error>) {
        self.input_ended = true;
        self.demand = None;
        match error {
            Some(error) => self.fail(error),
            None => {
                let waiting = self.waiting.iter();
                let new = waiting.filter(|waiting| waiting.job.attempt == 1).count();
                self.total_known(self.started + self.unstarted + new as u64);
            }
        }
    }

    fn total_known(&mut self, total: u64) {
        self.tally.total = Some(total);
        // A share of all jobs may be reached only now.
        self.decide(HaltCause::ByTotal);
    }

    fn finished(&mut self, finished: FinishedJob, emitted: bool) {
        self.slots.released();
        self.room.released();
        self.resize();
        self.throttle.released();
        self.reporter
            .ended(finished.report.job.seq, self.clock.now());
        let Some(finished) = self.put_back(finished) else {
            return;
        };
        let report = &finished.report;
        // The key was pressed for prun as well, which does not have the terminal meanwhile.
        if report.outcome == Outcome::Signaled(libc::SIGINT) && terminal::is_for_jobs() {
            self.interrupted(libc::SIGINT);
        }
        self.last_runtime = report.runtime;
        self.overdue.remove(&report.job.seq);
        let failed = !report.outcome.is_success();
        match failed {
            true => self.options.delay.failed(),
            false => self.options.delay.succeeded(),
        }
        if !failed && self.options.timeout_percent.is_some() {
            self.median.add(report.runtime);
        }
        if failed
            && !emitted
            && self.phase == RunPhase::Running
            && self.options.retry.after_failure(report.job.attempt)
        {
            let mut job = report.job.clone();
            job.attempt += 1;
            self.waiting.push_front(WaitingJob {
                job,
                failed: Some(Box::new(finished)),
            });
            return;
        }
        let outcome = report.outcome.clone();
        self.conclude(finished);
        self.decide(HaltCause::By(outcome));
    }

    /// Counts a job whose last attempt this was, and prints what may be printed now.
    fn conclude(&mut self, mut finished: FinishedJob) {
        self.tally.count(&finished.report.outcome);
        if self.budget.is_exhausted() {
            self.sequencer.settle(&mut finished);
        }
        let before = self.sequencer.turn();
        for finished in self.sequencer.finished(finished) {
            self.reporter.finished(finished);
        }
        if self.sequencer.turn() != before {
            self.slots.grant_turn(self.sequencer.turn());
        }
    }

    /// Once nothing is started any more, jobs before those that run never will end, and
    /// nobody has to wait for their turn.
    fn advance_turn(&mut self) {
        if self.phase == RunPhase::Running {
            return;
        }
        let running = self.slots.running();
        if running.len() != self.slots.busy() {
            return;
        }
        let lowest = running.iter().map(|running| running.seq).min();
        let Some(lowest) = lowest.filter(|&lowest| self.sequencer.turn() < Some(lowest)) else {
            return;
        };
        for finished in self.sequencer.skip_to(lowest) {
            self.reporter.finished(finished);
        }
        self.slots.grant_turn(self.sequencer.turn());
    }

    /// Nobody can print before the last job any more, so it may print while it runs.
    fn favour_last_job(&mut self) {
        if !self.input_ended || !self.waiting.is_empty() || self.slots.busy() != 1 {
            return;
        }
        let last = match self.slots.running()[..] {
            [last] => last.seq,
            // The only job of all, which is just being started.
            [] if self.started == 1 => self.newest,
            _ => return,
        };
        if self.sequencer.turn() != Some(last) {
            self.sequencer.request_turn(last);
            self.slots.grant_turn(self.sequencer.turn());
        }
    }

    /// Applies `--halt` after something has happened that may decide it.
    fn decide(&mut self, by: HaltCause) {
        if self.phase != RunPhase::Running {
            return;
        }
        let decision = self.options.halt.decide(&self.tally);
        if decision == HaltDecision::Continue {
            return;
        }
        self.halted = by;
        match decision {
            HaltDecision::KillRunning => self.stop_running(&self.options.signal_sequence.clone()),
            HaltDecision::StopStarting | HaltDecision::Continue => self.stop_starting(),
        }
    }
}
