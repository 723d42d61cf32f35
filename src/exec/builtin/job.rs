//! A built-in that is all of a job: the slot's own thread does what a process would do (in a
//! pipeline it is a `filter`, with a thread of its own). Between two
//! pieces it looks after what `communicate` looks after for a process: requests to end,
//! the time limit, output that may leave, output that may not be taken yet.

use std::cell::{Cell, RefCell};
use std::fs::File;
use std::io::{self, BufRead, Read, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::Arc;

use rustix::event::{PollFd, PollFlags};
use rustix::fs::CWD;

use crate::builtin::{BuiltinCall, BuiltinIo, BuiltinStdin, OnSuccess, WorkerThreads, over};
use crate::error::reason_text;
use crate::exec::capture::{OutputCapture, OutputDestination, OutputStream};
use crate::exec::communicate::AttemptLimits;
use crate::exec::executor::AttemptEnd;
use crate::exec::start::directory::JobDirectory;
use crate::exec::termination::StopReason;
use crate::exec::termination::signal_sequence::SignalSequence;
use crate::exec::termination::slot_control::{RunningAttempt, SlotControl};
use crate::job::{JobStdin, Outcome};
use crate::os::clock::{Clock, ClockReading};
use crate::os::wait::ResourceUsage;
use crate::os::wake::Wake;

/// So many bytes are taken at once: between two such pieces a job can be ended.
const PIECE: usize = 64 << 10;

/// So many bytes can be written to a pipe that `poll` says is writable (pipe(7)).
const ATOMIC: usize = 4096;

/// What a built-in has around it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct BuiltinEnv<'a> {
    /// The job's number.
    pub seq: u64,
    /// Where it runs, if not where prun does.
    pub directory: Option<&'a JobDirectory>,
    /// The time.
    pub clock: &'a Clock,
    /// What limits it.
    pub limits: &'a AttemptLimits,
    /// What it reads.
    pub stdin: &'a JobStdin,
    /// Threads for large inputs.
    pub workers: &'a WorkerThreads,
}

/// Runs a built-in to its end on this thread.
pub(crate) fn run(
    call: &BuiltinCall,
    around: BuiltinEnv<'_>,
    capture: &mut OutputCapture<'_>,
    control: &SlotControl,
) -> AttemptEnd {
    let now = around.clock.now();
    let running = RunningAttempt {
        seq: around.seq,
        since: now,
        slot: control.slot(),
    };
    control.began(None, running);
    let before = ResourceUsage::of_thread();
    let job_io = JobIo {
        around,
        control,
        started: now,
        pending: RefCell::default(),
        stdin: RefCell::new(around.stdin.reader()),
        sent: Cell::new(0),
        on_success: Cell::default(),
        state: RefCell::new(JobIoState { capture, end: None }),
    };
    let result = {
        let _counted = around.workers.enter();
        call.run(&job_io)
    };
    control.ended();
    let on_success = job_io.on_success.take();
    let sent = job_io.sent.get();
    let JobIoState { capture, end, .. } = job_io.state.into_inner();
    let ended = AttemptEnd {
        outcome: outcome(call, end, result),
        usage: ResourceUsage::of_thread().since(before),
        sent,
        leaked: false,
    };
    ended.settle(on_success, capture)
}

fn outcome(call: &BuiltinCall, end: Option<BuiltinStop>, result: io::Result<u8>) -> Outcome {
    match (end, result) {
        (Some(BuiltinStop::Stopped(StopReason::Timeout, signal)), _) => Outcome::TimedOut(signal),
        (Some(BuiltinStop::Stopped(StopReason::Terminal, signal)), _) => {
            Outcome::WantedTerminal(signal)
        }
        (Some(BuiltinStop::Stopped(StopReason::Request, signal)), _) => Outcome::Stopped(signal),
        (Some(BuiltinStop::NobodyReads), _) => Outcome::Signaled(libc::SIGPIPE),
        (Some(BuiltinStop::Unwritten(error)), _) => {
            let reason = reason_text(&error);
            // If this cannot be written either, the status tells.
            let _ = writeln!(io::stderr(), "{}: cannot write: {reason}", call.name());
            Outcome::Exited(1)
        }
        (Some(BuiltinStop::Broken(error)), _) => {
            Outcome::GivenUp(format!("prun had to give it up: {}", reason_text(&error)))
        }
        (None, Ok(status)) => Outcome::Exited(status),
        (None, Err(_)) => Outcome::Exited(1),
    }
}

/// Why a built-in is not to go on.
#[derive(Debug)]
enum BuiltinStop {
    /// prun ends it; a process would have got this signal.
    Stopped(StopReason, i32),
    /// Its output goes where nobody reads it.
    NobodyReads,
    /// What it prints cannot be written.
    Unwritten(io::Error),
    /// prun cannot wait.
    Broken(io::Error),
}

struct JobIo<'a, 'b> {
    around: BuiltinEnv<'a>,
    control: &'a SlotControl,
    started: ClockReading,
    pending: RefCell<Vec<u8>>,
    /// The rest of what prun itself hands to the job.
    stdin: RefCell<Option<Box<dyn BufRead>>>,
    sent: Cell<u64>,
    on_success: Cell<Option<OnSuccess>>,
    state: RefCell<JobIoState<'a, 'b>>,
}

struct JobIoState<'a, 'b> {
    capture: &'a mut OutputCapture<'b>,
    end: Option<BuiltinStop>,
}

impl BuiltinIo for JobIo<'_, '_> {
    fn out(&self, bytes: &[u8]) -> io::Result<()> {
        self.put(OutputStream::Stdout, bytes)
    }

    fn err(&self, bytes: &[u8]) -> io::Result<()> {
        self.put(OutputStream::Stderr, bytes)
    }

