//! Standard input of a job that prun reads itself, to write it elsewhere.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use crate::input::JobStdin;
use crate::os::pipe::LARGE;

/// Reader of all of it. `wait` waits for bytes of the `stream`, if it comes through a pipe, and
/// tells whether to go on: otherwise it ends there.
pub(super) fn reader<'a>(
    stdin: &JobStdin,
    stream: Option<OwnedFd>,
    wait: impl FnMut(BorrowedFd<'_>) -> io::Result<bool> + 'a,
) -> Box<dyn BufRead + 'a> {
    match (stdin.reader(), stream) {
        (Some(reader), _) => reader,
        (None, None) => Box::new(io::empty()),
        (None, Some(stream)) => {
            let stream = File::from(stream);
            Box::new(BufReader::with_capacity(
                LARGE,
                StreamReader { stream, wait },
            ))
        }
    }
}

struct StreamReader<W> {
    stream: File,
    wait: W,
}

impl<W: FnMut(BorrowedFd<'_>) -> io::Result<bool>> Read for StreamReader<W> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match (self.wait)(self.stream.as_fd())? {
            true => self.stream.read(buffer),
            false => Ok(0),
        }
    }
}
