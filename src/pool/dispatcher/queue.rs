//! Jobs on their way from the feeder to the slots.

use std::collections::{BTreeMap, VecDeque};
use std::mem;

use crossbeam_channel::Sender;

use super::waiting::WaitingJobs;
use crate::job::Job;
use crate::os::clock::ClockReading;

/// Failed jobs that may wait for the time of their next attempt before no job is started for the
/// first time: each has a row and the output of its last attempt.
const MOST_DELAYED: usize = 16 << 10;

/// Jobs that are requested at once, unless fewer are wanted.
const BATCH: usize = 512;

/// Queue of the jobs that were read and not started, with requests for more.
pub(super) struct JobQueue {
    /// Requests to the feeder; dropped when no more jobs are wanted.
    demand: Option<Sender<usize>>,
    /// Jobs that were requested and have not come.
    requested: usize,
    waiting: WaitingJobs,
    /// Failed jobs by the times of their next attempts (`--retry-delay`).
    delayed: BTreeMap<(ClockReading, u64), Job>,
    /// Jobs by number that wait until they can run alone.
    put_off: BTreeMap<u64, Job>,
    input_ended: bool,
    /// Jobs that were handed to slots, retries not counted.
    started: u64,
    /// Jobs that were read and will not be started.
    unstarted: u64,
    /// Number of the job that was handed out last.
    newest: u64,
}

impl JobQueue {
    /// An empty queue that sends numbers of wanted jobs to the feeder, and hands them out in the
    /// order of `waiting`.
    pub(super) fn new(demand: Sender<usize>, waiting: WaitingJobs) -> Self {
        JobQueue {
            demand: Some(demand),
            requested: 0,
            waiting,
            delayed: BTreeMap::new(),
            put_off: BTreeMap::new(),
            input_ended: false,
            started: 0,
            unstarted: 0,
            newest: 0,
        }
    }

    /// Tells whether no job waits that could be started now.
    pub(super) fn is_empty(&self) -> bool {
        !self.has_next() && self.next_put_off().is_none()
    }

    /// Tells whether every job that waits and could be started now was put off.
    pub(super) fn has_only_put_off(&self) -> bool {
        !self.has_next()
    }

    /// Tells whether a job waits that may be started now, beside those that were put off.
    fn has_next(&self) -> bool {
        let is_full = self.delayed.len() >= MOST_DELAYED;
        let next = self.waiting.front();
        next.is_some_and(|job| !is_full || job.attempt > 1)
    }

    /// Tells whether no job waits and none will come.
    pub(super) fn is_exhausted(&self) -> bool {
        let waits = self.waiting.len() + self.delayed.len() + self.put_off.len();
        self.input_ended && waits == 0
    }

    /// Tells whether the feeder has yet to send jobs or the end of the input.
    pub(super) fn is_fed(&self) -> bool {
        self.requested > 0 && !self.input_ended
    }

    pub(super) fn started(&self) -> u64 {
        self.started
    }

    /// The only job of all, if it was handed out.
    pub(super) fn only_job(&self) -> Option<u64> {
        (self.started == 1).then_some(self.newest)
    }

    /// Number of the next job that may start now.
    pub(super) fn next(&self) -> Option<u64> {
        self.waiting.front().map(|job| job.seq)
    }

    /// Requests jobs, in batches so that the feeder is not woken for each, until `ahead` of
    /// them wait.
    pub(super) fn request(&mut self, ahead: usize) {
        self.request_beside(self.waiting.len(), ahead, usize::MAX);
    }

    /// The same, but if none of those that wait may start, as many are requested again until `most`
    /// wait.
    pub(super) fn request_startable(&mut self, ahead: usize, most: usize) {
        let waiting = self.waiting.front().map_or(0, |_| self.waiting.len());
        self.request_beside(waiting, ahead, most);
    }

    fn request_beside(&mut self, waiting: usize, ahead: usize, most: usize) {
        let Some(demand) = &self.demand else {
            return;
        };
        let room = (self.waiting.room()).min(most.saturating_sub(self.waiting.len()));
        let missing = (ahead.saturating_sub(waiting)).min(room);
        let missing = missing.saturating_sub(self.requested);
        let is_batch = missing >= (ahead / 2).min(BATCH);
        if missing > 0 && is_batch && demand.send(missing).is_ok() {
            self.requested += missing;
        }
    }

