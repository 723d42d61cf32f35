//! The dispatcher over an executor that starts no process.

use std::io;
use std::sync::Barrier;
use std::sync::atomic::{AtomicUsize, Ordering};

use crossbeam_channel::unbounded;

use super::*;
use crate::exec::fake::FakeExecutor;
use crate::job::{Job, Outcome};
use crate::log::remarks::Verbosity;
use crate::pool::options::PoolOptions;
use crate::pool::run_setup::RunIo;

/// Runs so many jobs, silently; returns the result, which jobs ran, and how many at once.
fn run(
    jobs: u64,
    options: PoolOptions,
    rule: impl Fn(&Job) -> io::Result<Outcome> + Send + Sync + 'static,
) -> (RunResult, Vec<u64>, usize) {
    let fake = Arc::new(FakeExecutor::new(rule));
    let verbosity = Verbosity::Silent;
    let setup = RunSetup::fake(
        fake.clone(),
        PoolOptions {
            verbosity,
            ..options
        },
    );
    let io = RunIo::fake(jobs);
    let (sender, events) = unbounded();
    let dispatcher = setup::assemble(Arc::new(setup), io, sender, events);
    let result = dispatcher.unwrap().run();
    let ran = fake.ran.lock().unwrap().clone();
    (result, ran, fake.most.load(Ordering::SeqCst))
}

#[test]
fn every_job_runs_once_and_never_too_many_at_once() {
    let several = PoolOptions {
        slots: 7,
        ..PoolOptions::default()
    };
    let (result, mut ran, most) = run(1000, several, |_| Ok(Outcome::Exited(0)));
    ran.sort_unstable();
    assert_eq!(ran, (1..=1000).collect::<Vec<u64>>());
    assert!(most <= 7, "{most} at once");
    assert_eq!(
        result.tally,
        Tally {
            total: Some(1000),
            done: 1000,
            ..Tally::default()
        }
    );
}

#[test]
fn a_failing_job_is_tried_again_before_the_next_one() {
    let retries = PoolOptions {
        retry: "3".parse().unwrap(),
        ..PoolOptions::default()
    };
    let (result, ran, _) = run(2, retries, |job| {
        Ok(Outcome::Exited(u8::from(job.seq == 1 && job.attempt < 3)))
    });
    assert_eq!(ran, [1, 1, 1, 2]);
    assert_eq!(result.tally.failed, 0);
}

#[test]
fn nothing_starts_after_the_job_that_decides_a_halt() {
    for rule in ["soon,fail=1", "now,fail=1", "now,fail=20%"] {
        let halt = PoolOptions {
            halt: rule.parse().unwrap(),
            ..PoolOptions::default()
        };
        let (result, ran, _) = run(5, halt, |job| {
            Ok(Outcome::Exited(if job.seq == 2 { 3 } else { 0 }))
        });
        assert_eq!(ran, [1, 2], "{rule}");
        assert_eq!(result.halted, HaltCause::By(Outcome::Exited(3)));
    }
}

#[test]
fn a_job_that_the_system_denies_waits_and_runs() {
    let denials = AtomicUsize::new(0);
    let several = PoolOptions {
        slots: 4,
        ..PoolOptions::default()
    };
    let (result, _, _) = run(40, several, move |job| {
        if job.seq % 5 == 0 && denials.fetch_add(1, Ordering::SeqCst) < 6 {
            return Err(io::Error::from_raw_os_error(libc::EAGAIN));
        }
        Ok(Outcome::Exited(0))
    });
    let Tally { total, done, .. } = result.tally;
    assert_eq!((total, done, result.tally.failed), (Some(40), 40, 0));
    assert!(result.error.is_none());
}

#[test]
fn a_failed_attempt_counts_if_no_further_one_can_start() {
    let options = PoolOptions {
        slots: 2,
        retry: "3".parse().unwrap(),
        halt: "soon,success=1".parse().unwrap(),
        ..PoolOptions::default()
    };
    let meeting = Barrier::new(2);
    let (result, _, _) = run(2, options, move |job| match (job.seq, job.attempt) {
        (1, 1) => Ok(Outcome::Exited(7)),
        (1, 2) => {
            meeting.wait();
            Err(io::Error::from_raw_os_error(libc::EAGAIN))
        }
        (1, _) => Err(io::Error::from_raw_os_error(libc::EAGAIN)),
        _ => {
            meeting.wait();
            Ok(Outcome::Exited(0))
        }
    });
    assert_eq!((result.tally.done, result.tally.failed), (2, 1));
}
