//! Starting jobs: as soon as they may, and never more than may.

use std::io;

use rustix::io::Errno;

use super::Dispatcher;
use crate::error::{Error, reason_text};
use crate::exec::termination::signal_sequence::SignalSequence;
use crate::job::Job;
use crate::log::remarks::Verbosity;
use crate::observer::RunEvent;
use crate::os::clock::ClockReading;
use crate::output::OutputOrder;
use crate::policy::jobs;
use crate::pool::event::PoolEvent;
use crate::pool::limit_command::{self, LimitAnswer};
use crate::pool::resource_backoff::{ResourceDenial, ResourceLimit};
use crate::pool::slots_file::{self, SlotBound, SlotCapacity};
use crate::pool::throttle::{RunningCounts, StartDecision};

/// Hint of messages about processes, threads or descriptors that the system denies.
const LIMITS_HINT: &str = "ulimit -n and ulimit -u show the limits";

impl Dispatcher {
    /// Hands jobs to the slots.
    pub(super) fn start_jobs(&mut self, now: ClockReading) {
        self.queue.release_due(now);
        self.refill_tokens();
        while self.shutdown.is_running()
            && !self.is_held_back()
            && self.slots.busy() < self.admission.capacity()
            && self.has_startable()
            && !self.is_throttled()
            && self.has_token()
            && let Some(job) = self.take_job()
        {
            self.reporter.tell(&RunEvent::JobStarted(&job));
            let allowed = self.admission.backoff.allowed();
            if let Err(denied) = self.slots.hand(job, allowed) {
                let (job, error) = *denied;
                self.start_denied(job, &error);
            }
            self.admission.started(&self.setup.clock);
        }
        self.release_tokens();
    }

    /// Tells whether a jobserver lets one more job run, if there is one.
    fn has_token(&mut self) -> bool {
        let Some(tokens) = &mut self.admission.tokens else {
            return true;
        };
        let allows = tokens.allows(self.slots.busy());
        allows.unwrap_or_else(|error| {
            self.tokens_failed(&error);
            false
        })
    }

    /// Gives tokens back that no running job needs.
    fn release_tokens(&mut self) {
        if let Some(tokens) = &mut self.admission.tokens
            && let Err(error) = tokens.release(self.slots.busy())
        {
            self.tokens_failed(&error);
        }
    }

    /// Makes up for tokens that were lost, if nothing runs that may have taken them.
    fn refill_tokens(&mut self) {
        let may_hold = self.slots.busy() > 0 || self.services_run();
        if let Some(tokens) = &mut self.admission.tokens
            && !may_hold
            && let Err(error) = tokens.refill()
        {
            self.tokens_failed(&error);
        }
    }

    /// Takes note that a jobserver may have a token.
    pub(super) fn token_arrived(&mut self) {
        if let Some(tokens) = &mut self.admission.tokens {
            tokens.arrived();
        }
    }

    fn tokens_failed(&mut self, error: &io::Error) {
        let reason = reason_text(error);
        self.reporter.warn(format!(
            "prun: warning: taking no more tokens: the jobserver cannot be used: {reason}\n"
        ));
    }

    /// Tells whether a job waits that may run beside those that run.
    pub(super) fn has_startable(&self) -> bool {
        let may_be_alone = self.slots.busy() == 0 && !self.queue.is_empty();
        self.admission.alone.is_none() && (!self.queue.has_only_put_off() || may_be_alone)
    }

    /// Takes the next job. While none runs, that is one which was put off if no other one waits,
    /// or if the output of the others has to wait for its turn.
    fn take_job(&mut self) -> Option<Job> {
        let put_off = self.queue.next_put_off();
        if put_off.is_some() && self.slots.busy() == 0 {
            let holds_up = put_off == self.output.sequencer.turn() && self.output.exceeds_turn();
            if holds_up || self.queue.has_only_put_off() {
                self.admission.alone = put_off;
                return self.queue.take_put_off(|| self.setup.clock.now());
            }
        }
        self.queue.take(|| self.setup.clock.now())
    }

    pub(super) fn request_jobs(&mut self) {
        let (ahead, most) = if self.setup.options.shares_input {
            // What waits here cannot be run by others. Below make, one job waits for a token.
            let tokens = self.admission.tokens.as_ref();
            let by_tokens = tokens.map_or(usize::MAX, |tokens| tokens.allowed().saturating_add(1));
            let slots = self.admission.slots().min(by_tokens);
            let free = slots.saturating_sub(self.slots.busy());
            (free, free.saturating_add(2 * slots))
        } else {
            (self.admission.read_ahead(), usize::MAX)
        };
        if self.slots.busy() < self.admission.capacity() {
            self.queue.request_startable(ahead, most);
        } else {
            self.queue.request(ahead);
        }
    }

