//! Results in files: written when a job has ended, below a directory that nothing
//! leads out of. Symbolic links there are not followed, and what is there under the name
//! of a result is replaced, not written into.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, Read};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, CWD, Mode, OFlags, mkdirat, openat, unlinkat};
use rustix::io::{Errno, retry_on_intr};

use super::location::{NameMeaning, PathRoot, ResultsLocation};
use crate::error::{Error, Result};
use crate::job::Outcome;
use crate::output::FinishedAttempt;
use crate::output::descriptor::{send_file, write_all};
use crate::spool::Spool;

/// The directory that results are below.
#[derive(Debug)]
pub(super) struct ResultsRoot {
    directory: OwnedFd,
    name: PathBuf,
}

/// Treatment of directories that are not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum MissingDirectories {
    Made,
    Error,
}

/// The directory of a job's results, and the names of its three files in it.
struct ResultsDirectory {
    directory: OwnedFd,
    names: [Vec<u8>; 3],
}

impl ResultsRoot {
    /// Makes the directory if it is missing; an empty name is the working directory.
    ///
    /// # Errors
    /// The directory cannot be made or opened.
    pub(super) fn make(name: &Path) -> Result<ResultsRoot> {
        let opened = if name.as_os_str().is_empty() {
            open_directory(CWD, b".", OFlags::empty())
        } else {
            fs::create_dir_all(name)
                .and_then(|()| open_directory(CWD, name.as_os_str().as_bytes(), OFlags::empty()))
        };
        match opened {
            Ok(directory) => Ok(ResultsRoot {
                directory,
                name: name.to_owned(),
            }),
            Err(error) => {
                let message = format!("cannot use '{}' for results", name.display());
                Err(Error::new(message).because(&error))
            }
        }
    }

    /// The path of a location, as the user would name it.
    pub(super) fn path_of(&self, location: &ResultsLocation) -> PathBuf {
        match location.root {
            PathRoot::Base => self.name.join(location.joined()),
            PathRoot::Relative => location.joined(),
            PathRoot::Absolute => Path::new("/").join(location.joined()),
        }
    }

    /// The three files of a job: standard output, standard error, the number.
    pub(super) fn files_of(&self, location: &ResultsLocation) -> [PathBuf; 3] {
        let path = self.path_of(location);
        names(location).map(|name| match location.files {
            NameMeaning::Inside => path.join(OsStr::from_bytes(&name)),
            NameMeaning::Beside => path.with_file_name(OsStr::from_bytes(&name)),
        })
    }

    /// Writes the results of a job that is over. Its number comes last: where that is,
    /// results are complete. A job that was cut off has none.
    ///
    /// # Errors
    /// A file cannot be written: then there are no results.
    pub(super) fn write(
        &self,
        location: &ResultsLocation,
        finished: &FinishedAttempt,
    ) -> Result<()> {
        let directory = self
            .open(location, MissingDirectories::Made)
            .map_err(|error| {
                let path = self.path_of(location);
                let path = match location.files {
                    NameMeaning::Inside => &path,
                    NameMeaning::Beside => path.parent().unwrap_or(&path),
                };
                Error::new(format!("cannot make '{}'", path.display())).because(&error)
            });
        let directory = ResultsDirectory {
            directory: directory?,
            names: names(location),
        };
        directory.write(finished).map_err(|(nth, error)| {
            directory.clear();
            let path = &self.files_of(location)[nth];
            Error::new(format!("cannot write '{}'", path.display())).because(&error)
        })
    }

    /// The number of the job whose complete results are in a location, if there are any.
    pub(super) fn sequence(&self, location: &ResultsLocation) -> Option<u64> {
        let directory = self.open(location, MissingDirectories::Error).ok()?;
        let [_, _, seq] = names(location);
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::NONBLOCK;
        let open = || openat(&directory, seq.as_slice(), flags, Mode::empty());
        let file = retry_on_intr(open).ok()?;
        let mut text = String::new();
        File::from(file).take(32).read_to_string(&mut text).ok()?;
        text.parse().ok()
    }

