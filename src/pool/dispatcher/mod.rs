//! The one loop that owns all state of a run: it starts what may start, waits for one
//! event, and applies it. It never blocks in a write, and it never leaves early: an
//! error is kept until everything that runs has ended.

mod ending;
mod launch;
mod overdue;
mod rounds;
mod starting;
mod stopping;
#[cfg(test)]
mod tests;
mod throttling;

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender};

use super::event::Event;
use super::room::Room;
use super::screen::Screen;
use super::slots::Slots;
use super::throttle::Throttle;
use super::{Ending, Halted, Options};
use crate::builtin::Combined;
use crate::error::Error;
use crate::job::{Job, Outcome};
use crate::os::clock::{Clock, Moment};
use crate::os::terminal;
use crate::output::sequencer::{Finished, Sequencer};
use crate::output::writer::Delivery;
use crate::policy::halt::Decision;
use crate::policy::timeout::Median;
use crate::spool::Budget;
use crate::tally::Tally;

pub use launch::run;

/// What may still be started.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Phase {
    /// Everything.
    Running,
    /// Nothing; what runs may end by itself.
    Draining,
    /// Nothing; what runs is being ended.
    Stopping,
}

/// A job that may be started.
struct Waiting {
    job: Job,
    /// How its last attempt ended, which counts if there is no other one.
    failed: Option<Box<Finished>>,
}

impl From<Job> for Waiting {
    fn from(job: Job) -> Self {
        Waiting { job, failed: None }
    }
}

struct Dispatcher {
    options: Options,
    events: Receiver<Event>,
    /// How the feeder is asked for jobs; gone when no more are wanted.
    demand: Option<Sender<usize>>,
    /// Jobs that were asked for and have not come.
    requested: usize,
    /// Jobs that may be started.
    waiting: VecDeque<Waiting>,
    slots: Slots,
    room: Room,
    throttle: Throttle,
    /// The job that is being stopped to make room.
    evicted: Option<u64>,
    /// Jobs that are being stopped because they take too long.
    overdue: BTreeSet<u64>,
    /// Of the run times of those that succeeded.
    median: Median,
    phase: Phase,
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
    next_start: Moment,
    /// Whether it was told that the file of `-j` cannot be used.
    distrusts_file: bool,
    /// When to look after the running jobs.
    next_round: Moment,
    /// When to reap orphans if there is something else to do, too.
    next_reaping: Moment,
    /// The writer was asked to tell when it has caught up.
    draining: bool,
    sequencer: Sequencer,
    budget: Arc<Budget>,
    /// So many outputs may wait in files of their own.
    most_files: usize,
    clock: Arc<Clock>,
    screen: Screen,
    log_name: String,
    /// The one result of all jobs, if they make one.
    combined: Option<Combined>,
    halted: Halted,
    /// The signal that prun has to die by.
    signal: Option<i32>,
    last_signal: Option<(i32, Instant)>,
    /// prun has stopped itself, and the signal that let it go on was not told yet.
    has_paused: bool,
    error: Option<Error>,
}

