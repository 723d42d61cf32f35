//! Files of records of a run: the job log and the event log. Two runs never write to one, and
//! no file of another kind is overwritten.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead, BufReader, Read};
use std::os::fd::{AsFd, RawFd};
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;

use crate::error::{Error, Result};

/// Longest time that the lock of a run that was killed may last.
const DYING: Duration = Duration::from_secs(2);

/// Treatment of the records that a log has already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ExistingRecords {
    /// Removed.
    Replaced,
    /// Kept; new ones are added.
    Kept,
}

/// Files that may become a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LogFileKinds {
    /// Logs and empty files.
    Logs,
    /// All files.
    Files,
}

/// A kind of log.
#[derive(Debug)]
pub(crate) struct LogFormat {
    /// Its name in messages: `job log`.
    pub noun: &'static str,
    /// First bytes of every such log.
    pub beginning: &'static [u8],
}

impl LogFormat {
    /// Opens a log for new records. The lock on it lasts as long as the file is open, so that
    /// no second run can write between the lines of this one. Returns the length of what the
    /// log has already, too.
    ///
    /// # Errors
    /// The file cannot be opened or written, another run writes to it, or it is no such log.
    pub(crate) fn begin(
        &self,
        path: &Path,
        earlier: ExistingRecords,
        only: LogFileKinds,
    ) -> Result<(File, u64)> {
        // Not truncated on opening: it may be another run's.
        let file = self.lock(path, OpenOptions::new().append(true).create(true))?;
        // A pipe or a terminal has nothing to truncate, and what prun prints to is not the
        // log's to truncate.
        let length = match file.metadata() {
            Ok(status) if status.is_file() && !is_open_as(path, 2) => status.len(),
            _ => 0,
        };
        if length > 0 && only == LogFileKinds::Logs {
            self.check(path, earlier)?;
        }
        let kept = match (earlier, only) {
            (ExistingRecords::Replaced, _) => 0,
            // A record that was cut off would make the next one part of it.
            (ExistingRecords::Kept, LogFileKinds::Logs) if length > 0 => {
                whole_lines(path).map_err(|error| self.unreadable(path, &error))?
            }
            (ExistingRecords::Kept, _) => length,
        };
        if kept < length {
            self.cut(path, &file, kept)?;
        }
        Ok((file, kept))
    }

    /// # Errors
    /// The file has something else in it than such a log.
    fn check(&self, path: &Path, earlier: ExistingRecords) -> Result<()> {
        let (mut start, length) = (Vec::new(), self.beginning.len() as u64);
        let read = File::open(path).and_then(|file| file.take(length).read_to_end(&mut start));
        read.map_err(|error| self.unreadable(path, &error))?;
        if self.beginning.starts_with(&start) {
            return Ok(());
        }
        let (name, noun) = (path.display(), self.noun);
        let harm = match earlier {
            ExistingRecords::Replaced => "it would be overwritten",
            ExistingRecords::Kept => "nothing can be added to it",
        };
        Err(Error::new(format!("'{name}' is no {noun}: {harm}"))
            .hint(format!("remove it, or give the {noun} another name")))
    }

    /// Cuts off what stands behind the first `whole` bytes.
    ///
    /// # Errors
    /// The file cannot be written.
    pub(crate) fn cut(&self, path: &Path, file: &File, whole: u64) -> Result<()> {
        let cut = match file.metadata() {
            Ok(status) if status.len() > whole => file.set_len(whole),
            Ok(_) => Ok(()),
            Err(error) => Err(error),
        };
        cut.map_err(|error| self.unwritable(path, &error))
    }

    /// Opens a log that no other run writes to. What is no file, such as a pipe or
    /// `/dev/null`, may be the log of several runs.
    ///
    /// # Errors
    /// The file cannot be opened, or another run writes to it.
    pub(crate) fn lock(&self, path: &Path, options: &OpenOptions) -> Result<File> {
        let file = options
            .open(path)
            .map_err(|error| self.unwritable(path, &error))?;
        let is_file = file.metadata().is_ok_and(|status| status.is_file());
        // Some file systems have no locks; a log without one is better than none.
        if !is_file
            || flock(&file, FlockOperation::NonBlockingLockExclusive) != Err(Errno::WOULDBLOCK)
        {
            return Ok(file);
        }
        wait_for_lock(file).ok_or_else(|| {
            let noun = self.noun;
            let message = format!("the {noun} '{}' is in use by another run", path.display());
            Error::new(message).hint("give each run a log of its own")
        })
    }

    pub(crate) fn unreadable(&self, path: &Path, error: &io::Error) -> Error {
        let message = format!("cannot read {}", self.title(path));
        Error::new(message).because(error)
    }

    pub(crate) fn unwritable(&self, path: &Path, error: &io::Error) -> Error {
        let message = format!("cannot write {}", self.title(path));
        Error::new(message).because(error)
    }

    /// Name of a log in messages: `the job log 'FILE'`.
    pub(crate) fn title(&self, path: &Path) -> String {
        format!("the {} '{}'", self.noun, path.display())
    }
}

/// The length of all lines that have an end.
fn whole_lines(path: &Path) -> io::Result<u64> {
    let mut reader = BufReader::with_capacity(1 << 16, File::open(path)?);
    let (mut read, mut whole) = (0, 0);
    loop {
        let buffer = match reader.fill_buf() {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            buffer => buffer?,
        };
        let length = buffer.len();
        if let Some(end) = memchr::memrchr(b'\n', buffer) {
            whole = read + end as u64 + 1;
        }
        match length {
            0 => return Ok(whole),
            _ => reader.consume(length),
        }
        read += length as u64;
    }
}

/// Waits for the end of a run that was killed: until the last process of it is gone that
/// has yet to execute its program, it has the lock. There is no such call with a time
/// limit, so that a thread makes the one without; it is left behind if prun ends.
fn wait_for_lock(file: File) -> Option<File> {
    let (sender, locked) = mpsc::channel();
    let waiter = thread::Builder::new().spawn(move || {
        if flock(&file, FlockOperation::LockExclusive).is_ok() {
            let _ = sender.send(file);
        }
    });
    waiter.ok()?;
    locked.recv_timeout(DYING).ok()
}

/// Tells whether `path` leads to the file that is open as this standard descriptor, as
/// `/dev/stdout` does.
pub(crate) fn is_open_as(path: &Path, descriptor: RawFd) -> bool {
    let standard = match descriptor {
        1 => io::stdout().as_fd().try_clone_to_owned(),
        _ => io::stderr().as_fd().try_clone_to_owned(),
    };
    let standard = standard.and_then(|standard| File::from(standard).metadata());
    match (fs::metadata(path), standard) {
        (Ok(file), Ok(standard)) => (file.dev(), file.ino()) == (standard.dev(), standard.ino()),
        _ => false,
    }
}
