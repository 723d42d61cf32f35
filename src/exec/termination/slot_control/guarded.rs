//! Entry of a slot's job in the table of the guard.

use rustix::process::Pid;

use super::{SlotControl, SlotControlState};

impl SlotControl {
    /// Puts the processes of job `seq`, which are about to start, under guard: they die with
    /// prun.
    pub(crate) fn guard(&self, seq: u64) {
        if let Some(guard) = self.guard {
            guard.begin(seq);
        }
    }

    /// Ends that: the job has ended, or could not be started.
    pub(crate) fn unguard(&self) {
        if let Some(guard) = self.guard {
            guard.end();
        }
    }

    pub(super) fn lead(&self, state: &mut SlotControlState, leader: Pid) {
        state.leader = Some(leader);
        if let Some(guard) = self.guard {
            guard.lead(leader);
        }
    }
}
