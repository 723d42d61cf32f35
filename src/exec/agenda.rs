//! A list of pipelines while it runs: what comes next.
//!
//! Whatever is unusual goes to the shell, from the pipeline on in which it is found: a
//! program that is missing, a file that cannot be opened. It is found before anything of
//! that pipeline is started, so nothing is done twice, and the shell says what is wrong.

use std::collections::VecDeque;
use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Write};
use std::mem;
use std::os::fd::{AsFd, OwnedFd};
use std::rc::Rc;

use super::capture::Stream;
use super::directory::Directory;
use super::launcher::{Launcher, StartError, Surroundings};
use super::redirect::{Streams, redirect};
use crate::input::Row;
use crate::os::child::{Child, Group, Status};
use crate::template::{Action, BadValue, Command, List, Pipeline, Place, Redirection, Stage};
use crate::template::{Template, When};

/// What the processes of a list have in common.
#[derive(Debug, Clone, Copy)]
pub struct Common<'a> {
    /// Starts them.
    pub launcher: &'a Launcher,
    /// Where the list comes from.
    pub template: &'a Template,
    /// The job's values.
    pub row: &'a Row,
    /// The job's place.
    pub place: Place,
    /// Where the job runs, if not where prun does.
    pub directory: Option<&'a Directory>,
    /// Variables of each.
    pub environment: &'a [(OsString, OsString)],
}

impl Common<'_> {
    /// Adds the variables to a command that runs there: its own win over those that tell
    /// where it is.
    pub fn complete(&self, mut command: Command, directory: Option<&Directory>) -> Command {
        if let Some(directory) = directory {
            let own = mem::replace(&mut command.environment, directory.variables().into());
            command.environment.extend(own);
        }
        command.environment.extend_from_slice(self.environment);
        command
    }
}

/// What is still to be run of a list.
#[derive(Debug)]
pub struct Agenda<'a> {
    common: Common<'a>,
    directory: Option<Directory>,
    /// The job's standard output and standard error.
    outputs: [Option<Rc<OwnedFd>>; 2],
    /// Processes of the current pipeline that are to be started.
    stages: VecDeque<Ready>,
    pipelines: VecDeque<Pipeline>,
    /// The number of the next pipeline, from 0.
    next: usize,
}

/// A process that only has to be started.
#[derive(Debug)]
struct Ready {
    command: Command,
    streams: Streams,
}

/// What comes after a pipeline.
#[derive(Debug, PartialEq, Eq)]
pub enum Step {
    /// Another one, whose processes are to be started.
    Pipeline,
    /// A built-in command: its output to the job's own, and its status.
    Builtin(Option<(Stream, Vec<u8>)>, u8),
    /// Nothing.
    Over,
}

