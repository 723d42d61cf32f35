//! The job log: whether there is one, and which jobs an earlier run has left to do.

use std::ffi::OsStr;
use std::fs::File;
use std::io::ErrorKind;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::Config;
use crate::cli::Cli;
use crate::error::{Error, Result};
use crate::log::joblog::{self, ExistingRecords, JobLog, LogFileKinds, MissingLog, StoppedJobs};
use crate::log::resume::{self, DoneJobs, JobIdentity, LogHistory};
use crate::output::results::ResultsForm;
use crate::placeholder::CommandDialect;
use crate::pool::LogDestination;
use crate::status::EmptyInput;
use crate::template::CommandTemplate;

/// What the command line says about the job log.
#[derive(Debug)]
pub(crate) struct JobLogSetup {
    dialect: CommandDialect,
    path: Option<PathBuf>,
    earlier: ExistingRecords,
    resume: ResumeMode,
}

/// What an earlier run's records are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ResumeMode {
    /// Nothing: the log begins anew.
    No,
    /// Jobs that they say are done are left out.
    Without(DoneJobs),
    /// The jobs that they say failed are run.
    Failed,
}

/// Whether commands come from the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CommandOrigin {
    No,
    Yes,
}

impl ResumeMode {
    fn option(self) -> &'static str {
        match self {
            ResumeMode::No => "--joblog",
            ResumeMode::Without(DoneJobs::Ended) => "--resume",
            ResumeMode::Without(DoneJobs::Succeeded) => "--resume-failed",
            ResumeMode::Failed => "--retry-failed",
        }
    }
}

impl JobLogSetup {
    /// Decides what was meant.
    ///
    /// # Errors
    /// Options that contradict each other, or lack a log.
    pub(super) fn resolve(cli: &mut Cli, dialect: CommandDialect) -> Result<JobLogSetup> {
        // Where GNU parallel is given several, the last one here counts.
        let given = [
            (cli.log.resume, ResumeMode::Without(DoneJobs::Ended)),
            (
                cli.log.resume_failed,
                ResumeMode::Without(DoneJobs::Succeeded),
            ),
            (cli.log.retry_failed, ResumeMode::Failed),
        ];
        let given = given.into_iter().filter(|(given, _)| *given);
        let given: Vec<ResumeMode> = given.map(|(_, resume)| resume).collect();
        if let ([one, other, ..], CommandDialect::Own) = (given.as_slice(), dialect) {
            return Err(contradiction(*one, *other));
        }
        let (path, earlier) = match &cli.log.joblog {
            Some(typed) => {
                let (path, earlier) = place(typed);
                (Some(path), earlier)
            }
            None => (None, ExistingRecords::Replaced),
        };
        let joblogs = JobLogSetup {
            dialect,
            path,
            earlier,
            resume: given.last().copied().unwrap_or(ResumeMode::No),
        };
        joblogs.check_path(cli)?;
        if joblogs.commands() == CommandOrigin::Yes {
            take_command(cli, dialect)?;
        }
        Ok(joblogs)
    }

