//! Removal of files that nobody uses. It happens when a new semaphore is made, so that no more
//! are left than are in use, and those of the last one.

use std::io;
use std::os::fd::AsFd;

use rustix::fs::{AtFlags, Dir, Mode, OFlags, openat, unlinkat};

use super::directory::LockDirectory;
use super::lock_file::{LOCK, LockFile};

/// Removes the files of all semaphores that nobody uses, but for that with the key `kept`. A
/// failure leaves files, which is no reason to run no job.
pub(super) fn remove_unused(directory: &LockDirectory, kept: &str) {
    for key in names(directory.fd()).unwrap_or_default() {
        if key != kept {
            let _ = remove(directory, &key);
        }
    }
}

fn remove(directory: &LockDirectory, key: &str) -> io::Result<()> {
    if let Some(file) = LockFile::find(directory, key)? {
        // If it was removed meanwhile, the names below are those of other files.
        if !file.try_lock_all()? || file.is_removed()? {
            return Ok(());
        }
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let own = openat(directory.fd(), key, flags, Mode::empty())?;
        for name in names(&own)?.iter().filter(|name| *name != LOCK) {
            unlinkat(&own, name, AtFlags::empty())?;
        }
        // Last: who has waited for the lock sees that the file is gone, and makes another one.
        unlinkat(&own, LOCK, AtFlags::empty())?;
    }
    // Not if somebody has made a new file in it.
    unlinkat(directory.fd(), key, AtFlags::REMOVEDIR)?;
    Ok(())
}

fn names(directory: impl AsFd) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in Dir::read_from(directory)? {
        if let Ok(name) = entry?.file_name().to_str()
            && !name.starts_with('.')
        {
            names.push(name.to_owned());
        }
    }
    Ok(names)
}
