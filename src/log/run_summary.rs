//! `--summary`: counts, times and memory of the whole run.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use super::command_field::command_text;
use super::counts::{counted, precise_time, unfinished, with_skipped};
use super::events::seconds;
use super::label::{JobNames, cut_middle};
use crate::input::Row;
use crate::job::AttemptRecord;
use crate::observer::{Observer, ObserverAnswers, RunEvent};
use crate::os::child::ResourceUsage;
use crate::os::clock::ClockReading;
use crate::tally::Tally;

/// Columns of a job's name.
const MAX_NAME: usize = 60;

/// Form of the summary.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SummaryForm {
    /// `--summary`: lines to read.
    Text,
    /// `--summary=json`: one line with an object.
    Json,
}

/// Observer that adds up what attempts have used.
#[derive(Debug)]
pub(crate) struct RunSummary {
    names: Arc<JobNames>,
    form: SummaryForm,
    usage: ResourceUsage,
    attempts: u32,
    /// Sum over all attempts.
    runtime: Duration,
    /// Jobs that had more than one try.
    retried: u64,
    slowest: Option<(Duration, JobRef)>,
    largest: Option<(u64, JobRef)>,
}

/// A job that is named at the end.
#[derive(Debug)]
struct JobRef {
    seq: u64,
    slot: usize,
    row: Row,
}

impl JobRef {
    fn new(record: &AttemptRecord) -> JobRef {
        JobRef {
            seq: record.job.seq,
            slot: record.slot,
            row: record.job.row.values_only(),
        }
    }
}

impl RunSummary {
    pub(crate) fn new(names: Arc<JobNames>, form: SummaryForm) -> Self {
        RunSummary {
            names,
            form,
            usage: ResourceUsage::default(),
            attempts: 0,
            runtime: Duration::ZERO,
            retried: 0,
            slowest: None,
            largest: None,
        }
    }

    fn add(&mut self, record: &AttemptRecord) {
        if !record.outcome.has_run() {
            return;
        }
        self.attempts += 1;
        self.runtime += record.runtime;
        self.usage = self.usage + record.usage;
        let is_more = |most: Option<Duration>| most.is_none_or(|most| record.runtime > most);
        if is_more(self.slowest.as_ref().map(|(time, _)| *time)) {
            self.slowest = Some((record.runtime, JobRef::new(record)));
        }
        let size = record.usage.max_rss;
        if size > self.largest.as_ref().map_or(0, |(size, _)| *size) {
            self.largest = Some((size, JobRef::new(record)));
        }
    }

    /// The block; its first line alone if no job ran.
    fn text(&self, tally: &Tally, elapsed: ClockReading) -> String {
        let counts = [(tally.failed, "failed"), (self.retried, "retried")];
        let mut text = format!(
            "prun: {}{}, {}\n",
            counted(tally.over(), &counts),
            unfinished(tally),
            precise_time(elapsed)
        );
        if let Some((time, job)) = &self.slowest {
            text.push_str(&format!(
                "  CPU time: user {}, system {}\n  run time: mean {}, slowest {} ({})\n",
                precise_time(self.usage.user),
                precise_time(self.usage.system),
                precise_time(self.runtime / self.attempts),
                precise_time(*time),
                self.name(job)
            ));
        }
        if let Some((size, job)) = &self.largest {
            let mebibytes = *size as f64 / f64::from(1 << 20);
            let name = self.name(job);
            text.push_str(&format!("  memory: largest {mebibytes:.1} MiB ({name})\n"));
        }
        text
    }

    /// The same numbers, none of them rounded.
    fn object(&self, tally: &Tally, elapsed: ClockReading) -> Value {
        let mean = (self.attempts > 0).then(|| seconds(self.runtime / self.attempts));
        let slowest = self.slowest.as_ref().map(|(time, job)| {
            json!({
                "seq": job.seq,
                "runtime": seconds(*time),
                "command": self.command(job),
            })
        });
        let largest = self.largest.as_ref().map(
            |(size, job)| json!({ "seq": job.seq, "max_rss": size, "command": self.command(job) }),
        );
        let object = json!({
            "total": tally.total,
            "done": tally.done,
            "failed": tally.failed,
            "retried": self.retried,
            "stopped": tally.stopped,
            "elapsed": seconds(elapsed),
            "attempts": self.attempts,
            "user": seconds(self.usage.user),
            "system": seconds(self.usage.system),
            "mean_runtime": mean,
            "slowest": slowest,
            "largest": largest,
        });
        with_skipped(object, tally)
    }

    fn command(&self, job: &JobRef) -> String {
        let position = self.names.place(job.seq, job.slot);
        command_text(&self.names.command(&job.row, position))
    }

