//! From options to the job log: whether there is one, and which jobs an earlier run has left
//! to do.

use std::collections::HashSet;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use crate::cli::Cli;
use crate::error::{Error, Result};
use crate::log::joblog::{MissingLog, StoppedJobs};
use crate::log::log_file::{self, ExistingRecords, LogFileKinds};
use crate::log::resume::{DoneJobs, JobIdentity};
use crate::output::results::ResultsForm;
use crate::placeholder::CommandDialect;
use crate::policy::record_sync::RecordSync;
use crate::policy::statuses::SuccessStatuses;
use crate::template::CommandTemplate;

/// The job log as the command line has it.
#[derive(Debug)]
pub(crate) struct JobLogSetup {
    pub(super) path: Option<PathBuf>,
    pub(super) existing: ExistingRecords,
    pub(super) kinds: LogFileKinds,
    pub(super) stopped: StoppedJobs,
    pub(super) identity: JobIdentity,
    /// A missing log says that no job is done. It does not say which jobs failed.
    pub(super) missing: MissingLog,
    pub(super) resume: ResumeMode,
    /// `--ok-codes`: statuses of jobs that did not fail.
    pub(super) success: SuccessStatuses,
    pub(super) sync: RecordSync,
    /// Numbers of jobs in earlier runs that the log, once it is read, says are done.
    pub(super) done: HashSet<u64>,
}

/// What an earlier run's records are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ResumeMode {
    /// The log begins anew.
    No,
    /// `--resume`, `--resume-failed`: jobs that are done are left out.
    Without(DoneJobs),
    /// `--retry-failed`: the commands that failed are run.
    Failed,
}

impl ResumeMode {
    fn option(self) -> &'static str {
        match self {
            ResumeMode::No => "--joblog",
            ResumeMode::Without(DoneJobs::Ended) => "--resume",
            ResumeMode::Without(DoneJobs::Succeeded(_)) => "--resume-failed",
            ResumeMode::Failed => "--retry-failed",
        }
    }
}

impl JobLogSetup {
    /// # Errors
    /// An earlier run is to be resumed without a log that tells of it.
    pub(super) fn resolve(cli: &mut Cli, dialect: CommandDialect) -> Result<JobLogSetup> {
        let success = cli.failure.ok_codes.unwrap_or_default();
        let resume = resume_mode(cli, success);
        let (path, existing) = match &cli.log.joblog {
            Some(typed) => {
                let (path, existing) = path(typed);
                (Some(path), existing)
            }
            None => (None, ExistingRecords::Replaced),
        };
        let is_gnu = dialect == CommandDialect::Gnu;
        let joblog = JobLogSetup {
            path,
            existing,
            kinds: if is_gnu {
                LogFileKinds::Files
            } else {
                LogFileKinds::Logs
            },
            stopped: if is_gnu {
                StoppedJobs::LeftOut
            } else {
                StoppedJobs::Recorded
            },
            identity: if is_gnu {
                JobIdentity::Number
            } else if cli.blocks.are_made() {
                JobIdentity::Block
            } else {
                JobIdentity::Command
            },
            missing: if resume == ResumeMode::Failed && !is_gnu {
                MissingLog::Error
            } else {
                MissingLog::Created
            },
            resume,
            success,
            sync: cli.log.joblog_sync.unwrap_or_default(),
            done: HashSet::new(),
        };
        joblog.check_path(cli)?;
        if joblog.has_commands() {
            // GNU parallel ignores them.
            cli.command.clear();
            cli.sources.clear();
            cli.input.arg_file.clear();
        }
        Ok(joblog)
    }

    fn check_path(&self, cli: &Cli) -> Result<()> {
        match (&self.path, self.resume) {
            (None, _) if cli.log.joblog_sync.is_some() => {
                let error = Error::new("--joblog-sync needs --joblog");
                Err(error.hint("--joblog FILE writes a job log"))
            }
            (_, ResumeMode::No) => Ok(()),
            // The results tell which jobs are done, too.
            (None, ResumeMode::Without(DoneJobs::Ended)) if cli.output.results.is_some() => Ok(()),
            (None, resume) => Err(needs_log(resume)),
            (Some(path), _) if is_stdout(path) || path.exists() && !path.is_file() => {
                let message = format!(
                    "cannot resume from the job log '{}': it cannot be read again",
                    path.display()
                );
                Err(Error::new(message).hint("name a file that an earlier run has written"))
            }
            (Some(_), _) => Ok(()),
        }
    }

    /// The file that it is written to, unless that is standard output.
    pub(super) fn file(&self) -> Option<&Path> {
        self.path.as_deref().filter(|path| !is_stdout(path))
    }

    /// `--resume`, `--resume-failed`, `--retry-failed`
    pub(super) fn continues(&self) -> bool {
        self.resume != ResumeMode::No
    }

    /// # Errors
    /// Neither a log nor a directory of results tells which jobs are done.
    pub(super) fn needs_results(&self, results: Option<&ResultsForm>) -> Result<()> {
        match (&self.path, self.resume, results) {
            (Some(_), ..) | (_, ResumeMode::No, _) | (.., Some(ResultsForm::Directory { .. })) => {
                Ok(())
            }
            (None, resume, _) => Err(needs_log(resume)),
        }
    }

    /// Whether the commands to run come from the log: `--retry-failed`.
    pub(super) fn has_commands(&self) -> bool {
        self.resume == ResumeMode::Failed
    }

    /// # Errors
    /// Commands whose text tells nothing of which jobs they are.
    pub(super) fn check_template(&self, template: &CommandTemplate) -> Result<()> {
        let (ResumeMode::Without(_), JobIdentity::Command) = (self.resume, self.identity) else {
            return Ok(());
        };
        let (what, placeholder, why, variable) = match (template.shows_slot(), template.shows_seq())
        {
            (true, _) => ("slot", "<%>", "from run to run", "$PRUN_SLOT"),
            (_, true) => ("job", "<#>", "when inputs are added", "$PRUN_SEQ"),
            (false, false) => return Ok(()),
        };
        let option = self.resume.option();
        Err(Error::new(format!(
            "{option} compares commands, and the {what}'s number {placeholder} differs {why}"
        ))
        .hint(format!(
            "write {variable} instead of {placeholder}, here and in the run before"
        )))
    }
}

fn needs_log(resume: ResumeMode) -> Error {
    let option = resume.option();
    Error::new(format!("{option} needs --joblog"))
        .hint(format!("{option} --joblog FILE, as in the run before"))
}

/// A plus before the name says that lines are added to the file.
pub(super) fn path(typed: &Path) -> (PathBuf, ExistingRecords) {
    match typed.as_os_str().as_bytes().strip_prefix(b"+") {
        Some(name) => (OsStr::from_bytes(name).into(), ExistingRecords::Kept),
        None => (typed.to_owned(), ExistingRecords::Replaced),
    }
}

/// Tells whether a log of this name is written to standard output.
pub(super) fn is_stdout(path: &Path) -> bool {
    path == Path::new("-") || log_file::is_open_as(path, 1)
}

fn resume_mode(cli: &Cli, success: SuccessStatuses) -> ResumeMode {
    // The last one counts where GNU parallel is given several.
    if cli.log.retry_failed && cli.queue.queue.is_none() {
        ResumeMode::Failed
    } else if cli.log.resume_failed {
        ResumeMode::Without(DoneJobs::Succeeded(success))
    } else if cli.log.resume {
        ResumeMode::Without(DoneJobs::Ended)
    } else {
        ResumeMode::No
    }
}
