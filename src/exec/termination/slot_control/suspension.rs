//! Suspension of a job's processes while memory is short.

use std::time::Duration;

use rustix::process::Signal;

use super::{SlotControl, SlotControlState, signal};
use crate::os::clock::ClockReading;

impl SlotControl {
    /// Suspends the processes of job `seq`, unless it has ended, has none, or is being ended.
    /// Returns whether it was not suspended before.
    ///
    /// `SIGSTOP`, unlike the `SIGTSTP` of Ctrl-Z, cannot be caught or ignored: a job that went
    /// on would go on taking memory.
    pub(crate) fn suspend(&self, seq: u64, now: ClockReading) -> bool {
        let mut state = self.state();
        let is_ending = state.is_ending || state.stop.is_some();
        if !state.is_running(seq) || is_ending || state.leader.is_none() || state.is_suspended() {
            return false;
        }
        if let Some(running) = &mut state.running {
            running.suspended = Some(now);
        }
        signal(state.leader, Signal::STOP);
        true
    }

    /// Lets the processes of job `seq` go on, if it was suspended and has not ended.
    pub(crate) fn unsuspend(&self, seq: u64, now: ClockReading) {
        let mut state = self.state();
        if !state.is_running(seq) {
            return;
        }
        state.end_suspension(now);
        if !state.paused {
            signal(state.leader, Signal::CONT);
        }
        // Its time limit counts again.
        self.wake.wake();
    }

    /// Takes note that the job is about to be ended. The signals for that, each with `SIGCONT`
    /// behind it, end a suspension.
    pub(crate) fn begin_end(&self, now: ClockReading) {
        let mut state = self.state();
        state.is_ending = true;
        state.end_suspension(now);
    }

    /// Tells whether the job is suspended.
    pub(crate) fn is_suspended(&self) -> bool {
        self.state().is_suspended()
    }

    /// Time from which the limit of the running attempt counts; `None` while it is suspended.
    pub(crate) fn counts_since(&self) -> Option<ClockReading> {
        let running = self.state().running?;
        running.suspended.is_none().then_some(running.since)
    }

    /// Time for which the latest attempt was suspended.
    pub(crate) fn suspended_for(&self) -> Duration {
        self.state().suspended_for
    }
}

impl SlotControlState {
    fn is_running(&self, seq: u64) -> bool {
        self.running.is_some_and(|running| running.seq == seq)
    }

    pub(super) fn is_suspended(&self) -> bool {
        let suspended = self.running.and_then(|running| running.suspended);
        suspended.is_some()
    }

    /// Moves the start of a suspended attempt on, as if it had not been there meanwhile.
    fn end_suspension(&mut self, now: ClockReading) {
        if let Some(running) = &mut self.running
            && let Some(suspended) = running.suspended.take()
        {
            let time = now.saturating_sub(suspended);
            running.since += time;
            self.suspended_for += time;
        }
    }

    /// Stops a process that is new to a job whose others are stopped.
    pub(super) fn hold_back(&self) {
        if self.paused {
            signal(self.leader, Signal::TSTP);
        }
        if self.is_suspended() {
            signal(self.leader, Signal::STOP);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exec::termination::signal_sequence::SignalSequence;
    use crate::exec::termination::slot_control::tests::shell;
    use crate::exec::termination::{AttemptLimits, LeakPolicy, StopReason};
    use crate::job::RunningAttempt;
    use crate::os::child::Child;
    use crate::policy::statuses::SuccessStatuses;
    use std::sync::Arc;

    const fn second(count: u64) -> ClockReading {
        ClockReading::from_secs(count)
    }

    fn running(since: ClockReading) -> RunningAttempt {
        RunningAttempt {
            since,
            ..RunningAttempt::new(7, 1, second(3))
        }
    }

    /// A control with a job that sleeps and runs since second 3.
    fn sleeping() -> (Arc<SlotControl>, Child) {
        let child = shell("exec sleep 60");
        let control = SlotControl::new(1, 1, &Arc::default()).unwrap();
        control.began(Some(child.pid), running(second(3)));
        (control, child)
    }

    fn kill(control: &SlotControl, child: Child) {
        control.signal(libc::SIGKILL);
        control.ended();
        child.reap().unwrap();
    }

    #[test]
    fn the_time_of_a_suspension_counts_for_no_limit() {
        let (control, child) = sleeping();
        let limits = AttemptLimits {
            timeout: Some(second(10)),
            timeout_signals: SignalSequence::default(),
            leak: LeakPolicy::Warn,
            success: SuccessStatuses::default(),
        };
        assert_eq!(limits.deadline(&control), Some(second(13)));
        assert!(control.suspend(7, second(5)));
        assert!(!control.suspend(7, second(6)));
        assert_eq!(limits.deadline(&control), None);
        assert_eq!(limits.overdue(&control, second(99)), None);
        assert_eq!(control.running().unwrap().runtime(second(60)), second(2));
        control.unsuspend(7, second(9));
        assert_eq!(limits.deadline(&control), Some(second(17)));
        assert!(control.suspend(7, second(10)));
        control.unsuspend(7, second(11));
        assert_eq!(control.running(), Some(running(second(8))));
        assert_eq!(control.suspended_for(), second(5));
        assert!(limits.overdue(&control, second(18)).is_some());
        // The next attempt begins anew.
        assert!(control.may_begin());
        control.began(Some(child.pid), RunningAttempt::new(7, 1, second(20)));
        assert_eq!(control.suspended_for(), second(0));
        kill(&control, child);
    }

    #[test]
    fn a_job_that_is_being_ended_is_not_suspended() {
        let (control, child) = sleeping();
        assert!(control.suspend(7, second(4)));
        control.begin_end(second(6));
        assert!(!control.is_suspended());
        assert!(!control.suspend(7, second(7)));
        assert_eq!(control.suspended_for(), second(2));
        kill(&control, child);

        let (control, child) = sleeping();
        assert!(control.end(7, StopReason::Request, &SignalSequence::default()));
        assert!(!control.suspend(7, second(4)));
        kill(&control, child);
    }

    #[test]
    fn a_job_without_processes_is_not_suspended() {
        let control = SlotControl::new(1, 1, &Arc::default()).unwrap();
        assert!(!control.suspend(7, second(1)));
        control.began(None, running(second(3)));
        assert!(!control.suspend(7, second(4)));
    }
}
