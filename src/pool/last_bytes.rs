//! Last bytes that a job has printed, for the closing block.

use crate::exec::capture::OutputStream;
use crate::spool::Spool;

/// Bytes of a stream that are kept.
const MAX_KEPT: usize = 600;

/// Last bytes of both streams of a running job.
#[derive(Debug, Default)]
pub(super) struct LastBytes {
    pub stdout: StreamTail,
    pub stderr: StreamTail,
}

/// Last bytes of a stream.
#[derive(Debug, Default)]
pub(super) struct StreamTail(Vec<u8>);

impl LastBytes {
    pub(super) fn of(&mut self, stream: OutputStream) -> &mut StreamTail {
        match stream {
            OutputStream::Stdout => &mut self.stdout,
            OutputStream::Stderr => &mut self.stderr,
        }
    }

    /// The last bytes of both streams, which end with `stdout` and `stderr`.
    pub(super) fn and(self, stdout: &Spool, stderr: &Spool) -> (Vec<u8>, Vec<u8>) {
        (self.stdout.and(stdout), self.stderr.and(stderr))
    }
}

impl StreamTail {
    pub(super) fn add(&mut self, piece: &Spool) {
        self.0.extend_from_slice(piece.tail(MAX_KEPT));
        let excess = self.0.len().saturating_sub(MAX_KEPT);
        self.0.drain(..excess);
    }

    /// The last bytes of the stream, which ends with `rest`.
    pub(super) fn and(mut self, rest: &Spool) -> Vec<u8> {
        self.add(rest);
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spool::SpoolBudget;
    use std::sync::Arc;

    #[test]
    fn pieces_make_one_end() {
        let budget = Arc::new(SpoolBudget::default());
        let spool = |bytes: &[u8]| Spool::of(&budget, bytes);
        let mut last = LastBytes::default();
        last.of(OutputStream::Stderr).add(&spool(&[b'x'; 700]));
        last.of(OutputStream::Stderr).add(&spool(b"ab"));
        let end = last.stderr.and(&spool(b"c"));
        assert_eq!(
            (end.len(), &end[end.len() - 4..]),
            (600, b"xabc".as_slice())
        );
        assert_eq!(last.stdout.and(&spool(b"out")), b"out");
    }
}
