//! The queue of jobs that wait for their keys, against a plain list.

use std::collections::{BTreeMap, HashMap, VecDeque};

use proptest::prelude::*;

use super::super::keys::KeyedJobs;
use super::super::queue::JobQueue;
use super::super::waiting::WaitingJobs;
use super::*;
use crate::placeholder::{
    CommandDialect, PlaceholderSpellings, RowShape, RunContext, TextTemplate,
};
use crate::policy::key::KeyLimits;
use crate::pool::options::KeyOptions;

/// Time that a retry waits.
const RETRY: Duration = Duration::from_millis(250);

/// Time between two starts of a key by [`keyed`].
const INTERVAL: Duration = Duration::from_millis(100);

/// The first value as the key, whose starts are [`INTERVAL`] apart if there is a rate.
pub(super) fn keyed(at_once: usize, has_rate: bool) -> KeyOptions {
    let rate = has_rate.then(|| "10/s".parse().unwrap());
    KeyOptions {
        text: key_text(b"<1>"),
        limits: KeyLimits { at_once, rate },
    }
}

pub(super) fn key_text(text: &[u8]) -> Arc<TextTemplate> {
    let (spellings, shape) = (PlaceholderSpellings::default(), RowShape::of(1));
    let text = TextTemplate::parse(text, CommandDialect::Own, &spellings, &shape);
    Arc::new(text.unwrap())
}

fn queue(options: &KeyOptions) -> (JobQueue, Receiver<usize>) {
    let jobs = KeyedJobs::new(options.clone(), RunContext::default());
    let (demand, wanted) = unbounded();
    (JobQueue::new(demand, WaitingJobs::ByKey(jobs)), wanted)
}

fn job(seq: u64, key: &str) -> Job {
    Job::new(seq, Row::from_iter([key]))
}

/// A queue, and what it should do: every job that waits is looked at.
struct Checked {
    queue: JobQueue,
    wanted: Receiver<usize>,
    limits: KeyLimits,
    /// Jobs that have not been read.
    input: VecDeque<Job>,
    now: ClockReading,
    waiting: VecDeque<Job>,
    delayed: BTreeMap<(ClockReading, u64), Job>,
    put_off: BTreeMap<u64, Job>,
    running: Vec<(Job, ClockReading)>,
    /// Last start of each key.
    starts: HashMap<Vec<u8>, ClockReading>,
    done: Vec<u64>,
}

fn key(job: &Job) -> Vec<u8> {
    job.row.values[0].to_vec()
}

impl Checked {
    fn new(options: &KeyOptions, keys: &[u8]) -> Self {
        let (queue, wanted) = queue(options);
        let seqs = 1..=keys.len() as u64;
        Checked {
            queue,
            wanted,
            limits: options.limits,
            input: (seqs.zip(keys))
                .map(|(seq, key)| job(seq, &key.to_string()))
                .collect(),
            now: Duration::from_secs(1),
            waiting: VecDeque::new(),
            delayed: BTreeMap::new(),
            put_off: BTreeMap::new(),
            running: Vec::new(),
            starts: HashMap::new(),
            done: Vec::new(),
        }
    }

    fn release(&mut self) {
        self.queue.release_due(self.now);
        let later = self.delayed.split_off(&(self.now, u64::MAX));
        for job in std::mem::replace(&mut self.delayed, later).into_values() {
            self.insert(job);
        }
    }

    fn read(&mut self, ahead: usize) {
        self.release();
        let may_request = self.next().is_none() || self.waiting.len() < ahead;
        self.queue.request_startable(ahead, usize::MAX);
        let wanted: usize = self.wanted.try_iter().sum();
        assert!(wanted == 0 || may_request);
        let jobs: Vec<Job> = self.input.drain(..wanted.min(self.input.len())).collect();
        self.waiting.extend(jobs.iter().cloned());
        if !jobs.is_empty() {
            self.queue.add(jobs, true);
        }
        if wanted > 0 && self.input.is_empty() {
            self.queue.end_input();
        }
    }

    fn is_in_time(&self, job: &Job) -> bool {
        let last = self
            .starts
            .get(&key(job))
            .filter(|_| self.limits.rate.is_some());
        last.is_none_or(|&last| last + INTERVAL <= self.now)
    }

    fn of_key(&self, wanted: &[u8]) -> usize {
        let running = self.running.iter();
        running.filter(|(job, _)| key(job) == wanted).count()
    }

