//! Workers of all slots: each is started with its slot's first job, and again when it has ended
//! or is out of step.

use std::io;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::answer::AnswerEnd;
use super::exchange::{ExchangeBuffers, ExchangeEnd, ExchangeEnv, ExchangeResult, exchange};
use super::messages;
use super::process::{LeavingReason, WorkerProcess};
use crate::error::reason_text;
use crate::exec::capture::OutputCapture;
use crate::exec::executor::{AttemptEnd, Executor, SlotRemains};
use crate::exec::local::LocalExecutor;
use crate::exec::start::launcher::{StartError, refused, report_start_error};
use crate::exec::start::template_files::RenderedFiles;
use crate::exec::termination::StopReason;
use crate::exec::termination::signal_sequence::SignalSequence;
use crate::exec::termination::slot_control::SlotControl;
use crate::job::{ExecutionHost, Job, Outcome, RunningAttempt};
use crate::os::child::ExitStatus;
use crate::placeholder::JobPosition;

/// Workers in a row that may end without an answer, over all slots, before the run is given up.
const MOST_FUTILE: u32 = 3;

/// Bytes of a message for which memory is kept.
const KEPT: usize = 64 << 10;

/// Options of workers.
#[derive(Debug)]
pub(crate) struct WorkerOptions {
    pub answer_end: AnswerEnd,
    /// `--worker-jobs N`: messages that one process gets.
    pub most_jobs: Option<u64>,
    /// Signals for a worker that does not end when its input does (`--termseq`).
    pub signals: SignalSequence,
}

/// Worker of a slot, if it has one, and the memory that its jobs use.
#[derive(Debug, Default)]
pub(super) struct WorkerSlot {
    pub worker: Option<WorkerProcess>,
    pub buffers: ExchangeBuffers,
}

/// Sends jobs to processes that live on.
#[derive(Debug)]
pub(crate) struct WorkerExecutor {
    /// Knows how a process of the run is started.
    pub(super) local: LocalExecutor,
    pub(super) options: WorkerOptions,
    /// By the numbers of the slots. A slot takes its own out while it uses it.
    slots: Mutex<Vec<Option<Box<WorkerSlot>>>>,
    /// Workers that have ended without an answer since the last answer of any.
    futile: AtomicU32,
    /// It was said that the worker may buffer its output.
    has_hinted: AtomicBool,
}

/// A job and its slot.
#[derive(Clone, Copy)]
pub(super) struct AttemptPlace<'a> {
    pub job: &'a Job,
    pub position: JobPosition,
    pub control: &'a SlotControl,
}

impl WorkerExecutor {
    pub(crate) fn new(local: LocalExecutor, options: WorkerOptions) -> WorkerExecutor {
        WorkerExecutor {
            local,
            options,
            slots: Mutex::default(),
            futile: AtomicU32::new(0),
            has_hinted: AtomicBool::new(false),
        }
    }

    /// No change is half done when a holder of the lock panics.
    fn slots(&self) -> MutexGuard<'_, Vec<Option<Box<WorkerSlot>>>> {
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take_slot(&self, number: usize) -> Box<WorkerSlot> {
        let slot = self.slots().get_mut(number).and_then(Option::take);
        slot.unwrap_or_default()
    }

    fn keep_slot(&self, number: usize, slot: Box<WorkerSlot>) {
        let mut slots = self.slots();
        if slots.len() <= number {
            slots.resize_with(number + 1, || None);
        }
        slots[number] = Some(slot);
    }

    fn attempt(
        &self,
        slot: &mut WorkerSlot,
        place: AttemptPlace<'_>,
        capture: &mut OutputCapture<'_>,
    ) -> Result<AttemptEnd, StartError> {
        let AttemptPlace {
            job,
            position,
            control,
        } = place;
        let local = &self.local;
        // Files that are to be removed are, when the job has ended.
        let _rendered = RenderedFiles::write(&local.options.template_files, &job.row, position)?;
        let message = &mut slot.buffers.message;
        let written = local.template.message(&job.row, position, message);
        written.map_err(refused)?;
        let mut has_begun = false;
        loop {
            let mut worker = match self.find_worker(slot, place, capture)? {
                Ok(worker) => worker,
                Err(stopped) => return Ok(stopped.into()),
            };
            if !std::mem::replace(&mut has_begun, true) {
                capture.report_start();
            }
            let running = RunningAttempt::new(job.seq, control.slot(), local.clock.now());
            control.began(Some(worker.pid()), running);
            let env = ExchangeEnv {
                control,
                clock: &local.clock,
                limits: &local.options.limits,
                answer_end: &self.options.answer_end,
                signals: &self.options.signals,
            };
            let result = exchange(&mut worker, &mut slot.buffers, capture, env);
            let outcome = match result.end {
                Ok(ExchangeEnd::Answered { is_in_step }) => {
                    self.answered((&mut worker, is_in_step), job.seq, capture);
                    slot.worker = Some(worker);
                    control.lives_on();
                    Outcome::Exited(0)
                }
                // It had ended before there was this job.
                Ok(ExchangeEnd::Ended(end)) if !end.was_heard && worker.done > 0 => {
                    let ended = end_attempt(worker, control);
                    ended.map_err(|error| StartError::Job(given_up(&error)))?;
                    continue;
                }
                _ => self.unanswered((worker, &slot.buffers), &result, place, capture),
            };
            return Ok(AttemptEnd {
                sent: result.sent,
                ..outcome.into()
            });
        }
    }