    /// Adds requested jobs, or counts them as not started when no more are wanted.
    pub(super) fn add(&mut self, jobs: Vec<Job>, are_wanted: bool) {
        self.requested -= jobs.len();
        if are_wanted {
            self.waiting.extend(jobs);
        } else {
            self.unstarted += jobs.len() as u64;
        }
    }

    /// Takes the next job, to be started `now`.
    pub(super) fn take(&mut self, now: impl FnOnce() -> ClockReading) -> Option<Job> {
        if !self.has_next() {
            return None;
        }
        let job = self.waiting.take(now)?;
        Some(self.taken(job))
    }

    /// Takes the first of the jobs that were put off, to be started `now`.
    pub(super) fn take_put_off(&mut self, now: impl FnOnce() -> ClockReading) -> Option<Job> {
        let (_, job) = self.put_off.pop_first()?;
        self.waiting.started(&job, now);
        Some(self.taken(job))
    }

    fn taken(&mut self, job: Job) -> Job {
        self.newest = job.seq;
        self.started += u64::from(job.attempt == 1);
        job
    }

    /// Takes note of the end of an attempt, after which its job may be put back, put off or
    /// retried.
    pub(super) fn ended(&mut self, seq: u64) {
        self.waiting.ended(seq);
    }

    /// Number of the first job that was put off, if it may start now.
    pub(super) fn next_put_off(&self) -> Option<u64> {
        let (seq, job) = self.put_off.first_key_value()?;
        self.waiting.admits(job).then_some(*seq)
    }

    /// Puts a job back that is to run alone.
    pub(super) fn put_off(&mut self, job: Job) {
        self.waiting.not_started(job.seq);
        self.started -= u64::from(job.attempt == 1);
        self.put_off.insert(job.seq, job);
    }

    /// Puts a job back that has not been started, or was stopped so that others can go on. If it
    /// has failed before and never runs again, its last failed attempt counts.
    pub(super) fn put_back(&mut self, job: Job) {
        self.waiting.not_started(job.seq);
        self.started -= u64::from(job.attempt == 1);
        self.waiting.put_back(job);
    }

    /// Puts a failed job back for another attempt, which may start at once, or when it is time
    /// for it.
    pub(super) fn retry(&mut self, mut job: Job, due: Option<ClockReading>) {
        job.attempt += 1;
        match due {
            Some(due) => drop(self.delayed.insert((due, job.seq), job)),
            None => self.waiting.put_back(job),
        }
    }

    /// Lets the attempts and keys go on whose time has come.
    pub(super) fn release_due(&mut self, now: ClockReading) {
        self.waiting.release_due(now);
        if self.next_retry().is_none_or(|due| due > now) {
            return;
        }
        let later = self.delayed.split_off(&(now, u64::MAX));
        let due = mem::replace(&mut self.delayed, later);
        for job in due.into_values() {
            self.waiting.put_back(job);
        }
    }

    /// Time at which the next of the delayed attempts may start.
    pub(super) fn next_retry(&self) -> Option<ClockReading> {
        self.delayed.first_key_value().map(|(&(due, _), _)| due)
    }

    /// Time at which the next job may start for which there is one: that of an attempt or of a
    /// key.
    pub(super) fn next_due(&self) -> Option<ClockReading> {
        let waits = self.waiting.len() > 0 || !self.put_off.is_empty();
        let by_key = waits.then(|| self.waiting.next_due()).flatten();
        by_key.into_iter().chain(self.next_retry()).min()
    }

    /// Number of jobs that wait for the time of their next attempts.
    pub(super) fn delayed(&self) -> usize {
        self.delayed.len()
    }

    /// Tells whether a job waits for a time: that of its next attempt, or of its key.
    pub(super) fn is_delayed(&self, seq: u64) -> bool {
        let waits_for_retry = self.delayed.keys().any(|&(_, delayed)| delayed == seq);
        waits_for_retry || self.waiting.is_delayed(seq)
    }

    /// Adds requested jobs that have waited for others, each in its place by its number.
    pub(super) fn release(&mut self, jobs: Vec<Job>) {
        self.requested -= jobs.len();
        jobs.into_iter().for_each(|job| self.waiting.put_back(job));
    }

