//! The one result of all jobs on its way to standard output.

use std::io::{self, Write};
use std::os::fd::AsFd;

use super::descriptor::write_all;
use crate::builtin::CombinedResult;
use crate::error::Error;

/// Size of one write.
const BATCH: usize = 64 << 10;

pub(super) enum OutputError {
    /// Standard output does not take it.
    Stdout(io::Error),
    /// The result could not be made.
    Result(Error),
}

/// Writes a result to standard output.
///
/// # Errors
/// Whose fault it is.
pub(super) fn write(combined: &CombinedResult) -> Result<(), OutputError> {
    let mut output = StdoutWriter {
        batch: Vec::with_capacity(BATCH),
        failure: None,
    };
    let written = combined.write(&mut output).and_then(|()| output.flush());
    match (output.failure, written) {
        (Some(error), _) => Err(OutputError::Stdout(error)),
        (None, Ok(())) => Ok(()),
        (None, Err(error)) => {
            let what = format!("cannot make the result of {}", combined.name());
            Err(OutputError::Result(Error::new(what).because(&error)))
        }
    }
}

/// Standard output, with what it says kept apart from other errors.
struct StdoutWriter {
    batch: Vec<u8>,
    failure: Option<io::Error>,
}

impl Write for StdoutWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.write_all(bytes)?;
        Ok(bytes.len())
    }

    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        if self.batch.len() + bytes.len() > BATCH {
            self.flush()?;
        }
        self.batch.extend_from_slice(bytes);
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        let written = write_all(io::stdout().as_fd(), &self.batch);
        self.batch.clear();
        written.map_err(|error| {
            let kind = error.kind();
            self.failure.get_or_insert(error);
            kind.into()
        })
    }
}
