//! Redirections of a process's standard streams.
//!
//! prun opens the files itself, but only those whose opening can do nothing else than
//! what a shell would see: regular files, and `/dev/null`. A FIFO would make prun wait,
//! a device may do anything, and `/dev/stdout` would be prun's own.

use std::ffi::OsStr;
use std::io;
use std::os::fd::{BorrowedFd, OwnedFd};
use std::sync::Arc;

use crate::error::reason_text;
use crate::os::standard_streams::StandardStreams;
use crate::shell::{FileAccess, Redirection};

/// Applies redirections in their order.
///
/// # Errors
/// The reason for which prun cannot do it; a shell may have another way.
pub(crate) fn redirect(
    mut streams: StandardStreams,
    redirections: &[Redirection],
    directory: Option<BorrowedFd<'_>>,
) -> Result<StandardStreams, String> {
    for redirection in redirections {
        match redirection {
            Redirection::File { fd, path, access } => {
                let opened = file::open(path, *access, directory);
                let opened = opened.map_err(|error| refusal(path, *access, &error))?;
                streams[*fd] = Some(Arc::new(opened));
            }
            Redirection::Copy { fd, from } => {
                let copied = streams[*from].as_ref();
                let copied = copied.ok_or_else(|| format!("cannot copy descriptor {from}"))?;
                streams[*fd] = Some(Arc::clone(copied));
            }
        }
    }
    Ok(streams)
}

fn refusal(path: &OsStr, access: FileAccess, error: &io::Error) -> String {
    let what = match access {
        FileAccess::Read => "read",
        FileAccess::Write | FileAccess::Append => "write",
    };
    let reason = reason_text(error);
    format!("cannot {what} '{}': {reason}", path.display())
}

#[cfg(target_os = "linux")]
mod file {
    use rustix::fs::{
        AtFlags, CWD, FileType, Mode, OFlags, ResolveFlags, Stat, fcntl_setfl, fstat, openat2,
        statat,
    };
    use rustix::io::{Errno, retry_on_intr};

    use super::*;

    /// Reason for leaving a file to a shell.
    const NOT_HARMLESS: &str = "it is neither a regular file nor /dev/null";

    pub(crate) fn open(
        path: &OsStr,
        access: FileAccess,
        directory: Option<BorrowedFd<'_>>,
    ) -> io::Result<OwnedFd> {
        let directory = directory.unwrap_or(CWD);
        // Looked at before it is opened, and again in case it was exchanged meanwhile.
        match statat(directory, path, AtFlags::empty()) {
            Ok(stat) => check(&stat)?,
            Err(Errno::NOENT) => {}
            Err(error) => return Err(error.into()),
        }
        let how = match access {
            FileAccess::Read => OFlags::RDONLY,
            FileAccess::Write => OFlags::WRONLY | OFlags::CREATE | OFlags::TRUNC,
            FileAccess::Append => OFlags::WRONLY | OFlags::CREATE | OFlags::APPEND,
        };
        let mode = match access {
            FileAccess::Read => Mode::empty(),
            FileAccess::Write | FileAccess::Append => Mode::from_raw_mode(0o666),
        };
        let flags = how | OFlags::CLOEXEC | OFlags::NOCTTY | OFlags::NONBLOCK;
        // `/dev/stdout` leads to a magic link of procfs: to prun's descriptor, not the job's.
        let resolve = ResolveFlags::NO_MAGICLINKS;
        let opened = retry_on_intr(|| openat2(directory, path, flags, mode, resolve));
        let file = opened.map_err(|error| match error {
            Errno::LOOP => io::Error::other(NOT_HARMLESS),
            error => error.into(),
        })?;
        check(&fstat(&file)?)?;
        fcntl_setfl(&file, how & OFlags::APPEND)?;
        Ok(file)
    }

    fn check(stat: &Stat) -> io::Result<()> {
        if FileType::from_raw_mode(stat.st_mode) == FileType::Directory {
            return Err(Errno::ISDIR.into());
        }
        if is_harmless(stat) {
            Ok(())
        } else {
            Err(io::Error::other(NOT_HARMLESS))
        }
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

/// Equivalents of magic links on other systems are not known yet.
#[cfg(not(target_os = "linux"))]
mod file {
    use super::*;

    pub(crate) fn open(_: &OsStr, _: FileAccess, _: Option<BorrowedFd<'_>>) -> io::Result<OwnedFd> {
        Err(io::ErrorKind::Unsupported.into())
    }
}

/// Writes the text of an `echo` into a pipe that nobody reads yet. It fits: the pipe is empty
/// and takes a page at least (pipe(7)).
pub(crate) fn into_pipe([_, stdout, _]: StandardStreams, text: &[u8]) -> io::Result<()> {
    let pipe = stdout.ok_or(io::ErrorKind::BrokenPipe)?;
    match rustix::io::write(&*pipe, text)? {
        written if written == text.len() => Ok(()),
        _ => Err(io::ErrorKind::WriteZero.into()),
    }
}

#[cfg(test)]
mod tests;
