//! Notice of the release of a slot. A lock can be waited for one at a time, and there may be
//! several slots: so whoever has one also has the writing end of a FIFO, which the job inherits
//! with the lock. The kernel tells who polls its other end when the last writer is gone, killed
//! ones included. If processes that the job has left behind keep it open, prun writes a byte.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::event::{PollFd, PollFlags, poll};
use rustix::fs::{Mode, OFlags, mkfifoat, openat};
use rustix::io::{Errno, ioctl_fionread, read, write};

use super::directory::LockDirectory;

/// A holder's end.
#[derive(Debug)]
pub(super) struct ReleaseFifo(OwnedFd);

/// A waiter's end.
#[derive(Debug)]
pub(super) struct ReleaseWatch(OwnedFd);

impl ReleaseFifo {
    /// Opens that of a slot, and makes it if it is missing. To be called before the slot is
    /// taken: no slot may be busy without a writer.
    pub(super) fn open(directory: &LockDirectory, key: &str, slot: u64) -> io::Result<Self> {
        let name = format!("{key}/{slot}");
        // For reading, too: such an open does not wait for a reader, and no write ends prun.
        let open = || open_fifo(directory, &name, OFlags::RDWR);
        match open() {
            Err(Errno::NOENT) => {}
            result => return Ok(ReleaseFifo(result?)),
        }
        match mkfifoat(directory.fd(), &name, Mode::RUSR | Mode::WUSR) {
            Ok(()) | Err(Errno::EXIST) => {}
            Err(errno) => return Err(errno.into()),
        }
        Ok(ReleaseFifo(open()?))
    }

    /// Forgets the notices of earlier holders.
    pub(super) fn drain(&self) {
        while read(&self.0, &mut [0; 64]).is_ok_and(|count| count > 0) {}
    }

    /// Tells waiters to look.
    pub(super) fn notify(&self) {
        // It may be full of notices that nobody has read.
        let _ = write(&self.0, b"\n");
    }

    pub(super) fn fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }

    /// The FIFO by another descriptor.
    pub(super) fn with_descriptor(fifo: OwnedFd) -> ReleaseFifo {
        ReleaseFifo(fifo)
    }
}

impl ReleaseWatch {
    pub(super) fn open(directory: &LockDirectory, key: &str, slot: u64) -> io::Result<Self> {
        let name = format!("{key}/{slot}");
        Ok(ReleaseWatch(open_fifo(directory, &name, OFlags::RDONLY)?))
    }

    /// Tells whether it has a writer that has not said that it releases the slot: only then can
    /// it be polled, since a FIFO that never had a writer hangs up on nobody.
    pub(super) fn is_live(&self) -> bool {
        // A byte is left for others who are about to see it.
        let has_notice = ioctl_fionread(&self.0).is_ok_and(|count| count > 0);
        !has_notice && matches!(read(&self.0, &mut [0]), Err(Errno::AGAIN))
    }
}

/// Waits until any of the slots may have been released.
///
/// # Errors
/// `Interrupted` by a signal.
pub(super) fn wait_for_any(watches: &[ReleaseWatch]) -> io::Result<()> {
    let watches = watches.iter();
    let mut watches: Vec<PollFd<'_>> = watches
        .map(|watch| PollFd::new(&watch.0, PollFlags::IN))
        .collect();
    poll(&mut watches, None)?;
    Ok(())
}

fn open_fifo(directory: &LockDirectory, name: &str, access: OFlags) -> Result<OwnedFd, Errno> {
    let flags = access | OFlags::NONBLOCK | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    openat(directory.fd(), name, flags, Mode::empty())
}
