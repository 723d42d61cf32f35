//! The dispatcher over an executor that starts no process.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use crossbeam_channel::unbounded;

use super::*;
use crate::exec::capture::{OutputCapture, OutputStream, ReleaseBoundary};
use crate::exec::termination::signal_sequence::SignalSequence;
use crate::exec::termination::slot_control::SlotControl;
use crate::exec::{AttemptEnd, Executor};
use crate::input::{self, CombineMode, FinalNewline, InputSource, SourceJoin, SourceOrigin};
use crate::job::Outcome;
use crate::log::label::JobNames;
use crate::log::summary::FailureSummary;
use crate::output::{OutputMode, OutputOrder};
use crate::policy::delay::StartDelay;
use crate::policy::halt::HaltRule;
use crate::policy::retry::RetryLimit;
use crate::pool::{
    ColorScope, FailedStyle, LogDestination, PrintCommand, RunSetup, StartAfter, TagEscaping,
    TagSource, Verbosity,
};
use crate::template::{
    self, CommandDialect, CommandTemplate, PlaceholderSpellings, SecondParserPolicy, ShellProgram,
    WordHandling,
};

/// Asks a function what becomes of an attempt, and remembers which jobs there were.
struct Fake<F> {
    rule: F,
    ran: Mutex<Vec<u64>>,
    now: AtomicUsize,
    most: AtomicUsize,
}

impl<F: Fn(&Job) -> std::io::Result<Outcome> + Sync> Executor for Fake<F> {
    fn run(
        &self,
        job: &Job,
        capture: &mut OutputCapture<'_>,
        _: &SlotControl,
    ) -> std::io::Result<AttemptEnd> {
        let now = self.now.fetch_add(1, Ordering::SeqCst) + 1;
        self.most.fetch_max(now, Ordering::SeqCst);
        self.ran.lock().unwrap().push(job.seq);
        capture.feed(OutputStream::Stdout, b"");
        let outcome = (self.rule)(job);
        self.now.fetch_sub(1, Ordering::SeqCst);
        outcome.map(AttemptEnd::from)
    }
}

fn options() -> PoolOptions {
    PoolOptions {
        niceness: None,
        slots: 1,
        slots_file: None,
        conditions: None,
        timeout_percent: None,
        retry: RetryLimit::default(),
        halt: HaltRule::Never,
        signal_sequence: SignalSequence::default(),
        delay: StartDelay::default(),
        mode: OutputMode::Grouped(OutputOrder::Finished),
        cut: ReleaseBoundary::Anywhere,
        announce: PrintCommand::Nowhere,
        verbosity: Verbosity::Silent,
        start_after: StartAfter::Free,
        color_scope: ColorScope::Nothing,
        failed: FailedStyle::AsOthers,
    }
}

fn template() -> Arc<CommandTemplate> {
    let options = template::TemplateOptions {
        words: vec![b"true".to_vec()],
        dialect: CommandDialect::Own,
        quoting: WordHandling::Parsed,
        spellings: PlaceholderSpellings::default(),
        shell: ShellProgram::named("/bin/sh"),
        bash: None,
        functions: Default::default(),
        strictness: SecondParserPolicy::Warn,
        plain_values: false,
        shape: template::RowShape::of(1),
    };
    Arc::new(CommandTemplate::parse(options).unwrap())
}

/// Runs so many jobs; returns how it ended, which jobs ran, and how many at once.
fn run(
    jobs: usize,
    options: PoolOptions,
    rule: impl Fn(&Job) -> std::io::Result<Outcome> + Send + Sync + 'static,
) -> (RunResult, Vec<u64>, usize) {
    let rows = input::open(input::InputOptions {
        sources: vec![InputSource {
            origin: SourceOrigin::Arguments(vec![b"x".to_vec(); jobs]),
            join: SourceJoin::Product,
        }],
        combine: CombineMode::AsWritten,
        delimiter: b"\n".to_vec(),
        final_newline: FinalNewline::Kept,
        cleaning: input::value_cleanup::ValueCleanup::default(),
        columns: input::columns::ColumnFormat::Whole,
        header: input::columns::HeaderNames::Absent,
        mark: input::byte_order_mark::ByteOrderMark::Kept,
        nul: input::NulBytes::Kept,
        max_record: usize::MAX,
    });
    let fake = Arc::new(Fake {
        rule,
        ran: Mutex::default(),
        now: AtomicUsize::new(0),
        most: AtomicUsize::new(0),
    });
    let plan = RunSetup {
        rows: rows.unwrap(),
        template: template(),
        executor: fake.clone(),
        clock: Arc::default(),
        tag: TagSource::None,
        tag_bytes: TagEscaping::Exact,
        log: LogDestination::None,
        keeping: None,
        summary: FailureSummary::new(template(), Arc::new(JobNames::new(template(), None)), None),
        progress: None,
    };
    let (sender, events) = unbounded();
    let ending = setup::assemble(plan, options, sender, events)
        .unwrap()
        .run();
    let ran = fake.ran.lock().unwrap().clone();
    (ending, ran, fake.most.load(Ordering::SeqCst))
}

#[test]
fn every_job_runs_once_and_never_too_many_at_once() {
    let several = PoolOptions {
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
    let retries = PoolOptions {
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
        let halt = PoolOptions {
            halt: rule.parse().unwrap(),
            ..options()
        };
        let (ending, ran, _) = run(5, halt, |job| {
            Ok(Outcome::Exited(if job.seq == 2 { 3 } else { 0 }))
        });
        assert_eq!(ran, [1, 2], "{rule}");
        assert_eq!(ending.halted, HaltCause::By(Outcome::Exited(3)));
    }
}

#[test]
fn a_job_without_room_waits_and_runs() {
    let denials = AtomicUsize::new(0);
    let several = PoolOptions {
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
