//! The closing block: which jobs failed, and how.

use std::sync::Arc;
use std::time::Duration;

use crate::job::{Outcome, Report};
use crate::tally::Tally;
use crate::template::Template;

/// So many failed jobs are named.
const NAMED: usize = 10;

/// So much of a command is shown.
const COMMAND: usize = 200;

/// Output printed after a job's last words that makes them hard to find.
const MUCH: u64 = 4 << 10;

/// Collects failures as they come and tells them at the end.
#[derive(Debug)]
pub struct Summary {
    template: Arc<Template>,
    timeout: Option<Duration>,
    failures: Vec<Failure>,
    printed: u64,
}

#[derive(Debug)]
struct Failure {
    seq: u64,
    text: String,
    last_words: Vec<u8>,
    /// Bytes that had been printed when it was.
    printed: u64,
}

impl Summary {
    /// The message instead of a result of all jobs: what nothing went into looks like one.
    pub fn no_result(&self, name: &str) -> String {
        let text = format!("prun: no result of {name}: no job succeeded\n");
        if !self.template.is_one_builtin() {
            return text;
        }
        format!(
            "{text}hint: values are names of files; to take the values themselves: prun 'echo <> | {name}'\n"
        )
    }

    /// No job has failed yet.
    pub fn new(template: Arc<Template>, timeout: Option<Duration>) -> Self {
        Summary {
            template,
            timeout,
            failures: Vec::new(),
            printed: 0,
        }
    }

    /// Takes note of bytes of output that were printed.
    pub fn printed(&mut self, bytes: u64) {
        self.printed += bytes;
    }

    /// Takes note of a job that is over and whose output was printed.
    pub fn note(&mut self, report: &mut Report) {
        let outcome = &report.outcome;
        if outcome.is_success()
            || matches!(outcome, Outcome::Stopped(_))
            || self.failures.len() == NAMED
        {
            return;
        }
        let mut what = outcome.describe();
        if let (Outcome::TimedOut(_), Some(timeout)) = (outcome, self.timeout) {
            what = format!("{what} after {}s", timeout.as_secs_f64());
        }
        let place = self.template.place(report.job.seq, report.slot);
        let mut command = Vec::new();
        self.template.show(&report.job.row, place, &mut command);
        self.failures.push(Failure {
            seq: report.job.seq,
            text: format!("  job {}: {what}: {}", report.job.seq, shorten(&command)),
            last_words: std::mem::take(&mut report.last_words),
            printed: self.printed,
        });
    }

    /// As people count them, not as they ended.
    fn in_order(&self) -> Vec<&Failure> {
        let mut failures: Vec<&Failure> = self.failures.iter().collect();
        failures.sort_by_key(|failure| failure.seq);
        failures
    }

    /// The block, empty if no job failed.
    pub fn text(&self, tally: &Tally) -> Vec<u8> {
        if tally.failed == 0 {
            return Vec::new();
        }
        let of = match tally.total {
            Some(total) => total,
            None => tally.done + tally.stopped,
        };
        let (noun, failed) = (if of == 1 { "job" } else { "jobs" }, tally.failed);
        let mut text = format!("prun: {failed} of {of} {noun} failed");
        for (count, what) in [
            (tally.stopped, "stopped"),
            (of - tally.done - tally.stopped, "not started"),
        ] {
            if count > 0 {
                text.push_str(&format!(", {count} {what}"));
            }
        }
        text.push('\n');
        let mut text = text.into_bytes();
        for failure in self.in_order() {
            text.extend_from_slice(failure.text.as_bytes());
            text.push(b'\n');
            if self.printed - failure.printed > MUCH {
                for line in last_lines(&failure.last_words) {
                    text.extend_from_slice(b"    ");
                    text.extend_from_slice(visible(line).as_bytes());
                    text.push(b'\n');
                }
            }
        }
        let more = failed - self.failures.len() as u64;
        if more > 0 {
            text.extend_from_slice(format!("  ... and {more} more\n").as_bytes());
        }
        text
    }
}

/// At most three lines.
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

/// One line of text that is safe on a terminal.
pub fn visible(bytes: &[u8]) -> String {
    let mut text = String::new();
    for c in String::from_utf8_lossy(bytes).chars() {
        match c {
            '\n' => text.push_str("\\n"),
            '\t' => text.push_str("\\t"),
            c if c.is_control() => text.push_str(&format!("\\x{:02x}", u32::from(c))),
            c => text.push(c),
        }
    }
    text
}

/// A command that is safe on a terminal and not too long to be read.
pub fn shorten(command: &[u8]) -> String {
    let text = visible(command);
    match text.char_indices().nth(COMMAND) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terminals_are_not_commanded() {
        assert_eq!(visible(b"a\x1b]0;x\x07\nb"), "a\\x1b]0;x\\x07\\nb");
    }

    #[test]
    fn only_the_last_lines_count() {
        assert_eq!(last_lines(b"a\nb\nc\nd\n"), [b"b", b"c", b"d"]);
        assert_eq!(last_lines(b""), [] as [&[u8]; 0]);
    }
}
