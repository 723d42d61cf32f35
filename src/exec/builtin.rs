//! A built-in that is all of a job: the slot's own thread does what a process would do (in a
//! pipeline it is a `filter`, with a thread of its own). Between two
//! pieces it looks after what `communicate` looks after for a process: requests to end,
//! the time limit, output that may leave, output that may not be taken yet.

use std::cell::{Cell, RefCell};
use std::fs::File;
use std::io::{self, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::Arc;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec};
use rustix::fs::CWD;

use super::Ended;
use super::capture::{Capture, Output, Stream};
use super::communicate::Limits;
use super::control::{Control, Running};
use super::directory::Directory;
use super::over::Cause;
use super::stop::Ladder;
use crate::builtin::{Call, Pledge, Port, Stdin, Workers, over};
use crate::error::reason_text;
use crate::job::Outcome;
use crate::os::clock::{Clock, Moment};
use crate::os::wait::Usage;
use crate::os::wake::Wake;

/// How long a few streamed bytes wait for more.
const COALESCE: Duration = Duration::from_millis(10);

/// Streamed bytes that do not wait for more.
const ENOUGH: u64 = 64 << 10;

/// So many bytes are taken at once: between two such pieces a job can be ended.
const PIECE: usize = 64 << 10;

/// So many bytes can be written to a pipe that `poll` says is writable (pipe(7)).
const ATOMIC: usize = 4096;

/// What a built-in has around it.
#[derive(Debug, Clone, Copy)]
pub struct Surroundings<'a> {
    /// The job's number.
    pub seq: u64,
    /// Where it runs, if not where prun does.
    pub directory: Option<&'a Directory>,
    /// The time.
    pub clock: &'a Clock,
    /// What limits it.
    pub limits: &'a Limits,
    /// Threads for large inputs.
    pub workers: &'a Workers,
}

/// Runs a built-in to its end on this thread.
pub fn run(
    call: &Call,
    around: Surroundings<'_>,
    capture: &mut Capture<'_>,
    control: &Control,
) -> Ended {
    let now = around.clock.now();
    let running = Running {
        seq: around.seq,
        since: now,
        slot: control.slot(),
    };
    control.began(None, running);
    let before = Usage::of_thread();
    let station = Station {
        around,
        control,
        started: now,
        pending: RefCell::default(),
        pledge: Cell::default(),
        state: RefCell::new(State {
            capture,
            held_since: None,
            end: None,
        }),
    };
    let result = {
        let _counted = around.workers.enter();
        call.run(&station)
    };
    control.ended();
    let pledge = station.pledge.take();
    let State { capture, end, .. } = station.state.into_inner();
    let ended = Ended {
        outcome: outcome(call, end, result),
        usage: Usage::of_thread().since(before),
        leaked: false,
    };
    ended.settle(pledge, capture)
}

fn outcome(call: &Call, end: Option<End>, result: io::Result<u8>) -> Outcome {
    match (end, result) {
        (Some(End::Stopped(Cause::Timeout, signal)), _) => Outcome::TimedOut(signal),
        (Some(End::Stopped(Cause::Terminal, signal)), _) => Outcome::WantedTerminal(signal),
        (Some(End::Stopped(Cause::Request, signal)), _) => Outcome::Stopped(signal),
        (Some(End::NobodyReads), _) => Outcome::Signaled(libc::SIGPIPE),
        (Some(End::Unwritten(error)), _) => {
            let reason = reason_text(&error);
            // If this cannot be written either, the status tells.
            let _ = writeln!(io::stderr(), "{}: cannot write: {reason}", call.name());
            Outcome::Exited(1)
        }
        (Some(End::Broken(error)), _) => {
            Outcome::GivenUp(format!("prun had to give it up: {}", reason_text(&error)))
        }
        (None, Ok(status)) => Outcome::Exited(status),
        (None, Err(_)) => Outcome::Exited(1),
    }
}

/// Why a built-in is not to go on.
#[derive(Debug)]
enum End {
    /// prun ends it; a process would have got this signal.
    Stopped(Cause, i32),
    /// Its output goes where nobody reads it.
    NobodyReads,
    /// What it prints cannot be written.
    Unwritten(io::Error),
    /// prun cannot wait.
    Broken(io::Error),
}

struct Station<'a, 'b> {
    around: Surroundings<'a>,
    control: &'a Control,
    started: Moment,
    pending: RefCell<Vec<u8>>,
    pledge: Cell<Option<Pledge>>,
    state: RefCell<State<'a, 'b>>,
}

struct State<'a, 'b> {
    capture: &'a mut Capture<'b>,
    /// Since when bytes that could be printed wait for more.
    held_since: Option<Moment>,
    end: Option<End>,
}

impl Port for Station<'_, '_> {
    fn out(&self, bytes: &[u8]) -> io::Result<()> {
        self.put(Stream::Stdout, bytes)
    }

