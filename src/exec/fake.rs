//! An executor that starts no process, for tests of the pool.

use std::io;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::exec::capture::OutputCapture;
use crate::exec::executor::{AttemptEnd, Executor};
use crate::exec::termination::slot_control::SlotControl;
use crate::job::{ExecutionHost, Job, Outcome};

/// Asks a function how an attempt ends, and counts.
pub(crate) struct FakeExecutor<F> {
    rule: F,
    /// Numbers of the jobs that ran, in the order of their starts.
    pub ran: Mutex<Vec<u64>>,
    running: AtomicUsize,
    /// Most attempts that ran at once.
    pub most: AtomicUsize,
}

impl<F> FakeExecutor<F> {
    pub(crate) fn new(rule: F) -> FakeExecutor<F> {
        FakeExecutor {
            rule,
            ran: Mutex::default(),
            running: AtomicUsize::new(0),
            most: AtomicUsize::new(0),
        }
    }
}

impl<F: Fn(&Job) -> io::Result<Outcome> + Send + Sync> Executor for FakeExecutor<F> {
    fn host(&self, _: usize) -> ExecutionHost {
        ExecutionHost::local()
    }

    fn run(&self, job: &Job, _: &mut OutputCapture<'_>, _: &SlotControl) -> io::Result<AttemptEnd> {
        let running = self.running.fetch_add(1, Ordering::SeqCst) + 1;
        self.most.fetch_max(running, Ordering::SeqCst);
        self.ran.lock().unwrap().push(job.seq);
        let outcome = (self.rule)(job);
        self.running.fetch_sub(1, Ordering::SeqCst);
        outcome.map(AttemptEnd::from)
    }
}
