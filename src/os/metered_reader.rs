//! Reader that fails where one record takes too many bytes.

use std::fmt;
use std::io::{self, Read};

/// Reader below a parser that keeps whole records and has no limit of its own: a quote that
/// is not closed makes one record of all that follows.
pub(crate) struct MeteredReader<R> {
    input: R,
    max_bytes: usize,
    read: usize,
    error: fn(usize) -> io::Error,
}

impl<R> MeteredReader<R> {
    /// Fails with `error(max_bytes)` where a record has more than `max_bytes`, and more than
    /// is read at once.
    pub(crate) fn new(
        input: R,
        max_bytes: usize,
        error: fn(usize) -> io::Error,
    ) -> MeteredReader<R> {
        MeteredReader {
            input,
            max_bytes,
            read: 0,
            error,
        }
    }

    pub(crate) fn begin_record(&mut self) {
        self.read = 0;
    }
}

impl<R: Read> Read for MeteredReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.read > self.max_bytes {
            return Err((self.error)(self.max_bytes));
        }
        let count = self.input.read(buffer)?;
        self.read += count;
        Ok(count)
    }
}

impl<R> fmt::Debug for MeteredReader<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MeteredReader")
            .field("max_bytes", &self.max_bytes)
            .field("read", &self.read)
            .finish_non_exhaustive()
    }
}
