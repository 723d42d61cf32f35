//! Takers of a queue: who is alive.
//!
//! Beside a queue `FILE` is a directory `FILE-takers`. Each taker has a FIFO in there, by its
//! number, and holds its writing end open. The kernel closes that when the taker ends, `kill -9`
//! included, and tells everybody who waits at the reading end. A lock would be freed as well,
//! but a process can wait for one lock only, while it can poll any number of FIFOs.
//!
//! Two more files there are touched when entries were added and when some were taken.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, fchown};
use std::path::{Path, PathBuf};

use rustix::fs::{FileType, Mode, OFlags, fchmod, fstat, lstat, open};
use rustix::io::Errno;
use rustix::process::getuid;

use super::file::QueueFile;
use crate::error::{Error, Result};
use crate::os::fifo::Fifo;

/// The directory beside a queue.
#[derive(Debug)]
pub(super) struct TakerDirectory {
    /// Name of the queue as it was typed.
    name: String,
    database: PathBuf,
    path: PathBuf,
    /// Status of the database, whose owner and permissions all files here have.
    status: fs::Metadata,
    /// File to touch after entries were added, or wait again.
    pub added: File,
    /// File to touch after entries were taken.
    pub taken: File,
}

/// A taker that is alive: until this is dropped, or it has left.
#[derive(Debug)]
pub(crate) struct TakerPresence {
    pub(super) number: i64,
    path: PathBuf,
    writer: OwnedFd,
}

impl TakerDirectory {
    /// Opens the directory, and makes it first if it is not there.
    ///
    /// # Errors
    /// It cannot be made or used.
    pub(super) fn open(queue: &QueueFile) -> Result<TakerDirectory> {
        let path = directory(&queue.path);
        let name = queue.to_string();
        TakerDirectory::try_open(name, &queue.path, &path).map_err(|error| {
            let name = format!("{queue}-takers");
            Error::new(format!("cannot use the directory '{name}'")).because(&error)
        })
    }

