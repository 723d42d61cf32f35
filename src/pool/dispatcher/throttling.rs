//! Holding jobs back while the system is busy or short of memory, and ending the youngest
//! when it is very short.

use super::{Dispatcher, Phase, Waiting};
use crate::error::Error;
use crate::exec::over::Cause;
use crate::os::clock::Moment;
use crate::output::sequencer::Finished;
use crate::pool::Voice;
use crate::pool::limit::{self, Verdict};
use crate::pool::throttle::{Answer, Crowd};

impl Dispatcher {
    /// Whether the next job has to wait for the system.
    pub(super) fn is_throttled(&mut self) -> bool {
        if self.options.conditions.is_none() {
            return false;
        }
        let busy = self.slots.busy();
        let crowd = Crowd {
            busy,
            unstarted: busy.saturating_sub(self.slots.running().len()),
        };
        match self.throttle.ask(crowd, self.clock.now()) {
            Answer::Start => false,
            Answer::Wait => true,
            Answer::Consult(command) => {
                if limit::consult(&command, self.slots.events()).is_err() {
                    self.throttle.consulted(Verdict::Wait);
                }
                true
            }
            Answer::WaitAndSay(text) => {
                if self.options.voice != Voice::Silent {
                    self.screen.say(&text);
                }
                true
            }
        }
    }

    /// Ends the youngest job if memory is scarce, one at a time.
    pub(super) fn relieve_memory(&mut self, now: Moment) {
        if self.phase != Phase::Running || !self.throttle.is_memory_scarce(now) {
            return;
        }
        self.end_youngest();
    }

    /// What the command of `--limit` has said.
    pub(super) fn limited(&mut self, verdict: Verdict) {
        match verdict {
            Verdict::Missing if self.phase == Phase::Running => {
                self.fail(Error::new("the command of --limit cannot be run").hint(
                    "--limit COMMAND ends with 0 (start), 1 (wait) or 2 (stop the youngest job)",
                ));
                self.stop_starting();
            }
            Verdict::EndYoungest if self.phase == Phase::Running => self.end_youngest(),
            _ => {}
        }
        self.throttle.consulted(verdict);
    }

    fn end_youngest(&mut self) {
        // The oldest one goes on: ended, it would only start again, and none would ever
        // end by itself.
        if let ([_, .., youngest], None) = (&self.slots.running()[..], self.evicted)
            && self
                .slots
                .end(youngest.seq, Cause::Request, &self.options.ladder)
        {
            self.evicted = Some(youngest.seq);
        }
    }

    /// Takes note of an attempt that is over. Returns it unless it was one that had to
    /// make room: that job waits to run again, as if it had never started.
    pub(super) fn put_back(&mut self, finished: Finished) -> Option<Finished> {
        let job = &finished.report.job;
        let evicted = self.evicted.take_if(|seq| *seq == job.seq).is_some();
        if !evicted || !finished.report.outcome.is_stopped() || self.phase != Phase::Running {
            return Some(finished);
        }
        if self.options.voice != Voice::Silent {
            self.screen.say(&format!(
                "prun: job {} was stopped to make room and will run again\n",
                job.seq
            ));
        }
        let job = job.clone();
        let first_try = job.attempt == 1;
        self.started -= u64::from(first_try);
        self.waiting.push_front(Waiting {
            job,
            // If it never runs again, a job that had failed before was at least tried.
            failed: (!first_try).then(|| Box::new(finished)),
        });
        None
    }
}
