//! One message to a worker, and its answer: one thread and one `poll`, as for a job that is a
//! process of its own.
//!
//! Neither side can wait for the other: while a message is written, the answer and standard
//! error are read. What was written before the end of the worker is read whole.

use std::io;
use std::os::fd::OwnedFd;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags};
use rustix::io::{Errno, read, write};

use super::answer::{AnswerEnd, AnswerParser};
use super::process::{WorkerProcess, drain};
use crate::exec::capture::{OutputCapture, OutputStream};
use crate::exec::termination::signal_sequence::{Escalation, GRACE, SignalSequence};
use crate::exec::termination::slot_control::SlotControl;
use crate::exec::termination::{AttemptLimits, StopReason};
use crate::os::clock::{Clock, ClockReading};

/// Bytes that are read at once: all that a pipe holds by default (pipe(7)).
const CHUNK: usize = 64 << 10;

/// Time in which a worker ends that has closed its output because it ends. Until then its input
/// stays open, which tells whether it has read of the message.
const ENDING: Duration = Duration::from_millis(100);

/// Last bytes on standard error that are remembered, to say why a worker has failed.
const REMEMBERED: usize = 512;

/// What an exchange works with.
#[derive(Clone, Copy)]
pub(super) struct ExchangeEnv<'a> {
    pub control: &'a SlotControl,
    pub clock: &'a Clock,
    pub limits: &'a AttemptLimits,
    pub answer_end: &'a AnswerEnd,
    /// Signals for a worker that does not end by itself.
    pub signals: &'a SignalSequence,
}

/// Memory of a slot, which its exchanges use one after the other.
#[derive(Debug, Default)]
pub(super) struct ExchangeBuffers {
    pub message: Vec<u8>,
    chunk: Vec<u8>,
    /// The end of what the worker has written to standard error.
    pub words: Vec<u8>,
}

/// End of an exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ExchangeEnd {
    /// The answer is whole.
    Answered {
        /// The worker has read the message to its end, and has written nothing beyond the
        /// answer.
        is_in_step: bool,
    },
    /// The worker has ended without a whole answer.
    Ended(EarlyEnd),
    /// prun has ended the worker; the last signal.
    Stopped(StopReason, i32),
}

/// End of a worker before its answer was whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct EarlyEnd {
    /// It has read or written something of the job.
    pub was_heard: bool,
    /// It has read the message to its end.
    pub has_read: bool,
    /// By signals of prun's, because it could not answer any more.
    pub was_ended: bool,
}

/// What has come of an exchange.
#[derive(Debug)]
pub(super) struct ExchangeResult {
    pub end: io::Result<ExchangeEnd>,
    /// Bytes that were written to the worker.
    pub sent: u64,
    /// Bytes that it has written to standard output.
    pub received: u64,
}

/// Sends `buffers.message` to the worker and reads its answer.
pub(super) fn exchange(
    worker: &mut WorkerProcess,
    buffers: &mut ExchangeBuffers,
    capture: &mut OutputCapture<'_>,
    env: ExchangeEnv<'_>,
) -> ExchangeResult {
    let mut exchange = Exchange {
        worker,
        buffers,
        capture,
        env,
        parser: AnswerParser::new(env.answer_end),
        sent: 0,
        received: 0,
        is_beyond: false,
        has_reader: true,
        has_ended: false,
        patience: None,
        stop_reason: None,
        escalation: None,
        last_signal: 0,
    };
    let end = exchange.run();
    ExchangeResult {
        end,
        sent: exchange.sent as u64,
        received: exchange.received,
    }
}

struct Exchange<'a, 'b> {
    worker: &'a mut WorkerProcess,
    buffers: &'a mut ExchangeBuffers,
    capture: &'a mut OutputCapture<'b>,
    env: ExchangeEnv<'a>,
    parser: AnswerParser<'a>,
    sent: usize,
    received: u64,
    /// There were bytes beyond the answer.
    is_beyond: bool,
    /// Somebody may read the rest of the message.
    has_reader: bool,
    /// The worker's process has ended.
    has_ended: bool,
    /// Time that a worker has to end by itself which has closed its output.
    patience: Option<ClockReading>,
    stop_reason: Option<StopReason>,
    escalation: Option<Escalation>,
    last_signal: i32,
}

