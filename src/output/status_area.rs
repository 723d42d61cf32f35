//! The lines at the end of a terminal that show how far the run is. Whatever is printed on
//! the same terminal goes above them: erasing, printing and drawing again is one write, so
//! that they are never seen to be missing.

use std::io;
use std::time::{Duration, Instant};

use console::measure_text_width;

use super::target::WriteTarget;
use crate::os::terminal;

/// Between two drawings in the long run: a flood of small outputs is not to cost as many
/// drawings.
const MIN_PAUSE: Duration = Duration::from_millis(5);

/// Drawings may come early by so much: jobs end side by side, and what a job prints on both
/// streams is printed twice at once.
const MAX_EARLY: Duration = Duration::from_millis(50);

/// The size of a terminal in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TerminalSize {
    /// Lines.
    pub rows: usize,
    /// Columns that may be filled: one is left free, since some terminals wrap a full line.
    pub columns: usize,
}

impl TerminalSize {
    /// The size of the terminal on standard error; 24 × 80 if it does not tell.
    pub(crate) fn of_stderr() -> Self {
        match rustix::termios::tcgetwinsize(io::stderr()) {
            Ok(size) if size.ws_col > 0 && size.ws_row > 0 => TerminalSize {
                rows: size.ws_row.into(),
                columns: usize::from(size.ws_col) - 1,
            },
            _ => TerminalSize {
                rows: 24,
                columns: 79,
            },
        }
    }
}

/// Lines that stand on the terminal.
#[derive(Debug)]
struct DrawnLines {
    /// Columns of each line.
    widths: Vec<usize>,
    size: TerminalSize,
}

/// The status area of a terminal: which lines are wanted there, and which are drawn.
#[derive(Debug)]
pub(crate) struct StatusArea {
    /// Streams that are seen on the same terminal.
    targets: &'static [WriteTarget],
    /// The terminal's size; nothing while prun is in the background.
    ask: fn() -> Option<TerminalSize>,
    wanted: Option<Vec<String>>,
    drawn: Option<DrawnLines>,
    /// The cursor stands behind output that did not end its line: nothing can be drawn
    /// there.
    in_line: bool,
    /// Time from which the lines may be drawn again after something was printed.
    not_before: Instant,
}

impl StatusArea {
    /// An empty area on the terminal that shows what is printed to `targets`.
    pub(crate) fn below(targets: &'static [WriteTarget]) -> Self {
        StatusArea {
            targets,
            ask: || (!terminal::is_in_background()).then(TerminalSize::of_stderr),
            wanted: None,
            drawn: None,
            in_line: false,
            not_before: Instant::now(),
        }
    }

    /// Bytes that print `text` above the lines; nothing if they are on another terminal
    /// than `target`.
    pub(crate) fn above(&mut self, target: WriteTarget, text: &[u8]) -> Option<Vec<u8>> {
        if text.is_empty() || !self.targets.contains(&target) {
            return None;
        }
        let mut bytes = self.make_room(target, text.ends_with(b"\n"));
        bytes.extend_from_slice(text);
        bytes.extend_from_slice(&self.redraw());
        Some(bytes)
    }

    /// Bytes that erase the lines before something is printed to `target` by other means,
    /// which ends its last line or not.
    pub(crate) fn make_room(&mut self, target: WriteTarget, ends_line: bool) -> Vec<u8> {
        if !self.targets.contains(&target) {
            return Vec::new();
        }
        self.in_line = !ends_line;
        self.erase()
    }

    /// Bytes that draw other lines.
    pub(crate) fn replace(&mut self, lines: Vec<String>) -> Vec<u8> {
        self.wanted = Some(lines);
        self.draw()
    }

    /// Bytes that remove the lines.
    pub(crate) fn clear(&mut self) -> Vec<u8> {
        self.wanted = None;
        self.erase()
    }

    /// Forgets what is drawn: others have written to the terminal since, and nothing of
    /// theirs is to be erased.
    pub(crate) fn abandon(&mut self) {
        self.wanted = None;
        self.drawn = None;
    }

