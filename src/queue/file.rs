//! The database of a queue: its transactions, and what its errors mean.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, Transaction, TransactionBehavior};

use crate::error::{Error, Result};

/// Wait before SQLite is asked again for a lock that another process holds. It offers nothing
/// to wait for, and a transaction of prun's takes less.
const LOCKED: Duration = Duration::from_millis(1);

/// Times that it is asked: five seconds. Who holds a lock for longer is not a prun.
const MOST_ATTEMPTS: i32 = 5000;

/// Time when a commit has to be on the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum QueueSync {
    /// Before it counts: a power failure loses nothing.
    Always,
    /// At checkpoints: a power failure may undo the last commits, and leaves the queue as it
    /// was before them. The end of a process undoes nothing.
    Later,
}

/// The database of a queue.
#[derive(Debug)]
pub(crate) struct QueueFile {
    /// Name as it was typed.
    name: PathBuf,
    /// Absolute path without symbolic links: what is beside the database is found by it.
    pub(super) path: PathBuf,
    connection: Connection,
}

impl QueueFile {
    /// A connection to the database, which is not known to be a queue.
    pub(super) fn new(name: &Path, path: PathBuf, connection: Connection) -> Result<QueueFile> {
        let file = QueueFile {
            name: name.to_owned(),
            path,
            connection,
        };
        file.connection
            .busy_handler(Some(wait_for_lock))
            .map_err(|error| file.unreadable(&error))?;
        Ok(file)
    }

    /// # Errors
    /// SQLite does not take the setting.
    pub(super) fn set_sync(&self, sync: QueueSync) -> Result<()> {
        let level = match sync {
            QueueSync::Always => "FULL",
            QueueSync::Later => "NORMAL",
        };
        self.connection
            .pragma_update(None, "synchronous", level)
            .map_err(|error| self.unwritable(&error))
    }

    /// Connection for statements that only read, each of which sees one state of the queue.
    pub(super) fn reader(&self) -> &Connection {
        &self.connection
    }

    /// Carries out changes: all of them, or none after an error. Others write before or after
    /// that.
    ///
    /// # Errors
    /// The queue is locked for too long or cannot be written, or `change` has failed.
    pub(super) fn change<T>(
        &mut self,
        change: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<T>,
    ) -> Result<T> {
        let behavior = TransactionBehavior::Immediate;
        let changed = (|| {
            let transaction = self.connection.transaction_with_behavior(behavior)?;
            let changed = change(&transaction)?;
            transaction.commit()?;
            Ok(changed)
        })();
        changed.map_err(|error| self.unwritable(&error))
    }

    pub(super) fn unreadable(&self, error: &rusqlite::Error) -> Error {
        self.failed("read", error)
    }

    pub(super) fn unwritable(&self, error: &rusqlite::Error) -> Error {
        self.failed("write", error)
    }

    /// Error of an entry that no prun has written.
    pub(super) fn damaged(&self) -> Error {
        Error::new(format!("the queue '{self}' is damaged"))
    }

    fn failed(&self, verb: &str, error: &rusqlite::Error) -> Error {
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Error::new(format!(
                "the queue '{self}' is locked by another program"
            ))
            .hint(format!(
                "fuser -v {} tells which programs have it open",
                self.quoted()
            )),
            Some(ErrorCode::NotADatabase) => self.foreign("it is no SQLite database"),
            Some(ErrorCode::DatabaseCorrupt) => self.damaged(),
            _ => Error::new(format!(
                "cannot {verb} the queue '{self}': {}",
                reason(error)
            )),
        }
    }

    /// Error of a file that is something else.
    pub(super) fn foreign(&self, reason: &str) -> Error {
        Error::new(format!("'{self}' is not a queue of prun: {reason}"))
            .hint("--queue FILE makes a new file: name one that is not there")
    }

    fn quoted(&self) -> String {
        shell_words::quote(&self.to_string()).into_owned()
    }
}

impl std::fmt::Display for QueueFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.name.display().fmt(f)
    }
}

/// A queue that the threads of a run share: they wait for each other here, and not as processes
/// do. It is closed when the run has ended, whoever still has a reference to it: only then does
/// the file hold all by itself, without its log.
#[derive(Debug)]
pub(super) struct SharedQueue(Mutex<Option<QueueFile>>);

impl SharedQueue {
    pub(super) fn new(file: QueueFile) -> SharedQueue {
        SharedQueue(Mutex::new(Some(file)))
    }

    /// Uses the queue while no other thread does.
    ///
    /// # Errors
    /// The run has ended, or `job` has failed.
    pub(super) fn with<T>(&self, job: impl FnOnce(&mut QueueFile) -> Result<T>) -> Result<T> {
        // SQLite undoes what a holder of the lock has left half done.
        let mut file = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match file.as_mut() {
            Some(file) => job(file),
            None => Err(Error::new("the queue was closed")),
        }
    }

    pub(super) fn close(&self) {
        drop(self.0.lock().unwrap_or_else(PoisonError::into_inner).take());
    }
}

/// SQLite's own words.
fn reason(error: &rusqlite::Error) -> String {
    match error {
        rusqlite::Error::SqliteFailure(_, Some(text)) => text.clone(),
        other => other.to_string(),
    }
}

/// Tells SQLite to try again.
fn wait_for_lock(attempts: i32) -> bool {
    if attempts < MOST_ATTEMPTS {
        thread::sleep(LOCKED);
        return true;
    }
    false
}
