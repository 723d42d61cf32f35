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
