//! Collects lines and sorts them: in memory as long as there is space, in temporary files
//! otherwise.

use std::io::{self, Read};
use std::sync::Arc;

use memchr::{memchr_iter, memrchr};

use super::chunk::{ChunkMemory, LINE, MemoryShare, SortChunk};
use super::disk::{SortedRun, SortedRunFile};
use super::merge::{RunCursor, merge};
use super::order::SortOrder;
use crate::builtin::builtin_input::{BuiltinInput, reserve, too_long};
use crate::builtin::workers::WorkerThreads;

/// Bytes that are read at once.
const PIECE: usize = 256 << 10;

/// Runs that are merged at once: each is read through a buffer of its own.
const MOST_RUNS: usize = 64;

#[derive(Debug)]
pub(in crate::builtin::reduce) struct LineSorter {
    pub(super) order: SortOrder,
    memory: Arc<ChunkMemory>,
}

/// Lines of one job, or of several.
#[derive(Debug)]
pub(in crate::builtin::reduce) struct SorterLines {
    /// Origin of lines: the job's number, and in the low bits that of the chunk.
    rank: u64,
    /// Text that is not sorted yet.
    text: Vec<u8>,
    /// Number of terminated lines in `text`.
    count: usize,
    share: MemoryShare,
    sorted: Vec<(SortChunk, u64)>,
    stored: Vec<SortedRun>,
    disk: SortedRunFile,
}

/// Low bits of a rank, for the number of a chunk.
const CHUNK_BITS: u32 = 20;

impl LineSorter {
    /// With about `memory` bytes.
    pub(in crate::builtin::reduce) fn new(order: SortOrder, memory: usize) -> LineSorter {
        let memory = Arc::new(ChunkMemory::new(memory));
        LineSorter { order, memory }
    }

    pub(in crate::builtin::reduce) fn begin(&self, seq: u64) -> SorterLines {
        SorterLines {
            rank: seq << CHUNK_BITS,
            text: Vec::new(),
            count: 0,
            share: MemoryShare::new(&self.memory),
            sorted: Vec::new(),
            stored: Vec::new(),
            disk: SortedRunFile::default(),
        }
    }

    pub(in crate::builtin::reduce) fn read(
        &self,
        lines: &mut SorterLines,
        source: &mut BuiltinInput<'_>,
    ) -> io::Result<()> {
        let piece = source.buffer_size(PIECE.min(self.most_text()));
        let mut left = source.size.unwrap_or(0);
        let most = source.stdio().workers().max_record();
        // Bytes of a line whose end has not been read.
        let mut begun = 0;
        loop {
            let filled = lines.text.len();
            if lines.text.capacity() - filled < piece {
                let expected = (self.most_text() as u64).min(left) as usize;
                reserve(&mut lines.text, expected + piece)?;
            }
            lines.text.resize(filled + piece, 0);
            let read = source.read(&mut lines.text[filled..]);
            lines.text.truncate(filled + *read.as_ref().unwrap_or(&0));
            match read? {
                0 => break,
                count => left = left.saturating_sub(count as u64),
            }
            let read = &lines.text[filled..];
            begun = match memrchr(self.order.terminator, read) {
                Some(end) => read.len() - end - 1,
                None => begun + read.len(),
            };
            if begun > most {
                return Err(too_long(most));
            }
            lines.count += memchr_iter(self.order.terminator, &lines.text[filled..]).count();
            self.make_room(lines, source.stdio().workers())?;
        }
        if !lines.text.is_empty() && !lines.text.ends_with(&[self.order.terminator]) {
            lines.text.push(self.order.terminator);
        }
        Ok(())
    }

    pub(in crate::builtin::reduce) fn push(
        &self,
        lines: &mut SorterLines,
        line: &[u8],
        workers: &WorkerThreads,
    ) -> io::Result<()> {
        lines.text.extend_from_slice(line);
        lines.text.push(self.order.terminator);
        lines.count += 1;
        self.make_room(lines, workers)
    }

    /// Sorts the lines added so far.
    pub(in crate::builtin::reduce) fn close(
        &self,
        lines: &mut SorterLines,
        workers: &WorkerThreads,
    ) -> io::Result<()> {
        if !lines.text.is_empty() {
            let text = std::mem::take(&mut lines.text);
            lines.count = 0;
            lines.share.resize(0);
            self.sort(lines, text, workers)?;
        }
        // The file is complete; lines of other jobs go elsewhere.
        lines.disk = SortedRunFile::default();
        Ok(())
    }

    /// Adds the sorted lines of a job to those of others. On an error nothing was added.
    pub(in crate::builtin::reduce) fn add(
        &self,
        whole: &mut SorterLines,
        part: SorterLines,
    ) -> io::Result<()> {
        if self.memory.used() > self.memory.limit / 2 {
            self.store(whole)?;
        }
        self.store_fewer(whole, part.stored.len())?;
        whole.sorted.extend(part.sorted);
        whole.stored.extend(part.stored);
        Ok(())
    }

