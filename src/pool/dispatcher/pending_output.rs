//! Output of finished jobs that waits for its turn or for a slow reader.

use std::sync::Arc;

use crate::os::limits;
use crate::output::sequencer::OutputSequencer;
use crate::output::{FinishedAttempt, OutputOrder};
use crate::spool::SpoolBudget;

/// Bytes that may wait for a slow reader before no more jobs are started.
const MOST_BACKLOG: u64 = 1 << 30;

/// Finished jobs that may wait for the turn of another one.
const MOST_HELD: usize = 16 << 10;

/// Waiting output, with the limits above which no more is to be made.
pub(super) struct PendingOutput {
    pub sequencer: OutputSequencer,
    budget: Arc<SpoolBudget>,
    /// Outputs that may wait in files of their own.
    most_files: usize,
}

impl PendingOutput {
    pub(super) fn new(order: OutputOrder, budget: &Arc<SpoolBudget>) -> Self {
        PendingOutput {
            sequencer: OutputSequencer::new(order),
            budget: Arc::clone(budget),
            most_files: limits::descriptors() / 2,
        }
    }

    /// Takes the output of a job and returns the jobs that may be printed now, in order.
    pub(super) fn finished(&mut self, mut finished: FinishedAttempt) -> Vec<FinishedAttempt> {
        if self.budget.is_exhausted() {
            self.sequencer.settle(&mut finished);
        }
        self.sequencer.finished(finished)
    }

    /// Tells whether too much waits for the reader, `backlog` bytes in all.
    pub(super) fn exceeds_reader(&self, backlog: u64) -> bool {
        backlog > MOST_BACKLOG || (backlog > 0 && self.budget.files() > self.most_files)
    }

    /// Tells whether too much waits for the turn of a running job.
    pub(super) fn exceeds_turn(&self) -> bool {
        self.sequencer.held() > MOST_HELD
            || self.budget.files() > self.most_files
            || (self.sequencer.is_pressed() && self.budget.is_exhausted())
    }
}
