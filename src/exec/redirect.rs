//! Redirections: where the streams of a process go.
//!
//! prun opens the files itself, but only those whose opening can do nothing else than
//! what a shell would see: regular files, and `/dev/null`. A FIFO would make prun wait,
//! a device may do anything, and `/dev/stdout` would be prun's own.

use std::ffi::OsStr;
use std::os::fd::{BorrowedFd, OwnedFd};
use std::rc::Rc;

use crate::template::{Access, Redirection};

/// What becomes descriptors 0, 1 and 2; none for `/dev/null` and prun's own output.
pub type Streams = [Option<Rc<OwnedFd>>; 3];

/// The streams after these redirections, in their order; `None` if a shell has to do it,
/// which also tells what is wrong.
pub fn redirect(
    mut streams: Streams,
    redirections: &[Redirection],
    directory: Option<BorrowedFd<'_>>,
) -> Option<Streams> {
    for redirection in redirections {
        match redirection {
            Redirection::File { fd, path, access } => {
                streams[*fd] = Some(Rc::new(file::open(path, *access, directory)?));
            }
            Redirection::Copy { fd, from } => {
                streams[*fd] = Some(Rc::clone(streams[*from].as_ref()?));
            }
        }
    }
    Some(streams)
}

#[cfg(target_os = "linux")]
mod file {
    use rustix::fs::{
        AtFlags, CWD, FileType, Mode, OFlags, ResolveFlags, Stat, fcntl_setfl, fstat, openat2,
        statat,
    };
    use rustix::io::Errno;

    use super::*;

    pub(super) fn open(
        path: &OsStr,
        access: Access,
        directory: Option<BorrowedFd<'_>>,
    ) -> Option<OwnedFd> {
        let directory = directory.unwrap_or(CWD);
        // Looked at before it is opened, and again in case it was exchanged meanwhile.
        match statat(directory, path, AtFlags::empty()) {
            Ok(stat) if !is_harmless(&stat) => return None,
            Ok(_) | Err(Errno::NOENT) => {}
            Err(_) => return None,
        }
        let how = match access {
            Access::Read => OFlags::RDONLY,
            Access::Write => OFlags::WRONLY | OFlags::CREATE | OFlags::TRUNC,
            Access::Append => OFlags::WRONLY | OFlags::CREATE | OFlags::APPEND,
        };
        let mode = match access {
            Access::Read => Mode::empty(),
            Access::Write | Access::Append => Mode::from_raw_mode(0o666),
        };
        let flags = how | OFlags::CLOEXEC | OFlags::NOCTTY | OFlags::NONBLOCK;
        // `/dev/stdout` leads to a magic link of procfs: to prun's descriptor, not the job's.
        let resolve = ResolveFlags::NO_MAGICLINKS;
        let file = openat2(directory, path, flags, mode, resolve).ok()?;
        if !is_harmless(&fstat(&file).ok()?) {
            return None;
        }
        fcntl_setfl(&file, how & OFlags::APPEND).ok()?;
        Some(file)
    }

    fn is_harmless(stat: &Stat) -> bool {
        /// `/dev/null` (null(4)).
        const NULL: (u32, u32) = (1, 3);
        match FileType::from_raw_mode(stat.st_mode) {
            FileType::RegularFile => true,
            FileType::CharacterDevice => {
                let device = stat.st_rdev;
                (rustix::fs::major(device), rustix::fs::minor(device)) == NULL
            }
            _ => false,
        }
    }
}

/// Nobody has looked yet at what other systems have for magic links.
#[cfg(not(target_os = "linux"))]
mod file {
    use super::*;

    pub(super) fn open(_: &OsStr, _: Access, _: Option<BorrowedFd<'_>>) -> Option<OwnedFd> {
        None
    }
}

#[cfg(test)]
mod tests;
