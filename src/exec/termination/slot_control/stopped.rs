//! Jobs that are stopped, though prun has not stopped them.

use super::SlotControl;
use crate::exec::termination::StopReason;
use crate::exec::termination::signal_sequence::SignalSequence;
use crate::os::clock::ClockReading;
use crate::os::terminal;
use crate::os::wait;

impl SlotControl {
    /// A job that has run since `before` and is stopped, with the signal that did it. Each
    /// attempt is told once.
    pub(crate) fn stopped_job(&self, before: ClockReading) -> Option<(u64, i32)> {
        // Held until the end, so that the leader is not reaped meanwhile.
        let mut state = self.state();
        let job = state.running.filter(|running| running.since <= before)?;
        if state.paused || state.is_suspended() || state.told || state.denied {
            return None;
        }
        let signal = wait::stop_signal(state.leader?)?;
        state.told = true;
        Some((job.seq, signal))
    }

    /// Ends the job if the kernel has stopped it because it reads the terminal (SIGTTIN) or
    /// sets it (SIGTTOU) without having it: it would wait for ever. Returns whether prun has to
    /// stop instead: where jobs may have the terminal (`--tty`), Ctrl-Z stops the job alone,
    /// and one that has none now may get it later.
    pub(crate) fn deny_terminal(&self) -> bool {
        let mut state = self.state();
        let is_held = state.paused || state.is_suspended();
        if state.running.is_none() || is_held || state.stopped || state.denied {
            return false;
        }
        match state.leader.and_then(wait::stop_signal) {
            Some(libc::SIGTSTP | libc::SIGTTIN | libc::SIGTTOU) if terminal::is_for_jobs() => true,
            Some(libc::SIGTTIN | libc::SIGTTOU) => {
                state.denied = true;
                // An interactive shell ignores SIGTERM; this is what tells it that there is no
                // terminal for it any more.
                state.stop = Some((
                    StopReason::Terminal,
                    SignalSequence::starting_with(libc::SIGHUP),
                ));
                self.wake.wake();
                false
            }
            _ => false,
        }
    }
}
