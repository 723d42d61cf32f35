//! The one progress display: counts, rate, time left, and the jobs that have run
//! longest. It makes text; the dispatcher decides when, and the writer prints it, so
//! it never mixes with jobs' output.

use std::borrow::Cow;
use std::collections::{HashMap, VecDeque};
use std::fmt::Write;
use std::sync::Arc;
use std::time::Duration;

use console::{measure_text_width, truncate_str};

use super::bar::{Bar, Size};
use super::summary::visible;
use crate::exec::control::Running;
use crate::exec::latest::plain;
use crate::job::Job;
use crate::os::clock::Moment;
use crate::output::writer::Target;
use crate::tally::Tally;
use crate::template::Template;

/// Between two drawings when something has changed.
const SOON: Duration = Duration::from_millis(100);

/// Between two drawings when only time has passed.
const IDLE: Duration = Duration::from_secs(1);

/// Between two plain lines, where there is no terminal.
const PLAIN: Duration = Duration::from_secs(10);

/// At most so many running jobs are shown by their commands.
const SHOWN: usize = 4;

/// Between two places where a tab ends on a terminal.
const TAB: usize = 8;

/// The rate is that of so many jobs.
const RECENT: usize = 50;

/// How the run stands when the display is drawn.
pub struct View<'a> {
    /// The time.
    pub now: Moment,
    /// The counts.
    pub tally: &'a Tally,
    /// What runs, longest first.
    pub running: &'a [Running],
}

/// What the display is drawn on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Surface {
    /// A terminal that jobs' standard output does not go to.
    Terminal,
    /// A terminal that shows jobs' standard output too.
    SharedTerminal,
    /// Something that keeps every line.
    Plain,
}

/// What is shown of running jobs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rows {
    /// The commands of the few that have run longest.
    Commands,
    /// The latest line of each (`--latest-line`).
    LatestLines,
}

/// The display.
#[derive(Debug)]
pub struct Progress {
    template: Arc<Template>,
    surface: Surface,
    rows: Rows,
    bar: Option<Bar>,
    /// What is shown of each job: its command, or its latest line.
    labels: HashMap<u64, String>,
    ends: VecDeque<Moment>,
    last_drawing: Moment,
    changed: bool,
    /// The cursor stands behind output that did not end its line: nothing can be drawn
    /// there.
    in_line: bool,
}

impl Progress {
    /// A display of jobs made from `template`.
    pub fn new(template: Arc<Template>, surface: Surface, rows: Rows) -> Self {
        Progress {
            template,
            surface,
            rows,
            bar: None,
            labels: HashMap::new(),
            ends: VecDeque::new(),
            last_drawing: Moment::ZERO,
            changed: true,
            in_line: false,
        }
    }

    /// Whether it shows what running jobs print.
    pub fn shows_latest(&self) -> bool {
        self.rows == Rows::LatestLines && self.surface != Surface::Plain
    }

    /// What erases the display before something is printed to `target`.
    pub fn make_way(&mut self, target: Target, ends_line: bool) -> Vec<u8> {
        let disturbed = match self.surface {
            Surface::SharedTerminal => target != Target::Log,
            Surface::Terminal => target == Target::Stderr,
            Surface::Plain => false,
        };
        if !disturbed {
            return Vec::new();
        }
        self.in_line = !ends_line;
        match self.bar.take() {
            Some(bar) => bar.erase(),
            None => Vec::new(),
        }
    }

    /// A job starts.
    pub fn starting(&mut self, job: &Job) {
        if self.surface == Surface::Plain {
            return;
        }
        let place = self.template.place(job.seq, 1);
        let mut command = Vec::new();
        self.template.show(&job.row, place, &mut command);
        self.labels.insert(job.seq, visible(&command));
    }

    /// Running jobs have something new to show.
    pub fn news(&mut self) {
        self.changed = true;
    }

    /// A job has printed a line. It may be over, and then it is not shown any more.
    pub fn latest(&mut self, seq: u64, line: &[u8]) {
        if let Some(label) = self.labels.get_mut(&seq) {
            *label = shown(line);
        }
    }

    /// A job is over.
    pub fn ended(&mut self, seq: u64, now: Moment) {
        self.labels.remove(&seq);
        self.changed = true;
        self.ends.push_back(now);
        if self.ends.len() > RECENT {
            self.ends.pop_front();
        }
    }

    /// When to draw again.
    pub fn next_drawing(&self) -> Moment {
        let pause = match self.surface {
            Surface::Plain => PLAIN,
            _ if self.changed => SOON,
            _ => IDLE,
        };
        self.last_drawing + pause
    }

