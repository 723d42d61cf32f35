//! The closing block: which jobs failed, and how.

use std::sync::Arc;
use std::time::Duration;

use memchr::{memchr_iter, memmem};

use super::counts::unfinished;
use super::label::{JobNames, cut_middle, shorten};
use crate::error::visible;
use crate::exec::capture::last_line::plain;
use crate::job::{AttemptRecord, Outcome};
use crate::observer::{Observer, ObserverAnswers, RunEvent};
use crate::tally::Tally;

/// Most failed jobs that are named.
const NAMED: usize = 10;

/// Columns of a name before a command.
const MAX_NAME: usize = 60;

/// Bytes printed after a job's last words that make them hard to find...
const MANY_BYTES: u64 = 4 << 10;

/// ...and lines.
const MANY_LINES: u64 = 20;

/// Observer that collects failures and tells them at the end.
#[derive(Debug)]
pub(crate) struct FailureSummary {
    timeout: Option<Duration>,
    names: Arc<JobNames>,
    failures: Vec<FailedJob>,
    printed: PrintedAmount,
    /// The first command that may have read a value as an option, so that it does not.
    as_file: Option<String>,
}

#[derive(Debug)]
struct FailedJob {
    seq: u64,
    text: String,
    last_words: Vec<u8>,
    /// Amount before the job's own output ended.
    printed: PrintedAmount,
}

/// Amount of printed text.
#[derive(Debug, Clone, Copy, Default)]
struct PrintedAmount {
    bytes: u64,
    /// Counted where that is cheap: as long as bytes alone do not say that it is much.
    lines: u64,
}

impl PrintedAmount {
    fn is_much_more_than(self, before: PrintedAmount) -> bool {
        self.bytes - before.bytes > MANY_BYTES || self.lines - before.lines > MANY_LINES
    }
}

impl FailureSummary {
    pub(crate) fn new(names: Arc<JobNames>, timeout: Option<Duration>) -> Self {
        FailureSummary {
            timeout,
            names,
            failures: Vec::new(),
            printed: PrintedAmount::default(),
            as_file: None,
        }
    }

    /// Takes note of so many bytes that were printed; `text` are those at hand.
    fn printed(&mut self, bytes: u64, text: Option<&[u8]>) {
        self.printed.bytes += bytes;
        if let Some(text) = text.filter(|text| text.len() as u64 <= MANY_BYTES)
            && !self.failures.is_empty()
        {
            self.printed.lines += memchr_iter(b'\n', text).count() as u64;
        }
    }

    /// Takes note of a job that is over and whose output was printed.
    fn note(&mut self, record: &AttemptRecord) {
        let outcome = &record.outcome;
        if outcome.is_success()
            || matches!(outcome, Outcome::Stopped(_))
            || self.failures.len() == NAMED
        {
            return;
        }
        let what = self.end(record);
        let name = self.name(record);
        self.as_file = self.as_file.take().or_else(|| self.as_file(record));
        let words = if record.last_words.is_empty() {
            &record.last_output
        } else {
            &record.last_words
        };
        self.failures.push(FailedJob {
            seq: record.job.seq,
            text: format!("  job {}: {what}: {name}", record.job.seq),
            last_words: words.clone(),
            printed: self.printed,
        });
    }

    /// The end of a job: `exit 22 after 3 tries`.
    fn end(&self, record: &AttemptRecord) -> String {
        let mut end = record.outcome.describe();
        let mut joint = " after";
        if let (Outcome::TimedOut(_), Some(timeout)) = (&record.outcome, self.timeout) {
            end = format!("{end} after {}s", timeout.as_secs_f64());
            joint = ",";
        }
        match record.job.attempt {
            0 | 1 => end,
            tries => format!("{end}{joint} {tries} tries"),
        }
    }

