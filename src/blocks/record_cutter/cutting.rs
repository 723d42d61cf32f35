//! Questions that all cutters answer.

use std::num::NonZeroUsize;

/// Bytes that come after those that are there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StreamState {
    /// Maybe more.
    Open,
    /// Maybe more, but a block is wanted now (`--block-timeout`).
    Stalled,
    Ended,
}

/// Number of separators at which a block may end.
#[derive(Debug, Clone, Copy)]
pub(super) struct CutUnit {
    /// Separators of one record (`-L`).
    pub multiple: usize,
    /// Separators of one block (`-N`), or of one record where blocks have no number of these.
    pub separators: usize,
    pub counts: bool,
}

impl CutUnit {
    pub(super) fn new(multiple: NonZeroUsize, count: Option<NonZeroUsize>) -> CutUnit {
        let multiple = multiple.get();
        CutUnit {
            multiple,
            separators: count.map_or(multiple, |count| multiple.saturating_mul(count.get())),
            counts: count.is_some(),
        }
    }

    /// Length of a block of which each byte is a record.
    pub(super) fn length_of_bytes(
        self,
        length: usize,
        limit: usize,
        state: StreamState,
    ) -> Option<usize> {
        let whole = |length: usize| length - length % self.multiple;
        let wanted = if self.counts || limit < self.separators {
            self.separators
        } else {
            whole(limit)
        };
        match state {
            // The end of the stream is a border too.
            StreamState::Ended if !self.counts && length <= limit => Some(length),
            StreamState::Open if !self.counts && wanted < limit && length <= limit => None,
            _ if length >= wanted => Some(wanted),
            StreamState::Ended => Some(length),
            StreamState::Stalled => Some(whole(length)),
            StreamState::Open => None,
        }
    }
}
