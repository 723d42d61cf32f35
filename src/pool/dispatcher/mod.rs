//! The one loop that owns all state of a run: it starts what may start, waits for one
//! event, and applies it. It never blocks in a write, and it never leaves early: an
//! error is kept until everything that runs has ended.
//!
//! The state is in parts, each with one job: [`JobQueue`], [`SlotPool`], [`Admission`],
//! [`RelativeTimeout`], [`PendingOutput`], [`Reporter`], [`Shutdown`], [`Tally`]. The
//! dispatcher's own methods connect them.

mod admission;
mod attempt_end;
mod early_end;
mod housekeeping;
mod keys;
mod pending_output;
mod plan;
mod plan_run;
mod queue;
mod relative_timeout;
mod run_end;
mod schedule;
mod services;
mod setup;
mod shutdown;
mod signals;
#[cfg(test)]
mod tests;
mod tokens;
mod waiting;

use std::sync::Arc;

use crossbeam_channel::Receiver;

use super::event::PoolEvent;
use super::reporter::Reporter;
use super::run_result::{HaltCause, RunResult};
use super::run_setup::RunSetup;
use super::slot_pool::SlotPool;
use crate::error::Error;
use crate::observer::RunEvent;
use crate::os::clock::ClockReading;
use crate::output::writer::WriterNotice;
use crate::tally::Tally;

use admission::Admission;
use housekeeping::Housekeeping;
use pending_output::PendingOutput;
use plan_run::PlanRun;
use queue::JobQueue;
use relative_timeout::RelativeTimeout;
use shutdown::{RunPhase, Shutdown};

pub(crate) use setup::run;

struct Dispatcher {
    setup: Arc<RunSetup>,
    events: Receiver<PoolEvent>,
    queue: JobQueue,
    slots: SlotPool,
    admission: Admission,
    timeout: RelativeTimeout,
    output: PendingOutput,
    reporter: Reporter,
    shutdown: Shutdown,
    tally: Tally,
    housekeeping: Housekeeping,
    /// `--plan`.
    plan: Option<Box<PlanRun>>,
    /// prun has stopped itself, and the signal that let it go on was not applied yet.
    has_paused: bool,
}

