//! Output that leaves a job while it runs.

use std::time::Duration;

use super::output_capture::{OutputCapture, OutputRelease, ReleaseBoundary};
use crate::exec::termination::slot_control::SlotControl;
use crate::os::clock::ClockReading;
use crate::os::standard_streams::OutputStream;
use crate::spool::Spool;

/// How long a few bytes wait for more, so that short jobs are printed in one piece.
const COALESCE: Duration = Duration::from_millis(10);

/// Bytes that do not wait for more.
const ENOUGH: u64 = 64 << 10;

impl OutputCapture<'_> {
    /// Emits what may be printed by now.
    pub(crate) fn flush(&mut self, control: &SlotControl, now: ClockReading) {
        // Told before the turn is looked at, so that it cannot be given unnoticed.
        if self.is_holding() {
            control.hold();
        }
        self.flush_lines_and_blocked(control);
        match self.printable(control) {
            0 => self.held_since = None,
            few => {
                let since = *self.held_since.get_or_insert(now);
                if (few >= ENOUGH || now >= since + COALESCE) && !control.is_choked() {
                    self.flush_printable();
                    self.held_since = None;
                }
            }
        }
    }

    /// When to flush again though nothing has happened.
    pub(crate) fn flush_deadline(&self, control: &SlotControl) -> Option<ClockReading> {
        let since = self.held_since.filter(|_| !control.is_choked());
        since.map(|since| since + COALESCE)
    }

    /// Whether more of this stream can be taken now.
    pub(crate) fn accepts(&self, stream: OutputStream, control: &SlotControl) -> bool {
        let captured = match stream {
            OutputStream::Stdout => &self.stdout,
            OutputStream::Stderr => &self.stderr,
        };
        let streams = match self.release {
            OutputRelease::Lines | OutputRelease::AtOnce => true,
            OutputRelease::WithTurn(_) => stream == OutputStream::Stdout && control.has_turn(),
            OutputRelease::Held => false,
        };
        !(captured.blocked || streams && control.is_choked())
    }

    /// Whether anything waits that the turn might let go.
    fn is_holding(&self) -> bool {
        !self.stdout.spool.is_empty() || self.stdout.blocked || self.stderr.blocked
    }

    /// How much of standard output the turn lets go now.
    fn printable(&self, control: &SlotControl) -> u64 {
        match self.release {
            OutputRelease::WithTurn(boundary) if control.has_turn() => match boundary {
                ReleaseBoundary::Anywhere => self.stdout.spool.len(),
                ReleaseBoundary::Lines => self.stdout.spool.lines(),
            },
            _ => 0,
        }
    }

    fn flush_printable(&mut self) {
        let piece = match self.release {
            OutputRelease::WithTurn(ReleaseBoundary::Lines) => self.stdout.spool.take_lines(),
            _ => self.stdout.spool.take(),
        };
        self.emit(OutputStream::Stdout, piece);
    }

    /// Emits whole lines in the mode that does so at once, and whatever has to leave so
    /// that a full disk does not hold up the job.
    fn flush_lines_and_blocked(&mut self, control: &SlotControl) {
        if control.is_choked() {
            return;
        }
        let blocked = self.stdout.blocked || self.stderr.blocked;
        let leaves = match self.release {
            OutputRelease::Lines => Some(Spool::take_lines as fn(&mut Spool) -> Spool),
            OutputRelease::AtOnce => Some(Spool::take as fn(&mut Spool) -> Spool),
            OutputRelease::Held | OutputRelease::WithTurn(_) => None,
        };
        if let Some(take) = leaves {
            for stream in [OutputStream::Stdout, OutputStream::Stderr] {
                let piece = take(&mut self.stream(stream).spool);
                self.emit(stream, piece);
            }
        }
        if blocked && (leaves.is_some() || control.has_turn()) {
            for stream in [OutputStream::Stdout, OutputStream::Stderr] {
                let all = self.stream(stream).spool.take();
                self.stream(stream).blocked = false;
                self.emit(stream, all);
            }
        }
    }
}
