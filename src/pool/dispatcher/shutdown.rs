//! The way of a run to its end: by itself, by `--halt`, by a signal, or by an error.

use crate::error::Error;
use crate::exec::termination::end_requests::{EndRequest, EndRequests};
use crate::exec::termination::signal_sequence::SignalSequence;
use crate::policy::halt::{HaltDecision, HaltRule};
use crate::pool::run_result::{HaltCause, RunResult};
use crate::tally::Tally;

/// Phase of a run, by what may still happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum RunPhase {
    /// Jobs are started.
    Running,
    /// No job is started; those that run may end by themselves.
    Draining,
    /// No job is started; those that run are being ended.
    Stopping,
}

/// Phase of the run, and the reasons why it ends.
pub(super) struct Shutdown {
    phase: RunPhase,
    rule: HaltRule,
    halted: HaltCause,
    /// The time of `--timeout-total` ended the run.
    pub is_time_over: bool,
    /// Signal that prun has to die by.
    pub signal: Option<i32>,
    requests: EndRequests,
    /// First error: later ones may follow from it.
    error: Option<Error>,
}

impl Shutdown {
    /// A run that goes on until `rule` halts it.
    pub(super) fn new(rule: HaltRule) -> Self {
        Shutdown {
            phase: RunPhase::Running,
            rule,
            halted: HaltCause::No,
            is_time_over: false,
            signal: None,
            requests: EndRequests::default(),
            error: None,
        }
    }

    pub(super) fn phase(&self) -> RunPhase {
        self.phase
    }

    pub(super) fn is_running(&self) -> bool {
        self.phase == RunPhase::Running
    }

    /// Enters a phase, from which there is no way back.
    pub(super) fn enter(&mut self, phase: RunPhase) {
        self.phase = self.phase.max(phase);
    }

    pub(super) fn fail(&mut self, error: Error) {
        self.error.get_or_insert(error);
    }

    /// Applies `--halt` after an event that may decide it.
    pub(super) fn halt(&mut self, tally: &Tally, cause: HaltCause) -> HaltDecision {
        if self.phase != RunPhase::Running {
            return HaltDecision::Continue;
        }
        let decision = self.rule.decide(tally);
        if decision != HaltDecision::Continue {
            self.halted = cause;
        }
        decision
    }

    /// Takes note that the time of the run is over. A rule that has halted it before decides its
    /// status.
    pub(super) fn time_out(&mut self) {
        self.is_time_over = true;
        if self.halted == HaltCause::No {
            self.halted = HaltCause::TimeOver;
        }
    }

    /// Signals for the jobs when prun gets `signal`: the first one is passed on, and jobs have
    /// two seconds; another one kills them.
    pub(super) fn escalate(&mut self, signal: i32) -> Option<SignalSequence> {
        match self.requests.receive(signal) {
            EndRequest::Same => None,
            EndRequest::Another => Some(SignalSequence::kill()),
            EndRequest::First => {
                self.signal = Some(signal);
                Some(SignalSequence::starting_with(signal))
            }
        }
    }

    /// Tells whether a signal has asked for the end.
    pub(super) fn was_signalled(&self) -> bool {
        self.requests.have_come()
    }

    pub(super) fn error(&self) -> Option<&Error> {
        self.error.as_ref()
    }

    pub(super) fn was_halted(&self) -> bool {
        self.halted != HaltCause::No
    }

    /// Tells whether a signal or an error ends the run before all jobs had their turn.
    pub(super) fn ends_early(&self) -> bool {
        self.signal.is_some() || self.error.is_some()
    }

    pub(super) fn result(self, tally: Tally) -> RunResult {
        RunResult {
            tally,
            halted: self.halted,
            signal: self.signal,
            error: self.error,
        }
    }
}
