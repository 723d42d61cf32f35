//! Work on many pieces at the same time, with results in the order of the pieces.

use std::collections::VecDeque;
use std::io;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};

use crossbeam_channel::{Receiver, TryRecvError, bounded};

use super::builtin_io::BuiltinIo;
use crate::os::wake::Wake;

/// Does `work` on pieces, by all threads at once, and hands the results to `take` in the order
/// of the pieces, until it breaks. A few pieces and results at most are in memory. The second
/// argument of `work` becomes true when its result is no longer wanted.
///
/// # Errors
/// Those of `next` and `take`, or the built-in has been stopped. Work that was begun ends
/// before.
pub(super) fn parallel_map<T: Send, R: Send>(
    stdio: &BuiltinIo<'_>,
    mut next: impl FnMut() -> io::Result<Option<T>>,
    work: impl Fn(T, &AtomicBool) -> R + Sync,
    mut take: impl FnMut(R) -> io::Result<ControlFlow<()>>,
) -> io::Result<ControlFlow<()>> {
    let workers = stdio.workers();
    let Some(pool) = workers.pool() else {
        while let Some(piece) = next()? {
            if take(work(piece, &AtomicBool::new(false)))?.is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
        return Ok(ControlFlow::Continue(()));
    };
    let wake = stdio.wake();
    let is_cancelled = AtomicBool::new(false);
    let (work, is_cancelled) = (&work, &is_cancelled);
    pool.in_place_scope(|scope| {
        let _cancelling = CancelOnDrop(is_cancelled);
        let mut results = VecDeque::new();
        let mut ended = false;
        while !ended || !results.is_empty() {
            // Enough to keep all threads at work while results are handed on.
            if !ended && results.len() < 2 * workers.share() {
                let Some(piece) = next()? else {
                    ended = true;
                    continue;
                };
                let (sender, receiver) = bounded(1);
                results.push_back(receiver);
                scope.spawn(move |_| {
                    // Also when the work panics: then there will be no result.
                    let _waking = WakeOnDrop(wake);
                    let sender = sender;
                    if !is_cancelled.load(Ordering::Relaxed) {
                        let _ = sender.send(work(piece, is_cancelled));
                    }
                });
                // A result that is there need not wait for the next piece.
                if let Some(Ok(result)) = results.front().map(Receiver::try_recv) {
                    results.pop_front();
                    if take(result)?.is_break() {
                        return Ok(ControlFlow::Break(()));
                    }
                }
            } else if let Some(first) = results.pop_front()
                && take(wait_for(&first, stdio)?)?.is_break()
            {
                return Ok(ControlFlow::Break(()));
            }
        }
        Ok(ControlFlow::Continue(()))
    })
}

fn wait_for<R>(result: &Receiver<R>, stdio: &BuiltinIo<'_>) -> io::Result<R> {
    loop {
        match result.try_recv() {
            Ok(result) => return Ok(result),
            Err(TryRecvError::Empty) => stdio.wait_for_wake()?,
            Err(TryRecvError::Disconnected) => return Err(io::Error::other("a worker has failed")),
        }
    }
}

/// Wakes the built-in's thread, which may wait for a result.
struct WakeOnDrop<'a>(&'a Wake);

impl Drop for WakeOnDrop<'_> {
    fn drop(&mut self) {
        self.0.wake();
    }
}

/// Keeps work from being begun after the end, whatever the reason for that.
struct CancelOnDrop<'a>(&'a AtomicBool);

impl Drop for CancelOnDrop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests;
