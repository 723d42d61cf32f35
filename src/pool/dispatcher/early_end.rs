//! Stopping before the end: what a halt, a lost reader or an error means for jobs that run
//! and jobs that wait.

use std::io;

use rustix::fs::{FileType, fstat};
use rustix::io::Errno;

use super::Dispatcher;
use super::shutdown::RunPhase;
use crate::error::Error;
use crate::exec::termination::signal_sequence::SignalSequence;
use crate::observer::RunEvent;
use crate::os::clock::ClockReading;
use crate::os::startup;
use crate::output::WriteTarget;
use crate::policy::halt::HaltDecision;
use crate::pool::run_result::HaltCause;

impl Dispatcher {
    /// Applies `--halt` after an event that may decide it.
    pub(super) fn decide_halt(&mut self, cause: HaltCause) {
        let decision = self.shutdown.halt(&self.tally, cause);
        if decision != HaltDecision::Continue {
            self.reporter.tell(&RunEvent::Halted);
        }
        match decision {
            HaltDecision::Continue => {}
            HaltDecision::StopStarting => self.stop_starting(),
            HaltDecision::KillRunning => {
                self.stop_running(&self.setup.options.stop_signals.clone());
            }
        }
    }

    pub(super) fn stop_starting(&mut self) {
        self.shutdown.enter(RunPhase::Draining);
        for job in self.slots.take_back().into_iter().rev() {
            self.queue.put_back(job);
        }
        self.give_up_waiting();
    }

    /// Gives up the jobs that wait: each is skipped, or its last failed attempt counts.
    pub(super) fn give_up_waiting(&mut self) {
        for job in self.queue.close() {
            match self.output.take_failed(job.seq) {
                Some(failed) => self.conclude(failed),
                None => {
                    self.reporter.tell(&RunEvent::Skipped(&job));
                    self.plan_job_given_up(job.seq);
                }
            }
        }
        self.give_up_plan();
    }

    pub(super) fn stop_running(&mut self, signals: &SignalSequence) {
        self.stop_starting();
        self.shutdown.enter(RunPhase::Stopping);
        self.slots.stop(signals);
        self.hurry_services(signals);
    }

    /// Ends the run when the time of `--timeout-total` is over.
    pub(super) fn end_overdue_run(&mut self, now: ClockReading) {
        let is_over = self.next_deadline().is_some_and(|deadline| deadline <= now);
        if is_over && !self.is_finished() {
            if !self.shutdown.was_halted() {
                self.reporter.tell(&RunEvent::Halted);
            }
            self.shutdown.time_out();
            self.stop_running(&self.setup.options.stop_signals.clone());
        }
    }

    /// End of the time of the run, unless its jobs are being ended.
    pub(super) fn next_deadline(&self) -> Option<ClockReading> {
        let is_stopping = self.shutdown.phase() == RunPhase::Stopping;
        self.setup.options.total_time.filter(|_| !is_stopping)
    }

    /// Ends the run after output that could not be written.
    pub(super) fn undelivered(&mut self, target: WriteTarget, error: &io::Error) {
        let what = match (target, Errno::from_io_error(error)) {
            (WriteTarget::Stdout, Some(Errno::PIPE)) => return self.hung_up(),
            (WriteTarget::Stdout, Some(Errno::IO)) if is_device() => return self.hung_up(),
            (WriteTarget::Stdout, _) => "cannot write standard output".to_owned(),
            (WriteTarget::Stderr, _) => "cannot write standard error".to_owned(),
        };
        self.shutdown.fail(Error::new(what).because(error));
        match target {
            // It was closed from the start: the run goes on, and its status tells.
            WriteTarget::Stderr if !startup::was_open(2) => {}
            WriteTarget::Stdout | WriteTarget::Stderr => {
                self.reporter.tell(&RunEvent::OutputLost);
                self.stop_running(&SignalSequence::default());
            }
        }
    }

    /// Starts no more jobs after a record that could not be written.
    pub(super) fn record_lost(&mut self, error: Error) {
        self.shutdown.fail(error);
        self.stop_starting();
    }

    /// Ends the run after results that could not be kept: no job is worth running any more.
    pub(super) fn results_lost(&mut self, error: Error) {
        self.shutdown.fail(error);
        self.reporter.give_up_results();
        self.stop_running(&SignalSequence::default());
    }

    /// Ends the run when a job's output can wait nowhere until it is kept.
    pub(super) fn cannot_wait(&mut self, seq: u64) {
        self.results_lost(no_room(seq));
    }

    /// Ends the run when nobody will read what is printed: as any filter does, and where a
    /// terminal has gone, as that asks for.
    pub(super) fn hung_up(&mut self) {
        self.reporter.tell(&RunEvent::OutputLost);
        let (signal, reason) = if is_device() {
            (libc::SIGHUP, Errno::IO)
        } else {
            (libc::SIGPIPE, Errno::PIPE)
        };
        if self.shutdown.signal.is_some() {
            // Whoever stopped prun has stopped its reader, too.
        } else if startup::was_ignored(signal) {
            let error = Error::new("cannot write standard output");
            self.shutdown.fail(error.because(&reason.into()));
        } else {
            self.shutdown.signal = Some(signal);
        }
        match signal {
            libc::SIGHUP => self.stop_starting(),
            _ => self.stop_running(&SignalSequence::default()),
        }
    }
}

/// Error of an output that can wait nowhere.
pub(super) fn no_room(seq: u64) -> Error {
    let message = format!("cannot keep the output of job {seq}: no room for temporary files");
    Error::new(message).hint("--tmpdir DIR names a place with more room")
}

/// Tells whether standard output is a device: one that fails or hangs up is a terminal.
fn is_device() -> bool {
    fstat(rustix::stdio::stdout())
        .is_ok_and(|stat| FileType::from_raw_mode(stat.st_mode) == FileType::CharacterDevice)
}
