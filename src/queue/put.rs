//! Adding entries to a queue (`--put`).

use std::path::PathBuf;

use rusqlite::Transaction;
use rustix::event::poll;

use super::entry::{EntryCommand, encode};
use super::file::{QueueFile, QueueSync};
use super::open::{MissingQueue, QueueAccess, open};
use super::takers::TakerDirectory;
use crate::error::{Error, Result};
use crate::input::{Row, Rows};
use crate::os::file_watch::{FileWatch, touch};

/// Entries that are added at a time, at most...
const MOST_ENTRIES: usize = 2000;

/// ...and bytes of their values, about.
const MOST_BYTES: usize = 1 << 20;

/// Options of a putter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PutOptions {
    pub file: PathBuf,
    /// Entries of a higher one are taken first.
    pub priority: i64,
    /// `--queue-max N`: entries that may wait.
    pub limit: Option<u64>,
    pub command: Option<EntryCommand>,
    /// Path of the working directory.
    pub directory: Vec<u8>,
}

/// Adds rows to a queue as they come, and hands warnings about them to `warn`. Returns their
/// number. Each batch is on the disk before the next one is read.
///
/// # Errors
/// The rows cannot be read, or the queue cannot be written. The hint tells how many rows were
/// added before that.
pub(crate) fn put(
    options: &PutOptions,
    rows: &mut Rows,
    mut warn: impl FnMut(String),
) -> Result<u64> {
    let access = QueueAccess::Write(QueueSync::Always);
    let queue = open(&options.file, MissingQueue::Created, access)?;
    let takers = TakerDirectory::open(&queue)?;
    let mut putter = Putter {
        watch: FileWatch::new(&takers.taken_path()),
        queue,
        takers,
        options,
        added: 0,
    };
    let put = putter.put_all(rows, &mut warn);
    put.map_err(|error| match putter.added {
        0 => error,
        _ if putter.takers.check_present().is_err() => error,
        added => error.hint(format!(
            "the first {added} inputs are in the queue, and those after them are not"
        )),
    })?;
    Ok(putter.added)
}

struct Putter<'a> {
    queue: QueueFile,
    takers: TakerDirectory,
    options: &'a PutOptions,
    /// Tells that entries were taken.
    watch: FileWatch,
    added: u64,
}

impl Putter<'_> {
    fn put_all(&mut self, rows: &mut Rows, warn: &mut impl FnMut(String)) -> Result<()> {
        let mut batch = Vec::new();
        loop {
            // What was read before an error is input, too.
            let end = next_batch(rows, &mut batch);
            rows.take_warnings().into_iter().for_each(&mut *warn);
            let mut rest = batch.as_slice();
            while !rest.is_empty() {
                rest = &rest[self.add(rest)?..];
            }
            batch.clear();
            if let Some(end) = end {
                return end;
            }
        }
    }

    /// Adds the first of these rows, and waits until there is room for one. Returns how many
    /// were added.
    fn add(&mut self, rows: &[Row]) -> Result<usize> {
        loop {
            self.watch.clear();
            let options = self.options;
            let added = self.queue.change(|transaction| {
                let room = room(transaction, options.limit)?;
                let rows = &rows[..rows.len().min(room)];
                insert(transaction, options, rows)?;
                Ok(rows.len())
            })?;
            // What is in a file without a name is lost.
            self.takers.check_present()?;
            if added > 0 {
                // It wakes takers that wait; others look for themselves.
                let _ = touch(&self.takers.added);
                self.added += added as u64;
                return Ok(added);
            }
            self.sleep()?;
        }
    }

    fn sleep(&self) -> Result<()> {
        let mut fds = Vec::new();
        self.watch.add_to(&mut fds);
        let interval = self.watch.interval().and_then(|time| time.try_into().ok());
        match poll(&mut fds, interval.as_ref()) {
            Ok(_) | Err(rustix::io::Errno::INTR) => Ok(()),
            Err(error) => {
                let message = format!("cannot wait for the queue '{}'", self.queue);
                Err(Error::new(message).because(&error.into()))
            }
        }
    }
}

/// Reads at least one row, and more without waiting for them. Returns the end of the input, if
/// it has come.
fn next_batch(rows: &mut Rows, batch: &mut Vec<Row>) -> Option<Result<()>> {
    let mut bytes = 0;
    loop {
        match rows.next() {
            Some(Ok((_, row))) => {
                bytes += row.values.size();
                batch.push(row);
            }
            Some(Err(error)) => return Some(Err(error)),
            None => return Some(Ok(())),
        }
        if batch.len() >= MOST_ENTRIES || bytes >= MOST_BYTES || !rows.is_ready() {
            return None;
        }
    }
}

/// Number of entries that may be added.
fn room(transaction: &Transaction<'_>, limit: Option<u64>) -> rusqlite::Result<usize> {
    let Some(limit) = limit else {
        return Ok(usize::MAX);
    };
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    transaction.query_row(
        "SELECT ?1 - count(*) FROM (SELECT 1 FROM entries WHERE state = 0 LIMIT ?1)",
        [limit],
        |row| row.get::<_, i64>(0).map(|room| room.max(0) as usize),
    )
}

fn insert(
    transaction: &Transaction<'_>,
    options: &PutOptions,
    rows: &[Row],
) -> rusqlite::Result<()> {
    let mut insert = transaction.prepare(
        "INSERT INTO entries (priority, command, shell, directory, vals)
         VALUES (?1, ?2, ?3, ?4, ?5)",
    )?;
    let command = options.command.as_ref();
    let (words, shell) = (
        command.map(|command| encode(&command.words)),
        command.map(|command| encode(&command.shell)),
    );
    for row in rows {
        let values = encode(&row.values);
        insert.execute((
            options.priority,
            &words,
            &shell,
            &options.directory,
            &values,
        ))?;
    }
    Ok(())
}
