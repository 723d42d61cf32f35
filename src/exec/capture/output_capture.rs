//! The output of one attempt: counted, decorated, spooled.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use super::last_line::LastLine;
use super::line_decoration::LineDecoration;
use crate::error::Error;
use crate::exec::termination::slot_control::SlotControl;
use crate::os::clock::ClockReading;
use crate::os::standard_streams::OutputStream;
use crate::spool::{Spool, SpoolBudget};

/// Destination of a job's output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OutputDestination {
    /// Into two pipes, and from there into an [`OutputCapture`].
    Capture,
    /// To where prun's own output goes: `--ungroup`.
    Inherit,
}

/// Condition for output to leave a job that still runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OutputRelease {
    /// The attempt may be discarded: output leaves at its end, or if the disk is full.
    Held,
    /// Standard output leaves as soon as the job has the turn.
    WithTurn(ReleaseBoundary),
    /// Each whole line of both streams leaves at once.
    Lines,
    /// All of both streams leaves at once.
    AtOnce,
}

/// Places at which a stream may be cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ReleaseBoundary {
    Anywhere,
    /// Behind newlines: something else is drawn on the same terminal.
    Lines,
}

/// News of an attempt that runs.
#[derive(Debug)]
pub(crate) enum AttemptEvent {
    /// Its first process was started, or its built-in runs.
    Began,
    /// Bytes to be printed now.
    Bytes(OutputStream, Spool),
    /// The latest line changed.
    Latest(Vec<u8>),
    /// The disk is full: without the turn the job cannot go on.
    Blocked,
    /// Answer to [`SlotControl::ask`]: the time for which the job has run.
    Running(Duration),
    /// The job waits until the system has resources for its next process.
    ResourceShortage(io::Error),
    /// Whole lines for standard error.
    Warning(String),
    /// prun's own error, by which no other job can run.
    RunFailed(Error),
}

/// Display of the latest line while a job runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum LastLineDisplay {
    Hidden,
    /// Shown behind this heading.
    Behind(Vec<u8>),
}

/// One captured stream.
#[derive(Debug)]
pub(crate) struct CapturedStream {
    /// Bytes that have not left.
    pub spool: Spool,
    /// Number of bytes that the job wrote.
    pub received: u64,
    /// The disk is full: nothing is read before something has left.
    pub(super) blocked: bool,
    /// The last byte was not a newline.
    in_line: bool,
}

impl CapturedStream {
    fn new(budget: &Arc<SpoolBudget>) -> Self {
        CapturedStream {
            spool: Spool::new(budget),
            received: 0,
            blocked: false,
            in_line: false,
        }
    }
}

/// The output of one attempt.
pub(crate) struct OutputCapture<'a> {
    pub output: OutputDestination,
    pub stdout: CapturedStream,
    pub stderr: CapturedStream,
    /// Some output has left, so that the attempt cannot be discarded.
    pub emitted: bool,
    /// The latest line was longer than what was kept of it.
    pub cut: bool,
    /// All that is kept of standard output with `--latest-line`.
    latest: Option<(LastLine, LastLineDisplay)>,
    pub(super) release: OutputRelease,
    /// Time since which bytes that may be printed wait for more.
    pub(super) held_since: Option<ClockReading>,
    decoration: Option<LineDecoration>,
    /// The stream whose lines stay without decoration.
    undecorated: Option<OutputStream>,
    scratch: Vec<u8>,
    emit: &'a mut dyn FnMut(AttemptEvent),
}

impl<'a> OutputCapture<'a> {
    /// Each line gets the `decoration`; output that leaves before the job's end goes to
    /// `emit`.
    pub(crate) fn new(
        output: OutputDestination,
        release: OutputRelease,
        decoration: Option<LineDecoration>,
        budget: &Arc<SpoolBudget>,
        emit: &'a mut dyn FnMut(AttemptEvent),
    ) -> Self {
        OutputCapture {
            output,
            stdout: CapturedStream::new(budget),
            stderr: CapturedStream::new(budget),
            emitted: false,
            cut: false,
            latest: None,
            release,
            held_since: None,
            decoration,
            undecorated: None,
            scratch: Vec::new(),
            emit,
        }
    }

    pub(crate) fn leave_undecorated(&mut self, stream: OutputStream) {
        self.undecorated = Some(stream);
    }

    /// Drops all lines of standard output but the latest one: `--latest-line`.
    pub(crate) fn keep_latest(&mut self, display: LastLineDisplay) {
        self.latest = Some((LastLine::default(), display));
    }

