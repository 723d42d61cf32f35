//! The services of a plan: when they start, what their readiness and their end mean for others.

use crate::error::reason_text;
use crate::exec::termination::signal_sequence::SignalSequence;
use crate::job::{AttemptRecord, Outcome};
use crate::observer::RunEvent;
use crate::os::child::ResourceUsage;
use crate::os::clock::ClockReading;
use crate::pool::run_result::HaltCause;
use crate::pool::service_event::{ServiceEnd, ServiceEvent};
use crate::pool::services::EndCause;

use super::Dispatcher;

impl Dispatcher {
    /// Starts a service.
    pub(super) fn start_service(&mut self, service: usize) {
        let Some(plan) = &mut self.plan else {
            return;
        };
        let settings = plan.plan.jobs[service].service.as_ref();
        let own = settings.and_then(|settings| settings.limit);
        let limit = own.or(plan.options.limit).filter(|limit| !limit.is_zero());
        let due = limit.map(|limit| self.setup.clock.now().saturating_add(limit));
        if let Err(error) = plan.services.start(service, due) {
            let why = format!("cannot be started: {}", reason_text(&error));
            let record = AttemptRecord {
                job: plan.services.context().as_job(service),
                slot: 0,
                host: self.setup.executor.host(0),
                outcome: Outcome::GivenUp(why),
                started: std::time::SystemTime::now(),
                runtime: ClockReading::ZERO,
                usage: ResourceUsage::default(),
                sent: 0,
                received: 0,
                received_stderr: 0,
                leaked: false,
                cut: false,
                last_words: Vec::new(),
                last_output: Vec::new(),
            };
            let end = ServiceEnd {
                record,
                output: Vec::new(),
                is_cut: false,
            };
            self.service_failed(service, end);
        }
    }

    pub(super) fn apply_service(&mut self, event: ServiceEvent) {
        let signals = &self.setup.options.stop_signals;
        let Some(plan) = &mut self.plan else {
            return;
        };
        match event {
            ServiceEvent::Ready(service) => {
                if plan.services.ready(service) {
                    plan.progress.ready(service);
                    self.advance_plan(Some(service));
                }
            }
            ServiceEvent::Unready(service, why) => {
                plan.services.end(service, EndCause::Unready(why), signals);
            }
            ServiceEvent::Ended(service, end) => self.service_ended(service, *end),
        }
    }

    /// Ends services that were not ready in their time.
    pub(super) fn end_late_services(&mut self, now: ClockReading) {
        let Some(plan) = &mut self.plan else {
            return;
        };
        for service in plan.services.late(now) {
            let signals = &self.setup.options.stop_signals;
            plan.services.end(service, EndCause::Late, signals);
        }
    }

    /// Time at which the next service has to be ready.
    pub(super) fn next_service_due(&self) -> Option<ClockReading> {
        self.plan.as_ref().and_then(|plan| plan.services.next_due())
    }

    pub(super) fn services_run(&self) -> bool {
        self.plan
            .as_ref()
            .is_some_and(|plan| !plan.services.is_empty())
    }

    /// Kills all services if `signals` kill at once: someone has asked twice.
    pub(super) fn hurry_services(&mut self, signals: &SignalSequence) {
        if let Some(plan) = &self.plan
            && signals
                .0
                .first()
                .is_some_and(|step| step.signal == libc::SIGKILL)
        {
            plan.services.kill();
        }
    }

    pub(super) fn pause_services(&self) {
        if let Some(plan) = &self.plan {
            plan.services.pause();
        }
    }

    pub(super) fn resume_services(&self) {
        if let Some(plan) = &self.plan {
            plan.services.resume();
        }
    }

    fn service_ended(&mut self, service: usize, mut end: ServiceEnd) {
        let Some(plan) = &mut self.plan else {
            return;
        };
        let outcome = &mut end.record.outcome;
        let signal = match outcome {
            Outcome::Stopped(signal) => Some(*signal),
            _ => None,
        };
        match (plan.services.ended(service), signal) {
            // Or killed with all others, because someone has asked twice for the end.
            (Some(EndCause::Unneeded), _) | (None, Some(_)) => {
                plan.progress.ended(service);
                return self.advance_plan(None);
            }
            (Some(EndCause::Late), Some(signal)) => *outcome = Outcome::TimedOut(signal),
            (Some(EndCause::Bereft), Some(signal)) => *outcome = Outcome::Bereft(signal),
            (Some(EndCause::Unready(why)), Some(_)) => {
                *outcome = Outcome::GivenUp(format!("its check cannot be made: {why}"));
            }
            _ => {}
        }
        if let Outcome::Exited(status) | Outcome::Accepted(status) = *outcome
            && outcome.is_success()
        {
            *outcome = Outcome::EndedEarly(status);
        }
        self.service_failed(service, end);
    }

    /// Counts a service that has failed as one failure, shows what it has printed, and gives up
    /// what needs it.
    fn service_failed(&mut self, service: usize, end: ServiceEnd) {
        let Some(plan) = &mut self.plan else {
            return;
        };
        let record = &end.record;
        let how = match &record.outcome {
            Outcome::NotFound(why)
            | Outcome::NotExecutable(why)
            | Outcome::GivenUp(why)
            | Outcome::Refused(why) => why.clone(),
            outcome => outcome.describe(),
        };
        let name = plan.name(service);
        let what = match (end.output.is_empty(), end.is_cut) {
            (true, _) => "",
            (false, false) => "; its output:",
            (false, true) => "; the end of its output:",
        };
        plan.progress.failed(service);
        let text = format!("prun: the service '{name}' has failed: {how}{what}\n");
        self.reporter.warn(text);
        self.reporter.show(end.output);
        if let Outcome::EndedEarly(_) = record.outcome {
            self.reporter
                .warn("hint: a service has to stay in the foreground\n");
        }
        self.tally.total = self.tally.total.map(|total| total + 1);
        self.tally.count(&record.outcome);
        let now = self.setup.clock.now();
        self.reporter.tell(&RunEvent::AttemptEnded(record, now));
        let pending = 0;
        self.reporter
            .tell(&RunEvent::OutputDelivered { record, pending });
        self.advance_plan(Some(service));
        self.decide_halt(HaltCause::By(end.record.outcome));
    }
}
