//! The job log: GNU parallel's nine columns, one line per job, each in one write.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::os::fd::{AsFd, RawFd};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::{Duration, SystemTime};

use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;

use crate::error::{Error, Result};
use crate::job::{AttemptRecord, Outcome};
use crate::observer::{Observer, ObserverAnswers, RecordTarget, RunEvent};
use crate::template::{self, CommandTemplate};

pub(super) const HEADER: &[u8] =
    b"Seq\tHost\tStarttime\tJobRuntime\tSend\tReceive\tExitval\tSignal\tCommand\n";

/// Longest time that the lock of a run that was killed may last.
const DYING: Duration = Duration::from_millis(500);

/// Treatment of the records that a log has already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ExistingRecords {
    /// Removed.
    Replaced,
    /// Kept; new ones are added.
    Kept,
}

/// Files that may become a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LogFileKinds {
    /// Logs and empty files.
    Logs,
    /// All files.
    Files,
}

/// Opens a log and writes its header, unless that is there. The lock on it lasts as long as
/// the file is open, so that no second run can write between the lines of this one.
///
/// # Errors
/// The file cannot be opened or written, another run writes to it, or it is no log.
pub(crate) fn begin(path: &Path, earlier: ExistingRecords, only: LogFileKinds) -> Result<File> {
    // Not truncated on opening: it may be another run's.
    let file = lock(path, OpenOptions::new().append(true).create(true))?;
    // A pipe or a terminal has nothing to truncate, and what prun prints to is not the
    // log's to truncate.
    let length = match file.metadata() {
        Ok(status) if status.is_file() && !is_open_as(path, 2) => status.len(),
        _ => 0,
    };
    if length > 0 && only == LogFileKinds::Logs {
        check(path, earlier)?;
    }
    match (earlier, only, length) {
        (_, _, 0) => write_header(path, file),
        (ExistingRecords::Replaced, ..) => mend(path, file, 0),
        // A record that was cut off would make the next one part of it.
        (ExistingRecords::Kept, LogFileKinds::Logs, _) => {
            let whole = whole_lines(path).map_err(|error| unreadable(path, &error))?;
            mend(path, file, whole)
        }
        (ExistingRecords::Kept, LogFileKinds::Files, _) => Ok(file),
    }
}

/// # Errors
/// The file has something else in it than a job log.
fn check(path: &Path, earlier: ExistingRecords) -> Result<()> {
    let mut start = Vec::new();
    let read =
        File::open(path).and_then(|file| file.take(HEADER.len() as u64).read_to_end(&mut start));
    read.map_err(|error| unreadable(path, &error))?;
    if HEADER.starts_with(&start) {
        return Ok(());
    }
    let name = path.display();
    let harm = match earlier {
        ExistingRecords::Replaced => "it would be overwritten",
        ExistingRecords::Kept => "nothing can be added to it",
    };
    Err(Error::new(format!("'{name}' is no job log: {harm}"))
        .hint("remove it, or give the job log another name"))
}

/// The length of all lines that have an end.
fn whole_lines(path: &Path) -> io::Result<u64> {
    let mut reader = BufReader::with_capacity(1 << 16, File::open(path)?);
    let (mut read, mut whole) = (0, 0);
    loop {
        let buffer = reader.fill_buf()?;
        let length = buffer.len();
        if let Some(end) = memchr::memrchr(b'\n', buffer) {
            whole = read + end as u64 + 1;
        }
        match length {
            0 => return Ok(whole),
            _ => reader.consume(length),
        }
        read += length as u64;
    }
}

/// Opens a log to read it and to add to it, with the same lock.
///
/// # Errors
/// The log cannot be opened, or another run writes it.
pub(crate) fn reopen(path: &Path, missing: MissingLog) -> Result<File> {
    if missing == MissingLog::Error {
        fs::metadata(path).map_err(|error| unreadable(path, &error))?;
    }
    lock(
        path,
        OpenOptions::new()
            .read(true)
            .append(true)
            .create(missing == MissingLog::Created),
    )
}

/// Treatment of a log that is not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MissingLog {
    /// A log is created.
    Created,
    /// The run fails.
    Error,
}

/// Cuts off what stands behind the last whole line, whose length `whole` is, and begins a
/// log that is empty.
///
/// # Errors
/// The file cannot be written.
pub(crate) fn mend(path: &Path, file: File, whole: u64) -> Result<File> {
    let failed = |error: &io::Error| unwritable(path, error);
    if file.metadata().map_err(|error| failed(&error))?.len() > whole {
        file.set_len(whole).map_err(|error| failed(&error))?;
    }
    match whole {
        0 => write_header(path, file),
        _ => Ok(file),
    }
}

fn write_header(path: &Path, mut file: File) -> Result<File> {
    match file.write_all(HEADER) {
        Ok(()) => Ok(file),
        Err(error) => Err(unwritable(path, &error)),
    }
}

fn lock(path: &Path, options: &OpenOptions) -> Result<File> {
    let file = options
        .open(path)
        .map_err(|error| unwritable(path, &error))?;
    // Some file systems have no locks; a log without one is better than none.
    if flock(&file, FlockOperation::NonBlockingLockExclusive) != Err(Errno::WOULDBLOCK) {
        return Ok(file);
    }
    wait_for_lock(file).ok_or_else(|| {
        let message = format!("the job log '{}' is in use by another run", path.display());
        Error::new(message).hint("give each run a log of its own")
    })
}

