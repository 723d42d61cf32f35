//! The one job of a semaphore: its command, its streams, and its start, here or in the
//! background.

use std::ffi::OsString;
use std::fs::File;
use std::io;
use std::os::fd::{AsFd, OwnedFd};

use rustix::io::fcntl_dupfd_cloexec;
use rustix::process::getpgrp;
use rustix::stdio::{dup2_stdin, dup2_stdout, stdin};
use rustix::termios::isatty;

use super::entry::HeldSlot;
use super::held;
use super::supervisor::{SignalTarget, Supervisor};
use crate::error::{Error, Result};
use crate::exec::start::launcher::{ProcessEnv, ProcessLauncher, StartError};
use crate::exit::{self, RunExit};
use crate::input::Row;
use crate::job::Outcome;
use crate::os::background::{self, ForkSide};
use crate::os::child::{Child, ChildGroup, ChildLifetime};
use crate::os::{startup, terminal};
use crate::placeholder::ValueError;
use crate::template::{CommandTemplate, JobWork, PreparedCommand};

/// Place of the job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum JobPlacement {
    /// `--fg`
    Foreground,
    /// `--bg`
    Background,
}

/// A command, without values.
#[derive(Debug)]
pub(crate) struct SemaphoreJob {
    pub template: CommandTemplate,
    pub placement: JobPlacement,
    /// `PARALLEL_SEQ` and the other variables of GNU parallel are set.
    pub parallel_variables: bool,
}

impl SemaphoreJob {
    /// Runs the job in its slot: to its end, or until it has started in the background.
    /// `variable` is `$PRUN_SEMAPHORES` for it.
    ///
    /// # Errors
    /// Processes, memory or descriptors are short.
    pub(super) fn run(&self, slot: HeldSlot, variable: OsString) -> Result<RunExit> {
        let command = self.command(slot.claim.slot, variable)?;
        if self.placement == JobPlacement::Foreground {
            let supervisor = Supervisor::new(match terminal::controlling() {
                Some(_) => SignalTarget::Process,
                None => SignalTarget::Group,
            });
            return match start(&command, supervisor.target(), stdin_copy()?)? {
                Ok(child) => finish(&supervisor, child, slot),
                Err(status) => Ok(RunExit::Status(status)),
            };
        }
        let fork = background::fork().map_err(|error| shortage(&error))?;
        let reporter = match fork {
            ForkSide::Parent(report) => return started(report.wait()),
            ForkSide::Child(reporter) => reporter,
        };
        let supervisor = Supervisor::new(SignalTarget::Group);
        // At a terminal the job is not in the foreground, and would be stopped.
        let stdin = if isatty(stdin()) { None } else { stdin_copy()? };
        match start(&command, SignalTarget::Group, stdin) {
            Ok(Ok(child)) => {
                let _ = leave_streams();
                reporter.report(exit::SUCCESS);
                finish(&supervisor, child, slot)
            }
            Ok(Err(status)) => {
                reporter.report(status);
                Ok(RunExit::Status(status))
            }
            Err(error) => {
                reporter.report(exit::ERROR);
                Err(error)
            }
        }
    }

    fn command(&self, slot: u64, variable: OsString) -> Result<PreparedCommand> {
        let row = Row::default();
        let position = self.template.position(1, slot as usize);
        let refused = |error: ValueError| Error::new(error.0);
        let mut command = match self.template.work(&row, position).map_err(refused)? {
            JobWork::Command(command) => command,
            JobWork::List(_) | JobWork::Builtin(_) => {
                self.template.by_shell(&row, position, 0).map_err(refused)?
            }
        };
        let number = OsString::from(slot.to_string());
        if self.parallel_variables {
            let pid = std::process::id().to_string();
            let own = [
                ("PARALLEL_SEQ", "1".into()),
                ("PARALLEL_JOBSLOT", number.clone()),
                ("PARALLEL_PID", pid.into()),
            ];
            let own = own.map(|(name, value): (_, OsString)| (name.into(), value));
            command.environment.extend(own);
        }
        command.environment.push(("PRUN_SLOT".into(), number));
        command.environment.push((held::VARIABLE.into(), variable));
        Ok(command)
    }
}

/// Starts the job's process. What keeps just this command from being run is told, and is the
/// exit status.
fn start(
    command: &PreparedCommand,
    target: SignalTarget,
    stdin: Option<OwnedFd>,
) -> Result<std::result::Result<Child, u8>> {
    let process_env = ProcessEnv {
        streams: [stdin.as_ref().map(AsFd::as_fd), None, None],
        directory: None,
        group: match target {
            SignalTarget::Process => ChildGroup::Of(getpgrp()),
            SignalTarget::Group => ChildGroup::Own,
        },
        cgroup: None,
        // It has the slot whatever becomes of prun, and is to do its work in it.
        lifetime: ChildLifetime::Own,
    };
    match ProcessLauncher::default().launch(command, &process_env) {
        Ok(child) => Ok(Ok(child)),
        Err(StartError::ResourceShortage(error)) => Err(shortage(&error)),
        Err(StartError::Job(outcome)) => {
            Error::new(reason(&outcome)).report();
            Ok(Err(outcome.status()))
        }
    }
}

fn reason(outcome: &Outcome) -> String {
    match outcome {
        Outcome::NotFound(why) | Outcome::NotExecutable(why) | Outcome::Refused(why) => why.clone(),
        other => other.describe(),
    }
}

/// Waits for the end of the job, and gives the slot back.
fn finish(supervisor: &Supervisor, child: Child, slot: HeldSlot) -> Result<RunExit> {
    let end = supervisor.wait(child);
    let is_released = slot.release();
    let cannot_wait = |error| Error::new("cannot wait for the command").because(&error);
    let cannot_release = |error| Error::new("cannot release the semaphore").because(&error);
    let exit = end.map_err(cannot_wait)?;
    is_released.map_err(cannot_release)?;
    Ok(exit)
}

fn started(report: Option<u8>) -> Result<RunExit> {
    let killed = || Error::new("prun was killed in the background: the command may have started");
    report.map(RunExit::Status).ok_or_else(killed)
}

/// prun's standard input for the job; none if it is closed.
fn stdin_copy() -> Result<Option<OwnedFd>> {
    if !startup::was_open(0) {
        return Ok(None);
    }
    let copy = fcntl_dupfd_cloexec(stdin(), 3);
    copy.map(Some).map_err(|errno| shortage(&errno.into()))
}

/// Lets go of standard input and output: who reads the job's output is not to wait for prun.
fn leave_streams() -> io::Result<()> {
    let null = File::options().read(true).write(true).open("/dev/null")?;
    dup2_stdin(&null)?;
    Ok(dup2_stdout(&null)?)
}

fn shortage(error: &io::Error) -> Error {
    Error::new("cannot start the command").because(error)
}
