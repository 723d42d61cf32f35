//! Slot: a thread that takes a job, runs it, sends its end as an event, and takes the next
//! one.

use std::io;
use std::os::fd::AsFd;
use std::sync::Arc;
use std::time::SystemTime;

use crossbeam_channel::{Receiver, Sender};

use super::event::PoolEvent;
use super::last_bytes::LastBytes;
use super::options::{ColorScope, PrintCommand};
use super::run_setup::RunSetup;
use crate::exec::capture::line_decoration::LineDecoration;
use crate::exec::capture::output_credit::OutputCredit;
use crate::exec::capture::{
    AttemptEvent, LastLineDisplay, OutputCapture, OutputDestination, OutputRelease, OutputStream,
};
use crate::exec::termination::slot_control::SlotControl;
use crate::input::{JobStdin, Row};
use crate::job::{AttemptRecord, ExecutionHost, Job, Outcome, StartedAttempt};
use crate::os::{internal_error, niceness};
use crate::output::color;
use crate::output::results::TagPlacement;
use crate::output::writer::WriterNotice;
use crate::output::{FinishedAttempt, OutputMode, OutputOrder, WriteTarget, write_all};
use crate::placeholder::JobPosition;
use crate::policy::retry::RetryLimit;
use crate::spool::Spool;

/// Data that all slots share.
pub(super) struct SlotShared {
    pub setup: Arc<RunSetup>,
    /// Place of tags, if output is kept instead of printed (`--results`).
    pub kept: Option<TagPlacement>,
    /// The progress display shows the latest lines of running jobs.
    pub shows_latest: bool,
    /// An observer wants to know when attempts begin.
    pub tells_starts: bool,
}

/// Task of a slot.
pub(super) enum SlotTask {
    Run(Job),
    /// End of the slot: its thread counts as a process, which the system denies.
    End,
}

/// Thread that runs one job at a time.
pub(super) struct Slot {
    pub shared: Arc<SlotShared>,
    /// Host that runs its jobs.
    pub host: ExecutionHost,
    pub control: Arc<SlotControl>,
    /// Queue of all slots.
    pub ready: Receiver<SlotTask>,
    pub events: Sender<PoolEvent>,
}

impl Slot {
    /// Runs jobs until the queue is closed.
    pub(super) fn run(self) {
        self.control.attach();
        if let Some(niceness) = self.shared.setup.options.niceness {
            niceness::set(niceness);
        }
        while let Ok(task) = self.ready.recv() {
            let event = match task {
                SlotTask::Run(job) => self.attempt(job),
                SlotTask::End => return self.end(),
            };
            if self.events.send(event).is_err() {
                return;
            }
        }
    }

    /// Ends what lives on between jobs, then the slot. Events are lost only when the run is over.
    fn end(&self) {
        let setup = &self.shared.setup;
        let remains = setup.executor.end_slot(&self.control);
        if let Some(warning) = remains.warning {
            let _ = self.events.send(PoolEvent::Warning(warning));
        }
        if !remains.stderr.is_empty() {
            let bytes = Spool::of(&setup.budget, &remains.stderr);
            let credit = OutputCredit::new(&self.control, bytes.len());
            let output = PoolEvent::Output(OutputStream::Stderr, bytes, credit);
            let _ = self.events.send(output);
        }
        let _ = self.events.send(PoolEvent::SlotEnded(self.control.slot()));
    }