    /// Takes note of a whole answer to job `seq`.
    fn answered(
        &self,
        (worker, is_in_step): (&mut WorkerProcess, bool),
        seq: u64,
        capture: &mut OutputCapture<'_>,
    ) {
        worker.answered(seq);
        // Looked at first: a store would take the line from the caches of other slots.
        if self.futile.load(Ordering::Relaxed) > 0 {
            self.futile.store(0, Ordering::Relaxed);
        }
        if !is_in_step {
            worker.leave(LeavingReason::OutOfStep);
            capture.warn(messages::out_of_step(seq));
        } else if self.options.most_jobs == Some(worker.done) {
            worker.leave(LeavingReason::JobsDone);
        }
    }

    /// Outcome of a job without a whole answer, whose worker has ended or is to be ended.
    fn unanswered(
        &self,
        (worker, buffers): (WorkerProcess, &ExchangeBuffers),
        result: &ExchangeResult,
        place: AttemptPlace<'_>,
        capture: &mut OutputCapture<'_>,
    ) -> Outcome {
        let is_new = worker.done == 0;
        let was_ended = match &result.end {
            Ok(ExchangeEnd::Ended(end)) => end.was_ended,
            _ => true,
        };
        if was_ended {
            worker.kill_rest();
        }
        let status = end_attempt(worker, place.control);
        let (end, status) = match (&result.end, status) {
            (Ok(end), Ok(status)) => (*end, status),
            (Err(error), _) => return given_up(error),
            (_, Err(error)) => return given_up(&error),
        };
        if let ExchangeEnd::Stopped(reason, last_signal) = end {
            if reason == StopReason::Timeout && result.received == 0 {
                self.hint_at_buffers(place, capture);
            }
            return match status {
                ExitStatus::Signaled(signal) => reason.outcome(signal),
                ExitStatus::Exited(_) => reason.outcome(last_signal),
            };
        }
        let outcome = match status {
            ExitStatus::Signaled(signal) if !was_ended => Outcome::Signaled(signal),
            ExitStatus::Exited(status @ 1..) => Outcome::Exited(status),
            ExitStatus::Exited(0) | ExitStatus::Signaled(_) => Outcome::Exited(1),
        };
        // A job that is tried again says little about the program, unless that reads no message.
        let is_known = place.job.attempt > 1
            && matches!(&result.end, Ok(ExchangeEnd::Ended(early)) if early.has_read);
        if is_new && !is_known {
            self.ended_in_vain(&outcome, &buffers.words, place, capture);
        }
        outcome
    }
}

impl WorkerExecutor {
    /// Says, once, that a worker which has not written a byte until its time was over may hold
    /// its answers back.
    fn hint_at_buffers(&self, place: AttemptPlace<'_>, capture: &mut OutputCapture<'_>) {
        if !self.has_hinted.swap(true, Ordering::Relaxed) {
            let mut command = Vec::new();
            let template = &self.local.template;
            template.show_worker(place.position, &mut command);
            capture.warn(messages::silent(place.job.seq, &command));
        }
    }

    /// Takes note of a worker that has ended without any answer, or could not be started, and
    /// gives the run up if there are too many in a row. `words` is what it wrote to standard
    /// error.
    pub(super) fn ended_in_vain(
        &self,
        outcome: &Outcome,
        words: &[u8],
        place: AttemptPlace<'_>,
        capture: &mut OutputCapture<'_>,
    ) {
        if self.futile.fetch_add(1, Ordering::Relaxed) + 1 == MOST_FUTILE {
            let mut line = Vec::new();
            let template = &self.local.template;
            template.show(&place.job.row, place.position, &mut line);
            capture.fail_run(messages::in_vain(MOST_FUTILE, outcome, words, &line));
        }
    }
}

/// Ends the attempt of a worker that has ended, or is to be killed now, and reaps it.
fn end_attempt(worker: WorkerProcess, control: &SlotControl) -> io::Result<ExitStatus> {
    control.ended();
    worker.reap()
}

/// End of a job that has run: an error must not make it run again.
pub(super) fn given_up(error: &io::Error) -> Outcome {
    let reason = reason_text(error);
    Outcome::GivenUp(format!("prun had to give it up: {reason}"))
}

impl Executor for WorkerExecutor {
    fn host(&self, slot: usize) -> ExecutionHost {
        self.local.host(slot)
    }

    fn run(
        &self,
        job: &Job,
        capture: &mut OutputCapture<'_>,
        control: &SlotControl,
    ) -> io::Result<AttemptEnd> {
        let place = AttemptPlace {
            job,
            position: self.local.template.position(job.seq, control.slot()),
            control,
        };
        let mut slot = self.take_slot(control.slot());
        let ended = self.attempt(&mut slot, place, capture);
        slot.buffers.message.clear();
        slot.buffers.message.shrink_to(KEPT);
        self.keep_slot(control.slot(), slot);
        match ended {
            Ok(ended) => Ok(ended),
            Err(StartError::Job(outcome)) => {
                if self.local.options.reports_start_errors {
                    report_start_error(&outcome, capture);
                }
                Ok(outcome.into())
            }
            Err(StartError::ResourceShortage(error)) => Err(error),
        }
    }

    fn keeps_processes(&self) -> bool {
        true
    }

    fn end_slot(&self, control: &SlotControl) -> SlotRemains {
        let slot = self.take_slot(control.slot());
        match slot.worker {
            Some(worker) => self.dismiss(worker, control),
            None => SlotRemains::default(),
        }
    }
}
