//! A process for the next message, and the end of one that gets no more of them.

use std::io;
use std::os::fd::AsFd;

use rustix::fs::{OFlags, fcntl_setfl};

use super::executor::{AttemptPlace, WorkerExecutor, WorkerSlot, given_up};
use super::messages::out_of_step;
use super::process::{EndBy, IdleState, LeavingReason, WorkerEnd, WorkerPipes, WorkerProcess};
use crate::exec::capture::{OutputCapture, OutputStream};
use crate::exec::executor::SlotRemains;
use crate::exec::start::attempt_env::AttemptEnv;
use crate::exec::start::directory::JobDirectory;
use crate::exec::start::launcher::{ProcessEnv, StartError, refused};
use crate::exec::termination::slot_control::SlotControl;
use crate::input::{JobStdin, Row};
use crate::job::Outcome;
use crate::os::child::{ChildGroup, ChildLifetime};
use crate::template::PreparedCommand;

impl WorkerExecutor {
    /// A worker that can take a message: that of the slot, or a new one. An outcome instead is
    /// that of a job that was to be stopped before it had one.
    ///
    /// # Errors
    /// No worker can be started.
    pub(super) fn find_worker(
        &self,
        slot: &mut WorkerSlot,
        place: AttemptPlace<'_>,
        capture: &mut OutputCapture<'_>,
    ) -> Result<Result<WorkerProcess, Outcome>, StartError> {
        let fail = |error: io::Error| StartError::Job(given_up(&error));
        if let Some(worker) = slot.worker.take() {
            let state = worker.inspect();
            if state == IdleState::Ready {
                return Ok(Ok(worker));
            }
            let last_job = worker.last_job;
            let end = self.end_worker(worker, state, place.control);
            let end = end.map_err(fail)?;
            if is_out_of_step(state, &end) {
                capture.warn(out_of_step(last_job));
            }
            if !end.stderr.is_empty() {
                capture.feed(OutputStream::Stderr, &end.stderr);
            }
            if let Some((reason, signal)) = end.stopped {
                return Ok(Err(reason.outcome(signal)));
            }
        }
        slot.buffers.words.clear();
        let started = self.start(place);
        if let Err(StartError::Job(outcome)) = &started {
            self.ended_in_vain(outcome, b"", place, capture);
        }
        started.map(Ok)
    }

    fn end_worker(
        &self,
        worker: WorkerProcess,
        state: IdleState,
        control: &SlotControl,
    ) -> io::Result<WorkerEnd> {
        let by = match state {
            // What it would still say is of no use.
            IdleState::Surplus | IdleState::Leaving(LeavingReason::OutOfStep) => EndBy::Signals,
            _ => EndBy::Input,
        };
        worker.end(by, (control, &self.local.clock), &self.options.signals)
    }

    /// Ends the worker of a slot that runs no more jobs.
    pub(super) fn dismiss(&self, worker: WorkerProcess, control: &SlotControl) -> SlotRemains {
        let mut remains = SlotRemains::default();
        let state = worker.inspect();
        let last_job = worker.last_job;
        // Nobody is left whom an error would concern.
        let end = self.end_worker(worker, state, control);
        let end = end.unwrap_or_default();
        if is_out_of_step(state, &end) {
            remains.warning = Some(out_of_step(last_job));
        }
        remains.stderr = end.stderr;
        remains
    }

    fn start(&self, place: AttemptPlace<'_>) -> Result<WorkerProcess, StartError> {
        let local = &self.local;
        let AttemptPlace { job, position, .. } = place;
        let directory = local.directory(&Row::default(), position)?;
        let environment = local.environment(position);
        let attempt_env = AttemptEnv {
            launcher: &local.launcher,
            template: &local.template,
            job,
            place: position,
            directory: directory.as_ref(),
            cgroup: None,
            stdin: &JobStdin::Null,
            environment: &environment,
        };
        let command = local.template.worker_command(position).map_err(refused)?;
        let command = attempt_env.complete(command, directory.as_ref());
        place.control.guard(job.seq);
        let launched = self.launch(&command, (directory, job.seq));
        launched.inspect_err(|_| place.control.unguard())
    }

    fn launch(
        &self,
        command: &PreparedCommand,
        (directory, mark): (Option<JobDirectory>, u64),
    ) -> Result<WorkerProcess, StartError> {
        // Released once this function's ends of the pipes are closed.
        let _permit = self.local.launcher.enter();
        let open = || -> io::Result<_> {
            let (their_stdin, stdin) = io::pipe()?;
            let (stdout, their_stdout) = io::pipe()?;
            let (stderr, their_stderr) = io::pipe()?;
            // The ends of the worker stay blocking: they are other open file descriptions.
            fcntl_setfl(&stdin, OFlags::NONBLOCK)?;
            fcntl_setfl(&stdout, OFlags::NONBLOCK)?;
            fcntl_setfl(&stderr, OFlags::NONBLOCK)?;
            let pipes = WorkerPipes {
                stdin: Some(stdin.into()),
                stdout: Some(stdout.into()),
                stderr: Some(stderr.into()),
            };
            Ok((pipes, (their_stdin, their_stdout, their_stderr)))
        };
        let (pipes, (stdin, stdout, stderr)) = open().map_err(StartError::of_stdin)?;
        let process_env = ProcessEnv {
            streams: [
                Some(stdin.as_fd()),
                Some(stdout.as_fd()),
                Some(stderr.as_fd()),
            ],
            directory: directory.as_ref().map(JobDirectory::fd),
            group: ChildGroup::Own,
            cgroup: None,
            lifetime: ChildLifetime::OfPrun,
        };
        let child = self.local.launcher.launch(command, &process_env)?;
        Ok(WorkerProcess::new(child, pipes, mark, directory))
    }
}

/// Tells whether a worker has written more than its answers, which was not told yet.
fn is_out_of_step(state: IdleState, end: &WorkerEnd) -> bool {
    match state {
        IdleState::Surplus => true,
        IdleState::Leaving(LeavingReason::OutOfStep) => false,
        _ => end.has_surplus,
    }
}
