//! The process of a slot, while it is in no attempt: whether it can take the next message, and
//! how it is ended.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::event::{PollFd, PollFlags};
use rustix::io::{Errno, ioctl_fionread, read, retry_on_intr};
use rustix::process::{Pid, Signal, kill_process_group};

use crate::exec::start::directory::JobDirectory;
use crate::exec::termination::StopReason;
use crate::exec::termination::signal_sequence::{Escalation, GRACE, SignalSequence};
use crate::exec::termination::slot_control::SlotControl;
use crate::os::child::{Child, ExitStatus};
use crate::os::clock::Clock;
use crate::os::orphans;
use crate::os::signal::send_to_group;

/// Most bytes that a worker's last words on standard error may have: all that a pipe holds.
const LAST_WORDS: usize = 64 << 10;

/// Bytes that [`drain`] reads at most: whoever writes without an end must not keep prun from
/// looking at the clock. No pipe that is not root's holds more.
const DRAINED: usize = 1 << 20;

/// prun's ends of the pipes, none of which blocks.
#[derive(Debug)]
pub(super) struct WorkerPipes {
    /// Open as long as the process may get messages.
    pub stdin: Option<OwnedFd>,
    pub stdout: Option<OwnedFd>,
    pub stderr: Option<OwnedFd>,
}

/// A process that takes messages, one at a time.
#[derive(Debug)]
pub(super) struct WorkerProcess {
    child: Child,
    pub pipes: WorkerPipes,
    /// Number of the job that it was started for, by which its descendants are known.
    mark: u64,
    /// Messages that it has answered.
    pub done: u64,
    /// Number of the job that it has answered last.
    pub last_job: u64,
    leaving: Option<LeavingReason>,
    _directory: Option<JobDirectory>,
}

/// Reason why a worker gets no more messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LeavingReason {
    /// It has answered as many as it may (`--worker-jobs`).
    JobsDone,
    /// It has written more than its answer, or has not read all of the message: what comes next
    /// cannot be told apart from the next answer.
    OutOfStep,
}

/// State of a worker between two messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum IdleState {
    Ready,
    /// It has written more than its last answer.
    Surplus,
    /// It has ended, or cannot answer any more.
    Gone,
    Leaving(LeavingReason),
}

/// Start of the end of a worker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum EndBy {
    /// The end of its input; signals only if that does not help.
    Input,
    Signals,
}

/// End of a worker that was in no attempt.
#[derive(Debug, Default)]
pub(super) struct WorkerEnd {
    /// What it wrote to standard error since its last job.
    pub stderr: Vec<u8>,
    /// It wrote to standard output.
    pub has_surplus: bool,
    /// The request to stop that came meanwhile, with the signal that was sent last.
    pub stopped: Option<(StopReason, i32)>,
}

impl WorkerProcess {
    pub(super) fn new(
        child: Child,
        pipes: WorkerPipes,
        mark: u64,
        directory: Option<JobDirectory>,
    ) -> WorkerProcess {
        WorkerProcess {
            child,
            pipes,
            mark,
            done: 0,
            last_job: 0,
            leaving: None,
            _directory: directory,
        }
    }

    pub(super) fn pid(&self) -> Pid {
        self.child.pid
    }