    fn attempt(&self, job: Job) -> PoolEvent {
        if !self.control.may_begin() {
            return PoolEvent::Unstarted(job);
        }
        internal_error::provoke(job.seq);
        let (shared, setup) = (&*self.shared, &*self.shared.setup);
        let position = setup.template.position(job.seq, self.control.slot());
        let tag = shared.tag(&job.row, position);
        let mut printed = LastBytes::default();
        let mut emit = |emission| {
            if let AttemptEvent::Bytes(stream, piece) = &emission {
                printed.of(*stream).add(piece);
            }
            self.emit(&job, position, emission);
        };
        let mut capture = shared.capture(&job, tag.as_deref(), &mut emit);
        self.print_command(&job.row, position, &mut capture);
        let (started, since) = (SystemTime::now(), setup.clock.now());
        let ended = match setup.executor.run(&job, &mut capture, &self.control) {
            Ok(ended) => ended,
            Err(error) => return PoolEvent::StartDenied(job, error),
        };
        let since = since + self.control.suspended_for();
        let runtime = setup.clock.now().saturating_sub(since);
        shared.close(&mut capture, tag.as_deref(), (job.seq, &ended.outcome));
        let (emitted, cut) = (capture.emitted, capture.cut);
        let (stdout, stderr) = (capture.stdout, capture.stderr);
        let (last_output, last_words) = if ended.outcome.is_success() {
            Default::default()
        } else {
            printed.and(&stdout.spool, &stderr.spool)
        };
        let record = AttemptRecord {
            slot: position.slot,
            host: self.host.clone(),
            outcome: ended.outcome,
            started,
            runtime,
            usage: ended.usage,
            sent: sent(&job.row.stdin, ended.sent),
            received: stdout.received,
            received_stderr: stderr.received,
            leaked: ended.leaked,
            cut,
            last_words,
            last_output,
            job,
        };
        PoolEvent::Finished {
            finished: Box::new(FinishedAttempt {
                record,
                stdout: stdout.spool,
                stderr: stderr.spool,
                tag: tag.map_or_else(Vec::new, |tag| [&tag, b"\t".as_slice()].concat()),
            }),
            emitted,
        }
    }

    /// Sends an event of a running job. It is lost only when the run is over.
    fn emit(&self, job: &Job, position: JobPosition, emission: AttemptEvent) {
        let event = match emission {
            AttemptEvent::Began if !self.shared.tells_starts => return,
            AttemptEvent::Began => PoolEvent::Began(Box::new(StartedAttempt {
                job: Job {
                    row: job.row.values_only(),
                    ..*job
                },
                slot: position.slot,
                host: self.host.clone(),
                started: SystemTime::now(),
            })),
            AttemptEvent::Latest(line) => {
                if self.control.leave_latest(line) {
                    PoolEvent::Latest
                } else {
                    return;
                }
            }
            AttemptEvent::Bytes(stream, bytes) => {
                let in_flight = OutputCredit::new(&self.control, bytes.len());
                PoolEvent::Output(stream, bytes, in_flight)
            }
            AttemptEvent::Blocked => PoolEvent::Blocked(job.seq),
            AttemptEvent::Warning(lines) => PoolEvent::Warning(lines),
            AttemptEvent::RunFailed(error) => PoolEvent::RunFailed(error),
            AttemptEvent::ResourceShortage(error) => PoolEvent::ResourceShortage(error),
            AttemptEvent::Running(time) => {
                let seconds = time.as_secs();
                let mut line =
                    format!("prun: running job {} for {seconds}s: ", job.seq).into_bytes();
                let template = &self.shared.setup.template;
                template.show(&job.row, position, &mut line);
                line.push(b'\n');
                PoolEvent::Remark(line)
            }
        };
        let _ = self.events.send(event);
    }

    fn print_command(&self, row: &Row, position: JobPosition, capture: &mut OutputCapture<'_>) {
        let setup = &*self.shared.setup;
        if setup.options.print_command == PrintCommand::Nowhere {
            return;
        }
        let mut line = Vec::new();
        setup.template.show(row, position, &mut line);
        line.push(b'\n');
        match (setup.options.print_command, setup.options.mode) {
            (PrintCommand::WithOutput, OutputMode::Live) => {
                // The job writes to the same descriptor, but it may write nothing.
                if let Err(error) = write_all(io::stdout().as_fd(), &line) {
                    let lost = WriterNotice::Failed(WriteTarget::Stdout, error);
                    let _ = self.events.send(PoolEvent::Delivery(lost));
                }
            }
            (PrintCommand::WithOutput, _) => capture.put(OutputStream::Stdout, &line),
            _ => drop(self.events.send(PoolEvent::Remark(line))),
        }
    }
}