    /// What draws the display anew.
    pub fn draw(&mut self, view: &View<'_>) -> Vec<u8> {
        self.last_drawing = view.now;
        self.changed = false;
        let counts = self.counts(view);
        if self.surface == Surface::Plain {
            return format!("prun: {counts}\n").into_bytes();
        }
        if self.in_line {
            return Vec::new();
        }
        let size = Size::of_stderr();
        let stale = self.bar.take_if(|bar| bar.size != size);
        let mut drawn = stale.map_or_else(Vec::new, Bar::erase);
        let mut text = truncate_str(&counts, size.columns, "").into_owned();
        let room = size.rows.saturating_sub(2);
        let most = match self.rows {
            Rows::Commands => room.min(SHOWN),
            Rows::LatestLines => room,
        };
        let mut running = view.running.to_vec();
        if self.rows == Rows::LatestLines {
            // Jobs start in this order, but for moments.
            running.sort_by_key(|running| running.seq);
        }
        for running in running.iter().take(most) {
            text.push('\n');
            text.push_str(&truncate_str(
                &self.row(running, view.now),
                size.columns,
                "...",
            ));
        }
        let bar = self.bar.get_or_insert_with(|| Bar::new(size));
        drawn.extend(bar.draw(text, view.tally));
        drawn
    }

    fn row(&self, running: &Running, now: Moment) -> Cow<'_, str> {
        let label = self.labels.get(&running.seq).map_or("", String::as_str);
        match self.rows {
            Rows::LatestLines => label.into(),
            Rows::Commands => {
                let age = short(now.saturating_sub(running.since));
                format!("{age:>6}  job {}: {label}", running.seq).into()
            }
        }
    }

    fn counts(&self, view: &View<'_>) -> String {
        let Tally {
            total,
            done,
            failed,
            ..
        } = *view.tally;
        let mut text = match total {
            Some(total) => format!("{done} of {total} done"),
            None => format!("{done} done"),
        };
        if failed > 0 {
            let _ = write!(text, ", {failed} failed");
        }
        let rate = self.rate(view.now);
        if let Some(rate) = rate {
            let _ = write!(text, ", {}", per_time(rate));
        }
        if let (Some(rate), Some(total)) = (rate, total)
            && total > done
        {
            let left = Duration::try_from_secs_f64((total - done) as f64 / rate);
            let _ = write!(text, ", {} left", short(left.unwrap_or(Duration::MAX)));
        }
        text
    }

    /// Jobs per second, lately. It falls while nothing ends.
    fn rate(&self, now: Moment) -> Option<f64> {
        let first = match self.ends.len() {
            0 => return None,
            RECENT => self.ends[0],
            _ => Moment::ZERO,
        };
        let time = now.saturating_sub(first).as_secs_f64();
        (time > 0.0).then(|| self.ends.len() as f64 / time)
    }
}

/// A line of a job's output, without its colours, as it looks on a terminal.
fn shown(line: &[u8]) -> String {
    let bytes: Vec<u8> = plain(line).collect();
    let mut text = String::new();
    for (index, column) in bytes.split(|&byte| byte == b'\t').enumerate() {
        if index > 0 {
            let blanks = TAB - measure_text_width(&text) % TAB;
            text.push_str(&" ".repeat(blanks));
        }
        text.push_str(&visible(column));
    }
    text
}

fn per_time(rate: f64) -> String {
    match rate {
        rate if rate >= 10.0 => format!("{rate:.0}/s"),
        rate if rate >= 1.0 => format!("{rate:.1}/s"),
        rate if rate * 60.0 >= 1.0 => format!("{:.1}/min", rate * 60.0),
        rate => format!("{:.1}/h", rate * 3600.0),
    }
}

/// A time in at most six characters.
fn short(time: Duration) -> String {
    let seconds = time.as_secs();
    match seconds {
        0..=59 => format!("{seconds}s"),
        60..=3599 => format!("{}m{:02}s", seconds / 60, seconds % 60),
        3600..=359_999 => format!("{}h{:02}m", seconds / 3600, seconds / 60 % 60),
        _ => format!("{}d", (seconds / 86_400).min(99_999)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_cannot_disturb_the_display() {
        for (line, text) in [
            ("x\tab\tc", "x       ab      c"),
            ("12345678\tx", "12345678        x"),
            ("\x1b[31mred\x1b[m \x1b]0;t\x07", "red \\x1b]0;t\\x07"),
            ("a\x0b\x08\u{9b}b", "a\\x0b\\x08\\x9bb"),
        ] {
            assert_eq!(shown(line.as_bytes()), text);
        }
        assert_eq!(shown(b"\xff\n"), "\u{fffd}\\n");
    }
}
