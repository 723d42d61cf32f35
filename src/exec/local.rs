//! Jobs on this machine: as processes, or by built-ins.

use std::ffi::OsString;
use std::io;
use std::os::fd::AsFd;
use std::os::unix::ffi::OsStringExt;
use std::path::Path;
use std::sync::Arc;

use crate::builtin::BuiltinCall;
use crate::exec::builtin::job::BuiltinJob;
use crate::exec::builtin::threads::{RunningStages, StageThreads};
use crate::exec::capture::{OutputCapture, OutputDestination};
use crate::exec::communicate::communicate;
use crate::exec::executor::{AttemptEnd, Executor};
use crate::exec::list::runner::ListRunner;
use crate::exec::process_group::ProcessGroup;
use crate::exec::start::attempt_cgroup::AttemptCgroup;
use crate::exec::start::attempt_env::AttemptEnv;
use crate::exec::start::directory::{JobDirectory, WorkdirPolicy};
use crate::exec::start::job_variables::JobVariables;
use crate::exec::start::launcher::{
    ProcessEnv, ProcessLauncher, StartError, refused, report_start_error,
};
use crate::exec::start::pipes::ProcessPipes;
use crate::exec::start::stdin_file::{OpenStdinFile, StdinFile};
use crate::exec::start::template_files::{RenderedFiles, TemplateFile};
use crate::exec::termination::AttemptLimits;
use crate::exec::termination::slot_control::SlotControl;
use crate::input::{JobStdin, Row};
use crate::job::{ExecutionHost, Job, Outcome, RunningAttempt};
use crate::os::child::{ChildGroup, ChildLifetime};
use crate::os::clock::Clock;
use crate::os::job_cgroup::RunCgroup;
use crate::os::terminal;
use crate::placeholder::JobPosition;
use crate::template::{CommandList, CommandTemplate, JobWork, PreparedCommand, UnusualPrograms};

#[derive(Debug)]
pub(crate) struct ExecOptions {
    pub limits: AttemptLimits,
    /// The reason why a job could not start is written to its standard error.
    pub reports_start_errors: bool,
    pub workdir: WorkdirPolicy,
    pub variables: JobVariables,
    /// `--tmpl`.
    pub template_files: Vec<TemplateFile>,
    /// The job reads a file with a name in place of its standard input.
    pub stdin_file: Option<StdinFile>,
    /// Threads that share the work on large inputs of built-ins.
    pub width: usize,
    /// `--max-record`: most bytes of a line or record that a built-in holds.
    pub max_record: usize,
}

/// Runs a template's commands as child processes.
#[derive(Debug)]
pub(crate) struct LocalExecutor {
    pub(super) template: Arc<CommandTemplate>,
    pub(super) options: ExecOptions,
    pub(super) clock: Arc<Clock>,
    pub(super) launcher: ProcessLauncher,
    /// For built-ins in pipelines.
    threads: Arc<StageThreads>,
    pid: OsString,
    host: ExecutionHost,
    /// `--cgroup`.
    cgroup: Option<Arc<RunCgroup>>,
}

impl LocalExecutor {
    /// An executor for the commands of one template.
    pub(crate) fn new(
        template: Arc<CommandTemplate>,
        options: ExecOptions,
        clock: Arc<Clock>,
        cgroup: Option<Arc<RunCgroup>>,
    ) -> Self {
        LocalExecutor {
            template,
            clock,
            launcher: ProcessLauncher::default(),
            threads: Arc::new(StageThreads::new(options.width, options.max_record)),
            options,
            pid: std::process::id().to_string().into(),
            host: ExecutionHost::local(),
            cgroup,
        }
    }

