//! A slot: one thread that takes a job, runs it, tells how it ended, and takes the
//! next one.

use std::io;
use std::os::fd::AsFd;
use std::sync::Arc;
use std::time::SystemTime;

use crossbeam_channel::{Receiver, Sender};

use super::event::PoolEvent;
use super::last_bytes::LastBytes;
use super::{ColorScope, FailedStyle, PoolOptions, PrintCommand, TagEscaping, TagSource};
use crate::exec::Executor;
use crate::exec::capture::line_decoration::LineDecoration;
use crate::exec::capture::output_credit::OutputCredit;
use crate::exec::capture::{
    AttemptEvent, LastLineDisplay, OutputCapture, OutputDestination, OutputRelease, OutputStream,
};
use crate::exec::termination::slot_control::SlotControl;
use crate::input::Row;
use crate::job::{AttemptRecord, Job, Outcome};
use crate::os::clock::Clock;
use crate::os::niceness;
use crate::output::color;
use crate::output::results::TagPlacement;
use crate::output::sequencer::FinishedJob;
use crate::output::writer::write_all;
use crate::output::{OutputMode, OutputOrder};
use crate::policy::retry::RetryLimit;
use crate::spool::SpoolBudget;
use crate::template::{CommandTemplate, JobPosition};

/// What all slots share.
pub(super) struct SlotShared {
    /// How jobs are run.
    pub executor: Arc<dyn Executor + Send + Sync>,
    /// What their commands look like.
    pub template: Arc<CommandTemplate>,
    /// What goes before their lines.
    pub tag: TagSource,
    /// Control bytes in tags.
    pub tag_bytes: TagEscaping,
    /// Where tags go, if output is kept instead of printed.
    pub kept: Option<TagPlacement>,
    /// Whether there is a display of running jobs' latest lines.
    pub display: SlotDisplay,
    /// The memory for their output.
    pub budget: Arc<SpoolBudget>,
    /// The time.
    pub clock: Arc<Clock>,
    /// What the command line says.
    pub options: PoolOptions,
}

/// What running jobs are shown by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SlotDisplay {
    /// Nothing, or not by what they print.
    Without,
    /// Their latest lines.
    LatestLines,
}

/// What a slot is told to do.
pub(super) enum SlotTask {
    /// Run a job.
    Run(Job),
    /// End: a thread counts as a process, and there is no room for it.
    End,
}

/// One slot.
pub(super) struct Slot {
    /// What it shares with the others.
    pub slot_shared: Arc<SlotShared>,
    /// The dispatcher's line to it.
    pub control: Arc<SlotControl>,
    /// Where jobs come from.
    pub ready: Receiver<SlotTask>,
    /// Where it tells what happened.
    pub events: Sender<PoolEvent>,
}

impl Slot {
    /// Runs jobs until there are no more.
    pub(super) fn run(self) {
        self.control.attach();
        if let Some(niceness) = self.slot_shared.options.niceness {
            niceness::take_on(niceness);
        }
        while let Ok(task) = self.ready.recv() {
            let event = match task {
                SlotTask::Run(job) => self.attempt(job),
                SlotTask::End => {
                    let _ = self.events.send(PoolEvent::SlotEnded(self.control.slot()));
                    return;
                }
            };
            if self.events.send(event).is_err() {
                return;
            }
        }
    }

    fn attempt(&self, job: Job) -> PoolEvent {
        if !self.control.may_begin() {
            return PoolEvent::Unstarted(job);
        }
        let slot_shared = &*self.slot_shared;
        let place = slot_shared.template.place(job.seq, self.control.slot());
        let tag = slot_shared.tag(&job.row, place);
        let mut printed = LastBytes::default();
        let mut emit = |emission| {
            if let AttemptEvent::Bytes(stream, piece) = &emission {
                printed.of(*stream).add(piece);
            }
            self.emit(&job, place, emission);
        };
        let mut capture = slot_shared.capture(&job, tag.as_deref(), &mut emit);
        self.announce(&job.row, place, &mut capture);
        let (started, since) = (SystemTime::now(), slot_shared.clock.now());
        let ended = match slot_shared.executor.run(&job, &mut capture, &self.control) {
            Ok(ended) => ended,
            Err(error) => return PoolEvent::NoRoom(job, error),
        };
        let runtime = slot_shared.clock.now().saturating_sub(since);
        slot_shared.close(&mut capture, tag.as_deref(), (job.seq, &ended.outcome));
        let (emitted, cut) = (capture.emitted, capture.cut);
        let (stdout, stderr) = (capture.stdout, capture.stderr);
        let (last_words, last_output) = match ended.outcome.is_success() {
            true => (Vec::new(), Vec::new()),
            false => (
                printed.stderr.and(&stderr.spool),
                printed.stdout.and(&stdout.spool),
            ),
        };
        let report = AttemptRecord {
            slot: place.slot,
            outcome: ended.outcome,
            started,
            runtime,
            usage: ended.usage,
            sent: ended.sent,
            received: stdout.received,
            leaked: ended.leaked,
            cut,
            last_words,
            last_output,
            job,
        };
        PoolEvent::Finished {
            finished: Box::new(FinishedJob {
                report,
                stdout: stdout.spool,
                stderr: stderr.spool,
                tag: tag.map_or_else(Vec::new, |tag| [&tag, b"\t".as_slice()].concat()),
            }),
            emitted,
        }
    }

