//! Jobs on this machine: as processes, or by built-ins.

use std::ffi::OsString;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::OsStringExt;
use std::path::PathBuf;
use std::sync::Arc;

use super::agenda::{Agenda, Common};
use super::builtin;
use super::capture::{Output, Stream};
use super::communicate::{Limits, communicate};
use super::control::{Control, Running};
use super::course::Course;
use super::directory::Directory;
use super::fill::{Fill, Filled};
use super::filters::{Filters, Threads};
use super::launcher::{Launcher, StartError, Surroundings};
use super::{Capture, Ended, Executor};
use crate::builtin::Call;
use crate::error::reason_text;
use crate::input::Row;
use crate::job::{Job, Outcome};
use crate::os::child::Group;
use crate::os::clock::Clock;
use crate::os::orphans;
use crate::os::terminal;
use crate::template::{BadValue, Command, List, Place, Template, Text, Unusual, Work};

/// Which names the job's variables have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Variables {
    /// `PRUN_SEQ`, `PRUN_SLOT`, `PRUN_PID`.
    Own,
    /// Those, and GNU parallel's `PARALLEL_SEQ`, `PARALLEL_JOBSLOT`, `PARALLEL_PID`.
    Gnu,
}

/// What the command line says about the processes.
#[derive(Debug)]
pub struct Options {
    /// What limits each job.
    pub limits: Limits,
    /// How jobs know themselves.
    pub variables: Variables,
    /// Where they run.
    pub workdir: Workdir,
    /// The variable that holds their slot's number, from 0.
    pub slot_variable: Option<OsString>,
    /// Files that are written before they start.
    pub fills: Vec<Fill>,
    /// How many threads may share the work on large inputs of built-ins.
    pub width: usize,
    /// Bytes that a built-in holds of one line or record at most: `--max-record`.
    pub max_record: usize,
}

/// Where jobs run.
#[derive(Debug)]
pub enum Workdir {
    /// Where prun does.
    Inherited,
    /// `--wd DIR`: there; made if it is missing.
    Named(Text),
    /// `--wd ...`: each in a fresh directory of its own below this one.
    Fresh(PathBuf),
}

/// Runs a template's commands as child processes.
#[derive(Debug)]
pub struct Local {
    template: Arc<Template>,
    options: Options,
    clock: Arc<Clock>,
    launcher: Launcher,
    /// For built-ins in pipelines.
    threads: Arc<Threads>,
    pid: OsString,
}

impl Local {
    /// An executor for the commands of one template.
    pub fn new(template: Arc<Template>, options: Options, clock: Arc<Clock>) -> Self {
        Local {
            template,
            clock,
            launcher: Launcher::default(),
            threads: Arc::new(Threads::new(options.width, options.max_record)),
            options,
            pid: std::process::id().to_string().into(),
        }
    }

    /// Where a job runs, if not where prun does.
    fn directory(&self, row: &Row, place: Place) -> Result<Option<Directory>, StartError> {
        let name = match &self.options.workdir {
            Workdir::Inherited => return Ok(None),
            Workdir::Named(text) => OsString::from_vec(text.render(row, place)),
            Workdir::Fresh(above) => {
                let name = format!("prun-{}-{}", self.pid.display(), place.seq);
                above.join(name).into_os_string()
            }
        };
        let made = match (&self.options.workdir, self.options.variables) {
            // GNU parallel keeps nothing of it.
            (Workdir::Fresh(_), Variables::Gnu) => Directory::make_for_now(&name),
            _ => Directory::make(&name),
        };
        made.map(Some).map_err(|error| {
            let reason = reason_text(&error);
            let why = format!("cannot use the directory '{}': {reason}", name.display());
            StartError::Job(Outcome::Refused(why))
        })
    }

