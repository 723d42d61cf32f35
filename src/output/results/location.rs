//! Location of the results of one job.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

use super::encode::LONGEST;

/// Meaning of the last name of a location.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NameMeaning {
    /// `stdout`, `stderr` and `seq` in a directory of that name.
    Inside,
    /// Standard output; beside it, with `.err` and `.seq`, the others.
    Beside,
}

impl NameMeaning {
    /// Longest name in bytes.
    pub(super) fn limit(self) -> usize {
        match self {
            NameMeaning::Inside => LONGEST,
            NameMeaning::Beside => LONGEST - ".err".len(),
        }
    }
}

/// Location of the results of one job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ResultsLocation {
    /// The directories and the name.
    pub(super) path: Vec<Vec<u8>>,
    pub(super) root: PathRoot,
    pub(super) files: NameMeaning,
}

/// Start of a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PathRoot {
    /// In the directory of results, which it cannot leave.
    Base,
    /// In the working directory: a value says where.
    Relative,
    /// In the root directory: a value says where.
    Absolute,
}

impl ResultsLocation {
    /// The path from where it begins.
    pub(super) fn joined(&self) -> PathBuf {
        OsStr::from_bytes(&self.path.join(&b'/')).into()
    }
}
