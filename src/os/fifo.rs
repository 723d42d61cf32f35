//! Named pipes.

use std::ffi::CString;
use std::fs;
use std::io;
#[cfg(target_os = "linux")]
use std::os::fd::AsFd;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use rustix::fs::{Mode, OFlags, open};

#[cfg(target_os = "linux")]
use super::reopen::link;

/// A FIFO that was made. Its file stays when this is dropped.
#[derive(Debug)]
pub(crate) struct Fifo {
    path: PathBuf,
    /// Leads to it, whatever others do to its name.
    #[cfg(target_os = "linux")]
    pinned: OwnedFd,
}

impl Fifo {
    /// Makes a FIFO that this user alone can open.
    ///
    /// # Errors
    /// Those of mkfifo(3), as `EEXIST`; there is no descriptor left.
    pub(crate) fn make(path: &Path) -> io::Result<Fifo> {
        let name = CString::new(path.as_os_str().as_bytes())?;
        // SAFETY: the name is a string of our own that ends with a NUL.
        if unsafe { libc::mkfifo(name.as_ptr(), 0o600) } != 0 {
            return Err(io::Error::last_os_error());
        }
        Fifo::pin(path).inspect_err(|_| {
            let _ = fs::remove_file(path);
        })
    }

    #[cfg(target_os = "linux")]
    fn pin(path: &Path) -> io::Result<Fifo> {
        let flags = OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        Ok(Fifo {
            path: path.to_owned(),
            pinned: open(path, flags, Mode::empty())?,
        })
    }

    #[cfg(not(target_os = "linux"))]
    fn pin(path: &Path) -> io::Result<Fifo> {
        Ok(Fifo {
            path: path.to_owned(),
        })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Opens it for reading, without waiting for a writer. Whoever waits to open it for
    /// writing waits no more.
    ///
    /// # Errors
    /// There is no descriptor left, or the FIFO has lost its name and the system has no
    /// other way to it.
    pub(crate) fn open_reader(&self) -> io::Result<OwnedFd> {
        let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::CLOEXEC;
        #[cfg(target_os = "linux")]
        if let Ok(reader) = open(link(self.pinned.as_fd()), flags, Mode::empty()) {
            return Ok(reader);
        }
        Ok(open(&self.path, flags, Mode::empty())?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fifo_can_be_opened_that_has_lost_its_name() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("fifo");
        let fifo = Fifo::make(&path).unwrap();
        assert_eq!(
            Fifo::make(&path).unwrap_err().kind(),
            io::ErrorKind::AlreadyExists
        );
        fifo.open_reader().unwrap();
        fs::remove_file(&path).unwrap();
        assert_eq!(fifo.open_reader().is_ok(), cfg!(target_os = "linux"));
    }
}
