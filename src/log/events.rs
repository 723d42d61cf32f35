//! `--events`: the run as one JSON object a line, as it happens.

use std::collections::HashSet;
use std::fs::File;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use serde_json::{Map, Value, json};

use super::command_field::{command_text, logged_command};
use super::counts::with_skipped;
use super::log_file::{ExistingRecords, LogFileKinds, LogFormat};
use crate::error::Result;
use crate::exit;
use crate::job::{AttemptRecord, ExecutionHost, Job, Outcome};
use crate::observer::{Observer, ObserverAnswers, RecordTarget, RunClosing, RunEvent};
use crate::template::CommandTemplate;

/// Version of the format: a higher one has events or keys that mean something else. New events
/// and new keys do not change it.
const VERSION: u32 = 1;

pub(crate) const FORMAT: LogFormat = LogFormat {
    noun: "event log",
    beginning: br#"{"event":"run","version":"#,
};

/// Opens a file for the events of a run.
///
/// # Errors
/// As [`LogFormat::begin`] has them.
pub(crate) fn begin(path: &Path, earlier: ExistingRecords) -> Result<File> {
    let (file, _) = FORMAT.begin(path, earlier, LogFileKinds::Logs)?;
    Ok(file)
}

/// Knowledge of a run before it starts.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RunFacts {
    /// Jobs that run at once.
    pub slots: usize,
    /// Number of all jobs, if it is known.
    pub total: Option<u64>,
    /// prun sees what jobs print: not with `--ungroup`.
    pub sees_output: bool,
}

/// Observer that writes the events.
#[derive(Debug)]
pub(crate) struct EventLog {
    template: Arc<CommandTemplate>,
    facts: RunFacts,
    target: RecordTarget,
    /// Jobs whose attempt has begun and not ended, no more than there are slots.
    running: HashSet<u64>,
}

impl RunFacts {
    /// The first event, which tells the format of the others. A file has it before any job starts.
    pub(crate) fn first_event(&self) -> Vec<u8> {
        line(
            "run",
            json!({
                "version": VERSION,
                "time": now(),
                "prun": env!("CARGO_PKG_VERSION"),
                "slots": self.slots,
                "total": self.total,
            }),
        )
    }
}

impl EventLog {
    pub(crate) fn new(
        template: Arc<CommandTemplate>,
        facts: RunFacts,
        target: RecordTarget,
    ) -> Self {
        EventLog {
            template,
            facts,
            target,
            running: HashSet::new(),
        }
    }

    fn started(&self, attempt: &Attempt<'_>, is_refused: bool) -> Vec<u8> {
        let Attempt { job, slot, .. } = *attempt;
        let command = logged_command(&self.template, job, slot, is_refused);
        line(
            "started",
            json!({
                "time": since_epoch(attempt.started),
                "seq": job.seq,
                "attempt": job.attempt,
                "slot": slot,
                "host": attempt.host.as_os_str().to_string_lossy(),
                "command": command_text(&command),
            }),
        )
    }

    fn finished(&self, record: &AttemptRecord) -> Vec<u8> {
        let (exit, signal) = record.outcome.log_columns();
        let signal = (signal != 0).then_some(signal);
        let seen = |bytes: u64| self.facts.sees_output.then_some(bytes);
        let mut fields = json!({
            "time": now(),
            "seq": record.job.seq,
            "attempt": record.job.attempt,
            "slot": record.slot,
            "outcome": word(&record.outcome),
            "status": signal.is_none().then_some(exit),
            "signal": signal,
            "start": since_epoch(record.started),
            "runtime": seconds(record.runtime),
            "user": seconds(record.usage.user),
            "system": seconds(record.usage.system),
            "max_rss": record.usage.max_rss,
            "stdout": seen(record.received),
            "stderr": seen(record.received_stderr),
            "sent": record.job.row.stdin.streamed().unwrap_or(record.sent),
        });
        if let Some(reason) = reason(&record.outcome) {
            fields["reason"] = reason.into();
        }
        line("finished", fields)
    }

    fn ended(closing: &RunClosing<'_>) -> Vec<u8> {
        let tally = closing.tally;
        let is_cut_short = closing.signal.is_some() || closing.error.is_some();
        let fields = json!({
            "time": now(),
            "elapsed": seconds(closing.now),
            "total": tally.total,
            "done": tally.done,
            "failed": tally.failed,
            "stopped": tally.stopped,
            "complete": !is_cut_short && tally.total == Some(tally.done),
            "halted": closing.halted,
            "signal": closing.signal,
            "error": closing.error.map(|error| error.message()),
        });
        line("ended", with_skipped(fields, tally))
    }
}

