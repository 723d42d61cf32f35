//! Standard input of jobs, which are real processes and built-ins.

mod file_range;
mod row_settings;
mod stdin_file;

use std::io::Write;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

use super::*;
use crate::exec::capture::OutputRelease;
use crate::exec::start::directory::WorkdirPolicy;
use crate::exec::termination::LeakPolicy;
use crate::exec::termination::signal_sequence::SignalSequence;
use crate::exec::{self, ExecutorKind};
use crate::input::JobStdin;
use crate::input::block::Block;
use crate::input::job_stdin::{StdinStream, StreamRest};
use crate::policy::statuses::SuccessStatuses;
use crate::spool::{Spool, SpoolBudget};
use crate::template::TemplateOptions;

const SIZE: usize = 100 << 20;

/// A hundred mebibytes, each of them with its number, so that no piece can be lost or doubled
/// unseen.
fn block() -> Block {
    static BLOCK: OnceLock<Block> = OnceLock::new();
    let make = || {
        let numbers = (0..1_u64 << 17).map(|n| n.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let mut piece: Vec<u8> = numbers.flat_map(u64::to_le_bytes).collect();
        let mut block = Vec::with_capacity(SIZE);
        for number in 0..100 {
            piece[0] = number;
            block.extend_from_slice(&piece);
        }
        Block::from(&*block)
    };
    BLOCK.get_or_init(make).clone()
}

struct Ended {
    outcome: Outcome,
    sent: u64,
    stdout: Spool,
    stderr: Vec<u8>,
}

impl Ended {
    fn printed(&self, expected: &[u8]) -> bool {
        let mut rest = expected;
        let compare = |bytes: &[u8]| {
            rest = rest.strip_prefix(bytes).ok_or(io::ErrorKind::InvalidData)?;
            Ok(())
        };
        self.stdout.deliver(|_, _, _| 0, compare).is_ok() && rest.is_empty()
    }
}

/// Template of jobs with so many values.
fn template(command: &str, values: usize) -> Arc<CommandTemplate> {
    let options = TemplateOptions::fake(&[command], values);
    Arc::new(CommandTemplate::parse(options).unwrap())
}

fn executor(command: &str, timeout: Duration) -> Arc<dyn Executor> {
    let (template, options) = (template(command, 0), options(timeout));
    let clock = Arc::new(Clock::new());
    exec::open(ExecutorKind::Local(options), &template, &clock, None)
}

fn options(timeout: Duration) -> ExecOptions {
    ExecOptions {
        limits: AttemptLimits {
            timeout: Some(timeout),
            timeout_signals: SignalSequence::default(),
            leak: LeakPolicy::Warn,
            success: SuccessStatuses::default(),
        },
        reports_start_errors: false,
        workdir: WorkdirPolicy::Inherited,
        variables: JobVariables::default(),
        template_files: Vec::new(),
        stdin_file: None,
        width: 2,
        max_record: 1 << 20,
    }
}

/// A job of its own number: what it leaves is found by that.
fn job(stdin: JobStdin) -> Job {
    static SEQ: AtomicU64 = AtomicU64::new(1);
    Job::new(SEQ.fetch_add(1, Ordering::SeqCst), Row::from(stdin))
}

fn attempt(executor: &dyn Executor, job: &Job, output: OutputDestination) -> Ended {
    let control = SlotControl::new(1, 1, &Arc::default()).unwrap();
    control.attach();
    let (budget, mut emit) = (Arc::<SpoolBudget>::default(), |_| {});
    let mut capture = OutputCapture::new(output, OutputRelease::Held, None, &budget, &mut emit);
    let ended = executor.run(job, &mut capture, &control).unwrap();
    Ended {
        outcome: ended.outcome,
        sent: ended.sent,
        stdout: capture.stdout.spool,
        stderr: capture.stderr.spool.tail(1000).to_vec(),
    }
}

/// Runs a command that has a minute.
fn run(command: &str, stdin: JobStdin) -> Ended {
    let executor = executor(command, Duration::from_secs(60));
    attempt(&*executor, &job(stdin), OutputDestination::Capture)
}

/// A process, a shell's processes, lists that prun runs, a built-in, stages of built-ins.
const COPIES: [&str; 6] = [
    "cat",
    "sh -c 'cat | cat'",
    "cat | cat",
    "true; cat",
    "@cat",
    "@cat | @cat",
];

#[test]
fn a_block_goes_through_every_kind_of_job() {
    let block = block();
    for command in COPIES {
        let ended = run(command, JobStdin::Block(block.clone()));
        assert_eq!(ended.outcome, Outcome::Exited(0), "{command}");
        assert_eq!(ended.sent, SIZE as u64, "{command}");
        assert!(ended.printed(&block), "{command}");
    }
}

#[test]
fn without_input_and_with_none_in_it_there_is_nothing_to_read() {
    for command in COPIES {
        for stdin in [JobStdin::Null, JobStdin::Block(Block::from([].as_slice()))] {
            let ended = run(command, stdin);
            assert_eq!((ended.outcome, ended.sent), (Outcome::Exited(0), 0));
            assert!(ended.stdout.is_empty(), "{command}");
        }
    }
}

#[test]
fn a_job_may_write_much_before_it_reads() {
    let expected = [&vec![0; SIZE], format!("{SIZE}\n").as_bytes()].concat();
    for command in [
        "sh -c 'head -c 104857600 /dev/zero; wc -c'",
        "head -c 104857600 /dev/zero; wc -c",
    ] {
        let ended = run(command, JobStdin::Block(block()));
        assert_eq!(ended.outcome, Outcome::Exited(0), "{command}");
        assert_eq!(ended.sent, SIZE as u64, "{command}");
        assert!(ended.printed(&expected), "{command}");
    }
}

#[test]
fn what_a_job_does_not_read_is_no_failure_and_is_known() {
    for command in [
        "true",
        "sleep 0",
        "true && true",
        "sh -c 'exec <&-; exit 0'",
    ] {
        let ended = run(command, JobStdin::Block(block()));
        assert_eq!(ended.outcome, Outcome::Exited(0), "{command}");
        // What the pipe holds.
        assert!(ended.sent <= 1 << 20, "{command}: {}", ended.sent);
        assert!(ended.stdout.is_empty() && ended.stderr.is_empty());
    }
    let ended = run("@head -c 10", JobStdin::Block(block()));
    assert!(ended.printed(&block()[..10]));
    assert!(0 < ended.sent && ended.sent <= 1 << 20, "{}", ended.sent);
}

#[test]
fn a_job_may_stop_reading_before_it_ends() {
    for command in [
        "head -c 10",
        "sh -c 'head -c 10; exec <&-; printf %s'",
        "head -c 10 | cat",
    ] {
        let ended = run(command, JobStdin::Block(block()));
        assert_eq!(ended.outcome, Outcome::Exited(0), "{command}");
        assert!(ended.printed(&block()[..10]), "{command}");
        assert!(ended.sent < SIZE as u64, "{command}: {}", ended.sent);
    }
}

#[test]
fn the_commands_of_a_list_read_one_after_the_other() {
    let command = "dd status=none bs=1 count=10 && wc -c";
    let ended = run(command, JobStdin::Block(block()));
    assert_eq!(ended.outcome, Outcome::Exited(0));
    let rest = format!("{}\n", SIZE - 10);
    assert!(ended.printed(&[&block()[..10], rest.as_bytes()].concat()));
}

#[test]
fn a_process_that_is_left_behind_gets_no_more() {
    let command = "sh -c 'exec 3<&0; sleep 1000 >/dev/null 2>&1 & echo $!'";
    let ended = run(command, JobStdin::Block(block()));
    let pid = String::from_utf8(ended.stdout.tail(20).to_vec()).unwrap();
    let pid = Pid::from_raw(pid.trim_end().parse().unwrap()).unwrap();
    kill_process(pid, Signal::KILL).unwrap();
    assert_eq!(ended.outcome, Outcome::Exited(0));
    assert!(ended.sent < SIZE as u64, "{}", ended.sent);
}

#[test]
fn jobs_with_the_streams_of_prun_are_fed_too() {
    let executor = executor("sh -c '[ $(wc -c) = 104857600 ]'", Duration::from_secs(60));
    let job = job(JobStdin::Block(block()));
    let ended = attempt(&*executor, &job, OutputDestination::Inherit);
    assert_eq!(ended.outcome, Outcome::Exited(0));
}

/// A stream, and a thread that writes to it until an error or the end.
fn stream(bytes: Block) -> (JobStdin, thread::JoinHandle<io::Result<()>>) {
    let (reader, mut writer) = io::pipe().unwrap();
    let thread = thread::spawn(move || bytes.chunks(12345).try_for_each(|c| writer.write_all(c)));
    (
        JobStdin::Stream(StdinStream::new(reader.into(), StreamRest::default())),
        thread,
    )
}

#[test]
fn a_stream_comes_while_the_job_runs() {
    let bytes = Block::from(&block()[..20 << 20]);
    for command in COPIES {
        let (stdin, writer) = stream(bytes.clone());
        let ended = run(command, stdin);
        assert_eq!(ended.outcome, Outcome::Exited(0), "{command}");
        assert!(ended.printed(&bytes), "{command}");
        writer.join().unwrap().unwrap();
    }
}

#[test]
fn whoever_writes_a_stream_hears_that_nobody_reads_it() {
    for command in [
        "true",
        "true; true",
        "head -c 10 >/dev/null",
        "@head -c 10",
        "no-such-program",
    ] {
        let executor = executor(command, Duration::from_secs(60));
        let (stdin, writer) = stream(block());
        let job = job(stdin);
        attempt(&*executor, &job, OutputDestination::Capture);
        // The job, which has the stream, is still there.
        let error = writer.join().unwrap().unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::BrokenPipe, "{command}");
    }
}

