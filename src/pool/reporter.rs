//! Everything that is printed, in order: jobs' output, prun's words, the job log, and
//! the progress display, which steps aside for all of them.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use memchr::memmem;

use super::options::Verbosity;
use super::run_setup::LogDestination;
use super::slot_pool::SlotPool;
use crate::builtin::CombinedResult;
use crate::error::Result;
use crate::exec::capture::last_line;
use crate::exec::capture::output_credit::OutputCredit;
use crate::job::{AttemptRecord, Job, Outcome};
use crate::log::progress::{ProgressDisplay, ProgressDrawing, ProgressState};
use crate::log::summary::FailureSummary;
use crate::log::{joblog, joblog::JobLog};
use crate::os::clock::ClockReading;
use crate::os::signal_name;
use crate::output::results::{LocatedResults, ResultsLocator, ResultsOutput, ResultsWriter};
use crate::output::sequencer::FinishedJob;
use crate::output::writer::{OutputWriter, WriteTarget};
use crate::spool::{Spool, SpoolBudget};
use crate::tally::Tally;

/// So long a terminal may take to show that the display is gone: it may be stopped
/// (Ctrl-S), and prun is not to hang for that.
const MAX_ERASING: Duration = Duration::from_millis(200);

/// Where lines of the job log go.
enum LogSink {
    None,
    File(JobLog),
    Stdout(JobLog),
}

/// What prun says by itself.
pub(super) struct RunMessages {
    /// The closing block.
    pub summary: FailureSummary,
    /// How much is said of jobs.
    pub verbosity: Verbosity,
    /// The progress display.
    pub progress: Option<ProgressDisplay>,
    /// Whether another shell may be what is missing.
    pub advice: ShellAdvice,
}

/// What to say when a shell does not understand a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ShellAdvice {
    /// Nothing, or it was said.
    None,
    /// That bash may.
    UseBash,
}

/// What becomes of output that is not printed.
enum ResultsState {
    /// It is printed.
    None,
    /// The writer keeps it.
    Kept(Option<Arc<Mutex<ResultsLocator>>>),
    /// It cannot be kept any more.
    Lost,
}

/// What the run says to the outside.
pub(super) struct Reporter {
    writer: OutputWriter,
    log: LogSink,
    keeper: ResultsState,
    summary: FailureSummary,
    verbosity: Verbosity,
    progress: Option<ProgressDisplay>,
    advice: ShellAdvice,
    budget: Arc<SpoolBudget>,
    /// Output was lost: what is said of it elsewhere says enough.
    muted: bool,
    /// The programs that were told to be missing.
    missing: HashSet<String>,
    /// The writer was asked to tell when it has caught up.
    draining: bool,
}

impl Reporter {
    /// Takes over the output; `start` starts the writer with the log's file.
    pub(super) fn open(
        log: LogDestination,
        messages: RunMessages,
        budget: &Arc<SpoolBudget>,
        keeping: Option<ResultsOutput>,
        start: impl FnOnce(Option<std::fs::File>, Option<ResultsWriter>) -> Result<OutputWriter>,
    ) -> Result<Self> {
        let (log, file) = match log {
            LogDestination::None => (LogSink::None, None),
            LogDestination::File(log, file, _) => (LogSink::File(log), Some(file)),
            LogDestination::Stdout(log) => (LogSink::Stdout(log), None),
        };
        let (keeper, sink) = match keeping {
            None => (ResultsState::None, None),
            Some(ResultsOutput { places, sink, .. }) => (ResultsState::Kept(places), Some(sink)),
        };
        let reporter = Reporter {
            writer: start(file, sink)?,
            log,
            keeper,
            summary: messages.summary,
            verbosity: messages.verbosity,
            progress: messages.progress,
            advice: messages.advice,
            muted: false,
            budget: Arc::clone(budget),
            missing: HashSet::new(),
            draining: false,
        };
        if matches!(reporter.log, LogSink::Stdout(_)) {
            let header = Spool::of(&reporter.budget, joblog::header());
            reporter.writer.output(WriteTarget::Stdout, header, None);
        }
        Ok(reporter)
    }

    /// Bytes of output and records that wait to be written.
    pub(super) fn backlog(&self) -> u64 {
        self.writer.backlog()
    }

    /// Prints a piece of a job's output.
    pub(super) fn output(
        &mut self,
        target: WriteTarget,
        bytes: Spool,
        in_flight: Option<OutputCredit>,
    ) {
        // A job that goes on only because its output is lost.
        let is_lost = matches!(self.keeper, ResultsState::Lost) && in_flight.is_some();
        if bytes.is_empty() || is_lost {
            return;
        }
        self.summary.printed(bytes.len(), bytes.in_memory());
        self.writer.output(target, bytes, in_flight);
    }