    /// Adds the variables by which a job knows itself.
    fn introduce(&self, place: Place, environment: &mut Vec<(OsString, OsString)>) {
        let seq = OsString::from(place.seq.to_string());
        let slot = OsString::from(place.slot.to_string());
        let from_zero = OsString::from((place.slot - 1).to_string());
        if let Some(name) = &self.options.slot_variable {
            environment.push((name.clone(), from_zero.clone()));
        }
        if self.options.variables == Variables::Gnu {
            environment.push(("PARALLEL_SEQ".into(), seq.clone()));
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
        if let (
            Variables::Gnu,
            Outcome::NotFound(why)
            | Outcome::NotExecutable(why)
            | Outcome::GivenUp(why)
            | Outcome::Refused(why),
        ) = (self.options.variables, outcome)
        {
            capture.feed(Stream::Stderr, format!("prun: {why}\n").as_bytes());
        }
    }

    /// What is to be done for a row, and where.
    fn prepare(
        &self,
        row: &Row,
        place: Place,
    ) -> Result<(Option<Directory>, Prepared), StartError> {
        Ok((
            self.directory(row, place)?,
            match self.template.work(row, place).map_err(refused)? {
                Work::Command(command) => Prepared::Process(Process::Command(command)),
                Work::List(list) => Prepared::Process(Process::List(list)),
                Work::Builtin(call) => Prepared::Builtin(call),
            },
        ))
    }

    /// Starts the job's processes, a list by the shell if need be.
    fn course<'a>(
        &self,
        process: Process,
        common: &Common<'a>,
        output: Output,
        control: &Control,
    ) -> Result<Course<'a>, StartError> {
        let Common { row, place, .. } = *common;
        let command = match process {
            Process::Command(command) => command,
            Process::List(list) => match self.start_list(list, *common, output, control)? {
                Some(course) => return Ok(course),
                None => self.template.by_shell(row, place, 0).map_err(refused)?,
            },
        };
        let command = common.complete(command, common.directory);
        self.start(&command, common.directory, output)
    }

    fn start<'a>(
        &self,
        command: &Command,
        directory: Option<&Directory>,
        output: Output,
    ) -> Result<Course<'a>, StartError> {
        // Left once this function's ends of the pipes are closed.
        let _pass = self.launcher.enter();
        let (readers, writers) = pipes(output).map_err(StartError::NoRoom)?;
        let [stdout, stderr] = writers.each_ref().map(|end| end.as_ref().map(AsFd::as_fd));
        let surroundings = Surroundings {
            streams: [terminal::input(), stdout, stderr],
            directory: directory.map(Directory::fd),
            group: match terminal::is_for_jobs() {
                true => Group::Foreground,
                false => Group::Own,
            },
        };
        let child = self.launcher.launch(command, &surroundings);
        if child.is_err() {
            terminal::take_back();
        }
        Ok(Course::of(child?, readers))
    }

    /// Starts a list, if prun can run it.
    fn start_list<'a>(
        &self,
        list: List,
        common: Common<'a>,
        output: Output,
        control: &Control,
    ) -> Result<Option<Course<'a>>, StartError> {
        // Where prun's own output goes, nothing could be printed between two processes.
        if output == Output::Inherit && list.unusual == Unusual::ByShell {
            return Ok(None);
        }
        let _pass = self.launcher.enter();
        let (readers, writers) = pipes(output).map_err(StartError::NoRoom)?;
        let Some(agenda) = Agenda::new(list, common, writers)? else {
            return Ok(None);
        };
        let filters = Filters::new(control.waker(), Arc::clone(&self.threads));
        Course::of_list(agenda, readers, filters).map_err(StartError::NoRoom)
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

/// What is to be done for a job.
enum Prepared {
    Process(Process),
    Builtin(Call),
}

/// What needs processes.
enum Process {
    Command(Command),
    List(List),
}

fn refused(BadValue(why): BadValue) -> StartError {
    StartError::Job(Outcome::Refused(why))
}

impl Executor for Local {
    fn run(&self, job: &Job, capture: &mut Capture<'_>, control: &Control) -> io::Result<Ended> {
        let place = self.template.place(job.seq, control.slot());
        match self.attempt((job, place), capture, control) {
            Ok(ended) => Ok(ended),
            Err(StartError::Job(outcome)) => {
                self.tell(&outcome, capture);
                Ok(outcome.into())
            }
            Err(StartError::NoRoom(error)) => Err(error),
        }
    }
}

impl Local {
    fn attempt(
        &self,
        (job, place): (&Job, Place),
        capture: &mut Capture<'_>,
        control: &Control,
    ) -> Result<Ended, StartError> {
        // Files that are to be removed are, when the job has ended.
        let _filled = Filled::write(&self.options.fills, &job.row, place)
            .map_err(|why| StartError::Job(Outcome::Refused(why)))?;
        let (directory, prepared) = self.prepare(&job.row, place)?;
        let directory = directory.as_ref();
        match prepared {
            Prepared::Builtin(call) => {
                let around = builtin::Surroundings {
                    seq: job.seq,
                    directory,
                    clock: &self.clock,
                    limits: &self.options.limits,
                    workers: &self.threads.workers,
                };
                Ok(builtin::run(&call, around, capture, control))
            }
            Prepared::Process(process) => {
                self.run_processes(process, directory, (job, place), capture, control)
            }
        }
    }

    fn run_processes(
        &self,
        process: Process,
        directory: Option<&Directory>,
        (job, place): (&Job, Place),
        capture: &mut Capture<'_>,
        control: &Control,
    ) -> Result<Ended, StartError> {
        let mut environment = Vec::new();
        self.introduce(place, &mut environment);
        let common = Common {
            launcher: &self.launcher,
            template: &self.template,
            row: &job.row,
            place,
            directory,
            environment: &environment,
        };
        let mut course = self.course(process, &common, capture.output, control)?;
        let running = Running {
            seq: job.seq,
            since: self.clock.now(),
            slot: control.slot(),
        };
        control.began(course.leader(), running);
        let over = communicate(
            &mut course,
            capture,
            control,
            &self.clock,
            &self.options.limits,
        );
        if over.is_err() {
            control.signal(libc::SIGKILL);
        }
        terminal::take_back();
        control.ended();
        let pledge = course.take_pledge();
        let ended = match (over, course.finish()) {
            (Ok(over), Ok((status, usage))) => Ended {
                outcome: over.outcome(status),
                usage,
                leaked: over.leaked,
            },
            // The job has run: an error must not make it run again.
            (Err(error), _) | (_, Err(error)) => {
                Outcome::GivenUp(format!("prun had to give it up: {}", reason_text(&error))).into()
            }
        };
        Ok(ended.settle(pledge, capture))
    }
}