    /// A hint with the command of a job that may have read a value as an option, where the
    /// value is the name of a file.
    fn as_file(&self, record: &AttemptRecord) -> Option<String> {
        let row = &record.job.row;
        let place = self.names.place(record.job.seq, record.slot);
        let value = row.values.iter().find(|value| is_like_option(value))?;
        let command = self.names.command(row, place);
        let has = |words: &[u8]| memmem::find(&command, words).is_some();
        let was_read = has(&[b" ", value].concat()) && !has(b" -- ");
        if !was_read || !matches!(record.outcome, Outcome::Exited(_)) {
            return None;
        }
        let named = row.values.iter().map(|value| {
            if is_like_option(value) {
                [b"./", value].concat()
            } else {
                value.to_vec()
            }
        });
        let command = self.names.command(&named.collect(), place);
        let (value, command) = (visible(value), visible(&command));
        Some(format!(
            "hint: '{value}' may have been read as an option; as a file: {command}\n"
        ))
    }

    /// The command of a job, after its name if that is not to be seen there.
    fn name(&self, record: &AttemptRecord) -> String {
        let row = &record.job.row;
        let place = self.names.place(record.job.seq, record.slot);
        let command = self.names.command(row, place);
        let (whole, short) = (visible(&command), shorten(&command));
        if short == whole && self.names.is_named_by(&command, row, place) {
            return whole;
        }
        match self.names.name(row, place) {
            name if name == whole => short,
            name => format!("{}: {short}", cut_middle(&name, MAX_NAME, "...")),
        }
    }

    /// Failures in the order of the jobs' numbers, not of their ends.
    fn in_order(&self) -> Vec<&FailedJob> {
        let mut failures: Vec<&FailedJob> = self.failures.iter().collect();
        failures.sort_by_key(|failure| failure.seq);
        failures
    }

    /// The block, empty if no job failed.
    fn text(&self, tally: &Tally) -> Vec<u8> {
        if tally.failures() == 0 {
            return Vec::new();
        }
        // `--total-jobs` may have promised too few.
        let of = tally.total.unwrap_or_default().max(tally.over());
        let (noun, failed) = (if of == 1 { "job" } else { "jobs" }, tally.failed);
        let rest = unfinished(tally);
        let mut text = format!("prun: {failed} of {of} {noun} failed{rest}\n").into_bytes();
        for failure in self.in_order() {
            text.extend_from_slice(failure.text.as_bytes());
            text.push(b'\n');
            if self.printed.is_much_more_than(failure.printed) {
                for line in last_lines(&failure.last_words) {
                    text.extend_from_slice(b"    ");
                    let line: Vec<u8> = plain(line).collect();
                    text.extend_from_slice(visible(&line).as_bytes());
                    text.push(b'\n');
                }
            }
        }
        let more = failed - self.failures.len() as u64;
        if more > 0 {
            text.extend_from_slice(format!("  ... and {more} more\n").as_bytes());
        }
        text.extend_from_slice(self.as_file.as_deref().unwrap_or_default().as_bytes());
        text
    }
}

impl Observer for FailureSummary {
    fn observe(&mut self, event: &RunEvent<'_>, answers: &mut ObserverAnswers) {
        match *event {
            RunEvent::Printed { bytes, text } => self.printed(bytes, text),
            RunEvent::OutputDelivered { record, .. } => self.note(record),
            // After a signal, jobs have failed for that alone.
            RunEvent::RunEnded {
                tally,
                signal: None,
                ..
            } => answers.message(self.text(tally)),
            _ => {}
        }
    }
}

/// Tells whether a program may read a value as an option: these have a letter or another
/// hyphen; numbers below 0 are meant as they stand.
fn is_like_option(value: &[u8]) -> bool {
    matches!(value, [b'-', second, ..] if !second.is_ascii_digit())
}

/// The last lines, three at most.
fn last_lines(words: &[u8]) -> Vec<&[u8]> {
    let words = words.strip_suffix(b"\n").unwrap_or(words);
    let lines: Vec<&[u8]> = words.split(|&byte| byte == b'\n').collect();
    let skip = lines.len().saturating_sub(3);
    lines
        .into_iter()
        .skip(skip)
        .filter(|line| !line.is_empty())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_last_lines_count() {
        assert_eq!(last_lines(b"a\nb\nc\nd\n"), [b"b", b"c", b"d"]);
        assert_eq!(last_lines(b""), [] as [&[u8]; 0]);
    }
}