    fn err(&self, bytes: &[u8]) -> io::Result<()> {
        self.put(Stream::Stderr, bytes)
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
                self.print(&mut state);
                Ok(())
            }
        }
    }

    fn wait(&self, source: BorrowedFd<'_>) -> io::Result<()> {
        self.flush()?;
        self.wait_for(Some((source, PollFlags::IN)))
    }

    /// A job's standard input is empty.
    fn stdin(&self) -> io::Result<Stdin> {
        Ok(Stdin::File(File::open("/dev/null")?))
    }

    fn receive(&self, _: &mut [u8]) -> io::Result<usize> {
        Ok(0)
    }

    fn pending(&self) -> &RefCell<Vec<u8>> {
        &self.pending
    }

    fn seq(&self) -> u64 {
        self.around.seq
    }

    fn directory(&self) -> BorrowedFd<'_> {
        self.around.directory.map_or(CWD, Directory::fd)
    }

    fn workers(&self) -> &Workers {
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

    fn pledge(&self, pledge: Pledge) {
        self.pledge.set(Some(pledge));
    }
}

impl Station<'_, '_> {
    fn put(&self, stream: Stream, bytes: &[u8]) -> io::Result<()> {
        if self.state.borrow().capture.output == Output::Inherit {
            return self.put_through(stream, bytes);
        }
        for piece in bytes.chunks(PIECE) {
            self.check()?;
            while !self.accepts(stream) {
                self.pause()?;
            }
            let mut state = self.state.borrow_mut();
            state.capture.feed(stream, piece);
            self.print(&mut state);
        }
        Ok(())
    }

    fn accepts(&self, stream: Stream) -> bool {
        self.state.borrow().capture.accepts(stream, self.control)
    }

    /// Writes where prun's own output goes.
    fn put_through(&self, stream: Stream, bytes: &[u8]) -> io::Result<()> {
        let (stdout, stderr) = (io::stdout(), io::stderr());
        let fd = match stream {
            Stream::Stdout => stdout.as_fd(),
            Stream::Stderr => stderr.as_fd(),
        };
        let mut rest = bytes;
        while !rest.is_empty() {
            self.wait_for(Some((fd, PollFlags::OUT)))?;
            match rustix::io::write(fd, &rest[..rest.len().min(ATOMIC)]) {
                Ok(count) => rest = &rest[count..],
                Err(rustix::io::Errno::INTR | rustix::io::Errno::AGAIN) => {}
                Err(rustix::io::Errno::PIPE) => return Err(self.end(End::NobodyReads)),
                Err(error) => return Err(self.end(End::Unwritten(error.into()))),
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
        let left = deadline.map(|deadline| deadline.saturating_sub(self.around.clock.now()));
        let timeout = left.map(|left| Timespec {
            tv_sec: left.as_secs() as i64,
            tv_nsec: i64::from(left.subsec_nanos()),
        });
        let polled = self.control.poll(fds, timeout.as_ref());
        polled.map_err(|error| self.end(End::Broken(error)))
    }

    /// The next moment at which something is due without an event.
    fn deadline(&self) -> Option<Moment> {
        let timeout = self.around.limits.timeout;
        let limit = timeout.map(|timeout| self.started + timeout);
        let print = match self.control.is_choked() {
            true => None,
            false => self.state.borrow().held_since,
        };
        let print = print.map(|since| since + COALESCE);
        [limit, print].into_iter().flatten().min()
    }

    fn stopped(&self) -> Option<End> {
        let signal = |ladder: &Ladder| ladder.0.first().map_or(libc::SIGKILL, |step| step.signal);
        if let Some((cause, ladder)) = self.control.take_stop() {
            return Some(End::Stopped(cause, signal(&ladder)));
        }
        let limits = self.around.limits;
        let limit = self.started + limits.timeout?;
        let late = limit <= self.around.clock.now();
        late.then(|| End::Stopped(Cause::Timeout, signal(&limits.ladder)))
    }

    fn end(&self, end: End) -> io::Error {
        self.state.borrow_mut().end.get_or_insert(end);
        over()
    }

    /// Lets go what may be printed while the job runs.
    fn print(&self, state: &mut State<'_, '_>) {
        let capture = &mut *state.capture;
        if !capture.is_holding() && state.held_since.is_none() && capture.stderr.spool.is_empty() {
            return;
        }
        // Told before the floor is looked at, so that it cannot be given unnoticed.
        if capture.is_holding() {
            self.control.hold();
        }
        capture.flush_urgent(self.control);
        match capture.printable(self.control) {
            0 => state.held_since = None,
            few => {
                let now = self.around.clock.now();
                let since = *state.held_since.get_or_insert(now);
                if few >= ENOUGH || now >= since + COALESCE {
                    capture.flush(self.control);
                    state.held_since = None;
                }
            }
        }
    }
}
