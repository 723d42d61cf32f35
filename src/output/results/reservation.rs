//! Names of results for jobs that run.

use std::sync::{Arc, Mutex};

use super::locator::{self, ResultsLocator};
use crate::observer::{Observer, ObserverAnswers, RunEvent};

/// Keeps a name for each job that starts, so that the earlier of two jobs has it, whichever
/// ends first, and warns of a job whose results are under another one.
#[derive(Debug)]
pub(crate) struct ResultsReservation(pub Arc<Mutex<ResultsLocator>>);

impl Observer for ResultsReservation {
    fn observe(&mut self, event: &RunEvent<'_>, answers: &mut ObserverAnswers) {
        match *event {
            RunEvent::JobStarted(job) => locator::lock(&self.0).reserve(&job.row, job.seq),
            RunEvent::OutputDelivered { record, .. } => {
                if let Some(warning) = locator::lock(&self.0).find(record).warning {
                    answers.message(warning);
                }
            }
            _ => {}
        }
    }
}
