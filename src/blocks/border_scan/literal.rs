//! Borders by a text at the end or at the beginning of a record.

use memchr::memmem::Finder;

use super::scan::{BorderScan, FoundBorder};

#[derive(Debug)]
pub(in crate::blocks) struct LiteralScan {
    finder: Finder<'static>,
    /// Length of what ends a record.
    end: usize,
    /// Offset of the first byte of a separator that is not yet found.
    position: usize,
}

impl LiteralScan {
    /// Looks for `needle`, with the border after its first `end` bytes.
    pub(in crate::blocks) fn new(needle: &[u8], end: usize) -> LiteralScan {
        LiteralScan {
            finder: Finder::new(needle).into_owned(),
            end,
            position: 0,
        }
    }
}

impl BorderScan for LiteralScan {
    fn next(&mut self, bytes: &[u8], _: bool) -> Option<FoundBorder> {
        let length = self.finder.needle().len();
        let unseen = bytes.get(self.position..)?;
        let Some(at) = self.finder.find(unseen) else {
            self.position = self.position.max((bytes.len() + 1).saturating_sub(length));
            return None;
        };
        let start = self.position + at;
        self.position = start + length;
        Some(FoundBorder {
            at: start + self.end,
            separator: start..self.position,
        })
    }

    fn floor(&self) -> usize {
        self.position + self.end
    }

    /// What begins a record may reach over the border: the search goes on after it.
    fn forget(&mut self, block: &[u8]) {
        self.position = self.position.saturating_sub(block.len());
    }
}
