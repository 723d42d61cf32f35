//! Jobs on this machine: as processes, or by built-ins.

use std::ffi::OsString;
use std::io;
use std::os::fd::AsFd;
use std::os::unix::ffi::OsStringExt;
use std::path::PathBuf;
use std::sync::Arc;

use crate::builtin::BuiltinCall;
use crate::error::reason_text;
use crate::exec::builtin::job::BuiltinJob;
use crate::exec::builtin::threads::{RunningStages, StageThreads};
use crate::exec::capture::{OutputCapture, OutputDestination, OutputStream};
use crate::exec::communicate::{AttemptLimits, communicate};
use crate::exec::executor::{AttemptEnd, Executor};
use crate::exec::list::runner::{AttemptEnv, ListRunner};
use crate::exec::process_group::ProcessGroup;
use crate::exec::start::directory::JobDirectory;
use crate::exec::start::launcher::{ProcessEnv, ProcessLauncher, StartError, lacks_room};
use crate::exec::start::pipes::ProcessPipes;
use crate::exec::start::template_files::{RenderedFiles, TemplateFile};
use crate::exec::termination::slot_control::{RunningAttempt, SlotControl};
use crate::input::Row;
use crate::job::{HostName, Job, Outcome};
use crate::os::child::ChildGroup;
use crate::os::clock::Clock;
use crate::os::orphans;
use crate::os::terminal;
use crate::placeholder::{JobPosition, TextTemplate, ValueError};
use crate::template::{CommandList, CommandTemplate, JobWork, PreparedCommand, UnusualPrograms};

/// Which names the job's variables have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum JobVariables {
    /// `PRUN_SEQ`, `PRUN_SLOT`, `PRUN_PID`.
    Own,
    /// Those, and GNU parallel's `PARALLEL_SEQ`, `PARALLEL_JOBSLOT`, `PARALLEL_PID`.
    Gnu,
}

/// What the command line says about the processes.
#[derive(Debug)]
pub(crate) struct ExecOptions {
    /// What limits each job.
    pub limits: AttemptLimits,
    /// How jobs know themselves.
    pub variables: JobVariables,
    /// Where they run.
    pub workdir: WorkdirPolicy,
    /// The variable that holds their slot's number, from 0.
    pub slot_variable: Option<OsString>,
    /// Files that are written before they start.
    pub fills: Vec<TemplateFile>,
    /// How many threads may share the work on large inputs of built-ins.
    pub width: usize,
    /// Bytes that a built-in holds of one line or record at most: `--max-record`.
    pub max_record: usize,
}

/// Where jobs run.
#[derive(Debug)]
pub(crate) enum WorkdirPolicy {
    /// Where prun does.
    Inherited,
    /// `--wd DIR`: there; made if it is missing.
    Named(TextTemplate),
    /// `--wd ...`: each in a fresh directory of its own below this one.
    Fresh(PathBuf),
}

/// Runs a template's commands as child processes.
#[derive(Debug)]
pub(crate) struct LocalExecutor {
    template: Arc<CommandTemplate>,
    options: ExecOptions,
    clock: Arc<Clock>,
    launcher: ProcessLauncher,
    /// For built-ins in pipelines.
    threads: Arc<StageThreads>,
    pid: OsString,
    host: HostName,
}

impl LocalExecutor {
    /// An executor for the commands of one template.
    pub(crate) fn new(
        template: Arc<CommandTemplate>,
        options: ExecOptions,
        clock: Arc<Clock>,
    ) -> Self {
        LocalExecutor {
            template,
            clock,
            launcher: ProcessLauncher::default(),
            threads: Arc::new(StageThreads::new(options.width, options.max_record)),
            options,
            pid: std::process::id().to_string().into(),
            host: HostName::local(),
        }
    }

    /// Where a job runs, if not where prun does.
    fn directory(&self, row: &Row, place: JobPosition) -> Result<Option<JobDirectory>, StartError> {
        let name = match &self.options.workdir {
            WorkdirPolicy::Inherited => return Ok(None),
            WorkdirPolicy::Named(text) => OsString::from_vec(text.render(row, place)),
            WorkdirPolicy::Fresh(above) => {
                let name = format!("prun-{}-{}", self.pid.display(), place.seq);
                above.join(name).into_os_string()
            }
        };
        let made = match (&self.options.workdir, self.options.variables) {
            // GNU parallel keeps nothing of it.
            (WorkdirPolicy::Fresh(_), JobVariables::Gnu) => JobDirectory::make_for_now(&name),
            _ => JobDirectory::make(&name),
        };
        made.map(Some).map_err(|error| {
            let reason = reason_text(&error);
            let why = format!("cannot use the directory '{}': {reason}", name.display());
            StartError::Job(Outcome::Refused(why))
        })
    }

