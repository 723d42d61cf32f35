//! A built-in that is all of a job: it runs on the slot's own thread. Between two pieces of
//! work it looks after what `communicate` looks after for a process: requests to end, the
//! time limit, output that may leave, output that may not be taken yet.

use std::cell::{Cell, RefCell};
use std::fs::File;
use std::io::{self, BufRead, Read};
use std::os::fd::{AsFd, BorrowedFd};
use std::time::Duration;

use rustix::fs::CWD;

use crate::builtin::{BuiltinCall, BuiltinEnv, BuiltinIo, BuiltinSink, BuiltinStop, WorkerThreads};
use crate::error::reason_text;
use crate::exec::capture::{OutputCapture, OutputDestination};
use crate::exec::executor::AttemptEnd;
use crate::exec::start::directory::JobDirectory;
use crate::exec::termination::AttemptLimits;
use crate::exec::termination::StopReason;
use crate::exec::termination::slot_control::SlotControl;
use crate::input::JobStdin;
use crate::job::{Outcome, RunningAttempt};
use crate::os::child::ExitStatus;
use crate::os::clock::Clock;
use crate::os::standard_streams::OutputStream;
use crate::os::wait::ResourceUsage;

/// Bytes that are captured at once: between two such pieces a job can be ended.
const PIECE: usize = 64 << 10;

/// A built-in that is to be run as all of a job.
#[derive(Debug, Clone, Copy)]
pub(crate) struct BuiltinJob<'a> {
    pub call: &'a BuiltinCall,
    /// The job's number.
    pub seq: u64,
    /// `None` is prun's own.
    pub directory: Option<&'a JobDirectory>,
    pub clock: &'a Clock,
    pub limits: &'a AttemptLimits,
    pub stdin: &'a JobStdin,
    /// [`JobStdin::pipe`].
    pub stdin_pipe: Option<BorrowedFd<'a>>,
    pub workers: &'a WorkerThreads,
}

impl BuiltinJob<'_> {
    /// Runs it to its end on this thread.
    pub(crate) fn run(self, capture: &mut OutputCapture<'_>, control: &SlotControl) -> AttemptEnd {
        let started = self.clock.now();
        let running = RunningAttempt::new(self.seq, control.slot(), started);
        control.began(None, running);
        capture.report_start();
        let before = ResourceUsage::of_thread();
        let (stdout, stderr) = (io::stdout(), io::stderr());
        let inherits = capture.output == OutputDestination::Inherit;
        let env = BuiltinEnv {
            name: self.call.name(),
            seq: self.seq,
            directory: self.directory.map_or(CWD, JobDirectory::fd),
            workers: self.workers,
            wake: &control.wake,
            stdout: inherits.then_some(stdout.as_fd()),
            stderr: inherits.then_some(stderr.as_fd()),
            feeds_next_stage: false,
            reads_part: self.stdin.is_part(),
        };
        let sink = JobSink {
            job: self,
            control,
            reader: RefCell::new(self.stdin.reader()),
            sent: Cell::new(0),
            capture: RefCell::new(capture),
            stopped: Cell::new(None),
        };
        let stdio = BuiltinIo::new(env, &sink);
        let result = self.call.run(&stdio);
        let (status, on_success) = stdio.finish(result);
        control.ended();
        let ended = AttemptEnd {
            outcome: sink.outcome(status),
            usage: ResourceUsage::of_thread().since(before),
            sent: sink.sent.get(),
            leaked: false,
        };
        ended.settle(on_success, self.limits, sink.capture.into_inner())
    }
}

struct JobSink<'a, 'b> {
    job: BuiltinJob<'a>,
    control: &'a SlotControl,
    /// Reader of the bytes that have no descriptor.
    reader: RefCell<Option<Box<dyn BufRead>>>,
    /// Number of bytes that it has read.
    sent: Cell<u64>,
    capture: RefCell<&'a mut OutputCapture<'b>>,
    /// Reason why prun stops the built-in, and the signal that a process would have got.
    stopped: Cell<Option<(StopReason, i32)>>,
}

impl BuiltinSink for JobSink<'_, '_> {
    fn must_stop(&self) -> bool {
        let now = self.job.clock.now();
        let overdue = || self.job.limits.overdue(self.control, now);
        if let Some((reason, signal_sequence)) = self.control.take_stop().or_else(overdue) {
            let first = signal_sequence.0.first();
            let signal = first.map_or(libc::SIGKILL, |step| step.signal);
            self.stopped.set(Some((reason, signal)));
            return true;
        }
        let mut capture = self.capture.borrow_mut();
        capture.answer(self.control, now);
        capture.flush(self.control, now);
        false
    }

    fn write(&self, stdio: &BuiltinIo<'_>, stream: OutputStream, bytes: &[u8]) -> io::Result<()> {
        for piece in bytes.chunks(PIECE) {
            stdio.check()?;
            while !self.capture.borrow().accepts(stream, self.control) {
                stdio.pause()?;
            }
            let mut capture = self.capture.borrow_mut();
            capture.feed(stream, piece);
            capture.flush(self.control, self.job.clock.now());
        }
        Ok(())
    }

    fn open_stdin(&self) -> io::Result<Option<File>> {
        if self.reader.borrow().is_some() {
            return Ok(None);
        }
        match self.job.stdin_pipe {
            Some(pipe) => Ok(Some(pipe.try_clone_to_owned()?.into())),
            None => File::open("/dev/null").map(Some),
        }
    }

    fn read(&self, _: &BuiltinIo<'_>, buffer: &mut [u8]) -> io::Result<usize> {
        let Some(reader) = &mut *self.reader.borrow_mut() else {
            return Ok(0);
        };
        let count = reader.read(buffer)?;
        self.sent.set(self.sent.get() + count as u64);
        Ok(count)
    }

    fn timeout(&self) -> Option<Duration> {
        let flush = self.capture.borrow().flush_deadline(self.control);
        let timeout = self.job.limits.deadline(self.control);
        let deadline = [timeout, flush].into_iter().flatten().min();
        deadline.map(|deadline| deadline.saturating_sub(self.job.clock.now()))
    }
}

impl JobSink<'_, '_> {
    fn outcome(&self, status: Result<u8, BuiltinStop>) -> Outcome {
        match (self.stopped.get(), status) {
            (Some((reason, signal)), _) => reason.outcome(signal),
            (None, Ok(status)) => self.job.limits.outcome(ExitStatus::Exited(status)),
            (None, Err(BuiltinStop::ReaderGone)) => Outcome::Signaled(libc::SIGPIPE),
            (None, Err(BuiltinStop::WaitFailed(error))) => {
                Outcome::GivenUp(format!("prun had to give it up: {}", reason_text(&error)))
            }
            (None, Err(BuiltinStop::WriteFailed | BuiltinStop::Cancelled)) => {
                self.job.limits.outcome(ExitStatus::Exited(1))
            }
        }
    }
}