    fn check_path(&self, cli: &Cli) -> Result<()> {
        match (&self.path, self.resume) {
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

    /// Whether there is one.
    pub(super) fn is_wanted(&self) -> bool {
        self.path.is_some()
    }

    /// The option by which an earlier run is gone on with.
    pub(super) fn resume_option(&self) -> Option<&'static str> {
        self.goes_on().then(|| self.resume.option())
    }

    /// The file that it is written to, unless that is standard output.
    pub(super) fn file(&self) -> Option<&Path> {
        self.path.as_deref().filter(|path| !is_stdout(path))
    }

    /// Whether an earlier run is gone on with.
    pub(super) fn goes_on(&self) -> bool {
        self.resume != ResumeMode::No
    }

    /// What tells which jobs are done, if there is no log.
    ///
    /// # Errors
    /// Nothing.
    pub(super) fn needs_results(&self, results: Option<&ResultsForm>) -> Result<()> {
        match (&self.path, self.resume, results) {
            (Some(_), ..) | (_, ResumeMode::No, _) | (.., Some(ResultsForm::Directory { .. })) => {
                Ok(())
            }
            (None, resume, _) => Err(needs_log(resume)),
        }
    }

    /// Whether what is run comes from the log.
    pub(super) fn commands(&self) -> CommandOrigin {
        match self.resume {
            ResumeMode::Failed => CommandOrigin::Yes,
            ResumeMode::No | ResumeMode::Without(_) => CommandOrigin::No,
        }
    }

    /// # Errors
    /// Commands whose text tells nothing of which jobs they are.
    pub(super) fn check_template(&self, template: &CommandTemplate) -> Result<()> {
        let (ResumeMode::Without(_), JobIdentity::Command) = (self.resume, self.identity()) else {
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

    fn identity(&self) -> JobIdentity {
        match self.dialect {
            CommandDialect::Own => JobIdentity::Command,
            CommandDialect::Gnu => JobIdentity::Number,
        }
    }

    /// A log that is not there says that nothing is done; of what failed it says nothing.
    fn missing(&self) -> MissingLog {
        match (self.resume, self.dialect) {
            (ResumeMode::Failed, CommandDialect::Own) => MissingLog::Error,
            _ => MissingLog::Created,
        }
    }
}

fn needs_log(resume: ResumeMode) -> Error {
    let option = resume.option();
    Error::new(format!("{option} needs --joblog"))
        .hint(format!("{option} --joblog FILE, as in the run before"))
}

fn contradiction(one: ResumeMode, other: ResumeMode) -> Error {
    let message = format!("{} and {} cannot go together", one.option(), other.option());
    Error::new(message).hint(match other {
        ResumeMode::Failed => {
            "--retry-failed runs the commands of the log; --resume-failed those of this command line"
        }
        _ => "--resume-failed alone runs what failed and what was not run",
    })
}

/// # Errors
/// A command or input beside `--retry-failed`, which GNU parallel ignores.
fn take_command(cli: &mut Cli, dialect: CommandDialect) -> Result<()> {
    let is_empty =
        cli.command.is_empty() && cli.sources.is_empty() && cli.input.arg_file.is_empty();
    if dialect == CommandDialect::Own && !is_empty {
        return Err(Error::new(
            "--retry-failed and a command or input cannot go together: the log has the commands",
        )
        .hint("leave them out, or use --resume-failed"));
    }
    cli.command.clear();
    cli.sources.clear();
    cli.input.arg_file.clear();
    Ok(())
}

/// A plus before the name says that lines are added to the file.
fn place(typed: &Path) -> (PathBuf, ExistingRecords) {
    match typed.as_os_str().as_bytes().strip_prefix(b"+") {
        Some(name) => (OsStr::from_bytes(name).into(), ExistingRecords::Kept),
        None => (typed.to_owned(), ExistingRecords::Replaced),
    }
}

fn is_stdout(path: &Path) -> bool {
    path == Path::new("-") || joblog::is_open_as(path, 1)
}

impl Config {
    /// Opens the job log before any job starts, and leaves out the rows that it says are
    /// done. Without a run, the log is only read.
    ///
    /// # Errors
    /// The log cannot be read or written, another run writes it, it is damaged, or it is
    /// that of another command.
    pub(crate) fn open_log(&mut self) -> Result<LogDestination> {
        let Some(path) = self.joblog.path.take() else {
            return Ok(LogDestination::None);
        };
        let cut_off = match self.joblog.dialect {
            CommandDialect::Own => StoppedJobs::Recorded,
            CommandDialect::Gnu => StoppedJobs::LeftOut,
        };
        let log = JobLog::new(Arc::clone(&self.template), cut_off);
        let file = match (self.joblog.resume, self.dry_run.is_some()) {
            (ResumeMode::No, true) => return Ok(LogDestination::None),
            (ResumeMode::No, false) if is_stdout(&path) => return Ok(LogDestination::Stdout(log)),
            (ResumeMode::No, false) => {
                let only = match self.joblog.dialect {
                    CommandDialect::Own => LogFileKinds::Logs,
                    CommandDialect::Gnu => LogFileKinds::Files,
                };
                joblog::begin(&path, self.joblog.earlier, only)?
            }
            (_, true) => {
                if let Some(file) = self.look_at(&path)? {
                    self.resume(&path, &file)?;
                }
                return Ok(LogDestination::None);
            }
            (_, false) => {
                let file = joblog::reopen(&path, self.joblog.missing())?;
                let whole = self.resume(&path, &file)?;
                joblog::mend(&path, file, whole)?
            }
        };
        Ok(LogDestination::File(log, file, path.display().to_string()))
    }

    /// Opens the log to read it, if it is there.
    fn look_at(&self, path: &Path) -> Result<Option<File>> {
        match File::open(path) {
            Ok(file) => Ok(Some(file)),
            Err(error)
                if error.kind() == ErrorKind::NotFound
                    && self.joblog.missing() == MissingLog::Created =>
            {
                Ok(None)
            }
            Err(error) => {
                let message = format!("cannot read the job log '{}'", path.display());
                Err(Error::new(message).because(&error))
            }
        }
    }

    /// Returns the length of the log's whole lines.
    fn resume(&mut self, path: &Path, file: &File) -> Result<u64> {
        let by = self.joblog.identity();
        let whole = match self.joblog.resume {
            ResumeMode::No => return Ok(0),
            ResumeMode::Failed => {
                let (rows, whole) = resume::failed(path, file, by)?;
                self.rows = rows;
                self.rule.empty = EmptyInput::Fine;
                whole
            }
            ResumeMode::Without(done) => {
                let (history, whole) = LogHistory::read(path, file, done, by, &self.template)?;
                // To have nothing left to do is another thing than to have no input.
                if self.rule.empty != EmptyInput::Fine && self.rows.read_ahead(1)? > 0 {
                    self.rule.empty = EmptyInput::Fine;
                }
                history.apply(&mut self.rows, Arc::clone(&self.template));
                whole
            }
        };
        Ok(whole)
    }
}
