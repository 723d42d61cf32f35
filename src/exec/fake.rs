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

impl<F> Executor for FakeExecutor<F>
where
    F: Fn(&Job, &mut OutputCapture<'_>, &SlotControl) -> io::Result<Outcome> + Send + Sync,
{
    fn host(&self, _: usize) -> ExecutionHost {
        ExecutionHost::local()
    }

    fn run(
        &self,
        job: &Job,
        capture: &mut OutputCapture<'_>,
        control: &SlotControl,
    ) -> io::Result<AttemptEnd> {
        let running = self.running.fetch_add(1, Ordering::SeqCst) + 1;
        self.most.fetch_max(running, Ordering::SeqCst);
        self.ran.lock().unwrap().push(job.seq);
        let outcome = (self.rule)(job, capture, control);
        self.running.fetch_sub(1, Ordering::SeqCst);
        outcome.map(AttemptEnd::from)
    }
}
