//! Resources that the system denies, again and again.

use std::io;
use std::time::{Duration, Instant};

use crate::error::reason_text;

/// Time after which they are given up. Jobs that free some would have done so by then, as most are
/// short, and nobody waits in silence for a limit that is too low.
const PATIENCE: Duration = Duration::from_secs(5);

/// Denials without a success between them.
#[derive(Debug, Default)]
pub(super) struct Denials {
    since: Option<Instant>,
}

impl Denials {
    /// Takes note of one. Returns its reason if they have lasted too long.
    pub(super) fn add(&mut self, error: &io::Error) -> Option<String> {
        let since = *self.since.get_or_insert_with(Instant::now);
        (since.elapsed() >= PATIENCE).then(|| reason_text(error))
    }

    /// Takes note of a success.
    pub(super) fn end(&mut self) {
        self.since = None;
    }
}
