//! The directory of lock files, which this user alone can enter.
//!
//! Its name is known, and a directory above it may be shared, as `/tmp` is: another user may
//! have made it, or a link in its place. So it is opened once, is checked by its descriptor, and
//! all else goes by that.

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, FlockOperation, Mode, OFlags, flock, fstat, mkdirat, openat};
use rustix::io::Errno;
use rustix::process::geteuid;

use crate::error::{Error, Result};
use crate::os::host::HostEnvironment;

const OWN_DIRECTORY: Mode = Mode::RWXU;

#[derive(Debug)]
pub(super) struct LockDirectory {
    descriptor: OwnedFd,
    path: PathBuf,
}

impl LockDirectory {
    /// Opens the directory, and makes it if it is missing.
    ///
    /// # Errors
    /// It is another user's, others can enter it, or it is no directory.
    pub(super) fn open(environment: &HostEnvironment) -> Result<LockDirectory> {
        let path = place(
            environment.runtime_dir.as_deref(),
            environment.tmpdir.as_deref(),
        );
        let descriptor = match open(&path) {
            Err(Errno::NOENT) => make(&path).and_then(|()| open(&path)),
            result => result,
        };
        let descriptor = descriptor.map_err(|errno| match errno {
            Errno::LOOP | Errno::NOTDIR => refused(&path, kind(&path)),
            errno => cannot_use(&path).because(&errno.into()),
        })?;
        check(&path, descriptor.as_fd())?;
        // systemd-tmpfiles(8) removes old files from /tmp, but not from a directory that is locked
        // like this. Nothing else asks for it.
        let _ = flock(&descriptor, FlockOperation::NonBlockingLockShared);
        Ok(LockDirectory { descriptor, path })
    }

    pub(super) fn fd(&self) -> BorrowedFd<'_> {
        self.descriptor.as_fd()
    }

    /// The error for what cannot be done with its files.
    pub(super) fn error(&self, error: &io::Error) -> Error {
        cannot_use(&self.path).because(error)
    }
}

/// `$XDG_RUNTIME_DIR/prun` if the first part is this user's own, else `prun-UID` in `$TMPDIR`.
fn place(runtime: Option<&OsStr>, tmpdir: Option<&OsStr>) -> PathBuf {
    let own = geteuid().as_raw();
    let is_own = |path: &&Path| {
        let found = fs::metadata(path);
        path.is_absolute() && found.is_ok_and(|found| found.is_dir() && found.uid() == own)
    };
    match runtime.map(Path::new).filter(is_own) {
        Some(runtime) => runtime.join("prun"),
        None => Path::new(tmpdir.unwrap_or(OsStr::new("/tmp"))).join(format!("prun-{own}")),
    }
}

fn open(path: &Path) -> std::result::Result<OwnedFd, Errno> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    openat(CWD, path, flags, Mode::empty())
}

fn make(path: &Path) -> std::result::Result<(), Errno> {
    match mkdirat(CWD, path, OWN_DIRECTORY) {
        // Another prun was faster, or it is somebody's, which will show.
        Err(Errno::EXIST) => Ok(()),
        result => result,
    }
}

fn check(path: &Path, directory: BorrowedFd<'_>) -> Result<()> {
    let status = fstat(directory).map_err(|errno| cannot_use(path).because(&errno.into()))?;
    if status.st_uid != geteuid().as_raw() {
        return Err(refused(path, "it belongs to another user"));
    }
    if Mode::from_raw_mode(status.st_mode).intersects(Mode::RWXG | Mode::RWXO) {
        let name = path.to_string_lossy();
        let name = shell_words::quote(&name);
        return Err(Error::new(format!(
            "{}: other users can use it",
            cannot_use(path).message()
        ))
        .hint(format!("chmod 700 {name}")));
    }
    Ok(())
}

fn kind(path: &Path) -> &'static str {
    match fs::symlink_metadata(path) {
        Ok(found) if found.file_type().is_symlink() => "it is a symbolic link",
        _ => "it is no directory",
    }
}

fn cannot_use(path: &Path) -> Error {
    Error::new(format!("cannot use '{}' for locks", path.display()))
}

fn refused(path: &Path, why: &str) -> Error {
    Error::new(format!("{}: {why}", cannot_use(path).message())).hint(
        "a directory of your own can take its place: mkdir -pm 700 ~/.locks; export TMPDIR=~/.locks",
    )
}
