//! What a job prints, from its pipes to where it waits or leaves: the tag goes before
//! each line, bytes that may be printed now are emitted, the others are spooled.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use super::control::Control;
use super::dress::{At, Dress};
use super::latest::Latest;
use crate::os::clock::Moment;
use crate::spool::{Budget, Spool};

/// Where a job's output goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Output {
    /// Into two pipes, and from there into a [`Capture`].
    Capture,
    /// Where prun's own output goes.
    Inherit,
}

/// One of the two streams of a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stream {
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
}

/// When output leaves a job that still runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flow {
    /// Not before its end, unless the disk is full: this attempt may be discarded.
    Held,
    /// Standard output as soon as the job has the floor.
    WithFloor(Cut),
    /// Both streams, every whole line at once.
    Lines,
}

/// Where a stream may be cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cut {
    /// Between any two bytes.
    Anywhere,
    /// Behind a newline only: something else is drawn on the same terminal.
    Lines,
}

/// What an attempt tells while it runs.
#[derive(Debug)]
pub enum Emission {
    /// Bytes to be printed now.
    Bytes(Stream, Spool),
    /// The latest line, to be shown.
    Latest(Vec<u8>),
    /// The disk is full: without the floor the job cannot go on.
    Blocked,
    /// Not the job's: prun was asked what runs. For how long this one has.
    Running(Duration),
    /// Nor this: it runs and waits for room for its next process.
    NoRoom(io::Error),
}

/// What becomes of the latest line while a job runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Showing {
    /// Nothing.
    Hidden,
    /// It is shown behind this.
    Behind(Vec<u8>),
}

/// One captured stream.
#[derive(Debug)]
pub struct Track {
    /// What waits.
    pub spool: Spool,
    /// Bytes read from the job.
    pub received: u64,
    /// The disk is full: do not read until something has left.
    blocked: bool,
    at: At,
}

impl Track {
    fn new(budget: &Arc<Budget>) -> Self {
        Track {
            spool: Spool::new(budget),
            received: 0,
            blocked: false,
            at: At::LineStart,
        }
    }
}

/// The output of one attempt.
pub struct Capture<'a> {
    /// Where the job's output goes.
    pub output: Output,
    /// Standard output.
    pub stdout: Track,
    /// Standard error.
    pub stderr: Track,
    /// Whether anything has left already, so that the attempt cannot be discarded.
    pub emitted: bool,
    /// Whether there was more of the latest line than was kept.
    pub cut: bool,
    /// All that is kept of standard output, if its other lines do not count.
    latest: Option<(Latest, Showing)>,
    flow: Flow,
    dress: Option<Dress>,
    /// The stream whose lines have none.
    undressed: Option<Stream>,
    scratch: Vec<u8>,
    emit: &'a mut dyn FnMut(Emission),
}

impl<'a> Capture<'a> {
    /// An empty capture. Each line is put into the `dress`; what leaves before the job's
    /// end goes to `emit`.
    pub fn new(
        output: Output,
        flow: Flow,
        dress: Option<Dress>,
        budget: &Arc<Budget>,
        emit: &'a mut dyn FnMut(Emission),
    ) -> Self {
        Capture {
            output,
            stdout: Track::new(budget),
            stderr: Track::new(budget),
            emitted: false,
            cut: false,
            latest: None,
            flow,
            dress,
            undressed: None,
            scratch: Vec::new(),
            emit,
        }
    }

    /// Leaves the lines of one stream without their dress.
    pub fn leave_undressed(&mut self, stream: Stream) {
        self.undressed = Some(stream);
    }

    /// Keeps the latest line of standard output only.
    pub fn keep_latest(&mut self, showing: Showing) {
        self.latest = Some((Latest::default(), showing));
    }

    fn track(&mut self, stream: Stream) -> &mut Track {
        match stream {
            Stream::Stdout => &mut self.stdout,
            Stream::Stderr => &mut self.stderr,
        }
    }

    /// Takes bytes that the job wrote.
    pub fn feed(&mut self, stream: Stream, bytes: &[u8]) {
        self.track(stream).received += bytes.len() as u64;
        match &mut self.latest {
            Some((latest, showing)) if stream == Stream::Stdout => {
                latest.feed(bytes);
                if let Showing::Behind(heading) = showing {
                    let line = [heading, latest.head()].concat();
                    (self.emit)(Emission::Latest(line));
                }
            }
            _ => self.put(stream, bytes),
        }
    }

    /// Stores bytes in their dress.
    pub fn put(&mut self, stream: Stream, bytes: &[u8]) {
        let dress = match self.undressed == Some(stream) {
            true => None,
            false => self.dress.take(),
        };
        let Some(dress) = dress else {
            return self.store(stream, bytes);
        };
        let mut dressed = std::mem::take(&mut self.scratch);
        let track = self.track(stream);
        track.at = dress.put_on(bytes, track.at, &mut dressed);
        self.store(stream, &dressed);
        dressed.clear();
        self.scratch = dressed;
        self.dress = Some(dress);
    }

