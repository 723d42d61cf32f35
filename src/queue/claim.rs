//! Statements by which a taker gets entries, and gives them back.

use rusqlite::{Connection, Row as SqlRow, Transaction};

use super::entry::{EntryCommand, QueueEntry, decode};

/// What waits, and what runs where, at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct QueueState {
    pub has_waiting: bool,
    /// Takers that have entries which run; looked for only if nothing waits.
    pub takers: Vec<i64>,
}

/// Looks at the queue, as it is at one moment.
pub(super) fn look(connection: &Connection) -> rusqlite::Result<QueueState> {
    // Two statements would see two moments: a job may end, having put another one, between them.
    let transaction = connection.unchecked_transaction()?;
    let has_waiting: bool = transaction.query_row(
        "SELECT EXISTS (SELECT 1 FROM entries WHERE state = 0)",
        [],
        |row| row.get(0),
    )?;
    let mut takers = Vec::new();
    while !has_waiting && let Some(next) = next_taker(&transaction, takers.last().copied())? {
        takers.push(next);
    }
    Ok(QueueState {
        has_waiting,
        takers,
    })
}

/// The first taker after another one that has entries. One search for each taker: those of a
/// `SELECT DISTINCT` would be one for each entry.
fn next_taker(connection: &Connection, after: Option<i64>) -> rusqlite::Result<Option<i64>> {
    connection.query_row(
        "SELECT min(taker) FROM entries WHERE state = 1 AND taker > ?1",
        [after.unwrap_or(i64::MIN)],
        |row| row.get(0),
    )
}

/// Makes a number for a new taker.
pub(super) fn new_taker(transaction: &Transaction<'_>) -> rusqlite::Result<i64> {
    transaction.query_row(
        "UPDATE counters SET takers = takers + 1 RETURNING takers",
        [],
        |row| row.get(0),
    )
}

/// Entries for a taker, the first of them as its job number `seq`. `None` stands for one that
/// cannot be read.
pub(super) fn claim(
    transaction: &Transaction<'_>,
    (taker, seq): (i64, u64),
    most: usize,
) -> rusqlite::Result<Vec<Option<QueueEntry>>> {
    let mut select = transaction.prepare(
        "SELECT id, command, shell, directory, vals FROM entries WHERE state = 0
         ORDER BY priority DESC, id LIMIT ?1",
    )?;
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    let found = select.query_map([most], |row| Ok((row.get::<_, i64>(0)?, read(row)?)))?;
    let found = found.collect::<rusqlite::Result<Vec<_>>>()?;
    let mut update =
        transaction.prepare("UPDATE entries SET state = 1, taker = ?1, seq = ?2 WHERE id = ?3")?;
    for (seq, (id, _)) in (seq as i64..).zip(&found) {
        update.execute((taker, seq, id))?;
    }
    Ok(found.into_iter().map(|(_, entry)| entry).collect())
}

fn read(row: &SqlRow<'_>) -> rusqlite::Result<Option<QueueEntry>> {
    let command: Option<Vec<u8>> = row.get(1)?;
    let shell: Option<Vec<u8>> = row.get(2)?;
    let directory = row.get(3)?;
    let values: Vec<u8> = row.get(4)?;
    Ok((|| {
        let command = match command {
            Some(words) => Some(EntryCommand {
                words: decode(&words).filter(|words| !words.is_empty())?,
                shell: decode(&shell.unwrap_or_default())?,
            }),
            None => None,
        };
        Some(QueueEntry {
            values: decode(&values)?,
            command,
            directory,
        })
    })())
}

/// Lets the entries of a taker wait again. Returns their number.
pub(super) fn give_back(transaction: &Transaction<'_>, taker: i64) -> rusqlite::Result<usize> {
    transaction.execute(
        "UPDATE entries SET state = 0, taker = NULL, seq = NULL WHERE state = 1 AND taker = ?1",
        [taker],
    )
}

/// Lets the failed entries wait again (`--retry-failed`).
pub(super) fn retry_failed(transaction: &Transaction<'_>) -> rusqlite::Result<usize> {
    transaction.execute("UPDATE entries SET state = 0 WHERE state = 2", [])
}
