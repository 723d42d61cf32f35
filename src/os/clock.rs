//! A clock that stops while prun is stopped, so that time limits and run times do
//! not count a pause by Ctrl-Z.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Monotonic time less the time spent paused, shared by all threads.
#[derive(Debug)]
pub(crate) struct Clock {
    origin: Instant,
    /// Nanoseconds of all pauses that are over.
    paused: AtomicU64,
    /// Reading at which the clock was stopped, in nanoseconds, plus one; 0 while it runs.
    frozen: AtomicU64,
}

/// Running time since the start of a [`Clock`].
pub(crate) type ClockReading = Duration;

impl Clock {
    pub(crate) fn new() -> Self {
        Clock {
            origin: Instant::now(),
            paused: AtomicU64::new(0),
            frozen: AtomicU64::new(0),
        }
    }

    pub(crate) fn now(&self) -> ClockReading {
        match self.frozen.load(Ordering::SeqCst) {
            // A pause may end between the two readings.
            0 => Duration::from_nanos(
                self.elapsed()
                    .saturating_sub(self.paused.load(Ordering::SeqCst)),
            ),
            shown => Duration::from_nanos(shown - 1),
        }
    }

    pub(crate) fn freeze(&self) {
        let shown = self.now().as_nanos() as u64;
        self.frozen.store(shown + 1, Ordering::SeqCst);
    }

    pub(crate) fn thaw(&self) {
        // The pause is counted before the clock runs again: a thread that wakes in
        // between must not see time that has not passed.
        if let Some(shown) = self.frozen.load(Ordering::SeqCst).checked_sub(1) {
            self.paused.store(self.elapsed() - shown, Ordering::SeqCst);
            self.frozen.store(0, Ordering::SeqCst);
        }
    }

    fn elapsed(&self) -> u64 {
        self.origin.elapsed().as_nanos() as u64
    }
}

/// Nanoseconds of the system's monotonic clock, which all processes of the machine see alike.
pub(crate) fn monotonic() -> u64 {
    let mut time = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: the pointer is to our own variable; the clock is there on every system.
    unsafe { libc::clock_gettime(libc::CLOCK_MONOTONIC, &raw mut time) };
    time.tv_sec as u64 * 1_000_000_000 + time.tv_nsec as u64
}

impl Default for Clock {
    fn default() -> Self {
        Clock::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pause_does_not_count() {
        let clock = Clock::new();
        clock.freeze();
        let before = clock.now();
        std::thread::sleep(Duration::from_millis(20));
        assert_eq!(clock.now(), before);
        let paused_from = Instant::now();
        clock.thaw();
        let after = clock.now();
        assert!(after >= before);
        assert!(after - before <= paused_from.elapsed());
    }
}