/// Event of a job that has no more to tell.
fn of_seq(event: &str, seq: u64) -> Vec<u8> {
    line(event, json!({ "time": now(), "seq": seq }))
}

/// Event of an attempt that has no more to tell.
fn of_job(event: &str, job: &Job) -> Vec<u8> {
    line(
        event,
        json!({ "time": now(), "seq": job.seq, "attempt": job.attempt }),
    )
}

/// An attempt that has begun.
struct Attempt<'a> {
    job: &'a Job,
    slot: usize,
    host: &'a ExecutionHost,
    started: SystemTime,
}

impl Observer for EventLog {
    fn wants_starts(&self) -> bool {
        true
    }

    fn observe(&mut self, event: &RunEvent<'_>, answers: &mut ObserverAnswers) {
        let line = match *event {
            RunEvent::RunStarted if self.target == RecordTarget::Stdout => self.facts.first_event(),
            RunEvent::AttemptStarted(attempt) => {
                self.running.insert(attempt.job.seq);
                let attempt = Attempt {
                    job: &attempt.job,
                    slot: attempt.slot,
                    host: &attempt.host,
                    started: attempt.started,
                };
                self.started(&attempt, false)
            }
            RunEvent::AttemptEnded(record, _) => {
                // One that never ran has an event for its start, too, so that each end has one.
                if !self.running.remove(&record.job.seq) {
                    let attempt = Attempt {
                        job: &record.job,
                        slot: record.slot,
                        host: &record.host,
                        started: record.started,
                    };
                    let is_refused = matches!(record.outcome, Outcome::Refused(_));
                    answers.note(self.target, self.started(&attempt, is_refused));
                }
                self.finished(record)
            }
            RunEvent::Retried(record) => of_job("retried", &record.job),
            RunEvent::Requeued(job) | RunEvent::PutOff(job) => of_job("requeued", job),
            RunEvent::OutputDelivered { record, .. } => {
                return answers.conclude(self.target, of_job("delivered", &record.job));
            }
            RunEvent::Suspended(seq) => of_seq("suspended", seq),
            RunEvent::Resumed(seq) => of_seq("resumed", seq),
            RunEvent::Skipped(job) => of_seq("skipped", job.seq),
            RunEvent::Halted => line("halted", json!({ "time": now() })),
            RunEvent::RunClosed(closing) => EventLog::ended(closing),
            _ => return,
        };
        answers.note(self.target, line);
    }
}

/// One line of `fields`, which are an object.
fn line(event: &str, fields: Value) -> Vec<u8> {
    let mut object = Map::new();
    object.insert("event".to_owned(), event.into());
    if let Value::Object(fields) = fields {
        object.extend(fields);
    }
    let mut line = Value::Object(object).to_string().into_bytes();
    line.push(b'\n');
    line
}

fn now() -> f64 {
    since_epoch(SystemTime::now())
}

fn since_epoch(time: SystemTime) -> f64 {
    let time = time.duration_since(SystemTime::UNIX_EPOCH);
    seconds(time.unwrap_or_default())
}

/// Seconds with six decimals at most.
pub(super) fn seconds(time: Duration) -> f64 {
    time.as_micros() as f64 / 1e6
}

fn word(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Exited(exit::SUCCESS) | Outcome::Accepted(_) => "success",
        Outcome::Exited(_) => "failure",
        Outcome::Signaled(_) => "signal",
        Outcome::OutOfMemory(..) => "out_of_memory",
        Outcome::TimedOut(_) => "timeout",
        Outcome::WantedTerminal(_) => "wanted_terminal",
        Outcome::Stopped(_) => "stopped",
        Outcome::Bereft(_) => "bereft",
        Outcome::EndedEarly(_) => "ended_early",
        Outcome::Leaked => "leaked",
        Outcome::InputLeft => "input_left",
        Outcome::NotFound(_) => "not_found",
        Outcome::NotExecutable(_) => "not_executable",
        Outcome::GivenUp(_) => "given_up",
        Outcome::Refused(_) => "refused",
    }
}