    /// Time at which lines that had to give way are to be drawn again.
    pub(crate) fn due(&self) -> Option<Instant> {
        let hidden = self.wanted.is_some() && self.drawn.is_none() && !self.in_line;
        hidden.then_some(self.not_before)
    }

    /// Bytes that draw the lines again that had to give way, if it is time for that.
    pub(crate) fn redraw(&mut self) -> Vec<u8> {
        match self.due() {
            Some(due) if Instant::now() >= due => self.draw(),
            _ => Vec::new(),
        }
    }

    fn draw(&mut self) -> Vec<u8> {
        if self.in_line {
            return Vec::new();
        }
        let Some(size) = (self.ask)() else {
            self.abandon();
            return Vec::new();
        };
        let lines = match &self.wanted {
            Some(lines) if !lines.is_empty() => lines,
            _ => return self.clear(),
        };
        let widths = lines.iter().map(|line| measure_text_width(line));
        let widths: Vec<usize> = widths.collect();
        if widths.iter().any(|&width| width > size.columns) {
            // Made for a wider terminal. The next ones will fit.
            return self.clear();
        }
        let bytes = drawing(lines, self.drawn.as_ref(), size);
        self.drawn = Some(DrawnLines { widths, size });
        let earliest = Instant::now().checked_sub(MAX_EARLY);
        self.not_before = self.not_before.max(earliest.unwrap_or(self.not_before)) + MIN_PAUSE;
        bytes
    }

    fn erase(&mut self) -> Vec<u8> {
        match (self.drawn.take(), (self.ask)()) {
            (Some(drawn), Some(size)) => {
                format!("{}\x1b[J", to_first_line(&drawn, size)).into_bytes()
            }
            _ => Vec::new(),
        }
    }
}

/// Draws `lines` in the place of those that stand on a terminal of this size.
fn drawing(lines: &[String], before: Option<&DrawnLines>, size: TerminalSize) -> Vec<u8> {
    let mut text = match before {
        Some(before) => to_first_line(before, size),
        None => "\r".to_owned(),
    };
    let fits = before.is_none_or(|before| before.size == size);
    if !fits {
        text.push_str("\x1b[J");
    }
    for (index, line) in lines.iter().enumerate() {
        if index > 0 {
            text.push_str("\r\n");
        }
        text.push_str(line);
        text.push_str("\x1b[K");
    }
    if fits && before.is_some_and(|before| before.widths.len() > lines.len()) {
        text.push_str("\x1b[J");
    }
    text.into_bytes()
}