    /// Directory of a job, if it is another one than prun's.
    pub(super) fn directory(
        &self,
        row: &Row,
        place: JobPosition,
    ) -> Result<Option<JobDirectory>, StartError> {
        if let Some(own) = JobDirectory::of_row(row) {
            return own.map(Some).map_err(StartError::Job);
        }
        let (name, made) = match &self.options.workdir {
            WorkdirPolicy::Inherited => return Ok(None),
            WorkdirPolicy::Named(text) => {
                let name = OsString::from_vec(text.render(row, place));
                let made = JobDirectory::make(&name);
                (name, made)
            }
            WorkdirPolicy::Fresh {
                above,
                is_temporary,
            } => {
                let prefix = format!("prun-{}-{}-", self.pid.display(), place.seq);
                let made = JobDirectory::make_fresh(above, &prefix);
                let made = if *is_temporary {
                    made
                } else {
                    made.map(JobDirectory::keep)
                };
                (above.clone().into_os_string(), made)
            }
        };
        made.map(Some)
            .map_err(|error| StartError::of_file("use the directory", Path::new(&name), error))
    }

    /// Variables of a job.
    pub(super) fn environment(&self, place: JobPosition) -> Vec<(OsString, OsString)> {
        let mut environment = Vec::new();
        let names = (self.pid.as_os_str(), self.host.as_os_str());
        self.options.variables.add(place, names, &mut environment);
        environment
    }

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
        attempt_env: &AttemptEnv<'a>,
        output: OutputDestination,
        control: &SlotControl,
    ) -> Result<ProcessGroup<'a>, StartError> {
        let AttemptEnv { job, place, .. } = *attempt_env;
        let command = match process {
            PreparedProcess::Command(command) => command,
            PreparedProcess::List(list) => {
                match self.start_list(list, *attempt_env, output, control)? {
                    Some(process_group) => return Ok(process_group),
                    None => self
                        .template
                        .by_shell(&job.row, place, 0)
                        .map_err(refused)?,
                }
            }
        };
        let command = attempt_env.complete(command, attempt_env.directory);
        self.start(&command, attempt_env, output)
    }

    fn start<'a>(
        &self,
        command: &PreparedCommand,
        attempt_env: &AttemptEnv<'_>,
        output: OutputDestination,
    ) -> Result<ProcessGroup<'a>, StartError> {
        // Released once this function's ends of the pipes are closed.
        let _permit = self.launcher.enter();
        let (pipes, streams) =
            ProcessPipes::open(attempt_env.stdin, output).map_err(StartError::of_stdin)?;
        let [stdin, stdout, stderr] = streams.each_ref().map(|end| end.as_ref().map(AsFd::as_fd));
        let process_env = ProcessEnv {
            streams: [stdin.or(terminal::input()), stdout, stderr],
            directory: attempt_env.directory.map(JobDirectory::fd),
            group: if terminal::is_for_jobs() {
                ChildGroup::Foreground
            } else {
                ChildGroup::Own
            },
            cgroup: attempt_env.cgroup,
            lifetime: ChildLifetime::OfPrun,
        };
        let child = self.launcher.launch(command, &process_env);
        if child.is_err() {
            terminal::take_back();
        }
        Ok(ProcessGroup::of(child?, pipes))
    }

    /// Starts a list, if prun can run it.
    fn start_list<'a>(
        &self,
        list: CommandList,
        attempt_env: AttemptEnv<'a>,
        output: OutputDestination,
        control: &SlotControl,
    ) -> Result<Option<ProcessGroup<'a>>, StartError> {
        // Where prun's own output goes, nothing could be printed between two processes.
        if output == OutputDestination::Inherit && list.unusual == UnusualPrograms::ByShell {
            return Ok(None);
        }
        let _permit = self.launcher.enter();
        let (pipes, streams) =
            ProcessPipes::open(attempt_env.stdin, output).map_err(StartError::of_stdin)?;
        let Some(runner) = ListRunner::new(list, attempt_env, streams)? else {
            return Ok(None);
        };
        let filters = RunningStages::new(control.waker(), Arc::clone(&self.threads));
        ProcessGroup::of_list(runner, pipes, filters).map_err(StartError::ResourceShortage)
    }
}

enum PreparedJob {
    Process(PreparedProcess),
    Builtin(BuiltinCall),
}

/// What any kind of job runs with.
#[derive(Debug, Clone, Copy)]
struct JobEnv<'a> {
    job: &'a Job,
    place: JobPosition,
    limits: &'a AttemptLimits,
    /// `None` is prun's own.
    directory: Option<&'a JobDirectory>,
    stdin: &'a JobStdin,
}

