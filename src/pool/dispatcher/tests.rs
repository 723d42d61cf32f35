//! The dispatcher over an executor that starts no process.

mod eviction;
mod key_runs;
mod keys;
mod tokens;

use std::collections::BTreeSet;
use std::io;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Barrier, Condvar, Mutex};
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender, unbounded};

use super::*;
use crate::exec::capture::{OutputCapture, OutputStream};
use crate::exec::executor::Executor;
use crate::exec::fake::FakeExecutor;
use crate::exec::termination::slot_control::SlotControl;
use crate::exec::{self, ExecutorKind};
use crate::input::{Row, Rows};
use crate::job::{Job, Outcome, RunningAttempt};
use crate::log::remarks::Verbosity;
use crate::observer::Observers;
use crate::policy::retry::RetryPolicy;
use crate::pool::limit_command::LimitAnswer;
use crate::pool::options::PoolOptions;
use crate::pool::run_setup::{JobTag, RunIo, TagSource};
use crate::spool::SpoolBudget;
use crate::template::{CommandTemplate, TemplateOptions};

/// A silent run that has not begun.
struct FakeRun {
    jobs: u64,
    options: PoolOptions,
    budget: Arc<SpoolBudget>,
    events: (Sender<PoolEvent>, Receiver<PoolEvent>),
}

impl FakeRun {
    fn new(jobs: u64, options: PoolOptions) -> Self {
        FakeRun {
            jobs,
            options,
            budget: Arc::default(),
            events: unbounded(),
        }
    }

    fn assemble(self, executor: Arc<dyn Executor>) -> Dispatcher {
        let template = CommandTemplate::parse(TemplateOptions::fake(&["true"], 0));
        let template = Arc::new(template.unwrap());
        let clock = Arc::default();
        let setup = RunSetup {
            executor: exec::open(ExecutorKind::Fake(executor), &template, &clock, None),
            template,
            clock,
            tag: JobTag {
                source: TagSource::None,
                escapes_controls: false,
            },
            options: PoolOptions {
                verbosity: Verbosity::Silent,
                ..self.options
            },
            budget: self.budget,
        };
        // Values that several jobs have, and that no command gets.
        let value = |seq: u64| (seq * seq % 7).to_string();
        let rows = (1..=self.jobs).map(|seq| (seq, Row::from_iter([value(seq)])));
        let io = RunIo {
            rows: Rows::numbered(rows.collect()),
            results: None,
            progress: None,
            observers: Observers::default(),
        };
        let (sender, events) = self.events;
        setup::assemble(Arc::new(setup), io, sender, events).unwrap()
    }
}

/// Runs so many jobs; returns the result, which jobs ran, and how many at once.
fn run(
    jobs: u64,
    options: PoolOptions,
    rule: impl Fn(&Job) -> io::Result<Outcome> + Send + Sync + 'static,
) -> (RunResult, Vec<u64>, usize) {
    let rule = move |job: &Job, _: &mut OutputCapture<'_>, _: &SlotControl| rule(job);
    let fake = Arc::new(FakeExecutor::new(rule));
    let result = FakeRun::new(jobs, options).assemble(fake.clone()).run();
    let ran = fake.ran.lock().unwrap().clone();
    (result, ran, fake.most.load(Ordering::SeqCst))
}

/// The policy of `--retries`.
fn tries(count: &str) -> RetryPolicy {
    RetryPolicy {
        limit: count.parse().unwrap(),
        ..RetryPolicy::default()
    }
}

/// Meeting of attempts that run at the same time.
#[derive(Default)]
struct Meeting {
    present: Mutex<usize>,
    news: Condvar,
}

impl Meeting {
    /// Waits until so many have come. Returns whether they have.
    fn wait_for(&self, wanted: usize) -> bool {
        let mut present = self.present.lock().unwrap();
        *present += 1;
        self.news.notify_all();
        let patience = Duration::from_secs(10);
        let are_missing = |present: &mut usize| *present < wanted;
        let waited = self.news.wait_timeout_while(present, patience, are_missing);
        !waited.unwrap().1.timed_out()
    }
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
        retry: tries("3"),
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
fn no_slot_has_a_number_above_all_while_another_one_is_ending() {
    let (are_busy, may_end) = (Arc::new(Barrier::new(5)), Arc::new(Barrier::new(5)));
    let barriers = (Arc::clone(&are_busy), Arc::clone(&may_end));
    let rule = move |job: &Job, _: &mut OutputCapture<'_>, control: &SlotControl| {
        if job.seq <= 4 {
            barriers.0.wait();
            barriers.1.wait();
        }
        Ok(Outcome::Exited(control.slot() as u8))
    };
    let fake_run = FakeRun::new(0, PoolOptions::default());
    let Dispatcher {
        mut slots, events, ..
    } = fake_run.assemble(Arc::new(FakeExecutor::new(rule)));
    let mut hand = |seq| assert!(slots.hand(Job::new(seq, Row::default()), 4).is_ok());
    (1..=4).for_each(&mut hand);
    are_busy.wait();
    slots.shrink(3);
    assert!(slots.hand(Job::new(5, Row::default()), 4).is_ok());
    may_end.wait();
    let numbers = events.iter().filter_map(|event| match event {
        PoolEvent::Finished { finished, .. } => match finished.record.outcome {
            Outcome::Exited(slot) => Some(usize::from(slot)),
            _ => None,
        },
        PoolEvent::SlotEnded(slot) => Some(slot),
        _ => None,
    });
    let numbers: BTreeSet<usize> = numbers.take(6).collect();
    assert_eq!(numbers, (1..=4).collect());
}