    /// Takes out the jobs that are lost by their numbers: they will not be started.
    pub(super) fn withdraw(&mut self, is_lost: impl Fn(u64) -> bool) -> Vec<Job> {
        let waiting = self.waiting.take_all().into_iter();
        let (mut lost, left): (Vec<Job>, Vec<Job>) = waiting.partition(|job| is_lost(job.seq));
        self.waiting.extend(left);
        let delayed = mem::take(&mut self.delayed).into_iter();
        let (gone, left): (BTreeMap<_, _>, _) = delayed.partition(|(_, job)| is_lost(job.seq));
        self.delayed = left;
        lost.extend(gone.into_values());
        let put_off = mem::take(&mut self.put_off).into_iter();
        let (gone, left): (BTreeMap<_, _>, _) = put_off.partition(|(_, job)| is_lost(job.seq));
        self.put_off = left;
        lost.extend(gone.into_values());
        let new = lost.iter().filter(|job| job.attempt == 1).count();
        self.unstarted += new as u64;
        lost
    }

    /// Takes note that no more jobs come. Returns how many there are in all.
    pub(super) fn end_input(&mut self) -> u64 {
        self.input_ended = true;
        self.demand = None;
        let put_off = self.put_off.values().filter(|job| job.attempt == 1);
        let new = self.waiting.new_jobs() + put_off.count();
        self.started + self.unstarted + new as u64
    }

    /// Takes out the jobs that wait, and requests no more.
    pub(super) fn close(&mut self) -> VecDeque<Job> {
        self.demand = None;
        let mut closed = self.waiting.take_all();
        closed.extend(mem::take(&mut self.delayed).into_values());
        closed.extend(mem::take(&mut self.put_off).into_values());
        let new = closed.iter().filter(|job| job.attempt == 1).count();
        self.unstarted += new as u64;
        closed
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use crossbeam_channel::unbounded;

    use super::*;
    use crate::input::Row;

    /// A queue that has been sent so many jobs.
    fn queue(jobs: usize) -> JobQueue {
        let (demand, wanted) = unbounded();
        let mut queue = JobQueue::new(demand, WaitingJobs::InOrder(VecDeque::new()));
        queue.request(jobs);
        assert_eq!(wanted.recv(), Ok(jobs));
        let jobs = 1..=jobs as u64;
        queue.add(
            jobs.map(|seq| Job::new(seq, Row::default())).collect(),
            true,
        );
        queue
    }

    #[test]
    fn retries_start_when_their_time_has_come() {
        let (mut queue, second) = (queue(5), Duration::from_secs);
        for due in [3, 1, 2] {
            let job = queue.take(|| ClockReading::ZERO).unwrap();
            queue.retry(job, Some(second(due)));
        }
        assert_eq!(queue.next_retry(), Some(second(1)));
        assert!(queue.is_delayed(1) && !queue.is_delayed(4));
        queue.release_due(Duration::from_millis(2500));
        assert_eq!(queue.next_retry(), Some(second(3)));
        let order = std::iter::from_fn(|| queue.take(|| ClockReading::ZERO))
            .map(|job| (job.seq, job.attempt));
        assert_eq!(order.collect::<Vec<_>>(), [(2, 2), (3, 2), (4, 1), (5, 1)]);
        queue.end_input();
        assert!(queue.is_empty() && !queue.is_exhausted());
        assert_eq!(queue.close().len(), 1);
        assert!(queue.is_exhausted());
    }

    #[test]
    fn no_new_job_starts_while_too_many_wait_for_their_retry() {
        let mut queue = queue(MOST_DELAYED + 2);
        for _ in 0..MOST_DELAYED {
            let job = queue.take(|| ClockReading::ZERO).unwrap();
            let due = Duration::from_secs(job.seq);
            queue.retry(job, Some(due));
        }
        assert!(
            queue.take(|| ClockReading::ZERO).is_none()
                && queue.is_empty()
                && !queue.is_exhausted()
        );
        queue.release_due(Duration::from_secs(1));
        assert_eq!(
            queue.take(|| ClockReading::ZERO).map(|job| job.seq),
            Some(1)
        );
        // One waits less.
        assert_eq!(
            queue.take(|| ClockReading::ZERO).map(|job| job.seq),
            Some(MOST_DELAYED as u64 + 1)
        );
    }
}
