//! Queue of rows that were read ahead of need: a few in memory, the others in a temporary file
//! without a name.

use std::collections::VecDeque;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

use crate::input::{ByteStrings, Row};
use crate::spool;

/// Bytes of a block, in which rows are moved to the file, about.
const BLOCK: usize = 64 << 10;

/// Bytes of rows in memory.
const MAX_MEMORY: usize = 1 << 20;

/// Bytes of all rows. The file is a ring of this size.
const MAX_BYTES: u64 = 256 << 20;

/// Queue of rows with their numbers.
#[derive(Debug, Default)]
pub(super) struct RowSpool {
    blocks: VecDeque<RowBlock>,
    /// Bytes of the first block that were taken out.
    taken: usize,
    /// Bytes of all blocks...
    bytes: u64,
    /// ...and of those in memory.
    memory: usize,
    ring: Option<File>,
    /// Offset of the next block in the ring, which wraps: bytes written so far.
    written: u64,
    is_disk_full: bool,
}

/// Rows in the form of [`encode`].
#[derive(Debug)]
enum RowBlock {
    Memory(Vec<u8>),
    Ring { offset: u64, length: usize },
}

impl RowSpool {
    /// Tells whether no more rows should be added.
    pub(super) fn is_full(&self) -> bool {
        self.bytes >= MAX_BYTES || (self.is_disk_full && self.memory >= MAX_MEMORY)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.blocks.is_empty()
    }

    pub(super) fn push(&mut self, seq: u64, row: &Row) {
        if !matches!(self.blocks.back(), Some(RowBlock::Memory(last)) if last.len() < BLOCK) {
            self.spill();
            self.blocks.push_back(RowBlock::Memory(Vec::new()));
        }
        if let Some(RowBlock::Memory(last)) = self.blocks.back_mut() {
            let before = last.len();
            encode(seq, row, last);
            let added = last.len() - before;
            self.memory += added;
            self.bytes += added as u64;
        }
    }

    /// Moves the last block to the file if much is in memory. A block that cannot be written
    /// stays there.
    fn spill(&mut self) {
        if self.memory < MAX_MEMORY || self.is_disk_full || self.blocks.len() < 2 {
            return;
        }
        let Some(RowBlock::Memory(last)) = self.blocks.back() else {
            return;
        };
        let length = last.len();
        // The ring may be overrun by one large block.
        if self.bytes > MAX_BYTES {
            return;
        }
        match write_ring(&mut self.ring, self.written, last) {
            Ok(()) => {
                let offset = self.written;
                self.written += length as u64;
                self.memory -= length;
                self.blocks.pop_back();
                self.blocks.push_back(RowBlock::Ring { offset, length });
            }
            Err(_) => self.is_disk_full = true,
        }
    }

    /// Takes the first row.
    ///
    /// # Errors
    /// The file cannot be read back.
    pub(super) fn pop(&mut self) -> io::Result<Option<(u64, Row)>> {
        if let (Some(&RowBlock::Ring { offset, length }), Some(ring)) =
            (self.blocks.front(), &self.ring)
        {
            let block = read_ring(ring, offset, length)?;
            self.memory += length;
            self.blocks[0] = RowBlock::Memory(block);
        }
        let Some(RowBlock::Memory(first)) = self.blocks.front() else {
            return Ok(None);
        };
        let (row, end) = decode(first, self.taken);
        self.taken = end;
        if end == first.len() {
            self.memory -= end;
            self.bytes -= end as u64;
            self.taken = 0;
            self.blocks.pop_front();
        }
        Ok(Some(row))
    }
}

/// Writes bytes at an offset of the ring, which wraps.
fn write_ring(ring: &mut Option<File>, at: u64, bytes: &[u8]) -> io::Result<()> {
    let file = match ring {
        Some(file) => file,
        None => ring.insert(spool::temporary_file()?),
    };
    let (first, offset) = split(at, bytes.len());
    file.write_all_at(&bytes[..first], offset)?;
    file.write_all_at(&bytes[first..], 0)
}

fn read_ring(file: &File, at: u64, length: usize) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; length];
    let (first, offset) = split(at, length);
    file.read_exact_at(&mut bytes[..first], offset)?;
    file.read_exact_at(&mut bytes[first..], 0)?;
    Ok(bytes)
}

