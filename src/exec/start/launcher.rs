//! From a command to a process: its program is found, and it is started.

use std::ffi::OsStr;
use std::io;
use std::os::fd::BorrowedFd;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use rustix::fs::{Access, AtFlags, CWD, accessat};
use rustix::io::Errno;

use crate::error::reason_text;
use crate::exec::capture::{OutputCapture, OutputStream};
use crate::exec::start::path_lookup::PathLookup;
use crate::exec::start::spawn_limit::{SpawnPermit, SpawnSemaphore};
use crate::job::Outcome;
use crate::os::child::{Child, ChildGroup, ChildLifetime, ChildStart};
use crate::os::job_cgroup::CgroupEntrances;
use crate::placeholder::ValueError;
use crate::template::PreparedCommand;

/// Starts the processes of all jobs.
#[derive(Debug, Default)]
pub(crate) struct ProcessLauncher {
    programs: PathLookup,
    semaphore: SpawnSemaphore,
}

/// Streams, directory and groups of a process, as in [`ChildStart`].
#[derive(Debug, Clone, Copy)]
pub(crate) struct ProcessEnv<'a> {
    pub streams: [Option<BorrowedFd<'a>>; 3],
    pub directory: Option<BorrowedFd<'a>>,
    pub group: ChildGroup,
    pub cgroup: Option<&'a CgroupEntrances>,
    pub lifetime: ChildLifetime,
}

impl ProcessLauncher {
    /// Permit to be held while descriptors are made and given to processes: a start takes
    /// more of them than a job does later.
    pub(crate) fn enter(&self) -> SpawnPermit<'_> {
        self.semaphore.enter()
    }

    /// Starts a process.
    ///
    /// # Errors
    /// No process was started.
    pub(crate) fn launch(
        &self,
        command: &PreparedCommand,
        process_env: &ProcessEnv<'_>,
    ) -> Result<Child, StartError> {
        let name = OsStr::from_bytes(&command.argv[0]);
        let found = self.programs.find(name);
        let program = found.map_err(|error| StartError::new(name, || false, error))?;
        let start = ChildStart {
            program: &program,
            argv: &command.argv,
            environment: &command.environment,
            streams: process_env.streams,
            directory: process_env.directory,
            group: process_env.group,
            cgroup: process_env.cgroup,
            lifetime: process_env.lifetime,
        };
        let child = match Child::start(&start) {
            Err(error) if Errno::from_io_error(&error) == Some(Errno::NOEXEC) => {
                start_script(&program, &start)
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                self.programs.forget(name);
                Err(error)
            }
            other => other,
        };
        child.map_err(|error| {
            let from = process_env.directory.unwrap_or(CWD);
            let is_there = || accessat(from, &*program, Access::EXISTS, AtFlags::empty()).is_ok();
            StartError::new(name, is_there, error)
        })
    }

    /// Looks for the command's program, as far as can be told without starting it.
    pub(crate) fn finds(
        &self,
        command: &PreparedCommand,
        directory: Option<BorrowedFd<'_>>,
    ) -> bool {
        let name = OsStr::from_bytes(&command.argv[0]);
        if name.as_bytes().contains(&b'/') {
            let from = directory.unwrap_or(CWD);
            return accessat(from, name, Access::EXEC_OK, AtFlags::empty()).is_ok();
        }
        match self.programs.find(name) {
            // What PATH names by a relative way is looked for where the job runs.
            Ok(program) => directory.is_none() || program.is_absolute(),
            Err(_) => false,
        }
    }
}

/// A file without `#!` is a script for `/bin/sh`, as execvp(3) has it.
fn start_script(program: &Path, start: &ChildStart<'_>) -> io::Result<Child> {
    let shell = [OsStr::new("sh"), program.as_os_str()].map(OsStr::as_bytes);
    let argv = shell.into_iter().chain(start.argv.iter().skip(1)).collect();
    Child::start(&ChildStart {
        program: Path::new("/bin/sh"),
        argv: &argv,
        ..*start
    })
}

/// Tells whether processes, descriptors or memory are short at present.
pub(crate) fn is_shortage(error: &io::Error) -> bool {
    matches!(
        Errno::from_io_error(error),
        Some(Errno::AGAIN | Errno::NOMEM | Errno::MFILE | Errno::NFILE)
    )
}

/// Writes to standard error what a shell would have written in the job's place.
pub(crate) fn report_start_error(outcome: &Outcome, capture: &mut OutputCapture<'_>) {
    if let Outcome::NotFound(why)
    | Outcome::NotExecutable(why)
    | Outcome::GivenUp(why)
    | Outcome::Refused(why) = outcome
    {
        capture.feed(OutputStream::Stderr, format!("prun: {why}\n").as_bytes());
    }
}

/// No command can be made of the row.
pub(crate) fn refused(ValueError(why): ValueError) -> StartError {
    StartError::Job(Outcome::Refused(why))
}

#[derive(Debug)]
pub(crate) enum StartError {
    /// The job has failed: its command cannot be run.
    Job(Outcome),
    /// Processes, descriptors or memory are short: the job can be tried again.
    ResourceShortage(io::Error),
}

impl StartError {
    /// Sorts a failure to open or read standard input: a shortage ends, anything else is the
    /// job's failure.
    pub(crate) fn of_stdin(error: io::Error) -> Self {
        if is_shortage(&error) {
            return StartError::ResourceShortage(error);
        }
        StartError::Job(Outcome::Refused(reason_text(&error)))
    }

    /// Sorts a failure with a file or directory of the job, where it cannot `verb` it, as
    /// [`StartError::of_stdin`] does.
    pub(crate) fn of_file(verb: &str, path: &Path, error: io::Error) -> Self {
        if is_shortage(&error) {
            return StartError::ResourceShortage(error);
        }
        let reason = reason_text(&error);
        let why = format!("cannot {verb} '{}': {reason}", path.display());
        StartError::Job(Outcome::Refused(why))
    }

    fn new(name: &OsStr, is_there: impl FnOnce() -> bool, error: io::Error) -> Self {
        let why = || format!("'{}': {}", name.display(), reason_text(&error));
        match Errno::from_io_error(&error) {
            _ if is_shortage(&error) => StartError::ResourceShortage(error),
            Some(Errno::NOENT) if is_there() => StartError::Job(Outcome::NotFound(format!(
                "{}: the interpreter that it names is missing",
                name.display()
            ))),
            Some(Errno::NOENT | Errno::NOTDIR) => StartError::Job(Outcome::NotFound(format!(
                "{}: command not found",
                name.display()
            ))),
            _ => StartError::Job(Outcome::NotExecutable(format!("cannot execute {}", why()))),
        }
    }
}
