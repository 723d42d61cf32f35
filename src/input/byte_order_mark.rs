//! Text without the byte order mark that some programs begin UTF-8 with.

use std::io::{self, Read};

pub(super) const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// A stream whose mark is dropped.
#[derive(Debug)]
pub(super) struct MarkSkippingReader<R> {
    input: R,
    /// The next read is the first one, and its mark is dropped.
    drop_mark: bool,
}

impl<R: Read> MarkSkippingReader<R> {
    pub(super) fn new(input: R, drop_mark: bool) -> MarkSkippingReader<R> {
        MarkSkippingReader { input, drop_mark }
    }

    /// Reads no more than once where the first bytes are no mark: the first value is not to
    /// wait for the second.
    fn read_first(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.drop_mark = false;
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
        if self.drop_mark && buffer.len() >= BYTE_ORDER_MARK.len() {
            self.read_first(buffer)
        } else {
            self.input.read(buffer)
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
            let mut whole = MarkSkippingReader::new(text, true);
            whole.read_to_end(&mut read).unwrap();
            assert_eq!(read, expected, "{text:?}");
            let split = text.len() / 2;
            let halves = text[..split].chain(&text[split..]);
            MarkSkippingReader::new(halves, true)
                .read_to_end(&mut pieces)
                .unwrap();
            assert_eq!(pieces, expected, "{text:?} in pieces");
        }
    }
}
