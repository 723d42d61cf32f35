//! Control groups of the jobs of a prun that was killed.

use std::ffi::{CStr, CString};
use std::os::fd::{BorrowedFd, OwnedFd};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{AtFlags, CWD, Mode, OFlags, openat, unlinkat};
use rustix::io::{read, retry_on_intr, write};

use super::listing::for_each_entry;
use crate::os::cgroup::number_after;

/// Longest wait for the killed processes of a group.
const DYING: Timespec = Timespec {
    tv_sec: 1,
    tv_nsec: 0,
};

/// Kills all processes in groups of jobs. The directory of version 2 is the first one.
pub(super) fn kill(directories: &[CString]) {
    if let Some(first) = directories.first() {
        for_each_group(first, |directory, name| {
            if let Some(file) = open_in(directory, name, c"cgroup.kill", OFlags::WRONLY) {
                let _ = write(file, b"1");
            }
        });
    }
}

/// Removes the groups of jobs, once they are empty.
pub(super) fn remove(directories: &[CString]) {
    if let Some(first) = directories.first() {
        for_each_group(first, wait_until_empty);
    }
    for path in directories {
        for_each_group(path, |directory, name| {
            let _ = unlinkat(directory, name, AtFlags::REMOVEDIR);
        });
        let _ = unlinkat(CWD, path.as_c_str(), AtFlags::REMOVEDIR);
    }
}

/// Waits for a change of `cgroup.events` (cgroups(7)), if a process is left.
fn wait_until_empty(directory: BorrowedFd<'_>, name: &CStr) {
    let Some(events) = open_in(directory, name, c"cgroup.events", OFlags::RDONLY) else {
        return;
    };
    let mut text = [0; 256];
    let length = retry_on_intr(|| read(&events, &mut text)).unwrap_or(0);
    let text = text.get(..length).unwrap_or_default();
    let text = std::str::from_utf8(text).unwrap_or_default();
    if number_after(text, "populated ") == Some(1) {
        let _ = poll(&mut [PollFd::new(&events, PollFlags::PRI)], Some(&DYING));
    }
}

fn for_each_group(path: &CStr, mut visit: impl FnMut(BorrowedFd<'_>, &CStr)) {
    for_each_entry(path, |directory, name| {
        // The guard may be in the group of prun itself.
        if name.to_bytes().starts_with(b"job-") {
            visit(directory, name);
        }
    });
}

fn open_in(directory: BorrowedFd<'_>, group: &CStr, file: &CStr, flags: OFlags) -> Option<OwnedFd> {
    let group = openat(
        directory,
        group,
        OFlags::PATH | OFlags::CLOEXEC,
        Mode::empty(),
    )
    .ok()?;
    openat(group, file, flags | OFlags::CLOEXEC, Mode::empty()).ok()
}
