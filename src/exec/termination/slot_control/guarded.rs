//! Entry of a slot's job in the table of the guard.

use std::io;
use std::sync::Arc;

use rustix::process::{Pid, Signal};

use super::{OutputTurn, SlotControl, SlotControlState, signal};
use crate::os::guard;

impl SlotControl {
    /// Connects to slot number `slot` of at most `slots`, which runs nothing yet.
    ///
    /// # Errors
    /// There is no descriptor left.
    pub(crate) fn new(slot: usize, slots: usize, turn: &Arc<OutputTurn>) -> io::Result<Arc<Self>> {
        Ok(Arc::new(SlotControl {
            guard: guard::entry(slot),
            ..SlotControl::unguarded(slot, slots, turn)?
        }))
    }

    /// Connects to a process that runs beside the slots: number `number` of these, from 0.
    ///
    /// # Errors
    /// There is no descriptor left.
    pub(crate) fn beside_slots(number: usize) -> io::Result<Arc<Self>> {
        Ok(Arc::new(SlotControl {
            guard: guard::entry_beside_slots(number),
            ..SlotControl::unguarded(0, 1, &Arc::default())?
        }))
    }

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

    /// Tells that the attempt has ended, and that its processes live on, under guard as before.
    pub(crate) fn lives_on(&self) {
        let state = self.state();
        if state.paused {
            // In no attempt, nobody would let it go on later.
            signal(state.leader, Signal::CONT);
        }
        self.leave(state);
    }

    /// Tells that the leader, which has ended, is about to be reaped before the job has ended:
    /// [`SlotControl::led_by`] tells the next one. What the leader has left in its group counts
    /// as having left the job's from now on.
    pub(crate) fn unlead(&self) {
        let mut state = self.state();
        if state.paused || state.is_suspended() {
            // What it has left would stay stopped.
            signal(state.leader, Signal::CONT);
        }
        state.leader = None;
        if let Some(guard) = self.guard {
            guard.unlead();
        }
    }

    pub(super) fn lead(&self, state: &mut SlotControlState, leader: Pid) {
        state.leader = Some(leader);
        if let Some(guard) = self.guard {
            guard.lead(leader);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::thread::sleep;
    use std::time::{Duration, Instant};

    use super::*;
    use crate::exec::termination::slot_control::tests::shell;
    use crate::job::RunningAttempt;
    use crate::os::wait::stop_signal;

    #[test]
    fn a_process_that_lives_on_is_not_left_stopped() {
        let child = shell("exec sleep 60");
        let wait_until_stopped = |wanted: bool| {
            let patience = Instant::now() + Duration::from_secs(10);
            while stop_signal(child.pid).is_some() != wanted {
                assert!(Instant::now() < patience, "stopped: {}", !wanted);
                sleep(Duration::from_millis(2));
            }
        };
        let control = SlotControl::new(1, 1, &Arc::default()).unwrap();
        let running = |seq| RunningAttempt::new(seq, 1, Duration::ZERO);
        control.began(Some(child.pid), running(7));
        control.pause();
        wait_until_stopped(true);
        control.lives_on();
        wait_until_stopped(false);
        assert_eq!(control.running(), None);
        // The next job begins while prun is paused.
        control.began(Some(child.pid), running(8));
        wait_until_stopped(true);
        control.resume();
        wait_until_stopped(false);
        assert!(control.suspend(8, Duration::from_secs(1)));
        wait_until_stopped(true);
        control.lives_on();
        wait_until_stopped(false);
        control.began(Some(child.pid), running(9));
        control.signal(libc::SIGKILL);
        control.ended();
        child.reap().unwrap();
    }
}
