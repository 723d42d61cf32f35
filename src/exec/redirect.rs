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
mod tests {
    #![cfg(target_os = "linux")]

    use super::*;
    use std::fs;
    use std::io::{Read, Write};
    use std::process::Command;

    fn file(path: &std::path::Path, fd: usize, access: Access) -> Redirection {
        Redirection::File {
            fd,
            path: path.into(),
            access,
        }
    }

    fn opened(redirection: Redirection) -> Option<Streams> {
        redirect([None, None, None], &[redirection], None)
    }

    fn as_file(stream: &Option<Rc<OwnedFd>>) -> fs::File {
        stream.as_ref().unwrap().try_clone().unwrap().into()
    }

    #[test]
    fn files_are_made_emptied_and_continued() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("file");
        for (access, text, whole) in [
            (Access::Write, "one", "one"),
            (Access::Append, "two", "onetwo"),
            (Access::Write, "three", "three"),
        ] {
            let streams = opened(file(&path, 1, access)).unwrap();
            as_file(&streams[1]).write_all(text.as_bytes()).unwrap();
            assert_eq!(fs::read_to_string(&path).unwrap(), whole);
        }
        let streams = opened(file(&path, 0, Access::Read)).unwrap();
        let mut read = String::new();
        as_file(&streams[0]).read_to_string(&mut read).unwrap();
        assert_eq!(read, "three");
    }

    #[test]
    fn a_copy_is_of_what_the_other_one_is_then() {
        let dir = tempfile::tempdir().unwrap();
        let (path, before) = (
            dir.path().join("file"),
            Rc::new(fs::File::open("/dev/null").unwrap().into()),
        );
        let streams = redirect(
            [None, Some(Rc::clone(&before)), None],
            &[
                Redirection::Copy { fd: 2, from: 1 },
                file(&path, 1, Access::Write),
            ],
            None,
        );
        let [_, stdout, stderr] = streams.unwrap();
        assert!(Rc::ptr_eq(&stderr.unwrap(), &before));
        assert!(!Rc::ptr_eq(&stdout.unwrap(), &before));
    }

    #[test]
    fn what_a_shell_must_do_is_left_to_it() {
        let dir = tempfile::tempdir().unwrap();
        let in_dir = |name| dir.path().join(name);
        let made = Command::new("mkfifo").arg(in_dir("fifo")).status();
        assert!(made.unwrap().success());
        std::os::unix::fs::symlink("/dev/stdout", in_dir("link")).unwrap();
        for (path, access) in [
            (in_dir("none"), Access::Read),
            (in_dir("none/file"), Access::Write),
            (in_dir("fifo"), Access::Read),
            (in_dir("fifo"), Access::Write),
            (in_dir("link"), Access::Append),
            (in_dir(""), Access::Write),
            ("/dev/tty".into(), Access::Write),
            ("/dev/stderr".into(), Access::Append),
            ("/dev/fd/1".into(), Access::Write),
            ("/dev/tcp/localhost/9".into(), Access::Write),
            ("".into(), Access::Read),
        ] {
            assert!(opened(file(&path, 1, access)).is_none(), "{path:?}");
        }
        assert!(opened(file("/dev/null".as_ref(), 1, Access::Write)).is_some());
    }
}
