//! Newlines outside of quoted fields.

use memchr::{memchr, memchr2};

use super::scan::{BorderScan, FoundBorder};

const QUOTE: u8 = b'"';

/// A quote opens a quoted field where a field begins, and is a byte like others where an
/// unquoted field goes on: `5" tape` holds no newline.
#[derive(Debug)]
pub(in crate::blocks) struct CsvScan {
    delimiter: u8,
    /// Offset of the first byte that was not looked at.
    position: usize,
    is_quoted: bool,
    /// Offset after the last quote that closed a field. If a quote is there, the two are one
    /// quote in the field, which goes on.
    closed: usize,
}

impl CsvScan {
    pub(in crate::blocks) fn new(delimiter: u8) -> CsvScan {
        CsvScan {
            delimiter,
            position: 0,
            is_quoted: false,
            closed: 0,
        }
    }

    /// A quote at this offset opens a field, or opens again the one that was just closed.
    fn opens(&self, bytes: &[u8], at: usize) -> bool {
        let before = |byte| byte == self.delimiter || byte == b'\n' || byte == b'\r';
        at == 0 || at == self.closed || before(bytes[at - 1])
    }
}

impl BorderScan for CsvScan {
    fn next(&mut self, bytes: &[u8], _: bool) -> Option<FoundBorder> {
        loop {
            let unseen = &bytes[self.position..];
            let found = if self.is_quoted {
                memchr(QUOTE, unseen)
            } else {
                memchr2(QUOTE, b'\n', unseen)
            };
            let Some(found) = found else {
                self.position = bytes.len();
                return None;
            };
            let at = self.position + found;
            self.position = at + 1;
            if bytes[at] == b'\n' {
                return Some(FoundBorder {
                    at: self.position,
                    separator: at..self.position,
                });
            }
            if self.is_quoted {
                self.is_quoted = false;
                self.closed = self.position;
            } else {
                self.is_quoted = self.opens(bytes, at);
            }
        }
    }

    fn floor(&self) -> usize {
        self.position + 1
    }

    fn forget(&mut self, block: &[u8]) {
        self.position -= block.len();
        self.closed = self.closed.saturating_sub(block.len());
    }
}
