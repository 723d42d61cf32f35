//! The sequence of signals that ends a job: ask, wait, insist.

use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use crate::error::{Error, Result};
use crate::os::clock::ClockReading;
use crate::os::signal_name;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SignalStep {
    pub signal: i32,
    /// Time before the next step.
    pub grace: Duration,
}

/// Time that a job has to end after the first signal.
pub(crate) const GRACE: Duration = Duration::from_secs(2);

/// Signals that end a job, one after the other: `--termseq SEQUENCE`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SignalSequence(pub Arc<[SignalStep]>);

impl SignalSequence {
    /// `signal`, two seconds, then `SIGKILL`.
    pub(crate) fn starting_with(signal: i32) -> Self {
        let kill = SignalStep {
            signal: libc::SIGKILL,
            grace: Duration::ZERO,
        };
        let first = SignalStep {
            signal,
            grace: GRACE,
        };
        SignalSequence(Arc::new([first, kill]))
    }

    pub(crate) fn kill() -> Self {
        SignalSequence(Arc::new([SignalStep {
            signal: libc::SIGKILL,
            grace: Duration::ZERO,
        }]))
    }
}

impl Default for SignalSequence {
    fn default() -> Self {
        SignalSequence::starting_with(libc::SIGTERM)
    }
}

impl FromStr for SignalSequence {
    type Err = Error;

    /// Reads `TERM,200,TERM,100,KILL,25`: signals and milliseconds in turn, as GNU parallel
    /// does. The last time may be left out.
    fn from_str(text: &str) -> Result<Self> {
        let words: Vec<&str> = text.split(',').collect();
        let steps: Option<Vec<SignalStep>> = words.chunks(2).map(step).collect();
        steps
            .map(|steps| SignalSequence(steps.into()))
            .ok_or_else(|| {
                Error::new(format!(
                    "'{text}' is not a list of signals and milliseconds"
                ))
                .hint("--termseq TERM,2000,KILL")
            })
    }
}

fn step(words: &[&str]) -> Option<SignalStep> {
    let (signal, grace) = match words {
        [signal] => (signal, 0),
        [signal, grace] => (signal, grace.parse::<u32>().ok()?),
        _ => return None,
    };
    Some(SignalStep {
        signal: signal_name::number(signal)?,
        grace: Duration::from_millis(grace.into()),
    })
}

/// A signal sequence that is being sent.
#[derive(Debug)]
pub(crate) struct Escalation {
    signal_sequence: SignalSequence,
    next: usize,
    at: ClockReading,
}

impl Escalation {
    /// The first signal is due at once.
    pub(crate) fn new(signal_sequence: SignalSequence, now: ClockReading) -> Self {
        Escalation {
            signal_sequence,
            next: 0,
            at: now,
        }
    }

    /// Takes the signal that is due; the next one becomes due after its grace.
    pub(crate) fn due(&mut self, now: ClockReading) -> Option<i32> {
        let step = self.signal_sequence.0.get(self.next)?;
        if now < self.at {
            return None;
        }
        self.next += 1;
        self.at = now + step.grace;
        Some(step.signal)
    }

    /// Time at which the next signal is due; `None` after the last one.
    pub(crate) fn deadline(&self) -> Option<ClockReading> {
        (self.next < self.signal_sequence.0.len()).then_some(self.at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signal_sequence_is_read() {
        assert_eq!("TERM,2000,KILL".parse(), Ok(SignalSequence::default()));
        assert_eq!("9".parse(), Ok(SignalSequence::kill()));
        assert_eq!("sigterm,2000,KILL,0".parse(), Ok(SignalSequence::default()));
        for text in ["", "NOPE", "TERM,x", "TERM,1,", "TERM,-1", ",1", "TERM,1,,"] {
            assert!(text.parse::<SignalSequence>().is_err(), "{text}");
        }
    }

    #[test]
    fn asks_waits_and_insists() {
        let second = Duration::from_secs;
        let mut escalation = Escalation::new(SignalSequence::default(), second(10));
        assert_eq!(escalation.due(second(10)), Some(libc::SIGTERM));
        assert_eq!(escalation.due(second(11)), None);
        assert_eq!(escalation.deadline(), Some(second(12)));
        assert_eq!(escalation.due(second(12)), Some(libc::SIGKILL));
        assert_eq!(escalation.deadline(), None);
        assert_eq!(escalation.due(second(99)), None);
    }
}
