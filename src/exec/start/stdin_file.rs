//! Files that jobs read in place of their standard input, and the names of which their commands
//! have: `--cat`, `--fifo`.

use std::ffi::OsStr;
use std::fs::{self, File, OpenOptions};
use std::io::{BufRead, Write};
use std::mem;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use super::fifo_feeder::{FedBytes, FifoFeeder};
use super::launcher::StartError;
use super::stdin_writer::unreadable;
use crate::error::reason_text;
use crate::exec::executor::AttemptEnd;
use crate::exec::termination::slot_control::SlotControl;
use crate::input::Row;
use crate::job::Outcome;
use crate::os::fifo::Fifo;

/// Kind of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StdinFile {
    /// `--cat`: a regular file, which is written before the job starts.
    Regular,
    /// `--fifo`: written while the job reads it.
    Fifo,
}

/// The file of one attempt. It is removed when this is dropped.
#[derive(Debug)]
pub(crate) struct OpenStdinFile {
    path: PathBuf,
    contents: FileContents,
}

#[derive(Debug)]
enum FileContents {
    Fifo(FifoFeeder),
    /// Number of bytes that the file has got.
    Written(u64),
}

impl OpenStdinFile {
    /// Makes the file, by the name that is the first value of the row: readable for this user
    /// alone. A stop of the job is heard while the bytes are copied.
    ///
    /// # Errors
    /// The file cannot be made or written, or the bytes cannot be read. No file is left then.
    pub(crate) fn make(
        kind: StdinFile,
        row: &Row,
        control: &SlotControl,
    ) -> Result<OpenStdinFile, StartError> {
        let name = row.values.iter().next().unwrap_or_default();
        let path = Path::new(OsStr::from_bytes(name));
        match kind {
            StdinFile::Regular => write_regular(path, row, control),
            StdinFile::Fifo => {
                let fifo =
                    Fifo::make(path).map_err(|error| StartError::of_file("write", path, error))?;
                let feeder = FifoFeeder::start(fifo, &row.stdin);
                feeder.map(FileContents::Fifo).map_err(|error| {
                    remove(path);
                    StartError::of_stdin(error)
                })
            }
        }
        .map(|contents| OpenStdinFile {
            path: path.to_owned(),
            contents,
        })
    }

    /// Ends the file with the job, which has got so many bytes. If they could not all be read,
    /// the job has taken a part for the whole.
    pub(crate) fn finish(mut self, ended: AttemptEnd) -> AttemptEnd {
        let (sent, fed) = self.close();
        let outcome = match (fed, ended.outcome) {
            (Err(error), Outcome::Exited(_) | Outcome::Accepted(_)) => {
                Outcome::GivenUp(format!("prun had to give it up: {}", reason_text(&error)))
            }
            (_, outcome) => outcome,
        };
        AttemptEnd {
            outcome,
            sent,
            ..ended
        }
    }

    fn close(&mut self) -> FedBytes {
        match mem::replace(&mut self.contents, FileContents::Written(0)) {
            FileContents::Fifo(feeder) => feeder.finish(),
            FileContents::Written(count) => (count, Ok(())),
        }
    }
}

impl Drop for OpenStdinFile {
    fn drop(&mut self) {
        // The job has not started, and no error of its own is hidden.
        let _ = self.close();
        remove(&self.path);
    }
}

fn remove(path: &Path) {
    // The job may have moved it.
    let _ = fs::remove_file(path);
}

fn write_regular(
    path: &Path,
    row: &Row,
    control: &SlotControl,
) -> Result<FileContents, StartError> {
    let mut options = OpenOptions::new();
    let created = options.write(true).create_new(true).mode(0o600).open(path);
    let mut file = created.map_err(|error| StartError::of_file("write", path, error))?;
    let copied = match row.stdin.reader() {
        Some(reader) => copy(reader, (&mut file, path), control),
        None => Ok(0),
    };
    if copied.is_err() {
        remove(path);
    }
    copied.map(FileContents::Written)
}

/// Copies all, unless the job is to be stopped meanwhile: a range of a file has no bound.
fn copy(
    mut reader: Box<dyn BufRead>,
    (file, path): (&mut File, &Path),
    control: &SlotControl,
) -> Result<u64, StartError> {
    let mut count = 0;
    loop {
        if let Some((reason, signals)) = control.take_stop() {
            let first = signals.0.first();
            let signal = first.map_or(libc::SIGKILL, |step| step.signal);
            return Err(StartError::Job(reason.outcome(signal)));
        }
        let bytes = reader
            .fill_buf()
            .map_err(|error| StartError::of_stdin(unreadable(&error)))?;
        if bytes.is_empty() {
            return Ok(count);
        }
        file.write_all(bytes)
            .map_err(|error| StartError::of_file("write", path, error))?;
        let length = bytes.len();
        reader.consume(length);
        count += length as u64;
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[test]
    fn a_full_disk_is_the_end_of_the_job() {
        let mut full = File::options().write(true).open("/dev/full").unwrap();
        let control = SlotControl::new(1, 1, &Arc::default()).unwrap();
        let bytes = Box::new(b"bytes".as_slice());
        let copied = copy(bytes, (&mut full, Path::new("block")), &control);
        let Err(StartError::Job(outcome)) = copied else {
            panic!("{copied:?}");
        };
        let why = "cannot write 'block': No space left on device";
        assert_eq!(outcome, Outcome::Refused(why.to_owned()));
    }
}
