//! Files with names in place of standard input.

use std::path::{Path, PathBuf};
use std::{fs, iter};

use super::file_range::{file_with, range};
use super::*;

const KINDS: [StdinFile; 2] = [StdinFile::Regular, StdinFile::Fifo];

/// An executor and a job of it, in a directory where nothing else is.
struct FileJob {
    executor: Arc<dyn Executor>,
    job: Job,
    path: PathBuf,
    _directory: tempfile::TempDir,
}

impl FileJob {
    fn new(kind: StdinFile, command: &str, stdin: JobStdin) -> FileJob {
        let directory = tempfile::tempdir().unwrap();
        FileJob::with_timeout(kind, command, stdin, (directory, Duration::from_secs(60)))
    }

    fn with_timeout(
        kind: StdinFile,
        command: &str,
        stdin: JobStdin,
        (directory, timeout): (tempfile::TempDir, Duration),
    ) -> FileJob {
        let path = directory.path().join("block");
        let options = ExecOptions {
            stdin_file: Some(kind),
            ..options(timeout)
        };
        let template = template(command, 1);
        let executor = exec::open(
            ExecutorKind::Local(options),
            &template,
            &Arc::new(Clock::new()),
            None,
        );
        let mut job = job(stdin);
        job.row.values = iter::once(path.as_os_str().as_encoded_bytes()).collect();
        FileJob {
            executor,
            job,
            path,
            _directory: directory,
        }
    }

    /// Runs an attempt, after which the file must be gone.
    fn run(&self) -> Ended {
        let ended = attempt(&*self.executor, &self.job, OutputDestination::Capture);
        assert!(!self.path.exists());
        ended
    }
}

/// A process that reads standard input, too, a shell, lists that prun runs or that need a
/// shell, a built-in, stages of built-ins.
const READERS: [&str; 7] = [
    "cat <> -",
    "sh -c 'cat \"$1\" | cat' sh <>",
    "cat <> | cat",
    "true; cat < <>",
    "cat; cat <>",
    "@cat <>",
    "@cat <> | @cat",
];

#[test]
fn every_kind_of_job_reads_its_file() {
    let block = Block::from(&block()[..5 << 20]);
    let file = file_with(&block);
    for kind in KINDS {
        for command in READERS {
            for stdin in [JobStdin::Block(block.clone()), range(&file, 0, 5 << 20)] {
                let ended = FileJob::new(kind, command, stdin).run();
                assert_eq!(ended.outcome, Outcome::Exited(0), "{kind:?} {command}");
                assert!(ended.printed(&block), "{kind:?} {command}");
                assert_eq!(ended.sent, 5 << 20, "{kind:?} {command}");
            }
        }
    }
}

#[test]
fn an_empty_file_is_empty() {
    for kind in KINDS {
        for stdin in [JobStdin::Null, JobStdin::Block(Block::from([].as_slice()))] {
            let ended = FileJob::new(kind, "cat <>", stdin).run();
            assert_eq!((ended.outcome, ended.sent), (Outcome::Exited(0), 0));
            assert!(ended.stdout.is_empty());
        }
    }
}

#[test]
fn the_file_is_for_its_user_alone_and_made_anew_for_each_attempt() {
    for (kind, expected) in [
        (StdinFile::Regular, "regular file 600\n"),
        (StdinFile::Fifo, "fifo 600\n"),
    ] {
        let stdin = JobStdin::Block(Block::from([1, 2, 3].as_slice()));
        let file_job = FileJob::new(kind, "stat -c '%F %a' <>", stdin);
        for _ in 0..2 {
            assert!(file_job.run().printed(expected.as_bytes()), "{kind:?}");
        }
    }
}

#[test]
fn a_file_that_is_there_is_refused_and_stays() {
    for kind in KINDS {
        let stdin = JobStdin::Block(Block::from([1, 2, 3].as_slice()));
        let FileJob {
            executor,
            job,
            path,
            _directory,
        } = FileJob::new(kind, "cat <>", stdin);
        fs::write(&path, "precious").unwrap();
        let ended = attempt(&*executor, &job, OutputDestination::Capture);
        let why = format!("cannot write '{}': File exists", path.display());
        assert_eq!(ended.outcome, Outcome::Refused(why), "{kind:?}");
        assert_eq!(fs::read(&path).unwrap(), b"precious");
    }
}

