//! Jobs that wait for a slot and for their key: at most so many jobs of one key run at once, and
//! their starts are apart by a time. A job that has to wait is overtaken by those of other keys.
//!
//! A job holds its key from the moment at which it is taken from here until its attempt has ended,
//! also while it is in the slots' queue. The time that a start takes depends on the number of keys
//! by its logarithm alone, and not on the number of jobs that wait.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::mem;
use std::sync::Arc;

use crate::job::Job;
use crate::os::clock::ClockReading;
use crate::placeholder::{JobPosition, RunContext};
use crate::policy::key::KeyLimits;
use crate::pool::options::KeyOptions;

/// Jobs that may wait for busy keys; no more are read then.
const MOST_WAITING: usize = 16 << 10;

/// Bytes of the values of these jobs, about.
const MOST_BYTES: usize = 8 << 20;

/// Keys that may wait for the time of their next start before no other job starts: they are all
/// remembered.
const MOST_DELAYED_KEYS: usize = 64 << 10;

/// Bytes of these keys, about.
const MOST_KEY_BYTES: usize = 8 << 20;

/// Text that jobs have in common.
type Key = Arc<[u8]>;

/// Jobs in the order of their numbers, in which they start if their keys are free.
pub(super) struct KeyedJobs {
    options: KeyOptions,
    run: RunContext,
    /// Keys with jobs that wait or run, or with a time to wait for; all others are forgotten.
    keys: HashMap<Key, KeyState>,
    /// Keys of which a job may start now, by the numbers of their first jobs.
    startable: BTreeMap<u64, Key>,
    /// Keys by the earliest times of their next starts (`--key-rate`).
    delayed: BTreeSet<(ClockReading, Key)>,
    /// Bytes of these.
    delayed_bytes: usize,
    /// Keys of the jobs that were taken, by the numbers of the jobs.
    held: HashMap<u64, HeldKey>,
    /// Number of waiting jobs...
    waiting: usize,
    /// ...and the bytes of their values.
    bytes: usize,
}

/// Jobs of one key.
#[derive(Default)]
struct KeyState {
    /// Jobs in the order of their numbers.
    waiting: VecDeque<Job>,
    /// Jobs that were taken, and whose attempts have not ended.
    running: usize,
    /// Earliest time of the next start, as long as that has not come.
    next_start: Option<ClockReading>,
}

/// Key of a job that was taken.
struct HeldKey {
    key: Key,
    /// Time until which its start keeps others from starting.
    next_start: Option<ClockReading>,
}

impl KeyState {
    fn may_start(&self, limits: KeyLimits) -> bool {
        self.next_start.is_none() && limits.allow(self.running)
    }

    fn start(&mut self, next_start: Option<ClockReading>) {
        self.running += 1;
        self.next_start = next_start;
    }

    fn is_forgettable(&self) -> bool {
        self.waiting.is_empty() && self.running == 0 && self.next_start.is_none()
    }
}

/// Inserts a job before those with higher numbers, most often at one of the ends.
pub(super) fn insert(jobs: &mut VecDeque<Job>, job: Job) {
    let index = match jobs.back() {
        Some(last) if last.seq > job.seq => jobs.partition_point(|other| other.seq < job.seq),
        _ => jobs.len(),
    };
    jobs.insert(index, job);
}

