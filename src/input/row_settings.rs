//! Settings that a row brings with it: a command of its own, and the surroundings of its job.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

/// Settings of one row, which go before those of the run. The default leaves all to the run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct RowSettings {
    pub command: Option<RowCommand>,
    /// Variables that are added to the environment, as they stand.
    pub environment: Vec<(OsString, OsString)>,
    /// Directory of the job, seen from prun's. It must be there.
    pub directory: Option<PathBuf>,
    /// Time limit of each attempt.
    pub timeout: Option<RowTimeout>,
    /// Number of attempts, the first included; 0 is without end.
    pub retries: Option<u32>,
    /// Exit statuses other than 0 that count as success.
    pub ok_codes: Option<Vec<u8>>,
    /// Key of the job, whatever the run takes for one.
    pub key: Option<Vec<u8>>,
    /// The job is a service: when it has ended, what it has left behind is of no use.
    pub is_service: bool,
}

/// Time limit of a row's job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RowTimeout {
    Never,
    After(Duration),
}

impl RowTimeout {
    /// A limit of so much time; as for timeout(1), no time is no limit.
    pub(crate) fn of(time: Duration) -> RowTimeout {
        if time.is_zero() {
            RowTimeout::Never
        } else {
            RowTimeout::After(time)
        }
    }

    pub(crate) fn time(self) -> Option<Duration> {
        match self {
            RowTimeout::Never => None,
            RowTimeout::After(time) => Some(time),
        }
    }
}

/// Command of one row.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum RowCommand {
    /// A command line, as one that is read from standard input for want of a command.
    Line(Vec<u8>),
    /// A program and its arguments, as they stand.
    Argv(Vec<Vec<u8>>),
    /// The words of a command, with placeholders for the row's values.
    Template {
        words: Vec<Vec<u8>>,
        /// `None` is the shell of the run.
        shell: Option<RowShell>,
    },
}

/// Shell that was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct RowShell {
    pub path: PathBuf,
    /// Options that it always gets.
    pub options: Vec<OsString>,
}

impl RowCommand {
    /// The command as it was written, for those who cannot read it otherwise.
    pub(crate) fn plain_text(&self) -> Vec<u8> {
        match self {
            RowCommand::Line(line) => line.clone(),
            RowCommand::Argv(words) | RowCommand::Template { words, .. } => words.join(&b' '),
        }
    }
}
