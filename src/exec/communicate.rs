//! `communicate()`: one thread and one `poll` over a job's input and output, its end, the
//! clock and the dispatcher's requests.
//!
//! The end of the process and the end of its output are two facts, and either may come
//! first: a job may close its output and go on, or leave a process that keeps the
//! pipes open. Pipes are read only when `poll` says so, so only prun's end of standard
//! input is non-blocking: a pipe may be writable for less than is written.

mod advance;

use std::io;
use std::mem::MaybeUninit;
use std::os::fd::AsFd;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags};
use rustix::io::Errno;

use crate::builtin::OnSuccess;
use crate::error::reason_text;
use crate::exec::capture::{OutputCapture, OutputStream};
use crate::exec::executor::AttemptEnd;
use crate::exec::process_group::ProcessGroup;
use crate::exec::start::shortage::SpawnShortage;
use crate::exec::termination::signal_sequence::{Escalation, SignalSequence};
use crate::exec::termination::slot_control::SlotControl;
use crate::exec::termination::{AttemptLimits, LeakPolicy, StopReason};
use crate::job::Outcome;
use crate::os::child::{ExitStatus, finish_starts};
use crate::os::clock::{Clock, ClockReading};
use crate::os::pipe::{LARGE, enlarge};
use crate::os::terminal;

/// Silence of a held pipe after the job's end, before it is given up.
const SILENCE: Duration = Duration::from_millis(100);

/// Longest time that a held pipe is read after the job's end.
const LINGER: Duration = Duration::from_secs(2);

/// Bytes of the first read from a pipe: most jobs print less.
const LITTLE: usize = 4 << 10;

/// Bytes of later reads: all that a pipe holds by default (pipe(7)).
const CHUNK: usize = 64 << 10;

/// Feeds a job and reads its output until it has ended, then reaps its processes. Returns what
/// its built-ins have to commit, too, once it is known that the job has succeeded.
///
/// The job is given up if the rest of its standard input cannot be read, or if `poll` or
/// `read` fails, which says that prun is broken.
pub(crate) fn communicate(
    process_group: ProcessGroup<'_>,
    capture: &mut OutputCapture<'_>,
    control: &SlotControl,
    clock: &Clock,
    limits: &AttemptLimits,
) -> (AttemptEnd, Option<OnSuccess>) {
    let now = clock.now();
    let mut communication = Communication {
        process_group,
        buffer: Vec::new(),
        capture,
        control,
        clock,
        limits,
        started: now,
        exited: None,
        quiet_since: now,
        lingering_since: now,
        suspected: false,
        shortage: None,
        stop_reason: None,
        escalation: None,
        last_signal: 0,
    };
    let leaked = communication.run();
    communication.finish(leaked)
}

struct Communication<'a, 'b, 'c> {
    process_group: ProcessGroup<'c>,
    /// Space for reads, once a pipe has had more than [`LITTLE`].
    buffer: Vec<u8>,
    capture: &'a mut OutputCapture<'b>,
    control: &'a SlotControl,
    clock: &'a Clock,
    limits: &'a AttemptLimits,
    started: ClockReading,
    exited: Option<ClockReading>,
    /// Last time that a pipe had bytes, or could not be read because the disk is full.
    quiet_since: ClockReading,
    /// Time since which every pipe that is still held could be read.
    lingering_since: ClockReading,
    /// This is the second half of the silence.
    suspected: bool,
    /// Processes, descriptors or memory are short for the next start.
    shortage: Option<SpawnShortage>,
    stop_reason: Option<StopReason>,
    escalation: Option<Escalation>,
    last_signal: i32,
}

struct PollResult {
    /// Standard output and standard error.
    streams: [PollFlags; 2],
    /// Standard input takes more, or is read by nobody.
    feeds: bool,
    /// Places in [`ProcessGroup::exits`] of the processes that have ended.
    exits: Vec<usize>,
}

impl PollResult {
    const NOTHING: PollResult = PollResult {
        streams: [PollFlags::empty(); 2],
        feeds: false,
        exits: Vec::new(),
    };
}

const STREAMS: [OutputStream; 2] = [OutputStream::Stdout, OutputStream::Stderr];

