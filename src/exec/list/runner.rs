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
use std::sync::Arc;

use rustix::process::Pid;

use crate::exec::builtin::byte_channel::byte_channel;
use crate::exec::builtin::stage::BuiltinStage;
use crate::exec::list::redirect::{into_pipe, redirect};
use crate::exec::start::directory::JobDirectory;
use crate::exec::start::launcher::{ProcessEnv, ProcessLauncher, StartError};
use crate::job::Job;
use crate::os::child::{Child, ChildGroup, ExitStatus};
use crate::os::standard_streams::{OutputStream, StandardStreams};
use crate::placeholder::{JobPosition, ValueError};
use crate::shell::Redirection;
use crate::template::{CommandList, Pipeline, PipelineStage, PreparedCommand, StageAction};
use crate::template::{CommandTemplate, PipelineCondition, UnusualPrograms};

/// What the processes of a list have in common.
#[derive(Debug, Clone, Copy)]
pub(crate) struct AttemptEnv<'a> {
    /// Starts them.
    pub launcher: &'a ProcessLauncher,
    /// Where the list comes from.
    pub template: &'a CommandTemplate,
    /// Gives the values and standard input.
    pub job: &'a Job,
    /// The job's place.
    pub place: JobPosition,
    /// Where the job runs, if not where prun does.
    pub directory: Option<&'a JobDirectory>,
    /// Variables of each.
    pub environment: &'a [(OsString, OsString)],
}

impl AttemptEnv<'_> {
    /// Adds the variables to a command that runs there: its own win over those that tell
    /// where it is.
    pub(crate) fn complete(
        &self,
        mut command: PreparedCommand,
        directory: Option<&JobDirectory>,
    ) -> PreparedCommand {
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
pub(crate) struct ListRunner<'a> {
    common: AttemptEnv<'a>,
    directory: Option<JobDirectory>,
    /// The job's own streams.
    streams: StandardStreams,
    /// What is to be started of the current pipeline: processes first, because one of them
    /// leads the group.
    stages: VecDeque<(usize, PreparedStage)>,
    /// The place of the last stage of the current pipeline.
    last: usize,
    pipelines: VecDeque<Pipeline>,
    /// The number of the next pipeline, from 0.
    next: usize,
    unusual: UnusualPrograms,
}

/// A stage that only has to be started.
#[derive(Debug)]
enum PreparedStage {
    Process(PreparedCommand, StandardStreams),
    Filter(BuiltinStage),
    /// It cannot be; why.
    Failed(String),
}

/// A stage that was started, or almost.
#[derive(Debug)]
pub(crate) enum StartedStage {
    /// A process.
    Process(Child),
    /// It takes a thread.
    Filter(BuiltinStage),
    /// It has failed; why.
    Failed(String),
}

/// What comes after a pipeline.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum NextStep {
    /// Another one, whose processes are to be started.
    Pipeline,
    /// A built-in command: its output to the job's own, and its status.
    Builtin(Option<(OutputStream, Vec<u8>)>, u8),
    /// Nothing.
    Over,
}

