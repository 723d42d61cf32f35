//! Interface of executors, by which the pool runs attempts of jobs.

use std::io;

use crate::builtin::{CommitError, OnSuccess};
use crate::exec::capture::{OutputCapture, OutputStream};
use crate::exec::termination::AttemptLimits;
use crate::exec::termination::slot_control::SlotControl;
use crate::job::{ExecutionHost, Job, Outcome};
use crate::os::child::{ExitStatus, ResourceUsage};

/// Runs jobs for all slots at once.
pub(crate) trait Executor: Send + Sync {
    /// Host that runs the jobs of slot number `slot`.
    fn host(&self, slot: usize) -> ExecutionHost;

    /// Runs one attempt and returns when it has ended.
    ///
    /// Output goes to `capture`, which has to be asked now and then what may leave
    /// ([`OutputCapture::flush`], [`OutputCapture::answer`]) and whether more is accepted.
    /// The attempt is told by [`OutputCapture::report_start`], [`SlotControl::began`] and [`SlotControl::ended`]; requests to
    /// stop come by [`SlotControl::take_stop`]. A pause is a signal to the local process
    /// group, and no request.
    ///
    /// # Errors
    /// Processes, descriptors or memory are short (`EAGAIN`, `ENOMEM`, `EMFILE`, ...):
    /// nothing was started, and the same attempt may succeed later.
    fn run(
        &self,
        job: &Job,
        capture: &mut OutputCapture<'_>,
        control: &SlotControl,
    ) -> io::Result<AttemptEnd>;

    /// Tells whether processes live on between the jobs of a slot: then every slot has to end
    /// before the run does.
    fn keeps_processes(&self) -> bool {
        false
    }

    /// Ends what lives on in a slot, and returns when it has. Called once by the slot's thread,
    /// which runs no more jobs; requests to stop come as in an attempt.
    fn end_slot(&self, _control: &SlotControl) -> SlotRemains {
        SlotRemains::default()
    }
}

/// What is left to print when a slot has ended.
#[derive(Debug, Default)]
pub(crate) struct SlotRemains {
    /// Whole lines.
    pub warning: Option<String>,
    /// What its processes wrote to standard error after the last job.
    pub stderr: Vec<u8>,
}

/// End of an attempt, as far as the executor can tell.
#[derive(Debug)]
pub(crate) struct AttemptEnd {
    pub outcome: Outcome,
    pub usage: ResourceUsage,
    /// Bytes written to its standard input.
    pub sent: u64,
    /// A process that it left behind still held its output.
    pub leaked: bool,
}

impl AttemptEnd {
    /// Commits the work of a built-in, if the job has succeeded. If that fails, the job has
    /// failed.
    pub(crate) fn settle(
        mut self,
        on_success: Option<OnSuccess>,
        limits: &AttemptLimits,
        capture: &mut OutputCapture<'_>,
    ) -> AttemptEnd {
        let on_success = on_success.filter(|_| self.outcome.is_success());
        if let Some(Err(CommitError { message, status })) = on_success.map(OnSuccess::commit) {
            capture.feed(OutputStream::Stderr, message.as_bytes());
            self.outcome = limits.outcome(ExitStatus::Exited(status));
        }
        self
    }
}

impl From<Outcome> for AttemptEnd {
    /// End of an attempt of which no more is known, as of one that never became a process.
    fn from(outcome: Outcome) -> Self {
        AttemptEnd {
            outcome,
            usage: ResourceUsage::default(),
            sent: 0,
            leaked: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;
    use crate::exec::capture::{OutputDestination, OutputRelease};
    use crate::exec::termination::LeakPolicy;
    use crate::exec::termination::signal_sequence::SignalSequence;
    use crate::spool::SpoolBudget;

    /// Outcome of an attempt with something to commit, standard error, number of commits.
    fn settled(outcome: Outcome, kept: Result<(), CommitError>) -> (Outcome, Vec<u8>, u32) {
        let count = Arc::new(AtomicU32::new(0));
        let counter = Arc::clone(&count);
        let on_success = OnSuccess::new(move || {
            counter.fetch_add(1, Ordering::SeqCst);
            kept
        });
        let limits = AttemptLimits {
            timeout: None,
            timeout_signals: SignalSequence::default(),
            leak: LeakPolicy::Warn,
            success: "3".parse().unwrap(),
        };
        let (budget, mut emit) = (Arc::<SpoolBudget>::default(), |_| {});
        let mut capture = OutputCapture::new(
            OutputDestination::Capture,
            OutputRelease::Held,
            None,
            &budget,
            &mut emit,
        );
        let ended = AttemptEnd::from(outcome).settle(Some(on_success), &limits, &mut capture);
        let said = capture.stderr.spool.tail(100).to_vec();
        (ended.outcome, said, count.load(Ordering::SeqCst))
    }

    #[test]
    fn a_success_alone_commits() {
        for success in [Outcome::Exited(0), Outcome::Accepted(3)] {
            let expected = (success.clone(), Vec::new(), 1);
            assert_eq!(settled(success, Ok(())), expected);
        }
        for outcome in [
            Outcome::Exited(1),
            Outcome::Signaled(libc::SIGPIPE),
            Outcome::TimedOut(libc::SIGTERM),
            Outcome::Stopped(libc::SIGTERM),
            Outcome::Leaked,
            Outcome::Refused("it cannot be".to_owned()),
        ] {
            let expected = (outcome.clone(), Vec::new(), 0);
            assert_eq!(settled(outcome, Ok(())), expected);
        }
    }

    #[test]
    fn a_commit_that_fails_is_a_failure() {
        let error = CommitError {
            message: "no room\n".to_owned(),
            status: 2,
        };
        let expected = (Outcome::Exited(2), b"no room\n".to_vec(), 1);
        assert_eq!(settled(Outcome::Exited(0), Err(error)), expected);
    }
}
