//! Everything that the run says to the outside, in order: jobs' output, and what the
//! observers of the run answer.

use std::sync::Arc;
use std::time::Duration;

use super::run_setup::RunSetup;
use super::slot_pool::SlotPool;
use crate::builtin::CombinedResult;
use crate::error::{Error, Result, escape_controls};
use crate::exec::capture::output_credit::OutputCredit;
use crate::job::AttemptRecord;
use crate::log::remarks::Verbosity;
use crate::observer::{
    Observer, ObserverAnswer, ObserverAnswers, Observers, RecordTarget, RunEvent, RunState,
};
use crate::os::clock::ClockReading;
use crate::output::results::ResultsWriter;
use crate::output::status_area::StatusArea;
use crate::output::writer::{OutputWriter, WriterNotice};
use crate::output::{FinishedAttempt, WriteTarget};
use crate::spool::{Spool, SpoolBudget};
use crate::tally::Tally;

/// Longest wait for a terminal to show that the display is gone: it may be stopped (Ctrl-S),
/// and prun is not to hang for that.
const MAX_ERASING: Duration = Duration::from_millis(200);

/// Destination of jobs' output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum OutputState {
    Printed,
    /// The writer makes results of it.
    Kept,
    /// Results cannot be written any more.
    Lost,
}

/// Hands output to the writer and tells the observers what happens.
pub(super) struct Reporter {
    writer: OutputWriter,
    observers: Vec<Box<dyn Observer>>,
    /// Empty between two calls; kept for its memory.
    answers: ObserverAnswers,
    output: OutputState,
    /// Status lines may be on the terminal.
    has_display: bool,
    budget: Arc<SpoolBudget>,
    /// The writer was asked to tell when it has caught up.
    draining: bool,
    verbosity: Verbosity,
}

impl Reporter {
    /// Starts the writer, which calls `tell` with its notices, and tells the observers that
    /// the run begins. `area` is that of the progress display.
    ///
    /// # Errors
    /// The writer's thread could not be started.
    pub(super) fn start(
        observers: Observers,
        results: Option<ResultsWriter>,
        area: Option<StatusArea>,
        setup: &RunSetup,
        tell: impl Fn(WriterNotice) + Send + 'static,
    ) -> Result<Self> {
        let output = match results {
            Some(_) => OutputState::Kept,
            None => OutputState::Printed,
        };
        let has_display = area.is_some();
        let area = area.unwrap_or(StatusArea::below(&[]));
        let writer = OutputWriter::start(observers.sinks, results, area, tell)
            .map_err(|error| Error::new("cannot start the writer's thread").because(&error))?;
        let mut reporter = Reporter {
            writer,
            observers: observers.list,
            answers: ObserverAnswers::default(),
            output,
            has_display,
            budget: Arc::clone(&setup.budget),
            draining: false,
            verbosity: setup.options.verbosity,
        };
        reporter.tell(&RunEvent::RunStarted);
        Ok(reporter)
    }

    /// Tells an event to each observer in turn, and prints and records what it answers.
    pub(super) fn tell(&mut self, event: &RunEvent<'_>) {
        self.is_answered(event);
    }

    /// Does the same, and returns whether any observer has answered.
    pub(super) fn is_answered(&mut self, event: &RunEvent<'_>) -> bool {
        let mut has_answers = false;
        for index in 0..self.observers.len() {
            self.observers[index].observe(event, &mut self.answers);
            if self.answers.is_empty() {
                continue;
            }
            has_answers = true;
            // What is printed is an event, too, which has answers of its own.
            let mut answers = std::mem::take(&mut self.answers);
            for answer in answers.drain() {
                self.carry_out(answer);
            }
            self.answers = answers;
        }
        has_answers
    }

    fn carry_out(&mut self, answer: ObserverAnswer) {
        match answer {
            ObserverAnswer::Message(text) => self.say(text),
            ObserverAnswer::Record(RecordTarget::Sink(sink), condition, record) => {
                self.writer.record(sink, condition, record);
            }
            ObserverAnswer::Record(RecordTarget::Stdout, condition, record) => {
                let record = Spool::of(&self.budget, &record);
                self.tell(&RunEvent::Printed {
                    bytes: record.len(),
                    text: record.in_memory(),
                });
                self.writer.print_record(condition, record);
            }
            ObserverAnswer::Status(lines) => self.writer.show_status(lines),
        }
    }

    /// Bytes of output and records that wait to be written.
    pub(super) fn backlog(&self) -> u64 {
        self.writer.backlog()
    }

    /// Prints whole lines on standard error unless prun is silent (`--gnu`).
    pub(super) fn warn(&mut self, text: impl Into<Vec<u8>>) {
        if self.verbosity != Verbosity::Silent {
            self.say(text);
        }
    }

    /// Prints what a service has printed, as it is, on standard error.
    pub(super) fn show(&mut self, mut bytes: Vec<u8>) {
        if bytes.last().is_some_and(|last| *last != b'\n') {
            bytes.push(b'\n');
        }
        self.print(WriteTarget::Stderr, Spool::of(&self.budget, &bytes), None);
    }