    /// Passes on what a running job prints. Nobody listens only when the run is over.
    fn emit(&self, job: &Job, place: JobPosition, emission: AttemptEvent) {
        let event = match emission {
            AttemptEvent::Latest(line) => match self.control.leave_latest(line) {
                true => PoolEvent::Latest,
                false => return,
            },
            AttemptEvent::Bytes(stream, bytes) => {
                let in_flight = OutputCredit::new(&self.control, bytes.len());
                PoolEvent::Output(stream, bytes, in_flight)
            }
            AttemptEvent::Blocked => PoolEvent::Blocked(job.seq),
            AttemptEvent::NoRoom(error) => PoolEvent::Shortage(error),
            AttemptEvent::Running(time) => {
                let seconds = time.as_secs();
                let mut line =
                    format!("prun: running job {} for {seconds}s: ", job.seq).into_bytes();
                self.slot_shared.template.show(&job.row, place, &mut line);
                line.push(b'\n');
                PoolEvent::Remark(line)
            }
        };
        let _ = self.events.send(event);
    }

    fn announce(&self, row: &Row, place: JobPosition, capture: &mut OutputCapture<'_>) {
        let slot_shared = &*self.slot_shared;
        if slot_shared.options.announce == PrintCommand::Nowhere {
            return;
        }
        let mut line = Vec::new();
        slot_shared.template.show(row, place, &mut line);
        line.push(b'\n');
        match (slot_shared.options.announce, slot_shared.options.mode) {
            (PrintCommand::WithOutput, OutputMode::Live) => {
                // The job will write to the same descriptor, and a failure will hit it too.
                let _ = write_all(io::stdout().as_fd(), &line);
            }
            (PrintCommand::WithOutput, _) => capture.put(OutputStream::Stdout, &line),
            _ => drop(self.events.send(PoolEvent::Remark(line))),
        }
    }
}

impl SlotShared {
    fn output(&self) -> OutputDestination {
        match self.options.mode {
            OutputMode::Live => OutputDestination::Inherit,
            OutputMode::Lines(_) | OutputMode::Grouped(_) | OutputMode::Latest(_) => {
                OutputDestination::Capture
            }
        }
    }

    /// An attempt that may be followed by another one must not print.
    fn flow(&self, attempt: u32) -> OutputRelease {
        if self.kept.is_some()
            || self.options.may_evict()
            || self.options.failed == FailedStyle::Red
        {
            return OutputRelease::Held;
        }
        match (self.options.mode, self.options.retry) {
            (_, RetryLimit::Endless) => OutputRelease::Held,
            (OutputMode::Latest(_), _) => OutputRelease::Held,
            (_, retry) if retry.after_failure(attempt) => OutputRelease::Held,
            (OutputMode::Lines(OutputOrder::Finished), _) => OutputRelease::Lines,
            _ => OutputRelease::WithFloor(self.options.cut),
        }
    }

    /// Takes what an attempt prints, and does with it what becomes of output in this run.
    fn capture<'a>(
        &self,
        job: &Job,
        tag: Option<&[u8]>,
        emit: &'a mut dyn FnMut(AttemptEvent),
    ) -> OutputCapture<'a> {
        let early =
            self.options.failed == FailedStyle::AsOthers && self.kept != Some(TagPlacement::Names);
        let decoration = match early {
            true => self.decoration(tag, job.seq, None),
            false => None,
        };
        let flow = self.flow(job.attempt);
        let mut capture = OutputCapture::new(self.output(), flow, decoration, &self.budget, emit);
        if self.kept == Some(TagPlacement::NamesAndStderr) {
            capture.leave_undecorated(OutputStream::Stdout);
        }
        if let OutputMode::Latest(_) = self.options.mode {
            capture.keep_latest(match (self.display, tag) {
                (SlotDisplay::Without, _) => LastLineDisplay::Hidden,
                (SlotDisplay::LatestLines, None) => LastLineDisplay::Behind(Vec::new()),
                (SlotDisplay::LatestLines, Some(tag)) => {
                    LastLineDisplay::Behind([tag, b"\t"].concat())
                }
            });
        }
        capture
    }

    /// Nothing more comes of job `seq`, which ended like this.
    fn close(
        &self,
        capture: &mut OutputCapture<'_>,
        tag: Option<&[u8]>,
        (seq, outcome): (u64, &Outcome),
    ) {
        capture.close();
        if self.options.failed == FailedStyle::Red
            && let Some(decoration) = self.decoration(tag, seq, Some(outcome))
        {
            capture.decorate_late(&decoration);
        }
    }

    fn tag(&self, row: &Row, place: JobPosition) -> Option<Vec<u8>> {
        if self.kept == Some(TagPlacement::Nothing) {
            return None;
        }
        self.tag.render(row, place, self.tag_bytes)
    }

    /// What goes around each line; `outcome` is how the job ended, if that counts.
    fn decoration(
        &self,
        tag: Option<&[u8]>,
        seq: u64,
        outcome: Option<&Outcome>,
    ) -> Option<LineDecoration> {
        let failed = outcome.is_some_and(|outcome| !outcome.is_success());
        let colour = match (failed, self.options.color_scope) {
            (true, _) => color::FAILED,
            (false, ColorScope::Nothing) => b"",
            (false, ColorScope::Tag | ColorScope::Lines) => color::of(seq),
        };
        let whole = failed || self.options.color_scope == ColorScope::Lines;
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
        let after = match whole {
            true => color::END.to_vec(),
            false => Vec::new(),
        };
        Some(LineDecoration { before, after })
    }
}
