//! Signals to prun: what they mean for jobs that run and jobs that wait.

use super::Dispatcher;
use super::shutdown::RunPhase;
use crate::error::Error;
use crate::exec::termination::signal_sequence::SignalSequence;
use crate::log::remarks::Verbosity;
use crate::os::child::continue_starts;
use crate::os::{orphans, signal, terminal};
use crate::policy::user_signals::UserSignalEffect;

impl Dispatcher {
    pub(super) fn signalled(&mut self, signal: i32) {
        match signal {
            libc::SIGCHLD => {
                orphans::reap();
                self.deny_terminal();
            }
            libc::SIGXCPU => self.cpu_time_ended(),
            libc::SIGTSTP => self.pause(),
            libc::SIGUSR1 => self.apply_user_signal(self.setup.options.user_signals.usr1),
            libc::SIGUSR2 => self.apply_user_signal(self.setup.options.user_signals.usr2),
            libc::SIGCONT => {
                if !std::mem::take(&mut self.has_paused) {
                    // SIGSTOP gave no time to erase anything, and a shell has written since.
                    self.reporter.abandon_display();
                }
                continue_starts();
                self.slots.resume();
                self.resume_services();
            }
            libc::SIGHUP => {
                // GNU parallel ends as if there had been no more input.
                if self.setup.options.verbosity != Verbosity::Silent {
                    self.shutdown.signal.get_or_insert(signal);
                }
                self.stop_starting();
            }
            _ => self.interrupted(signal),
        }
    }

    fn apply_user_signal(&mut self, effect: UserSignalEffect) {
        let slots = self.admission.slots();
        match effect {
            UserSignalEffect::AddSlot => self.change_slots(slots + 1),
            UserSignalEffect::RemoveSlot => self.change_slots(slots.saturating_sub(1).max(1)),
            UserSignalEffect::ListJobs => {
                self.slots.ask();
                self.list_delayed();
            }
            UserSignalEffect::Nothing => {}
        }
    }

    /// Tells how many jobs wait for the time of their retry.
    fn list_delayed(&mut self) {
        let now = self.setup.clock.now();
        if let Some(next) = self.queue.next_retry() {
            let (count, seconds) = (self.queue.delayed(), next.saturating_sub(now).as_secs());
            let s = if count == 1 { " waits" } else { "s wait" };
            let text = format!("prun: {count} job{s} for a retry, the next one for {seconds}s\n");
            self.reporter.say(text);
        }
    }

    /// Ends the running jobs by a signal that asks for the end of the run.
    pub(super) fn interrupted(&mut self, signal: i32) {
        if let Some(signals) = self.shutdown.escalate(signal) {
            self.stop_running(&signals);
        }
    }

    /// Ends jobs that wait for a terminal that they do not have.
    pub(super) fn deny_terminal(&mut self) {
        if self.slots.deny_terminal() {
            self.pause();
        }
    }

    /// The kernel tells it every second from now on, and kills prun at the hard limit.
    fn cpu_time_ended(&mut self) {
        if self.shutdown.phase() < RunPhase::Stopping {
            let error = Error::new("the CPU time is used up");
            self.shutdown.fail(error.hint("ulimit -t shows the limit"));
            self.stop_running(&SignalSequence::default());
        }
    }

    /// Stops the jobs, then prun, as a shell expects of Ctrl-Z.
    pub(super) fn pause(&mut self) {
        self.reporter.clear();
        self.setup.clock.freeze();
        self.slots.pause();
        self.pause_services();
        terminal::take_back();
        signal::stop_self();
        self.has_paused = true;
        self.setup.clock.thaw();
        self.slots.resume();
        self.resume_services();
    }
}
