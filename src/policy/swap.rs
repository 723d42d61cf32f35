//! Swapping that keeps jobs from starting: `--noswap`.

use std::time::Duration;

use crate::os::clock::ClockReading;
use crate::os::system_metrics::SwapCounts;

/// Least time between two readings: a shorter one says little.
const INTERVAL: Duration = Duration::from_secs(1);

/// Measurement of swapping by two readings. One direction alone is harmless: pages that nobody
/// needs go out, or come back when memory is free again. Both at once say that memory is short.
#[derive(Debug, Default)]
pub(crate) struct SwapMeter {
    /// Time of the last reading, and what it was.
    last: Option<(ClockReading, SwapCounts)>,
    was_harmless: bool,
}

impl SwapMeter {
    /// Tells whether it is time for a reading.
    pub(crate) fn is_due(&self, now: ClockReading) -> bool {
        self.last.is_none_or(|(last, _)| now >= last + INTERVAL)
    }

    /// Takes a reading; `None` is one of a system that does not tell.
    pub(crate) fn take(&mut self, now: ClockReading, counts: Option<SwapCounts>) {
        let before = self.last.map(|(_, counts)| counts);
        self.was_harmless = match (before, counts) {
            (Some(before), Some(counts)) => {
                counts.pages_in == before.pages_in || counts.pages_out == before.pages_out
            }
            (None, Some(_)) => false,
            (_, None) => true,
        };
        self.last = counts.map(|counts| (now, counts));
    }

    /// Tells whether the system has swapped in and out between the last two readings. Before
    /// the second one, it may.
    pub(crate) fn is_swapping(&self) -> bool {
        !self.was_harmless
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_both_directions_at_once_are_swapping() {
        let second = Duration::from_secs;
        let counts = |pages_in, pages_out| {
            Some(SwapCounts {
                pages_in,
                pages_out,
            })
        };
        let mut meter = SwapMeter::default();
        assert!(meter.is_due(second(0)));
        meter.take(second(0), counts(5, 5));
        assert!(meter.is_swapping());
        assert!(!meter.is_due(Duration::from_millis(999)));
        assert!(meter.is_due(second(1)));
        for (at, reading, is_swapping) in [
            (1, counts(5, 5), false),
            (2, counts(6, 5), false),
            (3, counts(6, 9), false),
            (4, counts(7, 10), true),
            (90, counts(8, 11), true),
            (91, counts(8, 11), false),
            (92, None, false),
        ] {
            meter.take(second(at), reading);
            assert_eq!(meter.is_swapping(), is_swapping, "{at}");
        }
    }
}
