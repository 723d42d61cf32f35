//! Opening anew what is open already.

use std::fs::File;
use std::io;
use std::os::fd::BorrowedFd;

/// Name of an open file (proc(5)).
#[cfg(target_os = "linux")]
pub(super) fn link(fd: BorrowedFd<'_>) -> String {
    use std::os::fd::AsRawFd;

    format!("/proc/self/fd/{}", fd.as_raw_fd())
}

/// Opens a file for reading once more, with an offset of its own.
///
/// # Errors
/// The user may not open it, or the system has no way to do it.
#[cfg(target_os = "linux")]
pub(crate) fn reopen(fd: BorrowedFd<'_>) -> io::Result<File> {
    File::open(link(fd))
}

/// `/dev/fd` of other systems gives a copy of the descriptor, with the same offset.
#[cfg(not(target_os = "linux"))]
pub(crate) fn reopen(_: BorrowedFd<'_>) -> io::Result<File> {
    Err(io::ErrorKind::Unsupported.into())
}