/// Bytes that count as sent to a job, of which `written` were. A block counts as given, however
/// much of it the job has read.
fn sent(stdin: &JobStdin, written: u64) -> u64 {
    match stdin {
        JobStdin::Null => written,
        _ => stdin.length().unwrap_or(written),
    }
}

impl SlotShared {
    fn destination(&self) -> OutputDestination {
        match self.setup.options.mode {
            OutputMode::Live => OutputDestination::Inherit,
            OutputMode::Lines(_) | OutputMode::Grouped(_) | OutputMode::Latest(_) => {
                OutputDestination::Capture
            }
        }
    }

    /// An attempt that may be followed by another one must not print.
    fn release(&self, job: &Job) -> OutputRelease {
        let options = &self.setup.options;
        if self.kept.is_some() || options.may_evict() || options.color_failed {
            return OutputRelease::Held;
        }
        match (options.mode, options.retry.of(&job.row).limit) {
            (_, RetryLimit::Endless) => OutputRelease::Held,
            (OutputMode::Latest(_), _) => OutputRelease::Held,
            (_, retry) if retry.after_failure(job.attempt) => OutputRelease::Held,
            (OutputMode::Lines(OutputOrder::Finished), _) => OutputRelease::Lines,
            _ => OutputRelease::WithTurn(options.release_boundary),
        }
    }

    /// The capture of an attempt's output, by the options of the run.
    fn capture<'a>(
        &self,
        job: &Job,
        tag: Option<&[u8]>,
        emit: &'a mut dyn FnMut(AttemptEvent),
    ) -> OutputCapture<'a> {
        // The colour of a failed job is known at its end.
        let is_early = !self.setup.options.color_failed && self.kept != Some(TagPlacement::Names);
        let decoration = is_early
            .then(|| self.decoration(tag, job.seq, None))
            .flatten();
        let release = self.release(job);
        let budget = &self.setup.budget;
        let mut capture = OutputCapture::new(self.destination(), release, decoration, budget, emit);
        if self.kept == Some(TagPlacement::NamesAndStderr) {
            capture.leave_undecorated(OutputStream::Stdout);
        }
        if let OutputMode::Latest(_) = self.setup.options.mode {
            capture.keep_latest(match (self.shows_latest, tag) {
                (false, _) => LastLineDisplay::Hidden,
                (true, None) => LastLineDisplay::Behind(Vec::new()),
                (true, Some(tag)) => LastLineDisplay::Behind([tag, b"\t"].concat()),
            });
        }
        capture
    }

    /// Closes the capture of job `seq` after its end.
    fn close(
        &self,
        capture: &mut OutputCapture<'_>,
        tag: Option<&[u8]>,
        (seq, outcome): (u64, &Outcome),
    ) {
        capture.close();
        if self.setup.options.color_failed
            && let Some(decoration) = self.decoration(tag, seq, Some(outcome))
        {
            capture.decorate_late(&decoration);
        }
    }

    fn tag(&self, row: &Row, position: JobPosition) -> Option<Vec<u8>> {
        if self.kept == Some(TagPlacement::Nothing) {
            return None;
        }
        self.setup.tag.render(row, position)
    }

    /// Bytes around each line; `outcome` makes the colour that of a failed job.
    fn decoration(
        &self,
        tag: Option<&[u8]>,
        seq: u64,
        outcome: Option<&Outcome>,
    ) -> Option<LineDecoration> {
        let failed = outcome.is_some_and(|outcome| !outcome.is_success());
        let colour = match (failed, self.setup.options.color_scope) {
            (true, _) => color::FAILED,
            (false, ColorScope::Nothing) => b"",
            (false, ColorScope::Tag | ColorScope::Lines) => color::of(seq),
        };
        let whole = failed || self.setup.options.color_scope == ColorScope::Lines;
        if tag.is_none() && colour.is_empty() {
            return None;
        }
        let mut before = colour.to_vec();
        if let Some(tag) = tag {
            before.extend_from_slice(tag);
            if !whole && !colour.is_empty() {
                before.extend_from_slice(color::END);
            }
            before.push(b'\t');
        }
        let after = if whole { color::END } else { b"" };
        Some(LineDecoration {
            before,
            after: after.to_vec(),
        })
    }
}
