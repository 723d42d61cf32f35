//! Jobs on their way from the feeder to the slots.

use std::collections::VecDeque;

use crossbeam_channel::Sender;

use crate::job::{AttemptRecord, Job};
use crate::output::FinishedJob;
use crate::policy::retry::RetryLimit;

/// Job that may be started.
struct WaitingJob {
    job: Job,
    /// End of its last attempt, which counts if there is no other one.
    failed: Option<Box<FinishedJob>>,
}

/// Queue of the jobs that were read and not started, with requests for more.
pub(super) struct JobQueue {
    /// Requests to the feeder; dropped when no more jobs are wanted.
    demand: Option<Sender<usize>>,
    /// Jobs that were requested and have not come.
    requested: usize,
    waiting: VecDeque<WaitingJob>,
    input_ended: bool,
    retry: RetryLimit,
    /// Jobs that were handed to slots, retries not counted.
    started: u64,
    /// Jobs that were read and will not be started.
    unstarted: u64,
    /// Number of the job that was handed out last.
    newest: u64,
}

impl JobQueue {
    /// An empty queue that sends numbers of wanted jobs to the feeder.
    pub(super) fn new(demand: Sender<usize>, retry: RetryLimit) -> Self {
        JobQueue {
            demand: Some(demand),
            requested: 0,
            waiting: VecDeque::new(),
            input_ended: false,
            retry,
            started: 0,
            unstarted: 0,
            newest: 0,
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Tells whether no job waits and none will come.
    pub(super) fn is_exhausted(&self) -> bool {
        self.input_ended && self.waiting.is_empty()
    }

    pub(super) fn started(&self) -> u64 {
        self.started
    }

    /// The only job of all, if it was handed out.
    pub(super) fn only_job(&self) -> Option<u64> {
        (self.started == 1).then_some(self.newest)
    }

    /// Number of the next job.
    pub(super) fn next(&self) -> Option<u64> {
        self.waiting.front().map(|waiting| waiting.job.seq)
    }

    /// Requests jobs, in batches so that the feeder is not woken for each, until `ahead` of
    /// them wait.
    pub(super) fn request(&mut self, ahead: usize) {
        let Some(demand) = &self.demand else {
            return;
        };
        let missing = ahead.saturating_sub(self.waiting.len() + self.requested);
        if missing >= ahead / 2 && demand.send(missing).is_ok() {
            self.requested += missing;
        }
    }

    /// Adds requested jobs, or counts them as not started when no more are wanted.
    pub(super) fn add(&mut self, jobs: Vec<Job>, are_wanted: bool) {
        self.requested -= jobs.len();
        if are_wanted {
            let waiting = jobs.into_iter().map(|job| WaitingJob { job, failed: None });
            self.waiting.extend(waiting);
        } else {
            self.unstarted += jobs.len() as u64;
        }
    }

    /// Takes the next job, to be started.
    pub(super) fn take(&mut self) -> Option<Job> {
        let WaitingJob { job, .. } = self.waiting.pop_front()?;
        self.newest = job.seq;
        self.started += u64::from(job.attempt == 1);
        Some(job)
    }

    /// Puts a job back that could not be started.
    pub(super) fn put_back(&mut self, job: Job) {
        self.started -= u64::from(job.attempt == 1);
        self.waiting.push_front(WaitingJob { job, failed: None });
    }

    /// Puts a job back that was stopped so that others can go on, as if it had never started.
    pub(super) fn put_back_stopped(&mut self, finished: FinishedJob) {
        let job = finished.report.job.clone();
        let is_retry = job.attempt > 1;
        self.started -= u64::from(!is_retry);
        self.waiting.push_front(WaitingJob {
            job,
            // If it never runs again, a job that had failed before was at least tried.
            failed: is_retry.then(|| Box::new(finished)),
        });
    }

    /// Tells whether a failed job has another attempt.
    pub(super) fn may_retry(&self, record: &AttemptRecord) -> bool {
        self.retry.after_failure(record.job.attempt)
    }

    /// Puts a failed job back for another attempt.
    pub(super) fn retry(&mut self, finished: FinishedJob) {
        let mut job = finished.report.job.clone();
        job.attempt += 1;
        self.waiting.push_front(WaitingJob {
            job,
            failed: Some(Box::new(finished)),
        });
    }

    /// Counts a job that its slot has not started.
    pub(super) fn count_unstarted(&mut self, job: &Job) {
        self.started -= u64::from(job.attempt == 1);
        self.unstarted += u64::from(job.attempt == 1);
    }

    /// Takes note that no more jobs come. Returns how many there are in all.
    pub(super) fn end_input(&mut self) -> u64 {
        self.input_ended = true;
        self.demand = None;
        let waiting = self.waiting.iter();
        let new = waiting.filter(|waiting| waiting.job.attempt == 1).count();
        self.started + self.unstarted + new as u64
    }

    /// Gives up all jobs, and `returned` ones that no slot has taken. Returns those that will
    /// never start, and the last attempts of those that will have no further one.
    pub(super) fn close(&mut self, returned: Vec<Job>) -> (Vec<Job>, Vec<FinishedJob>) {
        self.demand = None;
        let mut skipped = returned;
        skipped.retain(|job| job.attempt == 1);
        self.started -= skipped.len() as u64;
        let mut tried = Vec::new();
        for WaitingJob { job, failed } in self.waiting.drain(..) {
            tried.extend(failed.map(|failed| *failed));
            skipped.extend((job.attempt == 1).then_some(job));
        }
        self.unstarted += skipped.len() as u64;
        (skipped, tried)
    }
}
