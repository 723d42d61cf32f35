//! Jobs as processes of this machine.

use std::collections::HashMap;
use std::env;
use std::ffi::{OsStr, OsString};
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use rustix::fs::{Access, access};
use rustix::io::Errno;

use super::capture::{Output, Stream};
use super::communicate::{Limits, communicate};
use super::control::{Control, Running};
use super::course::Course;
use super::gate::Gate;
use super::{Capture, Ended, Executor};
use crate::job::{Job, Outcome};
use crate::os::child::{Child, Group, Start};
use crate::os::clock::Clock;
use crate::os::orphans;
use crate::template::{BadValue, Command, Place, Template};

/// Which names the job's variables have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Variables {
    /// `PRUN_SEQ`, `PRUN_SLOT`, `PRUN_PID`.
    Own,
    /// Those, and GNU parallel's `PARALLEL_SEQ`, `PARALLEL_JOBSLOT`, `PARALLEL_PID`.
    Gnu,
}

/// Runs a template's commands as child processes.
#[derive(Debug)]
pub struct Local {
    template: Arc<Template>,
    limits: Limits,
    clock: Arc<Clock>,
    variables: Variables,
    programs: Programs,
    gate: Gate,
    pid: OsString,
}

impl Local {
    /// An executor for the commands of one template.
    pub fn new(
        template: Arc<Template>,
        limits: Limits,
        clock: Arc<Clock>,
        variables: Variables,
    ) -> Self {
        Local {
            template,
            limits,
            clock,
            variables,
            programs: Programs::default(),
            gate: Gate::default(),
            pid: std::process::id().to_string().into(),
        }
    }

    /// Adds the variables by which a job knows itself.
    fn introduce(&self, place: Place, environment: &mut Vec<(OsString, OsString)>) {
        let seq = OsString::from(place.seq.to_string());
        let slot = OsString::from(place.slot.to_string());
        if self.variables == Variables::Gnu {
            environment.push(("PARALLEL_SEQ".into(), seq.clone()));
            let from_zero = OsString::from((place.slot - 1).to_string());
            environment.push(("PARALLEL_JOBSLOT".into(), slot.clone()));
            environment.push(("PARALLEL_JOBSLOT0".into(), from_zero));
            environment.push(("PARALLEL_SSHLOGIN".into(), ":".into()));
            environment.push(("PARALLEL_SSHHOST".into(), ":".into()));
            environment.push(("PARALLEL_PID".into(), self.pid.clone()));
        }
        environment.push((orphans::SEQ.into(), seq));
        environment.push(("PRUN_SLOT".into(), slot));
        environment.push((orphans::PID.into(), self.pid.clone()));
    }

    /// The shell would have told it, in the job's output; prun tells it in its own way
    /// unless it stands in for GNU parallel.
    fn tell(&self, outcome: &Outcome, capture: &mut Capture<'_>) {
        if let (Variables::Gnu, Outcome::NotFound(why) | Outcome::NotExecutable(why)) =
            (self.variables, outcome)
        {
            capture.feed(Stream::Stderr, format!("prun: {why}\n").as_bytes());
        }
    }

