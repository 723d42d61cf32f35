//! A search for borders that goes on where it stopped.

use std::fmt;
use std::ops::Range;

use crate::error::Result;

/// Search of a stream for borders, from left to right. Offsets count from the beginning of
/// the bytes that it is given, which must be those of the last call and more of them.
pub(in crate::blocks) trait BorderScan: fmt::Debug + Send {
    /// Next border; `None` if more bytes are needed to tell. No bytes come after these when
    /// the stream `is_ended`. A border at 0 may be found, where the stream begins.
    fn next(&mut self, bytes: &[u8], is_ended: bool) -> Option<FoundBorder>;

    /// No border before this offset is still to be found.
    fn floor(&self) -> usize;

    /// Goes on without these first bytes, which end at a border that was found.
    fn forget(&mut self, block: &[u8]);

    /// Is told the header before the stream, which may name a column.
    fn take_header(&mut self, _: &[u8]) -> Result<()> {
        Ok(())
    }

    /// # Errors
    /// A record could not be understood.
    fn check(&self) -> Result<()> {
        Ok(())
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::blocks) struct FoundBorder {
    pub at: usize,
    /// Bytes that make the border.
    pub separator: Range<usize>,
}
