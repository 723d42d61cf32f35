//! `cd DIR` before a job's processes: where they run and what `PWD` tells them.

use std::env;
use std::ffi::{OsStr, OsString};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::PathBuf;
use std::sync::OnceLock;

use rustix::fs::{CWD, Mode, OFlags, open, stat};

/// A directory that a job has changed to.
#[derive(Debug)]
pub struct Directory {
    fd: OwnedFd,
    old: OsString,
    new: OsString,
}

impl Directory {
    /// Changes to a directory as a shell does; `None` if only a shell can tell what that
    /// means, or what is wrong.
    ///
    /// `..` is left to the shell: it goes back the way that the name came, which differs
    /// from the parent directory behind a symbolic link.
    pub fn enter(name: &OsStr) -> Option<Directory> {
        let bytes = name.as_bytes();
        let is_plain = !bytes.is_empty()
            && !bytes.starts_with(b"-")
            && !bytes.starts_with(b"//")
            && bytes.split(|&byte| byte == b'/').all(|part| part != b"..");
        if !is_plain || env::var_os("CDPATH").is_some() {
            return None;
        }
        let old = current()?;
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        Some(Directory {
            fd: open(name, flags, Mode::empty()).ok()?,
            old: old.to_owned(),
            new: joined(old, name),
        })
    }

    /// The directory itself.
    pub fn fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }

    /// What a shell sets then.
    pub fn variables(&self) -> [(OsString, OsString); 2] {
        [
            ("OLDPWD".into(), self.old.clone()),
            ("PWD".into(), self.new.clone()),
        ]
    }
}

/// Where prun runs, by the name under which the user came there.
fn current() -> Option<&'static OsStr> {
    static CURRENT: OnceLock<Option<OsString>> = OnceLock::new();
    let find = || match env::var_os("PWD").filter(|name| is_current(name)) {
        Some(name) => Some(name),
        None => env::current_dir().ok().map(PathBuf::into_os_string),
    };
    CURRENT.get_or_init(find).as_deref()
}

/// Whether a shell would believe this `PWD`: a full name, without dots, of the directory
/// in which it is.
fn is_current(name: &OsStr) -> bool {
    let bytes = name.as_bytes();
    let mut parts = bytes.split(|&byte| byte == b'/');
    if !bytes.starts_with(b"/") || parts.any(|part| part == b"." || part == b"..") {
        return false;
    }
    match (
        stat(name),
        rustix::fs::statat(CWD, c".", rustix::fs::AtFlags::empty()),
    ) {
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
            assert!(Directory::enter(name.as_ref()).is_none(), "{name}");
        }
        assert!(Directory::enter("/tmp".as_ref()).is_some());
    }
}
