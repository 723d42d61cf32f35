//! Whole runs of jobs that wait for their keys.

use std::collections::HashMap;

use super::keys::{key_text, keyed};
use super::*;
use crate::output::{OutputMode, OutputOrder};
use crate::policy::key::KeyLimits;
use crate::pool::options::KeyOptions;

fn key(job: &Job) -> Vec<u8> {
    job.row.values[0].to_vec()
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
        if let Some(event) = event {
            // The run may be over.
            let _ = events.send(event);
        }
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

/// Runs two jobs of one key, of which the first one fails and waits for its retry. Meanwhile the
/// other one runs, whose output can wait nowhere.
fn run_behind_a_blocked_job(options: PoolOptions) -> RunResult {
    let options = PoolOptions {
        retry: RetryPolicy {
            delay: "1ms".parse().unwrap(),
            ..tries("2")
        },
        mode: OutputMode::Grouped(OutputOrder::Input),
        ..options
    };
    let fake_run = FakeRun::new(2, options);
    let events = fake_run.events.0.clone();
    let rule = move |job: &Job, _: &mut OutputCapture<'_>, control: &SlotControl| {
        if job.seq == 1 {
            return Ok(Outcome::Exited(1));
        }
        control.began(None, RunningAttempt::new(2, control.slot(), Duration::ZERO));
        let _ = events.send(PoolEvent::Blocked(2));
        while control.take_stop().is_none() {
            control.poll(&mut Vec::new(), None)?;
        }
        control.ended();
        Ok(Outcome::Stopped(libc::SIGTERM))
    };
    fake_run.assemble(Arc::new(FakeExecutor::new(rule))).run()
}

#[test]
fn a_run_ends_in_which_jobs_wait_for_each_other_as_no_output_can_wait() {
    let one_slot = PoolOptions::default();
    let one_key = PoolOptions {
        slots: 2,
        // Both have this key.
        key: Some(KeyOptions {
            text: key_text(b"x"),
            ..keyed(1, false)
        }),
        ..PoolOptions::default()
    };
    for options in [one_slot, one_key] {
        let result = run_behind_a_blocked_job(options);
        let error = result.error.map(|error| error.to_string());
        let expected = "prun: cannot keep the output of job 2: no room for temporary files";
        assert!(error.is_some_and(|error| error.starts_with(expected)));
    }
}
