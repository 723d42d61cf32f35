//! Bytes from a file or standard input, past everything that is not an error.

use std::fs::File;
use std::io::{self, Read};
use std::os::fd::{AsFd, BorrowedFd};
use std::path::Path;

use rustix::buffer::spare_capacity;
use rustix::event::{PollFd, PollFlags, poll};
use rustix::fs::{FileType, fstat};
use rustix::io::Errno;

use crate::os::host::DescriptorAccess;

/// An open file or standard input.
///
/// Standard input is read by its descriptor and not by [`io::stdin`], whose own
/// buffer and lock would only be in the way of ours.
#[derive(Debug)]
pub(crate) enum InputReader {
    Stdin,
    File(File),
}

impl InputReader {
    /// Standard input, which must not be a directory or open for writing alone.
    pub(crate) fn stdin() -> io::Result<Self> {
        if DescriptorAccess::read(rustix::stdio::stdin()) == DescriptorAccess::Write {
            return Err(Errno::BADF.into());
        }
        InputReader::Stdin.unless_directory()
    }

    /// A file by its name, which must not be a directory.
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        InputReader::File(File::open(path)?).unless_directory()
    }

    /// Reads once, into the space that `bytes` have left. Returns the number of bytes, 0 at
    /// the end.
    pub(crate) fn append_some(&self, bytes: &mut Vec<u8>) -> io::Result<usize> {
        self.once_readable(|input| rustix::io::read(input, spare_capacity(bytes)))
    }

    /// Waits where the descriptor would not: whoever shares the other end of a pipe
    /// may have made it non-blocking, and "try again" is not the end of input.
    fn once_readable(
        &self,
        mut read: impl FnMut(BorrowedFd<'_>) -> rustix::io::Result<usize>,
    ) -> io::Result<usize> {
        loop {
            match read(self.as_fd()) {
                Err(Errno::INTR) => {}
                Err(Errno::AGAIN) => wait_until_readable(self.as_fd())?,
                result => return Ok(result?),
            }
        }
    }

    /// A directory can be opened and fails only when it is read. Asking here
    /// makes it an error before any job starts.
    fn unless_directory(self) -> io::Result<Self> {
        let mode = fstat(self.as_fd())?.st_mode;
        match FileType::from_raw_mode(mode) {
            FileType::Directory => Err(Errno::ISDIR.into()),
            _ => Ok(self),
        }
    }
}

impl AsFd for InputReader {
    fn as_fd(&self) -> BorrowedFd<'_> {
        match self {
            InputReader::Stdin => rustix::stdio::stdin(),
            InputReader::File(file) => file.as_fd(),
        }
    }
}

impl Read for InputReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.once_readable(|input| rustix::io::read(input, &mut *buffer))
    }
}

/// Returns early after a signal: the caller reads and comes back.
fn wait_until_readable(descriptor: BorrowedFd<'_>) -> io::Result<()> {
    let mut waiting = [PollFd::new(&descriptor, PollFlags::IN)];
    match poll(&mut waiting, None) {
        Ok(_) | Err(Errno::INTR) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustix::pipe::{PipeFlags, pipe_with};
    use std::io::Write;
    use std::thread;
    use std::time::Duration;

    #[test]
    fn a_nonblocking_pipe_loses_nothing() {
        let (read, write) = pipe_with(PipeFlags::NONBLOCK).unwrap();
        let mut reader = InputReader::File(File::from(read));
        let writer = thread::spawn(move || {
            let mut write = File::from(write);
            for piece in ["a\n", "b\n", "c"] {
                thread::sleep(Duration::from_millis(5));
                write.write_all(piece.as_bytes()).unwrap();
            }
        });
        let mut text = String::new();
        reader.read_to_string(&mut text).unwrap();
        writer.join().unwrap();
        assert_eq!(text, "a\nb\nc");
    }

    #[test]
    fn a_directory_is_refused_before_it_is_read() {
        let error = InputReader::open(Path::new("/")).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::IsADirectory);
    }
}
