//! Files that are written beside the one they replace: nobody finds them by name before
//! they are complete.

use std::fs::File;
use std::io;
use std::os::fd::{AsRawFd, BorrowedFd};

use rustix::fs::{AtFlags, CWD, Gid, Mode, OFlags, Stat, Timespec, Timestamps, Uid};
use rustix::fs::{fchmod, fchown, futimens, linkat, openat, renameat, statat, unlinkat};
use rustix::io::{Errno, retry_on_intr};

/// Fate of a file that has the name already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OverwritePolicy {
    Kept,
    Replaced,
}

/// Time stamps of a new file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ModificationTime {
    /// Those of the original: the new file says the same.
    Original,
    /// Those of writing it: the new file says something else.
    Now,
}

pub(super) struct AtomicFile<'a> {
    pub(super) file: File,
    directory: BorrowedFd<'a>,
    /// Name until the file is complete, where the file system has no unnamed files.
    temporary: Option<Vec<u8>>,
    name: Vec<u8>,
}

impl<'a> AtomicFile<'a> {
    pub(super) fn new(directory: BorrowedFd<'a>, name: &[u8]) -> io::Result<AtomicFile<'a>> {
        let directory_part = directory_part(name);
        if let Some(file) = unnamed(directory, directory_part) {
            return Ok(AtomicFile {
                file,
                directory,
                temporary: None,
                name: name.to_vec(),
            });
        }
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::CLOEXEC;
        loop {
            let temporary = temporary_name(name);
            let mode = Mode::RUSR | Mode::WUSR;
            match retry_on_intr(|| openat(directory, &*temporary, flags, mode)) {
                Ok(file) => {
                    return Ok(AtomicFile {
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

    /// Gives the complete file the owner, the mode and perhaps the times of `original`, and
    /// its name.
    pub(super) fn commit(
        mut self,
        original: &Stat,
        existing: OverwritePolicy,
        times: ModificationTime,
    ) -> io::Result<()> {
        // Only root may give files away; for others their own user stays the owner.
        let (owner, group) = (
            Uid::from_raw(original.st_uid),
            Gid::from_raw(original.st_gid),
        );
        let owned = fchown(&self.file, Some(owner), Some(group)).is_ok();
        let mode = Mode::from_raw_mode(original.st_mode);
        // Without the owner, his rights would be somebody else's.
        let mode = if owned {
            mode
        } else {
            mode & (Mode::RWXU | Mode::RWXG | Mode::RWXO)
        };
        fchmod(&self.file, mode)?;
        if times == ModificationTime::Original {
            let times = Timestamps {
                last_access: time(original.st_atime, original.st_atime_nsec as i64),
                last_modification: time(original.st_mtime, original.st_mtime_nsec as i64),
            };
            futimens(&self.file, &times)?;
        }
        let directory = self.directory;
        let Some(temporary) = self.temporary.clone() else {
            return self.link_name(existing);
        };
        match existing {
            OverwritePolicy::Replaced => {
                renameat(directory, &*temporary, directory, &*self.name)?;
                self.temporary = None;
            }
            OverwritePolicy::Kept => self.take_free_name(&temporary)?,
        }
        Ok(())
    }

    /// Gives an unnamed file its name. linkat(2) replaces nothing: where there is a file
    /// already, this one has another name for as long as it takes to call rename(2).
    fn link_name(&mut self, existing: OverwritePolicy) -> io::Result<()> {
        let link = format!("/proc/self/fd/{}", self.file.as_raw_fd());
        let link = |name: &[u8]| {
            let follow = AtFlags::SYMLINK_FOLLOW;
            linkat(CWD, link.as_str(), self.directory, name, follow)
        };
        match (link(&self.name), existing) {
            (Err(Errno::EXIST), OverwritePolicy::Replaced) => {}
            (linked, _) => return Ok(linked?),
        }
        let temporary = loop {
            let temporary = temporary_name(&self.name);
            match link(&temporary) {
                Err(Errno::EXIST) => {}
                linked => break linked.map(|()| temporary)?,
            }
        };
        let temporary = self.temporary.insert(temporary);
        renameat(self.directory, &**temporary, self.directory, &*self.name)?;
        self.temporary = None;
        Ok(())
    }

    fn take_free_name(&mut self, temporary: &[u8]) -> io::Result<()> {
        let (directory, name) = (self.directory, &*self.name);
        match linkat(directory, temporary, directory, name, AtFlags::empty()) {
            // The other name goes when this is dropped.
            Ok(()) => return Ok(()),
            Err(error @ rustix::io::Errno::EXIST) => return Err(error.into()),
            // Not every file system has files with two names.
            Err(_) => rename_to_free_name(directory, temporary, name)?,
        }
        self.temporary = None;
        Ok(())
    }
}

impl Drop for AtomicFile<'_> {
    fn drop(&mut self) {
        if let Some(temporary) = &self.temporary {
            let _ = unlinkat(self.directory, &**temporary, AtFlags::empty());
        }
    }
}

#[cfg(any(target_os = "linux", target_vendor = "apple"))]
fn rename_to_free_name(directory: BorrowedFd<'_>, old: &[u8], new: &[u8]) -> io::Result<()> {
    use rustix::fs::{RenameFlags, renameat_with};
    let flags = RenameFlags::NOREPLACE;
    Ok(renameat_with(directory, old, directory, new, flags)?)
}

/// Other systems can only replace what has the name, so the file is not made.
#[cfg(not(any(target_os = "linux", target_vendor = "apple")))]
fn rename_to_free_name(_: BorrowedFd<'_>, _: &[u8], _: &[u8]) -> io::Result<()> {
    Err(Errno::NOTSUP.into())
}

/// An unnamed file, if the file system has them and it can get a name later: whatever ends
/// prun, nothing is left of it.
#[cfg(target_os = "linux")]
fn unnamed(directory: BorrowedFd<'_>, directory_part: &[u8]) -> Option<File> {
    let directory_part = if directory_part.is_empty() {
        b"."
    } else {
        directory_part
    };
    let flags = OFlags::WRONLY | OFlags::TMPFILE | OFlags::CLOEXEC;
    let file = openat(directory, directory_part, flags, Mode::RUSR | Mode::WUSR).ok()?;
    // Without /proc the file could not be named: only root may link a descriptor (open(2)).
    let link = format!("/proc/self/fd/{}", file.as_raw_fd());
    statat(CWD, link.as_str(), AtFlags::SYMLINK_NOFOLLOW).ok()?;
    Some(file.into())
}

#[cfg(not(target_os = "linux"))]
fn unnamed(_: BorrowedFd<'_>, _: &[u8]) -> Option<File> {
    None
}

/// The directory part of a name, with its slash.
fn directory_part(name: &[u8]) -> &[u8] {
    let base = name.iter().rposition(|byte| *byte == b'/');
    &name[..base.map_or(0, |at| at + 1)]
}

/// A name beside this one that nobody has.
fn temporary_name(name: &[u8]) -> Vec<u8> {
    let temporary = format!(".prun-{:016x}", fastrand::u64(..));
    [directory_part(name), temporary.as_bytes()].concat()
}

fn time(seconds: i64, nanoseconds: i64) -> Timespec {
    Timespec {
        tv_sec: seconds,
        tv_nsec: nanoseconds as _,
    }
}

pub(super) fn exists(directory: BorrowedFd<'_>, name: &[u8]) -> bool {
    statat(directory, name, AtFlags::SYMLINK_NOFOLLOW).is_ok()
}

pub(super) fn remove(directory: BorrowedFd<'_>, name: &[u8]) -> io::Result<()> {
    unlinkat(directory, name, AtFlags::empty()).map_err(io::Error::from)
}
