//! What to do when the system has no room for one more job: run fewer, wait, try
//! again. A job is never dropped for it.

use std::time::Duration;

use crate::os::clock::ClockReading;

/// The first wait when nothing runs whose end could make room.
const FIRST_WAIT: Duration = Duration::from_millis(50);

/// The longest such wait.
const LONGEST_WAIT: Duration = Duration::from_secs(1);

/// When to give up if nothing runs and nothing can be started.
const PATIENCE: Duration = Duration::from_secs(60);

/// The same for a limit that concerns prun alone: nobody else will make room.
const OWN_PATIENCE: Duration = Duration::from_secs(2);

/// How many jobs may run at present.
#[derive(Debug)]
pub(super) struct ResourceBackoff {
    limit: usize,
    allowed: usize,
    /// How often nothing could be done but wait since a job was last over.
    waits: u32,
    told: bool,
    not_before: ClockReading,
    stuck_since: Option<ClockReading>,
}

/// Whose limit was met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ResourceLimit {
    /// prun's own number of descriptors.
    Own,
    /// The user's number of processes, the system's memory.
    Shared,
}

impl ResourceLimit {
    fn patience(self) -> Duration {
        match self {
            ResourceLimit::Own => OWN_PATIENCE,
            ResourceLimit::Shared => PATIENCE,
        }
    }
}

/// What follows from a denial.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ResourceDenial {
    /// The first of the run: say that fewer jobs run.
    First,
    /// Wait.
    Again,
    /// Nothing has run for too long.
    ForGood,
}

impl ResourceBackoff {
    /// Room for `limit` jobs, as far as is known.
    pub(super) fn new(limit: usize) -> Self {
        ResourceBackoff {
            limit,
            allowed: limit,
            waits: 0,
            told: false,
            not_before: ClockReading::ZERO,
            stuck_since: None,
        }
    }

    /// How many jobs may run now.
    pub(super) fn allowed(&self) -> usize {
        self.allowed
    }

    /// So many jobs may run from now on, as far as is known.
    pub(super) fn resize(&mut self, limit: usize) {
        self.allowed = match self.allowed == self.limit {
            true => limit,
            // More than this was denied.
            false => self.allowed.min(limit),
        };
        self.limit = limit;
    }

    /// The earliest moment of the next start.
    pub(super) fn not_before(&self) -> ClockReading {
        self.not_before
    }

    /// A start was denied while `running` other jobs run.
    pub(super) fn denied(
        &mut self,
        running: usize,
        limit: ResourceLimit,
        now: ClockReading,
    ) -> ResourceDenial {
        let first = !std::mem::replace(&mut self.told, true);
        self.allowed = running.clamp(1, self.limit);
        if running == 0 {
            let since = *self.stuck_since.get_or_insert(now);
            if now - since >= limit.patience() {
                return ResourceDenial::ForGood;
            }
            let wait = FIRST_WAIT.saturating_mul(2u32.saturating_pow(self.waits));
            self.not_before = now + wait.min(LONGEST_WAIT);
            self.waits += 1;
        }
        if first {
            ResourceDenial::First
        } else {
            ResourceDenial::Again
        }
    }

    /// A job that ran is over: there was room for it, and there may be for one more.
    pub(super) fn released(&mut self) {
        self.stuck_since = None;
        self.waits = 0;
        if self.allowed < self.limit {
            self.allowed += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_fewer_and_then_more_again() {
        let now = ClockReading::ZERO;
        let mut room = ResourceBackoff::new(20);
        assert_eq!(
            room.denied(5, ResourceLimit::Own, now),
            ResourceDenial::First
        );
        assert_eq!((room.allowed(), room.not_before()), (5, now));
        room.released();
        assert_eq!(room.allowed(), 6);
        assert_eq!(
            room.denied(5, ResourceLimit::Own, now),
            ResourceDenial::Again
        );
        assert_eq!(room.allowed(), 5);
    }

    #[test]
    fn another_limit_does_not_undo_a_denial() {
        let now = ClockReading::ZERO;
        let mut room = ResourceBackoff::new(4);
        room.resize(8);
        assert_eq!(room.allowed(), 8);
        assert_eq!(
            room.denied(5, ResourceLimit::Own, now),
            ResourceDenial::First
        );
        room.resize(20);
        assert_eq!(room.allowed(), 5);
        room.resize(2);
        assert_eq!(room.allowed(), 2);
    }

    #[test]
    fn waits_longer_each_time_and_gives_up_after_a_minute() {
        let mut room = ResourceBackoff::new(2);
        let mut now = ClockReading::ZERO;
        let mut waits = Vec::new();
        while room.denied(0, ResourceLimit::Shared, now) != ResourceDenial::ForGood {
            waits.push((room.not_before() - now).as_millis());
            now = room.not_before();
        }
        assert_eq!(waits[..7], [50, 100, 200, 400, 800, 1000, 1000]);
        assert!(now >= PATIENCE && now < PATIENCE + LONGEST_WAIT);
    }

    #[test]
    fn denials_while_others_run_do_not_make_the_wait_longer() {
        let mut room = ResourceBackoff::new(9);
        for running in (1..9).rev() {
            room.denied(running, ResourceLimit::Shared, ClockReading::ZERO);
        }
        assert_eq!(room.not_before(), ClockReading::ZERO);
        room.denied(0, ResourceLimit::Shared, ClockReading::ZERO);
        assert_eq!(room.not_before(), FIRST_WAIT);
    }
}