/// Splits `length` bytes at the end of the ring: the number of those before it, and where they
/// begin.
fn split(at: u64, length: usize) -> (usize, u64) {
    let offset = at % MAX_BYTES;
    let left = usize::try_from(MAX_BYTES - offset).unwrap_or(usize::MAX);
    (length.min(left), offset)
}

/// Appends a row: its number, how many values it has, each value after its length.
fn encode(seq: u64, row: &Row, out: &mut Vec<u8>) {
    number(seq, out);
    number(row.values.len() as u64, out);
    for value in row.values.iter() {
        number(value.len() as u64, out);
        out.extend_from_slice(value);
    }
}

/// The row that begins at `at`, and its end.
fn decode(bytes: &[u8], mut at: usize) -> ((u64, Row), usize) {
    let seq = read_number(bytes, &mut at);
    let count = read_number(bytes, &mut at);
    let mut values = ByteStrings::default();
    for _ in 0..count {
        let length = read_number(bytes, &mut at) as usize;
        values.push(&bytes[at..at + length]);
        at += length;
    }
    ((seq, values.into()), at)
}

/// Seven bits a byte, the lowest first; the highest bit says that more follow.
fn number(mut number: u64, out: &mut Vec<u8>) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

fn read_number(bytes: &[u8], at: &mut usize) -> u64 {
    let (mut number, mut shift) = (0, 0);
    loop {
        let byte = bytes[*at];
        *at += 1;
        number |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return number;
        }
        shift += 7;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn row(values: &[&[u8]]) -> Row {
        values.iter().collect()
    }

    #[test]
    fn many_rows_go_to_disk_and_come_back() {
        let mut spool = RowSpool::default();
        let value = |seq: u64| seq.to_string().into_bytes();
        let (mut next, mut read) = (1, 1);
        for _ in 0..40 {
            for _ in 0..10_000 {
                spool.push(next, &row(&[&value(next), b"\0x"]));
                next += 1;
            }
            for _ in 0..5_000 {
                let expected = Some((read, row(&[&value(read), b"\0x"])));
                assert_eq!(spool.pop().unwrap(), expected);
                read += 1;
            }
            assert!(spool.memory <= MAX_MEMORY + 2 * BLOCK);
        }
        assert!(spool.ring.is_some());
        while let Some((seq, popped)) = spool.pop().unwrap() {
            assert_eq!((seq, &popped.values[0]), (read, value(read).as_slice()));
            read += 1;
        }
        assert_eq!((read, spool.bytes, spool.memory), (next, 0, 0));
    }

    #[test]
    fn on_a_full_disk_it_is_full_earlier() {
        let mut spool = RowSpool {
            is_disk_full: true,
            ..RowSpool::default()
        };
        let mut count = 0;
        while !spool.is_full() {
            spool.push(count, &row(&[&[b'x'; 1000]]));
            count += 1;
        }
        assert!(spool.ring.is_none() && count < 1100);
        for seq in 0..count {
            assert_eq!(spool.pop().unwrap().map(|(seq, _)| seq), Some(seq));
        }
        assert!(spool.is_empty() && !spool.is_full());
    }

    #[test]
    fn the_ring_wraps() {
        let at = 3 * MAX_BYTES - 10;
        assert_eq!(split(at, 4), (4, MAX_BYTES - 10));
        assert_eq!(split(at, 14), (10, MAX_BYTES - 10));
        let mut ring = None;
        write_ring(&mut ring, at, b"0123456789abcd").unwrap();
        assert_eq!(
            read_ring(&ring.unwrap(), at, 14).unwrap(),
            b"0123456789abcd"
        );
    }

    proptest! {
        #[test]
        fn rows_come_back_as_they_were(
            rows in prop::collection::vec(
                (any::<u64>(), prop::collection::vec(prop::collection::vec(any::<u8>(), 0..300), 0..4)),
                0..10,
            )
        ) {
            let mut spool = RowSpool::default();
            let rows: Vec<(u64, Row)> = (rows.into_iter())
                .map(|(seq, values)| (seq, values.into_iter().collect()))
                .collect();
            for (seq, row) in &rows {
                spool.push(*seq, row);
            }
            for row in rows {
                prop_assert_eq!(spool.pop().unwrap(), Some(row));
            }
            prop_assert!(spool.pop().unwrap().is_none());
        }
    }
}
