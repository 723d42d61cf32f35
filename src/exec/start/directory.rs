//! Working directories of jobs, and their `PWD`: `cd DIR` at the beginning of a list,
//! `--wd DIR`.

use std::env;
use std::ffi::{OsStr, OsString};
use std::fs::{self, Permissions};
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use rustix::fs::{AtFlags, CWD, Mode, OFlags, openat, stat, statat};
use rustix::io::retry_on_intr;
use tempfile::TempDir;

use crate::error::reason_text;
use crate::input::Row;
use crate::job::Outcome;
use crate::placeholder::TextTemplate;

/// Directory of jobs.
#[derive(Debug)]
pub(crate) enum WorkdirPolicy {
    Inherited,
    /// `--wd DIR`: made if it is missing.
    Named(TextTemplate),
    /// `--wd ...`: a fresh one for each job.
    Fresh {
        above: PathBuf,
        /// The executor removes it when the job has ended.
        is_temporary: bool,
    },
}

impl WorkdirPolicy {
    /// Tells whether jobs may have different directories.
    pub(crate) fn differs(&self) -> bool {
        match self {
            WorkdirPolicy::Inherited => false,
            WorkdirPolicy::Named(text) => text.has_placeholders(),
            WorkdirPolicy::Fresh { .. } => true,
        }
    }
}

/// A directory that a job has changed to.
#[derive(Debug)]
pub(crate) struct JobDirectory {
    fd: OwnedFd,
    old: OsString,
    new: OsString,
    /// Removes it when the job has ended.
    fresh: Option<TempDir>,
}

impl JobDirectory {
    /// Changes from `base`, or where prun runs, to a directory as a shell does; `None` if
    /// only a shell can tell what that means, or what is wrong.
    pub(crate) fn enter(name: &OsStr, base: Option<&JobDirectory>) -> Option<JobDirectory> {
        if !is_plain(name) || env::var_os("CDPATH").is_some() {
            return None;
        }
        let (from, old) = match base {
            Some(base) => (base.fd(), base.new.as_os_str()),
            None => (CWD, current()?),
        };
        Some(JobDirectory {
            fd: open(name, from).ok()?,
            old: old.to_owned(),
            new: joined(old, name),
            fresh: None,
        })
    }

    /// The same for any name, where no shell is asked.
    ///
    /// # Errors
    /// The outcome of the job, since the directory cannot be entered.
    pub(crate) fn reach(
        name: &OsStr,
        base: Option<&JobDirectory>,
    ) -> Result<JobDirectory, Outcome> {
        let refused = |error: io::Error| {
            let reason = reason_text(&error);
            let why = format!("cannot use the directory '{}': {reason}", name.display());
            Outcome::Refused(why)
        };
        let (from, old) = match base {
            Some(base) => (base.fd(), base.new.as_os_str()),
            None => (CWD, current().unwrap_or(OsStr::new("."))),
        };
        let fd = open(name, from).map_err(refused)?;
        let new = Path::new(old).join(name).canonicalize().map_err(refused)?;
        Ok(JobDirectory {
            fd,
            old: old.to_owned(),
            new: new.into_os_string(),
            fresh: None,
        })
    }

    /// The directory that a row has chosen for its job.
    ///
    /// # Errors
    /// As [`JobDirectory::reach`].
    pub(crate) fn of_row(row: &Row) -> Option<Result<JobDirectory, Outcome>> {
        let name = row.settings.as_ref()?.directory.as_ref()?;
        Some(JobDirectory::reach(name.as_os_str(), None))
    }

    /// The directory of that name, which is made if it is not there.
    ///
    /// # Errors
    /// The directory cannot be made, or something else has its name.
    pub(crate) fn make(name: &OsStr) -> io::Result<JobDirectory> {
        fs::create_dir_all(name)?;
        let old = current().ok_or(io::ErrorKind::NotFound)?;
        Ok(JobDirectory {
            fd: open(name, CWD)?,
            old: old.to_owned(),
            new: if is_plain(name) {
                joined(old, name)
            } else {
                Path::new(name).canonicalize()?.into_os_string()
            },
            fresh: None,
        })
    }

