//! A descriptor that one thread makes readable to wake another one out of `poll`.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

/// Wakes a thread that polls [`Wake::fd`]. Wake-ups before a [`Wake::clear`] are
/// one.
#[derive(Debug)]
pub struct Wake {
    #[cfg(target_os = "linux")]
    event: OwnedFd,
    #[cfg(not(target_os = "linux"))]
    pipe: (OwnedFd, OwnedFd),
}

#[cfg(target_os = "linux")]
impl Wake {
    /// An eventfd(2): one descriptor instead of the two of a pipe.
    pub fn new() -> io::Result<Self> {
        use rustix::event::{EventfdFlags, eventfd};
        let event = eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)?;
        Ok(Wake { event })
    }

    fn reader(&self) -> &OwnedFd {
        &self.event
    }

    fn writer(&self) -> &OwnedFd {
        &self.event
    }
}

#[cfg(not(target_os = "linux"))]
impl Wake {
    /// A pipe with both ends non-blocking.
    pub fn new() -> io::Result<Self> {
        let (reader, writer) = io::pipe()?;
        let (reader, writer) = (OwnedFd::from(reader), OwnedFd::from(writer));
        for end in [&reader, &writer] {
            rustix::fs::fcntl_setfl(end, rustix::fs::OFlags::NONBLOCK)?;
        }
        Ok(Wake {
            pipe: (reader, writer),
        })
    }

    fn reader(&self) -> &OwnedFd {
        &self.pipe.0
    }

    fn writer(&self) -> &OwnedFd {
        &self.pipe.1
    }
}

impl Wake {
    /// What to poll for reading.
    pub fn fd(&self) -> BorrowedFd<'_> {
        self.reader().as_fd()
    }

    /// Makes the descriptor readable. A full pipe or counter is readable already, so
    /// a failed write loses nothing.
    pub fn wake(&self) {
        let _ = rustix::io::write(self.writer(), &1u64.to_ne_bytes());
    }

    /// Takes back every wake-up so far.
    pub fn clear(&self) {
        let mut buffer = [0; 64];
        while matches!(rustix::io::read(self.reader(), &mut buffer), Ok(n) if n == buffer.len()) {}
    }
}
