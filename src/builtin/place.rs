//! The place of a file that is being written: nobody finds it by its name before it is
//! complete.

use std::fs::File;
use std::io;
use std::os::fd::BorrowedFd;

use rustix::fs::{AtFlags, Gid, Mode, OFlags, RenameFlags, Stat, Timespec, Timestamps, Uid};
use rustix::fs::{
    fchmod, fchown, futimens, linkat, openat, renameat, renameat_with, statat, unlinkat,
};

/// What becomes of a file that has the name already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Existing {
    Kept,
    Replaced,
}

/// When a file was changed last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Times {
    /// When that was that it is made of: it says the same.
    Origin,
    /// Now: it says something else.
    Now,
}

/// A file that is being written.
pub(super) struct Place<'a> {
    pub(super) file: File,
    directory: BorrowedFd<'a>,
    /// The name that it has until it is complete; none once it is.
    temporary: Option<Vec<u8>>,
    name: Vec<u8>,
}

impl<'a> Place<'a> {
    /// An empty file that will have this name.
    pub(super) fn new(directory: BorrowedFd<'a>, name: &[u8]) -> io::Result<Place<'a>> {
        let base = name.iter().rposition(|byte| *byte == b'/');
        let above = &name[..base.map_or(0, |at| at + 1)];
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::CLOEXEC;
        loop {
            let temporary = format!(".prun-{:016x}", fastrand::u64(..));
            let temporary = [above, temporary.as_bytes()].concat();
            match openat(directory, &*temporary, flags, Mode::RUSR | Mode::WUSR) {
                Ok(file) => {
                    return Ok(Place {
                        file: file.into(),
                        directory,
                        temporary: Some(temporary),
                        name: name.to_vec(),
                    });
                }
                Err(rustix::io::Errno::EXIST) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// The file is complete: it gets what the one has that it was made of, and its name.
    pub(super) fn fill(
        mut self,
        origin: &Stat,
        existing: Existing,
        times: Times,
    ) -> io::Result<()> {
        // Only some may give files away; then whoever owns it has made it.
        let (owner, group) = (Uid::from_raw(origin.st_uid), Gid::from_raw(origin.st_gid));
        let owned = fchown(&self.file, Some(owner), Some(group)).is_ok();
        let mode = Mode::from_raw_mode(origin.st_mode);
        // Without the owner, his rights would be somebody else's.
        let mode = if owned {
            mode
        } else {
            mode & (Mode::RWXU | Mode::RWXG | Mode::RWXO)
        };
        fchmod(&self.file, mode)?;
        if times == Times::Origin {
            let times = Timestamps {
                last_access: time(origin.st_atime, origin.st_atime_nsec as i64),
                last_modification: time(origin.st_mtime, origin.st_mtime_nsec as i64),
            };
            futimens(&self.file, &times)?;
        }
        let (directory, Some(temporary)) = (self.directory, self.temporary.clone()) else {
            return Ok(());
        };
        match existing {
            Existing::Replaced => {
                renameat(directory, &*temporary, directory, &*self.name)?;
                self.temporary = None;
            }
            Existing::Kept => self.take_free_name(&temporary)?,
        }
        Ok(())
    }

    fn take_free_name(&mut self, temporary: &[u8]) -> io::Result<()> {
        let (directory, name) = (self.directory, &*self.name);
        match linkat(directory, temporary, directory, name, AtFlags::empty()) {
            // The other name goes when this is dropped.
            Ok(()) => return Ok(()),
            Err(error @ rustix::io::Errno::EXIST) => return Err(error.into()),
            // Not every file system has files with two names.
            Err(_) => renameat_with(
                directory,
                temporary,
                directory,
                name,
                RenameFlags::NOREPLACE,
            )?,
        }
        self.temporary = None;
        Ok(())
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        if let Some(temporary) = &self.temporary {
            let _ = unlinkat(self.directory, &**temporary, AtFlags::empty());
        }
    }
}

fn time(seconds: i64, nanoseconds: i64) -> Timespec {
    Timespec {
        tv_sec: seconds,
        tv_nsec: nanoseconds as _,
    }
}

/// Whether there is something of this name.
pub(super) fn exists(directory: BorrowedFd<'_>, name: &[u8]) -> bool {
    statat(directory, name, AtFlags::SYMLINK_NOFOLLOW).is_ok()
}

/// Removes a file that another one was made of.
pub(super) fn remove(directory: BorrowedFd<'_>, name: &[u8]) -> io::Result<()> {
    unlinkat(directory, name, AtFlags::empty()).map_err(io::Error::from)
}
