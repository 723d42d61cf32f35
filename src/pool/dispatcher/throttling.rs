//! Holding jobs back while the system is busy or short of memory, and ending the youngest
//! when it is very short.

use super::{Dispatcher, RunPhase, WaitingJob};
use crate::error::Error;
use crate::exec::termination::StopReason;
use crate::os::clock::ClockReading;
use crate::output::sequencer::FinishedJob;
use crate::pool::Verbosity;
use crate::pool::limit_command::{self, LimitAnswer};
use crate::pool::throttle::{RunningCounts, StartDecision};

impl Dispatcher {
    /// Whether the next job has to wait for the system.
    pub(super) fn is_throttled(&mut self) -> bool {
        if self.options.conditions.is_none() {
            return false;
        }
        let busy = self.slots.busy();
        let running_counts = RunningCounts {
            busy,
            unstarted: busy.saturating_sub(self.slots.running().len()),
        };
        match self.throttle.ask(running_counts, self.clock.now()) {
            StartDecision::Start => false,
            StartDecision::Wait => true,
            StartDecision::Consult(command) => {
                if limit_command::consult(&command, self.slots.events()).is_err() {
                    self.throttle.consulted(LimitAnswer::Wait);
                }
                true
            }
            StartDecision::WaitAndSay(text) => {
                if self.options.verbosity != Verbosity::Silent {
                    self.reporter.say(&text);
                }
                true
            }
        }
    }

    /// Ends the youngest job if memory is scarce, one at a time.
    pub(super) fn relieve_memory(&mut self, now: ClockReading) {
        if self.phase != RunPhase::Running || !self.throttle.is_memory_scarce(now) {
            return;
        }
        self.end_youngest();
    }

    /// What the command of `--limit` has said.
    pub(super) fn limited(&mut self, verdict: LimitAnswer) {
        match verdict {
            LimitAnswer::Missing if self.phase == RunPhase::Running => {
                self.fail(Error::new("the command of --limit cannot be run").hint(
                    "--limit COMMAND ends with 0 (start), 1 (wait) or 2 (stop the youngest job)",
                ));
                self.stop_starting();
            }
            LimitAnswer::EndYoungest if self.phase == RunPhase::Running => self.end_youngest(),
            _ => {}
        }
        self.throttle.consulted(verdict);
    }

    fn end_youngest(&mut self) {
        // The oldest one goes on: ended, it would only start again, and none would ever
        // end by itself.
        if let ([_, .., youngest], None) = (&self.slots.running()[..], self.evicted)
            && self.slots.end(
                youngest.seq,
                StopReason::Request,
                &self.options.signal_sequence,
            )
        {
            self.evicted = Some(youngest.seq);
        }
    }

    /// Takes note of an attempt that is over. Returns it unless it was one that had to
    /// make room: that job waits to run again, as if it had never started.
    pub(super) fn put_back(&mut self, finished: FinishedJob) -> Option<FinishedJob> {
        let job = &finished.report.job;
        let evicted = self.evicted.take_if(|seq| *seq == job.seq).is_some();
        if !evicted || !finished.report.outcome.is_stopped() || self.phase != RunPhase::Running {
            return Some(finished);
        }
        if self.options.verbosity != Verbosity::Silent {
            self.reporter.say(&format!(
                "prun: job {} was stopped to make room and will run again\n",
                job.seq
            ));
        }
        let job = job.clone();
        let first_try = job.attempt == 1;
        self.started -= u64::from(first_try);
        self.waiting.push_front(WaitingJob {
            job,
            // If it never runs again, a job that had failed before was at least tried.
            failed: (!first_try).then(|| Box::new(finished)),
        });
        None
    }
}
