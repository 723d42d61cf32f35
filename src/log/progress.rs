//! The one progress display: counts, rate, time left, and the jobs that have run
//! longest.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use console::{measure_text_width, truncate_str};

use super::counts::{RunCounts, short_time};
use super::label::{JobNames, cut_middle};
use crate::error::visible;
use crate::exec::capture::last_line::plain;
use crate::input::Row;
use crate::job::{Job, RunningAttempt};
use crate::observer::{Observer, ObserverAnswers, RunEvent, RunState};
use crate::os::clock::ClockReading;
use crate::output::WriteTarget;
use crate::output::status_area::{StatusArea, TerminalSize};
use crate::tally::Tally;

/// Pause between two drawings when something has changed.
const SOON: Duration = Duration::from_millis(100);

/// Pause between two drawings when only time has passed.
const IDLE: Duration = Duration::from_secs(1);

/// Pause between two plain lines, where there is no terminal.
const PLAIN: Duration = Duration::from_secs(10);

/// Most lines about running jobs that are shown by their names.
const MAX_NAMED: usize = 5;

/// Fewest columns in which a line about a job says something of it.
const MIN_COLUMNS: usize = 16;

/// Stands for what is left out, in one column.
const MARK: &str = "…";

/// Columns between two tab stops of a terminal.
const TAB: usize = 8;

/// Number of jobs that the rate is computed from.
const RECENT: usize = 50;

/// Surface of the display.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ProgressOutput {
    /// A terminal that jobs' standard output does not go to.
    Terminal,
    /// A terminal that shows jobs' standard output too.
    SharedTerminal,
    /// Something that keeps every line.
    Plain,
}

/// Lines about running jobs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ProgressRows {
    /// The names of the few that have run longest.
    Names,
    /// `--latest-line`: the latest line of each.
    LatestLines,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ProgressOptions {
    pub surface: ProgressOutput,
    pub rows: ProgressRows,
    /// A line with the counts stays when the run is over.
    pub closing: bool,
}

/// State of the display.
#[derive(Debug)]
pub(crate) struct ProgressDisplay {
    names: Arc<JobNames>,
    options: ProgressOptions,
    /// By number of the job.
    labels: HashMap<u64, JobLabel>,
    ends: VecDeque<ClockReading>,
    last_drawing: ClockReading,
    changed: bool,
}

/// Text about a job.
#[derive(Debug)]
enum JobLabel {
    Text(String),
    /// The name contains the number of the slot, which is not known yet.
    Unnamed(Row),
}

impl ProgressOptions {
    /// Tells whether the output of running jobs is shown.
    pub(crate) fn shows_latest(self) -> bool {
        self.rows == ProgressRows::LatestLines && self.surface != ProgressOutput::Plain
    }

    /// The part of the terminal that the display is drawn in.
    pub(crate) fn area(self) -> StatusArea {
        StatusArea::below(match self.surface {
            ProgressOutput::SharedTerminal => &[WriteTarget::Stdout, WriteTarget::Stderr],
            ProgressOutput::Terminal => &[WriteTarget::Stderr],
            ProgressOutput::Plain => &[],
        })
    }
}

impl ProgressDisplay {
    pub(crate) fn new(names: Arc<JobNames>, options: ProgressOptions) -> Self {
        ProgressDisplay {
            names,
            options,
            labels: HashMap::new(),
            ends: VecDeque::new(),
            last_drawing: ClockReading::ZERO,
            changed: true,
        }
    }

    fn started(&mut self, job: &Job) {
        if self.options.surface == ProgressOutput::Plain {
            return;
        }
        let label = if self.names.need_slot() {
            JobLabel::Unnamed(job.row.values_only())
        } else {
            let place = self.names.place(job.seq, 1);
            JobLabel::Text(self.names.name(&job.row, place))
        };
        self.labels.insert(job.seq, label);
    }

    fn erased(&mut self) {
        if self.options.surface != ProgressOutput::Plain {
            self.changed = true;
            self.last_drawing = ClockReading::ZERO;
        }
    }

    /// Shows the line that a job has printed, unless the job is over.
    fn latest(&mut self, seq: u64, line: &[u8]) {
        if let Some(label) = self.labels.get_mut(&seq) {
            *label = JobLabel::Text(shown(line));
        }
    }

    fn ended(&mut self, seq: u64, now: ClockReading) {
        self.labels.remove(&seq);
        self.changed = true;
        self.ends.push_back(now);
        if self.ends.len() > RECENT {
            self.ends.pop_front();
        }
    }

