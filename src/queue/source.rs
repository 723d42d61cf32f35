//! The entries of a queue as rows of a run.

use std::collections::VecDeque;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::PathBuf;
use std::sync::Arc;

use super::claim::{self, QueueState};
use super::entry::{EntryCommand, QueueEntry};
use super::file::{QueueFile, QueueSync, SharedQueue};
use super::marks::{EntryMarks, QueueHold};
use super::open::{MissingQueue, QueueAccess, open};
use super::takers::{TakerDirectory, TakerPresence};
use super::wait::TakerWait;
use crate::error::{Error, Result};
use crate::input::row_settings::{RowCommand, RowSettings, RowShell};
use crate::input::{Row, RowSource};
use crate::os::file_watch::touch;
use crate::os::wake::Wake;

/// Options of a taker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TakeOptions {
    pub file: PathBuf,
    /// `--follow`: wait for ever.
    pub follow: bool,
    /// `--retry-failed`: failed entries wait again.
    pub retry_failed: bool,
    /// Path of the working directory.
    pub directory: Vec<u8>,
}

/// What a run needs of a queue.
#[derive(Debug)]
pub(crate) struct TakenQueue {
    pub rows: Box<dyn RowSource>,
    pub marks: EntryMarks,
    /// Whoever runs the jobs keeps it as long as they run.
    pub hold: QueueHold,
}

/// Joins the takers of a queue.
///
/// # Errors
/// The queue cannot be used.
pub(crate) fn take(options: &TakeOptions) -> Result<TakenQueue> {
    let missing = if options.follow {
        MissingQueue::Created
    } else {
        MissingQueue::Error
    };
    // A power failure may undo claims and marks: then jobs run again.
    let access = QueueAccess::Write(QueueSync::Later);
    let mut queue = open(&options.file, missing, access)?;
    let takers = TakerDirectory::open(&queue)?;
    let presence = Arc::new(join(&mut queue, &takers)?);
    if options.retry_failed {
        queue.change(claim::retry_failed)?;
        // Takers that are not woken are none that could take more than this one.
        let _ = touch(&takers.added);
    }
    let wake = Wake::new().map_err(|error| {
        Error::new(format!("cannot wait for the queue '{queue}'")).because(&error)
    })?;
    let wake = Arc::new(wake);
    let queue = Arc::new(SharedQueue::new(queue));
    let marks = EntryMarks::new(Arc::clone(&queue), presence.number, Arc::clone(&wake));
    let hold = QueueHold::new(Arc::clone(&queue), Arc::clone(&presence));
    let rows = QueueRows {
        wait: TakerWait::new(&takers, wake),
        queue,
        takers,
        presence,
        follow: options.follow,
        wanted: 1,
        claimed: VecDeque::new(),
        seq: 0,
        directory: options.directory.clone(),
    };
    Ok(TakenQueue {
        rows: Box::new(rows),
        marks,
        hold,
    })
}

/// Makes a taker, and gives back what takers had that have ended.
fn join(queue: &mut QueueFile, takers: &TakerDirectory) -> Result<TakerPresence> {
    let mut failed = None;
    let joined = queue.change(|transaction| {
        for number in takers.list() {
            if matches!(takers.watch(number), Ok(None)) {
                claim::give_back(transaction, number)?;
                takers.remove(number);
            }
        }
        // While others wait for the transaction: they would take it for one that has ended.
        let mut number = claim::new_taker(transaction)?;
        // Takers of a queue that was removed may live on, with numbers of their own.
        while !takers.remove(number) {
            number = claim::new_taker(transaction)?;
        }
        match takers.join(number) {
            Ok(presence) => Ok(presence),
            Err(error) => {
                failed = Some(error);
                Err(rusqlite::Error::ExecuteReturnedResults)
            }
        }
    });
    match failed {
        Some(error) => {
            let message = format!("cannot join the takers of the queue '{queue}'");
            Err(Error::new(message).because(&error))
        }
        None => joined,
    }
}

