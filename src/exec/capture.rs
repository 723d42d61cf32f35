//! What a job prints, from its pipes to where it waits or leaves: the tag goes before
//! each line, bytes that may be printed now are emitted, the others are spooled.

use std::sync::Arc;

use memchr::memchr_iter;

use super::control::Control;
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
    /// The disk is full: without the floor the job cannot go on.
    Blocked,
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
    at_line_start: bool,
}

impl Track {
    fn new(budget: &Arc<Budget>) -> Self {
        Track {
            spool: Spool::new(budget),
            received: 0,
            blocked: false,
            at_line_start: true,
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
    flow: Flow,
    tag: Option<Vec<u8>>,
    /// The stream whose lines have no tag.
    untagged: Option<Stream>,
    scratch: Vec<u8>,
    emit: &'a mut dyn FnMut(Emission),
}

impl<'a> Capture<'a> {
    /// An empty capture. Each line is preceded by `tag`; what leaves before the job's
    /// end goes to `emit`.
    pub fn new(
        output: Output,
        flow: Flow,
        tag: Option<Vec<u8>>,
        budget: &Arc<Budget>,
        emit: &'a mut dyn FnMut(Emission),
    ) -> Self {
        Capture {
            output,
            stdout: Track::new(budget),
            stderr: Track::new(budget),
            emitted: false,
            flow,
            tag,
            untagged: None,
            scratch: Vec::new(),
            emit,
        }
    }

    /// Leaves the lines of one stream without their tag.
    pub fn leave_untagged(&mut self, stream: Stream) {
        self.untagged = Some(stream);
    }

    fn track(&mut self, stream: Stream) -> &mut Track {
        match stream {
            Stream::Stdout => &mut self.stdout,
            Stream::Stderr => &mut self.stderr,
        }
    }

    /// Takes bytes that the job wrote.
    pub fn feed(&mut self, stream: Stream, bytes: &[u8]) {
        let tag = match self.untagged == Some(stream) {
            true => None,
            false => self.tag.take(),
        };
        let Some(tag) = tag else {
            self.store(stream, bytes);
            self.track(stream).received += bytes.len() as u64;
            return;
        };
        let mut tagged = std::mem::take(&mut self.scratch);
        let track = self.track(stream);
        track.at_line_start = tag_lines(&tag, bytes, track.at_line_start, &mut tagged);
        track.received += bytes.len() as u64;
        self.store(stream, &tagged);
        tagged.clear();
        self.scratch = tagged;
        self.tag = Some(tag);
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

    fn emit(&mut self, stream: Stream, piece: Spool) {
        if !piece.is_empty() {
            self.emitted = true;
            (self.emit)(Emission::Bytes(stream, piece));
        }
    }
}

/// Appends `bytes` to `out` with `tag` before each line, and tells whether the next
/// byte begins a line. A tag appears only once its line has a byte.
fn tag_lines(tag: &[u8], bytes: &[u8], at_line_start: bool, out: &mut Vec<u8>) -> bool {
    let mut from = 0;
    let mut starts = at_line_start;
    let ends = memchr_iter(b'\n', bytes).map(|newline| newline + 1);
    for to in ends.chain([bytes.len()]) {
        if from == to {
            break;
        }
        if starts {
            out.extend_from_slice(tag);
        }
        out.extend_from_slice(&bytes[from..to]);
        starts = bytes[to - 1] == b'\n';
        from = to;
    }
    starts
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn every_line_has_its_tag() {
        let mut out = Vec::new();
        assert!(tag_lines(b"t\t", b"a\n\nb\n", true, &mut out));
        assert_eq!(out, b"t\ta\nt\t\nt\tb\n");
    }

    proptest! {
        #[test]
        fn chunks_do_not_matter(chunks in prop::collection::vec("[ab\n]{0,5}", 0..20)) {
            let mut whole = Vec::new();
            tag_lines(b"> ", chunks.concat().as_bytes(), true, &mut whole);
            let mut pieces = Vec::new();
            let mut starts = true;
            for chunk in &chunks {
                starts = tag_lines(b"> ", chunk.as_bytes(), starts, &mut pieces);
            }
            prop_assert_eq!(pieces, whole);
        }
    }
}
