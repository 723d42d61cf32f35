//! The job log: GNU parallel's nine columns, one line per job, each in one write.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::fd::{AsFd, RawFd};
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::Arc;
use std::time::SystemTime;

use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;

use crate::error::{Error, Result};
use crate::job::Report;
use crate::template::Template;

const HEADER: &[u8] =
    b"Seq\tHost\tStarttime\tJobRuntime\tSend\tReceive\tExitval\tSignal\tCommand\n";

/// Opens a new log and writes its header. The lock on it lasts as long as the file is
/// open, so that no second run can write between the lines of this one.
///
/// # Errors
/// The file cannot be opened or written, or another run writes to it.
pub fn create(path: &Path) -> Result<File> {
    let failed = |error: &io::Error| {
        Error::new(format!("cannot write the job log '{}'", path.display())).because(error)
    };
    // Not truncated on opening: it may be another run's.
    let mut file = OpenOptions::new()
        .append(true)
        .create(true)
        .open(path)
        .map_err(|error| failed(&error))?;
    // Some file systems have no locks; a log without one is better than none.
    if flock(&file, FlockOperation::NonBlockingLockExclusive) == Err(Errno::WOULDBLOCK) {
        let message = format!("the job log '{}' is in use by another run", path.display());
        return Err(Error::new(message).hint("give each run a log of its own"));
    }
    // A pipe or a terminal has nothing to truncate, and what prun prints to is not the
    // log's to truncate.
    if file.metadata().is_ok_and(|metadata| metadata.is_file()) && !is_open_as(path, 2) {
        file.set_len(0).map_err(|error| failed(&error))?;
    }
    file.write_all(HEADER).map_err(|error| failed(&error))?;
    Ok(file)
}

/// Whether `path` leads to the file that is open as this standard descriptor, as
/// `/dev/stdout` does.
pub fn is_open_as(path: &Path, descriptor: RawFd) -> bool {
    let standard = match descriptor {
        1 => io::stdout().as_fd().try_clone_to_owned(),
        _ => io::stderr().as_fd().try_clone_to_owned(),
    };
    let standard = standard.and_then(|standard| File::from(standard).metadata());
    match (std::fs::metadata(path), standard) {
        (Ok(file), Ok(standard)) => (file.dev(), file.ino()) == (standard.dev(), standard.ino()),
        _ => false,
    }
}

/// The header, for a log that goes to standard output.
pub fn header() -> &'static [u8] {
    HEADER
}

/// Makes the lines of the log.
#[derive(Debug)]
pub struct JobLog {
    template: Arc<Template>,
}

impl JobLog {
    /// A log of jobs made from one template.
    pub fn new(template: Arc<Template>) -> Self {
        JobLog { template }
    }

    /// One job's line, its end included.
    pub fn line(&self, report: &Report) -> Vec<u8> {
        let (exit, signal) = report.outcome.log_columns();
        let started = report
            .started
            .duration_since(SystemTime::UNIX_EPOCH)
            .unwrap_or_default();
        let mut line = format!(
            "{}\t:\t{:.3}\t{:>10.3}\t0\t{}\t{exit}\t{signal}\t",
            report.job.seq,
            started.as_secs_f64(),
            report.runtime.as_secs_f64(),
            report.received,
        )
        .into_bytes();
        let place = self.template.place(report.job.seq, report.slot);
        let mut command = Vec::new();
        self.template.show(&report.job.row, place, &mut command);
        push_field(&command, &mut line);
        line.push(b'\n');
        line
    }
}

/// Appends a command so that it stays on its line and can be read back: one with
/// control bytes, or one that looks as if it had been changed by this, is written as
/// one `$'...'` word.
fn push_field(command: &[u8], line: &mut Vec<u8>) {
    let is_control = |byte: &u8| *byte < b' ' || *byte == 0x7f;
    if !command.iter().any(is_control) && !command.starts_with(b"$'") {
        line.extend_from_slice(command);
        return;
    }
    line.extend_from_slice(b"$'");
    for &byte in command {
        match byte {
            b'\n' => line.extend_from_slice(b"\\n"),
            b'\t' => line.extend_from_slice(b"\\t"),
            b'\\' | b'\'' => line.extend_from_slice(&[b'\\', byte]),
            byte if is_control(&byte) => {
                line.extend_from_slice(format!("\\x{byte:02x}").as_bytes());
            }
            byte => line.push(byte),
        }
    }
    line.push(b'\'');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(command: &[u8]) -> Vec<u8> {
        let mut line = Vec::new();
        push_field(command, &mut line);
        line
    }

    #[test]
    fn a_command_stays_on_its_line() {
        assert_eq!(field(b"echo 'a b'"), b"echo 'a b'");
        assert_eq!(field(b"echo a\nb"), b"$'echo a\\nb'");
        assert_eq!(field(b"it's\t\x1b\\"), b"$'it\\'s\\t\\x1b\\\\'");
        assert_eq!(field(b"$'a\\nb'"), b"$'$\\'a\\\\nb\\''");
    }
}
