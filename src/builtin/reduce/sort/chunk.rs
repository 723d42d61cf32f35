//! Lines in memory.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use memchr::memchr_iter;
use rayon::slice::ParallelSliceMut;

use super::order::{SortOrder, SortTies};
use crate::builtin::workers::WorkerThreads;

/// Number of lines from which on more than one thread sorts.
const MANY: usize = 20_000;

/// Memory of all lines of a run, in bytes.
#[derive(Debug)]
pub(in crate::builtin::reduce) struct ChunkMemory {
    used: AtomicUsize,
    pub(super) limit: usize,
}

impl ChunkMemory {
    pub(in crate::builtin::reduce) fn new(limit: usize) -> ChunkMemory {
        ChunkMemory {
            used: AtomicUsize::new(0),
            limit,
        }
    }

    pub(super) fn used(&self) -> usize {
        self.used.load(Ordering::Relaxed)
    }
}

/// Bytes that are counted in a [`ChunkMemory`] until they are dropped.
#[derive(Debug)]
pub(super) struct MemoryShare {
    memory: Arc<ChunkMemory>,
    size: usize,
}

impl MemoryShare {
    pub(super) fn new(memory: &Arc<ChunkMemory>) -> MemoryShare {
        MemoryShare {
            memory: Arc::clone(memory),
            size: 0,
        }
    }

    pub(super) fn resize(&mut self, size: usize) {
        let used = &self.memory.used;
        used.fetch_add(size, Ordering::Relaxed);
        used.fetch_sub(self.size, Ordering::Relaxed);
        self.size = size;
    }
}

impl Drop for MemoryShare {
    fn drop(&mut self) {
        self.resize(0);
    }
}

/// Text, and the positions of lines in it.
#[derive(Debug)]
pub(super) struct SortChunk {
    text: Vec<u8>,
    lines: Vec<SortLine>,
    share: MemoryShare,
}

#[derive(Debug, Clone, Copy)]
struct SortLine {
    prefix: u64,
    start: u32,
    len: u32,
}

/// Memory for the position of a line, in bytes.
pub(super) const LINE: usize = size_of::<SortLine>();

impl SortChunk {
    /// `text` ends with a terminator, and has at most `u32::MAX` bytes.
    pub(super) fn new(mut text: Vec<u8>, memory: &Arc<ChunkMemory>) -> SortChunk {
        text.shrink_to_fit();
        let mut share = MemoryShare::new(memory);
        share.resize(text.capacity());
        SortChunk {
            text,
            lines: Vec::new(),
            share,
        }
    }

    pub(super) fn sort(&mut self, order: &SortOrder, workers: &WorkerThreads) {
        self.find_lines(order);
        let text = &self.text;
        // A common beginning tells nothing, and the lines of a log have a long one.
        let shared = if order.compares_lines() {
            self.shared()
        } else {
            0
        };
        if shared > 0 {
            for line in &mut self.lines {
                line.prefix = order.prefix(&line.of(text)[shared..]);
            }
        }
        let compare = |one: &SortLine, other: &SortLine| {
            (one.prefix.cmp(&other.prefix))
                .then_with(|| order.compare(one.of(text), other.of(text)))
                .then_with(|| one.start.cmp(&other.start))
        };
        let lines = &mut self.lines;
        match workers.pool().filter(|_| lines.len() >= MANY) {
            Some(pool) => pool.install(|| lines.par_sort_unstable_by(compare)),
            None => lines.sort_unstable_by(compare),
        }
        if order.ties == SortTies::Dropped {
            self.lines.dedup_by(|later, first| {
                later.prefix == first.prefix
                    && order.compare(later.of(text), first.of(text)).is_eq()
            });
        }
        if shared > 0 {
            for line in &mut self.lines {
                line.prefix = order.prefix(line.of(text));
            }
        }
        self.lines.shrink_to_fit();
        let lines = self.lines.capacity() * LINE;
        self.share.resize(self.text.capacity() + lines);
    }

    fn find_lines(&mut self, order: &SortOrder) {
        // Growing would take half of the memory again.
        let count = memchr_iter(order.terminator, &self.text).count();
        self.lines.reserve_exact(count);
        let mut start = 0;
        for end in memchr_iter(order.terminator, &self.text) {
            self.lines.push(SortLine {
                prefix: order.prefix(&self.text[start..end]),
                start: start as u32,
                len: (end - start) as u32,
            });
            start = end + 1;
        }
    }

    /// Length of the common beginning of all lines.
    fn shared(&self) -> usize {
        let Some((first, others)) = self.lines.split_first() else {
            return 0;
        };
        let mut shared = first.of(&self.text);
        for line in others {
            let line = line.of(&self.text);
            if !line.starts_with(shared) {
                let same = shared
                    .iter()
                    .zip(line)
                    .take_while(|(one, other)| one == other);
                shared = &shared[..same.count()];
            }
            if shared.is_empty() {
                break;
            }
        }
        shared.len()
    }

    pub(super) fn len(&self) -> usize {
        self.lines.len()
    }

    /// A line, and its prefix.
    pub(super) fn line(&self, at: usize) -> (&[u8], u64) {
        let line = &self.lines[at];
        (line.of(&self.text), line.prefix)
    }
}

impl SortLine {
    fn of<'a>(&self, text: &'a [u8]) -> &'a [u8] {
        &text[self.start as usize..][..self.len as usize]
    }
}
