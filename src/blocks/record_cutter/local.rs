//! The last border, found from the end of a block.

use memchr::memmem::{Finder, FinderRev};

use super::cutting::StreamState;

/// Cuts at separators that cannot overlap each other: a search from the end finds the same
/// ones as a search from the beginning. It takes as long as the last record, not as the block.
#[derive(Debug)]
pub(super) struct LocalCutter {
    forward: Finder<'static>,
    reverse: FinderRev<'static>,
    /// Length of what ends a record.
    end: usize,
    /// No separator with a border in the block begins before this offset.
    searched: usize,
}

impl LocalCutter {
    pub(super) fn new(needle: &[u8], end: usize) -> LocalCutter {
        LocalCutter {
            forward: Finder::new(needle).into_owned(),
            reverse: FinderRev::new(needle).into_owned(),
            end,
            searched: 0,
        }
    }

    pub(super) fn cut(&mut self, bytes: &[u8], limit: usize, state: StreamState) -> Option<usize> {
        let is_ended = state == StreamState::Ended;
        if is_ended && bytes.len() <= limit {
            return Some(bytes.len());
        }
        let start = self.needle_length() - self.end;
        let reach = limit.saturating_add(start);
        if state == StreamState::Open && bytes.len() < reach.max(limit.saturating_add(1)) {
            return None;
        }
        let border = self
            .last_border(&bytes[..bytes.len().min(reach)])
            .or_else(|| self.first_border(bytes));
        if border.is_some() {
            self.searched = 0;
        }
        border.or_else(|| is_ended.then_some(bytes.len()))
    }

    fn needle_length(&self) -> usize {
        self.forward.needle().len()
    }

    /// Separator at the beginning of the block, which makes no border in it.
    fn first(&self) -> usize {
        self.searched.max(usize::from(self.end == 0))
    }

    fn last_border(&mut self, bytes: &[u8]) -> Option<usize> {
        let first = self.first();
        if let Some(at) = self.reverse.rfind(bytes.get(first..)?) {
            return Some(first + at + self.end);
        }
        self.give_up(bytes.len());
        None
    }

    fn first_border(&mut self, bytes: &[u8]) -> Option<usize> {
        let first = self.first();
        if let Some(at) = self.forward.find(bytes.get(first..)?) {
            return Some(first + at + self.end);
        }
        self.give_up(bytes.len());
        None
    }

    /// A separator may yet begin in the last bytes.
    fn give_up(&mut self, length: usize) {
        let searched = (length + 1).saturating_sub(self.needle_length());
        self.searched = self.searched.max(searched);
    }
}
