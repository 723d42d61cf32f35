//! Slots of a run, as far as they are known before it.

use std::sync::Arc;

use crate::cli::Cli;
use crate::os::jobserver::TokenPipe;
use crate::placeholder::RunContext;
use crate::policy::descriptors::DescriptorNeeds;
use crate::pool::slots_file::SlotBound;

/// Slots of a run, and what may become of their number.
#[derive(Debug)]
pub(super) struct SlotSetup {
    pub count: usize,
    /// Slots that work is divided for: as many as `count` if that is not without a limit.
    pub spread: usize,
    pub descriptors: DescriptorNeeds,
    pub bound: Option<SlotBound>,
    /// Jobserver that jobs get tokens of.
    pub tokens: Option<Arc<TokenPipe>>,
    /// What decides is the number of tokens.
    pub is_by_tokens: bool,
}

impl SlotSetup {
    /// Numbers that commands can tell.
    pub(super) fn context(&self, total: Option<u64>) -> RunContext {
        RunContext {
            slots: self.count,
            total,
        }
    }

    /// Threads that may share the work of one built-in. They have no tokens.
    pub(super) fn width(&self) -> usize {
        if self.tokens.is_some() { 1 } else { self.count }
    }
}

/// Tells whether the command line has a number of jobs.
pub(super) fn are_typed(cli: &Cli) -> bool {
    cli.running.jobs.is_some() || localhost_slots(cli).is_some()
}

/// Number of jobs in `-S N/:`.
pub(super) fn localhost_slots(cli: &Cli) -> Option<usize> {
    cli.compat.sshlogin.and_then(|login| login.slots)
}
