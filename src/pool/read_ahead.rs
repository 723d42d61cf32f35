//! Rows that are read ahead of need, so that the number of all jobs is known early: for the
//! progress display, and for halts at a share of them. A thread of its own reads: the source may
//! be slow, and rows that were read before it are not to wait for it.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use crossbeam_channel::Sender;

use super::event::PoolEvent;
use super::row_spool::RowSpool;
use super::thread::spawn_or_fail;
use crate::error::{Error, Result};
use crate::input::{Row, Rows};

/// Bytes of rows that are handed over at a time.
const MAX_BATCH: usize = 64 << 10;

/// Rows between the thread that reads them and the one that makes jobs of them.
#[derive(Debug, Default)]
pub(super) struct ReadAhead {
    state: Mutex<ReadAheadState>,
    /// Signalled when rows have come, and at the end of the input.
    filled: Condvar,
    /// Signalled when the spool is no longer full.
    drained: Condvar,
}

#[derive(Debug, Default)]
struct ReadAheadState {
    spool: RowSpool,
    end: Option<InputEnd>,
}

/// End of the input.
#[derive(Debug)]
enum InputEnd {
    Complete,
    Failed(Error),
    /// The end, after [`ReadAhead::next`] has returned it.
    Returned,
}

impl ReadAhead {
    /// Starts a thread that reads until the spool is full. At the end of the input it sends the
    /// number of rows to `events`.
    ///
    /// # Errors
    /// The thread could not be started.
    pub(super) fn start(rows: Rows, events: &Sender<PoolEvent>) -> Result<Arc<ReadAhead>> {
        let ahead = Arc::new(ReadAhead::default());
        let (shared, events) = (Arc::clone(&ahead), events.clone());
        spawn_or_fail("reader", move || shared.read(rows, &events))?;
        Ok(ahead)
    }

    fn read(&self, mut rows: Rows, events: &Sender<PoolEvent>) {
        let mut count = 0;
        let mut batch = Vec::new();
        loop {
            let end = next_batch(&mut rows, &mut batch);
            send_warnings(&mut rows, events);
            count += batch.len() as u64;
            let is_complete = matches!(end, Some(InputEnd::Complete));
            let is_over = end.is_some();
            let mut state = self.lock();
            for (seq, row) in batch.drain(..) {
                state.spool.push(seq, &row);
            }
            state.end = end;
            self.filled.notify_one();
            if !is_over {
                let full = |state: &mut ReadAheadState| state.spool.is_full();
                drop(self.drained.wait_while(state, full));
                continue;
            }
            drop(state);
            if is_complete {
                // Nobody listens only when the run is over.
                let _ = events.send(PoolEvent::Total(count));
            }
            return;
        }
    }

    /// Waits for the next row. An error comes once and is the last item.
    pub(super) fn next(&self) -> Option<Result<(u64, Row)>> {
        let nothing = |state: &mut ReadAheadState| state.spool.is_empty() && state.end.is_none();
        let state = self.filled.wait_while(self.lock(), nothing);
        let mut state = state.unwrap_or_else(PoisonError::into_inner);
        let was_full = state.spool.is_full();
        match state.spool.pop() {
            Ok(Some(row)) => {
                if was_full && !state.spool.is_full() {
                    self.drained.notify_one();
                }
                Some(Ok(row))
            }
            Ok(None) => match state.end.replace(InputEnd::Returned) {
                Some(InputEnd::Failed(error)) => Some(Err(error)),
                _ => None,
            },
            Err(error) => {
                let message = "cannot read back the input from a temporary file";
                Some(Err(Error::new(message).because(&error)))
            }
        }
    }

    /// Tells whether [`ReadAhead::next`] returns at once.
    pub(super) fn is_ready(&self) -> bool {
        let state = self.lock();
        !state.spool.is_empty() || state.end.is_some()
    }

    fn lock(&self) -> MutexGuard<'_, ReadAheadState> {
        // No change is half done when a holder of the lock panics.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Sends the warnings about values that were read so far.
pub(super) fn send_warnings(rows: &mut Rows, events: &Sender<PoolEvent>) {
    for warning in rows.take_warnings() {
        // Nobody listens only when the run is over.
        let _ = events.send(PoolEvent::Remark(format!("{warning}\n").into_bytes()));
    }
}

/// Reads at least one row, and more without waiting for them. Returns the end of the input, if
/// it has come.
fn next_batch(rows: &mut Rows, batch: &mut Vec<(u64, Row)>) -> Option<InputEnd> {
    let mut bytes = 0;
    loop {
        match rows.next() {
            Some(Ok((seq, row))) => {
                bytes += size_of::<(u64, Row)>() + row.values.size();
                batch.push((seq, row));
            }
            Some(Err(error)) => return Some(InputEnd::Failed(error)),
            None => return Some(InputEnd::Complete),
        }
        if bytes >= MAX_BATCH || !rows.is_ready() {
            return None;
        }
    }
}
