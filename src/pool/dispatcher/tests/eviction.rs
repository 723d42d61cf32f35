//! Jobs that are ended for want of memory, and run again.

use super::*;
use crate::output::{OutputMode, OutputOrder};

/// Attempts that end when they are evicted.
struct Evictable {
    events: Sender<PoolEvent>,
    /// Another job has begun, so that the youngest may be evicted.
    another_runs: Barrier,
    attempts: AtomicUsize,
}

impl Evictable {
    fn new(fake_run: &FakeRun) -> Self {
        Evictable {
            events: fake_run.events.0.clone(),
            another_runs: Barrier::new(2),
            attempts: AtomicUsize::new(0),
        }
    }

    /// Runs the youngest job: its first two attempts ask for the eviction of the youngest.
    fn run(&self, job: &Job, control: &SlotControl) -> io::Result<Outcome> {
        begin(job, control, 1000);
        let attempt = self.attempts.fetch_add(1, Ordering::SeqCst);
        if attempt == 0 {
            self.another_runs.wait();
        }
        if attempt < 2 {
            let _ = self.events.send(PoolEvent::Limit(LimitAnswer::EndYoungest));
            while control.take_stop().is_none() {
                control.poll(&mut Vec::new(), None)?;
            }
        }
        control.ended();
        Ok(if attempt < 2 {
            Outcome::Stopped(libc::SIGTERM)
        } else {
            Outcome::Exited(0)
        })
    }
}

/// Two slots, which take no jobs ahead: that is so wherever jobs are evicted.
fn one_by_one(order: OutputOrder) -> PoolOptions {
    PoolOptions {
        slots: 2,
        halt: "soon,fail=9".parse().unwrap(),
        mode: OutputMode::Grouped(order),
        ..PoolOptions::default()
    }
}

fn begin(job: &Job, control: &SlotControl, since: u64) {
    let running = RunningAttempt::new(job.seq, control.slot(), Duration::from_secs(since));
    control.began(None, running);
}

#[test]
fn a_job_that_was_evicted_twice_runs_alone_at_the_end() {
    let fake_run = FakeRun::new(5, one_by_one(OutputOrder::Finished));
    let evictable = Evictable::new(&fake_run);
    let (running, third_runs) = (Arc::new(AtomicUsize::new(0)), Barrier::new(2));
    let beside = Arc::new(AtomicUsize::new(0));
    let seen = Arc::clone(&beside);
    let rule = move |job: &Job, _: &mut OutputCapture<'_>, control: &SlotControl| {
        let others = running.fetch_add(1, Ordering::SeqCst);
        let outcome = match job.seq {
            2 => {
                seen.store(others, Ordering::SeqCst);
                evictable.run(job, control)
            }
            1 => {
                begin(job, control, 1);
                evictable.another_runs.wait();
                third_runs.wait();
                control.ended();
                Ok(Outcome::Exited(0))
            }
            3 => {
                third_runs.wait();
                Ok(Outcome::Exited(0))
            }
            _ => Ok(Outcome::Exited(0)),
        };
        running.fetch_sub(1, Ordering::SeqCst);
        outcome
    };
    let fake = Arc::new(FakeExecutor::new(rule));
    let result = fake_run.assemble(fake.clone()).run();
    let mut ran = fake.ran.lock().unwrap().clone();
    assert_eq!(ran.last(), Some(&2));
    assert_eq!(beside.load(Ordering::SeqCst), 0);
    ran.sort_unstable();
    assert_eq!(ran, [1, 2, 2, 2, 3, 4, 5]);
    assert_eq!((result.tally.done, result.tally.stopped), (5, 0));
}

#[test]
fn a_job_that_was_put_off_runs_earlier_if_the_output_of_others_waits_for_it() {
    let fake_run = FakeRun::new(60, one_by_one(OutputOrder::Input));
    let evictable = Evictable::new(&fake_run);
    let third_runs = Barrier::new(2);
    let rule = move |job: &Job, capture: &mut OutputCapture<'_>, control: &SlotControl| {
        match job.seq {
            1 => return evictable.run(job, control),
            2 => {
                begin(job, control, 1);
                evictable.another_runs.wait();
                third_runs.wait();
                control.ended();
            }
            3 => drop(third_runs.wait()),
            _ => {}
        }
        for _ in 0..4 {
            capture.feed(OutputStream::Stdout, &vec![b'x'; 128 << 10]);
        }
        Ok(Outcome::Exited(0))
    };
    let fake = Arc::new(FakeExecutor::new(rule));
    let mut dispatcher = fake_run.assemble(fake.clone());
    dispatcher.output.most_files = 4;
    // So that none of it reaches the terminal.
    dispatcher.reporter.give_up_results();
    let result = dispatcher.run();
    assert_eq!((result.tally.done, result.tally.failed), (60, 0));
    let ran = fake.ran.lock().unwrap().clone();
    let place = ran.iter().rposition(|&seq| seq == 1).unwrap();
    assert!((4..20).contains(&place), "{ran:?}");
}

/// No other job starts while one is to run alone: it must not be forgotten.
#[test]
fn a_job_that_was_put_off_runs_though_the_number_of_jobs_changes() {
    let fake_run = FakeRun::new(
        2,
        PoolOptions {
            slots: 1,
            ..one_by_one(OutputOrder::Finished)
        },
    );
    let (first_runs, may_end) = (Arc::new(Barrier::new(2)), Arc::new(Barrier::new(2)));
    let (runs, ends) = (Arc::clone(&first_runs), Arc::clone(&may_end));
    let rule = move |job: &Job, _: &mut OutputCapture<'_>, _: &SlotControl| {
        if job.seq == 1 {
            runs.wait();
            ends.wait();
        }
        Ok(Outcome::Exited(0))
    };
    let fake = Arc::new(FakeExecutor::new(rule));
    let mut dispatcher = fake_run.assemble(fake.clone());
    dispatcher.request_jobs();
    while dispatcher.queue.is_empty() {
        let event = dispatcher.events.recv().unwrap();
        dispatcher.apply(event);
    }
    for _ in 0..2 {
        let job = dispatcher.queue.take(|| ClockReading::ZERO).unwrap();
        assert!(dispatcher.slots.hand(job, 1).is_ok());
    }
    first_runs.wait();
    // The second one waits for the slot.
    dispatcher.admission.alone = Some(2);
    dispatcher.slots_changed();
    assert_eq!(dispatcher.queue.next_put_off(), Some(2));
    may_end.wait();
    let result = dispatcher.run();
    assert_eq!(result.tally.done, 2);
    assert_eq!(*fake.ran.lock().unwrap(), [1, 2]);
}
