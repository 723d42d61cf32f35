//! `--summary`: counts, times and memory of the whole run.

use std::sync::Arc;
use std::time::Duration;

use super::counts::{counted, precise_time};
use super::label::{JobNames, cut_middle};
use crate::input::Row;
use crate::job::AttemptRecord;
use crate::observer::{Observer, ObserverAnswers, RunEvent};
use crate::os::child::ResourceUsage;
use crate::os::clock::ClockReading;
use crate::tally::Tally;

/// Columns of a job's name.
const MAX_NAME: usize = 60;

/// Observer that adds up what attempts have used.
#[derive(Debug)]
pub(crate) struct RunSummary {
    names: Arc<JobNames>,
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
            row: record.job.row.clone(),
        }
    }
}

impl RunSummary {
    pub(crate) fn new(names: Arc<JobNames>) -> Self {
        RunSummary {
            names,
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
        let ended = tally.done + tally.stopped;
        let unstarted = tally.total.unwrap_or(0).saturating_sub(ended);
        let counts = [
            (tally.failed, "failed"),
            (self.retried, "retried"),
            (tally.stopped, "stopped"),
            (unstarted, "not started"),
        ];
        let mut text = format!(
            "prun: {}, {}\n",
            counted(ended, &counts),
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
            RunEvent::Retried(record) => self.retried += u64::from(record.job.attempt == 1),
            RunEvent::RunEnded { tally, now, .. } => answers.message(self.text(tally, now)),
            _ => {}
        }
    }
}
