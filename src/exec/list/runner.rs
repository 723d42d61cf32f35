//! Runs a list of pipelines, one after the other.
//!
//! From the first pipeline on in which something is unusual (a program is missing, a file
//! cannot be opened) the list goes to the shell. That is found before anything of the pipeline
//! is started, so nothing is done twice, and the shell says what is wrong.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::sync::Arc;

use rustix::process::Pid;

use crate::exec::builtin::byte_channel::byte_channel;
use crate::exec::builtin::stage::BuiltinStage;
use crate::exec::list::redirect::{into_pipe, redirect};
use crate::exec::list::stage::{NextStep, PreparedStage, StartedStage};
use crate::exec::start::attempt_env::AttemptEnv;
use crate::exec::start::directory::JobDirectory;
use crate::exec::start::launcher::{ProcessEnv, StartError};
use crate::os::child::{ChildGroup, ChildLifetime, ExitStatus};
use crate::os::standard_streams::{OutputStream, StandardStreams};
use crate::placeholder::ValueError;
use crate::shell::Redirection;
use crate::template::{
    CommandList, Pipeline, PipelineCondition, PipelineStage, PreparedCommand, StageAction,
    UnusualPrograms,
};

/// The part of a list that is still to be run.
#[derive(Debug)]
pub(crate) struct ListRunner<'a> {
    env: AttemptEnv<'a>,
    /// `cd DIR` at the beginning of the list.
    directory: Option<JobDirectory>,
    /// The job's own streams.
    streams: StandardStreams,
    /// Stages of the current pipeline that are to be started, with their index: processes
    /// first, because one of them leads the group.
    stages: VecDeque<(usize, PreparedStage)>,
    /// Index of the last stage of the current pipeline.
    last: usize,
    pipelines: VecDeque<Pipeline>,
    /// Number of the next pipeline, from 0.
    next: usize,
    unusual: UnusualPrograms,
}

