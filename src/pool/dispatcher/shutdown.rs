//! Stopping before the end: what a signal, a lost reader or an error means for jobs
//! that run and jobs that wait.

use std::io;
use std::time::{Duration, Instant};

use rustix::fs::{FileType, fstat};
use rustix::io::Errno;

use super::{Dispatcher, RunPhase};
use crate::error::Error;
use crate::exec::termination::signal_sequence::SignalSequence;
use crate::os::child::continue_starts;
use crate::os::{orphans, signal, startup, terminal};
use crate::output::writer::WriteTarget;
use crate::pool::Verbosity;

/// The same signal again within this time is the same key press: a terminal and a
/// parent may both have sent it.
const SAME_SIGNAL: Duration = Duration::from_millis(50);

impl Dispatcher {
    /// Keeps the first error: later ones may follow from it.
    pub(super) fn fail(&mut self, error: Error) {
        self.error.get_or_insert(error);
    }

    pub(super) fn stop_starting(&mut self) {
        self.phase = self.phase.max(RunPhase::Draining);
        self.demand = None;
        let returned = self.slots.take_back();
        self.started -= returned;
        self.unstarted += returned;
        for waiting in std::mem::take(&mut self.waiting) {
            self.unstarted += u64::from(waiting.job.attempt == 1);
            // There will be no further attempt: the last one counts.
            if let Some(failed) = waiting.failed {
                self.conclude(*failed);
            }
        }
    }

    pub(super) fn stop_running(&mut self, signal_sequence: &SignalSequence) {
        self.stop_starting();
        self.phase = RunPhase::Stopping;
        self.slots.stop(signal_sequence);
    }

    pub(super) fn signalled(&mut self, signal: i32) {
        match signal {
            libc::SIGCHLD => {
                orphans::reap();
                self.deny_terminal();
            }
            libc::SIGXCPU => self.out_of_time(),
            libc::SIGTSTP => self.pause(),
            libc::SIGUSR1 => self.slots.ask(),
            // It turns progress on and off in GNU parallel: nothing to die of.
            libc::SIGUSR2 => {}
            libc::SIGCONT => {
                if !std::mem::take(&mut self.has_paused) {
                    // SIGSTOP gave no time to erase anything, and a shell has written since.
                    self.reporter.abandon_display();
                }
                continue_starts();
                self.slots.resume();
            }
            libc::SIGHUP => {
                // GNU parallel ends as if there had been no more input.
                if self.options.verbosity != Verbosity::Silent {
                    self.signal.get_or_insert(signal);
                }
                self.stop_starting();
            }
            _ => self.interrupted(signal),
        }
    }

    /// The first signal is passed on to the jobs, which have two seconds; another one
    /// kills them.
    pub(super) fn interrupted(&mut self, signal: i32) {
        let now = Instant::now();
        let signal_sequence = match self.last_signal {
            Some((last, when)) if last == signal && now - when < SAME_SIGNAL => return,
            Some(_) => SignalSequence::kill(),
            None => SignalSequence::starting_with(signal),
        };
        self.last_signal = Some((signal, now));
        if signal_sequence != SignalSequence::kill() {
            self.signal = Some(signal);
        }
        self.stop_running(&signal_sequence);
    }

    /// Jobs that wait for a terminal that they do not have are ended.
    pub(super) fn deny_terminal(&mut self) {
        if self.slots.deny_terminal() {
            self.pause();
        }
    }

    /// The kernel says it every second from now on, and kills prun at the hard limit.
    fn out_of_time(&mut self) {
        if self.phase < RunPhase::Stopping {
            let error = Error::new("the CPU time is used up");
            self.fail(error.hint("ulimit -t shows the limit"));
            self.stop_running(&SignalSequence::default());
        }
    }

    /// Stops the jobs, then prun, as a shell expects of Ctrl-Z.
    pub(super) fn pause(&mut self) {
        self.reporter.clear();
        self.clock.freeze();
        self.slots.pause();
        terminal::take_back();
        signal::stop_self();
        self.has_paused = true;
        self.clock.thaw();
        self.slots.resume();
    }

    pub(super) fn undelivered(&mut self, target: WriteTarget, error: &io::Error) {
        let what = match (target, Errno::from_io_error(error)) {
            (WriteTarget::Stdout, Some(Errno::PIPE)) => return self.hung_up(),
            (WriteTarget::Stdout, Some(Errno::IO)) if is_device() => return self.hung_up(),
            (WriteTarget::Stdout, _) => "cannot write standard output".to_owned(),
            (WriteTarget::Stderr, _) => "cannot write standard error".to_owned(),
            (WriteTarget::Log, _) => format!("cannot write the job log '{}'", self.log_name),
        };
        self.fail(Error::new(what).because(error));
        match target {
            WriteTarget::Log => self.stop_starting(),
            // It was closed from the start: the run goes on, and its status tells.
            WriteTarget::Stderr if !startup::was_open(2) => {}
            WriteTarget::Stdout | WriteTarget::Stderr => {
                self.reporter.mute();
                self.stop_running(&SignalSequence::default());
            }
        }
    }

    /// Results are lost: nothing more is worth running.
    pub(super) fn unkept(&mut self, error: Error) {
        self.fail(error);
        self.reporter.give_up_keeping();
        self.stop_running(&SignalSequence::default());
    }

    /// A job's output has no place to wait in until it can be kept.
    pub(super) fn cannot_wait(&mut self, seq: u64) {
        let message = format!("cannot keep the output of job {seq}: no room for temporary files");
        self.unkept(Error::new(message).hint("--tmpdir DIR names a place with more room"));
    }

    /// Nobody will read what is printed: prun ends as any filter does, and where a
    /// terminal has gone, as that asks for.
    pub(super) fn hung_up(&mut self) {
        self.reporter.mute();
        let (signal, reason) = match is_device() {
            true => (libc::SIGHUP, Errno::IO),
            false => (libc::SIGPIPE, Errno::PIPE),
        };
        if self.signal.is_some() {
            // Whoever stopped prun has stopped its reader, too.
        } else if startup::was_ignored(signal) {
            self.fail(Error::new("cannot write standard output").because(&reason.into()));
        } else {
            self.signal.get_or_insert(signal);
        }
        match signal {
            libc::SIGHUP => self.stop_starting(),
            _ => self.stop_running(&SignalSequence::default()),
        }
    }
}

/// Whether standard output is a device: one that fails or hangs up is a terminal.
fn is_device() -> bool {
    fstat(rustix::stdio::stdout())
        .is_ok_and(|stat| FileType::from_raw_mode(stat.st_mode) == FileType::CharacterDevice)
}
