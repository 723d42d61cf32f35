//! Entries of a directory, without an allocation.

use std::ffi::CStr;
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd};

use rustix::fs::{Mode, OFlags, RawDir, open};
use rustix::io::retry_on_intr;

/// Calls `visit` with the directory and the name of each entry, as far as it can be read.
pub(super) fn for_each_entry(path: &CStr, mut visit: impl FnMut(BorrowedFd<'_>, &CStr)) {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let Ok(directory) = retry_on_intr(|| open(path, flags, Mode::empty())) else {
        return;
    };
    let mut buffer = [MaybeUninit::uninit(); 4096];
    let mut entries = RawDir::new(&directory, &mut buffer);
    while let Some(Ok(entry)) = entries.next() {
        visit(directory.as_fd(), entry.file_name());
    }
}
