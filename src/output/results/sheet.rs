//! Where rows of a table go: a file of its own, or standard output.

use std::fs::File;
use std::io::{self, Seek, SeekFrom};
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};

use super::{Earlier, Failure};
use crate::error::{Error, Result};
use crate::output::writer::write_all;

/// So many bytes are put together before they are written.
const BATCH: usize = 64 << 10;

/// What rows are written to.
#[derive(Debug)]
pub struct Sheet {
    medium: Medium,
    buffer: Vec<u8>,
    /// The size of the file after the last whole row.
    whole: u64,
}

#[derive(Debug)]
enum Medium {
    Stdout,
    File(File, PathBuf),
}

impl Sheet {
    /// Rows on standard output.
    pub fn stdout() -> Sheet {
        Sheet::new(Medium::Stdout)
    }

    /// Rows in a file, or on standard output if there is none. `whole` finds in an earlier
    /// run's file where its last whole row ends, and how many columns it has for values;
    /// what follows is cut off.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn open(
        path: Option<PathBuf>,
        earlier: Earlier,
        whole: impl FnOnce(&File) -> io::Result<(u64, Option<usize>)>,
    ) -> Result<(Sheet, Option<usize>)> {
        let Some(path) = path else {
            return Ok((Sheet::stdout(), None));
        };
        let opened = match earlier {
            Earlier::Replaced => File::create(&path).map(|file| (file, 0, None)),
            Earlier::Continued => go_on(&path, whole),
        };
        match opened {
            Ok((file, whole, columns)) => {
                let mut sheet = Sheet::new(Medium::File(file, path));
                sheet.whole = whole;
                Ok((sheet, columns))
            }
            Err(error) => {
                Err(Error::new(format!("cannot write '{}'", path.display())).because(&error))
            }
        }
    }

    fn new(medium: Medium) -> Sheet {
        Sheet {
            medium,
            buffer: Vec::with_capacity(BATCH),
            whole: 0,
        }
    }

    /// Whether rows go to standard output.
    pub fn is_stdout(&self) -> bool {
        matches!(self.medium, Medium::Stdout)
    }

    /// Adds to the row.
    pub fn push(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.buffer.extend_from_slice(bytes);
        match self.buffer.len() < BATCH {
            true => Ok(()),
            false => self.flush(),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match &self.medium {
            Medium::Stdout => write_all(io::stdout().as_fd(), &self.buffer)?,
            Medium::File(file, _) => write_all(file.as_fd(), &self.buffer)?,
        }
        self.buffer.clear();
        Ok(())
    }

    /// Ends a row that `written` tells of.
    ///
    /// # Errors
    /// It could not be written; in a file, nothing is left of it.
    pub fn end_row(&mut self, written: io::Result<()>) -> std::result::Result<(), Failure> {
        let written = written.and_then(|()| self.flush());
        match (written, &mut self.medium) {
            (Ok(()), Medium::Stdout) => Ok(()),
            (Ok(()), Medium::File(file, _)) => {
                // A device has no position, and keeps nothing that could be cut off.
                self.whole = file.stream_position().unwrap_or(0);
                Ok(())
            }
            (Err(error), Medium::Stdout) => Err(Failure::Stdout(error)),
            (Err(error), Medium::File(file, path)) => {
                let _ = file.set_len(self.whole);
                let _ = file.seek(SeekFrom::Start(self.whole));
                let message = format!("cannot write '{}'", path.display());
                Err(Failure::Stored(Error::new(message).because(&error)))
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
impl Sheet {
    /// Rows that are only looked at, as long as they are short.
    pub fn test() -> Sheet {
        Sheet::stdout()
    }

    /// What was pushed since the last row.
    pub fn text(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.buffer)
    }
}
