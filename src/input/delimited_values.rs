//! A byte stream cut into values at its delimiters, as they come.

use std::io::{self, Read};
use std::ops::Range;

use super::delimiter::Delimiter;

/// Twice what a pipe holds: one read can empty it, and a full buffer is moved
/// rarely.
const CAPACITY: usize = 128 * 1024;

/// Values of one stream.
///
/// The bytes at `buffer[start..filled]` have been read and not given out. The next
/// delimiter is looked for as soon as there are bytes to look at, so that `found` always
/// says whether a whole value is at hand.
#[derive(Debug)]
pub(super) struct RecordReader<R> {
    input: R,
    delimiter: Delimiter,
    drop_final_newline: bool,
    buffer: Vec<u8>,
    start: usize,
    filled: usize,
    /// Bytes that are held of one value at most, beside the capacity of the buffer.
    max_record: usize,
    /// Range of the present value in `buffer`.
    value: Range<usize>,
    /// Start of the first delimiter at or after `start`.
    found: Option<usize>,
    /// The input has ended, or failed.
    ended: bool,
}

impl<R: Read> RecordReader<R> {
    pub(super) fn new(input: R, delimiter: Delimiter, drop_final_newline: bool) -> Self {
        RecordReader {
            input,
            delimiter,
            drop_final_newline,
            buffer: Vec::new(),
            start: 0,
            filled: 0,
            max_record: usize::MAX,
            value: 0..0,
            found: None,
            ended: false,
        }
    }

    /// Fails at a value of more bytes than that, and than the buffer has.
    pub(super) fn bounded(self, max_record: usize) -> Self {
        RecordReader { max_record, ..self }
    }

    /// The next value, or the end, is known without reading.
    pub(super) fn is_ready(&self) -> bool {
        self.found.is_some() || self.ended
    }

    /// No value is left, and that is known.
    pub(super) fn is_exhausted(&self) -> bool {
        self.ended && self.found.is_none() && self.rest().is_none()
    }

    /// Makes the next value the present one, if there is one. After an error there are no
    /// more: half a value that an error cut off must not become a job.
    pub(super) fn advance(&mut self) -> io::Result<bool> {
        while self.found.is_none() {
            if self.ended {
                let rest = self.rest().map_or(0, <[u8]>::len);
                self.value = self.start..self.start + rest;
                self.start = self.filled;
                return Ok(rest > 0);
            }
            if let Err(error) = self.fill() {
                self.start = self.filled;
                self.ended = true;
                return Err(error);
            }
        }
        if let Some(end) = self.found {
            self.value = self.start..end;
            self.start = end + self.delimiter.len();
            self.search_from(self.start);
        }
        Ok(true)
    }

    /// The present value, which is there until the next one is.
    pub(super) fn value(&self) -> &[u8] {
        &self.buffer[self.value.clone()]
    }

    /// Last value at the end of input, where the delimiter may be missing.
    fn rest(&self) -> Option<&[u8]> {
        let rest = &self.buffer[self.start..self.filled];
        let rest = match rest {
            [rest @ .., b'\n'] if self.drop_final_newline => rest,
            rest => rest,
        };
        (!rest.is_empty()).then_some(rest)
    }

    fn search_from(&mut self, from: usize) {
        let found = self.delimiter.find(&self.buffer[from..self.filled]);
        self.found = found.map(|at| from + at);
    }

    /// Reads once. Only called while no delimiter is in the buffer.
    fn fill(&mut self) -> io::Result<()> {
        self.make_room()?;
        // The last bytes searched may be the beginning of a longer delimiter.
        let overlap = self.delimiter.len() - 1;
        let unsearched = self.filled.saturating_sub(overlap).max(self.start);
        match self.input.read(&mut self.buffer[self.filled..])? {
            0 => self.ended = true,
            count => {
                self.filled += count;
                self.search_from(unsearched);
            }
        }
        Ok(())
    }

    /// Makes the buffer's tail free: by moving a short rest to its beginning, or by
    /// doubling it for a value that takes up more than half. Either way each byte is
    /// copied a bounded number of times, however long the value.
    fn make_room(&mut self) -> io::Result<()> {
        if self.start == self.filled {
            self.start = 0;
            self.filled = 0;
        }
        if self.filled < self.buffer.len() {
            return Ok(());
        }
        if self.start > self.buffer.len() / 2 {
            self.buffer.copy_within(self.start..self.filled, 0);
            self.filled -= self.start;
            self.start = 0;
        } else {
            if self.filled - self.start > self.max_record {
                return Err(too_long(self.max_record));
            }
            let doubled = (self.buffer.len() * 2).max(CAPACITY);
            // A value that finds no memory is an error of the input: jobs that run are
            // waited for, where a failed allocation would end prun at once.
            let more = self.buffer.try_reserve_exact(doubled - self.buffer.len());
            more.map_err(|_| io::Error::from(io::ErrorKind::OutOfMemory))?;
            self.buffer.resize(doubled, 0);
        }
        Ok(())
    }
}

