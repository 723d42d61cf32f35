//! Contents of a row of a table of results.

use std::os::unix::ffi::OsStrExt;
use std::time::SystemTime;

use crate::input::ByteStrings;
use crate::output::FinishedJob;
use crate::spool::Spool;
use crate::template::CommandTemplate;

/// Row of a job.
pub(super) struct ResultsRow<'a> {
    finished: &'a FinishedJob,
    /// The command, as it is shown.
    pub command: Vec<u8>,
    pub stdout: &'a Spool,
    pub stderr: &'a Spool,
}

impl<'a> ResultsRow<'a> {
    /// The row of a job that is over.
    pub(super) fn new(finished: &'a FinishedJob, template: &CommandTemplate) -> ResultsRow<'a> {
        let report = &finished.report;
        let place = template.position(report.job.seq, report.slot);
        let mut command = Vec::new();
        template.show(&report.job.row, place, &mut command);
        ResultsRow {
            finished,
            command,
            stdout: &finished.stdout,
            stderr: &finished.stderr,
        }
    }

    /// The job's values.
    pub(super) fn values(&self) -> &ByteStrings {
        &self.finished.report.job.row.0
    }

    /// The columns before the command, as in the job log.
    pub(super) fn numbers(&self) -> [Vec<u8>; 8] {
        let report = &self.finished.report;
        let (exit, signal) = report.outcome.log_columns();
        let started = report.started.duration_since(SystemTime::UNIX_EPOCH);
        let mut columns = [
            report.job.seq.to_string(),
            String::new(),
            format!("{:.3}", started.unwrap_or_default().as_secs_f64()),
            format!("{:.3}", report.runtime.as_secs_f64()),
            report.sent.to_string(),
            report.received.to_string(),
            exit.to_string(),
            signal.to_string(),
        ]
        .map(String::into_bytes);
        columns[1].extend_from_slice(report.host.as_os_str().as_bytes());
        columns
    }
}