    /// Index of the first job that may start.
    fn next(&self) -> Option<usize> {
        let may_start =
            |job: &Job| self.is_in_time(job) && self.of_key(&key(job)) < self.limits.at_once;
        self.waiting.iter().position(may_start)
    }

    fn started(&mut self, job: Job) {
        self.starts.insert(key(&job), self.now);
        self.running.push((job, self.now));
    }

    fn insert(&mut self, job: Job) {
        self.waiting.push_back(job);
        self.waiting.make_contiguous().sort_by_key(|job| job.seq);
    }

    fn take(&mut self) {
        self.release();
        let expected = self.next().and_then(|index| self.waiting.remove(index));
        assert_eq!(self.queue.next(), expected.as_ref().map(|job| job.seq));
        let job = self.queue.take(|| self.now);
        assert_eq!(job.as_ref().map(|job| job.seq), expected.map(|job| job.seq));
        if let Some(job) = job {
            self.started(job);
        }
    }

    fn take_put_off(&mut self) {
        if !self.running.is_empty() {
            return;
        }
        self.release();
        let first = self.put_off.first_key_value();
        let expected = first.filter(|(_, job)| self.is_in_time(job));
        assert_eq!(self.queue.next_put_off(), expected.map(|(seq, _)| *seq));
        if expected.is_some() {
            let job = self.queue.take_put_off(|| self.now).unwrap();
            self.put_off.pop_first();
            self.started(job);
        }
    }

    fn end(&mut self, index: usize) -> Option<Job> {
        let running = self.running.len();
        let (job, _) = (running > 0).then(|| self.running.remove(index % running))?;
        self.queue.ended(job.seq);
        Some(job)
    }

    /// Does one of the things that a dispatcher does.
    fn step(&mut self, what: u8, index: usize) {
        match what {
            0 => self.read(index),
            1..6 => self.take(),
            6 => self.take_put_off(),
            7 => self.now += Duration::from_millis(index as u64),
            8 => self.give_back(index),
            _ => {
                if let Some(job) = self.end(index) {
                    self.ended(what, job);
                }
            }
        }
    }

    fn give_back(&mut self, index: usize) {
        let running = self.running.len();
        if running > 0 {
            let (job, start) = self.running.remove(index % running);
            if self.starts.get(&key(&job)) == Some(&start) {
                self.starts.remove(&key(&job));
            }
            self.queue.put_back(job.clone());
            self.insert(job);
        }
    }

    fn ended(&mut self, what: u8, mut job: Job) {
        match what {
            9 => {
                self.queue.put_back(job.clone());
                self.insert(job);
            }
            10 => {
                self.queue.put_off(job.clone());
                self.put_off.insert(job.seq, job);
            }
            11 => {
                self.queue.retry(job.clone(), None);
                job.attempt += 1;
                self.insert(job);
            }
            12 => {
                let due = self.now + RETRY;
                self.queue.retry(job.clone(), Some(due));
                job.attempt += 1;
                self.delayed.insert((due, job.seq), job);
            }
            _ => self.done.push(job.seq),
        }
    }

    /// Lets all jobs run to their ends. Returns their numbers.
    fn finish(mut self) -> Vec<u64> {
        while !self.queue.is_exhausted() || !self.running.is_empty() {
            self.read(4);
            let before = self.running.len();
            self.take();
            self.take_put_off();
            if self.running.len() > before {
                continue;
            }
            if let Some(job) = self.end(0) {
                self.done.push(job.seq);
            } else if let Some(due) = self.queue.next_due() {
                assert!(due > self.now);
                self.now = due;
            } else {
                assert!(!self.input.is_empty() || self.wanted.is_empty(), "it hangs");
            }
        }
        self.done.sort_unstable();
        self.done
    }
}

proptest! {
    #[test]
    fn a_job_starts_when_its_key_is_free_and_in_the_order_of_the_queue(
        keys in prop::collection::vec(0u8..5, 1..60),
        at_once in 1usize..4,
        has_rate: bool,
        steps in prop::collection::vec((0u8..16, 0usize..64), 0..200),
    ) {
        let mut checked = Checked::new(&keyed(at_once, has_rate), &keys);
        for (what, index) in steps {
            checked.step(what, index.max(2));
        }
        let expected: Vec<u64> = (1..=keys.len() as u64).collect();
        prop_assert_eq!(checked.finish(), expected);
    }

    #[test]
    fn jobs_that_wait_come_back_in_order(keys in prop::collection::vec(0u8..5, 1..60)) {
        let mut checked = Checked::new(&keyed(1, true), &keys);
        checked.read(keys.len().max(2));
        checked.take();
        let first = checked.running.pop().map(|(job, _)| job.seq);
        prop_assert_eq!(first, Some(1));
        let closed: Vec<u64> = checked.queue.close().iter().map(|job| job.seq).collect();
        prop_assert_eq!(closed, (2..=keys.len() as u64).collect::<Vec<_>>());
        prop_assert!(checked.queue.is_empty());
    }
}