fn reason(outcome: &Outcome) -> Option<&str> {
    match outcome {
        Outcome::NotFound(why)
        | Outcome::NotExecutable(why)
        | Outcome::GivenUp(why)
        | Outcome::Refused(why) => Some(why),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::Row;
    use crate::observer::ObserverAnswer;
    use crate::output::FinishedAttempt;
    use crate::template::TemplateOptions;
    use proptest::prelude::*;

    fn log(words: &[&str]) -> EventLog {
        let template = CommandTemplate::parse(TemplateOptions::fake(words, 1));
        let facts = RunFacts {
            slots: 2,
            total: None,
            sees_output: true,
        };
        EventLog::new(Arc::new(template.unwrap()), facts, RecordTarget::Stdout)
    }

    fn told(log: &mut EventLog, event: RunEvent<'_>) -> Vec<Value> {
        let mut answers = ObserverAnswers::default();
        log.observe(&event, &mut answers);
        let lines = answers.drain().map(|answer| match answer {
            ObserverAnswer::Record(_, _, line) => line,
            other => panic!("{other:?}"),
        });
        let lines = lines.map(|line| {
            assert_eq!(line.iter().position(|&b| b == b'\n'), Some(line.len() - 1));
            serde_json::from_slice(&line).unwrap()
        });
        lines.collect()
    }

    fn record(outcome: Outcome) -> AttemptRecord {
        let mut record = FinishedAttempt::fake(7, outcome, b"out").record;
        record.job.row = Row::from_iter(["a"]);
        record
    }

    #[test]
    fn every_attempt_has_a_start_and_an_end() {
        let mut log = log(&["echo"]);
        let names = |lines: &[Value]| -> Vec<String> {
            let names = lines.iter().map(|line| line["event"].as_str());
            names.map(|name| name.unwrap().to_owned()).collect()
        };
        let never_ran = record(Outcome::NotFound("no echo".to_owned()));
        let lines = told(&mut log, RunEvent::AttemptEnded(&never_ran, Duration::ZERO));
        assert_eq!(names(&lines), ["started", "finished"]);
        assert_eq!(lines[0]["command"], "echo a");
        assert_eq!(lines[1]["reason"], "no echo");
        let ran = record(Outcome::Exited(0));
        let started = crate::job::StartedAttempt {
            job: ran.job.clone(),
            slot: 1,
            host: ran.host.clone(),
            started: ran.started,
        };
        for _ in 0..2 {
            let lines = told(&mut log, RunEvent::AttemptStarted(&started));
            assert_eq!(names(&lines), ["started"]);
            let lines = told(&mut log, RunEvent::AttemptEnded(&ran, Duration::ZERO));
            assert_eq!(names(&lines), ["finished"]);
        }
    }

    #[test]
    fn how_an_attempt_ended_is_told() {
        let why = || "why".to_owned();
        for (outcome, told_as, status, signal) in [
            (Outcome::Exited(0), "success", Some(0), None),
            (Outcome::Exited(3), "failure", Some(3), None),
            (Outcome::Signaled(9), "signal", None, Some(9)),
            (Outcome::TimedOut(15), "timeout", None, Some(15)),
            (Outcome::WantedTerminal(9), "wanted_terminal", None, Some(9)),
            (Outcome::Stopped(15), "stopped", None, Some(15)),
            (Outcome::Leaked, "leaked", Some(1), None),
            (Outcome::InputLeft, "input_left", Some(1), None),
            (Outcome::NotFound(why()), "not_found", Some(127), None),
            (
                Outcome::NotExecutable(why()),
                "not_executable",
                Some(126),
                None,
            ),
            (Outcome::GivenUp(why()), "given_up", Some(126), None),
            (Outcome::Refused(why()), "refused", Some(126), None),
        ] {
            let record = record(outcome);
            let event = RunEvent::AttemptEnded(&record, Duration::ZERO);
            let line = told(&mut log(&["echo"]), event).pop().unwrap();
            assert_eq!(
                [&line["outcome"], &line["status"], &line["signal"]],
                [&json!(told_as), &json!(status), &json!(signal)]
            );
        }
    }

    #[test]
    fn a_command_that_was_refused_cannot_be_run_as_text() {
        let refused = record(Outcome::Refused("no".to_owned()));
        let lines = told(
            &mut log(&["echo"]),
            RunEvent::AttemptEnded(&refused, Duration::ZERO),
        );
        assert_eq!(
            lines[0]["command"],
            "sh -c 'exit 126' 'not to be run as text: echo a'"
        );
    }

    proptest! {
        #[test]
        fn a_time_is_a_number_with_six_decimals(micros in 0u64..1 << 52) {
            let time = Duration::from_micros(micros);
            let text = json!(seconds(time)).to_string();
            let (whole, decimals) = text.split_once('.').unwrap();
            prop_assert_eq!(whole, time.as_secs().to_string());
            prop_assert_eq!(
                format!("{decimals:0<6}"),
                format!("{:06}", time.subsec_micros())
            );
        }
    }
}