#[test]
fn a_stream_is_not_read_a_second_time() {
    for command in COPIES {
        let executor = executor(command, Duration::from_secs(60));
        let (stdin, writer) = stream(Block::from([1, 2, 3].as_slice()));
        let job = job(stdin);
        let first = attempt(&*executor, &job, OutputDestination::Capture);
        assert!(first.printed(&[1, 2, 3]), "{command}");
        writer.join().unwrap().unwrap();
        let second = attempt(&*executor, &job, OutputDestination::Capture);
        let reason = "cannot open standard input: an earlier attempt has read it";
        assert_eq!(second.outcome, Outcome::Refused(reason.into()), "{command}");
    }
}

#[test]
fn a_block_is_read_a_second_time() {
    let executor = executor("cat", Duration::from_secs(60));
    let job = job(JobStdin::Block(Block::from([1, 2, 3].as_slice())));
    for _ in 0..2 {
        assert!(attempt(&*executor, &job, OutputDestination::Capture).printed(&[1, 2, 3]));
    }
}

#[test]
fn the_time_limit_holds_while_a_job_is_fed() {
    for command in [
        "sleep 60",
        "sleep 60; true",
        "sh -c 'head -c 1000000 >/dev/null; exec sleep 60'",
    ] {
        let executor = executor(command, Duration::from_millis(300));
        let job = job(JobStdin::Block(block()));
        let ended = attempt(&*executor, &job, OutputDestination::Capture);
        assert_eq!(ended.outcome, Outcome::TimedOut(libc::SIGTERM), "{command}");
        assert!(ended.sent < SIZE as u64, "{command}");
    }
}
