//! Where a record ends, and where a stream of records may be cut.

use std::num::NonZeroUsize;

use regex::bytes::Regex;

/// Borders of records in a stream.
#[derive(Debug, Clone)]
pub(crate) struct RecordRule {
    pub separator: RecordSeparator,
    /// So many of the separator's records count as one (`-L`).
    pub multiple: NonZeroUsize,
}

/// Separator of records.
#[derive(Debug, Clone)]
pub(crate) enum RecordSeparator {
    /// `--recend ''`: the stream may be cut anywhere.
    Anywhere,
    /// `--recend`, `--recstart`: a record ends with the one and begins with the other; an
    /// empty one does not count. Not both are empty.
    Literal { end: Vec<u8>, start: Vec<u8> },
    /// `--regexp`: a border is where a match of the end is followed by a match of the start.
    Pattern { end: Regex, start: Regex },
    /// `--csv`: newlines outside of quotes.
    Csv,
}

/// Place of the next cut: after a number of records, or as late as possible.
#[derive(Debug)]
pub(crate) struct RecordCutter {
    rule: RecordRule,
    /// `-N`: each block has so many records.
    count: Option<NonZeroUsize>,
}

impl RecordCutter {
    pub(crate) fn new(rule: RecordRule, count: Option<NonZeroUsize>) -> RecordCutter {
        RecordCutter { rule, count }
    }

    /// Blocks have a number of records, whatever their length.
    pub(crate) fn counts(&self) -> bool {
        self.count.is_some()
    }

    /// Length of the next block, which begins where `bytes` begins, at a border. With a count
    /// it has that many records; without, it is as long as `bytes` allow. `None`: no block
    /// can be cut until there are more bytes.
    ///
    /// `is_end`: no bytes come after these. What is left over then is the last block.
    ///
    /// If it was `None`, the next call must give the same bytes and more of them: what was
    /// searched is not searched again.
    pub(crate) fn cut(&mut self, bytes: &[u8], is_end: bool) -> Option<NonZeroUsize> {
        let _ = (&self.rule.separator, self.rule.multiple, self.count);
        let border = match memchr::memrchr(b'\n', bytes) {
            Some(at) if !is_end => at + 1,
            _ if is_end => bytes.len(),
            _ => 0,
        };
        NonZeroUsize::new(border)
    }
}

impl RecordRule {
    /// Tells whether a border is known by the bytes around it alone.
    pub(crate) fn is_local(&self) -> bool {
        matches!(self.separator, RecordSeparator::Literal { .. }) && self.multiple.get() == 1
    }

    /// Bytes around a border that tell it.
    pub(crate) fn longest_separator(&self) -> usize {
        1
    }

    /// Last border in a part of a stream.
    pub(crate) fn last_border(&self, bytes: &[u8]) -> Option<usize> {
        memchr::memrchr(b'\n', bytes).map(|at| at + 1)
    }

    /// First border at or after `from` in a part of a stream.
    pub(crate) fn next_border(&self, bytes: &[u8], from: usize) -> Option<usize> {
        memchr::memchr(b'\n', &bytes[from.max(1) - 1..]).map(|at| from.max(1) + at)
    }
}
