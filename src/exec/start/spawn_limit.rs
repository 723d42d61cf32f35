//! A limit on processes in the middle of their start: each holds descriptors that it gives
//! back as soon as it runs.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// Most starts that go on at once. More would only wait for processors, with descriptors
/// that running jobs could use.
pub(crate) const MOST_STARTS: usize = 64;

#[derive(Debug, Default)]
pub(crate) struct SpawnSemaphore {
    count: Mutex<SpawnCount>,
    released: Condvar,
}

#[derive(Debug, Default)]
struct SpawnCount {
    starting: usize,
    waiting: usize,
}

impl SpawnSemaphore {
    /// Waits for a permit.
    pub(crate) fn enter(&self) -> SpawnPermit<'_> {
        let mut count = self.count();
        count.waiting += 1;
        while count.starting == MOST_STARTS {
            let woken = self.released.wait(count);
            count = woken.unwrap_or_else(PoisonError::into_inner);
        }
        count.waiting -= 1;
        count.starting += 1;
        SpawnPermit(self)
    }

    /// Nothing can be half done when a holder of the lock panics.
    fn count(&self) -> MutexGuard<'_, SpawnCount> {
        self.count.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Leave to start a process, until it is dropped.
#[derive(Debug)]
pub(crate) struct SpawnPermit<'a>(&'a SpawnSemaphore);

impl Drop for SpawnPermit<'_> {
    fn drop(&mut self) {
        let mut count = self.0.count();
        count.starting -= 1;
        if count.waiting > 0 {
            self.0.released.notify_one();
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
        let semaphore = SpawnSemaphore::default();
        let (inside, most, entered) = (
            AtomicUsize::new(0),
            AtomicUsize::new(0),
            AtomicUsize::new(0),
        );
        thread::scope(|scope| {
            for _ in 0..2 * MOST_STARTS {
                scope.spawn(|| {
                    for _ in 0..50 {
                        let _permit = semaphore.enter();
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
        let semaphore = SpawnSemaphore::default();
        let permits: Vec<SpawnPermit<'_>> = (0..MOST_STARTS).map(|_| semaphore.enter()).collect();
        assert_eq!(permits.len(), MOST_STARTS);
    }
}
