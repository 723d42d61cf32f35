//! Search for programs in `PATH`.

use std::collections::HashMap;
use std::env;
use std::ffi::{OsStr, OsString};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use rustix::fs::{Access, access};
use rustix::io::Errno;

/// Paths of programs, looked up in `PATH` once a name. Only a program that was found is
/// remembered: an earlier job may make what a later one needs.
#[derive(Debug, Default)]
pub(crate) struct PathLookup {
    found: RwLock<HashMap<OsString, Arc<Path>>>,
}

impl PathLookup {
    /// The file of the program `name`.
    ///
    /// # Errors
    /// As [`search`].
    pub(crate) fn find(&self, name: &OsStr) -> io::Result<Arc<Path>> {
        if name.as_bytes().contains(&b'/') {
            return Ok(Path::new(name).into());
        }
        let found = self.found.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(path) = found.get(name) {
            return Ok(Arc::clone(path));
        }
        drop(found);
        let path: Arc<Path> = search(name)?.into();
        let mut found = self.found.write().unwrap_or_else(PoisonError::into_inner);
        found.insert(name.to_owned(), Arc::clone(&path));
        Ok(path)
    }

    /// Looks for the program again the next time.
    pub(crate) fn forget(&self, name: &OsStr) {
        let mut found = self.found.write().unwrap_or_else(PoisonError::into_inner);
        found.remove(name);
    }
}

/// Looks for an executable file as execvp(3) does: one that is found and may not be
/// executed is told, by `EACCES`, only if no other one is found.
///
/// # Errors
/// `ENOENT` and `EACCES`.
pub(crate) fn search(name: &OsStr) -> io::Result<PathBuf> {
    if name.as_bytes().contains(&b'/') {
        let path = PathBuf::from(name);
        return access(&path, Access::EXEC_OK)
            .map(|()| path)
            .map_err(io::Error::from);
    }
    let path = env::var_os("PATH").unwrap_or_else(|| "/usr/local/bin:/usr/bin:/bin".into());
    let mut denied = false;
    for folder in env::split_paths(&path) {
        let file = if folder.as_os_str().is_empty() {
            Path::new(".").join(name)
        } else {
            folder.join(name)
        };
        if !file.is_file() || name.is_empty() {
            continue;
        }
        match access(&file, Access::EXEC_OK) {
            Ok(()) => return Ok(file),
            Err(_) => denied = true,
        }
    }
    let errno = if denied { Errno::ACCESS } else { Errno::NOENT };
    Err(errno.into())
}
