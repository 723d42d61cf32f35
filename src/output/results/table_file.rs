//! Destination of the rows of a table: a file of its own, or standard output.

use std::fs::File;
use std::io::{self, Seek, SeekFrom};
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::output::write_all;

/// Bytes that are put together before they are written.
const BATCH: usize = 64 << 10;

/// Writer of rows.
#[derive(Debug)]
pub(super) struct TableFile {
    medium: TableMedium,
    buffer: Vec<u8>,
    /// The size of the file after the last whole row.
    whole: u64,
}

/// Failure to write results.
#[derive(Debug)]
pub(crate) enum ResultsError {
    /// Standard output cannot take them.
    Stdout(io::Error),
    /// A file cannot be written.
    Stored(Error),
}

/// Treatment of an earlier run's table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ExistingTable {
    /// Replaced.
    Replaced,
    /// `--resume`: rows are added.
    Continued,
}

#[derive(Debug)]
enum TableMedium {
    Stdout,
    File(File, PathBuf),
}

impl TableFile {
    /// Rows on standard output.
    pub(super) fn stdout() -> TableFile {
        TableFile::new(TableMedium::Stdout)
    }

    /// Rows in a file, or on standard output if there is none. `whole` finds in an earlier
    /// run's file where its last whole row ends, and how many columns it has for values;
    /// what follows is cut off.
    ///
    /// # Errors
    /// The file cannot be written.
    pub(super) fn open(
        path: Option<PathBuf>,
        earlier: ExistingTable,
        whole: impl FnOnce(&File) -> io::Result<(u64, Option<usize>)>,
    ) -> Result<(TableFile, Option<usize>)> {
        let Some(path) = path else {
            return Ok((TableFile::stdout(), None));
        };
        let opened = match earlier {
            ExistingTable::Replaced => File::create(&path).map(|file| (file, 0, None)),
            ExistingTable::Continued => go_on(&path, whole),
        };
        match opened {
            Ok((file, whole, columns)) => {
                let mut table = TableFile::new(TableMedium::File(file, path));
                table.whole = whole;
                Ok((table, columns))
            }
            Err(error) => {
                Err(Error::new(format!("cannot write '{}'", path.display())).because(&error))
            }
        }
    }

    fn new(medium: TableMedium) -> TableFile {
        TableFile {
            medium,
            buffer: Vec::with_capacity(BATCH),
            whole: 0,
        }
    }

    /// Tells whether rows go to standard output.
    pub(super) fn is_stdout(&self) -> bool {
        matches!(self.medium, TableMedium::Stdout)
    }

    /// Adds to the row.
    pub(super) fn push(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.buffer.extend_from_slice(bytes);
        if self.buffer.len() < BATCH {
            Ok(())
        } else {
            self.flush()
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match &self.medium {
            TableMedium::Stdout => write_all(io::stdout().as_fd(), &self.buffer)?,
            TableMedium::File(file, _) => write_all(file.as_fd(), &self.buffer)?,
        }
        self.buffer.clear();
        Ok(())
    }

    /// Ends a row that `written` tells of.
    ///
    /// # Errors
    /// The row could not be written; in a file, nothing is left of it.
    pub(super) fn end_row(
        &mut self,
        written: io::Result<()>,
    ) -> std::result::Result<(), ResultsError> {
        let written = written.and_then(|()| self.flush());
        match (written, &mut self.medium) {
            (Ok(()), TableMedium::Stdout) => Ok(()),
            (Ok(()), TableMedium::File(file, _)) => {
                // A device has no position, and keeps nothing that could be cut off.
                self.whole = file.stream_position().unwrap_or(0);
                Ok(())
            }
            (Err(error), TableMedium::Stdout) => Err(ResultsError::Stdout(error)),
            (Err(error), TableMedium::File(file, path)) => {
                let _ = file.set_len(self.whole);
                let _ = file.seek(SeekFrom::Start(self.whole));
                let message = format!("cannot write '{}'", path.display());
                Err(ResultsError::Stored(Error::new(message).because(&error)))
            }
        }
    }
}

fn go_on(
    path: &Path,
    whole: impl FnOnce(&File) -> io::Result<(u64, Option<usize>)>,
) -> io::Result<(File, u64, Option<usize>)> {
    let mut options = File::options();
    options.read(true).write(true).create(true).truncate(false);
    let mut file = options.open(path)?;
    let (whole, columns) = whole(&file)?;
    file.set_len(whole)?;
    file.seek(SeekFrom::Start(whole))?;
    Ok((file, whole, columns))
}

#[cfg(test)]
impl TableFile {
    /// Rows that are only looked at, as long as they are short.
    pub(super) fn test() -> TableFile {
        TableFile::stdout()
    }

    /// Bytes since the last row.
    pub(super) fn text(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.buffer)
    }
}