    /// Opens the directory that the files of a location are in.
    fn open(&self, location: &ResultsLocation, missing: MissingDirectories) -> io::Result<OwnedFd> {
        let depth = match location.files {
            NameMeaning::Inside => location.path.len(),
            NameMeaning::Beside => location.path.len() - 1,
        };
        let names = &location.path[..depth];
        if location.root != PathRoot::Base {
            let root = match location.root {
                PathRoot::Absolute => "/",
                _ => ".",
            };
            let path = Path::new(root).join(OsStr::from_bytes(&names.join(&b'/')));
            if missing == MissingDirectories::Made {
                fs::create_dir_all(&path)?;
            }
            return open_directory(CWD, path.as_os_str().as_bytes(), OFlags::empty());
        }
        let mut directory = self.directory.try_clone()?;
        for name in names {
            if missing == MissingDirectories::Made {
                match mkdirat(&directory, name.as_slice(), Mode::from_raw_mode(0o777)) {
                    Ok(()) | Err(Errno::EXIST) => {}
                    Err(error) => return Err(error.into()),
                }
            }
            directory = open_directory(directory.as_fd(), name, OFlags::NOFOLLOW)?;
        }
        Ok(directory)
    }
}

fn open_directory(at: BorrowedFd<'_>, name: &[u8], more: OFlags) -> io::Result<OwnedFd> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC | more;
    Ok(retry_on_intr(|| openat(at, name, flags, Mode::empty()))?)
}

/// The names of a job's three files in their directory.
fn names(location: &ResultsLocation) -> [Vec<u8>; 3] {
    let beside = |end: &[u8]| {
        let name = location.path.last().map_or(b"".as_slice(), Vec::as_slice);
        [name, end].concat()
    };
    match location.files {
        NameMeaning::Inside => [b"stdout".to_vec(), b"stderr".to_vec(), b"seq".to_vec()],
        NameMeaning::Beside => [beside(b""), beside(b".err"), beside(b".seq")],
    }
}

impl ResultsDirectory {
    /// # Errors
    /// Index of the file of the three that could not be written, and the reason.
    fn write(&self, finished: &FinishedAttempt) -> std::result::Result<(), (usize, io::Error)> {
        let [stdout, stderr, seq] = &self.names;
        // What an earlier run has left is complete no more.
        self.remove(seq).map_err(|error| (2, error))?;
        let streams = [(stdout, &finished.stdout), (stderr, &finished.stderr)];
        for (nth, (name, bytes)) in streams.into_iter().enumerate() {
            let written = self.create(name).and_then(|file| copy(bytes, &file));
            written.map_err(|error| (nth, error))?;
        }
        if matches!(finished.record.outcome, Outcome::Stopped(_)) {
            return Ok(());
        }
        let number = finished.record.job.seq.to_string();
        let file = self.create(seq);
        let written = file.and_then(|file| write_all(file.as_fd(), number.as_bytes()));
        written.map_err(|error| (2, error))
    }

    /// A new file in place of whatever has that name.
    fn create(&self, name: &[u8]) -> io::Result<File> {
        self.remove(name)?;
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::CLOEXEC;
        let mode = Mode::from_raw_mode(0o666);
        let file = retry_on_intr(|| openat(&self.directory, name, flags, mode))?;
        Ok(File::from(file))
    }

    fn remove(&self, name: &[u8]) -> io::Result<()> {
        match unlinkat(&self.directory, name, AtFlags::empty()) {
            Ok(()) | Err(Errno::NOENT) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Half a result is none.
    fn clear(&self) {
        for name in self.names.iter().rev() {
            let _ = self.remove(name);
        }
    }
}

/// Writes all bytes of a spool to a file.
pub(super) fn copy(bytes: &Spool, file: &File) -> io::Result<()> {
    bytes.deliver(
        |from, offset, len| send_file(file.as_fd(), from, offset, len),
        |piece| write_all(file.as_fd(), piece),
    )
}
