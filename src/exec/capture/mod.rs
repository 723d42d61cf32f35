//! What a job prints, from its pipes to where it waits or leaves: the tag goes before
//! each line, bytes that may be printed now are emitted, the others are spooled.

pub(crate) mod last_line;
pub(crate) mod line_decoration;
pub(crate) mod output_credit;

use std::io;
use std::sync::Arc;
use std::time::Duration;

use self::last_line::LastLine;
use self::line_decoration::{LineDecoration, LinePosition};
use crate::exec::termination::slot_control::SlotControl;
use crate::os::clock::ClockReading;
pub(crate) use crate::os::standard_streams::OutputStream;
use crate::spool::{Spool, SpoolBudget};

/// Where a job's output goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OutputDestination {
    /// Into two pipes, and from there into a [`OutputCapture`].
    Capture,
    /// Where prun's own output goes.
    Inherit,
}

/// When output leaves a job that still runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OutputRelease {
    /// Not before its end, unless the disk is full: this attempt may be discarded.
    Held,
    /// Standard output as soon as the job has the turn.
    WithFloor(ReleaseBoundary),
    /// Both streams, every whole line at once.
    Lines,
}

/// Where a stream may be cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ReleaseBoundary {
    /// Between any two bytes.
    Anywhere,
    /// Behind a newline only: something else is drawn on the same terminal.
    Lines,
}

/// What an attempt tells while it runs.
#[derive(Debug)]
pub(crate) enum AttemptEvent {
    /// Bytes to be printed now.
    Bytes(OutputStream, Spool),
    /// The latest line, to be shown.
    Latest(Vec<u8>),
    /// The disk is full: without the turn the job cannot go on.
    Blocked,
    /// Not the job's: prun was asked what runs. For how long this one has.
    Running(Duration),
    /// Nor this: it runs and waits for room for its next process.
    NoRoom(io::Error),
}

/// What becomes of the latest line while a job runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum LastLineDisplay {
    /// Nothing.
    Hidden,
    /// It is shown behind this.
    Behind(Vec<u8>),
}

/// One captured stream.
#[derive(Debug)]
pub(crate) struct CapturedStream {
    /// What waits.
    pub spool: Spool,
    /// Bytes read from the job.
    pub received: u64,
    /// The disk is full: do not read until something has left.
    blocked: bool,
    at: LinePosition,
}

impl CapturedStream {
    fn new(budget: &Arc<SpoolBudget>) -> Self {
        CapturedStream {
            spool: Spool::new(budget),
            received: 0,
            blocked: false,
            at: LinePosition::LineStart,
        }
    }
}

/// The output of one attempt.
pub(crate) struct OutputCapture<'a> {
    /// Where the job's output goes.
    pub output: OutputDestination,
    /// Standard output.
    pub stdout: CapturedStream,
    /// Standard error.
    pub stderr: CapturedStream,
    /// Whether anything has left already, so that the attempt cannot be discarded.
    pub emitted: bool,
    /// Whether there was more of the latest line than was kept.
    pub cut: bool,
    /// All that is kept of standard output, if its other lines do not count.
    latest: Option<(LastLine, LastLineDisplay)>,
    flow: OutputRelease,
    decoration: Option<LineDecoration>,
    /// The stream whose lines have none.
    undecorated: Option<OutputStream>,
    scratch: Vec<u8>,
    emit: &'a mut dyn FnMut(AttemptEvent),
}