    /// A new directory in `above`, which is removed when the job has ended. No other user can
    /// enter it, or put a link in its place beforehand: a part of its name is random.
    ///
    /// # Errors
    /// The directory cannot be made.
    pub(crate) fn make_fresh(above: &Path, prefix: &str) -> io::Result<JobDirectory> {
        fs::create_dir_all(above)?;
        let fresh = tempfile::Builder::new()
            .prefix(prefix)
            .permissions(Permissions::from_mode(0o700))
            .tempdir_in(above)?;
        let directory = JobDirectory::make(fresh.path().as_os_str())?;
        Ok(JobDirectory {
            fresh: Some(fresh),
            ..directory
        })
    }

    /// The same directory, which stays when the job has ended.
    pub(crate) fn keep(mut self) -> JobDirectory {
        if let Some(fresh) = self.fresh.take() {
            let _ = fresh.keep();
        }
        self
    }

    pub(crate) fn fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }

    /// Variables that a shell sets there.
    pub(crate) fn variables(&self) -> [(OsString, OsString); 2] {
        [
            ("OLDPWD".into(), self.old.clone()),
            ("PWD".into(), self.new.clone()),
        ]
    }
}

/// Tells whether the name means the same to everyone. A `-` has a meaning for shells, and `..`
/// goes back the way that the name came, which differs from the parent directory behind a
/// symbolic link.
fn is_plain(name: &OsStr) -> bool {
    let bytes = name.as_bytes();
    !bytes.is_empty()
        && !bytes.starts_with(b"-")
        && !bytes.starts_with(b"//")
        && bytes.split(|&byte| byte == b'/').all(|part| part != b"..")
}

fn open(name: &OsStr, from: BorrowedFd<'_>) -> io::Result<OwnedFd> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    Ok(retry_on_intr(|| openat(from, name, flags, Mode::empty()))?)
}

/// Directory of prun, by the name under which the user came there.
fn current() -> Option<&'static OsStr> {
    static CURRENT: OnceLock<Option<OsString>> = OnceLock::new();
    let find = || match env::var_os("PWD").filter(|name| is_current(name)) {
        Some(name) => Some(name),
        None => env::current_dir().ok().map(PathBuf::into_os_string),
    };
    CURRENT.get_or_init(find).as_deref()
}

/// Tells whether a shell would believe this `PWD`: a full name, without dots, of the directory
/// in which it is.
fn is_current(name: &OsStr) -> bool {
    let bytes = name.as_bytes();
    let mut parts = bytes.split(|&byte| byte == b'/');
    if !bytes.starts_with(b"/") || parts.any(|part| part == b"." || part == b"..") {
        return false;
    }
    match (stat(name), statat(CWD, c".", AtFlags::empty())) {
        (Ok(there), Ok(here)) => (there.st_dev, there.st_ino) == (here.st_dev, here.st_ino),
        _ => false,
    }
}

/// `name` seen from `from`, without doubled slashes and single dots.
fn joined(from: &OsStr, name: &OsStr) -> OsString {
    let mut path = match name.as_bytes().first() {
        Some(b'/') => Vec::new(),
        _ => from.as_bytes().to_vec(),
    };
    while path.last() == Some(&b'/') {
        path.pop();
    }
    for part in name.as_bytes().split(|&byte| byte == b'/') {
        if !part.is_empty() && part != b"." {
            path.push(b'/');
            path.extend_from_slice(part);
        }
    }
    if path.is_empty() {
        path.push(b'/');
    }
    OsString::from_vec(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_put_together_as_shells_do() {
        for (from, name, whole) in [
            ("/a", "b", "/a/b"),
            ("/a/", "./b//c/.", "/a/b/c"),
            ("/", "b/", "/b"),
            ("/a", "/", "/"),
            ("/a", "/b/./c", "/b/c"),
            ("/a", ".", "/a"),
            ("/", ".", "/"),
        ] {
            assert_eq!(joined(from.as_ref(), name.as_ref()), whole, "{from} {name}");
        }
    }

    #[test]
    fn what_only_a_shell_knows_is_left_to_it() {
        for name in [
            "",
            "-",
            "-P",
            "..",
            "a/..",
            "/tmp/../tmp",
            "//tmp",
            "/none/such",
        ] {
            assert!(JobDirectory::enter(name.as_ref(), None).is_none(), "{name}");
        }
        assert!(JobDirectory::enter("/tmp".as_ref(), None).is_some());
    }
}