impl<'a> ListRunner<'a> {
    /// Prepares a list; `None` if a shell has to run it from the start.
    ///
    /// # Errors
    /// There is no descriptor left, or its directory cannot be entered.
    pub(crate) fn new(
        list: CommandList,
        common: AttemptEnv<'a>,
        streams: [Option<OwnedFd>; 3],
    ) -> Result<Option<ListRunner<'a>>, StartError> {
        let directory = match &list.directory {
            None => None,
            Some(name) => match JobDirectory::enter(name, common.directory) {
                None if list.unusual == UnusualPrograms::ByShell => return Ok(None),
                None => Some(JobDirectory::reach(name, common.directory).map_err(StartError::Job)?),
                entered => entered,
            },
        };
        let mut pipelines = VecDeque::from(list.pipelines);
        let Some(first) = pipelines.pop_front() else {
            return Ok(None);
        };
        let mut runner = ListRunner {
            common,
            directory,
            streams: streams.map(|stream| stream.map(Arc::new)),
            stages: VecDeque::new(),
            last: 0,
            pipelines,
            next: 1,
            unusual: list.unusual,
        };
        let prepared = runner
            .prepare(&first.stages)
            .map_err(StartError::ResourceShortage)?;
        Ok(prepared.then_some(runner))
    }

    /// Who does what is unusual.
    pub(crate) fn unusual(&self) -> UnusualPrograms {
        self.unusual
    }

    /// The place of the current pipeline's last stage, from 0.
    pub(crate) fn last(&self) -> usize {
        self.last
    }

    /// How many built-ins of prun's are to be started for the current pipeline.
    pub(crate) fn filters(&self) -> usize {
        let stages = self.stages.iter();
        let filters = stages.filter(|(_, ready)| matches!(ready, PreparedStage::Filter(_)));
        filters.count()
    }

    /// Starts the next stage of the current pipeline, if there is one, and tells its place.
    /// The first process leads the others.
    ///
    /// # Errors
    /// As [`ProcessLauncher::launch`]. One for which there is no room stays the next one.
    pub(crate) fn start(
        &mut self,
        leader: Option<Pid>,
    ) -> Option<(usize, Result<StartedStage, StartError>)> {
        let (at, stage) = self.stages.pop_front()?;
        let started = match stage {
            PreparedStage::Failed(why) => Ok(StartedStage::Failed(why)),
            PreparedStage::Filter(filter) => Ok(StartedStage::Filter(filter)),
            PreparedStage::Process(command, streams) => {
                let surroundings = ProcessEnv {
                    streams: streams
                        .each_ref()
                        .map(|end| end.as_deref().map(AsFd::as_fd)),
                    directory: self.directory().map(JobDirectory::fd),
                    group: leader.map_or(ChildGroup::Own, ChildGroup::Of),
                };
                match self.common.launcher.launch(&command, &surroundings) {
                    Err(StartError::ResourceShortage(error)) => {
                        self.stages
                            .push_front((at, PreparedStage::Process(command, streams)));
                        return Some((at, Err(StartError::ResourceShortage(error))));
                    }
                    child => child.map(StartedStage::Process),
                }
            }
        };
        if self.stages.is_empty() && self.pipelines.is_empty() {
            // The job's streams end when its last processes end.
            self.streams = [None, None, None];
        }
        Some((at, started))
    }

    /// Goes on after a pipeline that ended with this status.
    ///
    /// # Errors
    /// There is no descriptor left, which may be tried again, or the rest cannot be given to
    /// the shell.
    pub(crate) fn after(&mut self, status: ExitStatus) -> io::Result<NextStep> {
        let succeeded = status == ExitStatus::Exited(0);
        while let Some(pipeline) = self.pipelines.pop_front() {
            self.next += 1;
            match (pipeline.when, succeeded) {
                (PipelineCondition::Always, _)
                | (PipelineCondition::AfterSuccess, true)
                | (PipelineCondition::AfterFailure, false) => {
                    let begun = self.begin(&pipeline.stages);
                    if begun.is_err() {
                        self.stages.clear();
                        self.next -= 1;
                        self.pipelines.push_front(pipeline);
                    }
                    return begun;
                }
                _ => {}
            }
        }
        self.streams = [None, None, None];
        Ok(NextStep::Over)
    }

    fn begin(&mut self, stages: &[PipelineStage]) -> io::Result<NextStep> {
        let done = match stages {
            [stage] => self.builtin(stage),
            _ => None,
        };
        match done {
            Some(step) => Ok(step),
            None if self.prepare(stages)? => Ok(NextStep::Pipeline),
            None => self.leave_to_shell(),
        }
    }

    /// What a built-in command does; `None` if it is none, or has to be run by a shell.
    fn builtin(&self, stage: &PipelineStage) -> Option<NextStep> {
        let text = match &stage.action {
            StageAction::Run(_) | StageAction::Call(_) => return None,
            StageAction::Status(status) => return Some(NextStep::Builtin(None, *status)),
            StageAction::Echo(text) => text,
        };
        let streams = self
            .redirected(self.streams.clone(), &stage.redirections)
            .ok();
        let [_, stdout, _] = streams?;
        let stdout = stdout?;
        for (output, stream) in self.streams[1..]
            .iter()
            .zip([OutputStream::Stdout, OutputStream::Stderr])
        {
            let is_it = |output| Arc::ptr_eq(output, &stdout);
            if output.as_ref().is_some_and(is_it) {
                return Some(NextStep::Builtin(Some((stream, text.clone())), 0));
            }
        }
        let mut file = File::from(stdout.try_clone().ok()?);
        file.write_all(text).ok()?;
        Some(NextStep::Builtin(None, 0))
    }

    /// Opens what the stages of a pipeline need. Returns whether they can be started.
    fn prepare(&mut self, stages: &[PipelineStage]) -> io::Result<bool> {
        let (mut stdin, mut receiver) = (self.streams[0].clone(), None);
        for (at, stage) in stages.iter().enumerate() {
            let mut streams = self.streams.clone();
            streams[0] = stdin.take();
            let (own_receiver, mut sender) = (receiver.take(), None);
            match stages.get(at + 1) {
                Some(next) if is_plain_call(stage) && is_plain_call(next) => {
                    let ends = byte_channel();
                    (sender, receiver) = (Some(ends.0), Some(ends.1));
                }
                Some(_) => {
                    let (reader, writer) = io::pipe()?;
                    stdin = Some(Arc::new(reader.into()));
                    streams[1] = Some(Arc::new(writer.into()));
                }
                None => {}
            }
            let ready = match &stage.action {
                StageAction::Run(command) => self.process(command, stage, streams),
                StageAction::Call(call) => {
                    let streams = self.redirected(streams, &stage.redirections);
                    Some(match streams {
                        Err(why) => PreparedStage::Failed(why),
                        Ok(streams) => PreparedStage::Filter(BuiltinStage {
                            call: call.clone(),
                            streams,
                            receiver: own_receiver,
                            sender,
                            feeds_next_stage: at + 1 < stages.len(),
                            directory: self.own_directory()?,
                            seq: self.common.place.seq,
                        }),
                    })
                }
                StageAction::Echo(text) if stdin.is_some() && into_pipe(streams, text).is_ok() => {
                    continue;
                }
                StageAction::Echo(_) | StageAction::Status(_) => None,
            };
            match ready {
                Some(ready) => self.stages.push_back((at, ready)),
                None => {
                    self.stages.clear();
                    return Ok(false);
                }
            }
        }
        self.last = stages.len() - 1;
        let is_process =
            |(_, ready): &(usize, PreparedStage)| matches!(ready, PreparedStage::Process(..));
        let stages = self.stages.make_contiguous();
        stages.sort_by_key(|stage| !is_process(stage));
        Ok(true)
    }

    /// `None` if a shell has to start it.
    fn process(
        &self,
        command: &PreparedCommand,
        stage: &PipelineStage,
        streams: StandardStreams,
    ) -> Option<PreparedStage> {
        let directory = self.directory().map(JobDirectory::fd);
        let fails = self.unusual == UnusualPrograms::Fails;
        if !fails && !self.common.launcher.finds(command, directory) {
            return None;
        }
        match self.redirected(streams, &stage.redirections) {
            Ok(streams) => {
                let command = self.common.complete(command.clone(), self.directory());
                Some(PreparedStage::Process(command, streams))
            }
            Err(why) => fails.then_some(PreparedStage::Failed(why)),
        }
    }

    fn own_directory(&self) -> io::Result<Option<OwnedFd>> {
        let directory = self.directory().map(JobDirectory::fd);
        directory.map(|fd| fd.try_clone_to_owned()).transpose()
    }

    fn directory(&self) -> Option<&JobDirectory> {
        self.directory.as_ref().or(self.common.directory)
    }

    fn redirected(
        &self,
        streams: StandardStreams,
        redirections: &[Redirection],
    ) -> Result<StandardStreams, String> {
        redirect(
            streams,
            redirections,
            self.directory().map(JobDirectory::fd),
        )
    }

    /// The current pipeline and what follows is for the shell.
    fn leave_to_shell(&mut self) -> io::Result<NextStep> {
        let AttemptEnv {
            template,
            job,
            place,
            ..
        } = self.common;
        let command = template.by_shell(&job.row, place, self.next - 1);
        let command = command.map_err(|ValueError(why)| io::Error::other(why))?;
        let command = self.common.complete(command, self.directory());
        self.pipelines.clear();
        self.last = 0;
        let shell = PreparedStage::Process(command, self.streams.clone());
        self.stages.push_back((0, shell));
        Ok(NextStep::Pipeline)
    }
}

/// Whether it is a built-in of prun's whose streams are the usual ones.
fn is_plain_call(stage: &PipelineStage) -> bool {
    matches!(stage.action, StageAction::Call(_)) && stage.redirections.is_empty()
}