#[test]
fn a_fifo_that_is_not_read_to_its_end_holds_nobody_up() {
    for command in [
        "true",
        "true; true",
        "head -c 10 <>",
        "sh -c 'head -c 10 \"$1\" >/dev/null; cat' sh <>",
        "rm <>",
        "sh -c 'rm \"$1\"; mkfifo \"$1\"' sh <>",
        "@head -c 10 <>",
    ] {
        let stdin = JobStdin::Block(block());
        let ended = FileJob::new(StdinFile::Fifo, command, stdin).run();
        assert_eq!(ended.outcome, Outcome::Exited(0), "{command}");
        assert!(ended.sent < SIZE as u64, "{command}");
    }
}

#[test]
fn a_fifo_of_a_job_that_cannot_start_is_removed() {
    for kind in KINDS {
        let stdin = JobStdin::Block(block());
        let ended = FileJob::new(kind, "no-such-program <>", stdin).run();
        assert!(matches!(ended.outcome, Outcome::NotFound(_)), "{kind:?}");
    }
}

#[test]
fn a_process_that_is_left_behind_does_not_hold_its_fifo() {
    let command = "sh -c 'exec 3<\"$1\"; sleep 1000 >/dev/null 2>&1 & echo $!' sh <>";
    let ended = FileJob::new(StdinFile::Fifo, command, JobStdin::Block(block())).run();
    let pid = String::from_utf8(ended.stdout.tail(20).to_vec()).unwrap();
    let pid = Pid::from_raw(pid.trim_end().parse().unwrap()).unwrap();
    kill_process(pid, Signal::KILL).unwrap();
    assert_eq!(ended.outcome, Outcome::Exited(0));
    assert!(ended.sent < SIZE as u64, "{}", ended.sent);
}

#[test]
fn the_time_limit_holds_for_a_job_with_a_file() {
    for kind in KINDS {
        for command in [
            "sh -c 'exec sleep 60' sh <>",
            "sh -c 'exec 3<\"$1\"; exec sleep 60' sh <>",
        ] {
            let limits = (tempfile::tempdir().unwrap(), Duration::from_millis(300));
            let stdin = JobStdin::Block(block());
            let ended = FileJob::with_timeout(kind, command, stdin, limits).run();
            assert_eq!(ended.outcome, Outcome::TimedOut(libc::SIGTERM), "{command}");
        }
    }
}

#[test]
fn a_range_that_cannot_be_read_fails_the_job() {
    let short = range(&file_with(b"four"), 0, 5);
    let reason = "cannot read standard input: the file has become shorter";
    let ended = FileJob::new(StdinFile::Regular, "cat <>", short.clone()).run();
    assert_eq!(ended.outcome, Outcome::Refused(reason.into()));
    for command in ["cat <>", "@cat <>"] {
        let ended = FileJob::new(StdinFile::Fifo, command, short.clone()).run();
        let given_up = format!("prun had to give it up: {reason}");
        assert_eq!(ended.outcome, Outcome::GivenUp(given_up), "{command}");
    }
}

#[test]
fn a_stop_is_heard_while_a_range_is_copied() {
    const ENDLESS: u64 = 1 << 40;
    let file = tempfile::tempfile().unwrap();
    file.set_len(ENDLESS).unwrap();
    let stdin = range(&Arc::new(file), 0, ENDLESS);
    let file_job = FileJob::new(StdinFile::Regular, "cat <>", stdin);
    let control = SlotControl::new(1, 1, &Arc::default()).unwrap();
    control.attach();
    control.stop(SignalSequence::starting_with(libc::SIGHUP));
    let (budget, mut emit) = (Arc::<SpoolBudget>::default(), |_| {});
    let mut capture = OutputCapture::new(
        OutputDestination::Capture,
        OutputRelease::Held,
        None,
        &budget,
        &mut emit,
    );
    let ended = file_job.executor.run(&file_job.job, &mut capture, &control);
    assert_eq!(ended.unwrap().outcome, Outcome::Stopped(libc::SIGHUP));
    assert!(!Path::new(&file_job.path).exists());
}
