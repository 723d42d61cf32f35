//! The dispatcher over an executor that starts no process.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use crossbeam_channel::unbounded;

use super::*;
use crate::exec::capture::{Capture, Cut, Stream};
use crate::exec::control::Control;
use crate::exec::stop::Ladder;
use crate::exec::{Ended, Executor};
use crate::input::{self, Combine, FinalNewline, Join, Origin, Source};
use crate::job::Outcome;
use crate::log::label::JobNames;
use crate::log::summary::Summary;
use crate::output::{Mode, Order};
use crate::policy::delay::Delay;
use crate::policy::halt::Halt;
use crate::policy::retry::Retry;
use crate::pool::{Announce, Failed, Log, Pace, Paint, Plan, Tag, TagBytes, Voice};
use crate::template::{self, Dialect, Shell, Spellings, Strictness, Template, Words};

/// Asks a function what becomes of an attempt, and remembers which jobs there were.
struct Fake<F> {
    rule: F,
    ran: Mutex<Vec<u64>>,
    now: AtomicUsize,
    most: AtomicUsize,
}

impl<F: Fn(&Job) -> std::io::Result<Outcome> + Sync> Executor for Fake<F> {
    fn run(&self, job: &Job, capture: &mut Capture<'_>, _: &Control) -> std::io::Result<Ended> {
        let now = self.now.fetch_add(1, Ordering::SeqCst) + 1;
        self.most.fetch_max(now, Ordering::SeqCst);
        self.ran.lock().unwrap().push(job.seq);
        capture.feed(Stream::Stdout, b"");
        let outcome = (self.rule)(job);
        self.now.fetch_sub(1, Ordering::SeqCst);
        outcome.map(Ended::from)
    }
}

fn options() -> Options {
    Options {
        niceness: None,
        slots: 1,
        slots_file: None,
        conditions: None,
        timeout_percent: None,
        retry: Retry::default(),
        halt: Halt::Never,
        ladder: Ladder::default(),
        delay: Delay::default(),
        mode: Mode::Grouped(Order::Finished),
        cut: Cut::Anywhere,
        announce: Announce::Nowhere,
        voice: Voice::Silent,
        pace: Pace::Free,
        paint: Paint::Nothing,
        failed: Failed::AsOthers,
    }
}

fn template() -> Arc<Template> {
    let options = template::Options {
        words: vec![b"true".to_vec()],
        dialect: Dialect::Own,
        quoting: Words::Parsed,
        spellings: Spellings::default(),
        shell: Shell::named("/bin/sh"),
        bash: None,
        functions: Default::default(),
        strictness: Strictness::Warn,
        plain_values: false,
        shape: template::Shape::of(1),
    };
    Arc::new(Template::parse(options).unwrap())
}

/// Runs so many jobs; returns how it ended, which jobs ran, and how many at once.
fn run(
    jobs: usize,
    options: Options,
    rule: impl Fn(&Job) -> std::io::Result<Outcome> + Send + Sync + 'static,
) -> (Ending, Vec<u64>, usize) {
    let rows = input::open(input::Options {
        sources: vec![Source {
            origin: Origin::Arguments(vec![b"x".to_vec(); jobs]),
            join: Join::Product,
        }],
        combine: Combine::AsWritten,
        delimiter: b"\n".to_vec(),
        final_newline: FinalNewline::Kept,
        cleaning: input::clean::Cleaning::default(),
        columns: input::columns::Columns::Whole,
        header: input::columns::Header::Absent,
        mark: input::mark::Mark::Kept,
        nul: input::Nul::Kept,
        max_record: usize::MAX,
    });
    let fake = Arc::new(Fake {
        rule,
        ran: Mutex::default(),
        now: AtomicUsize::new(0),
        most: AtomicUsize::new(0),
    });
    let plan = Plan {
        rows: rows.unwrap(),
        template: template(),
        executor: fake.clone(),
        clock: Arc::default(),
        tag: Tag::None,
        tag_bytes: TagBytes::Exact,
        log: Log::None,
        keeping: None,
        summary: Summary::new(template(), Arc::new(JobNames::new(template(), None)), None),
        progress: None,
    };
    let (sender, events) = unbounded();
    let ending = launch::assemble(plan, options, sender, events)
        .unwrap()
        .run();
    let ran = fake.ran.lock().unwrap().clone();
    (ending, ran, fake.most.load(Ordering::SeqCst))
}

#[test]
fn every_job_runs_once_and_never_too_many_at_once() {
    let several = Options {
        slots: 7,
        ..options()
    };
    let (ending, mut ran, most) = run(1000, several, |_| Ok(Outcome::Exited(0)));
    ran.sort_unstable();
    assert_eq!(ran, (1..=1000).collect::<Vec<u64>>());
    assert!(most <= 7, "{most} at once");
    assert_eq!(
        ending.tally,
        Tally {
            total: Some(1000),
            done: 1000,
            ..Tally::default()
        }
    );
}

#[test]
fn a_failing_job_is_tried_again_before_the_next_one() {
    let retries = Options {
        retry: "3".parse().unwrap(),
        ..options()
    };
    let (ending, ran, _) = run(2, retries, |job| {
        Ok(Outcome::Exited(u8::from(job.seq == 1 && job.attempt < 3)))
    });
    assert_eq!(ran, [1, 1, 1, 2]);
    assert_eq!(ending.tally.failed, 0);
}

#[test]
fn nothing_starts_after_the_job_that_decides_a_halt() {
    for rule in ["soon,fail=1", "now,fail=1", "now,fail=20%"] {
        let halt = Options {
            halt: rule.parse().unwrap(),
            ..options()
        };
        let (ending, ran, _) = run(5, halt, |job| {
            Ok(Outcome::Exited(if job.seq == 2 { 3 } else { 0 }))
        });
        assert_eq!(ran, [1, 2], "{rule}");
        assert_eq!(ending.halted, Halted::By(Outcome::Exited(3)));
    }
}

#[test]
fn a_job_without_room_waits_and_runs() {
    let denials = AtomicUsize::new(0);
    let several = Options {
        slots: 4,
        ..options()
    };
    let (ending, _, _) = run(40, several, move |job| {
        if job.seq % 5 == 0 && denials.fetch_add(1, Ordering::SeqCst) < 6 {
            return Err(std::io::Error::from_raw_os_error(libc::EAGAIN));
        }
        Ok(Outcome::Exited(0))
    });
    let Tally { total, done, .. } = ending.tally;
    assert_eq!((total, done, ending.tally.failed), (Some(40), 40, 0));
    assert!(ending.error.is_none());
}
