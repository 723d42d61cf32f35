//! Text without the byte order mark that some programs begin UTF-8 with.

use std::io::{self, Read};

/// The mark.
pub(super) const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// What becomes of a byte order mark at the beginning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ByteOrderMark {
    /// It belongs to the first value, as in GNU parallel and for `-0`.
    Kept,
    /// It is none of the text.
    Dropped,
}

/// A stream whose mark is dropped.
#[derive(Debug)]
pub(super) struct MarkSkippingReader<R> {
    input: R,
    mark: ByteOrderMark,
}

impl<R: Read> MarkSkippingReader<R> {
    pub(super) fn new(input: R, mark: ByteOrderMark) -> MarkSkippingReader<R> {
        MarkSkippingReader { input, mark }
    }

    /// Reads no more than once where the first bytes are no mark: the first value is not to
    /// wait for the second.
    fn read_first(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.mark = ByteOrderMark::Kept;
        let mut filled = 0;
        while filled < BYTE_ORDER_MARK.len() && BYTE_ORDER_MARK.starts_with(&buffer[..filled]) {
            match self.input.read(&mut buffer[filled..])? {
                0 => return Ok(filled),
                count => filled += count,
            }
        }
        if !buffer[..filled].starts_with(BYTE_ORDER_MARK) {
            return Ok(filled);
        }
        buffer.copy_within(BYTE_ORDER_MARK.len()..filled, 0);
        match filled - BYTE_ORDER_MARK.len() {
            // No bytes would mean the end.
            0 => self.input.read(buffer),
            rest => Ok(rest),
        }
    }
}

impl<R: Read> Read for MarkSkippingReader<R> {
    /// `buffer` has room for a mark: those who read here have buffers of kilobytes.
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.mark {
            ByteOrderMark::Dropped if buffer.len() >= BYTE_ORDER_MARK.len() => {
                self.read_first(buffer)
            }
            ByteOrderMark::Dropped | ByteOrderMark::Kept => self.input.read(buffer),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_dropped_at_the_beginning_only() {
        for (text, expected) in [
            (&b""[..], &b""[..]),
            (b"a", b"a"),
            (b"\xef\xbb", b"\xef\xbb"),
            (b"\xef\xbba", b"\xef\xbba"),
            (b"\xef\xbb\xbf", b""),
            (b"\xef\xbb\xbfa", b"a"),
            (b"\xef\xbb\xbf\xef\xbb\xbf", b"\xef\xbb\xbf"),
            (b"a\xef\xbb\xbf", b"a\xef\xbb\xbf"),
        ] {
            let (mut read, mut pieces) = (Vec::new(), Vec::new());
            let mut whole = MarkSkippingReader::new(text, ByteOrderMark::Dropped);
            whole.read_to_end(&mut read).unwrap();
            assert_eq!(read, expected, "{text:?}");
            let split = text.len() / 2;
            let halves = text[..split].chain(&text[split..]);
            MarkSkippingReader::new(halves, ByteOrderMark::Dropped)
                .read_to_end(&mut pieces)
                .unwrap();
            assert_eq!(pieces, expected, "{text:?} in pieces");
        }
    }
}
