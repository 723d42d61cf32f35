//! The observers of the run.

use std::sync::Arc;

use super::Config;
use crate::log::events::{EventLog, RunFacts};
use crate::log::failure_summary::FailureSummary;
use crate::log::joblog::JobLog;
use crate::log::label::JobNames;
use crate::log::progress::ProgressDisplay;
use crate::log::remarks::{JobRemarks, Verbosity};
use crate::log::run_summary::RunSummary;
use crate::observer::{Observers, RecordOutput};
use crate::output::OutputMode;
use crate::output::results::{ResultsOutput, ResultsReservation};

impl Config {
    /// All that watches the run, in the order in which it is told: what is said of a job
    /// comes before its record, and the closing block before what others say at the end.
    pub(crate) fn list_observers(
        &self,
        (log, events): (Option<RecordOutput>, Option<RecordOutput>),
        results: Option<&ResultsOutput>,
    ) -> Observers {
        let verbosity = self.pool.verbosity;
        let template = &self.template;
        let names = Arc::new(JobNames::new(Arc::clone(template), self.tag.source.text()));
        let mut observers = Observers::default();
        if let Some(locator) = results.and_then(|results| results.locator.clone()) {
            observers.add(ResultsReservation(locator));
        }
        observers.add(JobRemarks::new(verbosity, template.needs_plain_shell()));
        if let Some(output) = log {
            let target = observers.add_output(output);
            observers.add(JobLog::new(
                Arc::clone(template),
                self.joblog.stopped,
                target,
            ));
        }
        if let Some(output) = events {
            let target = observers.add_output(output);
            let facts = self.run_facts();
            observers.add(EventLog::new(Arc::clone(template), facts, target));
        }
        if verbosity == Verbosity::Normal {
            let timeout = self.executor.timeout();
            observers.add(FailureSummary::new(Arc::clone(&names), timeout));
        }
        if let Some(progress) = self.progress {
            observers.add(ProgressDisplay::new(Arc::clone(&names), progress));
        }
        if let Some(form) = self.observers.summary {
            observers.add(RunSummary::new(names, form));
        }
        observers
    }

    /// Facts of the run for its first event.
    pub(super) fn run_facts(&self) -> RunFacts {
        RunFacts {
            slots: self.pool.slots,
            total: self.rows.total(),
            sees_output: self.pool.mode != OutputMode::Live,
        }
    }
}
