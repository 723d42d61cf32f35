//! Output of a service: the end of it, for the case that the service fails, and the line by which
//! it says that it is ready.

use regex::bytes::Regex;

use crate::exec::capture::OutputStream;
use crate::spool::Spool;

/// Bytes of the end that are kept.
const MOST_KEPT: usize = 64 << 10;

/// Bytes of a line that are looked at.
const MOST_OF_LINE: usize = 64 << 10;

/// Output of a service so far.
#[derive(Debug)]
pub(super) struct ServiceOutput<'a> {
    end: Vec<u8>,
    pub(super) is_cut: bool,
    /// The line that is waited for.
    line: Option<&'a Regex>,
    /// The last lines of both streams, which have no end yet.
    unfinished: [Vec<u8>; 2],
}

impl<'a> ServiceOutput<'a> {
    /// No output yet; `line` is what the line that says it all looks like.
    pub(super) fn new(line: Option<&'a Regex>) -> Self {
        ServiceOutput {
            end: Vec::new(),
            is_cut: false,
            line,
            unfinished: [Vec::new(), Vec::new()],
        }
    }

    /// Adds a piece. Returns whether the line is in it that was waited for.
    pub(super) fn add(&mut self, stream: OutputStream, piece: &Spool) -> bool {
        let mut is_found = false;
        // What cannot be read back is missing at the end, and no more.
        let _ = piece.deliver(
            |_, _, _| 0,
            |bytes| {
                self.keep(bytes);
                is_found |= self.find_line(stream, bytes);
                Ok(())
            },
        );
        is_found
    }

    /// The end of all output.
    pub(super) fn into_end(mut self) -> Vec<u8> {
        self.cut(MOST_KEPT);
        self.end
    }

    fn keep(&mut self, bytes: &[u8]) {
        let last = &bytes[bytes.len().saturating_sub(MOST_KEPT)..];
        self.is_cut |= last.len() < bytes.len();
        self.end.extend_from_slice(last);
        // Rarely, so that each byte is moved a bounded number of times.
        if self.end.len() > 2 * MOST_KEPT {
            self.cut(MOST_KEPT);
        }
    }

    fn cut(&mut self, most: usize) {
        let excess = self.end.len().saturating_sub(most);
        self.is_cut |= excess > 0;
        self.end.drain(..excess);
    }

    fn find_line(&mut self, stream: OutputStream, bytes: &[u8]) -> bool {
        let Some(wanted) = self.line else {
            return false;
        };
        let unfinished = match stream {
            OutputStream::Stdout => &mut self.unfinished[0],
            OutputStream::Stderr => &mut self.unfinished[1],
        };
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            let text = piece.strip_suffix(b"\n").unwrap_or(piece);
            let room = MOST_OF_LINE.saturating_sub(unfinished.len());
            unfinished.extend_from_slice(&text[..text.len().min(room)]);
            if text.len() < piece.len() {
                let line = unfinished.strip_suffix(b"\r").unwrap_or(unfinished);
                if wanted.is_match(line) {
                    self.line = None;
                    return true;
                }
                unfinished.clear();
            }
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::spool::SpoolBudget;

    fn spool(bytes: &[u8]) -> Spool {
        Spool::of(&Arc::new(SpoolBudget::default()), bytes)
    }

    #[test]
    fn the_end_is_kept() {
        let mut output = ServiceOutput::new(None);
        for number in 0..10_000 {
            let line = format!("line {number} {}\n", "x".repeat(100));
            output.add(OutputStream::Stderr, &spool(line.as_bytes()));
            assert!(output.end.len() <= 2 * MOST_KEPT);
        }
        output.add(OutputStream::Stdout, &spool(&[b'y'; MOST_KEPT]));
        output.add(OutputStream::Stdout, &spool(b"z"));
        assert!(output.is_cut);
        let end = output.into_end();
        assert_eq!((end.len(), &end[MOST_KEPT - 3..]), (MOST_KEPT, &b"yyz"[..]));
        let mut little = ServiceOutput::new(None);
        little.add(OutputStream::Stdout, &spool(b"a"));
        assert_eq!((little.is_cut, little.into_end()), (false, b"a".to_vec()));
    }

    #[test]
    fn a_line_is_found_once_it_has_ended() {
        let wanted = Regex::new("^up on [0-9]+$").unwrap();
        let mut output = ServiceOutput::new(Some(&wanted));
        for (stream, piece, is_found) in [
            (OutputStream::Stdout, "not up on 1\nup ", false),
            (OutputStream::Stderr, "on 2\n", false),
            (OutputStream::Stdout, "on 3", false),
            (OutputStream::Stdout, "4\r\nup on 5\n", true),
            (OutputStream::Stdout, "up on 6\n", false),
        ] {
            assert_eq!(
                output.add(stream, &spool(piece.as_bytes())),
                is_found,
                "{piece:?}"
            );
        }
    }

    #[test]
    fn a_line_without_end_takes_little_memory() {
        let wanted = Regex::new("up").unwrap();
        let mut output = ServiceOutput::new(Some(&wanted));
        for _ in 0..100 {
            assert!(!output.add(OutputStream::Stdout, &spool(&[b'x'; 10_000])));
        }
        assert_eq!(output.unfinished[0].len(), MOST_OF_LINE);
        assert!(!output.add(OutputStream::Stdout, &spool(b"up\n")));
        assert!(output.add(OutputStream::Stdout, &spool(b"up\n")));
    }
}
