//! Numbers of a job and of its slot, which its command can tell.

use crate::expression::ExpressionContext;
use crate::input::Row;

impl JobPosition {
    /// A job of a run of which nothing is known.
    #[cfg(test)]
    pub(crate) fn of(seq: u64, slot: usize) -> JobPosition {
        JobPosition {
            seq,
            slot,
            run: RunContext::default(),
        }
    }

    pub(super) fn facts<'a>(&self, row: &'a Row) -> ExpressionContext<'a> {
        ExpressionContext {
            seq: self.seq,
            slot: self.slot,
            slots: self.run.slots,
            total: self.run.total,
            values: &row.values,
        }
    }
}

/// Numbers of a job and its slot, as far as its command can tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct JobPosition {
    /// The job's number, from 1 in input order.
    pub seq: u64,
    /// The slot's number, from 1.
    pub slot: usize,
    /// Among how many it is.
    pub run: RunContext,
}

/// Sizes of the run, as far as commands can tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct RunContext {
    /// Jobs that run at once.
    pub slots: usize,
    /// Jobs in all, if that is known.
    pub total: Option<u64>,
}
