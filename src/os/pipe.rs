//! Pipes: enlarging them, and writing without waiting for the reader.

use std::os::fd::BorrowedFd;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::FileType;
use rustix::io::{Errno, Result, ioctl_fionread, write};
use rustix::termios::isatty;

/// Bytes that can be written to a pipe that poll(2) says is writable (pipe(7)).
const ATOMIC: usize = 4096;

/// Bytes of an enlarged pipe: reader and writer take fewer, longer turns.
pub(crate) const LARGE: usize = 256 << 10;

/// Enlarges a pipe to [`LARGE`], or leaves it as it is where the system refuses.
#[cfg(target_os = "linux")]
pub(crate) fn enlarge(pipe: BorrowedFd<'_>) {
    let _ = rustix::pipe::fcntl_setpipe_size(pipe, LARGE);
}

/// Bytes of the largest pipe that any user may have (`/proc/sys/fs/pipe-max-size`).
#[cfg(target_os = "linux")]
const LARGEST: usize = 1 << 20;

/// Enlarges a pipe that a stream comes through as far as the system lets it.
#[cfg(target_os = "linux")]
pub(crate) fn enlarge_most(pipe: BorrowedFd<'_>) {
    if rustix::pipe::fcntl_setpipe_size(pipe, LARGEST).is_err() {
        enlarge(pipe);
    }
}

/// Other systems enlarge pipes themselves.
#[cfg(not(target_os = "linux"))]
pub(crate) fn enlarge(_: BorrowedFd<'_>) {}

#[cfg(not(target_os = "linux"))]
pub(crate) fn enlarge_most(_: BorrowedFd<'_>) {}

/// Moves up to `most` bytes of a file, from `offset` on, to a pipe, without a copy. The offset
/// of the descriptor is neither used nor moved. Returns the number of bytes, 0 at the end of
/// the file.
///
/// # Errors
/// Those of splice(2); `EINVAL` or `ENOSYS` if the file or the system cannot do it.
#[cfg(target_os = "linux")]
pub(crate) fn splice(
    file: BorrowedFd<'_>,
    offset: u64,
    pipe: BorrowedFd<'_>,
    most: usize,
) -> Result<usize> {
    use rustix::pipe::SpliceFlags;

    let mut offset = offset;
    // No more than a read or write takes either.
    let most = most.min(1 << 30);
    rustix::pipe::splice(
        file,
        Some(&mut offset),
        pipe,
        None,
        most,
        SpliceFlags::NONBLOCK,
    )
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn splice(_: BorrowedFd<'_>, _: u64, _: BorrowedFd<'_>, _: usize) -> Result<usize> {
    Err(Errno::NOSYS)
}

/// Tells whether bytes lie in a pipe, by any of its ends.
pub(crate) fn has_unread(pipe: BorrowedFd<'_>) -> bool {
    ioctl_fionread(pipe).is_ok_and(|count| count > 0)
}

/// Tells whether nobody has the end of a pipe that it is read by, by the other one.
pub(crate) fn has_no_reader(pipe: BorrowedFd<'_>) -> bool {
    let mut polled = [PollFd::from_borrowed_fd(pipe, PollFlags::empty())];
    let is_told = poll(&mut polled, Some(&Timespec::default())).is_ok();
    is_told && polled[0].revents().contains(PollFlags::ERR)
}

/// Writes some of `bytes`: to a file as much as it takes; to a pipe or a terminal that
/// poll(2) has found writable, as much as goes there without waiting.
///
/// # Errors
/// Those of write(2); `EAGAIN` if others have filled the pipe meanwhile.
pub(crate) fn write_some(fd: BorrowedFd<'_>, bytes: &[u8]) -> Result<usize> {
    let kind = FileType::from_raw_mode(rustix::fs::fstat(fd)?.st_mode);
    match kind {
        FileType::RegularFile => write(fd, bytes),
        // `/dev/null` and its kin.
        FileType::CharacterDevice if !isatty(fd) => write(fd, bytes),
        FileType::Fifo => match write_at_once(fd, bytes) {
            Err(Errno::OPNOTSUPP | Errno::NOSYS | Errno::INVAL) => write_piece(fd, bytes),
            written => written,
        },
        _ => write_piece(fd, bytes),
    }
}

fn write_piece(fd: BorrowedFd<'_>, bytes: &[u8]) -> Result<usize> {
    write(fd, &bytes[..bytes.len().min(ATOMIC)])
}

/// Writes without blocking. Others share the pipe, so its flags must stay as they are.
#[cfg(target_os = "linux")]
fn write_at_once(fd: BorrowedFd<'_>, bytes: &[u8]) -> Result<usize> {
    use rustix::io::{ReadWriteFlags, pwritev2};
    use std::io::IoSlice;

    // An offset of -1 is the descriptor's own.
    pwritev2(fd, &[IoSlice::new(bytes)], u64::MAX, ReadWriteFlags::NOWAIT)
}

#[cfg(not(target_os = "linux"))]
fn write_at_once(_: BorrowedFd<'_>, _: &[u8]) -> Result<usize> {
    Err(Errno::NOSYS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::File;
    use std::os::fd::AsFd;

    #[test]
    fn a_pipe_takes_what_goes_into_it_and_null_takes_everything() {
        let bytes = vec![0; 4 << 20];
        let (_reader, writer) = std::io::pipe().unwrap();
        let count = write_some(writer.as_fd(), &bytes).unwrap();
        assert!(0 < count && count < bytes.len(), "{count}");
        let null = File::create("/dev/null").unwrap();
        assert_eq!(write_some(null.as_fd(), &bytes), Ok(bytes.len()));
    }
}
