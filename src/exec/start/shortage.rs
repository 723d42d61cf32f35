//! A job that runs and cannot start its next process, because processes, descriptors or
//! memory are short: it waits.

use std::time::Duration;

use crate::os::clock::ClockReading;

/// First wait. The kernel does not tell the end of a shortage.
const FIRST_WAIT: Duration = Duration::from_millis(20);

const LONGEST_WAIT: Duration = Duration::from_secs(1);

const PATIENCE: Duration = Duration::from_secs(60);

/// A shortage that has not ended.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SpawnShortage {
    since: ClockReading,
    wait: Duration,
    pub again: ClockReading,
}

impl SpawnShortage {
    pub(crate) fn new(now: ClockReading) -> Self {
        SpawnShortage {
            since: now,
            wait: FIRST_WAIT,
            again: now + FIRST_WAIT,
        }
    }

    /// Goes on after another failed start, unless the shortage has lasted too long.
    pub(crate) fn go_on(self, now: ClockReading) -> Option<Self> {
        let wait = (2 * self.wait).min(LONGEST_WAIT);
        (now - self.since < PATIENCE).then_some(SpawnShortage {
            since: self.since,
            wait,
            again: now + wait,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_longer_each_time_and_gives_up_after_a_minute() {
        let mut waits = Vec::new();
        let mut shortage = SpawnShortage::new(ClockReading::ZERO);
        let mut now = ClockReading::ZERO;
        loop {
            waits.push((shortage.again - now).as_millis());
            now = shortage.again;
            match shortage.go_on(now) {
                Some(next) => shortage = next,
                None => break,
            }
        }
        assert_eq!(waits[..8], [20, 40, 80, 160, 320, 640, 1000, 1000]);
        assert!(now >= PATIENCE && now < PATIENCE + LONGEST_WAIT);
    }
}