    fn try_open(name: String, database: &Path, path: &Path) -> io::Result<TakerDirectory> {
        let status = fs::metadata(database)?;
        // Who may write to the database may make and remove files here.
        let mode = status.mode() & 0o666;
        match fs::create_dir(path) {
            Ok(()) => {
                let flags = OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
                let directory = open(path, flags, Mode::empty())?;
                adapt(directory, &status, mode | (mode & 0o444) >> 2)?;
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => check(path, &status)?,
            Err(error) => return Err(error),
        }
        let file = |name: &str| {
            let path = path.join(name);
            let mut options = OpenOptions::new();
            // A FIFO that somebody has put there would be waited for.
            let flags = libc::O_NOFOLLOW | libc::O_NONBLOCK;
            options.write(true).custom_flags(flags);
            match options.clone().create_new(true).open(&path) {
                Ok(file) => adapt(&file, &status, mode).map(|()| file),
                Err(_) => regular(&path, options.open(&path)),
            }
        };
        Ok(TakerDirectory {
            name,
            database: database.to_owned(),
            path: path.to_owned(),
            added: file("added")?,
            taken: file("taken")?,
            status,
        })
    }

    /// Checks that the queue is where it was. Others would use another one that has its name
    /// now, and would never wake who waits for this one.
    ///
    /// # Errors
    /// The database or the directory was removed or replaced.
    pub(super) fn check_present(&self) -> Result<()> {
        let there = fs::symlink_metadata(&self.database);
        let is_same = there.is_ok_and(|there| {
            (there.dev(), there.ino()) == (self.status.dev(), self.status.ino())
        });
        let name = &self.name;
        if !is_same {
            return Err(Error::new(format!("the queue '{name}' was removed")));
        }
        if !is_at(&self.added, &self.added_path()) || !is_at(&self.taken, &self.taken_path()) {
            let message = format!("the directory '{name}-takers' of the queue was removed");
            return Err(Error::new(message));
        }
        Ok(())
    }

    /// Path of the file that is touched after entries were added...
    pub(super) fn added_path(&self) -> PathBuf {
        self.path.join("added")
    }

    /// ...and after some were taken.
    pub(super) fn taken_path(&self) -> PathBuf {
        self.path.join("taken")
    }

    /// Joins the takers. To be called while nobody else can look for takers that have ended,
    /// since the number is known before the FIFO is there. The number has to be free.
    ///
    /// # Errors
    /// The FIFO cannot be made.
    pub(super) fn join(&self, number: i64) -> io::Result<TakerPresence> {
        let path = self.path.join(number.to_string());
        Fifo::make(&path)?;
        // With both ends open, it opens at once.
        let flags = OFlags::RDWR | OFlags::NONBLOCK | OFlags::CLOEXEC | OFlags::NOFOLLOW;
        let writer = open(&path, flags, Mode::empty())?;
        let made = fstat(&writer)?;
        if FileType::from_raw_mode(made.st_mode) != FileType::Fifo || made.st_nlink != 1 {
            return Err(Errno::EXIST.into());
        }
        adapt(&writer, &self.status, self.status.mode() & 0o666)?;
        Ok(TakerPresence {
            number,
            path,
            writer,
        })
    }

    /// End of a taker's FIFO that hangs up when the taker ends; `None` if it has ended.
    ///
    /// # Errors
    /// No descriptor is left, or another user's FIFO may not be read.
    pub(super) fn watch(&self, number: i64) -> io::Result<Option<OwnedFd>> {
        watch(&self.path.join(number.to_string()))
    }

    /// Removes what a taker has left, if it has ended. Tells whether nobody has its number now.
    pub(super) fn remove(&self, number: i64) -> bool {
        let path = self.path.join(number.to_string());
        match fs::symlink_metadata(&path) {
            Ok(_) => matches!(watch(&path), Ok(None)) && fs::remove_file(&path).is_ok(),
            Err(_) => true,
        }
    }

    /// Numbers of all takers that have not left, even if they have ended.
    pub(super) fn list(&self) -> Vec<i64> {
        let entries = fs::read_dir(&self.path).into_iter().flatten().flatten();
        let numbers = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
        numbers.collect()
    }
}

impl TakerPresence {
    /// Leaves the other takers, for which this one has ended then.
    pub(super) fn leave(&self) {
        // Whoever has emptied the directory may have let another taker have the name.
        if is_at(&self.writer, &self.path) {
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Refuses a directory that another user has made: who owns it could end takers for others.
fn check(path: &Path, status: &fs::Metadata) -> io::Result<()> {
    let own = fs::symlink_metadata(path)?;
    let owners = [status.uid(), getuid().as_raw(), 0];
    if own.is_dir() && owners.contains(&own.uid()) {
        Ok(())
    } else if own.is_dir() {
        Err(io::Error::other("it belongs to another user"))
    } else {
        Err(Errno::NOTDIR.into())
    }
}

/// Refuses what is no regular file, which may be the reason that it was not opened.
fn regular(path: &Path, opened: io::Result<File>) -> io::Result<File> {
    let status = match &opened {
        Ok(file) => file.metadata(),
        Err(_) => fs::symlink_metadata(path),
    };
    if status.is_ok_and(|status| !status.is_file()) {
        let name = path.file_name().unwrap_or_default();
        let message = format!("'{}' in it is no regular file", name.display());
        return Err(io::Error::other(message));
    }
    opened
}

/// Tells whether this path leads to the file that is open.
fn is_at(fd: impl AsFd, path: &Path) -> bool {
    let (Ok(own), Ok(there)) = (fstat(fd), lstat(path)) else {
        return false;
    };
    (own.st_dev, own.st_ino) == (there.st_dev, there.st_ino)
}

/// Tells whether a taker of the queue in this file is alive.
pub(super) fn is_alive(database: &Path, number: i64) -> bool {
    let path = directory(database).join(number.to_string());
    // In doubt it is: what it has must not run twice.
    !matches!(watch(&path), Ok(None))
}

fn watch(fifo: &Path) -> io::Result<Option<OwnedFd>> {
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::CLOEXEC | OFlags::NOFOLLOW;
    let reader = match open(fifo, flags, Mode::empty()) {
        Ok(reader) => reader,
        Err(Errno::NOENT) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    // Without a writer, it is at its end. poll(2) would not tell: nobody has hung up since it
    // was opened.
    match rustix::io::read(reader.as_fd(), &mut [0]) {
        Ok(_) => Ok(None),
        Err(Errno::AGAIN) => Ok(Some(reader)),
        Err(error) => Err(error.into()),
    }
}

fn directory(database: &Path) -> PathBuf {
    let mut path = database.as_os_str().to_owned();
    path.push("-takers");
    path.into()
}

/// Gives a new file the permissions that the database has, whatever the umask is, and its owner
/// if prun may do that. The file is open: who owns the directory could have put another one, or
/// a link, at its path.
fn adapt(file: impl AsFd, status: &fs::Metadata, mode: u32) -> io::Result<()> {
    let _ = fchown(&file, Some(status.uid()), Some(status.gid()));
    // The bits of permissions fit into any `mode_t`.
    Ok(fchmod(&file, Mode::from_bits_truncate(mode as _))?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustix::event::{PollFd, PollFlags, Timespec, poll};

    #[test]
    fn the_end_of_a_taker_is_told() {
        let parent = tempfile::tempdir().unwrap();
        let database = parent.path().join("q");
        fs::write(&database, "").unwrap();
        let takers =
            TakerDirectory::try_open("q".into(), &database, &directory(&database)).unwrap();
        assert!(!is_alive(&database, 7));
        let presence = takers.join(7).unwrap();
        assert!(is_alive(&database, 7));
        let reader = takers.watch(7).unwrap().unwrap();
        let hung_up = || {
            let mut fds = [PollFd::new(&reader, PollFlags::empty())];
            poll(&mut fds, Some(&Timespec::default())).unwrap() > 0
        };
        assert!(!hung_up());
        assert_eq!(takers.list(), [7]);
        assert!(!hung_up() && takers.watch(7).unwrap().is_some());
        drop(presence);
        assert!(hung_up() && takers.watch(7).unwrap().is_none());
        takers.join(8).unwrap().leave();
        assert!(takers.watch(8).unwrap().is_none());
        assert!(takers.remove(7));
        assert_eq!(takers.list(), [0; 0]);
    }

    #[test]
    fn a_taker_removes_no_other() {
        let parent = tempfile::tempdir().unwrap();
        let database = parent.path().join("q");
        fs::write(&database, "").unwrap();
        let takers =
            TakerDirectory::try_open("q".into(), &database, &directory(&database)).unwrap();
        let first = takers.join(1).unwrap();
        assert!(!takers.remove(1) && takers.remove(2));
        fs::remove_file(&first.path).unwrap();
        let second = takers.join(1).unwrap();
        first.leave();
        assert!(is_alive(&database, 1));
        second.leave();
        assert!(!is_alive(&database, 1));
    }
}