pub(super) fn too_long(max_record: usize) -> io::Error {
    io::Error::other(format!(
        "a value is longer than {max_record} bytes; --max-record allows more"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Gives its bytes in pieces of the given sizes, over and over.
    struct Pieces<'a> {
        bytes: &'a [u8],
        sizes: std::iter::Cycle<std::slice::Iter<'a, usize>>,
    }

    impl Read for Pieces<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let size = *self.sizes.next().unwrap();
            let count = size.min(self.bytes.len()).min(buffer.len());
            buffer[..count].copy_from_slice(&self.bytes[..count]);
            self.bytes = &self.bytes[count..];
            Ok(count)
        }
    }

    fn records<'a>(
        bytes: &'a [u8],
        sizes: &'a [usize],
        delimiter: &[u8],
        drop_final_newline: bool,
    ) -> RecordReader<Pieces<'a>> {
        let sizes = sizes.iter().cycle();
        let input = Pieces { bytes, sizes };
        RecordReader::new(input, Delimiter::new(delimiter), drop_final_newline)
    }

    fn next<R: Read>(records: &mut RecordReader<R>) -> io::Result<Option<Vec<u8>>> {
        let is_there = records.advance()?;
        Ok(is_there.then(|| records.value().to_vec()))
    }

    fn all<R: Read>(mut records: RecordReader<R>) -> Vec<Vec<u8>> {
        let mut values = Vec::new();
        while let Some(value) = next(&mut records).unwrap() {
            values.push(value);
        }
        assert_eq!(next(&mut records).unwrap(), None, "ended for good");
        assert!(records.is_exhausted());
        values
    }

    /// The definition: the leftmost delimiter ends a value; a last value may lack it.
    fn simple_split(mut bytes: &[u8], delimiter: &[u8]) -> Vec<Vec<u8>> {
        let mut values = Vec::new();
        while !bytes.is_empty() {
            let end = bytes.windows(delimiter.len()).position(|w| w == delimiter);
            values.push(bytes[..end.unwrap_or(bytes.len())].to_vec());
            bytes = end.map_or(&[], |end| &bytes[end + delimiter.len()..]);
        }
        values
    }

    /// Few different bytes, so that delimiters and their halves are frequent.
    fn bytes() -> impl Strategy<Value = Vec<u8>> {
        prop::collection::vec(prop::sample::select(&b"a,;\n\0\xff"[..]), 0..200)
    }

    fn delimiter() -> impl Strategy<Value = Vec<u8>> {
        prop::collection::vec(prop::sample::select(&b"a,;\n\0"[..]), 1..4)
    }

    fn sizes() -> impl Strategy<Value = Vec<usize>> {
        prop::collection::vec(1..9_usize, 1..8)
    }

    proptest! {
        #[test]
        fn any_bytes_in_any_pieces_are_split_alike(b in bytes(), d in delimiter(), s in sizes()) {
            let values = all(records(&b, &s, &d, false));
            prop_assert_eq!(values, simple_split(&b, &d));
        }

        #[test]
        fn joining_gives_back_the_input(b in bytes(), d in delimiter(), s in sizes()) {
            let mut joined = all(records(&b, &s, &d, false)).join(&d[..]);
            if joined.len() < b.len() {
                joined.extend_from_slice(&d);
            }
            prop_assert_eq!(joined, b);
        }

        #[test]
        fn ready_means_that_no_read_follows(b in bytes(), d in delimiter(), s in sizes()) {
            let mut records = records(&b, &s, &d, true);
            loop {
                let ready = records.is_ready();
                let before = records.input.bytes.len();
                let value = next(&mut records).unwrap();
                prop_assert!(!ready || records.input.bytes.len() == before);
                if value.is_none() { break; }
            }
        }
    }

    #[test]
    fn the_last_newline_after_another_delimiter_is_dropped() {
        let table: &[(&[u8], &[&[u8]])] = &[
            (b"a,b\n", &[b"a", b"b"]),
            (b"a,b\n\n", &[b"a", b"b\n"]),
            (b"a,b,\n", &[b"a", b"b"]),
            (b"a\n,b", &[b"a\n", b"b"]),
            (b"a\n,", &[b"a\n"]),
            (b"\n", &[]),
            (b"", &[]),
            (b",\n", &[b""]),
        ];
        for (bytes, values) in table {
            let dropped = all(records(bytes, &[3], b",", true));
            assert_eq!(dropped, *values, "{bytes:?}");
        }
    }

    #[test]
    fn a_value_longer_than_the_buffer_comes_whole() {
        let mut bytes = vec![b'x'; 5 * CAPACITY];
        bytes.extend_from_slice(b"\nshort\n");
        let values = all(records(&bytes, &[CAPACITY], b"\n", false));
        assert_eq!(values.len(), 2);
        assert_eq!(values[0].len(), 5 * CAPACITY);
        assert_eq!(values[1], b"short");
    }

    #[test]
    fn memory_stays_flat_over_a_long_stream() {
        let input = io::repeat(b'\n').take(10 * CAPACITY as u64);
        let mut records = RecordReader::new(input, Delimiter::Byte(b'\n'), false);
        while next(&mut records).unwrap().is_some() {}
        assert_eq!(records.buffer.len(), CAPACITY);
    }

    #[test]
    fn an_error_ends_the_stream_and_drops_half_a_value() {
        struct FailingReader(u8);
        impl Read for FailingReader {
            fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
                self.0 += 1;
                match self.0 {
                    1 => (&b"a\nhal"[..]).read(buffer),
                    _ => Err(io::Error::from_raw_os_error(5)),
                }
            }
        }
        let mut records = RecordReader::new(FailingReader(0), Delimiter::Byte(b'\n'), false);
        assert_eq!(next(&mut records).unwrap(), Some(b"a".to_vec()));
        assert!(next(&mut records).is_err());
        assert_eq!(next(&mut records).unwrap(), None);
    }
}