    fn is_held_back(&mut self) -> bool {
        let start = self.admission.next_start();
        if start > ClockReading::ZERO && self.setup.clock.now() < start {
            return true;
        }
        if self.setup.options.all_at_once {
            return false;
        }
        let backlog = self.reporter.backlog();
        let waits_for_record = self.setup.options.waits_for_records && backlog > 0;
        if self.output.exceeds_reader(backlog) || waits_for_record {
            // The writer's answer may be the only event until the reader has caught up.
            self.reporter.drain();
            return true;
        }
        if !self.output.exceeds_turn() {
            return false;
        }
        // The job whose turn it is waits for nothing but the end of others, of which one may have its
        // key, and the time of its next attempt or of its key.
        let turn = self.output.sequencer.turn();
        if self.waits_for_needs(turn) {
            return false;
        }
        let goes_on = self.slots.busy() > 0 || turn.is_some_and(|turn| self.queue.is_delayed(turn));
        goes_on && self.queue.next() != turn
    }

    /// Tells whether the next job, if there is one, has to wait for the system.
    fn is_throttled(&mut self) -> bool {
        if !self.admission.throttle.is_active() {
            return false;
        }
        let (busy, running) = (self.slots.busy(), self.slots.running());
        let counts = RunningCounts {
            busy,
            unstarted: busy.saturating_sub(running.len()),
            suspended: running.iter().filter(|job| job.suspended.is_some()).count(),
        };
        let now = self.setup.clock.now();
        match self.admission.throttle.decide(counts, now) {
            StartDecision::Start => return false,
            StartDecision::Wait => {}
            StartDecision::Consult(command) => {
                let events = self.slots.events();
                let on_answer = move |answer| drop(events.send(PoolEvent::Limit(answer)));
                if limit_command::consult(&command, on_answer).is_err() {
                    self.admission.throttle.answered(LimitAnswer::Wait);
                }
            }
            StartDecision::WaitAndSay(text) => self.reporter.warn(text),
        }
        true
    }

    /// Stops the youngest job, or suspends or resumes jobs, as the available memory wants it.
    pub(super) fn relieve_memory(&mut self, now: ClockReading) {
        let Some(relief) = self.admission.throttle.relief(now) else {
            return;
        };
        if relief.evicts && self.shutdown.is_running() {
            self.evict_youngest();
        }
        if let Some(running) = relief.running {
            let changes = self.slots.limit_running(running, now);
            if let Some(seq) = changes.resumed {
                self.reporter.tell(&RunEvent::Resumed(seq));
            }
            for seq in changes.suspended {
                self.reporter.tell(&RunEvent::Suspended(seq));
            }
        }
    }

    /// Applies the answer of the command of `--limit`.
    pub(super) fn limit_answered(&mut self, answer: LimitAnswer) {
        match answer {
            LimitAnswer::Missing if self.shutdown.is_running() => {
                self.shutdown
                    .fail(Error::new("the command of --limit cannot be run").hint(
                    "--limit COMMAND ends with 0 (start), 1 (wait) or 2 (stop the youngest job)",
                ));
                self.stop_starting();
            }
            LimitAnswer::EndYoungest if self.shutdown.is_running() => self.evict_youngest(),
            _ => {}
        }
        self.admission.throttle.answered(answer);
    }

    /// Ends the youngest job, to run again later. What a stream has had cannot be had again.
    fn evict_youngest(&mut self) {
        if self.setup.options.reads_streams {
            return;
        }
        let signals = &self.setup.options.stop_signals;
        self.admission.evict_youngest(&self.slots, signals);
    }

    /// Reads the file of `-j` again: the end of a job is when another one may start.
    pub(super) fn reread_slots(&mut self) {
        match self.admission.reread_slots() {
            Ok(true) => self.slots_changed(),
            Ok(false) => {}
            Err(warning) => self.reporter.warn(warning),
        }
    }

