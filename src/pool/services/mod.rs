//! Services of a plan: each runs on a thread of its own, beside the slots, until it is told to
//! end. A check of whether it is ready may run beside it.

mod context;
mod denials;
mod output;
mod readiness;
mod service;

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;

use super::thread::spawn;
use crate::exec::termination::signal_sequence::SignalSequence;
use crate::exec::termination::slot_control::SlotControl;
use crate::os::clock::ClockReading;
pub(super) use context::ServiceContext;
use service::ServiceThread;

/// Reason why a service is ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum EndCause {
    /// Nobody that needs it is left.
    Unneeded,
    /// It was not ready in its time.
    Late,
    /// It cannot be known whether it is ready, for this reason.
    Unready(String),
    /// A service that it needs has failed.
    Bereft,
}

/// Services that run.
pub(super) struct Services {
    context: Arc<ServiceContext>,
    running: BTreeMap<usize, RunningService>,
    /// Number of services that were started so far.
    started: usize,
}

struct RunningService {
    control: Arc<SlotControl>,
    /// That of the check whether it is ready.
    check: Arc<SlotControl>,
    is_ready: bool,
    /// End of the time that it has to become ready.
    due: Option<ClockReading>,
    ending: Option<EndCause>,
}

impl Services {
    pub(super) fn new(context: ServiceContext) -> Self {
        Services {
            context: Arc::new(context),
            running: BTreeMap::new(),
            started: 0,
        }
    }

    pub(super) fn context(&self) -> &ServiceContext {
        &self.context
    }

    pub(super) fn is_empty(&self) -> bool {
        self.running.is_empty()
    }

    /// Starts a service, which has so long to become ready.
    ///
    /// # Errors
    /// The system denies a thread or a descriptor.
    pub(super) fn start(&mut self, service: usize, due: Option<ClockReading>) -> io::Result<()> {
        let control = SlotControl::beside_slots(2 * self.started)?;
        let check = SlotControl::beside_slots(2 * self.started + 1)?;
        let thread = ServiceThread {
            context: Arc::clone(&self.context),
            service,
            control: Arc::clone(&control),
            check: Arc::clone(&check),
        };
        spawn(format!("service {service}"), move || thread.run())?;
        self.started += 1;
        let running = RunningService {
            control,
            check,
            is_ready: false,
            due,
            ending: None,
        };
        self.running.insert(service, running);
        Ok(())
    }

    /// Ends a service, unless it is being ended already.
    pub(super) fn end(&mut self, service: usize, cause: EndCause, signals: &SignalSequence) {
        if let Some(running) = self.running.get_mut(&service)
            && running.ending.is_none()
        {
            running.ending = Some(cause);
            running.due = None;
            running.check.stop(signals.clone());
            running.control.stop(signals.clone());
        }
    }

    /// Kills all services, also those that jobs still need.
    pub(super) fn kill(&self) {
        for running in self.running.values() {
            running.check.stop(SignalSequence::kill());
            running.control.stop(SignalSequence::kill());
        }
    }

    /// Takes note that a service is ready. Returns whether that is news that counts.
    pub(super) fn ready(&mut self, service: usize) -> bool {
        let Some(running) = self.running.get_mut(&service) else {
            return false;
        };
        running.due = None;
        !std::mem::replace(&mut running.is_ready, true) && running.ending.is_none()
    }

    /// Takes note that a service has ended. Returns the reason why it was ended, if it was.
    pub(super) fn ended(&mut self, service: usize) -> Option<EndCause> {
        self.running.remove(&service)?.ending
    }

    /// Time at which the next service has to be ready.
    pub(super) fn next_due(&self) -> Option<ClockReading> {
        self.running
            .values()
            .filter_map(|running| running.due)
            .min()
    }

    /// Services whose time to become ready is over.
    pub(super) fn late(&self, now: ClockReading) -> Vec<usize> {
        let running = self.running.iter();
        let late = running.filter(|(_, running)| running.due.is_some_and(|due| due <= now));
        late.map(|(service, _)| *service).collect()
    }

    /// Stops the processes of all services.
    pub(super) fn pause(&self) {
        for running in self.running.values() {
            running.control.pause();
            running.check.pause();
        }
    }

    /// Lets the processes of all services go on.
    pub(super) fn resume(&self) {
        for running in self.running.values() {
            running.control.resume();
            running.check.resume();
        }
    }
}