    /// Readable once the process has ended.
    pub(super) fn exit_fd(&self) -> BorrowedFd<'_> {
        self.child.exit_fd()
    }

    /// Takes note of a whole answer to job `seq`.
    pub(super) fn answered(&mut self, seq: u64) {
        self.done += 1;
        self.last_job = seq;
    }

    /// Sends no more messages. The end of its input tells the process.
    pub(super) fn leave(&mut self, reason: LeavingReason) {
        self.leaving = Some(reason);
        self.pipes.stdin = None;
    }

    /// Looks at the process before it gets the next message, by a read, which costs less than a
    /// poll. One that has ended though others hold its output is noticed when it does not read
    /// the message.
    pub(super) fn inspect(&self) -> IdleState {
        if let Some(reason) = self.leaving {
            return IdleState::Leaving(reason);
        }
        let Some(stdout) = &self.pipes.stdout else {
            return IdleState::Gone;
        };
        match retry_on_intr(|| read(stdout, &mut [0])) {
            Err(Errno::AGAIN) => IdleState::Ready,
            Ok(1..) => IdleState::Surplus,
            _ => IdleState::Gone,
        }
    }

    /// Number of bytes in the pipe to the process that it has not read.
    pub(super) fn unread(&self) -> u64 {
        let stdin = self.pipes.stdin.as_ref();
        stdin.map_or(0, |stdin| ioctl_fionread(stdin).unwrap_or(0))
    }

    /// Kills what is left of its group and its descendants. To be called when it has ended, and
    /// before it is reaped.
    pub(super) fn kill_rest(&self) {
        let _ = kill_process_group(self.child.pid, Signal::KILL);
        orphans::kill(self.mark);
    }

    /// Gives the process back to the kernel. No signal may be sent to it any more.
    ///
    /// # Errors
    /// `wait4` failed: prun is broken, not the worker.
    pub(super) fn reap(self) -> io::Result<ExitStatus> {
        self.child.reap().map(|(status, _)| status)
    }

    /// Ends the process, which is in no attempt, and reaps it. Its status counts for nothing.
    ///
    /// # Errors
    /// `poll` or `wait4` failed: prun is broken, not the worker.
    pub(super) fn end(
        mut self,
        by: EndBy,
        (control, clock): (&SlotControl, &Clock),
        signals: &SignalSequence,
    ) -> io::Result<WorkerEnd> {
        self.pipes.stdin = None;
        let mut end = WorkerEnd::default();
        let now = clock.now();
        let (mut escalation, mut patience) = match by {
            EndBy::Input => (None, Some(now + GRACE)),
            EndBy::Signals => (Some(Escalation::new(signals.clone(), now)), None),
        };
        loop {
            let now = clock.now();
            if let Some((reason, signals)) = control.take_stop() {
                escalation = Some(Escalation::new(signals, now));
                end.stopped = Some((reason, libc::SIGKILL));
            }
            if escalation.is_none() && patience.take_if(|patience| *patience <= now).is_some() {
                escalation = Some(Escalation::new(signals.clone(), now));
            }
            while let Some(signal) = escalation.as_mut().and_then(|sent| sent.due(now)) {
                send_to_group(self.child.pid, signal);
                let _ = kill_process_group(self.child.pid, Signal::CONT);
                if let Some((_, last)) = &mut end.stopped {
                    *last = signal;
                }
            }
            let deadline = match &escalation {
                Some(escalation) => escalation.deadline(),
                None => patience,
            };
            let mut fds = vec![PollFd::from_borrowed_fd(
                self.child.exit_fd(),
                PollFlags::IN,
            )];
            let pipes = [&self.pipes.stdout, &self.pipes.stderr];
            fds.extend(pipes.into_iter().flatten().map(in_poll));
            let timeout = deadline.map(|deadline| deadline.saturating_sub(now));
            let has_news = control.poll(&mut fds, timeout)?;
            let has_ended = has_news && !fds[0].revents().is_empty();
            self.drain(&mut end);
            if has_ended {
                break;
            }
        }
        if escalation.is_some() {
            self.kill_rest();
        }
        control.unguard();
        self.reap()?;
        Ok(end)
    }

    /// Drops what it has written to standard output, and keeps what is on standard error.
    fn drain(&mut self, end: &mut WorkerEnd) {
        drain(&mut self.pipes.stdout, |_| end.has_surplus = true);
        drain(&mut self.pipes.stderr, |bytes| {
            let room = LAST_WORDS.saturating_sub(end.stderr.len());
            end.stderr
                .extend_from_slice(&bytes[..bytes.len().min(room)]);
        });
    }
}

fn in_poll(pipe: &OwnedFd) -> PollFd<'_> {
    PollFd::from_borrowed_fd(pipe.as_fd(), PollFlags::IN)
}

/// Reads what a pipe holds, without waiting, up to [`DRAINED`] bytes. A pipe that has come to its
/// end, or fails, is closed.
pub(super) fn drain(pipe: &mut Option<OwnedFd>, mut take: impl FnMut(&[u8])) {
    let mut buffer = [0; 4096];
    let mut total = 0;
    while let Some(open) = pipe.as_ref().filter(|_| total < DRAINED) {
        match read(open, &mut buffer) {
            Ok(0) => *pipe = None,
            Ok(count) => {
                total += count;
                take(&buffer[..count]);
            }
            Err(Errno::INTR) => {}
            Err(Errno::AGAIN) => return,
            Err(_) => *pipe = None,
        }
    }
}