    /// Adds the variables by which a job knows itself.
    fn introduce(&self, place: JobPosition, environment: &mut Vec<(OsString, OsString)>) {
        let seq = OsString::from(place.seq.to_string());
        let slot = OsString::from(place.slot.to_string());
        let from_zero = OsString::from((place.slot - 1).to_string());
        if let Some(name) = &self.options.slot_variable {
            environment.push((name.clone(), from_zero.clone()));
        }
        if self.options.variables == JobVariables::Gnu {
            environment.push(("PARALLEL_SEQ".into(), seq.clone()));
            environment.push(("PARALLEL_JOBSLOT".into(), slot.clone()));
            environment.push(("PARALLEL_JOBSLOT0".into(), from_zero));
            environment.push(("PARALLEL_SSHLOGIN".into(), self.host.as_os_str().into()));
            environment.push(("PARALLEL_SSHHOST".into(), self.host.as_os_str().into()));
            environment.push(("PARALLEL_PID".into(), self.pid.clone()));
        }
        environment.push((orphans::SEQ.into(), seq));
        environment.push(("PRUN_SLOT".into(), slot));
        environment.push((orphans::PID.into(), self.pid.clone()));
    }

    /// The shell would have told it, in the job's output; prun tells it in its own way
    /// unless it stands in for GNU parallel.
    fn tell(&self, outcome: &Outcome, capture: &mut OutputCapture<'_>) {
        if let (
            JobVariables::Gnu,
            Outcome::NotFound(why)
            | Outcome::NotExecutable(why)
            | Outcome::GivenUp(why)
            | Outcome::Refused(why),
        ) = (self.options.variables, outcome)
        {
            capture.feed(OutputStream::Stderr, format!("prun: {why}\n").as_bytes());
        }
    }

    /// What is to be done for a row, and where.
    fn prepare(
        &self,
        row: &Row,
        place: JobPosition,
    ) -> Result<(Option<JobDirectory>, PreparedJob), StartError> {
        Ok((
            self.directory(row, place)?,
            match self.template.work(row, place).map_err(refused)? {
                JobWork::Command(command) => {
                    PreparedJob::Process(PreparedProcess::Command(command))
                }
                JobWork::List(list) => PreparedJob::Process(PreparedProcess::List(list)),
                JobWork::Builtin(call) => PreparedJob::Builtin(call),
            },
        ))
    }

    /// Starts the job's processes, a list by the shell if need be.
    fn process_group<'a>(
        &self,
        process: PreparedProcess,
        common: &AttemptEnv<'a>,
        output: OutputDestination,
        control: &SlotControl,
    ) -> Result<ProcessGroup<'a>, StartError> {
        let AttemptEnv { job, place, .. } = *common;
        let command = match process {
            PreparedProcess::Command(command) => command,
            PreparedProcess::List(list) => match self.start_list(list, *common, output, control)? {
                Some(process_group) => return Ok(process_group),
                None => self
                    .template
                    .by_shell(&job.row, place, 0)
                    .map_err(refused)?,
            },
        };
        let command = common.complete(command, common.directory);
        self.start(&command, common, output)
    }

    fn start<'a>(
        &self,
        command: &PreparedCommand,
        common: &AttemptEnv<'_>,
        output: OutputDestination,
    ) -> Result<ProcessGroup<'a>, StartError> {
        // Left once this function's ends of the pipes are closed.
        let _pass = self.launcher.enter();
        let (pipes, streams) = ProcessPipes::open(&common.job.stdin, output).map_err(unopened)?;
        let [stdin, stdout, stderr] = streams.each_ref().map(|end| end.as_ref().map(AsFd::as_fd));
        let surroundings = ProcessEnv {
            streams: [stdin.or(terminal::input()), stdout, stderr],
            directory: common.directory.map(JobDirectory::fd),
            group: match terminal::is_for_jobs() {
                true => ChildGroup::Foreground,
                false => ChildGroup::Own,
            },
        };
        let child = self.launcher.launch(command, &surroundings);
        if child.is_err() {
            terminal::take_back();
        }
        Ok(ProcessGroup::of(child?, pipes))
    }

    /// Starts a list, if prun can run it.
    fn start_list<'a>(
        &self,
        list: CommandList,
        common: AttemptEnv<'a>,
        output: OutputDestination,
        control: &SlotControl,
    ) -> Result<Option<ProcessGroup<'a>>, StartError> {
        // Where prun's own output goes, nothing could be printed between two processes.
        if output == OutputDestination::Inherit && list.unusual == UnusualPrograms::ByShell {
            return Ok(None);
        }
        let _pass = self.launcher.enter();
        let (pipes, streams) = ProcessPipes::open(&common.job.stdin, output).map_err(unopened)?;
        let Some(runner) = ListRunner::new(list, common, streams)? else {
            return Ok(None);
        };
        let filters = RunningStages::new(control.waker(), Arc::clone(&self.threads));
        ProcessGroup::of_list(runner, pipes, filters).map_err(StartError::NoRoom)
    }
}

