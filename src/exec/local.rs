//! Jobs as processes of this machine.

use std::ffi::OsString;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::Arc;

use super::capture::{Output, Stream};
use super::communicate::{Limits, communicate};
use super::control::{Control, Running};
use super::course::Course;
use super::launcher::{Launcher, StartError, Surroundings};
use super::{Capture, Ended, Executor};
use crate::job::{Job, Outcome};
use crate::os::child::Group;
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
    launcher: Launcher,
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
            launcher: Launcher::default(),
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
        let _pass = self.launcher.enter();
        let (readers, writers) = pipes(output).map_err(StartError::NoRoom)?;
        let [stdout, stderr] = writers.each_ref().map(|end| end.as_ref().map(AsFd::as_fd));
        let surroundings = Surroundings {
            streams: [None, stdout, stderr],
            directory: None,
            group: Group::Own,
        };
        let child = self.launcher.launch(command, &surroundings)?;
        Ok(Course::of(child, readers))
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
