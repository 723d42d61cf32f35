//! An attempt that has ended, with its output.

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
}
