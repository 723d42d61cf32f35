//! Threads for what is worth more than one: a large input is cut into pieces that are worked
//! on at the same time.

use std::collections::VecDeque;
use std::fmt;
use std::io;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread;

use crossbeam_channel::{Receiver, TryRecvError, bounded};
use rayon::{ThreadPool, ThreadPoolBuilder};

use super::builtin_io::BuiltinIo;
use crate::os::wake::Wake;

/// The threads that all built-ins of a run share. There are none before the first large input.
pub(crate) struct WorkerThreads {
    width: usize,
    /// Bytes that a built-in holds of one line or record at most.
    max_record: usize,
    pool: OnceLock<Option<ThreadPool>>,
    running: AtomicUsize,
    leaving: Arc<AtomicUsize>,
}

/// A built-in that runs.
pub(crate) struct RunningBuiltin<'a>(&'a WorkerThreads);

impl WorkerThreads {
    /// At most so many threads are to be busy at once.
    pub(crate) fn new(width: usize, max_record: usize) -> WorkerThreads {
        WorkerThreads {
            width,
            max_record,
            pool: OnceLock::new(),
            running: AtomicUsize::new(0),
            leaving: Arc::default(),
        }
    }

    /// Bytes that a built-in may hold of one line or record.
    pub(super) fn max_record(&self) -> usize {
        self.max_record
    }

    /// Counts a built-in as long as it runs.
    pub(crate) fn enter(&self) -> RunningBuiltin<'_> {
        self.running.fetch_add(1, Ordering::Relaxed);
        RunningBuiltin(self)
    }

    /// How many threads one of the built-ins that run may have for itself.
    pub(super) fn share(&self) -> usize {
        (self.width / self.running()).max(1)
    }

    /// How many built-ins run; the one that asks is one of them.
    pub(super) fn running(&self) -> usize {
        self.running.load(Ordering::Relaxed).max(1)
    }

    /// Drops what takes long to be dropped without waiting for that. Of many such things
    /// some are waited for: what they hold must not add up.
    pub(super) fn let_go(&self, thing: impl Send + 'static) {
        let leaving = PendingDrop(Arc::clone(&self.leaving));
        if leaving.0.fetch_add(1, Ordering::Relaxed) < self.width {
            // Without room for a thread that is done here.
            let _ = thread::Builder::new().spawn(move || drop((thing, leaving)));
        }
    }

    /// The threads; none if there is to be one only, or no room for more.
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
        write!(f, "Workers({})", self.width)
    }
}

/// Something that is about to be gone.
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

/// Does the same work on pieces, by all threads at once, and hands the results on in the order
/// of the pieces, until `take` has enough. A few pieces and results at most are in memory. Work
/// hears by its second argument that nobody wants it any more.
///
/// # Errors
/// What `next` or `take` says, or the job is over. Work that was begun ends before.
pub(super) fn in_order<T: Send, R: Send>(
    port: &dyn BuiltinIo,
    mut next: impl FnMut() -> io::Result<Option<T>>,
    work: impl Fn(T, &AtomicBool) -> R + Sync,
    mut take: impl FnMut(R) -> io::Result<ControlFlow<()>>,
) -> io::Result<ControlFlow<()>> {
    let workers = port.workers();
    let Some(pool) = workers.pool() else {
        while let Some(piece) = next()? {
            if take(work(piece, &AtomicBool::new(false)))?.is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
        return Ok(ControlFlow::Continue(()));
    };
    let wake = port.waker();
    let is_over = AtomicBool::new(false);
    let (work, wake, is_over) = (&work, &wake, &is_over);
    pool.in_place_scope(|scope| {
        let _over = AbandonGuard(is_over);
        let mut line = VecDeque::new();
        let mut ended = false;
        while !ended || !line.is_empty() {
            // Enough to keep all threads at work while results are handed on.
            if !ended && line.len() < 2 * workers.share() {
                let Some(piece) = next()? else {
                    ended = true;
                    continue;
                };
                let (sender, receiver) = bounded(1);
                line.push_back(receiver);
                scope.spawn(move |_| {
                    // Also when the work panics: then there will be no result.
                    let _waking = WakeOnDrop(wake);
                    let sender = sender;
                    if !is_over.load(Ordering::Relaxed) {
                        let _ = sender.send(work(piece, is_over));
                    }
                });
                // What is there need not wait for what is read next.
                if let Some(Ok(result)) = line.front().map(Receiver::try_recv) {
                    line.pop_front();
                    if take(result)?.is_break() {
                        return Ok(ControlFlow::Break(()));
                    }
                }
            } else if let Some(first) = line.pop_front()
                && take(wait_for(&first, port)?)?.is_break()
            {
                return Ok(ControlFlow::Break(()));
            }
        }
        Ok(ControlFlow::Continue(()))
    })
}

fn wait_for<R>(result: &Receiver<R>, port: &dyn BuiltinIo) -> io::Result<R> {
    loop {
        match result.try_recv() {
            Ok(result) => return Ok(result),
            Err(TryRecvError::Empty) => port.rest()?,
            Err(TryRecvError::Disconnected) => return Err(io::Error::other("a worker has failed")),
        }
    }
}

/// Wakes whoever waits for a result.
struct WakeOnDrop<'a>(&'a Wake);

impl Drop for WakeOnDrop<'_> {
    fn drop(&mut self) {
        self.0.wake();
    }
}

/// Keeps work that has not begun from being done, whatever the reason for the end.
struct AbandonGuard<'a>(&'a AtomicBool);

impl Drop for AbandonGuard<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[cfg(test)]
pub(super) mod tests;
