//! Threads of which a large input can use more than one.

use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread;

use rayon::{ThreadPool, ThreadPoolBuilder};

/// Threads that all built-ins of a run share; started for the first large input.
pub(crate) struct WorkerThreads {
    width: usize,
    /// Bytes that a built-in holds of one line or record at most: `--max-record`.
    max_record: usize,
    pool: OnceLock<Option<ThreadPool>>,
    running: AtomicUsize,
    pending_drops: Arc<AtomicUsize>,
}

/// Counts a built-in as running until it is dropped.
pub(crate) struct RunningBuiltin<'a>(&'a WorkerThreads);

impl WorkerThreads {
    /// At most `width` threads are busy at once.
    pub(crate) fn new(width: usize, max_record: usize) -> WorkerThreads {
        WorkerThreads {
            width,
            max_record,
            pool: OnceLock::new(),
            running: AtomicUsize::new(0),
            pending_drops: Arc::default(),
        }
    }

    /// Bytes that a built-in may hold of one line or record.
    pub(super) fn max_record(&self) -> usize {
        self.max_record
    }

    pub(crate) fn enter(&self) -> RunningBuiltin<'_> {
        self.running.fetch_add(1, Ordering::Relaxed);
        RunningBuiltin(self)
    }

    /// The number of threads for each of the built-ins that run.
    pub(super) fn share(&self) -> usize {
        (self.width / self.running()).max(1)
    }

    /// The number of built-ins that run, with the caller's.
    pub(super) fn running(&self) -> usize {
        self.running.load(Ordering::Relaxed).max(1)
    }

    /// Drops a value in the background, for values whose drop takes long. With more than
    /// `width` of them it waits: the memory that they hold must not add up.
    pub(super) fn drop_later(&self, value: impl Send + 'static) {
        let pending = PendingDrop(Arc::clone(&self.pending_drops));
        if pending.0.fetch_add(1, Ordering::Relaxed) < self.width {
            // If no thread can be started, they are dropped here.
            let _ = thread::Builder::new().spawn(move || drop((value, pending)));
        }
    }

    /// `None` with a `width` of one, or if threads cannot be started.
    pub(super) fn pool(&self) -> Option<&ThreadPool> {
        let make = || {
            let builder = ThreadPoolBuilder::new().num_threads(self.width);
            builder
                .thread_name(|number| format!("worker {number}"))
                .build()
                .ok()
        };
        match self.width {
            0 | 1 => None,
            _ => self.pool.get_or_init(make).as_ref(),
        }
    }
}

impl fmt::Debug for WorkerThreads {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "WorkerThreads({})", self.width)
    }
}

/// Counts a value that is dropped in the background.
struct PendingDrop(Arc<AtomicUsize>);

impl Drop for PendingDrop {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Drop for RunningBuiltin<'_> {
    fn drop(&mut self) {
        self.0.running.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crossbeam_channel::{Receiver, Sender, bounded, unbounded};

    #[test]
    fn threads_are_shared_between_those_that_run() {
        let workers = WorkerThreads::new(4, usize::MAX);
        let first = workers.enter();
        assert_eq!(workers.share(), 4);
        let others = [workers.enter(), workers.enter()];
        assert_eq!(workers.share(), 1);
        drop(others);
        assert_eq!(workers.share(), 4);
        drop(first);
    }

    #[test]
    fn what_takes_long_to_be_dropped_does_not_add_up() {
        struct Slow(Receiver<()>, Sender<()>);
        impl Drop for Slow {
            fn drop(&mut self) {
                let _ = self.0.recv();
                let _ = self.1.send(());
            }
        }
        let workers = WorkerThreads::new(2, usize::MAX);
        let (goes, gone) = unbounded();
        let (ends, waiting): (Vec<_>, Vec<_>) = (0..3).map(|_| bounded::<()>(0)).unzip();
        let mut waiting = waiting.into_iter().map(|end| Slow(end, goes.clone()));
        // Nobody waits for the first two.
        workers.drop_later(waiting.next());
        workers.drop_later(waiting.next());
        let third = waiting.next();
        thread::scope(|scope| {
            let done = scope.spawn(|| {
                workers.drop_later(third);
                gone.len()
            });
            // The third one is waited for: it ends only when it is let, and has ended then.
            drop(ends);
            assert!(done.join().unwrap() >= 1);
        });
    }
}