impl Dispatcher {
    fn run(mut self) -> Ending {
        loop {
            self.start_jobs();
            self.favour_last_job();
            self.pass_floor();
            self.request_jobs();
            if self.is_finished() {
                break;
            }
            let now = self.clock.now();
            self.screen.draw(now, &self.tally, &self.slots);
            self.reap_orphans(now);
            self.make_round(now);
            self.relieve_memory(now);
            self.end_overdue(now);
            if self.screen.waits_to_draw() {
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
    fn wait(&self) -> Option<Event> {
        let may_start = self.phase == Phase::Running && !self.waiting.is_empty();
        let start = self.next_start.max(self.room.not_before());
        let now = self.clock.now();
        let several = self.phase == Phase::Running && self.slots.busy() > 1;
        let look = self.throttle.next_look(may_start, several);
        let due = [
            (may_start && start > now).then_some(start),
            look.filter(|&look| look > now),
            self.next_overdue().filter(|&due| due > now),
            self.screen.next_drawing(),
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
            self.screen.drain();
        }
    }

    fn is_finished(&self) -> bool {
        let nothing_to_start = match self.phase {
            Phase::Running => self.input_ended && self.waiting.is_empty(),
            Phase::Draining | Phase::Stopping => true,
        };
        nothing_to_start && self.slots.busy() == 0
    }

    fn apply(&mut self, event: Event) {
        match event {
            Event::Jobs(jobs) => {
                self.requested -= jobs.len();
                if self.phase == Phase::Running {
                    self.expect(&jobs);
                    self.waiting.extend(jobs.into_iter().map(Waiting::from));
                } else {
                    self.unstarted += jobs.len() as u64;
                }
            }
            Event::Total(total) => self.total_known(total),
            Event::InputEnded(error) => self.input_ended(error),
            Event::Remark(text) => self.screen.say_bytes(&text),
            Event::Output(stream, bytes, in_flight) => {
                self.screen.output(stream.into(), bytes, Some(in_flight));
            }
            Event::Latest => self.screen.news(),
            Event::Blocked(seq) if self.screen.keeps() => self.cannot_wait(seq),
            Event::Blocked(seq) => {
                self.sequencer.ask_for_floor(seq);
                self.slots.give_floor(self.sequencer.floor());
            }
            Event::Finished { finished, emitted } => self.finished(*finished, emitted),
            Event::Unstarted(job) => {
                self.slots.released();
                self.started -= u64::from(job.attempt == 1);
                self.unstarted += u64::from(job.attempt == 1);
            }
            Event::SlotEnded(slot) => self.slots.ended(slot),
            Event::NoRoom(job, error) => {
                self.slots.released();
                self.started -= u64::from(job.attempt == 1);
                self.no_room(job, &error);
            }
            Event::Shortage(error) => self.shortage(&error),
            Event::Delivery(Delivery::Drained) => self.draining = false,
            Event::Delivery(Delivery::Failed(target, error)) => self.undelivered(target, &error),
            Event::Delivery(Delivery::Unkept(error)) => self.unkept(error),
            Event::Limit(verdict) => self.limited(verdict),
            Event::Delivery(Delivery::Uncombined(error)) => self.fail(error),
            Event::Signal(signal) => self.signalled(signal),
            Event::HungUp => self.hung_up(),
        }
    }

    fn expect(&mut self, jobs: &[Job]) {
        let before = self.sequencer.floor();
        for job in jobs {
            self.sequencer.expect(job.seq);
        }
        if self.sequencer.floor() != before {
            self.slots.give_floor(self.sequencer.floor());
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
        self.decide(Halted::ByTotal);
    }

    fn finished(&mut self, finished: Finished, emitted: bool) {
        self.slots.released();
        self.room.released();
        self.resize();
        self.throttle.released();
        self.screen.ended(finished.report.job.seq, self.clock.now());
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
            && self.phase == Phase::Running
            && self.options.retry.after_failure(report.job.attempt)
        {
            let mut job = report.job.clone();
            job.attempt += 1;
            self.waiting.push_front(Waiting {
                job,
                failed: Some(Box::new(finished)),
            });
            return;
        }
        let outcome = report.outcome.clone();
        self.conclude(finished);
        self.decide(Halted::By(outcome));
    }

    /// Counts a job whose last attempt this was, and prints what may be printed now.
    fn conclude(&mut self, mut finished: Finished) {
        self.tally.count(&finished.report.outcome);
        if self.budget.is_exhausted() {
            self.sequencer.settle(&mut finished);
        }
        let before = self.sequencer.floor();
        for finished in self.sequencer.finished(finished) {
            self.screen.finished(finished);
        }
        if self.sequencer.floor() != before {
            self.slots.give_floor(self.sequencer.floor());
        }
    }

    /// Once nothing is started any more, jobs before those that run never will end, and
    /// nobody has to wait for their turn.
    fn pass_floor(&mut self) {
        if self.phase == Phase::Running {
            return;
        }
        let running = self.slots.running();
        if running.len() != self.slots.busy() {
            return;
        }
        let lowest = running.iter().map(|running| running.seq).min();
        let Some(lowest) = lowest.filter(|&lowest| self.sequencer.floor() < Some(lowest)) else {
            return;
        };
        for finished in self.sequencer.skip_to(lowest) {
            self.screen.finished(finished);
        }
        self.slots.give_floor(self.sequencer.floor());
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
        if self.sequencer.floor() != Some(last) {
            self.sequencer.ask_for_floor(last);
            self.slots.give_floor(self.sequencer.floor());
        }
    }

    /// Applies `--halt` after something has happened that may decide it.
    fn decide(&mut self, by: Halted) {
        if self.phase != Phase::Running {
            return;
        }
        let decision = self.options.halt.decide(&self.tally);
        if decision == Decision::Continue {
            return;
        }
        self.halted = by;
        match decision {
            Decision::KillRunning => self.stop_running(&self.options.ladder.clone()),
            Decision::StopStarting | Decision::Continue => self.stop_starting(),
        }
    }
}
