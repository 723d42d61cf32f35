//! Locks on ranges of bytes of a file (fcntl(2), "Open file description locks").
//!
//! Such a lock belongs to the open file description: processes that inherit the descriptor hold
//! it together, and the kernel takes it back when the last of them has closed it or died. Other
//! systems have only the older kind, which belongs to a process and is not inherited.

use std::io;
use std::os::fd::{AsFd, AsRawFd};

/// Bytes of a file, which need not exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ByteRange {
    pub start: u64,
    /// 0 is all from `start` on.
    pub length: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RecordLock {
    /// Many may have it, unless somebody has the exclusive one.
    Shared,
    Exclusive,
}

#[cfg(any(target_os = "linux", target_os = "android"))]
const COMMANDS: [libc::c_int; 3] = [libc::F_OFD_SETLK, libc::F_OFD_SETLKW, libc::F_OFD_GETLK];

#[cfg(not(any(target_os = "linux", target_os = "android")))]
const COMMANDS: [libc::c_int; 3] = [libc::F_SETLK, libc::F_SETLKW, libc::F_GETLK];

/// Locks a range, or changes the kind of a lock that the descriptor has there already, unless
/// that is in conflict with the lock of another one: then the result is false.
pub(crate) fn try_lock(file: impl AsFd, lock: RecordLock, range: ByteRange) -> io::Result<bool> {
    match call(file, COMMANDS[0], kind(lock), range) {
        Ok(_) => Ok(true),
        // Either one, says POSIX.
        Err(error) if matches!(error.raw_os_error(), Some(libc::EAGAIN | libc::EACCES)) => {
            Ok(false)
        }
        Err(error) => Err(error),
    }
}

/// Locks a range, and waits as long as that is in conflict with the lock of another descriptor.
///
/// # Errors
/// `Interrupted` by a signal whose handler does not restart calls.
pub(crate) fn lock(file: impl AsFd, lock: RecordLock, range: ByteRange) -> io::Result<()> {
    call(file, COMMANDS[1], kind(lock), range).map(drop)
}

/// Gives back what is locked of a range.
pub(crate) fn unlock(file: impl AsFd, range: ByteRange) -> io::Result<()> {
    call(file, COMMANDS[0], libc::F_UNLCK as libc::c_short, range).map(drop)
}

/// The range of a lock that another descriptor has, of either kind, and that overlaps this
/// range; not necessarily the first one. Nobody notices the question.
pub(crate) fn conflict(file: impl AsFd, range: ByteRange) -> io::Result<Option<ByteRange>> {
    let found = call(file, COMMANDS[2], kind(RecordLock::Exclusive), range)?;
    Ok(
        (found.l_type != libc::F_UNLCK as libc::c_short).then_some(ByteRange {
            start: found.l_start as u64,
            length: found.l_len as u64,
        }),
    )
}

fn kind(lock: RecordLock) -> libc::c_short {
    let kind = match lock {
        RecordLock::Shared => libc::F_RDLCK,
        RecordLock::Exclusive => libc::F_WRLCK,
    };
    kind as libc::c_short
}

fn call(
    file: impl AsFd,
    command: libc::c_int,
    kind: libc::c_short,
    range: ByteRange,
) -> io::Result<libc::flock> {
    let offset = |number: u64| {
        libc::off_t::try_from(number).map_err(|_| io::Error::from_raw_os_error(libc::EOVERFLOW))
    };
    // SAFETY: all-zero bytes are valid for the type; a process number of 0 is what locks of
    // descriptors want.
    let mut lock: libc::flock = unsafe { std::mem::zeroed() };
    lock.l_type = kind;
    lock.l_whence = libc::SEEK_SET as libc::c_short;
    lock.l_start = offset(range.start)?;
    lock.l_len = offset(range.length)?;
    // SAFETY: the pointer is to our own variable, of the type that these commands take.
    let result = unsafe { libc::fcntl(file.as_fd().as_raw_fd(), command, &raw mut lock) };
    if result < 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(lock)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::File;

    const fn range(start: u64, length: u64) -> ByteRange {
        ByteRange { start, length }
    }

    // Locks of other systems are those of a process.
    #[cfg(target_os = "linux")]
    #[test]
    fn a_lock_is_that_of_an_open_file_description() {
        let one = tempfile::NamedTempFile::new().unwrap();
        let two = File::options().read(true).write(true).open(one.path());
        let (one, two) = (one.as_file(), two.unwrap());
        let high = 1 << 62;
        assert!(try_lock(one, RecordLock::Exclusive, range(high, 5)).unwrap());
        assert!(!try_lock(&two, RecordLock::Shared, range(high + 4, 1)).unwrap());
        assert_eq!(conflict(one, range(0, 0)).unwrap(), None);
        assert_eq!(
            conflict(&two, range(high + 2, 0)).unwrap(),
            Some(range(high, 5))
        );
        assert_eq!(conflict(&two, range(0, high)).unwrap(), None);

        assert!(try_lock(one, RecordLock::Shared, range(high, 5)).unwrap());
        assert!(try_lock(&two, RecordLock::Shared, range(high, 1)).unwrap());
        assert!(!try_lock(one, RecordLock::Exclusive, range(high, 1)).unwrap());
        let copy = one.try_clone().unwrap();
        unlock(&two, range(0, 0)).unwrap();
        assert_eq!(conflict(&two, range(0, 0)).unwrap(), Some(range(high, 5)));
        unlock(copy, range(0, 0)).unwrap();
        assert_eq!(conflict(&two, range(0, 0)).unwrap(), None);
    }
}