    /// Passes all lines to `take` in order.
    pub(in crate::builtin::reduce) fn each(
        &self,
        lines: SorterLines,
        mut take: impl FnMut(&[u8]) -> io::Result<()>,
    ) -> io::Result<()> {
        let cursors = self.cursors(&lines.sorted, &lines.stored)?;
        merge(&self.order, cursors, |_, line| take(line))
    }

    /// Bytes that one job may sort at once.
    fn most_text(&self) -> usize {
        (self.memory.limit / 4).min(1 << 30)
    }

    /// Sorts the text if there is much of it, or little memory left.
    fn make_room(&self, lines: &mut SorterLines, workers: &WorkerThreads) -> io::Result<()> {
        let len = lines.text.len();
        lines.share.resize(lines.text.capacity());
        let most = if self.memory.used() > self.memory.limit {
            self.most_text() / 16
        } else {
            self.most_text()
        };
        // The positions of short lines take more memory than the lines.
        if len < most && len + lines.count * LINE < 2 * most {
            return Ok(());
        }
        let Some(end) = memrchr(self.order.terminator, &lines.text) else {
            return match u32::try_from(len + PIECE) {
                Ok(_) => Ok(()),
                Err(_) => Err(io::Error::other("a line is too long")),
            };
        };
        let rest = lines.text[end + 1..].to_vec();
        let mut text = std::mem::replace(&mut lines.text, rest);
        text.truncate(end + 1);
        lines.count = 0;
        lines.share.resize(lines.text.capacity());
        self.sort(lines, text, workers)
    }

    fn sort(
        &self,
        lines: &mut SorterLines,
        text: Vec<u8>,
        workers: &WorkerThreads,
    ) -> io::Result<()> {
        let mut chunk = SortChunk::new(text, &self.memory);
        chunk.sort(&self.order, workers);
        lines.sorted.push((chunk, lines.rank));
        lines.rank += 1;
        if self.memory.used() > self.memory.limit {
            self.store(lines)?;
            self.store_fewer(lines, 0)?;
        }
        Ok(())
    }

    /// Moves the chunks in memory to disk.
    fn store(&self, lines: &mut SorterLines) -> io::Result<()> {
        if lines.sorted.is_empty() {
            return Ok(());
        }
        let cursors = self.cursors(&lines.sorted, &[])?;
        let stored = self.write(cursors, &mut lines.disk)?;
        lines.stored.push(stored);
        lines.sorted.clear();
        Ok(())
    }

    /// Merges runs on disk until `more` others can be read at the same time.
    fn store_fewer(&self, lines: &mut SorterLines, more: usize) -> io::Result<()> {
        while lines.stored.len() > 1 && lines.stored.len() + more > MOST_RUNS {
            // Small ones first: large ones are seldom written again.
            lines.stored.sort_by_key(|stored| stored.len);
            let count = lines.stored.len().min(MOST_RUNS / 2);
            let cursors = self.cursors(&[], &lines.stored[..count])?;
            // The space of a file is given back when all runs in it were merged.
            let stored = self.write(cursors, &mut SortedRunFile::default())?;
            lines.stored.splice(..count, [stored]);
            lines.disk = SortedRunFile::default();
        }
        Ok(())
    }

    fn write(
        &self,
        cursors: Vec<RunCursor<'_>>,
        disk: &mut SortedRunFile,
    ) -> io::Result<SortedRun> {
        let has_ranks = self.order.depends_on_input();
        let mut writing = disk.begin()?;
        merge(&self.order, cursors, |rank, line| {
            writing.line(has_ranks.then_some(rank), line, self.order.terminator)
        })?;
        writing.end()
    }

    fn cursors<'a>(
        &self,
        sorted: &'a [(SortChunk, u64)],
        stored: &[SortedRun],
    ) -> io::Result<Vec<RunCursor<'a>>> {
        let over = sorted.iter().map(|(chunk, rank)| (chunk, *rank));
        let mut cursors: Vec<RunCursor<'a>> = over
            .filter_map(|(chunk, rank)| RunCursor::over_chunk(chunk, rank))
            .collect();
        for stored in stored {
            cursors.extend(RunCursor::over_stored(stored.clone(), &self.order)?);
        }
        Ok(cursors)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_lines_take_no_more_memory_than_long_ones() {
        const LIMIT: usize = 1 << 20;
        for length in [0, 1, 5, 100] {
            let sorter = LineSorter::new(SortOrder::numeric(), LIMIT);
            let mut lines = sorter.begin(1);
            let (line, workers) = (vec![b'1'; length], WorkerThreads::new(1, usize::MAX));
            for _ in 0..2 * LIMIT / (length + 1) {
                sorter.push(&mut lines, &line, &workers).unwrap();
                let used = sorter.memory.used();
                assert!(used <= LIMIT + LIMIT / 2, "{used} with lines of {length}");
            }
            assert!(!lines.stored.is_empty());
        }
    }
}
