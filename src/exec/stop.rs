//! The ladder of signals that ends a job: ask, wait, insist.

use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use crate::error::{Error, Result};
use crate::os::clock::Moment;
use crate::os::signal_name;

/// One rung: a signal, and how long to wait before the next one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// The signal's number.
    pub signal: i32,
    /// The time the job has to react.
    pub grace: Duration,
}

/// How long a job may take to end after the first signal.
pub const GRACE: Duration = Duration::from_secs(2);

/// The signals that end a job, one after the other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ladder(pub Arc<[Step]>);

impl Ladder {
    /// `signal`, two seconds, then `SIGKILL`.
    pub fn starting_with(signal: i32) -> Self {
        let kill = Step {
            signal: libc::SIGKILL,
            grace: Duration::ZERO,
        };
        let first = Step {
            signal,
            grace: GRACE,
        };
        Ladder(Arc::new([first, kill]))
    }

    /// `SIGKILL` at once.
    pub fn kill() -> Self {
        Ladder(Arc::new([Step {
            signal: libc::SIGKILL,
            grace: Duration::ZERO,
        }]))
    }
}

impl Default for Ladder {
    fn default() -> Self {
        Ladder::starting_with(libc::SIGTERM)
    }
}

impl FromStr for Ladder {
    type Err = Error;

    /// `TERM,200,TERM,100,KILL,25`: signals and milliseconds in turn, as GNU parallel
    /// has them. The last time may be left out.
    fn from_str(text: &str) -> Result<Self> {
        let words: Vec<&str> = text.split(',').collect();
        let steps: Option<Vec<Step>> = words.chunks(2).map(step).collect();
        steps.map(|steps| Ladder(steps.into())).ok_or_else(|| {
            Error::new(format!(
                "'{text}' is not a list of signals and milliseconds"
            ))
            .hint("--termseq TERM,2000,KILL")
        })
    }
}

fn step(words: &[&str]) -> Option<Step> {
    let (signal, grace) = match words {
        [signal] => (signal, 0),
        [signal, grace] => (signal, grace.parse::<u32>().ok()?),
        _ => return None,
    };
    Some(Step {
        signal: signal_name::number(signal)?,
        grace: Duration::from_millis(grace.into()),
    })
}

/// A ladder being climbed.
#[derive(Debug)]
pub struct Climb {
    ladder: Ladder,
    next: usize,
    at: Moment,
}

impl Climb {
    /// At the foot of the ladder: the first signal is due.
    pub fn new(ladder: Ladder, now: Moment) -> Self {
        Climb {
            ladder,
            next: 0,
            at: now,
        }
    }

    /// The signal that is due, once; the next one becomes due after its grace.
    pub fn due(&mut self, now: Moment) -> Option<i32> {
        let step = self.ladder.0.get(self.next)?;
        if now < self.at {
            return None;
        }
        self.next += 1;
        self.at = now + step.grace;
        Some(step.signal)
    }

    /// When something becomes due; nothing after the last signal.
    pub fn deadline(&self) -> Option<Moment> {
        (self.next < self.ladder.0.len()).then_some(self.at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ladder_is_read() {
        assert_eq!("TERM,2000,KILL".parse(), Ok(Ladder::default()));
        assert_eq!("9".parse(), Ok(Ladder::kill()));
        assert_eq!("sigterm,2000,KILL,0".parse(), Ok(Ladder::default()));
        for text in ["", "NOPE", "TERM,x", "TERM,1,", "TERM,-1", ",1", "TERM,1,,"] {
            assert!(text.parse::<Ladder>().is_err(), "{text}");
        }
    }

    #[test]
    fn asks_waits_and_insists() {
        let second = Duration::from_secs;
        let mut climb = Climb::new(Ladder::default(), second(10));
        assert_eq!(climb.due(second(10)), Some(libc::SIGTERM));
        assert_eq!(climb.due(second(11)), None);
        assert_eq!(climb.deadline(), Some(second(12)));
        assert_eq!(climb.due(second(12)), Some(libc::SIGKILL));
        assert_eq!(climb.deadline(), None);
        assert_eq!(climb.due(second(99)), None);
    }
}