/// Rows of a taker.
#[derive(Debug)]
struct QueueRows {
    queue: Arc<SharedQueue>,
    takers: TakerDirectory,
    presence: Arc<TakerPresence>,
    follow: bool,
    /// Rows that can be used now.
    wanted: usize,
    claimed: VecDeque<Row>,
    /// Number of entries that were claimed.
    seq: u64,
    wait: TakerWait,
    /// Path of prun's working directory.
    directory: Vec<u8>,
}

impl RowSource for QueueRows {
    fn want(&mut self, count: usize) {
        self.wanted = count;
    }

    fn next(&mut self) -> Result<Option<Row>> {
        loop {
            if let Some(row) = self.claimed.pop_front() {
                return Ok(Some(row));
            }
            self.wait.begin();
            let state = self.look()?;
            if state.has_waiting {
                self.claim()?;
            } else if self.give_back(&state)? {
                // They may be claimed now.
            } else if self.follow || state.takers.contains(&self.presence.number) {
                // A job of this taker may put entries as long as it runs.
                self.takers.check_present()?;
                self.wait.sleep()?;
            } else {
                return Ok(None);
            }
        }
    }

    fn is_ready(&self) -> bool {
        !self.claimed.is_empty()
    }
}

impl QueueRows {
    fn look(&self) -> Result<QueueState> {
        self.queue.with(|queue| {
            let state = claim::look(queue.reader());
            state.map_err(|error| queue.unreadable(&error))
        })
    }

    /// Claims no more than can be used: others may have use for the rest.
    fn claim(&mut self) -> Result<()> {
        let next = (self.presence.number, self.seq + 1);
        let wanted = self.wanted.max(1);
        let entries = self.queue.with(|queue| {
            let entries = queue.change(|transaction| claim::claim(transaction, next, wanted))?;
            let entries = entries.into_iter();
            let entries: Option<Vec<QueueEntry>> = entries.collect();
            entries.ok_or_else(|| queue.damaged())
        })?;
        if entries.is_empty() {
            return Ok(());
        }
        // Putters that are not woken wait for the next touch.
        let _ = touch(&self.takers.taken);
        self.seq += entries.len() as u64;
        for entry in entries {
            self.claimed.push_back(row(entry, &self.directory));
        }
        Ok(())
    }

    /// Lets the entries of takers that have ended wait again. Tells whether there were any.
    fn give_back(&mut self, state: &QueueState) -> Result<bool> {
        let others = state.takers.iter().copied();
        let others: Vec<i64> = others
            .filter(|&number| number != self.presence.number)
            .collect();
        let ended = self.wait.watch(&self.takers, &others)?;
        if ended.is_empty() {
            return Ok(false);
        }
        self.queue.with(|queue| {
            queue.change(|transaction| {
                for &number in &ended {
                    claim::give_back(transaction, number)?;
                }
                Ok(())
            })
        })?;
        for number in ended {
            self.takers.remove(number);
        }
        // There may be more than this taker can use.
        let _ = touch(&self.takers.added);
        Ok(true)
    }
}

/// The row of an entry, for a taker that runs in `here`.
fn row(entry: QueueEntry, here: &[u8]) -> Row {
    let QueueEntry {
        values,
        command,
        directory,
    } = entry;
    let settings = RowSettings {
        command: command.map(row_command),
        // To change to it costs as much as a short job.
        directory: (directory != here).then(|| OsString::from_vec(directory).into()),
        ..RowSettings::default()
    };
    Row {
        settings: Some(Arc::new(settings)),
        ..Row::from(values)
    }
}

fn row_command(command: EntryCommand) -> RowCommand {
    let mut shell = command.shell.iter();
    RowCommand::Template {
        words: command.words.iter().map(<[u8]>::to_vec).collect(),
        shell: shell.next().map(|path| RowShell {
            path: PathBuf::from(OsStr::from_bytes(path)),
            options: shell
                .map(|option| OsStr::from_bytes(option).into())
                .collect(),
        }),
    }
}
