//! The order in which jobs that were read start.

use std::collections::VecDeque;

use super::keys::{self, KeyedJobs};
use crate::job::Job;
use crate::os::clock::ClockReading;

/// Jobs that wait for a slot. They start in the order of their numbers: those that come back go
/// before all that were never started, and so the job whose turn it is to be printed is the first
/// one as soon as it may start.
///
/// A job that must not start before some event is best kept elsewhere, and put here when the event
/// has come: what is in here may start as soon as a slot and its key are free.
pub(super) enum WaitingJobs {
    /// The first one may always start.
    InOrder(VecDeque<Job>),
    /// The first one whose key is free may start (`--key`).
    ByKey(KeyedJobs),
}

impl WaitingJobs {
    /// Number of jobs, startable or not.
    pub(super) fn len(&self) -> usize {
        match self {
            WaitingJobs::InOrder(jobs) => jobs.len(),
            WaitingJobs::ByKey(jobs) => jobs.len(),
        }
    }

    /// Number of jobs that may be added.
    pub(super) fn room(&self) -> usize {
        match self {
            WaitingJobs::InOrder(_) => usize::MAX,
            WaitingJobs::ByKey(jobs) => jobs.room(),
        }
    }

    /// The next job to start, if one may start now.
    pub(super) fn front(&self) -> Option<&Job> {
        match self {
            WaitingJobs::InOrder(jobs) => jobs.front(),
            WaitingJobs::ByKey(jobs) => jobs.front(),
        }
    }

    /// Takes the next job, which holds its key from `now` on.
    pub(super) fn take(&mut self, now: impl FnOnce() -> ClockReading) -> Option<Job> {
        match self {
            WaitingJobs::InOrder(jobs) => jobs.pop_front(),
            WaitingJobs::ByKey(jobs) => jobs.take(now()),
        }
    }

    /// Adds jobs that were read, in the order of their numbers.
    pub(super) fn extend(&mut self, added: Vec<Job>) {
        match self {
            WaitingJobs::InOrder(jobs) => jobs.extend(added),
            WaitingJobs::ByKey(jobs) => added.into_iter().for_each(|job| jobs.add(job)),
        }
    }

    /// Adds a job that was taken before, in its place by its number.
    pub(super) fn put_back(&mut self, job: Job) {
        match self {
            WaitingJobs::InOrder(jobs) => keys::insert(jobs, job),
            WaitingJobs::ByKey(jobs) => jobs.add(job),
        }
    }

    /// Tells whether a job that waits elsewhere may start now beside no other one.
    pub(super) fn admits(&self, job: &Job) -> bool {
        match self {
            WaitingJobs::InOrder(_) => true,
            WaitingJobs::ByKey(jobs) => jobs.admits(job),
        }
    }

    /// Takes note of the start of a job that has waited elsewhere.
    pub(super) fn started(&mut self, job: &Job, now: impl FnOnce() -> ClockReading) {
        match self {
            WaitingJobs::InOrder(_) => {}
            WaitingJobs::ByKey(jobs) => jobs.started(job, now()),
        }
    }

    /// Takes note of the end of an attempt of job `seq`, which frees its key.
    pub(super) fn ended(&mut self, seq: u64) {
        match self {
            WaitingJobs::InOrder(_) => {}
            WaitingJobs::ByKey(jobs) => jobs.ended(seq),
        }
    }

    /// Takes note that job `seq` was taken and not started, unless it has ended before.
    pub(super) fn not_started(&mut self, seq: u64) {
        match self {
            WaitingJobs::InOrder(_) => {}
            WaitingJobs::ByKey(jobs) => jobs.not_started(seq),
        }
    }

    /// Frees the keys whose time has come.
    pub(super) fn release_due(&mut self, now: ClockReading) {
        match self {
            WaitingJobs::InOrder(_) => {}
            WaitingJobs::ByKey(jobs) => jobs.release_due(now),
        }
    }

    /// Time at which the next key is free by its rate.
    pub(super) fn next_due(&self) -> Option<ClockReading> {
        match self {
            WaitingJobs::InOrder(_) => None,
            WaitingJobs::ByKey(jobs) => jobs.next_due(),
        }
    }

    /// Tells whether a job waits for the time of its key.
    pub(super) fn is_delayed(&self, seq: u64) -> bool {
        match self {
            WaitingJobs::InOrder(_) => false,
            WaitingJobs::ByKey(jobs) => jobs.is_delayed(seq),
        }
    }

    /// Number of jobs that have never been started.
    pub(super) fn new_jobs(&self) -> usize {
        let is_new = |job: &&Job| job.attempt == 1;
        match self {
            WaitingJobs::InOrder(jobs) => jobs.iter().filter(is_new).count(),
            WaitingJobs::ByKey(jobs) => jobs.iter().filter(is_new).count(),
        }
    }

    /// Takes all jobs out, in their order.
    pub(super) fn take_all(&mut self) -> VecDeque<Job> {
        match self {
            WaitingJobs::InOrder(jobs) => std::mem::take(jobs),
            WaitingJobs::ByKey(jobs) => jobs.take_all(),
        }
    }
}
