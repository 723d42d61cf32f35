//! A file of records while the run writes to it.

use std::io;
use std::os::fd::AsFd;
use std::time::Instant;

use rustix::io::Errno;

use crate::error::{Error, Result};
use crate::observer::RecordSink;
use crate::output::descriptor::write_all;
use crate::policy::record_sync::RecordSync;

/// A file of records, and since when some of them are not on the disk.
#[derive(Debug)]
pub(super) struct RecordFile {
    sink: RecordSink,
    /// Time of the first record that is not on the disk.
    unsynced: Option<Instant>,
}

impl RecordFile {
    pub(super) fn new(mut sink: RecordSink) -> Self {
        // A pipe or a device has no disk of its own.
        if !sink.file.metadata().is_ok_and(|status| status.is_file()) {
            sink.sync = RecordSync::Never;
        }
        RecordFile {
            sink,
            unsynced: None,
        }
    }

    /// Writes a record in one piece.
    ///
    /// # Errors
    /// It is not written, or not on the disk where it has to be.
    pub(super) fn write(&mut self, record: &[u8]) -> Result<()> {
        write_all(self.sink.file.as_fd(), record).map_err(|error| self.lost(&error))?;
        match self.sink.sync {
            RecordSync::Never => Ok(()),
            // Nothing asks for the time.
            RecordSync::AtEnd if self.unsynced.is_some() => Ok(()),
            RecordSync::AtEnd | RecordSync::Every(_) => {
                let now = Instant::now();
                self.unsynced.get_or_insert(now);
                self.sync_overdue(now)
            }
        }
    }

    /// Time at which records have to be on the disk.
    pub(super) fn due(&self) -> Option<Instant> {
        self.unsynced?.checked_add(self.sink.sync.limit()?)
    }

    /// Lets the disk have the records whose time has come.
    ///
    /// # Errors
    /// It cannot take them.
    pub(super) fn sync_overdue(&mut self, now: Instant) -> Result<()> {
        match self.due() {
            Some(due) if due <= now => self.sync(),
            _ => Ok(()),
        }
    }

    /// Lets the disk have all records at the end of the run.
    ///
    /// # Errors
    /// It cannot take them.
    pub(super) fn sync_last(&mut self) -> Result<()> {
        match self.unsynced {
            Some(_) => self.sync(),
            None => Ok(()),
        }
    }

    fn sync(&mut self) -> Result<()> {
        self.unsynced = None;
        match self.sink.file.sync_data() {
            Err(error) if is_unsupported(&error) => Ok(()),
            synced => synced.map_err(|error| self.lost(&error)),
        }
    }

    fn lost(&self, error: &io::Error) -> Error {
        Error::new(format!("cannot write {}", self.sink.title)).because(error)
    }
}

/// Tells whether the file system has no such call.
fn is_unsupported(error: &io::Error) -> bool {
    matches!(
        Errno::from_io_error(error),
        Some(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP | Errno::ROFS)
    )
}
