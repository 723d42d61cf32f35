//! Text without the byte order mark that some programs begin UTF-8 with.

use std::io::{self, Read};

/// The mark.
pub(super) const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// What becomes of a byte order mark at the beginning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// It belongs to the first value, as in GNU parallel and for `-0`.
    Kept,
    /// It is none of the text.
    Dropped,
}

/// A stream whose mark is dropped.
#[derive(Debug)]
pub(super) struct Unmarked<R> {
    input: R,
    mark: Mark,
    /// The first bytes, as far as they are like a mark and are none.
    head: [u8; 3],
    given: usize,
    held: usize,
}

impl<R: Read> Unmarked<R> {
    pub(super) fn new(input: R, mark: Mark) -> Unmarked<R> {
        Unmarked {
            input,
            mark,
            head: [0; 3],
            given: 0,
            held: 0,
        }
    }

    /// Reads no more than what may be a mark: the first value is not to wait for the second.
    fn read_head(&mut self) -> io::Result<()> {
        self.mark = Mark::Kept;
        while self.held < BYTE_ORDER_MARK.len() && BYTE_ORDER_MARK.starts_with(self.head()) {
            match self.input.read(&mut self.head[self.held..])? {
                0 => return Ok(()),
                count => self.held += count,
            }
        }
        if self.head() == BYTE_ORDER_MARK {
            self.held = 0;
        }
        Ok(())
    }

    fn head(&self) -> &[u8] {
        &self.head[..self.held]
    }
}

impl<R: Read> Read for Unmarked<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.mark == Mark::Dropped {
            self.read_head()?;
        }
        if self.given < self.held {
            let count = (&self.head[self.given..self.held]).read(buffer)?;
            self.given += count;
            return Ok(count);
        }
        self.input.read(buffer)
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
            let mut whole = Unmarked::new(text, Mark::Dropped);
            whole.read_to_end(&mut read).unwrap();
            assert_eq!(read, expected, "{text:?}");
            let split = text.len() / 2;
            let halves = text[..split].chain(&text[split..]);
            Unmarked::new(halves, Mark::Dropped)
                .read_to_end(&mut pieces)
                .unwrap();
            assert_eq!(pieces, expected, "{text:?} in pieces");
        }
    }
}
