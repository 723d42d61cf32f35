//! Merges sorted runs.

use std::cmp::Ordering;
use std::io;

use super::chunk::SortChunk;
use super::disk::{SortedRun, SortedRunReader};
use super::order::{SortOrder, SortTies};

/// Position in a run: its smallest line that is left.
pub(super) enum RunCursor<'a> {
    Memory {
        chunk: &'a SortChunk,
        at: usize,
        rank: u64,
    },
    Disk(SortedRunReader),
}

impl<'a> RunCursor<'a> {
    /// Over sorted lines in memory; `None` if there are none.
    pub(super) fn over_chunk(chunk: &'a SortChunk, rank: u64) -> Option<RunCursor<'a>> {
        (chunk.len() > 0).then_some(RunCursor::Memory { chunk, at: 0, rank })
    }

    /// Over sorted lines in a file; `None` if there are none.
    pub(super) fn over_stored(
        stored: SortedRun,
        order: &SortOrder,
    ) -> io::Result<Option<RunCursor<'a>>> {
        Ok(SortedRunReader::new(stored, order)?.map(RunCursor::Disk))
    }

    fn line(&self) -> (&[u8], u64) {
        match self {
            RunCursor::Memory { chunk, at, .. } => chunk.line(*at),
            RunCursor::Disk(reading) => (reading.line(), reading.prefix),
        }
    }

    fn rank(&self) -> u64 {
        match self {
            RunCursor::Memory { rank, .. } => *rank,
            RunCursor::Disk(reading) => reading.rank(),
        }
    }

    fn advance(&mut self, order: &SortOrder) -> io::Result<bool> {
        match self {
            RunCursor::Memory { chunk, at, .. } => {
                *at += 1;
                Ok(*at < chunk.len())
            }
            RunCursor::Disk(reading) => reading.advance(order),
        }
    }
}

/// Passes the lines of all runs to `take` in order, each with its rank.
pub(super) fn merge(
    order: &SortOrder,
    cursors: Vec<RunCursor<'_>>,
    mut take: impl FnMut(u64, &[u8]) -> io::Result<()>,
) -> io::Result<()> {
    let mut heap = MergeHeap { order, cursors };
    heap.build();
    // The line passed last, if equal ones are dropped.
    let mut last: Option<Vec<u8>> = None;
    while let Some(top) = heap.cursors.first_mut() {
        let (line, _) = top.line();
        let is_wanted = match (order.ties, &mut last) {
            (SortTies::Dropped, Some(last)) if order.compare(last, line).is_eq() => false,
            (SortTies::Dropped, last) => {
                let last = last.get_or_insert_default();
                last.clear();
                last.extend_from_slice(line);
                true
            }
            _ => true,
        };
        if is_wanted {
            take(top.rank(), line)?;
        }
        if !top.advance(order)? {
            heap.cursors.swap_remove(0);
        }
        heap.sift(0);
    }
    Ok(())
}

/// Cursors, of which the first one has the line that comes first.
struct MergeHeap<'a, 'b> {
    order: &'a SortOrder,
    cursors: Vec<RunCursor<'b>>,
}

impl MergeHeap<'_, '_> {
    fn build(&mut self) {
        for at in (0..self.cursors.len() / 2).rev() {
            self.sift(at);
        }
    }

    fn sift(&mut self, mut at: usize) {
        loop {
            let mut first = at;
            for child in [2 * at + 1, 2 * at + 2] {
                if child < self.cursors.len() && self.compare(child, first).is_lt() {
                    first = child;
                }
            }
            if first == at {
                return;
            }
            self.cursors.swap(at, first);
            at = first;
        }
    }

    fn compare(&self, one: usize, other: usize) -> Ordering {
        let (one, other) = (&self.cursors[one], &self.cursors[other]);
        let ((line, prefix), (other_line, other_prefix)) = (one.line(), other.line());
        (prefix.cmp(&other_prefix))
            .then_with(|| self.order.compare(line, other_line))
            .then_with(|| one.rank().cmp(&other.rank()))
    }
}