    /// Nothing more comes: a last line that has no end of its own gets that of its dress.
    pub fn close(&mut self) {
        if let Some((latest, _)) = self.latest.take()
            && !latest.bytes().is_empty()
        {
            self.cut = latest.is_cut();
            self.put(Stream::Stdout, latest.bytes());
            self.put(Stream::Stdout, b"\n");
        }
        let Some(dress) = self.dress.take() else {
            return;
        };
        for stream in [Stream::Stdout, Stream::Stderr] {
            let rest = dress.rest(self.track(stream).at);
            if !rest.is_empty() {
                self.store(stream, rest);
            }
        }
    }

    /// Dresses what had to wait for the job's end to know in what.
    pub fn dress_late(&mut self, dress: &Dress) {
        for stream in [Stream::Stdout, Stream::Stderr] {
            self.dress_spool(stream, dress);
        }
    }

    fn dress_spool(&mut self, stream: Stream, dress: &Dress) {
        let old = self.track(stream).spool.take();
        let mut at = At::LineStart;
        let mut dressed = Vec::new();
        let nothing_sent = |_: &_, _, _| 0;
        let read = old.deliver(nothing_sent, |bytes| {
            dressed.clear();
            at = dress.put_on(bytes, at, &mut dressed);
            self.store(stream, &dressed);
            Ok(())
        });
        match read {
            Ok(()) => self.store(stream, dress.rest(at)),
            // Not to be read now means not later: whoever prints it will tell.
            Err(_) => self.track(stream).spool = old,
        }
    }

    fn store(&mut self, stream: Stream, bytes: &[u8]) {
        let track = self.track(stream);
        if track.spool.push(bytes).is_err() && !track.blocked {
            track.blocked = true;
            (self.emit)(Emission::Blocked);
        }
    }

    /// Whether more of this stream can be taken now.
    pub fn accepts(&self, stream: Stream, control: &Control) -> bool {
        let track = match stream {
            Stream::Stdout => &self.stdout,
            Stream::Stderr => &self.stderr,
        };
        let streams = match self.flow {
            Flow::Lines => true,
            Flow::WithFloor(_) => stream == Stream::Stdout && control.has_floor(),
            Flow::Held => false,
        };
        !(track.blocked || streams && control.is_choked())
    }

    /// Says that there is no room for the job's next process.
    pub fn lack_room(&mut self, error: io::Error) {
        (self.emit)(Emission::NoRoom(error));
    }

    /// Whether anything waits that the floor might let go.
    pub fn is_holding(&self) -> bool {
        !self.stdout.spool.is_empty() || self.stdout.blocked || self.stderr.blocked
    }

    /// How much could leave now if it were asked to.
    pub fn printable(&self, control: &Control) -> u64 {
        match self.flow {
            Flow::WithFloor(Cut::Anywhere) if control.has_floor() => self.stdout.spool.len(),
            Flow::WithFloor(Cut::Lines) if control.has_floor() => self.stdout.spool.lines(),
            _ => 0,
        }
    }

    /// Emits whole lines in the mode that does so at once, and whatever has to leave so
    /// that a full disk does not hold up the job.
    pub fn flush_urgent(&mut self, control: &Control) {
        let blocked = self.stdout.blocked || self.stderr.blocked;
        if control.is_choked() {
            return;
        }
        if self.flow == Flow::Lines {
            for stream in [Stream::Stdout, Stream::Stderr] {
                let lines = self.track(stream).spool.take_lines();
                self.emit(stream, lines);
            }
        }
        if blocked && (self.flow == Flow::Lines || control.has_floor()) {
            for stream in [Stream::Stdout, Stream::Stderr] {
                let all = self.track(stream).spool.take();
                self.track(stream).blocked = false;
                self.emit(stream, all);
            }
        }
    }

    /// Emits what [`Capture::printable`] counted.
    pub fn flush(&mut self, control: &Control) {
        if self.printable(control) == 0 || control.is_choked() {
            return;
        }
        let piece = match self.flow {
            Flow::WithFloor(Cut::Lines) => self.stdout.spool.take_lines(),
            _ => self.stdout.spool.take(),
        };
        self.emit(Stream::Stdout, piece);
    }

    /// Says that the job runs if that was asked.
    pub fn answer(&mut self, control: &Control, now: Moment) {
        if let Some(since) = control.take_question() {
            (self.emit)(Emission::Running(now.saturating_sub(since)));
        }
    }

    fn emit(&mut self, stream: Stream, piece: Spool) {
        if !piece.is_empty() {
            self.emitted = true;
            (self.emit)(Emission::Bytes(stream, piece));
        }
    }
}