    fn start(&self, command: &Command, output: Output) -> Result<Course, StartError> {
        // Left once this function's ends of the pipes are closed.
        let _pass = self.gate.enter();
        let (readers, writers) = pipes(output).map_err(StartError::NoRoom)?;
        let [stdout, stderr] = writers.each_ref().map(|end| end.as_ref().map(AsFd::as_fd));
        let name = command.argv[0].as_os_str();
        let program = self.programs.find(name)?;
        let start = Start {
            program: &program,
            argv: &command.argv,
            environment: &command.environment,
            streams: [None, stdout, stderr],
            directory: None,
            group: Group::Own,
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
        match child {
            Ok(child) => Ok(Course::of(child, readers)),
            Err(error) => Err(StartError::new(name, &program, error)),
        }
    }
}

/// The ends of two pipes, those to read from first.
type Pipes = ([Option<OwnedFd>; 2], [Option<OwnedFd>; 2]);

fn pipes(output: Output) -> io::Result<Pipes> {
    let (mut readers, mut writers) = ([None, None], [None, None]);
    if output == Output::Capture {
        for (reader, writer) in readers.iter_mut().zip(&mut writers) {
            // Both ends are closed on exec: a child must hold no pipe of another one.
            let ends = io::pipe()?;
            (*reader, *writer) = (Some(ends.0.into()), Some(ends.1.into()));
        }
    }
    Ok((readers, writers))
}

impl Executor for Local {
    fn run(&self, job: &Job, capture: &mut Capture<'_>, control: &Control) -> io::Result<Ended> {
        let place = Place {
            seq: job.seq,
            slot: control.slot(),
        };
        let mut command = match self.template.by_shell(&job.row, place, 0) {
            Ok(command) => command,
            Err(BadValue(why)) => return Ok(Outcome::Refused(why).into()),
        };
        self.introduce(place, &mut command.environment);
        let mut course = match self.start(&command, capture.output) {
            Ok(course) => course,
            Err(StartError::Job(outcome)) => {
                self.tell(&outcome, capture);
                return Ok(outcome.into());
            }
            Err(StartError::NoRoom(error)) => return Err(error),
        };
        let running = Running {
            seq: job.seq,
            since: self.clock.now(),
        };
        control.began(course.leader(), running);
        let over = communicate(&mut course, capture, control, &self.clock, &self.limits);
        if over.is_err() {
            control.signal(libc::SIGKILL);
        }
        control.ended();
        match (over, course.finish()) {
            (Ok(over), Ok((status, usage))) => Ok(Ended {
                outcome: over.outcome(status),
                usage,
                leaked: over.leaked,
            }),
            // The job has run: an error must not make it run again.
            (Err(error), _) | (_, Err(error)) => {
                Ok(Outcome::Refused(format!("prun lost track of it: {error}")).into())
            }
        }
    }
}

/// A file without `#!` is a script for `/bin/sh`, as execvp(3) has it.
fn start_script(program: &Path, start: &Start<'_>) -> io::Result<Child> {
    let mut argv = vec![OsString::from("sh"), program.into()];
    argv.extend_from_slice(&start.argv[1..]);
    Child::start(&Start {
        program: Path::new("/bin/sh"),
        argv: &argv,
        ..*start
    })
}

/// Why no process was started.
enum StartError {
    /// It is the command's fault: the job has failed.
    Job(Outcome),
    /// There is no room at present: the job can be tried again.
    NoRoom(io::Error),
}

impl StartError {
    fn new(name: &OsStr, program: &Path, error: io::Error) -> Self {
        let why = || {
            format!(
                "'{}': {}",
                name.display(),
                crate::error::reason_text(&error)
            )
        };
        match Errno::from_io_error(&error) {
            Some(Errno::AGAIN | Errno::NOMEM | Errno::MFILE | Errno::NFILE) => {
                StartError::NoRoom(error)
            }
            Some(Errno::NOENT) if program.exists() => StartError::Job(Outcome::NotFound(format!(
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

/// Where programs are, looked up in `PATH` once a name. Only what was found is
/// remembered: an earlier job may make what a later one needs.
#[derive(Debug, Default)]
struct Programs {
    found: RwLock<HashMap<OsString, Arc<Path>>>,
}

impl Programs {
    fn find(&self, name: &OsStr) -> Result<Arc<Path>, StartError> {
        if name.as_bytes().contains(&b'/') {
            return Ok(Path::new(name).into());
        }
        let found = self.found.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(path) = found.get(name) {
            return Ok(Arc::clone(path));
        }
        drop(found);
        let path = search(name).map_err(|error| StartError::new(name, Path::new(""), error))?;
        let path: Arc<Path> = path.into();
        let mut found = self.found.write().unwrap_or_else(PoisonError::into_inner);
        found.insert(name.to_owned(), Arc::clone(&path));
        Ok(path)
    }

    fn forget(&self, name: &OsStr) {
        let mut found = self.found.write().unwrap_or_else(PoisonError::into_inner);
        found.remove(name);
    }
}

/// Looks for an executable file as execvp(3) does: one that is found and may not be
/// executed is told, by `EACCES`, only if no other one is found.
///
/// # Errors
/// `ENOENT` and `EACCES`.
pub fn search(name: &OsStr) -> io::Result<PathBuf> {
    if name.as_bytes().contains(&b'/') {
        let path = PathBuf::from(name);
        return access(&path, Access::EXEC_OK)
            .map(|()| path)
            .map_err(io::Error::from);
    }
    let path = env::var_os("PATH").unwrap_or_else(|| "/usr/local/bin:/usr/bin:/bin".into());
    let mut denied = false;
    for folder in env::split_paths(&path) {
        let file = match folder.as_os_str().is_empty() {
            true => Path::new(".").join(name),
            false => folder.join(name),
        };
        if !file.is_file() || name.is_empty() {
            continue;
        }
        match access(&file, Access::EXEC_OK) {
            Ok(()) => return Ok(file),
            Err(_) => denied = true,
        }
    }
    let errno = match denied {
        true => Errno::ACCESS,
        false => Errno::NOENT,
    };
    Err(errno.into())
}
