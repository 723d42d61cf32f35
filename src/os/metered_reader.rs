//! A reader that fails where one record takes too many bytes.

use std::fmt;
use std::io::{self, Read};

/// A reader below a parser that keeps whole records, which has no limit of its own: a
/// quote that is not closed makes one record of all that follows.
pub(crate) struct MeteredReader<R> {
    input: R,
    most: usize,
    read: usize,
    error: fn(usize) -> io::Error,
}

impl<R> MeteredReader<R> {
    /// Reads `most` bytes of a record, and what its reader takes at once; then fails with
    /// the error that `error` makes of that number.
    pub(crate) fn new(input: R, most: usize, error: fn(usize) -> io::Error) -> MeteredReader<R> {
        MeteredReader {
            input,
            most,
            read: 0,
            error,
        }
    }

    /// Starts counting a new record.
    pub(crate) fn begin_record(&mut self) {
        self.read = 0;
    }
}

impl<R: Read> Read for MeteredReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.read > self.most {
            return Err((self.error)(self.most));
        }
        let count = self.input.read(buffer)?;
        self.read += count;
        Ok(count)
    }
}

impl<R> fmt::Debug for MeteredReader<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Metered")
            .field("most", &self.most)
            .field("read", &self.read)
            .finish_non_exhaustive()
    }
}
