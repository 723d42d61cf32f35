//! An attempt that has ended, with its output.

#[cfg(test)]
use {
    crate::input::Row,
    crate::job::{ExecutionHost, Job, Outcome},
    crate::os::child::ResourceUsage,
    crate::spool::SpoolBudget,
    std::sync::Arc,
    std::time::{Duration, SystemTime},
};

use crate::job::AttemptRecord;
use crate::spool::{Spool, SpoolFile};

/// An attempt that has ended, with the output that it still has.
#[derive(Debug)]
pub(crate) struct FinishedAttempt {
    pub record: AttemptRecord,
    /// Rest of its standard output.
    pub stdout: Spool,
    /// Rest of its standard error.
    pub stderr: Spool,
    /// Tag before the name of its file, if that is printed instead.
    pub tag: Vec<u8>,
}

impl FinishedAttempt {
    pub(super) fn seq(&self) -> u64 {
        self.record.job.seq
    }

    /// Makes room in memory; where the disk is full, the output stays where it is.
    pub(super) fn settle(&mut self, overflow: &mut SpoolFile) -> bool {
        self.stdout.settle(overflow).is_ok() && self.stderr.settle(overflow).is_ok()
    }

    /// Closes files of its own; where the disk is full, the output stays where it is.
    pub(super) fn give_up_files(&mut self, overflow: &mut SpoolFile) -> bool {
        self.stdout.give_up_file(overflow).is_ok() && self.stderr.give_up_file(overflow).is_ok()
    }
}

#[cfg(test)]
impl FinishedAttempt {
    /// An attempt of job `seq` in slot 1, with what it wrote to standard output.
    pub(crate) fn fake(seq: u64, outcome: Outcome, stdout: &[u8]) -> Self {
        let budget = Arc::new(SpoolBudget::default());
        FinishedAttempt {
            record: AttemptRecord {
                job: Job::new(seq, Row::default()),
                slot: 1,
                host: ExecutionHost::local(),
                outcome,
                started: SystemTime::UNIX_EPOCH,
                runtime: Duration::ZERO,
                usage: ResourceUsage::default(),
                sent: 0,
                received: stdout.len() as u64,
                received_stderr: 0,
                leaked: false,
                cut: false,
                last_words: Vec::new(),
                last_output: Vec::new(),
            },
            stdout: Spool::of(&budget, stdout),
            stderr: Spool::new(&budget),
            tag: Vec::new(),
        }
    }
}