    fn draw(&mut self, state: &RunState<'_>, answers: &mut ObserverAnswers) {
        self.last_drawing = state.now;
        self.changed = false;
        let counts = RunCounts {
            tally: *state.tally,
            elapsed: state.now,
            rate: self.rate(state.now),
        };
        if self.options.surface == ProgressOutput::Plain {
            return answers.message(format!("prun: {}\n", counts.line()));
        }
        self.name_running(state.running);
        answers.status(self.lines(&counts, state, TerminalSize::of_stderr()));
    }

    /// The line that stays, if one is wanted. A run without jobs has none.
    fn closing(&self, tally: &Tally, now: ClockReading) -> Option<String> {
        let counts = RunCounts {
            tally: *tally,
            elapsed: now,
            rate: None,
        };
        let prefix = match self.options.surface {
            ProgressOutput::Plain => "prun: ",
            ProgressOutput::Terminal | ProgressOutput::SharedTerminal => "",
        };
        let has_run = tally.over() > 0;
        (self.options.closing && has_run).then(|| format!("{prefix}{}\n", counts.closing()))
    }

    fn name_running(&mut self, running: &[RunningAttempt]) {
        for running in running {
            if let Some(label) = self.labels.get_mut(&running.seq)
                && let JobLabel::Unnamed(row) = label
            {
                let place = self.names.place(running.seq, running.slot);
                *label = JobLabel::Text(self.names.name(row, place));
            }
        }
    }

    fn lines(&self, counts: &RunCounts, state: &RunState<'_>, size: TerminalSize) -> Vec<String> {
        let first = counts.fit(size.columns);
        if first.is_empty() {
            return Vec::new();
        }
        let mut lines = vec![first];
        let room = match (size.columns < MIN_COLUMNS, self.options.rows) {
            (true, _) => 0,
            (false, ProgressRows::Names) => size.rows.saturating_sub(2).min(MAX_NAMED),
            (false, ProgressRows::LatestLines) => size.rows.saturating_sub(2),
        };
        let mut running = state.running.to_vec();
        if self.options.rows == ProgressRows::LatestLines {
            // Jobs start in this order, but for moments.
            running.sort_by_key(|running| running.seq);
        }
        let shown = if running.len() > room {
            room.saturating_sub(1)
        } else {
            running.len()
        };
        let jobs = running[..shown].iter();
        lines.extend(jobs.map(|running| self.row(running, state.now, size.columns)));
        if room > 0 && shown < running.len() {
            lines.push(format!("{MARK} and {} more", running.len() - shown));
        }
        lines
    }

    fn row(&self, running: &RunningAttempt, now: ClockReading, columns: usize) -> String {
        let label = match self.labels.get(&running.seq) {
            Some(JobLabel::Text(label)) => label,
            Some(JobLabel::Unnamed(_)) | None => "",
        };
        match self.options.rows {
            // The beginning of what a job prints says what it is about.
            ProgressRows::LatestLines => truncate_str(label, columns, MARK).into_owned(),
            ProgressRows::Names => {
                let age = short_time(running.runtime(now));
                let beginning = format!("{age:>6}  job {}: ", running.seq);
                let room = columns.saturating_sub(beginning.len());
                let row = format!("{beginning}{}", cut_middle(label, room, MARK));
                truncate_str(&row, columns, "").into_owned()
            }
        }
    }

    /// Jobs per second, lately; falls while no job ends.
    fn rate(&self, now: ClockReading) -> Option<f64> {
        let first = match self.ends.len() {
            0 => return None,
            RECENT => self.ends[0],
            _ => ClockReading::ZERO,
        };
        let time = now.saturating_sub(first).as_secs_f64();
        (time > 0.0).then(|| self.ends.len() as f64 / time)
    }
}

impl Observer for ProgressDisplay {
    fn observe(&mut self, event: &RunEvent<'_>, answers: &mut ObserverAnswers) {
        match *event {
            RunEvent::JobStarted(job) => self.started(job),
            RunEvent::AttemptEnded(record, now) => self.ended(record.job.seq, now),
            RunEvent::Skipped(job) => {
                self.labels.remove(&job.seq);
            }
            RunEvent::LatestChanged => self.changed = true,
            RunEvent::LatestLine { seq, line } => self.latest(seq, line),
            RunEvent::StatusErased => self.erased(),
            RunEvent::DrawingDue(state) => self.draw(state, answers),
            RunEvent::RunEnded { tally, now, .. } => {
                if let Some(line) = self.closing(tally, now) {
                    answers.message(line);
                }
            }
            _ => {}
        }
    }

    fn next_drawing(&self) -> Option<ClockReading> {
        let pause = match self.options.surface {
            ProgressOutput::Plain => PLAIN,
            _ if self.changed => SOON,
            _ => IDLE,
        };
        Some(self.last_drawing + pause)
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
