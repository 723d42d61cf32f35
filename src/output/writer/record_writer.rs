//! Records of one destination while the run writes to it.

use std::time::Instant;

use super::record_file::RecordFile;
use crate::error::Result;
use crate::observer::{RecordDestination, RecordStore};

/// Records that a store is given before it commits them, at most. What comes later would wait
/// for them.
const MOST_PENDING: usize = 1000;

/// Writer of the records of one destination.
#[derive(Debug)]
pub(super) enum RecordWriter {
    File(RecordFile),
    /// With the time of its first record that is not committed.
    Store(Box<dyn RecordStore>, Option<Instant>),
}

impl RecordWriter {
    pub(super) fn new(destination: RecordDestination) -> RecordWriter {
        match destination {
            RecordDestination::File(sink) => RecordWriter::File(RecordFile::new(sink)),
            RecordDestination::Store(store) => RecordWriter::Store(store, None),
        }
    }

    /// Writes a record in one piece.
    ///
    /// # Errors
    /// Records are lost.
    pub(super) fn write(&mut self, record: &[u8]) -> Result<()> {
        match self {
            RecordWriter::File(file) => file.write(record),
            RecordWriter::Store(store, since) => {
                since.get_or_insert_with(Instant::now);
                store.add(record);
                if store.pending() < MOST_PENDING {
                    return Ok(());
                }
                *since = None;
                store.commit()
            }
        }
    }

    /// Time at which records have to be stored for good. For a store it has come: what is
    /// written meanwhile waits for the commit, and shares the next one.
    pub(super) fn due(&self) -> Option<Instant> {
        match self {
            RecordWriter::File(file) => file.due(),
            RecordWriter::Store(_, since) => *since,
        }
    }

    /// Stores the records for good whose time has come.
    ///
    /// # Errors
    /// Records are lost.
    pub(super) fn sync_overdue(&mut self, now: Instant) -> Result<()> {
        match self {
            RecordWriter::File(file) => file.sync_overdue(now),
            RecordWriter::Store(..) => self.sync_last(),
        }
    }

    /// Stores all records for good at the end of the run.
    ///
    /// # Errors
    /// Records are lost.
    pub(super) fn sync_last(&mut self) -> Result<()> {
        match self {
            RecordWriter::File(file) => file.sync_last(),
            RecordWriter::Store(store, since) => match since.take() {
                Some(_) => store.commit(),
                None => Ok(()),
            },
        }
    }
}