impl KeyedJobs {
    pub(super) fn new(options: KeyOptions, run: RunContext) -> Self {
        KeyedJobs {
            options,
            run,
            keys: HashMap::new(),
            startable: BTreeMap::new(),
            delayed: BTreeSet::new(),
            delayed_bytes: 0,
            held: HashMap::new(),
            waiting: 0,
            bytes: 0,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.waiting
    }

    /// Number of jobs that may be added.
    pub(super) fn room(&self) -> usize {
        if self.bytes >= MOST_BYTES {
            return 0;
        }
        MOST_WAITING.saturating_sub(self.waiting)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Job> {
        self.keys.values().flat_map(|state| &state.waiting)
    }

    pub(super) fn front(&self) -> Option<&Job> {
        self.keys.get(self.next_key()?)?.waiting.front()
    }

    /// Key of the next job to start.
    fn next_key(&self) -> Option<&Key> {
        let (_, key) = self.startable.first_key_value()?;
        (!self.are_many_delayed()).then_some(key)
    }

    fn are_many_delayed(&self) -> bool {
        self.delayed.len() >= MOST_DELAYED_KEYS || self.delayed_bytes >= MOST_KEY_BYTES
    }

    /// Takes the next job, which holds its key from `now` on.
    pub(super) fn take(&mut self, now: ClockReading) -> Option<Job> {
        let key = Arc::clone(self.next_key()?);
        let next_start = self.options.limits.next_start(now);
        let job = self.change(&key, |state| {
            let job = state.waiting.pop_front()?;
            if state.waiting.is_empty() {
                // A key may be remembered for long.
                state.waiting = VecDeque::new();
            }
            state.start(next_start);
            Some(job)
        })?;
        self.waiting -= 1;
        self.bytes -= job.row.values.size();
        self.hold(job.seq, HeldKey { key, next_start });
        Some(job)
    }

    /// Adds a job in its place by its number.
    pub(super) fn add(&mut self, job: Job) {
        self.waiting += 1;
        self.bytes += job.row.values.size();
        let key = self.key(&job);
        self.change(&key, |state| insert(&mut state.waiting, job));
    }

    /// Tells whether a job that waits elsewhere may start now beside no other one.
    pub(super) fn admits(&self, job: &Job) -> bool {
        let state = self.keys.get(&self.key(job));
        state.is_none_or(|state| state.next_start.is_none())
    }

    /// Takes note of the start of a job that has waited elsewhere and was admitted.
    pub(super) fn started(&mut self, job: &Job, now: ClockReading) {
        let key = self.key(job);
        let next_start = self.options.limits.next_start(now);
        self.change(&key, |state| state.start(next_start));
        self.hold(job.seq, HeldKey { key, next_start });
    }

    fn hold(&mut self, seq: u64, held: HeldKey) {
        if let Some(due) = held.next_start {
            self.delayed.insert((due, Arc::clone(&held.key)));
            self.delayed_bytes += held.key.len();
        }
        self.held.insert(seq, held);
    }

    /// Takes note of the end of an attempt of job `seq`, which frees its key.
    pub(super) fn ended(&mut self, seq: u64) {
        if let Some(held) = self.held.remove(&seq) {
            self.change(&held.key, |state| state.running -= 1);
        }
    }

    /// Takes note that job `seq` was taken and not started, unless it has ended before. Another one
    /// need not wait for the time after that start.
    pub(super) fn not_started(&mut self, seq: u64) {
        let Some(HeldKey { key, next_start }) = self.held.remove(&seq) else {
            return;
        };
        let given_up = self.change(&key, |state| {
            state.running -= 1;
            // Unless it is that of a later start.
            state.next_start.take_if(|due| Some(*due) == next_start)
        });
        if let Some(due) = given_up {
            self.delayed_bytes -= key.len();
            self.delayed.remove(&(due, key));
        }
    }

    /// Frees the keys whose time has come.
    pub(super) fn release_due(&mut self, now: ClockReading) {
        while self.delayed.first().is_some_and(|(due, _)| *due <= now)
            && let Some((_, key)) = self.delayed.pop_first()
        {
            self.delayed_bytes -= key.len();
            self.change(&key, |state| state.next_start = None);
        }
    }

    /// Time at which the next key is free by its rate.
    pub(super) fn next_due(&self) -> Option<ClockReading> {
        self.delayed.first().map(|(due, _)| *due)
    }

    /// Tells whether a job waits for the time of its key, or of others.
    pub(super) fn is_delayed(&self, seq: u64) -> bool {
        let are_all = self.are_many_delayed();
        let mut delayed = (self.keys.values()).filter(|it| are_all || it.next_start.is_some());
        delayed.any(|state| state.waiting.iter().any(|job| job.seq == seq))
    }

    /// Takes all jobs out, in their order.
    pub(super) fn take_all(&mut self) -> VecDeque<Job> {
        let keys: Vec<Key> = self.keys.keys().map(Arc::clone).collect();
        let mut jobs = Vec::with_capacity(self.waiting);
        for key in keys {
            jobs.extend(self.change(&key, |state| mem::take(&mut state.waiting)));
        }
        (self.waiting, self.bytes) = (0, 0);
        jobs.sort_unstable_by_key(|job| job.seq);
        jobs.into()
    }

    /// Key of a job. One that shares its key with no other one is never held up.
    fn key(&self, job: &Job) -> Key {
        let position = JobPosition {
            seq: job.seq,
            // The slot is not known before the start, and no key names it.
            slot: 0,
            run: self.run,
        };
        let own = job
            .row
            .settings
            .as_ref()
            .and_then(|settings| settings.key.clone());
        let text = own.unwrap_or_else(|| self.options.text.render(&job.row, position));
        match self.keys.get_key_value(&*text) {
            Some((key, _)) => Arc::clone(key),
            None => Key::from(text),
        }
    }

    /// Changes the state of a key, and with it whether one of its jobs may start.
    fn change<R>(&mut self, key: &Key, apply: impl FnOnce(&mut KeyState) -> R) -> R {
        let state = self.keys.entry(Arc::clone(key)).or_default();
        if let Some(first) = state.waiting.front() {
            self.startable.remove(&first.seq);
        }
        let result = apply(state);
        if let Some(first) = state.waiting.front() {
            if state.may_start(self.options.limits) {
                self.startable.insert(first.seq, Arc::clone(key));
            }
        } else if state.is_forgettable() {
            self.keys.remove(key);
        }
        result
    }
}