    pub(super) fn stream(&mut self, stream: OutputStream) -> &mut CapturedStream {
        match stream {
            OutputStream::Stdout => &mut self.stdout,
            OutputStream::Stderr => &mut self.stderr,
        }
    }

    /// Takes bytes that the job wrote.
    pub(crate) fn feed(&mut self, stream: OutputStream, bytes: &[u8]) {
        self.stream(stream).received += bytes.len() as u64;
        match &mut self.latest {
            Some((latest, display)) if stream == OutputStream::Stdout => {
                latest.feed(bytes);
                if let LastLineDisplay::Behind(heading) = display {
                    let line = [heading, latest.head()].concat();
                    (self.emit)(AttemptEvent::Latest(line));
                }
            }
            _ => self.put(stream, bytes),
        }
    }

    /// Stores decorated bytes.
    pub(crate) fn put(&mut self, stream: OutputStream, bytes: &[u8]) {
        let is_decorated = self.undecorated != Some(stream);
        let Some(decoration) = self.decoration.take_if(|_| is_decorated) else {
            return self.store(stream, bytes);
        };
        let mut decorated = std::mem::take(&mut self.scratch);
        let captured = self.stream(stream);
        captured.in_line = decoration.apply(bytes, captured.in_line, &mut decorated);
        self.store(stream, &decorated);
        decorated.clear();
        self.scratch = decorated;
        self.decoration = Some(decoration);
    }

    /// Ends the capture: a last line without a newline gets the end of its decoration.
    pub(crate) fn close(&mut self) {
        if let Some((latest, _)) = self.latest.take()
            && !latest.bytes().is_empty()
        {
            self.cut = latest.is_cut();
            self.put(OutputStream::Stdout, latest.bytes());
            self.put(OutputStream::Stdout, b"\n");
        }
        let Some(decoration) = self.decoration.take() else {
            return;
        };
        for stream in [OutputStream::Stdout, OutputStream::Stderr] {
            if self.stream(stream).in_line && !decoration.after.is_empty() {
                self.store(stream, &decoration.after);
            }
        }
    }

    /// Decorates lines whose decoration depends on how the job ended.
    pub(crate) fn decorate_late(&mut self, decoration: &LineDecoration) {
        for stream in [OutputStream::Stdout, OutputStream::Stderr] {
            self.decorate_spool(stream, decoration);
        }
    }

    fn decorate_spool(&mut self, stream: OutputStream, decoration: &LineDecoration) {
        let old = self.stream(stream).spool.take();
        let mut in_line = false;
        let mut decorated = Vec::new();
        let nothing_sent = |_: &_, _, _| 0;
        let read = old.deliver(nothing_sent, |bytes| {
            decorated.clear();
            in_line = decoration.apply(bytes, in_line, &mut decorated);
            self.store(stream, &decorated);
            Ok(())
        });
        match read {
            Ok(()) if in_line => self.store(stream, &decoration.after),
            Ok(()) => {}
            // A spool that cannot be read now cannot be read later: the writer will tell.
            Err(_) => self.stream(stream).spool = old,
        }
    }

    fn store(&mut self, stream: OutputStream, bytes: &[u8]) {
        let captured = self.stream(stream);
        if captured.spool.push(bytes).is_err() && !captured.blocked {
            captured.blocked = true;
            (self.emit)(AttemptEvent::Blocked);
        }
    }

    /// Tells that the attempt has begun.
    pub(crate) fn report_start(&mut self) {
        (self.emit)(AttemptEvent::Began);
    }

    pub(crate) fn report_shortage(&mut self, error: io::Error) {
        (self.emit)(AttemptEvent::ResourceShortage(error));
    }

    /// Warns of something that no outcome tells.
    pub(crate) fn warn(&mut self, lines: String) {
        (self.emit)(AttemptEvent::Warning(lines));
    }

    /// Tells that no other job can run.
    pub(crate) fn fail_run(&mut self, error: Error) {
        (self.emit)(AttemptEvent::RunFailed(error));
    }

    /// Tells for how long the job has run, if that was asked.
    pub(crate) fn answer(&mut self, control: &SlotControl, now: ClockReading) {
        if let Some(running) = control.take_question() {
            (self.emit)(AttemptEvent::Running(running.runtime(now)));
        }
    }

    pub(super) fn emit(&mut self, stream: OutputStream, piece: Spool) {
        if !piece.is_empty() {
            self.emitted = true;
            (self.emit)(AttemptEvent::Bytes(stream, piece));
        }
    }
}