/// The pipes cannot be opened: at present, or never.
fn unopened(error: io::Error) -> StartError {
    if lacks_room(&error) {
        return StartError::NoRoom(error);
    }
    StartError::Job(Outcome::Refused(reason_text(&error)))
}

/// What is to be done for a job.
enum PreparedJob {
    Process(PreparedProcess),
    Builtin(BuiltinCall),
}

/// What needs processes.
enum PreparedProcess {
    Command(PreparedCommand),
    List(CommandList),
}

fn refused(ValueError(why): ValueError) -> StartError {
    StartError::Job(Outcome::Refused(why))
}

impl Executor for LocalExecutor {
    fn host(&self, _: usize) -> HostName {
        self.host.clone()
    }

    fn run(
        &self,
        job: &Job,
        capture: &mut OutputCapture<'_>,
        control: &SlotControl,
    ) -> io::Result<AttemptEnd> {
        let place = self.template.place(job.seq, control.slot());
        let ended = match self.attempt((job, place), capture, control) {
            Ok(ended) => ended,
            Err(StartError::Job(outcome)) => {
                self.tell(&outcome, capture);
                outcome.into()
            }
            Err(StartError::NoRoom(error)) => return Err(error),
        };
        job.stdin.close();
        Ok(ended)
    }
}

impl LocalExecutor {
    fn attempt(
        &self,
        (job, place): (&Job, JobPosition),
        capture: &mut OutputCapture<'_>,
        control: &SlotControl,
    ) -> Result<AttemptEnd, StartError> {
        // Files that are to be removed are, when the job has ended.
        let _filled = RenderedFiles::write(&self.options.fills, &job.row, place)
            .map_err(|why| StartError::Job(Outcome::Refused(why)))?;
        let (directory, prepared) = self.prepare(&job.row, place)?;
        let directory = directory.as_ref();
        match prepared {
            PreparedJob::Builtin(call) => {
                let builtin_job = BuiltinJob {
                    call: &call,
                    seq: job.seq,
                    directory,
                    clock: &self.clock,
                    limits: &self.options.limits,
                    stdin: &job.stdin,
                    workers: &self.threads.workers,
                };
                Ok(builtin_job.run(capture, control))
            }
            PreparedJob::Process(process) => {
                self.run_processes(process, directory, (job, place), capture, control)
            }
        }
    }

    fn run_processes(
        &self,
        process: PreparedProcess,
        directory: Option<&JobDirectory>,
        (job, place): (&Job, JobPosition),
        capture: &mut OutputCapture<'_>,
        control: &SlotControl,
    ) -> Result<AttemptEnd, StartError> {
        let mut environment = Vec::new();
        self.introduce(place, &mut environment);
        let common = AttemptEnv {
            launcher: &self.launcher,
            template: &self.template,
            job,
            place,
            directory,
            environment: &environment,
        };
        let mut process_group = self.process_group(process, &common, capture.output, control)?;
        job.stdin.close();
        let running = RunningAttempt {
            seq: job.seq,
            since: self.clock.now(),
            slot: control.slot(),
        };
        control.began(process_group.leader(), running);
        let over = communicate(
            &mut process_group,
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
        let on_success = process_group.take_on_success();
        let sent = process_group.pipes.sent;
        let ended = match (over, process_group.finish()) {
            (Ok(over), Ok((status, usage))) => AttemptEnd {
                outcome: over.outcome(status),
                usage,
                sent,
                leaked: over.leaked,
            },
            // The job has run: an error must not make it run again.
            (Err(error), _) | (_, Err(error)) => {
                Outcome::GivenUp(format!("prun had to give it up: {}", reason_text(&error))).into()
            }
        };
        Ok(ended.settle(on_success, capture))
    }
}

#[cfg(test)]
mod tests;