/// Moves the cursor from the end of the last line to the beginning of the first one. A
/// terminal that has another size now has wrapped the lines anew.
fn to_first_line(drawn: &DrawnLines, size: TerminalSize) -> String {
    let rows: usize = if drawn.size == size {
        drawn.widths.len()
    } else {
        let columns = size.columns + 1;
        let rows = drawn.widths.iter();
        rows.map(|&width| width.max(1).div_ceil(columns)).sum()
    };
    match rows {
        0 | 1 => "\r".to_owned(),
        rows => format!("\x1b[{}A\r", rows - 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: TerminalSize = TerminalSize {
        rows: 24,
        columns: 79,
    };

    fn lines(lines: &[&str]) -> Vec<String> {
        lines.iter().map(ToString::to_string).collect()
    }

    fn area() -> StatusArea {
        StatusArea {
            ask: || Some(SIZE),
            wanted: Some(lines(&["1/2", "a"])),
            drawn: Some(DrawnLines {
                widths: vec![3, 1],
                size: SIZE,
            }),
            ..StatusArea::below(&[WriteTarget::Stdout, WriteTarget::Stderr])
        }
    }

    fn text(bytes: Vec<u8>) -> String {
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn output_and_lines_are_one_piece() {
        let mut area = area();
        assert_eq!(
            text(area.above(WriteTarget::Stdout, b"out\n").unwrap()),
            "\x1b[1A\r\x1b[Jout\n\r1/2\x1b[K\r\na\x1b[K"
        );
        assert_eq!(area.due(), None);
    }

    #[test]
    fn a_flood_is_not_drawn_under_each_time() {
        let mut area = area();
        area.not_before = Instant::now() + Duration::from_secs(100);
        assert_eq!(
            text(area.above(WriteTarget::Stdout, b"x\n").unwrap()),
            "\x1b[1A\r\x1b[Jx\n"
        );
        assert_eq!(
            text(area.above(WriteTarget::Stderr, b"y\n").unwrap()),
            "y\n"
        );
        assert_eq!(area.due(), Some(area.not_before));
        area.not_before = Instant::now();
        assert_eq!(text(area.redraw()), "\r1/2\x1b[K\r\na\x1b[K");
        assert_eq!(area.due(), None);
    }

    #[test]
    fn a_burst_is_drawn_under_each_time() {
        let mut area = area();
        area.not_before = Instant::now() + Duration::from_secs(100) - MAX_EARLY;
        area.draw();
        assert!(area.not_before > Instant::now() + Duration::from_secs(99));
        let Some(past) = Instant::now().checked_sub(Duration::from_secs(1)) else {
            return;
        };
        area.not_before = past;
        area.draw();
        assert!(area.not_before < Instant::now() - MAX_EARLY / 2 && area.not_before > past);
    }

    #[test]
    fn nothing_is_drawn_behind_output_that_does_not_end_its_line() {
        let mut area = area();
        area.above(WriteTarget::Stdout, b"part");
        assert_eq!(area.due(), None);
        assert!(area.replace(lines(&["2/2"])).is_empty());
        assert_eq!(
            text(area.above(WriteTarget::Stdout, b"ial\n").unwrap()),
            "ial\n\r2/2\x1b[K"
        );
    }

    #[test]
    fn fewer_lines_leave_nothing_of_those_before() {
        let mut area = area();
        assert_eq!(
            text(area.replace(lines(&["2/2"]))),
            "\x1b[1A\r2/2\x1b[K\x1b[J"
        );
        assert_eq!(text(area.replace(lines(&[]))), "\r\x1b[J");
        assert_eq!((area.due(), text(area.clear())), (None, String::new()));
    }

    #[test]
    fn what_was_abandoned_is_not_erased() {
        let mut area = area();
        area.abandon();
        assert!(area.clear().is_empty());
        assert_eq!(text(area.replace(lines(&["3"]))), "\r3\x1b[K");
    }

    #[test]
    fn lines_for_a_wider_terminal_are_not_drawn() {
        let mut area = area();
        area.ask = || {
            Some(TerminalSize {
                rows: 24,
                columns: 2,
            })
        };
        assert_eq!(
            text(area.above(WriteTarget::Stdout, b"x\n").unwrap()),
            "\x1b[1A\r\x1b[Jx\n"
        );
        assert_eq!(area.due(), None);
        assert_eq!(text(area.replace(lines(&["2"]))), "\r2\x1b[K");
    }

    #[test]
    fn nothing_is_drawn_from_the_background() {
        let mut area = area();
        area.ask = || None;
        assert_eq!(
            text(area.above(WriteTarget::Stdout, b"out\n").unwrap()),
            "out\n"
        );
        assert!(area.replace(lines(&["2/2"])).is_empty());
        assert_eq!(area.due(), None);
        area.ask = || Some(SIZE);
        assert!(area.clear().is_empty());
        assert_eq!(text(area.replace(lines(&["2/2"]))), "\r2/2\x1b[K");
    }

    #[test]
    fn a_narrower_terminal_has_wrapped_the_lines() {
        let narrow = TerminalSize {
            rows: 24,
            columns: 9,
        };
        let drawn = DrawnLines {
            widths: vec![30, 0, 10],
            size: SIZE,
        };
        assert_eq!(to_first_line(&drawn, narrow), "\x1b[4A\r");
        assert_eq!(to_first_line(&drawn, SIZE), "\x1b[2A\r");
        assert_eq!(
            text(drawing(&["x".to_owned()], Some(&drawn), narrow)),
            "\x1b[4A\r\x1b[Jx\x1b[K"
        );
    }
}
