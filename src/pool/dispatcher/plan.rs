//! The jobs of a plan on their way: which may start, which are skipped, which have to end.

use std::cmp::Reverse;
use std::sync::Arc;

use super::Dispatcher;
use crate::exec::termination::StopReason;
use crate::job::Job;
use crate::observer::RunEvent;
use crate::os::clock::ClockReading;
use crate::plan::progress::PlanStep;
use crate::pool::services::EndCause;

impl Dispatcher {
    /// Begins the run of a plan.
    pub(super) fn begin_plan(&mut self) {
        let Some(plan) = &self.plan else {
            return;
        };
        if let Some(text) = plan.describe_unneeded() {
            self.reporter.warn(text);
        }
        for job in plan.held.iter().flatten() {
            self.output.sequencer.expect(job.seq);
        }
        self.advance_plan(None);
    }

    /// Hands jobs to the slots, those of a plan as they are requested.
    pub(super) fn start_jobs_of_plan(&mut self, now: ClockReading) {
        while let Some(plan) = &mut self.plan
            && self.shutdown.is_running()
        {
            self.queue.request(self.admission.read_ahead());
            let jobs = plan.take_requested();
            let were_there = !jobs.is_empty();
            if were_there {
                self.queue.release(jobs);
            } else if !plan.has_ended && plan.startable.is_empty() && plan.progress.waiting() == 0 {
                plan.has_ended = true;
                self.queue.end_input();
            }
            self.start_jobs(now);
            if !were_there {
                return;
            }
        }
        self.start_jobs(now);
    }

    /// Tells whether job `seq` cannot start yet, because of what it needs.
    pub(super) fn waits_for_needs(&self, seq: Option<u64>) -> bool {
        let plan = self.plan.as_ref();
        plan.zip(seq).is_some_and(|(plan, seq)| plan.holds(seq))
    }

    /// Tells whether job `seq` has lost a service that it needs.
    pub(super) fn is_bereft(&self, seq: u64) -> bool {
        self.plan.as_ref().is_some_and(|plan| plan.is_bereft(seq))
    }

    /// Ends job `seq`, which has just begun, if it has lost a service in the meantime.
    pub(super) fn end_if_bereft(&mut self, seq: u64) {
        if self.is_bereft(seq) {
            let signals = &self.setup.options.stop_signals;
            self.slots.end(seq, StopReason::Bereft, signals);
        }
    }

    /// Takes note that a job of the plan is over.
    pub(super) fn plan_job_ended(&mut self, seq: u64, has_succeeded: bool) {
        let Some(plan) = &mut self.plan else {
            return;
        };
        let Some(index) = plan.plan.index(seq) else {
            return;
        };
        if has_succeeded {
            plan.progress.succeeded(index);
        } else {
            plan.progress.failed(index);
        }
        self.advance_plan(Some(index));
    }

    /// Does what follows from news, which were about `cause`.
    pub(super) fn advance_plan(&mut self, cause: Option<usize>) {
        while let Some(plan) = &mut self.plan {
            let step = plan.progress.take_step();
            if step == PlanStep::default() {
                return;
            }
            plan.startable
                .extend(step.startable.into_iter().map(Reverse));
            for service in step.ending {
                let signals = &self.setup.options.stop_signals;
                plan.services.end(service, EndCause::Unneeded, signals);
            }
            self.skip(&step.skipped, cause);
            self.end_bereft(&step.bereft);
            for service in step.starting {
                self.start_service(service);
            }
        }
    }

    /// Counts jobs that will never start, and tells of them.
    fn skip(&mut self, skipped: &[usize], cause: Option<usize>) {
        let Some(plan) = &mut self.plan else {
            return;
        };
        if skipped.is_empty() {
            return;
        }
        let text = plan.describe_skipped(skipped, cause);
        let jobs: Vec<Job> = skipped
            .iter()
            .filter_map(|&job| plan.held[job].take())
            .collect();
        self.reporter.warn(text);
        for job in jobs {
            self.count_skipped(&job);
        }
    }

    /// Counts a job that will never start. Those behind it need not wait for its output.
    fn count_skipped(&mut self, job: &Job) {
        self.tally.skipped += 1;
        self.reporter.tell(&RunEvent::Skipped(job));
        let before = self.output.sequencer.turn();
        for finished in self.output.sequencer.pass_over(job.seq) {
            self.reporter.finished(finished);
        }
        self.pass_turn(before);
    }

    /// Ends jobs and services that were started and have lost a service.
    fn end_bereft(&mut self, bereft: &[usize]) {
        if bereft.is_empty() {
            return;
        }
        let signals = self.setup.options.stop_signals.clone();
        // Those that no slot has taken yet are in the queue again, with those that never were.
        for job in self.slots.take_back().into_iter().rev() {
            self.put_back(job);
        }
        let Some(plan) = &mut self.plan else {
            return;
        };
        for &index in bereft {
            plan.services.end(index, EndCause::Bereft, &signals);
        }
        let shared = Arc::clone(&plan.plan);
        for job in self.queue.withdraw(|seq| plan.is_bereft(seq)) {
            self.give_up_bereft(&job);
        }
        for &index in bereft {
            let seq = shared.jobs[index].number;
            self.slots.end(seq, StopReason::Bereft, &signals);
        }
    }

    /// Gives up a job that does not run: its last failed attempt counts, or it is skipped.
    fn give_up_bereft(&mut self, job: &Job) {
        match self.output.take_failed(job.seq) {
            Some(failed) => self.conclude(failed),
            None => {
                self.count_skipped(job);
                self.plan_job_ended(job.seq, false);
            }
        }
    }

    /// Gives up the jobs that wait for others when no more are started.
    pub(super) fn give_up_plan(&mut self) {
        let Some(plan) = &mut self.plan else {
            return;
        };
        let mut given_up = plan.progress.give_up();
        let startable: Vec<usize> = plan.startable.drain().map(|Reverse(job)| job).collect();
        for &index in &startable {
            plan.progress.ended(index);
        }
        given_up.extend(startable);
        given_up.sort_unstable();
        let jobs = given_up.into_iter().filter_map(|job| plan.held[job].take());
        for job in jobs.collect::<Vec<Job>>() {
            self.reporter.tell(&RunEvent::Skipped(&job));
        }
        self.advance_plan(None);
    }

    /// Takes note that a job which waited in the queue will not run.
    pub(super) fn plan_job_given_up(&mut self, seq: u64) {
        let Some(plan) = &mut self.plan else {
            return;
        };
        if let Some(index) = plan.plan.index(seq) {
            plan.progress.ended(index);
        }
        self.advance_plan(None);
    }
}
