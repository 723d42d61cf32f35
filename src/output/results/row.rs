//! Contents of a row of a table of results.

use std::os::unix::ffi::OsStrExt;
use std::time::SystemTime;

use crate::input::ByteStrings;
use crate::output::FinishedAttempt;
use crate::spool::Spool;
use crate::template::CommandTemplate;

/// Row of a job.
pub(super) struct ResultsRow<'a> {
    finished: &'a FinishedAttempt,
    /// The command, as it is shown.
    pub command: Vec<u8>,
    pub stdout: &'a Spool,
    pub stderr: &'a Spool,
}

impl<'a> ResultsRow<'a> {
    /// The row of a job that is over.
    pub(super) fn new(finished: &'a FinishedAttempt, template: &CommandTemplate) -> ResultsRow<'a> {
        let record = &finished.record;
        let place = template.position(record.job.seq, record.slot);
        let mut command = Vec::new();
        template.show(&record.job.row, place, &mut command);
        ResultsRow {
            finished,
            command,
            stdout: &finished.stdout,
            stderr: &finished.stderr,
        }
    }

    /// The job's values.
    pub(super) fn values(&self) -> &ByteStrings {
        &self.finished.record.job.row.values
    }

    /// The columns before the command, as in the job log.
    pub(super) fn numbers(&self) -> [Vec<u8>; 8] {
        let record = &self.finished.record;
        let (exit, signal) = record.outcome.log_columns();
        let started = record.started.duration_since(SystemTime::UNIX_EPOCH);
        let mut columns = [
            record.job.seq.to_string(),
            String::new(),
            format!("{:.3}", started.unwrap_or_default().as_secs_f64()),
            format!("{:.3}", record.runtime.as_secs_f64()),
            record.sent.to_string(),
            record.received.to_string(),
            exit.to_string(),
            signal.to_string(),
        ]
        .map(String::into_bytes);
        columns[1].extend_from_slice(record.host.as_os_str().as_bytes());
        columns
    }
}