impl Dispatcher {
    fn run(mut self) -> RunResult {
        self.begin_plan();
        loop {
            let now = self.setup.clock.now();
            self.end_overdue_run(now);
            self.end_late_services(now);
            self.start_jobs_of_plan(now);
            self.favour_last_job();
            self.skip_unstarted();
            self.end_if_stuck();
            self.request_jobs();
            if self.is_finished() && self.slots.close() {
                break;
            }
            self.reporter.draw(now, &self.tally, &self.slots);
            self.housekeeping.reap_orphans(now);
            self.inspect_jobs(now);
            self.relieve_memory(now);
            let signals = &self.setup.options.stop_signals;
            self.timeout.end_overdue(now, &self.slots, signals);
            if self.reporter.waits_to_draw() {
                self.reporter.drain();
            }
            if let Some(event) = self.wait(now) {
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

    /// Looks for jobs that are stopped when it is time for it.
    fn inspect_jobs(&mut self, now: ClockReading) {
        if self.housekeeping.is_inspection_due(now) {
            // A job that was stopped before it was known to run.
            self.deny_terminal();
            for warning in housekeeping::warnings(&self.slots, now) {
                self.reporter.warn(warning);
            }
        }
    }

    /// Waits for an event, or until something is due without one. What was due at `checked`,
    /// before this turn of the loop, and is not done, waits for an event; what has become due
    /// since then may have been looked at too early.
    fn wait(&self, checked: ClockReading) -> Option<PoolEvent> {
        let may_start = self.shutdown.is_running() && !self.queue.is_empty();
        let several = self.slots.busy() > 1;
        let checked_before = [
            may_start.then(|| self.admission.next_start()),
            self.admission.throttle.next_check(may_start, several),
            self.timeout.next(&self.slots),
            self.queue.next_due(),
            self.next_deadline(),
            self.next_service_due(),
        ];
        let due = (checked_before
            .into_iter()
            .flatten()
            .filter(|&due| due > checked))
        .chain(self.reporter.next_drawing())
        .chain((self.slots.busy() > 0).then_some(self.housekeeping.next_inspection))
        .min();
        let Some(due) = due else {
            return self.events.recv().ok();
        };
        let timeout = due.saturating_sub(self.setup.clock.now());
        self.events.recv_timeout(timeout).ok()
    }

    fn is_finished(&self) -> bool {
        let nothing_to_start = !self.shutdown.is_running() || self.queue.is_exhausted();
        // What they have read may have been cut off by an error that is on its way.
        let is_error_due = self.setup.options.tees_input
            && self.shutdown.phase() == RunPhase::Draining
            && self.queue.is_fed();
        nothing_to_start && self.slots.busy() == 0 && !is_error_due && !self.services_run()
    }

    fn apply(&mut self, event: PoolEvent) {
        match event {
            PoolEvent::Jobs(jobs) => self.jobs_read(jobs),
            PoolEvent::Total(total) => self.total_known(total),
            PoolEvent::InputEnded(error) => self.input_ended(error),
            PoolEvent::Began(attempt) => {
                self.reporter.tell(&RunEvent::AttemptStarted(&attempt));
                self.end_if_bereft(attempt.job.seq);
            }
            PoolEvent::Remark(text) => self.reporter.say(text),
            PoolEvent::Warning(text) => self.reporter.warn(text),
            PoolEvent::RunFailed(error) => {
                self.shutdown.fail(error);
                self.stop_starting();
            }
            PoolEvent::Output(stream, bytes, credit) => {
                self.reporter.output(stream.into(), bytes, credit);
            }
            PoolEvent::Latest => self.reporter.tell(&RunEvent::LatestChanged),
            PoolEvent::Blocked(seq) if self.reporter.makes_results() => self.cannot_wait(seq),
            PoolEvent::Blocked(seq) => self.request_turn(seq),
            PoolEvent::Finished { finished, emitted } => self.attempt_ended(*finished, emitted),
            PoolEvent::Unstarted(job) => {
                self.slots.released();
                self.put_back(job);
            }
            PoolEvent::SlotEnded(slot) => self.slots.ended(slot),
            PoolEvent::StartDenied(job, error) => {
                self.slots.released();
                self.start_denied(job, &error);
            }
            PoolEvent::ResourceShortage(error) => self.resource_shortage(&error),
            PoolEvent::Limit(answer) => self.limit_answered(answer),
            PoolEvent::Token => self.token_arrived(),
            PoolEvent::Pressure(resource) => {
                let now = self.setup.clock.now();
                self.admission.throttle.pressed(resource, now);
            }
            PoolEvent::Service(event) => self.apply_service(event),
            PoolEvent::Delivery(notice) => self.delivery(notice),
            PoolEvent::Signal(signal) => self.signalled(signal),
            PoolEvent::HungUp => self.hung_up(),
        }
    }

    fn delivery(&mut self, notice: WriterNotice) {
        match notice {
            WriterNotice::Drained => drop(self.reporter.drained()),
            WriterNotice::Failed(target, error) => self.undelivered(target, &error),
            WriterNotice::RecordLost(error) => self.record_lost(error),
            WriterNotice::ResultsLost(error) => self.results_lost(error),
            WriterNotice::Uncombined(error) => self.shutdown.fail(error),
        }
    }

    /// Tells whether an error in the input concerns jobs: those of `--tee` read on while no
    /// other one is started.
    fn reads_on(&self) -> bool {
        let is_draining = self.shutdown.phase() == RunPhase::Draining;
        self.shutdown.is_running() || self.setup.options.tees_input && is_draining
    }

    fn input_ended(&mut self, error: Option<Error>) {
        let total = self.queue.end_input();
        match error {
            // A job that was stopped has not read its stream to the end.
            Some(_) if self.setup.options.reads_streams && !self.reads_on() => {}
            Some(error) => self.shutdown.fail(error),
            None => self.total_known(total),
        }
    }

    fn total_known(&mut self, total: u64) {
        self.tally.total = Some(total);
        // A share of all jobs may be reached only now.
        self.decide_halt(HaltCause::ByTotal);
    }
}
