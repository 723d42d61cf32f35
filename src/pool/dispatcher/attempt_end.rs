//! The end of an attempt: whether its job runs again, and which output may be printed now.

use super::Dispatcher;
use super::admission::Eviction;
use super::early_end::no_room;
use crate::exec::termination::signal_sequence::SignalSequence;
use crate::input::JobStdin;
use crate::job::{Job, Outcome};
use crate::observer::RunEvent;
use crate::os::terminal;
use crate::output::FinishedAttempt;
use crate::pool::run_result::HaltCause;

impl Dispatcher {
    /// Applies the end of an attempt. One that has `emitted` output is not repeated.
    pub(super) fn attempt_ended(&mut self, finished: FinishedAttempt, emitted: bool) {
        self.slots.released();
        self.admission.backoff.released();
        self.reread_slots();
        self.admission.throttle.released();
        let record = &finished.record;
        self.queue.ended(record.job.seq);
        self.output.blocked.remove(&record.job.seq);
        let now = self.setup.clock.now();
        self.reporter.tell(&RunEvent::AttemptEnded(record, now));
        if let Some(eviction) = self.admission.eviction(record)
            && self.shutdown.is_running()
        {
            return self.evicted(finished.record.job, eviction);
        }
        // The key was pressed for prun as well, which does not have the terminal meanwhile.
        if record.outcome == Outcome::Signaled(libc::SIGINT) && terminal::is_for_jobs() {
            self.interrupted(libc::SIGINT);
        }
        self.admission.ended(record);
        self.timeout.ended(record);
        let retry = self.setup.options.retry.of(&record.job.row);
        let may_retry = !emitted && self.shutdown.is_running() && !self.is_bereft(record.job.seq);
        if may_retry && retry.applies(record.job.attempt, &record.outcome) {
            self.reporter.tell(&RunEvent::Retried(record));
            let delay = retry.delay.after(record.job.attempt, fastrand::f64());
            let due = (!delay.is_zero()).then(|| now.saturating_add(delay));
            self.queue.retry(record.job.clone(), due);
            return self.output.keep_failed(finished);
        }
        let outcome = record.outcome.clone();
        self.conclude(finished);
        self.decide_halt(HaltCause::By(outcome));
    }

    fn evicted(&mut self, job: Job, eviction: Eviction) {
        match eviction {
            Eviction::Again => {
                self.reporter.tell(&RunEvent::Requeued(&job));
                self.queue.put_back(job);
            }
            Eviction::Alone => {
                self.reporter.tell(&RunEvent::PutOff(&job));
                self.queue.put_off(job);
            }
        }
    }

    /// Counts a job whose last attempt this was, and prints what may be printed now.
    pub(super) fn conclude(&mut self, mut finished: FinishedAttempt) {
        if let Some(streamed) = finished.record.job.row.stdin.streamed() {
            finished.record.sent = streamed;
        }
        // No attempt reads it any more, and its output may wait for its turn.
        finished.record.job.row.stdin = JobStdin::Null;
        self.tally.count(&finished.record.outcome);
        let (seq, succeeded) = (
            finished.record.job.seq,
            finished.record.outcome.is_success(),
        );
        let before = self.output.sequencer.turn();
        for finished in self.output.finished(finished) {
            self.reporter.finished(finished);
        }
        self.pass_turn(before);
        self.plan_job_ended(seq, succeeded);
    }

    /// Adds jobs that were read.
    pub(super) fn jobs_read(&mut self, jobs: Vec<Job>) {
        let are_wanted = self.shutdown.is_running();
        if are_wanted {
            let before = self.output.sequencer.turn();
            for job in &jobs {
                self.output.sequencer.expect(job.seq);
            }
            self.pass_turn(before);
        } else {
            for job in &jobs {
                self.reporter.tell(&RunEvent::Skipped(job));
            }
        }
        self.queue.add(jobs, are_wanted);
    }

    /// Tells the slots if another job than `before` has got the turn.
    pub(super) fn pass_turn(&self, before: Option<u64>) {
        let turn = self.output.sequencer.turn();
        if turn != before {
            self.slots.grant_turn(turn);
        }
    }

    /// Gives up the order of the input, which one slot has by itself, when there are more of them.
    /// A job that has the turn may have printed, and keeps it.
    pub(super) fn give_up_order(&mut self) {
        let turn = self.output.sequencer.turn();
        let printing = turn.filter(|&turn| self.slots.busy() > 0 && !self.queue.is_delayed(turn));
        for finished in self.output.sequencer.give_up_order(printing) {
            self.reporter.finished(finished);
        }
        self.slots.grant_turn(self.output.sequencer.turn());
    }

    /// Lets a running job print before the others, if that is possible.
    pub(super) fn request_turn(&mut self, seq: u64) {
        self.output.blocked.insert(seq);
        self.output.sequencer.request_turn(seq);
        let turn = self.output.sequencer.turn();
        self.slots.grant_turn(turn);
        // The job that has the turn waits for input, and that for this job.
        let is_stuck = turn != Some(seq) && !self.queue.is_exhausted();
        if self.setup.options.all_at_once && is_stuck {
            self.shutdown.fail(no_room(seq));
            self.stop_running(&SignalSequence::default());
        }
    }

    /// Ends the run if all running jobs wait for the turn of one that waits for their end: they have
    /// its slot or its key.
    pub(super) fn end_if_stuck(&mut self) {
        let blocked = &self.output.blocked;
        let (Some(&first), Some(turn)) = (blocked.first(), self.output.sequencer.turn()) else {
            return;
        };
        let all_wait = self.slots.busy() == blocked.len() && !blocked.contains(&turn);
        let may_start = self.slots.busy() < self.admission.capacity()
            && self.has_startable()
            && self.queue.next() == Some(turn);
        let is_running = self.shutdown.is_running();
        if is_running && all_wait && !may_start && !self.queue.is_delayed(turn) {
            self.shutdown.fail(no_room(first));
            self.stop_running(&SignalSequence::default());
        }
    }

    /// Passes the turn to the first running job once no job is started any more: those before
    /// it never will end, and nobody has to wait for their turn.
    pub(super) fn skip_unstarted(&mut self) {
        if self.shutdown.is_running() {
            return;
        }
        let running = self.slots.running();
        if running.len() != self.slots.busy() {
            return;
        }
        let lowest = running.iter().map(|running| running.seq).min();
        let turn = self.output.sequencer.turn();
        if let Some(lowest) = lowest.filter(|&lowest| turn < Some(lowest)) {
            for finished in self.output.sequencer.skip_to(lowest) {
                self.reporter.finished(finished);
            }
            self.slots.grant_turn(self.output.sequencer.turn());
        }
    }

    /// Lets the last job print while it runs: no other one can print before it any more.
    pub(super) fn favour_last_job(&mut self) {
        if !self.queue.is_exhausted() || self.slots.busy() != 1 {
            return;
        }
        let last = match self.slots.running()[..] {
            [last] => Some(last.seq),
            // Just being started.
            [] => self.queue.only_job(),
            _ => None,
        };
        if let Some(last) = last
            && self.output.sequencer.turn() != Some(last)
        {
            self.request_turn(last);
        }
    }
}