    /// Prints whole lines on standard error.
    pub(super) fn say(&mut self, text: impl Into<Vec<u8>>) {
        let text = text.into();
        let text = escape_controls(&text).into_owned();
        if !text.is_empty() {
            self.tell(&RunEvent::Printed {
                bytes: text.len() as u64,
                text: Some(&text),
            });
            self.writer.message(text);
        }
    }

    /// Prints a piece of a running job's output.
    pub(super) fn output(&mut self, target: WriteTarget, bytes: Spool, in_flight: OutputCredit) {
        // A job that goes on only because its output is lost.
        if self.output != OutputState::Lost {
            self.print(target, bytes, Some(in_flight));
        }
    }

    fn print(&mut self, target: WriteTarget, bytes: Spool, in_flight: Option<OutputCredit>) {
        if !bytes.is_empty() {
            self.tell(&RunEvent::Printed {
                bytes: bytes.len(),
                text: bytes.in_memory(),
            });
            self.writer.output(target, bytes, in_flight);
        }
    }

    /// Prints what is left of a finished job, or makes results of it.
    pub(super) fn finished(&mut self, finished: FinishedAttempt) {
        let pending = finished.stdout.len() + finished.stderr.len();
        if let Some(record) = self.deliver(finished) {
            self.tell(&RunEvent::OutputDelivered {
                record: &record,
                pending,
            });
        }
    }

    /// Gives the writer what a job has left, and returns the rest; nothing if it is lost.
    fn deliver(&mut self, finished: FinishedAttempt) -> Option<AttemptRecord> {
        match self.output {
            OutputState::Printed => {
                self.print(WriteTarget::Stdout, finished.stdout, None);
                self.print(WriteTarget::Stderr, finished.stderr, None);
                Some(finished.record)
            }
            OutputState::Kept => {
                let record = finished.record.clone();
                self.writer.results(Box::new(finished));
                Some(record)
            }
            OutputState::Lost => None,
        }
    }

    /// Tells whether output becomes results instead of being printed.
    pub(super) fn makes_results(&self) -> bool {
        self.output != OutputState::Printed
    }

    /// Delivers no more output: the user was told that results cannot be written.
    pub(super) fn give_up_results(&mut self) {
        self.output = OutputState::Lost;
        self.tell(&RunEvent::OutputLost);
    }

    /// Time of the next drawing, if the writer has drawn the last one: a terminal that does
    /// not keep up needs no newer lines.
    pub(super) fn next_drawing(&self) -> Option<ClockReading> {
        if self.writer.status_waits() {
            return None;
        }
        let observers = self.observers.iter();
        observers
            .filter_map(|observer| observer.next_drawing())
            .min()
    }

    /// Tells whether the display can be drawn only when the writer has drawn the last one.
    pub(super) fn waits_to_draw(&self) -> bool {
        self.writer.status_waits()
    }

    /// Draws the display if it is time for it.
    pub(super) fn draw(&mut self, now: ClockReading, tally: &Tally, slots: &SlotPool) {
        if self.next_drawing().is_none_or(|due| now < due) {
            return;
        }
        for (seq, line) in slots.take_latest() {
            self.tell(&RunEvent::LatestLine { seq, line: &line });
        }
        self.tell(&RunEvent::DrawingDue(&RunState {
            now,
            tally,
            running: &slots.running(),
        }));
    }

    /// Removes the display until it is drawn again, before others use the terminal.
    pub(super) fn clear(&mut self) {
        if self.has_display {
            self.tell(&RunEvent::StatusErased);
            let _ = self.writer.clear_status().recv_timeout(MAX_ERASING);
        }
    }

    /// Draws the display anew after others may have used the terminal.
    pub(super) fn abandon_display(&mut self) {
        if self.has_display {
            self.tell(&RunEvent::StatusErased);
            self.writer.abandon_status();
        }
    }

    /// Removes the display for good.
    pub(super) fn end_display(&mut self) {
        self.has_display = false;
        // Nobody has to wait for that: what is printed from now on comes after it.
        drop(self.writer.clear_status());
    }

    /// Prints the one result of all jobs.
    pub(super) fn combined(&self, combined: CombinedResult) {
        self.writer.combined(combined);
    }

    /// Lets the writer send an event when it has caught up.
    pub(super) fn drain(&mut self) {
        if !std::mem::replace(&mut self.draining, true) {
            self.writer.drain();
        }
    }

    /// Lets the writer send that event once more, when all is written that comes before, and
    /// records are on the disk.
    pub(super) fn drain_last(&self) {
        self.writer.sync();
        self.writer.drain();
    }

    /// Takes note of that event. Returns whether it was the answer to [`Reporter::drain`].
    pub(super) fn drained(&mut self) -> bool {
        std::mem::take(&mut self.draining)
    }
}
