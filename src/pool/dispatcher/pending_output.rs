//! Output of attempts that have ended which waits: for its turn, for a slow reader, or for
//! another attempt of its job.

use std::collections::{BTreeMap, BTreeSet};
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
    /// Last failed attempts, by number, of jobs that are tried again: such an attempt counts
    /// if there is no other one.
    failed: BTreeMap<u64, FinishedAttempt>,
    /// Running jobs that wait for their turn, because their output can wait nowhere.
    pub blocked: BTreeSet<u64>,
    budget: Arc<SpoolBudget>,
    /// Outputs that may wait in files of their own.
    pub most_files: usize,
}

impl PendingOutput {
    pub(super) fn new(order: OutputOrder, budget: &Arc<SpoolBudget>) -> Self {
        PendingOutput {
            sequencer: OutputSequencer::new(order),
            failed: BTreeMap::new(),
            blocked: BTreeSet::new(),
            budget: Arc::clone(budget),
            most_files: limits::descriptors() / 2,
        }
    }

    /// Takes the output of a job and returns the jobs that may be printed now, in order.
    pub(super) fn finished(&mut self, mut finished: FinishedAttempt) -> Vec<FinishedAttempt> {
        self.failed.remove(&finished.record.job.seq);
        self.settle(&mut finished);
        self.sequencer.finished(finished)
    }

    /// Keeps a failed attempt until another one of its job counts.
    pub(super) fn keep_failed(&mut self, mut failed: FinishedAttempt) {
        self.settle(&mut failed);
        self.failed.insert(failed.record.job.seq, failed);
    }

    /// Takes out the last failed attempt of a job that will have no other one.
    pub(super) fn take_failed(&mut self, seq: u64) -> Option<FinishedAttempt> {
        self.failed.remove(&seq)
    }

    fn settle(&mut self, finished: &mut FinishedAttempt) {
        if self.budget.is_exhausted() {
            self.sequencer.settle(finished);
        }
    }

    /// Tells whether waiting outputs have too many files, after failed attempts that are kept
    /// have given up as many of theirs as it takes.
    fn exceeds_files(&mut self) -> bool {
        for failed in self.failed.values_mut() {
            if self.budget.files() <= self.most_files || self.sequencer.is_pressed() {
                break;
            }
            self.sequencer.give_up_files(failed);
        }
        self.budget.files() > self.most_files
    }

    /// Tells whether too much waits for the reader, `backlog` bytes in all.
    pub(super) fn exceeds_reader(&mut self, backlog: u64) -> bool {
        backlog > MOST_BACKLOG || (backlog > 0 && self.exceeds_files())
    }

    /// Tells whether too much waits for the turn of a running job.
    pub(super) fn exceeds_turn(&mut self) -> bool {
        self.sequencer.held() > MOST_HELD
            || self.exceeds_files()
            || (self.sequencer.is_pressed() && self.budget.is_exhausted())
    }
}
