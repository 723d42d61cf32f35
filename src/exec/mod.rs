//! Running one attempt of a job, from its start to its end. Knows nothing of other
//! jobs, of order, or of the run.

pub mod agenda;
pub mod builtin;
pub mod capture;
pub mod communicate;
pub mod control;
pub mod course;
pub mod directory;
pub mod dress;
pub mod fill;
pub mod filter;
pub mod filters;
pub mod gate;
pub mod in_flight;
pub mod latest;
pub mod launcher;
pub mod link;
pub mod local;
pub mod over;
pub mod programs;
pub mod redirect;
pub mod shortage;
pub mod stop;

use std::io;

use crate::builtin::{Broken, Pledge};
use crate::job::{Job, Outcome};
use crate::os::child::Usage;

use capture::{Capture, Stream};
use control::Control;

/// How an attempt ended, as far as the executor can tell.
#[derive(Debug)]
pub struct Ended {
    /// What became of it.
    pub outcome: Outcome,
    /// What it used.
    pub usage: Usage,
    /// Whether a process that it left behind still held its output.
    pub leaked: bool,
}

impl Ended {
    /// Does what a built-in has left to be done, if the job has succeeded. If it cannot be
    /// done, the job has not.
    fn settle(mut self, pledge: Option<Pledge>, capture: &mut Capture<'_>) -> Ended {
        let pledge = pledge.filter(|_| self.outcome.is_success());
        if let Some(Err(Broken { message, status })) = pledge.map(Pledge::keep) {
            capture.feed(Stream::Stderr, message.as_bytes());
            self.outcome = Outcome::Exited(status);
        }
        self
    }
}

impl From<Outcome> for Ended {
    /// The end of an attempt that never became a process.
    fn from(outcome: Outcome) -> Self {
        Ended {
            outcome,
            usage: Usage::default(),
            leaked: false,
        }
    }
}

/// Something that can run a job: by a local process, or by a built-in.
pub trait Executor: Sync {
    /// Runs one attempt and returns when it is over. Output goes to `capture`, requests
    /// to stop or to pause come by `control`.
    ///
    /// # Errors
    /// There is no room for a process at present (`EAGAIN`, `ENOMEM`, `EMFILE`, ...):
    /// nothing was started, and the same attempt may succeed later.
    fn run(&self, job: &Job, capture: &mut Capture<'_>, control: &Control) -> io::Result<Ended>;
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;
    use crate::spool::Budget;
    use capture::{Flow, Output};

    /// What becomes of an attempt with a pledge, what was said, and how often it was kept.
    fn settled(outcome: Outcome, kept: Result<(), Broken>) -> (Outcome, Vec<u8>, u32) {
        let count = Arc::new(AtomicU32::new(0));
        let counter = Arc::clone(&count);
        let pledge = Pledge::new(move || {
            counter.fetch_add(1, Ordering::SeqCst);
            kept
        });
        let (budget, mut emit) = (Arc::<Budget>::default(), |_| {});
        let mut capture = Capture::new(Output::Capture, Flow::Held, None, &budget, &mut emit);
        let ended = Ended::from(outcome).settle(Some(pledge), &mut capture);
        let said = capture.stderr.spool.tail(100).to_vec();
        (ended.outcome, said, count.load(Ordering::SeqCst))
    }

    #[test]
    fn a_pledge_is_kept_by_a_success_only() {
        let success = Outcome::Exited(0);
        let expected = (success.clone(), Vec::new(), 1);
        assert_eq!(settled(success, Ok(())), expected);
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
    fn a_pledge_that_cannot_be_kept_is_a_failure() {
        let broken = Broken {
            message: "no room\n".to_owned(),
            status: 2,
        };
        let expected = (Outcome::Exited(2), b"no room\n".to_vec(), 1);
        assert_eq!(settled(Outcome::Exited(0), Err(broken)), expected);
    }
}