    fn name(&self, job: &JobRef) -> String {
        let position = self.names.place(job.seq, job.slot);
        let name = self.names.name(&job.row, position);
        format!("job {}: {}", job.seq, cut_middle(&name, MAX_NAME, "..."))
    }
}

impl Observer for RunSummary {
    fn observe(&mut self, event: &RunEvent<'_>, answers: &mut ObserverAnswers) {
        match *event {
            RunEvent::AttemptEnded(record, _) => self.add(record),
            RunEvent::OutputDelivered { record, .. } => {
                self.retried += u64::from(record.job.attempt > 1);
            }
            RunEvent::RunEnded { tally, now, .. } => answers.message(match self.form {
                SummaryForm::Text => self.text(tally, now),
                SummaryForm::Json => json_line(&self.object(tally, now)),
            }),
            _ => {}
        }
    }
}

/// The object on a line of its own. Control characters that JSON may hold as they are would be
/// escaped as those of any message, in a way that JSON does not know.
fn json_line(object: &Value) -> String {
    let escape = |letter: char| match letter {
        '\u{7f}'..='\u{9f}' => format!("\\u{:04x}", u32::from(letter)),
        _ => letter.to_string(),
    };
    let mut line: String = object.to_string().chars().map(escape).collect();
    line.push('\n');
    line
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::job::Outcome;
    use crate::observer::ObserverAnswer;
    use crate::output::FinishedAttempt;
    use crate::template::{CommandTemplate, TemplateOptions};

    fn summary() -> RunSummary {
        let template = CommandTemplate::parse(TemplateOptions::fake(&["true"], 1));
        let names = JobNames::new(Arc::new(template.unwrap()), None);
        RunSummary::new(Arc::new(names), SummaryForm::Text)
    }

    /// Second and later attempts are those of a job that failed before.
    fn record(seq: u64, attempt: u32, value: &str, milliseconds: u64) -> AttemptRecord {
        let outcome = Outcome::Exited(u8::from(attempt == 1));
        let mut record = FinishedAttempt::fake(seq, outcome, b"").record;
        record.job.attempt = attempt;
        record.job.row = Row::from_iter([value]);
        record.runtime = Duration::from_millis(milliseconds);
        record.usage = ResourceUsage {
            user: Duration::from_millis(milliseconds / 2),
            system: Duration::from_millis(2),
            max_rss: seq << 20,
        };
        record
    }

    fn end(summary: &mut RunSummary, tally: Tally) -> String {
        let event = RunEvent::RunEnded {
            tally: &tally,
            now: Duration::from_secs(3),
            signal: None,
        };
        let mut answers = ObserverAnswers::default();
        summary.observe(&event, &mut answers);
        let message = match answers.drain().next() {
            Some(ObserverAnswer::Message(text)) => text,
            other => panic!("{other:?}"),
        };
        String::from_utf8(message).unwrap()
    }

    #[test]
    fn attempts_are_added_up() {
        let mut summary = summary();
        let mut tell = |event| summary.observe(&event, &mut ObserverAnswers::default());
        let (first, again) = (record(1, 1, "a", 10), record(1, 2, "a", 1200));
        let (large, never) = (record(3, 1, "c", 290), record(2, 1, "b", 0));
        for record in [&first, &again, &large] {
            tell(RunEvent::AttemptEnded(record, Duration::ZERO));
        }
        tell(RunEvent::Retried(&first));
        // A failure whose other attempt never starts.
        tell(RunEvent::Retried(&never));
        for record in [&again, &large, &never] {
            tell(RunEvent::OutputDelivered { record, pending: 0 });
        }
        let tally = Tally {
            total: Some(6),
            done: 3,
            failed: 2,
            stopped: 1,
            ..Tally::default()
        };
        assert_eq!(
            end(&mut summary, tally),
            "prun: 4 jobs, 2 failed, 1 retried, 1 stopped, 2 not started, 3.0 s\n\
             \x20 CPU time: user 750 ms, system 6.0 ms\n\
             \x20 run time: mean 500 ms, slowest 1.2 s (job 1: a)\n\
             \x20 memory: largest 3.0 MiB (job 3: c)\n"
        );
    }

    #[test]
    fn input_that_was_not_read_is_told() {
        let tally = Tally {
            done: 1,
            ..Tally::default()
        };
        assert_eq!(
            end(&mut summary(), tally),
            "prun: 1 job, rest of the input not read, 3.0 s\n"
        );
    }

    #[test]
    fn no_control_character_is_left_for_others_to_escape() {
        let line = json_line(&json!({ "command": "a\u{85}\u{7f}\u{9f}é\t" }));
        assert_eq!(line, "{\"command\":\"a\\u0085\\u007f\\u009fé\\t\"}\n");
        let read: Value = serde_json::from_str(&line).unwrap();
        assert_eq!(read["command"], "a\u{85}\u{7f}\u{9f}é\t");
    }
}