    /// Prints what is left of a finished job, then what there is to say of it, then its
    /// record.
    pub(super) fn finished(&mut self, finished: FinishedJob) {
        let printed = finished.stdout.len() + finished.stderr.len();
        let Some(mut report) = self.hand_over(finished) else {
            return;
        };
        if report.cut && self.verbosity != Verbosity::Silent {
            self.say(&about_cut(report.job.seq));
        }
        if let Some(text) = self.remark(&report, printed) {
            self.say(&format!("{text}\n"));
        }
        match &self.log {
            LogSink::None => {}
            LogSink::File(log) => {
                if let Some(line) = log.line(&report) {
                    self.writer.record(line);
                }
            }
            LogSink::Stdout(log) => {
                let line = log.line(&report).unwrap_or_default();
                self.output(WriteTarget::Stdout, Spool::of(&self.budget, &line), None);
            }
        }
        self.summary.note(&mut report);
    }

    /// Gives the writer what a job has left, and returns the rest; nothing if it is lost.
    fn hand_over(&mut self, finished: FinishedJob) -> Option<AttemptRecord> {
        let places = match &mut self.keeper {
            ResultsState::None => {
                self.output(WriteTarget::Stdout, finished.stdout, None);
                self.output(WriteTarget::Stderr, finished.stderr, None);
                return Some(finished.report);
            }
            ResultsState::Lost => return None,
            ResultsState::Kept(places) => places,
        };
        let report = finished.report.clone();
        let found = places.as_mut().map(|places| {
            let mut places = lock(places);
            let place = places.place(report.job.seq, report.slot);
            places.find(&report.job.row, place)
        });
        let (spot, warning) = match found {
            None => (None, None),
            Some(LocatedResults { spot, warning }) => (Some(spot), warning),
        };
        self.writer.keep(Box::new(finished), spot);
        if let Some(warning) = warning {
            self.say(&warning);
        }
        Some(report)
    }

    /// Whether output is kept instead of printed.
    pub(super) fn keeps(&self) -> bool {
        !matches!(self.keeper, ResultsState::None)
    }

    /// Keeps no more: what is said of it elsewhere says enough.
    pub(super) fn give_up_keeping(&mut self) {
        self.keeper = ResultsState::Lost;
        self.mute();
    }

    /// What has to be said of a job where it happens.
    fn remark(&mut self, report: &AttemptRecord, printed: u64) -> Option<String> {
        let seq = report.job.seq;
        if let Outcome::WantedTerminal(_) = report.outcome {
            // GNU parallel would wait for ever.
            return Some(format!(
                "prun: job {seq} wanted the terminal\nhint: --tty gives it to one job at a time"
            ));
        }
        if self.verbosity == Verbosity::Silent {
            return None;
        }
        match &report.outcome {
            Outcome::NotFound(why) if self.missing.contains(why) => None,
            Outcome::NotFound(why) => {
                self.missing.insert(why.clone());
                Some(format!("prun: job {seq}: {why}"))
            }
            Outcome::NotExecutable(why) | Outcome::GivenUp(why) | Outcome::Refused(why) => {
                Some(format!("prun: job {seq}: {why}"))
            }
            Outcome::Stopped(_) if self.muted => None,
            Outcome::Stopped(signal) if printed > 0 || report.received > 0 => Some(format!(
                "prun: job {seq}: cut off by {}",
                signal_name::name(*signal)
            )),
            _ if report.leaked => Some(format!(
                "prun: warning: job {seq} left a process holding its output\nhint: --leak wait reads until it ends"
            )),
            // The status of a syntax error in dash, ksh, busybox; zsh has 1.
            Outcome::Exited(1 | 2)
                if self.advice == ShellAdvice::UseBash
                    && memmem::find(&report.last_words, b"yntax error").is_some() =>
            {
                self.advice = ShellAdvice::None;
                Some("hint: --shell bash".to_owned())
            }
            _ => None,
        }
    }

    /// Says no more of jobs that are stopped.
    pub(super) fn mute(&mut self) {
        self.muted = true;
    }

    /// Says something on standard error unless prun is silent (`--gnu`).
    pub(super) fn warn(&mut self, text: &str) {
        if self.verbosity != Verbosity::Silent {
            self.say(text);
        }
    }

    /// Says something on standard error.
    pub(super) fn say(&mut self, text: &str) {
        self.say_bytes(text.as_bytes());
    }