#[test]
fn no_more_jobs_are_read_than_may_wait() {
    let (mut queue, wanted) = queue(&keyed(1, false));
    let mut seq = 0;
    let mut read = |queue: &mut JobQueue, key: &str| {
        queue.request_startable(1024, usize::MAX);
        let count: usize = wanted.try_iter().sum();
        let jobs = (1..=count as u64).map(|offset| job(seq + offset, key));
        queue.add(jobs.collect(), true);
        seq += count as u64;
        count
    };
    assert_eq!(read(&mut queue, "busy"), 1024);
    let first = queue.take(|| ClockReading::ZERO).unwrap();
    let mut waiting = 1023;
    while let count @ 1.. = read(&mut queue, "busy") {
        waiting += count;
    }
    // One more would be a batch of its own.
    assert_eq!(waiting, (16 << 10) - 1);
    queue.ended(first.seq);
    assert_eq!(
        queue.take(|| ClockReading::ZERO).map(|job| job.seq),
        Some(2)
    );
    // Not for each job that starts.
    assert_eq!(read(&mut queue, "busy"), 0);
}

#[test]
fn large_values_that_wait_are_few() {
    let (mut queue, wanted) = queue(&keyed(1, false));
    let large = "x".repeat(1 << 20);
    let mut read = 0;
    loop {
        queue.request_startable(2, usize::MAX);
        let count: usize = wanted.try_iter().sum();
        if count == 0 {
            break;
        }
        queue.add(
            (1..=count as u64).map(|n| job(read + n, &large)).collect(),
            true,
        );
        read += count as u64;
        queue.take(|| ClockReading::ZERO);
    }
    assert_eq!(read, 10);
}

/// A queue whose jobs, `ahead` of which are read, were all started and have ended until none may
/// start, and how many that were. Their starts are a millisecond apart.
fn queue_full_of_keys(ahead: usize, key: impl Fn(u64) -> String) -> (JobQueue, u64) {
    let (mut queue, wanted) = queue(&keyed(1, true));
    let (mut read, mut taken) = (0, 0);
    loop {
        queue.request_startable(ahead, usize::MAX);
        let count = wanted.try_iter().sum::<usize>() as u64;
        let jobs = (read + 1..=read + count).map(|seq| job(seq, &key(seq)));
        queue.add(jobs.collect(), true);
        read += count;
        let Some(job) = queue.take(|| Duration::from_millis(taken)) else {
            return (queue, taken);
        };
        queue.ended(job.seq);
        taken += 1;
    }
}

#[test]
fn so_many_keys_are_remembered_and_no_more() {
    let (mut queue, taken) = queue_full_of_keys(1024, |seq| seq.to_string());
    assert_eq!(taken, 64 << 10);
    assert_eq!(queue.next_due(), Some(INTERVAL));
    assert!(queue.is_empty() && queue.is_delayed(taken + 1) && !queue.is_exhausted());
    queue.release_due(INTERVAL);
    let next = queue.take(|| INTERVAL + Duration::from_secs(1000));
    assert_eq!(next.map(|job| job.seq), Some(taken + 1));
    assert!(queue.is_empty());
    // All but the one that was started last.
    queue.release_due(Duration::from_secs(1000));
    assert_eq!(
        queue.next_due(),
        Some(2 * INTERVAL + Duration::from_secs(1000))
    );
}

#[test]
fn large_keys_that_are_remembered_are_few() {
    let large = "x".repeat(1_000_000);
    let (mut queue, taken) = queue_full_of_keys(2, |seq| format!("{seq}{large}"));
    assert_eq!(taken, 9);
    queue.release_due(INTERVAL);
    assert!(queue.take(|| INTERVAL).is_some());
    // The key of that job takes the room again.
    assert!(queue.take(|| INTERVAL).is_none());
}