    /// Changes the number of jobs at once, as a signal asks for, and tells it.
    pub(super) fn change_slots(&mut self, wanted: usize) {
        let options = &self.setup.options;
        let before = self.admission.slots();
        if let Some(reason) = options.fixed_slots {
            let before = match options.tokens {
                // What they make of it changes all the time.
                Some(_) => "as it is".to_owned(),
                None => before.to_string(),
            };
            return self.reporter.warn(format!(
                "prun: warning: the number of jobs at once stays {before}: {reason}\n"
            ));
        }
        if let Some(SlotBound { most, owner }) = &options.slot_bound
            && wanted > *most
        {
            return self.reporter.warn(format!(
                "prun: warning: the number of jobs at once stays {before}: {owner} has no more values\n"
            ));
        }
        let wanted = wanted.min(jobs::MOST);
        let SlotCapacity { possible, limit } = slots_file::fit(wanted, options.descriptors);
        if possible < wanted {
            let files = options.descriptors.wanted(wanted);
            return self.reporter.warn(format!(
                "prun: warning: the number of jobs at once stays {before}: only {limit} files can be open\nhint: ulimit -n {files}\n"
            ));
        }
        let is_told = options.verbosity == Verbosity::Normal;
        self.admission.resize(wanted);
        self.slots_changed();
        if is_told {
            let jobs = if wanted == 1 { "job" } else { "jobs" };
            let text = format!("prun: running up to {wanted} {jobs} at once\n");
            self.reporter.say(text);
        }
    }

    /// Applies another number of slots. Jobs in the slots' queue were handed out by the old one.
    pub(super) fn slots_changed(&mut self) {
        for job in self.slots.take_back().into_iter().rev() {
            self.put_back(job);
        }
        self.slots.shrink(self.admission.backoff.allowed());
        if self.admission.slots() > 1 && self.setup.options.mode.order() == OutputOrder::Finished {
            self.give_up_order();
        }
    }

    /// Runs fewer jobs after the system has denied the next process of a running one.
    pub(super) fn resource_shortage(&mut self, error: &io::Error) {
        if self.setup.options.all_at_once {
            return self.cannot_run_all(error);
        }
        let others = self.slots.busy().saturating_sub(1).max(1);
        if self.deny(others, ResourceLimit::Shared) == ResourceDenial::First {
            self.warn_of_fewer(error);
        }
    }

    /// Puts a job back that has not been started; gives it up if the run is being stopped.
    pub(super) fn put_back(&mut self, job: Job) {
        if self
            .admission
            .alone
            .take_if(|seq| *seq == job.seq)
            .is_some()
        {
            self.queue.put_off(job);
        } else {
            self.queue.put_back(job);
        }
        if !self.shutdown.is_running() {
            self.give_up_waiting();
        }
    }

    /// Puts a job back that the system did not let start, and runs fewer.
    pub(super) fn start_denied(&mut self, job: Job, error: &io::Error) {
        self.put_back(job);
        if self.setup.options.all_at_once {
            return self.cannot_run_all(error);
        }
        let limit = match Errno::from_io_error(error) {
            Some(Errno::MFILE) => ResourceLimit::Own,
            _ => ResourceLimit::Shared,
        };
        match self.deny(self.slots.busy(), limit) {
            ResourceDenial::First => self.warn_of_fewer(error),
            ResourceDenial::Again => {}
            // Outputs that wait hold descriptors, and will give them back.
            ResourceDenial::ForGood if self.reporter.backlog() > 0 => {}
            ResourceDenial::ForGood => {
                let error = Error::new("cannot start any job").because(error);
                self.shutdown.fail(error.hint(LIMITS_HINT));
                self.stop_starting();
            }
        }
    }

    /// Ends a run whose jobs would wait for one that does not run.
    fn cannot_run_all(&mut self, error: &io::Error) {
        let slots = self.setup.options.slots as u64;
        let jobs = self.tally.total.unwrap_or(slots);
        let error = Error::new(format!("cannot run all {jobs} jobs at once")).because(error);
        self.shutdown.fail(error.hint(LIMITS_HINT));
        self.stop_running(&SignalSequence::default());
    }

    fn deny(&mut self, running: usize, limit: ResourceLimit) -> ResourceDenial {
        let backoff = &mut self.admission.backoff;
        let denial = backoff.denied(running, limit, self.setup.clock.now());
        self.slots.shrink(backoff.allowed());
        denial
    }

    fn warn_of_fewer(&mut self, error: &io::Error) {
        let reason = reason_text(error);
        self.reporter.warn(format!(
            "prun: warning: running fewer jobs at once: {reason}\nhint: {LIMITS_HINT}\n"
        ));
    }
}