impl<'a> Agenda<'a> {
    /// Prepares a list; `None` if a shell has to run it from the start.
    ///
    /// # Errors
    /// There is no descriptor left.
    pub fn new(
        list: List,
        common: Common<'a>,
        outputs: [Option<OwnedFd>; 2],
    ) -> io::Result<Option<Agenda<'a>>> {
        let enter = |name| Directory::enter(name, common.directory);
        let directory = match list.directory.as_deref().map(enter) {
            Some(None) => return Ok(None),
            entered => entered.flatten(),
        };
        let mut pipelines = VecDeque::from(list.pipelines);
        let Some(first) = pipelines.pop_front() else {
            return Ok(None);
        };
        let mut agenda = Agenda {
            common,
            directory,
            outputs: outputs.map(|output| output.map(Rc::new)),
            stages: VecDeque::new(),
            pipelines,
            next: 1,
        };
        Ok(agenda.prepare(&first.stages)?.then_some(agenda))
    }

    /// Whether one process is all that there will be.
    fn is_alone(&self) -> bool {
        self.stages.len() == 1 && self.pipelines.is_empty()
    }

    /// Starts the first process of all, which leads their group.
    ///
    /// # Errors
    /// As [`Launcher::launch`]; nothing has happened then.
    pub fn start_first(&mut self) -> Result<Child, StartError> {
        let group = match self.is_alone() {
            true => Group::Own,
            false => Group::Shared,
        };
        self.start(group).unwrap_or_else(|| {
            let error = io::Error::other("a list without a process");
            Err(StartError::NoRoom(error))
        })
    }

    /// Starts the next process of the current pipeline, if there is one.
    ///
    /// # Errors
    /// As [`Launcher::launch`].
    pub fn start(&mut self, group: Group) -> Option<Result<Child, StartError>> {
        let stage = self.stages.pop_front()?;
        let streams = &stage.streams;
        let surroundings = Surroundings {
            streams: streams
                .each_ref()
                .map(|end| end.as_deref().map(AsFd::as_fd)),
            directory: self.directory().map(Directory::fd),
            group,
        };
        let child = self.common.launcher.launch(&stage.command, &surroundings);
        drop(stage);
        if self.stages.is_empty() && self.pipelines.is_empty() {
            // The job's output ends when its last processes end.
            self.outputs = [None, None];
        }
        Some(child)
    }

    /// Goes on after a pipeline that ended with this status.
    ///
    /// # Errors
    /// There is no descriptor left, or the rest cannot be given to the shell.
    pub fn after(&mut self, status: Status) -> io::Result<Step> {
        let succeeded = status == Status::Exited(0);
        while let Some(pipeline) = self.pipelines.pop_front() {
            self.next += 1;
            match (pipeline.when, succeeded) {
                (When::Always, _) | (When::AfterSuccess, true) | (When::AfterFailure, false) => {
                    return self.begin(&pipeline.stages);
                }
                _ => {}
            }
        }
        self.outputs = [None, None];
        Ok(Step::Over)
    }

    fn begin(&mut self, stages: &[Stage]) -> io::Result<Step> {
        let done = match stages {
            [stage] => self.builtin(stage),
            _ => None,
        };
        match done {
            Some(step) => Ok(step),
            None if self.prepare(stages)? => Ok(Step::Pipeline),
            None => self.leave_to_shell(),
        }
    }

    /// What a built-in command does; `None` if it is none, or has to be run by a shell.
    fn builtin(&self, stage: &Stage) -> Option<Step> {
        let text = match &stage.action {
            Action::Run(_) => return None,
            Action::Status(status) => return Some(Step::Builtin(None, *status)),
            Action::Echo(text) => text,
        };
        let [_, stdout, _] = self.redirected(self.streams(), &stage.redirections)?;
        let stdout = stdout?;
        for (output, stream) in self.outputs.iter().zip([Stream::Stdout, Stream::Stderr]) {
            let is_it = |output| Rc::ptr_eq(output, &stdout);
            if output.as_ref().is_some_and(is_it) {
                return Some(Step::Builtin(Some((stream, text.clone())), 0));
            }
        }
        let mut file = File::from(stdout.try_clone().ok()?);
        file.write_all(text).ok()?;
        Some(Step::Builtin(None, 0))
    }

    /// Opens what the processes of a pipeline need. Returns whether they can be started.
    fn prepare(&mut self, stages: &[Stage]) -> io::Result<bool> {
        let mut stdin = None;
        for (at, stage) in stages.iter().enumerate() {
            let mut streams = self.streams();
            streams[0] = stdin.take();
            if at + 1 < stages.len() {
                let (reader, writer) = io::pipe()?;
                stdin = Some(Rc::new(reader.into()));
                streams[1] = Some(Rc::new(writer.into()));
            }
            let is_prepared = match &stage.action {
                Action::Run(command) => self.prepare_process(command, stage, streams),
                Action::Echo(text) => stdin.is_some() && into_pipe(streams, text).is_ok(),
                Action::Status(_) => false,
            };
            if !is_prepared {
                self.stages.clear();
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn prepare_process(&mut self, command: &Command, stage: &Stage, streams: Streams) -> bool {
        let directory = self.directory().map(Directory::fd);
        if !self.common.launcher.finds(command, directory) {
            return false;
        }
        let Some(streams) = self.redirected(streams, &stage.redirections) else {
            return false;
        };
        let command = self.common.complete(command.clone(), self.directory());
        self.stages.push_back(Ready { command, streams });
        true
    }

    fn directory(&self) -> Option<&Directory> {
        self.directory.as_ref().or(self.common.directory)
    }

    fn streams(&self) -> Streams {
        let [stdout, stderr] = self.outputs.clone();
        [None, stdout, stderr]
    }

    fn redirected(&self, streams: Streams, redirections: &[Redirection]) -> Option<Streams> {
        redirect(streams, redirections, self.directory().map(Directory::fd))
    }

    /// The current pipeline and what follows is for the shell.
    fn leave_to_shell(&mut self) -> io::Result<Step> {
        let Common {
            template,
            row,
            place,
            ..
        } = self.common;
        let command = template.by_shell(row, place, self.next - 1);
        let command = command.map_err(|BadValue(why)| io::Error::other(why))?;
        let command = self.common.complete(command, self.directory());
        self.pipelines.clear();
        self.stages.push_back(Ready {
            command,
            streams: self.streams(),
        });
        Ok(Step::Pipeline)
    }
}

/// What `echo` prints into a pipe that nobody reads yet. It fits: the pipe is empty and
/// takes a page at least (pipe(7)).
fn into_pipe([_, stdout, _]: Streams, text: &[u8]) -> io::Result<()> {
    let pipe = stdout.ok_or(io::ErrorKind::BrokenPipe)?;
    match rustix::io::write(&*pipe, text)? {
        written if written == text.len() => Ok(()),
        _ => Err(io::ErrorKind::WriteZero.into()),
    }
}