enum PreparedProcess {
    Command(PreparedCommand),
    List(CommandList),
}

impl Executor for LocalExecutor {
    fn host(&self, _: usize) -> ExecutionHost {
        self.host.clone()
    }

    fn run(
        &self,
        job: &Job,
        capture: &mut OutputCapture<'_>,
        control: &SlotControl,
    ) -> io::Result<AttemptEnd> {
        let place = self.template.position(job.seq, control.slot());
        let mut ended = match self.attempt((job, place), capture, control) {
            Ok(ended) => ended,
            Err(StartError::Job(outcome)) => {
                if self.options.reports_start_errors {
                    report_start_error(&outcome, capture);
                }
                outcome.into()
            }
            Err(StartError::ResourceShortage(error)) => return Err(error),
        };
        if ended.outcome.is_success() && job.row.stdin.has_unread() {
            ended.outcome = Outcome::InputLeft;
        }
        job.row.stdin.close();
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
        let _rendered = RenderedFiles::write(&self.options.template_files, &job.row, place)?;
        let (directory, prepared) = self.prepare(&job.row, place)?;
        let make = |kind| OpenStdinFile::make(kind, &job.row, control);
        let file = self.options.stdin_file.map(make).transpose()?;
        let limits = self.options.limits.of(&job.row);
        let job_env = JobEnv {
            job,
            place,
            limits: &limits,
            directory: directory.as_ref(),
            stdin: match file {
                Some(_) => &JobStdin::Null,
                None => &job.row.stdin,
            },
        };
        let ended = match prepared {
            PreparedJob::Builtin(call) => self.run_builtin(&call, job_env, capture, control)?,
            PreparedJob::Process(process) => {
                self.run_processes(process, job_env, capture, control)?
            }
        };
        Ok(match file {
            Some(file) => file.finish(ended),
            None => ended,
        })
    }

    fn run_builtin(
        &self,
        call: &BuiltinCall,
        job_env: JobEnv<'_>,
        capture: &mut OutputCapture<'_>,
        control: &SlotControl,
    ) -> Result<AttemptEnd, StartError> {
        // Also for a built-in that reads no standard input, as for a process.
        let stdin_pipe = job_env.stdin.pipe().map_err(StartError::of_stdin)?;
        let builtin_job = BuiltinJob {
            call,
            seq: job_env.job.seq,
            directory: job_env.directory,
            clock: &self.clock,
            limits: job_env.limits,
            stdin: job_env.stdin,
            stdin_pipe: stdin_pipe.as_ref().map(AsFd::as_fd),
            workers: &self.threads.workers,
        };
        Ok(builtin_job.run(capture, control))
    }

    fn run_processes(
        &self,
        process: PreparedProcess,
        job_env: JobEnv<'_>,
        capture: &mut OutputCapture<'_>,
        control: &SlotControl,
    ) -> Result<AttemptEnd, StartError> {
        let JobEnv { job, place, .. } = job_env;
        let environment = self.environment(place);
        let cgroup = AttemptCgroup::make(self.cgroup.as_ref(), job)?;
        let attempt_env = AttemptEnv {
            cgroup: cgroup.entrances(),
            launcher: &self.launcher,
            template: &self.template,
            job,
            place,
            directory: job_env.directory,
            stdin: job_env.stdin,
            environment: &environment,
        };
        control.guard(job.seq);
        let process_group = self.process_group(process, &attempt_env, capture.output, control);
        let process_group = process_group.inspect_err(|_| control.unguard())?;
        job.row.stdin.close();
        let running = RunningAttempt::new(job.seq, control.slot(), self.clock.now());
        control.began(process_group.leader(), running);
        // Whoever hears of it can end it from now on.
        capture.report_start();
        let limits = job_env.limits;
        let (ended, on_success) = communicate(process_group, capture, control, &self.clock, limits);
        // A process that was lost for want of memory counts before anything is committed.
        Ok(cgroup.end(ended).settle(on_success, limits, capture))
    }
}

#[cfg(test)]
mod tests;
