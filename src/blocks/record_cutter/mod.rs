//! Place to cut a stream of records.
//!
//! - [`cutting`]: what is asked of all cutters
//! - [`local`]: the last border, found from the end
//! - [`lines`]: borders counted, many bytes at a time
//! - [`scanned`]: borders found one after the other

mod cutting;
mod lines;
mod local;
mod scanned;

#[cfg(test)]
mod tests;

use std::num::NonZeroUsize;

pub(crate) use cutting::StreamState;

use super::border_scan::csv::CsvScan;
use super::border_scan::group::GroupScan;
use super::border_scan::literal::LiteralScan;
use super::border_scan::pattern::PatternScan;
use super::border_scan::scan::BorderScan;
use super::record_rule::{RecordRule, RecordSeparator, needle};
use crate::error::Result;
use cutting::CutUnit;
use lines::LineCutter;
use local::LocalCutter;
use scanned::{ScannedCutter, StreamEdges};

/// Place of the next cut: after a number of records, or as late as possible.
///
/// Where the cuts are does not depend on how the stream comes in, unless it stalls.
#[derive(Debug)]
pub(crate) struct RecordCutter {
    unit: CutUnit,
    lookahead: usize,
    search: BorderSearch,
    removes_separators: bool,
}

#[derive(Debug)]
enum BorderSearch {
    Anywhere,
    Local(Box<LocalCutter>),
    Lines(LineCutter),
    Scanned(ScannedCutter),
}

impl RecordCutter {
    /// With a count (`-N`), each block has so many records.
    pub(crate) fn new(rule: RecordRule, count: Option<NonZeroUsize>) -> RecordCutter {
        let unit = CutUnit::new(rule.multiple, count);
        let search = match &rule.separator {
            RecordSeparator::Anywhere => BorderSearch::Anywhere,
            RecordSeparator::Literal { end, start } => {
                let needle = needle(end, start);
                if count.is_none() && rule.is_local() {
                    BorderSearch::Local(Box::new(LocalCutter::new(&needle, end.len())))
                } else if let ([byte], []) = (&end[..], &start[..]) {
                    BorderSearch::Lines(LineCutter::new(*byte, unit))
                } else {
                    let scan = scan(&rule.separator);
                    BorderSearch::Scanned(ScannedCutter::new(scan, unit))
                }
            }
            separator => BorderSearch::Scanned(ScannedCutter::new(scan(separator), unit)),
        };
        RecordCutter {
            unit,
            lookahead: lookahead(&rule.separator),
            search,
            removes_separators: false,
        }
    }

    /// A cutter that also removes separators (`--rrs`), by
    /// [`RecordCutter::remove_separators`].
    pub(crate) fn removing(rule: RecordRule, count: Option<NonZeroUsize>) -> RecordCutter {
        let unit = CutUnit::new(rule.multiple, count);
        let search = match &rule.separator {
            RecordSeparator::Anywhere => return RecordCutter::new(rule, count),
            separator => {
                let scan = scan(separator);
                BorderSearch::Scanned(ScannedCutter::removing(scan, unit, edges(separator)))
            }
        };
        RecordCutter {
            unit,
            lookahead: lookahead(&rule.separator),
            search,
            removes_separators: true,
        }
    }

    /// Blocks have a number of records, whatever their length.
    pub(crate) fn counts(&self) -> bool {
        self.unit.counts
    }

    pub(crate) fn removes_separators(&self) -> bool {
        self.removes_separators
    }

    /// Bytes after the longest block that usually tell where it ends.
    pub(crate) fn lookahead(&self) -> usize {
        self.lookahead
    }

    /// Is told the header before the stream, which may name a column.
    ///
    /// # Errors
    /// It does not have the column.
    pub(crate) fn take_header(&mut self, header: &[u8]) -> Result<()> {
        match &mut self.search {
            BorderSearch::Scanned(cutter) => cutter.take_header(header),
            _ => Ok(()),
        }
    }

    /// # Errors
    /// A record had no key (`--group-by`): blocks since then are not to be used.
    pub(crate) fn check(&self) -> Result<()> {
        match &self.search {
            BorderSearch::Scanned(cutter) => cutter.check(),
            _ => Ok(()),
        }
    }

    /// Length of the next block, which begins where `bytes` begins. With a count it has that
    /// many records, whatever their length. Without, it ends at the last border at or before
    /// `limit`, or if there is none, at the first one; what is left over at the end of the
    /// stream is a block too. `None`: more bytes are needed.
    ///
    /// The bytes of one call are those of the last one without the block that was cut, and
    /// more of them: what was searched is not searched again.
    pub(crate) fn cut(
        &mut self,
        bytes: &[u8],
        limit: usize,
        state: StreamState,
    ) -> Option<NonZeroUsize> {
        let limit = limit.max(1);
        let length = match &mut self.search {
            BorderSearch::Anywhere => self.unit.length_of_bytes(bytes.len(), limit, state),
            BorderSearch::Local(cutter) => cutter.cut(bytes, limit, state),
            BorderSearch::Lines(cutter) => cutter.cut(bytes, limit, state),
            BorderSearch::Scanned(cutter) => cutter.cut(bytes, limit, state),
        };
        NonZeroUsize::new(length?)
    }

    /// Moves the bytes of the block that was just cut together, without the separators that
    /// were found in it. Returns how many are left.
    pub(crate) fn remove_separators(&mut self, block: &mut [u8]) -> usize {
        match &mut self.search {
            BorderSearch::Scanned(cutter) => cutter.remove_separators(block),
            _ => block.len(),
        }
    }
}

fn scan(separator: &RecordSeparator) -> Box<dyn BorderScan> {
    match separator {
        RecordSeparator::Anywhere => Box::new(LiteralScan::new(b"", 0)),
        RecordSeparator::Literal { end, start } => {
            Box::new(LiteralScan::new(&needle(end, start), end.len()))
        }
        RecordSeparator::Pattern(pattern) => Box::new(PatternScan::new(pattern.clone())),
        RecordSeparator::Csv { delimiter } => Box::new(CsvScan::new(*delimiter)),
        RecordSeparator::Group { key, records } => {
            Box::new(GroupScan::new(scan(records), key.clone()))
        }
    }
}

/// As GNU parallel has it, `>` and `;` are removed from `>a;>b;` where separators are `;>`.
fn edges(separator: &RecordSeparator) -> StreamEdges {
    match separator {
        RecordSeparator::Literal { end, start } if !end.is_empty() && !start.is_empty() => {
            StreamEdges {
                start: start.clone(),
                end: end.clone(),
            }
        }
        _ => StreamEdges::default(),
    }
}

fn lookahead(separator: &RecordSeparator) -> usize {
    /// Bytes of a usual record.
    const RECORD: usize = 4 << 10;
    match separator {
        RecordSeparator::Anywhere => 0,
        RecordSeparator::Literal { start, .. } => start.len().max(1),
        RecordSeparator::Csv { .. } => 1,
        RecordSeparator::Pattern(_) | RecordSeparator::Group { .. } => RECORD,
    }
}