impl<'a> OutputCapture<'a> {
    /// An empty capture. Each line is put into the `decoration`; what leaves before the job's
    /// end goes to `emit`.
    pub(crate) fn new(
        output: OutputDestination,
        flow: OutputRelease,
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
            flow,
            decoration,
            undecorated: None,
            scratch: Vec::new(),
            emit,
        }
    }

    /// Leaves the lines of one stream without their decoration.
    pub(crate) fn leave_undecorated(&mut self, stream: OutputStream) {
        self.undecorated = Some(stream);
    }

    /// Keeps the latest line of standard output only.
    pub(crate) fn keep_latest(&mut self, showing: LastLineDisplay) {
        self.latest = Some((LastLine::default(), showing));
    }

    fn track(&mut self, stream: OutputStream) -> &mut CapturedStream {
        match stream {
            OutputStream::Stdout => &mut self.stdout,
            OutputStream::Stderr => &mut self.stderr,
        }
    }

    /// Takes bytes that the job wrote.
    pub(crate) fn feed(&mut self, stream: OutputStream, bytes: &[u8]) {
        self.track(stream).received += bytes.len() as u64;
        match &mut self.latest {
            Some((latest, showing)) if stream == OutputStream::Stdout => {
                latest.feed(bytes);
                if let LastLineDisplay::Behind(heading) = showing {
                    let line = [heading, latest.head()].concat();
                    (self.emit)(AttemptEvent::Latest(line));
                }
            }
            _ => self.put(stream, bytes),
        }
    }

    /// Stores decorated bytes.
    pub(crate) fn put(&mut self, stream: OutputStream, bytes: &[u8]) {
        let decoration = match self.undecorated == Some(stream) {
            true => None,
            false => self.decoration.take(),
        };
        let Some(decoration) = decoration else {
            return self.store(stream, bytes);
        };
        let mut decorated = std::mem::take(&mut self.scratch);
        let track = self.track(stream);
        track.at = decoration.put_on(bytes, track.at, &mut decorated);
        self.store(stream, &decorated);
        decorated.clear();
        self.scratch = decorated;
        self.decoration = Some(decoration);
    }

    /// Nothing more comes: a last line that has no end of its own gets the one of its decoration.
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
            let rest = decoration.rest(self.track(stream).at);
            if !rest.is_empty() {
                self.store(stream, rest);
            }
        }
    }

    /// Dresses what had to wait for the job's end to know in what.
    pub(crate) fn decorate_late(&mut self, decoration: &LineDecoration) {
        for stream in [OutputStream::Stdout, OutputStream::Stderr] {
            self.decorate_spool(stream, decoration);
        }
    }

    fn decorate_spool(&mut self, stream: OutputStream, decoration: &LineDecoration) {
        let old = self.track(stream).spool.take();
        let mut at = LinePosition::LineStart;
        let mut decorated = Vec::new();
        let nothing_sent = |_: &_, _, _| 0;
        let read = old.deliver(nothing_sent, |bytes| {
            decorated.clear();
            at = decoration.put_on(bytes, at, &mut decorated);
            self.store(stream, &decorated);
            Ok(())
        });
        match read {
            Ok(()) => self.store(stream, decoration.rest(at)),
            // Not to be read now means not later: whoever prints it will tell.
            Err(_) => self.track(stream).spool = old,
        }
    }

    fn store(&mut self, stream: OutputStream, bytes: &[u8]) {
        let track = self.track(stream);
        if track.spool.push(bytes).is_err() && !track.blocked {
            track.blocked = true;
            (self.emit)(AttemptEvent::Blocked);
        }
    }

    /// Whether more of this stream can be taken now.
    pub(crate) fn accepts(&self, stream: OutputStream, control: &SlotControl) -> bool {
        let track = match stream {
            OutputStream::Stdout => &self.stdout,
            OutputStream::Stderr => &self.stderr,
        };
        let streams = match self.flow {
            OutputRelease::Lines => true,
            OutputRelease::WithFloor(_) => stream == OutputStream::Stdout && control.has_turn(),
            OutputRelease::Held => false,
        };
        !(track.blocked || streams && control.is_choked())
    }

    /// Says that there is no room for the job's next process.
    pub(crate) fn lack_room(&mut self, error: io::Error) {
        (self.emit)(AttemptEvent::NoRoom(error));
    }

    /// Whether anything waits that the turn might let go.
    pub(crate) fn is_holding(&self) -> bool {
        !self.stdout.spool.is_empty() || self.stdout.blocked || self.stderr.blocked
    }

    /// How much could leave now if it were asked to.
    pub(crate) fn printable(&self, control: &SlotControl) -> u64 {
        match self.flow {
            OutputRelease::WithFloor(ReleaseBoundary::Anywhere) if control.has_turn() => {
                self.stdout.spool.len()
            }
            OutputRelease::WithFloor(ReleaseBoundary::Lines) if control.has_turn() => {
                self.stdout.spool.lines()
            }
            _ => 0,
        }
    }

    /// Emits whole lines in the mode that does so at once, and whatever has to leave so
    /// that a full disk does not hold up the job.
    pub(crate) fn flush_urgent(&mut self, control: &SlotControl) {
        let blocked = self.stdout.blocked || self.stderr.blocked;
        if control.is_choked() {
            return;
        }
        if self.flow == OutputRelease::Lines {
            for stream in [OutputStream::Stdout, OutputStream::Stderr] {
                let lines = self.track(stream).spool.take_lines();
                self.emit(stream, lines);
            }
        }
        if blocked && (self.flow == OutputRelease::Lines || control.has_turn()) {
            for stream in [OutputStream::Stdout, OutputStream::Stderr] {
                let all = self.track(stream).spool.take();
                self.track(stream).blocked = false;
                self.emit(stream, all);
            }
        }
    }

    /// Emits what [`OutputCapture::printable`] counted.
    pub(crate) fn flush(&mut self, control: &SlotControl) {
        if self.printable(control) == 0 || control.is_choked() {
            return;
        }
        let piece = match self.flow {
            OutputRelease::WithFloor(ReleaseBoundary::Lines) => self.stdout.spool.take_lines(),
            _ => self.stdout.spool.take(),
        };
        self.emit(OutputStream::Stdout, piece);
    }

    /// Says that the job runs if that was asked.
    pub(crate) fn answer(&mut self, control: &SlotControl, now: ClockReading) {
        if let Some(since) = control.take_question() {
            (self.emit)(AttemptEvent::Running(now.saturating_sub(since)));
        }
    }

    fn emit(&mut self, stream: OutputStream, piece: Spool) {
        if !piece.is_empty() {
            self.emitted = true;
            (self.emit)(AttemptEvent::Bytes(stream, piece));
        }
    }
}