impl Communication<'_, '_, '_> {
    /// Returns whether the job left its pipes held by someone.
    fn run(&mut self) -> io::Result<bool> {
        self.advance()?;
        self.note_end(self.started);
        loop {
            let pipes = &self.process_group.pipes;
            if self.exited.is_some() && pipes.stdout.is_none() && pipes.stderr.is_none() {
                return Ok(false);
            }
            let now = self.clock.now();
            let ready = self.wait(now)?;
            let now = self.clock.now();
            for (stream, flags) in STREAMS.into_iter().zip(ready.streams) {
                if !flags.is_empty() {
                    self.read(stream, flags)?;
                    self.quiet_since = now;
                }
            }
            if ready.feeds {
                self.process_group.pipes.feed()?;
            }
            let may_try = self.shortage.is_some_and(|shortage| shortage.again <= now);
            if self.process_group.ended(&ready.exits)? || may_try {
                self.advance()?;
            }
            if !self.note_end(now)
                && let Some(deadline) = self.leak_deadline()
                && deadline <= now
            {
                // Woken late, prun was stopped itself: that was no silence of others.
                let late = now > deadline + SILENCE / 2;
                if self.suspected && !late {
                    return Ok(true);
                }
                self.suspect();
            }
            self.enforce(now);
            self.capture.answer(self.control, now);
            self.capture.flush(self.control, now);
        }
    }

    /// Returns whether the job has ended since this was asked last.
    fn note_end(&mut self, now: ClockReading) -> bool {
        let has_ended = self.exited.is_none() && self.process_group.has_ended();
        if has_ended {
            self.exited = Some(now);
            // What a process that was left behind might still read was the job's.
            self.process_group.pipes.stdin = None;
            self.quiet_since = now;
            self.lingering_since = now;
            if self.limits.leak == LeakPolicy::Kill && self.escalation.is_none() {
                self.begin(StopReason::Request, SignalSequence::kill(), now);
            }
        }
        has_ended
    }

    /// Waits until something happens or is due.
    fn wait(&mut self, now: ClockReading) -> io::Result<PollResult> {
        let mut fds: Vec<PollFd<'_>> = Vec::with_capacity(4);
        let mut polled = [false; 2];
        // What an ended job left in its pipes is taken, whatever else waits: it is no more
        // than they hold.
        let last = self.leak_deadline().is_some();
        let pipes = &self.process_group.pipes;
        for (index, pipe) in [&pipes.stdout, &pipes.stderr].into_iter().enumerate() {
            if let Some(pipe) = pipe {
                polled[index] = last || self.capture.accepts(STREAMS[index], self.control);
                if polled[index] {
                    fds.push(PollFd::new(pipe, PollFlags::IN));
                } else {
                    // A pipe that is not read is not silent.
                    self.quiet_since = now;
                    self.lingering_since = now;
                }
            }
        }
        if let Some(stdin) = &pipes.stdin {
            fds.push(PollFd::new(stdin.pipe(), PollFlags::OUT));
        }
        let watch = |exit| PollFd::from_borrowed_fd(exit, PollFlags::IN);
        fds.extend(self.process_group.exits().map(watch));
        let deadline = self.deadline();
        let timeout = deadline.map(|deadline| deadline.saturating_sub(now));
        if !self.control.poll(&mut fds, timeout)? {
            return Ok(PollResult::NOTHING);
        }
        let mut ready = PollResult::NOTHING;
        let mut found = fds.iter().map(PollFd::revents);
        for (index, _) in polled.iter().enumerate().filter(|(_, polled)| **polled) {
            ready.streams[index] = found.next().unwrap_or(PollFlags::empty());
        }
        if pipes.stdin.is_some() {
            ready.feeds = found.next().is_some_and(|flags| !flags.is_empty());
        }
        let ended = found.enumerate().filter(|(_, flags)| !flags.is_empty());
        ready.exits.extend(ended.map(|(index, _)| index));
        Ok(ready)
    }

    /// Reads once, which cannot block after `poll`.
    fn read(&mut self, stream: OutputStream, flags: PollFlags) -> io::Result<()> {
        let mut little = [MaybeUninit::uninit(); LITTLE];
        // A writer that is gone without leaving bytes needs no read to tell it.
        let (mut count, mut most) = (0, LITTLE);
        if flags.contains(PollFlags::IN)
            && let Some(pipe) = self.process_group.pipes.output(stream)
        {
            self.buffer.clear();
            let space = match self.buffer.capacity() {
                0 => little.as_mut_slice(),
                _ => self.buffer.spare_capacity_mut(),
            };
            most = space.len();
            let bytes = match rustix::io::read(&*pipe, space) {
                Ok((bytes, _)) => bytes,
                Err(Errno::INTR | Errno::AGAIN) => return Ok(()),
                Err(error) => return Err(error.into()),
            };
            self.capture.feed(stream, bytes);
            count = bytes.len();
            if count == most && most < LARGE {
                if most >= CHUNK {
                    enlarge(pipe.as_fd());
                }
                self.buffer
                    .reserve(if most < CHUNK { CHUNK } else { LARGE });
            }
        }
        // With every writer gone, a read that was not filled has emptied the pipe.
        let ended = flags.contains(PollFlags::HUP) && count < most;
        if count == 0 || ended {
            *self.process_group.pipes.output(stream) = None;
        }
        Ok(())
    }

    /// Sends the next signal if the time limit is over or the dispatcher asked for it.
    fn enforce(&mut self, now: ClockReading) {
        if let Some((reason, signal_sequence)) = self.control.take_stop() {
            self.begin(reason, signal_sequence, now);
        } else if self.exited.is_none()
            && self.escalation.is_none()
            && let Some((reason, signal_sequence)) = self.limits.overdue(self.control, now)
        {
            self.begin(reason, signal_sequence, now);
        }
        while let Some(signal) = self
            .escalation
            .as_mut()
            .and_then(|escalation| escalation.due(now))
        {
            self.control.signal(signal);
            self.last_signal = signal;
        }
    }

    fn begin(&mut self, reason: StopReason, signal_sequence: SignalSequence, now: ClockReading) {
        // A job that was over before has ended by itself.
        if self.exited.is_none() {
            self.stop_reason.get_or_insert(reason);
            self.process_group.stop();
        }
        self.control.begin_end(now);
        self.escalation = Some(Escalation::new(signal_sequence, now));
    }

    /// The next moment at which something is due without an event.
    fn deadline(&self) -> Option<ClockReading> {
        let timeout = match (self.exited, &self.escalation) {
            (None, None) => self.limits.deadline(self.control),
            _ => None,
        };
        let escalation = self.escalation.as_ref().and_then(Escalation::deadline);
        let leak = self.leak_deadline();
        let flush = self.capture.flush_deadline(self.control);
        let shortage = self.shortage.map(|shortage| shortage.again);
        [timeout, escalation, leak, flush, shortage]
            .into_iter()
            .flatten()
            .min()
    }

    /// Time to give up pipes that someone else holds after the job's end.
    fn leak_deadline(&self) -> Option<ClockReading> {
        self.exited?;
        // Whoever holds the pipes cannot go on now.
        if self.control.is_suspended() {
            return None;
        }
        // A job that is being stopped has until the last signal: that one ends whoever
        // of its group holds the pipes.
        let stopping = self.escalation.as_ref().and_then(Escalation::deadline);
        match (stopping, self.limits.leak) {
            (Some(_), _) => None,
            (None, LeakPolicy::Wait) if self.escalation.is_none() => None,
            _ => {
                let silence = if self.suspected { SILENCE } else { SILENCE / 2 };
                Some((self.quiet_since + silence).min(self.lingering_since + LINGER))
            }
        }
    }

    /// Someone holds the pipes. From here on it is no other child by accident, at least not
    /// for long: some silence is still due.
    fn suspect(&mut self) {
        self.suspected = true;
        finish_starts();
        let half = self.clock.now().saturating_sub(SILENCE / 2);
        self.quiet_since = self.quiet_since.max(half);
        let last = (half + SILENCE).saturating_sub(LINGER);
        self.lingering_since = self.lingering_since.max(last);
    }

    fn finish(mut self, leaked: io::Result<bool>) -> (AttemptEnd, Option<OnSuccess>) {
        if leaked.is_err() {
            self.control.signal(libc::SIGKILL);
        } else if self.escalation.is_some() {
            // The processes that are left go with the leader.
            self.control.kill();
        }
        terminal::take_back();
        self.control.ended();
        let on_success = self.process_group.take_on_success();
        let pipes = &self.process_group.pipes;
        let sent = pipes.sent();
        let leaked = match self.stop_reason {
            None => leaked.and_then(|leaked| pipes.check_stdin().map(|()| leaked)),
            Some(_) => leaked,
        };
        let ended = match (leaked, self.process_group.finish()) {
            (Ok(leaked), Ok((status, usage))) => {
                let is_killed = self.limits.leak == LeakPolicy::Kill;
                let leaked = leaked && self.stop_reason.is_none() && !is_killed;
                let outcome = match (self.stop_reason, status) {
                    (Some(reason), ExitStatus::Signaled(signal)) => reason.outcome(signal),
                    (Some(reason), ExitStatus::Exited(_)) => reason.outcome(self.last_signal),
                    (None, status) => {
                        let outcome = self.limits.outcome(status);
                        let is_failure = leaked && self.limits.leak == LeakPolicy::Fail;
                        if is_failure && outcome.is_success() {
                            Outcome::Leaked
                        } else {
                            outcome
                        }
                    }
                };
                AttemptEnd {
                    outcome,
                    usage,
                    sent,
                    leaked,
                }
            }
            // The job has run: an error must not make it run again.
            (Err(error), _) | (_, Err(error)) => {
                let reason = reason_text(&error);
                let outcome = Outcome::GivenUp(format!("prun had to give it up: {reason}"));
                AttemptEnd {
                    sent,
                    ..outcome.into()
                }
            }
        };
        (ended, on_success)
    }
}
