//! Descriptors that prun was started with, by their numbers.

use std::fs::File;
use std::io;
use std::os::fd::{AsFd, FromRawFd, OwnedFd, RawFd};

use rustix::io::Errno;

use super::host::DescriptorAccess;
use super::startup;

/// A copy of a descriptor that prun was started with, with the same offset. Unlike a file that
/// is opened by the name `/dev/fd/N`, it may be a socket, and is never truncated.
///
/// # Errors
/// `EBADF`: there is no such descriptor, it is prun's own, or it cannot be written.
pub(crate) fn writable(number: RawFd) -> io::Result<File> {
    let copy = copy(number)?;
    if DescriptorAccess::read(copy.as_fd()) == DescriptorAccess::Read {
        return Err(Errno::BADF.into());
    }
    Ok(copy.into())
}

/// A copy of a descriptor that prun was started with.
///
/// # Errors
/// `EBADF`: there is no such descriptor, or it is prun's own.
pub(super) fn copy(number: RawFd) -> io::Result<OwnedFd> {
    // SAFETY: F_GETFD takes no argument and only reports on the descriptor, if there is one.
    let flags = unsafe { libc::fcntl(number, libc::F_GETFD) };
    // What was open before prun was executed cannot be closed by that; prun's own descriptors
    // all are.
    let is_inherited = flags != -1 && flags & libc::FD_CLOEXEC == 0;
    let was_open = match number {
        // In the place of one that was closed there is something else by now.
        0..3 => startup::was_open(number as usize),
        _ => true,
    };
    if !is_inherited || !was_open {
        return Err(Errno::BADF.into());
    }
    // SAFETY: this takes two numbers; the result is checked before it is used.
    let copy = unsafe { libc::fcntl(number, libc::F_DUPFD_CLOEXEC, 3) };
    if copy == -1 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the descriptor was made just now, and nobody else knows of it.
    Ok(unsafe { OwnedFd::from_raw_fd(copy) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::fd::AsRawFd;

    #[test]
    fn a_descriptor_of_prun_itself_is_none() {
        let own = File::open("/dev/null").unwrap();
        for number in [own.as_raw_fd(), -1, RawFd::MAX] {
            let error = writable(number).unwrap_err();
            assert_eq!(Errno::from_io_error(&error), Some(Errno::BADF), "{number}");
        }
    }
}
