//! Numbers of entries (`--queue-status`).

use std::path::Path;

use super::file::QueueFile;
use super::open::{MissingQueue, QueueAccess, open};
use super::takers::is_alive;
use crate::error::Result;

/// Form of the numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StatusForm {
    /// Lines such as `waiting 3`.
    Lines,
    /// `--json`: one object.
    Json,
}

/// Numbers of entries by state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct EntryCounts {
    waiting: i64,
    running: i64,
    done: i64,
    failed: i64,
}

/// The numbers of a queue, as they are printed.
///
/// # Errors
/// The queue cannot be read.
pub(crate) fn status(file: &Path, form: StatusForm) -> Result<String> {
    let queue = open(file, MissingQueue::Error, QueueAccess::Read)?;
    let counts = count(&queue).map_err(|error| queue.unreadable(&error))?;
    let EntryCounts {
        waiting,
        running,
        done,
        failed,
    } = counts;
    Ok(match form {
        StatusForm::Lines => {
            format!("waiting {waiting}\nrunning {running}\ndone {done}\nfailed {failed}\n")
        }
        StatusForm::Json => format!(
            "{{\"waiting\":{waiting},\"running\":{running},\"done\":{done},\"failed\":{failed}}}\n"
        ),
    })
}

fn count(queue: &QueueFile) -> rusqlite::Result<EntryCounts> {
    // One transaction, which sees one moment.
    let transaction = queue.reader().unchecked_transaction()?;
    let number = |sql: &str| transaction.query_row(sql, [], |row| row.get::<_, i64>(0));
    let mut counts = EntryCounts {
        waiting: number("SELECT count(*) FROM entries WHERE state = 0")?,
        running: 0,
        done: number("SELECT done FROM counters")?,
        failed: number("SELECT count(*) FROM entries WHERE state = 2")?,
    };
    let mut running = transaction
        .prepare("SELECT taker, count(*) FROM entries WHERE state = 1 GROUP BY taker")?;
    let running = running.query_map([], |row| Ok((row.get(0)?, row.get::<_, i64>(1)?)))?;
    for taker in running {
        let (taker, count) = taker?;
        // What a taker had that has ended waits, though nobody has given it back yet.
        if is_alive(&queue.path, taker) {
            counts.running += count;
        } else {
            counts.waiting += count;
        }
    }
    Ok(counts)
}