impl<'a> ListRunner<'a> {
    /// Prepares a list; `None` if a shell has to run it from the start.
    ///
    /// # Errors
    /// There is no descriptor left, or its directory cannot be entered.
    pub(crate) fn new(
        list: CommandList,
        env: AttemptEnv<'a>,
        streams: [Option<OwnedFd>; 3],
    ) -> Result<Option<ListRunner<'a>>, StartError> {
        let directory = match &list.directory {
            None => None,
            Some(name) => match JobDirectory::enter(name, env.directory) {
                None if list.unusual == UnusualPrograms::ByShell => return Ok(None),
                None => Some(JobDirectory::reach(name, env.directory).map_err(StartError::Job)?),
                entered => entered,
            },
        };
        let mut pipelines = VecDeque::from(list.pipelines);
        let Some(first) = pipelines.pop_front() else {
            return Ok(None);
        };
        let mut runner = ListRunner {
            env,
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

    /// Tells whether the pipeline that is being prepared is the only one.
    fn is_one_pipeline(&self) -> bool {
        self.next == 1 && self.pipelines.is_empty()
    }

    pub(crate) fn unusual(&self) -> UnusualPrograms {
        self.unusual
    }

    /// Index of the current pipeline's last stage.
    pub(crate) fn last(&self) -> usize {
        self.last
    }

    /// Number of prun's built-ins that are to be started for the current pipeline.
    pub(crate) fn builtin_stages(&self) -> usize {
        let stages = self.stages.iter();
        let builtins = stages.filter(|(_, stage)| matches!(stage, PreparedStage::Builtin(_)));
        builtins.count()
    }

    /// Starts the next stage of the current pipeline, if there is one, and returns its index.
    /// The first process leads the others.
    ///
    /// # Errors
    /// As [`ProcessLauncher::launch`]. After a shortage the stage stays the next one.
    ///
    /// [`ProcessLauncher::launch`]: crate::exec::start::launcher::ProcessLauncher::launch
    pub(crate) fn start(
        &mut self,
        leader: Option<Pid>,
    ) -> Option<(usize, Result<StartedStage, StartError>)> {
        let (at, stage) = self.stages.pop_front()?;
        let started = match stage {
            PreparedStage::Failed(why) => Ok(StartedStage::Failed(why)),
            PreparedStage::Builtin(stage) => Ok(StartedStage::Builtin(stage)),
            PreparedStage::Process(command, streams) => {
                let process_env = ProcessEnv {
                    streams: streams
                        .each_ref()
                        .map(|end| end.as_deref().map(AsFd::as_fd)),
                    directory: self.directory().map(JobDirectory::fd),
                    group: leader.map_or(ChildGroup::Own, ChildGroup::Of),
                    cgroup: self.env.cgroup,
                    lifetime: ChildLifetime::OfPrun,
                };
                match self.env.launcher.launch(&command, &process_env) {
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
        Ok(NextStep::End)
    }

    fn begin(&mut self, stages: &[PipelineStage]) -> io::Result<NextStep> {
        let done = match stages {
            [stage] => self.do_shell_command(stage),
            _ => None,
        };
        match done {
            Some(step) => Ok(step),
            None if self.prepare(stages)? => Ok(NextStep::Pipeline),
            None => self.leave_to_shell(),
        }
    }

    /// Does a command of the shell's own (`echo`, `true`, ...); `None` if it is none, or a
    /// shell has to do it.
    fn do_shell_command(&self, stage: &PipelineStage) -> Option<NextStep> {
        let text = match &stage.action {
            StageAction::Run(_) | StageAction::Call(_) => return None,
            StageAction::Status(status) => return Some(NextStep::Done(None, *status)),
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
                return Some(NextStep::Done(Some((stream, text.clone())), 0));
            }
        }
        let mut file = File::from(stdout.try_clone().ok()?);
        file.write_all(text).ok()?;
        Some(NextStep::Done(None, 0))
    }

    /// Opens files and pipes for the stages of a pipeline; false if a shell has to run it.
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
            let prepared = match &stage.action {
                StageAction::Run(command) => self.process(command, stage, streams),
                StageAction::Call(call) => {
                    let streams = self.redirected(streams, &stage.redirections);
                    Some(match streams {
                        Err(why) => PreparedStage::Failed(why),
                        Ok(streams) => PreparedStage::Builtin(BuiltinStage {
                            call: call.clone(),
                            streams,
                            receiver: own_receiver,
                            sender,
                            feeds_next_stage: at + 1 < stages.len(),
                            reads_part: self.is_one_pipeline() && self.env.stdin.is_part(),
                            directory: self.own_directory()?,
                            seq: self.env.place.seq,
                        }),
                    })
                }
                StageAction::Echo(text) if stdin.is_some() && into_pipe(streams, text).is_ok() => {
                    continue;
                }
                StageAction::Echo(_) | StageAction::Status(_) => None,
            };
            match prepared {
                Some(prepared) => self.stages.push_back((at, prepared)),
                None => {
                    self.stages.clear();
                    return Ok(false);
                }
            }
        }
        self.last = stages.len() - 1;
        let is_process =
            |(_, stage): &(usize, PreparedStage)| matches!(stage, PreparedStage::Process(..));
        let stages = self.stages.make_contiguous();
        stages.sort_by_key(|stage| !is_process(stage));
        Ok(true)
    }

    /// A stage that is a process; `None` if a shell has to start it.
    fn process(
        &self,
        command: &PreparedCommand,
        stage: &PipelineStage,
        streams: StandardStreams,
    ) -> Option<PreparedStage> {
        let directory = self.directory().map(JobDirectory::fd);
        let fails = self.unusual == UnusualPrograms::Fails;
        if !fails && !self.env.launcher.finds(command, directory) {
            return None;
        }
        match self.redirected(streams, &stage.redirections) {
            Ok(streams) => {
                let command = self.env.complete(command.clone(), self.directory());
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
        self.directory.as_ref().or(self.env.directory)
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

    /// Leaves the current pipeline and those after it to the shell.
    fn leave_to_shell(&mut self) -> io::Result<NextStep> {
        let AttemptEnv {
            template,
            job,
            place,
            ..
        } = self.env;
        let command = template.by_shell(&job.row, place, self.next - 1);
        let command = command.map_err(|ValueError(why)| io::Error::other(why))?;
        let command = self.env.complete(command, self.directory());
        self.pipelines.clear();
        self.last = 0;
        let shell = PreparedStage::Process(command, self.streams.clone());
        self.stages.push_back((0, shell));
        Ok(NextStep::Pipeline)
    }
}

/// Tells a built-in of prun's without redirections.
fn is_plain_call(stage: &PipelineStage) -> bool {
    matches!(stage.action, StageAction::Call(_)) && stage.redirections.is_empty()
}
