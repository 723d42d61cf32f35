//! Names of results for jobs that run.

use std::sync::{Arc, Mutex};

use super::locator::{self, ResultsLocator};
use crate::observer::{Observer, ObserverAnswers, RunEvent};

/// Keeps a name for each job that starts, so that the earlier of two jobs has it, whichever
/// ends first.
#[derive(Debug)]
pub(crate) struct ResultsReservation(pub Arc<Mutex<ResultsLocator>>);

impl Observer for ResultsReservation {
    fn observe(&mut self, event: &RunEvent<'_>, _: &mut ObserverAnswers) {
        if let RunEvent::JobStarted(job) = event {
            locator::lock(&self.0).reserve(&job.row, job.seq);
        }
    }
}
