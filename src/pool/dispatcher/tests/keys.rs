//! Jobs that wait for their keys: the queue against a plain list, and whole runs.

use std::collections::{BTreeMap, HashMap, VecDeque};

use proptest::prelude::*;

use super::super::keys::KeyedJobs;
use super::super::queue::JobQueue;
use super::super::waiting::WaitingJobs;
use super::*;
use crate::output::{OutputMode, OutputOrder};
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
fn keyed(at_once: usize, has_rate: bool) -> KeyOptions {
    let spellings = PlaceholderSpellings::default();
    let shape = RowShape::of(1);
    let text = TextTemplate::parse(b"<1>", CommandDialect::Own, &spellings, &shape);
    let rate = has_rate.then(|| "10/s".parse().unwrap());
    KeyOptions {
        text: Arc::new(text.unwrap()),
        limits: KeyLimits { at_once, rate },
    }
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
        for job in std::mem::replace(&mut self.delayed, later)
            .into_values()
            .rev()
        {
            self.waiting.push_front(job);
        }
    }

    fn read(&mut self, ahead: usize) {
        self.release();
        let may_request = self.next().is_none() || self.waiting.len() < ahead;
        self.queue.request_startable(ahead);
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
            self.waiting.push_front(job);
        }
    }

    fn ended(&mut self, what: u8, mut job: Job) {
        match what {
            9 => {
                self.queue.put_back(job.clone());
                self.waiting.push_front(job);
            }
            10 => {
                self.queue.put_off(job.clone());
                self.put_off.insert(job.seq, job);
            }
            11 => {
                self.queue.retry(job.clone(), None);
                job.attempt += 1;
                self.waiting.push_front(job);
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
        queue.request_startable(1024);
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
        queue.request_startable(2);
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

#[test]
fn so_many_keys_are_remembered_and_no_more() {
    let (mut queue, wanted) = queue(&keyed(1, true));
    let (mut read, mut taken) = (0, 0);
    loop {
        queue.request_startable(1024);
        let count = wanted.try_iter().sum::<usize>() as u64;
        let jobs = (read + 1..=read + count).map(|seq| job(seq, &seq.to_string()));
        queue.add(jobs.collect(), true);
        read += count;
        let Some(job) = queue.take(|| Duration::from_millis(taken)) else {
            break;
        };
        queue.ended(job.seq);
        taken += 1;
    }
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

/// Runs jobs that end in all ways while the number of slots changes. Returns the result, and whether
/// more jobs of a key ran at once than may.
fn run_at_random(seed: u64, options: PoolOptions) -> (RunResult, bool) {
    let at_once = options.key.as_ref().map_or(1, |key| key.limits.at_once);
    let fake_run = FakeRun::new(200, options);
    let events = fake_run.events.0.clone();
    let random = Mutex::new(fastrand::Rng::with_seed(seed));
    let running: Mutex<HashMap<Vec<u8>, usize>> = Mutex::default();
    let is_exceeded = Arc::new(AtomicBool::new(false));
    let exceeded = Arc::clone(&is_exceeded);
    let rule = move |job: &Job, _: &mut OutputCapture<'_>, control: &SlotControl| {
        let count = |change: isize| {
            let mut running = running.lock().unwrap();
            let count = running.entry(key(job)).or_default();
            *count = count.wrapping_add_signed(change);
            *count
        };
        exceeded.fetch_or(count(1) > at_once, Ordering::SeqCst);
        let since = Duration::from_millis(job.seq);
        control.began(None, RunningAttempt::new(job.seq, control.slot(), since));
        let choice = random.lock().unwrap().u8(..60);
        let event = match choice {
            0 | 1 => Some(PoolEvent::Limit(LimitAnswer::EndYoungest)),
            2 => Some(PoolEvent::Signal(libc::SIGUSR1)),
            3 => Some(PoolEvent::Signal(libc::SIGUSR2)),
            _ => None,
        };
        // The run may be over.
        drop(event.map(|event| events.send(event)));
        for _ in 0..choice {
            std::thread::yield_now();
        }
        let is_stopped = control.take_stop().is_some();
        control.ended();
        count(-1);
        match choice {
            _ if is_stopped => Ok(Outcome::Stopped(libc::SIGTERM)),
            4 => Err(io::Error::from_raw_os_error(libc::EAGAIN)),
            5..20 => Ok(Outcome::Exited(1)),
            _ => Ok(Outcome::Exited(0)),
        }
    };
    let mut dispatcher = fake_run.assemble(Arc::new(FakeExecutor::new(rule)));
    // So that output of jobs that waits has to be held.
    dispatcher.output.most_files = 1;
    let result = dispatcher.run();
    (result, is_exceeded.load(Ordering::SeqCst))
}

#[test]
fn no_job_waits_for_ever_and_no_key_is_exceeded_whatever_happens() {
    let once = RetryPolicy::default();
    let delayed = RetryPolicy {
        delay: "1ms..2ms".parse().unwrap(),
        ..tries("3")
    };
    for (seed, at_once, rate, retry, order) in [
        (1, 1, None, once, OutputOrder::Finished),
        (2, 2, None, once, OutputOrder::Input),
        (3, 1, None, tries("3"), OutputOrder::Input),
        (4, 2, Some("2000/s"), tries("3"), OutputOrder::Finished),
        (5, 1, Some("1000/s"), delayed, OutputOrder::Input),
        (6, 3, None, delayed, OutputOrder::Input),
    ] {
        let limits = KeyLimits {
            at_once,
            rate: rate.map(|rate| rate.parse().unwrap()),
        };
        let key = KeyOptions {
            limits,
            ..keyed(1, false)
        };
        let options = PoolOptions {
            slots: 4,
            key: Some(key),
            retry,
            mode: OutputMode::Grouped(order),
            ..PoolOptions::default()
        };
        let (result, is_exceeded) = run_at_random(seed, options);
        assert!(!is_exceeded && result.error.is_none(), "{seed}");
        assert_eq!(result.tally.done, 200, "{seed}");
    }
}
