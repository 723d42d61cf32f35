//! The job log: GNU parallel's nine columns, one line per job, each in one write.

use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::sync::Arc;
use std::time::SystemTime;

use super::command_field::{logged_command, push_field};
use super::log_file::{ExistingRecords, LogFileKinds, LogFormat};
use crate::error::Result;
use crate::job::{AttemptRecord, Outcome};
use crate::observer::{Observer, ObserverAnswers, RecordTarget, RunEvent};
use crate::template::CommandTemplate;

pub(super) const HEADER: &[u8] =
    b"Seq\tHost\tStarttime\tJobRuntime\tSend\tReceive\tExitval\tSignal\tCommand\n";

pub(crate) const FORMAT: LogFormat = LogFormat {
    noun: "job log",
    beginning: HEADER,
};

/// Opens a log for new records, and writes its header, unless that is there.
///
/// # Errors
/// As [`LogFormat::begin`] has them.
pub(crate) fn begin(path: &Path, earlier: ExistingRecords, only: LogFileKinds) -> Result<File> {
    match FORMAT.begin(path, earlier, only)? {
        (file, 0) => write_header(path, file),
        (file, _) => Ok(file),
    }
}

/// Opens a log to read it and to add to it, with the same lock.
///
/// # Errors
/// The log cannot be opened, or another run writes it.
pub(crate) fn reopen(path: &Path, missing: MissingLog) -> Result<File> {
    if missing == MissingLog::Error {
        fs::metadata(path).map_err(|error| FORMAT.unreadable(path, &error))?;
    }
    FORMAT.lock(
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
    FORMAT.cut(path, &file, whole)?;
    match whole {
        0 => write_header(path, file),
        _ => Ok(file),
    }
}

fn write_header(path: &Path, mut file: File) -> Result<File> {
    match file.write_all(HEADER) {
        Ok(()) => Ok(file),
        Err(error) => Err(FORMAT.unwritable(path, &error)),
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
        let is_refused = matches!(record.outcome, Outcome::Refused(_));
        let command = logged_command(&self.template, &record.job, record.slot, is_refused);
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