/// Descriptors to which something has happened.
#[derive(Debug, Default)]
struct ReadyPipes {
    stdin: bool,
    stdout: bool,
    stderr: bool,
    exit: bool,
}

impl Exchange<'_, '_> {
    fn run(&mut self) -> io::Result<ExchangeEnd> {
        self.write()?;
        loop {
            let ready = self.wait()?;
            if ready.stderr {
                self.read_stderr();
            }
            if ready.stdout {
                self.read_answer()?;
            }
            if ready.exit {
                self.read_rest();
            }
            if let Some(end) = self.end() {
                self.read_last();
                return Ok(end);
            }
            if ready.stdin {
                self.write()?;
            }
            let now = self.env.clock.now();
            self.enforce(now);
            self.capture.answer(self.env.control, now);
            self.capture.flush(self.env.control, now);
        }
    }

    /// Writes as much of the message as the pipe takes.
    fn write(&mut self) -> io::Result<()> {
        while let (Some(stdin), true) = (&self.worker.pipes.stdin, self.is_unsent()) {
            match write(stdin, &self.buffers.message[self.sent..]) {
                Ok(count) => self.sent += count,
                Err(Errno::INTR) => {}
                Err(Errno::AGAIN) => return Ok(()),
                Err(Errno::PIPE) => self.has_reader = false,
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    fn is_unsent(&self) -> bool {
        self.has_reader && self.sent < self.buffers.message.len()
    }

    /// Waits until something happens or is due.
    fn wait(&mut self) -> io::Result<ReadyPipes> {
        let control = self.env.control;
        let accepted = |pipe: &'_ Option<OwnedFd>, stream| {
            pipe.is_some() && self.capture.accepts(stream, control)
        };
        let pipes = &self.worker.pipes;
        let is_read = [
            accepted(&pipes.stdout, OutputStream::Stdout),
            accepted(&pipes.stderr, OutputStream::Stderr),
        ];
        let mut fds: Vec<PollFd<'_>> = Vec::with_capacity(4);
        for (pipe, is_read) in [&pipes.stdout, &pipes.stderr].into_iter().zip(is_read) {
            if let (Some(pipe), true) = (pipe, is_read) {
                fds.push(PollFd::new(pipe, PollFlags::IN));
            }
        }
        fds.push(PollFd::from_borrowed_fd(
            self.worker.exit_fd(),
            PollFlags::IN,
        ));
        if let (Some(stdin), true) = (&pipes.stdin, self.is_unsent()) {
            fds.push(PollFd::new(stdin, PollFlags::OUT));
        }
        let timeout = self.deadline().map(|deadline| {
            let now = self.env.clock.now();
            deadline.saturating_sub(now)
        });
        if !control.poll(&mut fds, timeout)? {
            return Ok(ReadyPipes::default());
        }
        let mut found = fds.iter().map(|fd| !fd.revents().is_empty());
        let mut next = |is_polled: bool| is_polled && found.next().unwrap_or(false);
        Ok(ReadyPipes {
            stdout: next(is_read[0]),
            stderr: next(is_read[1]),
            exit: next(true),
            stdin: next(true),
        })
    }

    /// The next moment at which something is due without an event.
    fn deadline(&self) -> Option<ClockReading> {
        let (control, limits) = (self.env.control, self.env.limits);
        let due = match &self.escalation {
            Some(escalation) => escalation.deadline(),
            None => [limits.deadline(control), self.patience]
                .into_iter()
                .flatten()
                .min(),
        };
        let flush = self.capture.flush_deadline(control);
        [due, flush].into_iter().flatten().min()
    }

    /// Reads once. A worker that closes its output before its answer is whole cannot answer any
    /// more.
    fn read_answer(&mut self) -> io::Result<()> {
        let Some(stdout) = &self.worker.pipes.stdout else {
            return Ok(());
        };
        let chunk = &mut self.buffers.chunk;
        chunk.clear();
        chunk.reserve(CHUNK);
        let count = match read(stdout, rustix::buffer::spare_capacity(chunk)) {
            Ok(count) => count,
            Err(Errno::INTR | Errno::AGAIN) => return Ok(()),
            Err(error) => return Err(error.into()),
        };
        if count > 0 {
            let chunk = std::mem::take(&mut self.buffers.chunk);
            self.take_answer(&chunk);
            self.buffers.chunk = chunk;
            return Ok(());
        }
        self.worker.pipes.stdout = None;
        if !self.parser.is_complete() {
            self.patience = Some(self.env.clock.now() + ENDING);
        }
        Ok(())
    }

    fn take_answer(&mut self, bytes: &[u8]) {
        self.received += bytes.len() as u64;
        let capture = &mut self.capture;
        let taken = self
            .parser
            .feed(bytes, |bytes| capture.feed(OutputStream::Stdout, bytes));
        self.is_beyond |= taken < bytes.len();
    }

    fn read_stderr(&mut self) {
        let (capture, words) = (&mut *self.capture, &mut self.buffers.words);
        drain(&mut self.worker.pipes.stderr, |bytes| {
            capture.feed(OutputStream::Stderr, bytes);
            words.extend_from_slice(bytes);
            let surplus = words.len().saturating_sub(REMEMBERED);
            words.drain(..surplus);
        });
    }

    /// Reads what the worker had written when it ended, which is no more than the pipes hold.
    fn read_rest(&mut self) {
        self.has_ended = true;
        let mut stdout = self.worker.pipes.stdout.take();
        drain(&mut stdout, |bytes| self.take_answer(bytes));
        self.worker.pipes.stdout = stdout;
        self.read_stderr();
    }

    /// Reads what belongs to this job though it was not polled for: standard error that was
    /// written before the end of the answer, and bytes that could have been its end.
    fn read_last(&mut self) {
        let held = self.parser.held();
        if !held.is_empty() {
            self.capture.feed(OutputStream::Stdout, held);
        }
        if (self.capture).accepts(OutputStream::Stderr, self.env.control) {
            self.read_stderr();
        }
    }

    /// The worker has read the message to its end.
    fn has_read(&self) -> bool {
        self.sent == self.buffers.message.len() && self.worker.unread() == 0
    }

    /// The end of the exchange, if it has come.
    fn end(&self) -> Option<ExchangeEnd> {
        if let Some(reason) = self.stop_reason {
            return (self.has_ended).then_some(ExchangeEnd::Stopped(reason, self.last_signal));
        }
        if self.parser.is_complete() {
            // The next job's answer would be taken for what is said to the rest of this message.
            let is_in_step = !self.is_beyond && self.has_read();
            return Some(ExchangeEnd::Answered { is_in_step });
        }
        if !self.has_ended {
            return None;
        }
        Some(ExchangeEnd::Ended(EarlyEnd {
            has_read: self.has_read(),
            was_heard: self.received > 0 || self.worker.unread() < self.sent as u64,
            was_ended: self.escalation.is_some(),
        }))
    }

    /// Sends the next signal if the time limit is over, the dispatcher asked for it, or the
    /// worker lives on without an output.
    fn enforce(&mut self, now: ClockReading) {
        let control = self.env.control;
        if let Some((reason, signals)) = control.take_stop() {
            self.stop(reason, signals, now);
        } else if self.stop_reason.is_none()
            && let Some((reason, signals)) = self.env.limits.overdue(control, now)
        {
            self.stop(reason, signals, now);
        } else if self.patience.take_if(|end| *end <= now).is_some() {
            self.lose_patience(now);
        }
        while let Some(signal) = self.escalation.as_mut().and_then(|sent| sent.due(now)) {
            control.signal(signal);
            self.last_signal = signal;
        }
    }

    /// Ends a worker that lives on without an output: by the end of its input, then by signals.
    fn lose_patience(&mut self, now: ClockReading) {
        if self.worker.pipes.stdin.take().is_some() {
            self.patience = Some(now + GRACE);
        } else if self.escalation.is_none() {
            self.env.control.begin_end(now);
            self.escalation = Some(Escalation::new(self.env.signals.clone(), now));
        }
    }

    fn stop(&mut self, reason: StopReason, signals: SignalSequence, now: ClockReading) {
        self.stop_reason.get_or_insert(reason);
        self.env.control.begin_end(now);
        self.escalation = Some(Escalation::new(signals, now));
    }
}
