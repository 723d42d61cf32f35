//! Writing to descriptors that others may have made non-blocking or closed.

use std::fs::File;
use std::io;
use std::os::fd::{AsFd, BorrowedFd};

use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::Errno;

use crate::error::{Error, Result};
use crate::exit::{self, RunExit};
use crate::os::startup;

/// Prints prun's own text, where no writer runs. Returns how prun ends if that was
/// all.
///
/// # Errors
/// Standard output cannot take it. A reader that is gone is none: it ends prun as it
/// ends any filter.
pub(crate) fn print(text: &[u8]) -> Result<RunExit> {
    if !startup::was_open(1) {
        // There is something in its place by now that takes everything.
        return Err(Error::new("standard output is closed"));
    }
    match write_all(io::stdout().as_fd(), text) {
        Ok(()) => Ok(RunExit::Status(exit::SUCCESS)),
        Err(error)
            if error.kind() == io::ErrorKind::BrokenPipe
                && !startup::was_ignored(libc::SIGPIPE) =>
        {
            Ok(RunExit::Signal(libc::SIGPIPE))
        }
        Err(error) => Err(Error::new("cannot write standard output").because(&error)),
    }
}

/// Writes everything. A descriptor that someone else made non-blocking is waited for
/// and left as it is: the flag is shared with whoever gave it to prun.
pub(crate) fn write_all(fd: BorrowedFd<'_>, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        match rustix::io::write(fd, bytes) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(count) => bytes = &bytes[count..],
            Err(Errno::INTR) => {}
            Err(Errno::AGAIN) => {
                let mut fds = [PollFd::from_borrowed_fd(fd, PollFlags::OUT)];
                if let Err(error) = poll(&mut fds, None)
                    && error != Errno::INTR
                {
                    return Err(error.into());
                }
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

/// Lets the kernel copy from a file, and returns how many bytes it did: fewer where the
/// target takes none that way, such as a file opened for appending. What is wrong
/// otherwise will be told by the write that follows.
#[cfg(target_os = "linux")]
pub(crate) fn send_file(target: BorrowedFd<'_>, file: &File, mut offset: u64, len: u64) -> u64 {
    let mut sent = 0;
    while sent < len {
        let count = (len - sent).min(1 << 30) as usize;
        match rustix::fs::sendfile(target, file, Some(&mut offset), count) {
            Ok(0) | Err(_) => break,
            Ok(count) => sent += count as u64,
        }
    }
    sent
}

/// Elsewhere nothing is copied that way.
#[cfg(not(target_os = "linux"))]
pub(crate) fn send_file(_: BorrowedFd<'_>, _: &File, _: u64, _: u64) -> u64 {
    0
}
