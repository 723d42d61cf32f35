//! Back-off when the system denies one more process: run fewer jobs, wait, try again. A job
//! is never dropped for it.

use std::time::Duration;

use crate::os::clock::ClockReading;

/// First wait when no job runs whose end could free resources.
const FIRST_WAIT: Duration = Duration::from_millis(50);

/// Longest such wait.
const LONGEST_WAIT: Duration = Duration::from_secs(1);

/// Time after which a run gives up in which no job runs and none can be started.
const PATIENCE: Duration = Duration::from_secs(60);

/// The same for a limit that concerns prun alone: nobody else will free resources.
const OWN_PATIENCE: Duration = Duration::from_secs(2);

/// Number of jobs that the system allows at present.
#[derive(Debug)]
pub(super) struct ResourceBackoff {
    /// Jobs that prun is to run at once.
    limit: usize,
    allowed: usize,
    /// Waits since a job last ended.
    waits: u32,
    has_told: bool,
    not_before: ClockReading,
    stuck_since: Option<ClockReading>,
}

/// Limit that was met.
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

/// Consequence of a denial.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ResourceDenial {
    /// The first denial of the run, to be told.
    First,
    Again,
    /// No job has run for too long.
    ForGood,
}

impl ResourceBackoff {
    /// No denial yet of `limit` jobs.
    pub(super) fn new(limit: usize) -> Self {
        ResourceBackoff {
            limit,
            allowed: limit,
            waits: 0,
            has_told: false,
            not_before: ClockReading::ZERO,
            stuck_since: None,
        }
    }

    pub(super) fn allowed(&self) -> usize {
        self.allowed
    }

    /// Changes the number of jobs that prun is to run at once.
    pub(super) fn resize(&mut self, limit: usize) {
        let is_limited = self.allowed < self.limit;
        self.allowed = if is_limited {
            self.allowed.min(limit)
        } else {
            limit
        };
        self.limit = limit;
    }

    /// The earliest time of the next start.
    pub(super) fn not_before(&self) -> ClockReading {
        self.not_before
    }

    /// Takes note of a start that was denied while `running` other jobs run.
    pub(super) fn denied(
        &mut self,
        running: usize,
        limit: ResourceLimit,
        now: ClockReading,
    ) -> ResourceDenial {
        let first = !std::mem::replace(&mut self.has_told, true);
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

    /// Allows one more job after the end of one, which the system did allow.
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
        let mut backoff = ResourceBackoff::new(20);
        assert_eq!(
            backoff.denied(5, ResourceLimit::Own, now),
            ResourceDenial::First
        );
        assert_eq!((backoff.allowed(), backoff.not_before()), (5, now));
        backoff.released();
        assert_eq!(backoff.allowed(), 6);
        assert_eq!(
            backoff.denied(5, ResourceLimit::Own, now),
            ResourceDenial::Again
        );
        assert_eq!(backoff.allowed(), 5);
    }

    #[test]
    fn another_limit_does_not_undo_a_denial() {
        let now = ClockReading::ZERO;
        let mut backoff = ResourceBackoff::new(4);
        backoff.resize(8);
        assert_eq!(backoff.allowed(), 8);
        assert_eq!(
            backoff.denied(5, ResourceLimit::Own, now),
            ResourceDenial::First
        );
        backoff.resize(20);
        assert_eq!(backoff.allowed(), 5);
        backoff.resize(2);
        assert_eq!(backoff.allowed(), 2);
    }

    #[test]
    fn waits_longer_each_time_and_gives_up_after_a_minute() {
        let mut backoff = ResourceBackoff::new(2);
        let mut now = ClockReading::ZERO;
        let mut waits = Vec::new();
        while backoff.denied(0, ResourceLimit::Shared, now) != ResourceDenial::ForGood {
            waits.push((backoff.not_before() - now).as_millis());
            now = backoff.not_before();
        }
        assert_eq!(waits[..7], [50, 100, 200, 400, 800, 1000, 1000]);
        assert!(now >= PATIENCE && now < PATIENCE + LONGEST_WAIT);
    }

    #[test]
    fn denials_while_others_run_do_not_make_the_wait_longer() {
        let mut backoff = ResourceBackoff::new(9);
        for running in (1..9).rev() {
            backoff.denied(running, ResourceLimit::Shared, ClockReading::ZERO);
        }
        assert_eq!(backoff.not_before(), ClockReading::ZERO);
        backoff.denied(0, ResourceLimit::Shared, ClockReading::ZERO);
        assert_eq!(backoff.not_before(), FIRST_WAIT);
    }
}