    fn check(&self) -> io::Result<()> {
        let mut state = self.state.borrow_mut();
        if state.end.is_none() {
            state.end = self.stopped();
        }
        match state.end {
            Some(_) => Err(over()),
            None => {
                let now = self.around.clock.now();
                state.capture.answer(self.control, now);
                state.capture.flush(self.control, now);
                Ok(())
            }
        }
    }

    fn wait(&self, source: BorrowedFd<'_>) -> io::Result<()> {
        self.flush()?;
        self.wait_for(Some((source, PollFlags::IN)))
    }

    fn stdin(&self) -> io::Result<BuiltinStdin> {
        if self.stdin.borrow().is_some() {
            return Ok(BuiltinStdin::Builtin);
        }
        Ok(BuiltinStdin::File(match self.around.stdin.pipe()? {
            Some(pipe) => pipe.into(),
            None => File::open("/dev/null")?,
        }))
    }

    fn receive(&self, buffer: &mut [u8]) -> io::Result<usize> {
        let Some(stdin) = &mut *self.stdin.borrow_mut() else {
            return Ok(0);
        };
        let count = stdin.read(buffer)?;
        self.sent.set(self.sent.get() + count as u64);
        Ok(count)
    }

    fn pending(&self) -> &RefCell<Vec<u8>> {
        &self.pending
    }

    fn seq(&self) -> u64 {
        self.around.seq
    }

    fn directory(&self) -> BorrowedFd<'_> {
        self.around.directory.map_or(CWD, JobDirectory::fd)
    }

    fn workers(&self) -> &WorkerThreads {
        self.around.workers
    }

    fn waker(&self) -> Arc<Wake> {
        self.control.waker()
    }

    fn rest(&self) -> io::Result<()> {
        self.flush()?;
        self.check()?;
        self.pause()
    }

    fn on_success(&self, on_success: OnSuccess) {
        self.on_success.set(Some(on_success));
    }
}

impl JobIo<'_, '_> {
    fn put(&self, stream: OutputStream, bytes: &[u8]) -> io::Result<()> {
        if self.state.borrow().capture.output == OutputDestination::Inherit {
            return self.put_through(stream, bytes);
        }
        for piece in bytes.chunks(PIECE) {
            self.check()?;
            while !self.accepts(stream) {
                self.pause()?;
            }
            let mut state = self.state.borrow_mut();
            state.capture.feed(stream, piece);
            state.capture.flush(self.control, self.around.clock.now());
        }
        Ok(())
    }

    fn accepts(&self, stream: OutputStream) -> bool {
        self.state.borrow().capture.accepts(stream, self.control)
    }

    /// Writes where prun's own output goes.
    fn put_through(&self, stream: OutputStream, bytes: &[u8]) -> io::Result<()> {
        let (stdout, stderr) = (io::stdout(), io::stderr());
        let fd = match stream {
            OutputStream::Stdout => stdout.as_fd(),
            OutputStream::Stderr => stderr.as_fd(),
        };
        let mut rest = bytes;
        while !rest.is_empty() {
            self.wait_for(Some((fd, PollFlags::OUT)))?;
            match rustix::io::write(fd, &rest[..rest.len().min(ATOMIC)]) {
                Ok(count) => rest = &rest[count..],
                Err(rustix::io::Errno::INTR | rustix::io::Errno::AGAIN) => {}
                Err(rustix::io::Errno::PIPE) => return Err(self.end(BuiltinStop::NobodyReads)),
                Err(error) => return Err(self.end(BuiltinStop::Unwritten(error.into()))),
            }
        }
        Ok(())
    }

    /// Waits until it is woken or something is due.
    fn pause(&self) -> io::Result<()> {
        self.poll(&mut Vec::new()).map(drop)?;
        self.check()
    }

    /// Waits until something happens to the descriptor.
    fn wait_for(&self, what: Option<(BorrowedFd<'_>, PollFlags)>) -> io::Result<()> {
        loop {
            self.check()?;
            let descriptors = what.iter();
            let mut fds = descriptors
                .map(|(fd, flags)| PollFd::from_borrowed_fd(*fd, *flags))
                .collect();
            if self.poll(&mut fds)? && fds.iter().any(|fd| !fd.revents().is_empty()) {
                return Ok(());
            }
        }
    }

    fn poll<'fd>(&'fd self, fds: &mut Vec<PollFd<'fd>>) -> io::Result<bool> {
        let deadline = self.deadline();
        let timeout = deadline.map(|deadline| deadline.saturating_sub(self.around.clock.now()));
        let polled = self.control.poll(fds, timeout);
        polled.map_err(|error| self.end(BuiltinStop::Broken(error)))
    }

    /// The next moment at which something is due without an event.
    fn deadline(&self) -> Option<ClockReading> {
        let timeout = self.around.limits.timeout;
        let limit = timeout.map(|timeout| self.started + timeout);
        let flush = self.state.borrow().capture.flush_deadline(self.control);
        [limit, flush].into_iter().flatten().min()
    }

    fn stopped(&self) -> Option<BuiltinStop> {
        let signal = |signal_sequence: &SignalSequence| {
            signal_sequence
                .0
                .first()
                .map_or(libc::SIGKILL, |step| step.signal)
        };
        if let Some((cause, signal_sequence)) = self.control.take_stop() {
            return Some(BuiltinStop::Stopped(cause, signal(&signal_sequence)));
        }
        let limits = self.around.limits;
        let limit = self.started + limits.timeout?;
        let late = limit <= self.around.clock.now();
        late.then(|| BuiltinStop::Stopped(StopReason::Timeout, signal(&limits.signal_sequence)))
    }

    fn end(&self, end: BuiltinStop) -> io::Error {
        self.state.borrow_mut().end.get_or_insert(end);
        over()
    }
}