#[test]
fn a_failed_attempt_counts_if_no_further_one_can_start() {
    let options = PoolOptions {
        slots: 2,
        retry: tries("3"),
        halt: "soon,success=1".parse().unwrap(),
        ..PoolOptions::default()
    };
    let meeting = Barrier::new(2);
    let (result, _, _) = run(2, options, move |job| match (job.seq, job.attempt) {
        (1, 1) => Ok(Outcome::Exited(7)),
        (1, _) => {
            meeting.wait();
            Err(io::Error::from_raw_os_error(libc::EAGAIN))
        }
        _ => {
            meeting.wait();
            Ok(Outcome::Exited(0))
        }
    });
    assert_eq!((result.tally.done, result.tally.failed), (2, 1));
}

#[test]
fn a_failed_attempt_counts_if_the_next_one_was_evicted() {
    let options = PoolOptions {
        slots: 2,
        retry: tries("3"),
        halt: "soon,success=1".parse().unwrap(),
        ..PoolOptions::default()
    };
    let (both_run, is_denied) = (Barrier::new(2), Barrier::new(2));
    let was_evicted = AtomicBool::new(false);
    let fake_run = FakeRun::new(2, options);
    let events = fake_run.events.0.clone();
    let rule = move |job: &Job, _: &mut OutputCapture<'_>, control: &SlotControl| {
        let since = Duration::from_secs(job.seq);
        let running = RunningAttempt::new(job.seq, control.slot(), since);
        match (job.seq, job.attempt) {
            (1, _) => {
                control.began(None, running);
                both_run.wait();
                is_denied.wait();
                control.ended();
                Ok(Outcome::Exited(0))
            }
            (_, 1) => Ok(Outcome::Exited(7)),
            _ if !was_evicted.swap(true, Ordering::SeqCst) => {
                control.began(None, running);
                both_run.wait();
                let _ = events.send(PoolEvent::Limit(LimitAnswer::EndYoungest));
                while control.take_stop().is_none() {
                    control.poll(&mut Vec::new(), None)?;
                }
                control.ended();
                Ok(Outcome::Stopped(libc::SIGTERM))
            }
            _ => {
                is_denied.wait();
                Err(io::Error::from_raw_os_error(libc::EAGAIN))
            }
        }
    };
    let result = fake_run.assemble(Arc::new(FakeExecutor::new(rule))).run();
    let Tally { done, failed, .. } = result.tally;
    assert_eq!((done, failed, result.tally.stopped), (2, 1, 0));
}

/// Runs as many jobs as slots by `rule`, each attempt but the last of which fails. Returns how
/// many jobs have failed in the end; memory and files are given back by then.
fn run_with_output(
    slots: usize,
    count: &str,
    rule: impl Fn(&Job, &mut OutputCapture<'_>, &SpoolBudget) -> bool + Send + Sync + 'static,
) -> u64 {
    let options = PoolOptions {
        slots,
        retry: tries(count),
        ..PoolOptions::default()
    };
    let fake_run = FakeRun::new(slots as u64, options);
    let budget = Arc::clone(&fake_run.budget);
    let seen = Arc::clone(&budget);
    let rule = move |job: &Job, capture: &mut OutputCapture<'_>, _: &SlotControl| {
        Ok(Outcome::Exited(u8::from(!rule(job, capture, &seen))))
    };
    let mut dispatcher = fake_run.assemble(Arc::new(FakeExecutor::new(rule)));
    dispatcher.output.most_files = slots;
    let result = dispatcher.run();
    assert_eq!(format!("{budget:?}"), "SpoolBudget { used: 0, files: 0 }");
    result.tally.failed
}

#[test]
fn failed_attempts_that_are_kept_leave_memory() {
    let meeting = Meeting::default();
    let failed = run_with_output(8, "2", move |job, capture, budget| {
        if job.attempt == 1 {
            capture.feed(OutputStream::Stdout, &vec![b'x'; 8 << 20]);
            return false;
        }
        meeting.wait_for(8) && !budget.is_exhausted()
    });
    assert_eq!(failed, 0);
}

#[test]
fn files_of_failed_attempts_that_are_kept_hold_no_start_back() {
    let (meeting, was_missed) = (Meeting::default(), AtomicBool::new(false));
    let failed = run_with_output(4, "3", move |job, capture, _| {
        if job.attempt == 3 {
            return !was_missed.load(Ordering::SeqCst);
        }
        for _ in 0..4 {
            capture.feed(OutputStream::Stdout, &vec![b'x'; 128 << 10]);
        }
        if job.attempt == 2 && !meeting.wait_for(4) {
            was_missed.store(true, Ordering::SeqCst);
        }
        false
    });
    assert_eq!(failed, 0);
}

#[test]
fn a_job_that_waits_for_its_retry_holds_no_slot_and_counts_when_it_is_given_up() {
    let options = PoolOptions {
        retry: RetryPolicy {
            delay: "1h".parse().unwrap(),
            ..tries("2")
        },
        halt: "soon,success=2".parse().unwrap(),
        ..PoolOptions::default()
    };
    let status = |job: &Job| Ok(Outcome::Exited(if job.seq == 2 { 7 } else { 0 }));
    let (result, ran, most) = run(9, options, status);
    assert_eq!((result.tally.done, result.tally.failed), (3, 1));
    assert_eq!((ran, most), (vec![1, 2, 3], 1));
}

#[test]
fn a_retry_starts_when_its_time_has_come_though_nothing_else_happens() {
    let options = PoolOptions {
        retry: RetryPolicy {
            delay: "1ms..2ms".parse().unwrap(),
            ..tries("50")
        },
        ..PoolOptions::default()
    };
    let (result, ran, _) = run(1, options, |job| {
        Ok(Outcome::Exited(u8::from(job.attempt < 50)))
    });
    assert_eq!((result.tally.done, result.tally.failed), (1, 0));
    assert_eq!(ran.len(), 50);
}