    /// Says something that need not be text.
    pub(super) fn say_bytes(&mut self, text: &[u8]) {
        self.summary.printed(text.len() as u64, Some(text));
        say(&self.writer, text.to_vec());
    }

    /// Takes note of a job that is about to run.
    pub(super) fn starting(&mut self, job: &Job) {
        if let ResultsState::Kept(Some(places)) = &mut self.keeper {
            lock(places).reserve(&job.row, job.seq);
        }
        if let Some(progress) = &mut self.progress {
            progress.starting(job);
        }
    }

    /// Takes note of a job that is over.
    pub(super) fn ended(&mut self, seq: u64, now: ClockReading) {
        if let Some(progress) = &mut self.progress {
            progress.ended(seq, now);
        }
    }

    /// Takes note that running jobs have something new to show.
    pub(super) fn news(&mut self) {
        if let Some(progress) = &mut self.progress {
            progress.news();
        }
    }

    /// When the display is to be drawn again.
    pub(super) fn next_drawing(&self) -> Option<ClockReading> {
        let progress = self.progress.as_ref()?;
        (!self.writer.status_waits()).then(|| progress.next_drawing())
    }

    /// Whether the display can be drawn only when the writer has drawn the last one.
    pub(super) fn waits_to_draw(&self) -> bool {
        self.writer.status_waits()
    }

    /// Draws the display if it is time for it.
    pub(super) fn draw(&mut self, now: ClockReading, tally: &Tally, slots: &SlotPool) {
        let Some(progress) = &mut self.progress else {
            return;
        };
        // A terminal that does not keep up needs no newer lines.
        if now < progress.next_drawing() || self.writer.status_waits() {
            return;
        }
        for (seq, line) in slots.take_latest() {
            progress.latest(seq, &line);
        }
        let drawing = progress.draw(&ProgressState {
            now,
            tally,
            running: &slots.running(),
        });
        match drawing {
            ProgressDrawing::Status(lines) => self.writer.show_status(lines),
            ProgressDrawing::Plain(line) => self.writer.message(line),
        }
    }

    /// Removes the display until it is drawn again, before others use the terminal.
    pub(super) fn clear(&mut self) {
        if let Some(progress) = &mut self.progress {
            progress.gone();
            let _ = self.writer.clear_status().recv_timeout(MAX_ERASING);
        }
    }

    /// Draws the display anew after others may have used the terminal.
    pub(super) fn abandon_display(&mut self) {
        if let Some(progress) = &mut self.progress {
            progress.gone();
            self.writer.abandon_status();
        }
    }

    /// Prints the result of all jobs, says what there is to say at the end, which is `now`,
    /// and asks the writer to tell when all is written.
    pub(super) fn close(
        &mut self,
        combined: Option<CombinedResult>,
        last: Option<String>,
        tally: &Tally,
        now: ClockReading,
    ) {
        let progress = self.progress.take();
        // Nobody has to wait for that: what is printed from now on comes after it.
        drop(self.writer.clear_status());
        match combined {
            Some(combined) if tally.done > 0 && tally.succeeded() == 0 => {
                say(
                    &self.writer,
                    self.summary.no_result(combined.name()).into_bytes(),
                );
            }
            Some(combined) => self.writer.combined(combined),
            None => {}
        }
        if let Some(last) = last {
            say(&self.writer, last.into_bytes());
        } else if self.verbosity == Verbosity::Normal {
            let block = self.summary.text(tally);
            say(&self.writer, block);
        }
        if let Some(line) = progress.and_then(|progress| progress.closing(tally, now)) {
            self.writer.message(line);
        }
        self.writer.drain();
    }

    /// Lets the writer send an event when it has caught up.
    pub(super) fn drain(&mut self) {
        if !std::mem::replace(&mut self.draining, true) {
            self.writer.drain();
        }
    }

    /// Takes note of that event. Returns whether it was the answer to [`Reporter::drain`].
    pub(super) fn drained(&mut self) -> bool {
        std::mem::take(&mut self.draining)
    }
}

fn about_cut(seq: u64) -> String {
    let most = last_line::MOST >> 10;
    format!("prun: warning: job {seq}: only the first {most} KiB of its last line were kept\n")
}

/// Nothing can be half done when a holder of the lock panics.
fn lock(places: &Mutex<ResultsLocator>) -> MutexGuard<'_, ResultsLocator> {
    places.lock().unwrap_or_else(PoisonError::into_inner)
}

fn say(writer: &OutputWriter, text: Vec<u8>) {
    if !text.is_empty() {
        writer.message(text);
    }
}
