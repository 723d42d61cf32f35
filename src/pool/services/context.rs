//! Data that the threads of services share.

use std::sync::Arc;

use crossbeam_channel::Sender;

use crate::job::Job;
use crate::plan::{Plan, PlanJob};
use crate::pool::event::PoolEvent;
use crate::pool::run_setup::RunSetup;
use crate::pool::service_event::ServiceEvent;

/// Data that all services share.
pub(in crate::pool) struct ServiceContext {
    pub plan: Arc<Plan>,
    pub setup: Arc<RunSetup>,
    pub events: Sender<PoolEvent>,
}

impl ServiceContext {
    pub(super) fn job(&self, service: usize) -> &PlanJob {
        &self.plan.jobs[service]
    }

    /// The service as a job.
    pub(in crate::pool) fn as_job(&self, service: usize) -> Job {
        let job = self.job(service);
        Job::new(job.number, job.row())
    }

    /// Sends news. They are lost only when the run is over.
    pub(super) fn tell(&self, event: ServiceEvent) {
        let _ = self.events.send(PoolEvent::Service(event));
    }
}
