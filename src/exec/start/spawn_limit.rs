//! How many processes may be in the middle of their start: each holds descriptors that
//! it gives back as soon as it runs.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// So many starts go on at once at most. More would only wait for processors, with
/// descriptors that running jobs could use.
pub(crate) const MOST_STARTS: usize = 64;

/// Lets in [`MOST_STARTS`] at a time.
#[derive(Debug, Default)]
pub(crate) struct SpawnSemaphore {
    inside: Mutex<SpawnCount>,
    left: Condvar,
}

#[derive(Debug, Default)]
struct SpawnCount {
    count: usize,
    waiting: usize,
}

impl SpawnSemaphore {
    /// Waits until there is a place. Dropping what comes back leaves it.
    pub(crate) fn enter(&self) -> SpawnPermit<'_> {
        let mut inside = self.inside();
        inside.waiting += 1;
        while inside.count == MOST_STARTS {
            let woken = self.left.wait(inside);
            inside = woken.unwrap_or_else(PoisonError::into_inner);
        }
        inside.waiting -= 1;
        inside.count += 1;
        SpawnPermit(self)
    }

    /// Nothing can be half done when a holder of the lock panics.
    fn inside(&self) -> MutexGuard<'_, SpawnCount> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A place inside.
#[derive(Debug)]
pub(crate) struct SpawnPermit<'a>(&'a SpawnSemaphore);

impl Drop for SpawnPermit<'_> {
    fn drop(&mut self) {
        let mut inside = self.0.inside();
        inside.count -= 1;
        if inside.waiting > 0 {
            self.0.left.notify_one();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::thread;

    #[test]
    fn no_more_than_that_are_inside_and_all_get_in() {
        let gate = SpawnSemaphore::default();
        let (inside, most, entered) = (
            AtomicUsize::new(0),
            AtomicUsize::new(0),
            AtomicUsize::new(0),
        );
        thread::scope(|scope| {
            for _ in 0..2 * MOST_STARTS {
                scope.spawn(|| {
                    for _ in 0..50 {
                        let _pass = gate.enter();
                        most.fetch_max(1 + inside.fetch_add(1, Ordering::SeqCst), Ordering::SeqCst);
                        thread::yield_now();
                        inside.fetch_sub(1, Ordering::SeqCst);
                        entered.fetch_add(1, Ordering::SeqCst);
                    }
                });
            }
        });
        assert!(most.into_inner() <= MOST_STARTS);
        assert_eq!(entered.into_inner(), 100 * MOST_STARTS);
    }

    #[test]
    fn as_many_as_that_are_inside_together() {
        let gate = SpawnSemaphore::default();
        let passes: Vec<SpawnPermit<'_>> = (0..MOST_STARTS).map(|_| gate.enter()).collect();
        assert_eq!(passes.len(), MOST_STARTS);
    }
}