/// Waits for the end of a run that was killed: until the last process of it is gone that
/// has yet to execute its program, it has the lock. There is no such call with a time
/// limit, so that a thread makes the one without; it is left behind if prun ends.
fn wait_for_lock(file: File) -> Option<File> {
    let (sender, locked) = mpsc::channel();
    let waiter = thread::Builder::new().spawn(move || {
        if flock(&file, FlockOperation::LockExclusive).is_ok() {
            let _ = sender.send(file);
        }
    });
    waiter.ok()?;
    locked.recv_timeout(DYING).ok()
}

fn unreadable(path: &Path, error: &io::Error) -> Error {
    Error::new(format!("cannot read the job log '{}'", path.display())).because(error)
}

fn unwritable(path: &Path, error: &io::Error) -> Error {
    Error::new(format!("cannot write the job log '{}'", path.display())).because(error)
}

/// Tells whether `path` leads to the file that is open as this standard descriptor, as
/// `/dev/stdout` does.
pub(crate) fn is_open_as(path: &Path, descriptor: RawFd) -> bool {
    let standard = match descriptor {
        1 => io::stdout().as_fd().try_clone_to_owned(),
        _ => io::stderr().as_fd().try_clone_to_owned(),
    };
    let standard = standard.and_then(|standard| File::from(standard).metadata());
    match (fs::metadata(path), standard) {
        (Ok(file), Ok(standard)) => (file.dev(), file.ino()) == (standard.dev(), standard.ino()),
        _ => false,
    }
}

/// Observer that writes the records of a log.
#[derive(Debug)]
pub(crate) struct JobLog {
    template: Arc<CommandTemplate>,
    stopped: StoppedJobs,
    target: RecordTarget,
}

/// Records of jobs that a halt or a signal to prun has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StoppedJobs {
    /// Records, which do not count as done.
    Recorded,
    /// No records, as in GNU parallel, for which every record counts as done.
    LeftOut,
}

impl JobLog {
    pub(crate) fn new(
        template: Arc<CommandTemplate>,
        stopped: StoppedJobs,
        target: RecordTarget,
    ) -> Self {
        JobLog {
            template,
            stopped,
            target,
        }
    }

    /// The line of a job, its end included; none if it has no record.
    fn line(&self, record: &AttemptRecord) -> Option<Vec<u8>> {
        if self.stopped == StoppedJobs::LeftOut && matches!(record.outcome, Outcome::Stopped(_)) {
            return None;
        }
        let (exit, signal) = record.outcome.log_columns();
        let started = record
            .started
            .duration_since(SystemTime::UNIX_EPOCH)
            .unwrap_or_default();
        let mut line = format!("{}\t", record.job.seq).into_bytes();
        line.extend_from_slice(record.host.as_os_str().as_bytes());
        let numbers = format!(
            "\t{:.3}\t{:>10.3}\t{}\t{}\t{exit}\t{signal}\t",
            started.as_secs_f64(),
            record.runtime.as_secs_f64(),
            record.sent,
            record.received,
        );
        line.extend_from_slice(numbers.as_bytes());
        let place = self.template.position(record.job.seq, record.slot);
        let mut command = Vec::new();
        self.template.show(&record.job.row, place, &mut command);
        let is_refused = matches!(record.outcome, Outcome::Refused(_));
        if is_refused || !self.template.is_readable(&record.job.row, place) {
            command = template::withhold(&command);
        }
        push_field(&command, &mut line);
        line.push(b'\n');
        Some(line)
    }
}

impl Observer for JobLog {
    fn observe(&mut self, event: &RunEvent<'_>, answers: &mut ObserverAnswers) {
        match *event {
            RunEvent::RunStarted if self.target == RecordTarget::Stdout => {
                answers.record(self.target, HEADER.to_vec());
            }
            RunEvent::OutputDelivered { record, .. } => {
                if let Some(line) = self.line(record) {
                    answers.record(self.target, line);
                }
            }
            _ => {}
        }
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
    template::push_escaped(command, line);
    line.push(b'\'');
}

/// The command that [`push_field`] wrote. GNU parallel writes a newline as a NUL byte, and
/// everything else as it is.
pub(super) fn command_of(field: &[u8]) -> Vec<u8> {
    let quoted = field.strip_prefix(b"$'");
    let body = quoted.and_then(|field| field.strip_suffix(b"'"));
    body.and_then(template::unescaped).unwrap_or_else(|| {
        let plain = |&byte: &u8| if byte == 0 { b'\n' } else { byte };
        field.iter().map(plain).collect()
    })
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
        assert_eq!(field(b"it's\t\x1b\\"), b"$'it\\x27s\\t\\x1b\\\\'");
        assert_eq!(field(b"$'a\\nb'"), b"$'$\\x27a\\\\nb\\x27'");
    }

    #[test]
    fn the_fields_of_gnu_parallel_are_understood() {
        assert_eq!(command_of(b"echo 'a\0b'\tc"), b"echo 'a\nb'\tc");
        // A whole word in such quotes would have been quoted again.
        assert_eq!(command_of(b"$'a' b'"), b"$'a' b'");
        assert_eq!(command_of(b"$'\\q'"), b"$'\\q'");
    }

    proptest::proptest! {
        #[test]
        fn every_command_is_read_back(
            command in proptest::collection::vec(1u8.., 0..20),
            quoted in "[$]?'?[a\\\\x0-9n']{0,6}'?",
        ) {
            proptest::prop_assert_eq!(command_of(&field(&command)), command);
            let quoted = quoted.as_bytes();
            proptest::prop_assert_eq!(command_of(&field(quoted)), quoted);
        }
    }
}
