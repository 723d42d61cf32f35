//! Signals to prun that ask for the end of what it runs.

use std::time::{Duration, Instant};

/// Time within which the same signal again is the same key press: a terminal and a parent
/// may both have sent it.
const SAME_SIGNAL: Duration = Duration::from_millis(50);

/// The last signal that has asked for the end, and when it came.
#[derive(Debug, Default)]
pub(crate) struct EndRequests(Option<(i32, Instant)>);

/// Meaning of a signal that asks for the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum EndRequest {
    First,
    /// The same that has come just now.
    Same,
    /// One more: what has not ended yet is killed.
    Another,
}

impl EndRequests {
    pub(crate) fn receive(&mut self, signal: i32) -> EndRequest {
        let now = Instant::now();
        let is_same = self.0.is_some_and(|(last, when)| {
            last == signal && now.saturating_duration_since(when) < SAME_SIGNAL
        });
        if is_same {
            return EndRequest::Same;
        }
        match self.0.replace((signal, now)) {
            None => EndRequest::First,
            Some(_) => EndRequest::Another,
        }
    }

    /// Tells whether one has come.
    pub(crate) fn have_come(&self) -> bool {
        self.0.is_some()
    }
}
