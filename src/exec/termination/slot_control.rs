//! Requests of the dispatcher to a running job: stop, pause, resume, print.
//!
//! Signals to a job's group are sent under one lock with the record of its leader, and
//! the leader is taken off the record before it is reaped. So no signal can reach a
//! process that was given the number of one that is gone.

mod guarded;
mod stopped;
mod suspension;

use std::io;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rustix::event::PollFd;
use rustix::process::{Pid, Signal, kill_process_group};

use super::signal_sequence::SignalSequence;
use super::stop_reason::StopReason;
use crate::job::RunningAttempt;
use crate::os::guard::GuardEntry;
use crate::os::orphans;
use crate::os::signal::send_to_group;
use crate::os::terminal;
use crate::os::wake::Wake;

/// Bytes of output on their way that all jobs together may have before they have to wait for
/// the reader.
const IN_FLIGHT: usize = 32 << 20;

/// Least and most bytes on their way of one job.
const SHARE: std::ops::RangeInclusive<usize> = 64 << 10..=1 << 20;

/// Connection between the dispatcher and one slot.
#[derive(Debug)]
pub(crate) struct SlotControl {
    slot: usize,
    state: Mutex<SlotControlState>,
    pub(crate) wake: Arc<Wake>,
    turn: Arc<OutputTurn>,
    /// Number of the job that runs; 0 for none.
    seq: AtomicU64,
    /// The job has output that it would print if it had the turn.
    holding: AtomicBool,
    pub(crate) in_flight: AtomicUsize,
    /// Most bytes of `in_flight`.
    pub(crate) share: usize,
    unshown: Mutex<UnshownLine>,
    guard: Option<&'static GuardEntry>,
}

/// The latest line of the job that runs, until it is shown.
#[derive(Debug, Default)]
struct UnshownLine {
    line: Option<Vec<u8>>,
    /// The dispatcher knows of a line.
    told: bool,
}

/// The right of one job to stream its output. It can be granted to a job that has not begun
/// yet.
#[derive(Debug, Default)]
pub(crate) struct OutputTurn(AtomicU64);

impl OutputTurn {
    /// Grants the turn to job `seq`, or revokes it. Tell the slots by
    /// [`SlotControl::turn_granted`].
    pub(crate) fn grant(&self, seq: Option<u64>) {
        self.0.store(seq.unwrap_or(0), Ordering::SeqCst);
    }
}

#[derive(Debug, Default)]
struct SlotControlState {
    leader: Option<Pid>,
    running: Option<RunningAttempt>,
    /// A request that the slot has not taken yet.
    stop: Option<(StopReason, SignalSequence)>,
    stopped: bool,
    paused: bool,
    /// The job is being ended by signals, which no suspension must keep from it.
    is_ending: bool,
    /// Time for which the latest attempt was suspended.
    suspended_for: Duration,
    /// It was reported that the job is stopped.
    told: bool,
    /// The job is being ended because it wants the terminal.
    denied: bool,
    /// The slot is to tell what it runs.
    asked: bool,
}

impl SlotControl {
    /// Connects to a slot, as [`SlotControl::new`] does.
    fn unguarded(slot: usize, slots: usize, turn: &Arc<OutputTurn>) -> io::Result<Self> {
        Ok(SlotControl {
            slot,
            state: Mutex::default(),
            wake: Arc::new(Wake::new()?),
            turn: Arc::clone(turn),
            seq: AtomicU64::new(0),
            holding: AtomicBool::new(false),
            in_flight: AtomicUsize::new(0),
            share: (IN_FLIGHT / slots.max(1)).clamp(*SHARE.start(), *SHARE.end()),
            unshown: Mutex::default(),
            guard: None,
        })
    }

    // A holder of a lock that panics leaves nothing half done.
    fn state(&self) -> MutexGuard<'_, SlotControlState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn unshown(&self) -> MutexGuard<'_, UnshownLine> {
        self.unshown.lock().unwrap_or_else(PoisonError::into_inner)
    }

    // For the dispatcher.

    /// Asks for the job that runs, and any that would start, to be ended.
    pub(crate) fn stop(&self, signal_sequence: SignalSequence) {
        let mut state = self.state();
        state.stop = Some((StopReason::Request, signal_sequence));
        state.stopped = true;
        self.wake.wake();
    }

    /// Asks for the job to be ended if it is job `seq` that runs. Others may follow it.
    /// Returns whether it is.
    pub(crate) fn end(
        &self,
        seq: u64,
        cause: StopReason,
        signal_sequence: &SignalSequence,
    ) -> bool {
        let mut state = self.state();
        if state.stopped || state.running.is_none_or(|running| running.seq != seq) {
            return false;
        }
        state.stop = Some((cause, signal_sequence.clone()));
        self.wake.wake();
        true
    }

    /// Stops the job's processes; one that is just being started stops as soon as its
    /// group exists.
    pub(crate) fn pause(&self) {
        let mut state = self.state();
        state.paused = true;
        signal(state.leader, Signal::TSTP);
    }

    /// Lets the job's processes go on.
    pub(crate) fn resume(&self) {
        let mut state = self.state();
        state.paused = false;
        if let Some(leader) = state.leader {
            terminal::give(leader);
        }
        if !state.is_suspended() {
            signal(state.leader, Signal::CONT);
        }
        self.wake.wake();
    }

    /// Tells the slot, if it runs job `seq`, that this one has the turn now. Returns
    /// whether it does.
    pub(crate) fn turn_granted(&self, seq: u64) -> bool {
        if self.seq.load(Ordering::SeqCst) != seq {
            return false;
        }
        if self.holding.load(Ordering::SeqCst) {
            self.wake.wake();
        }
        true
    }

    /// Asks the slot to tell what it runs, if it runs something or is about to.
    pub(crate) fn ask(&self) {
        self.state().asked = true;
        self.wake.wake();
    }

    pub(crate) fn running(&self) -> Option<RunningAttempt> {
        self.state().running
    }

    /// The job that runs and its latest line, if it has changed.
    pub(crate) fn take_latest(&self) -> Option<(u64, Vec<u8>)> {
        let mut unshown = self.unshown();
        unshown.told = false;
        let line = unshown.line.take()?;
        Some((self.seq.load(Ordering::SeqCst), line))
    }

    /// The slot's number, from 1; 0 beside the slots.
    pub(crate) fn slot(&self) -> usize {
        self.slot
    }

    // For the slot.

    pub(crate) fn waker(&self) -> Arc<Wake> {
        Arc::clone(&self.wake)
    }

    /// Takes note of a job that is about to start: questions from before are not about it.
    /// Returns whether it may.
    pub(crate) fn may_begin(&self) -> bool {
        let mut state = self.state();
        state.asked = false;
        state.suspended_for = Duration::ZERO;
        !state.stopped
    }

    /// Leaves the job's latest line to be shown. Returns whether the dispatcher has to be
    /// told: it is not while it has not taken an earlier one.
    #[must_use]
    pub(crate) fn leave_latest(&self, line: Vec<u8>) -> bool {
        let mut unshown = self.unshown();
        unshown.line = Some(line);
        !std::mem::replace(&mut unshown.told, true)
    }

    /// Tells that a job runs, and which process leads its group, if one does.
    pub(crate) fn began(&self, leader: Option<Pid>, running: RunningAttempt) {
        let mut state = self.state();
        if let Some(leader) = leader {
            self.lead(&mut state, leader);
        }
        state.running = Some(running);
        state.told = false;
        state.denied = false;
        state.is_ending = false;
        self.seq.store(running.seq, Ordering::SeqCst);
        state.hold_back();
    }

    /// Tells that the first process of a job has come that had none so far.
    pub(crate) fn led_by(&self, leader: Pid) {
        let mut state = self.state();
        self.lead(&mut state, leader);
        state.hold_back();
    }

    /// Tells that one more process has joined the job's group: if the others are stopped, it
    /// stops, too.
    pub(crate) fn joined(&self) {
        self.state().hold_back();
    }

    /// Tells that the leader is about to be reaped.
    pub(crate) fn ended(&self) {
        self.unguard();
        self.leave(self.state());
    }

    fn leave(&self, mut state: MutexGuard<'_, SlotControlState>) {
        if state.is_suspended() {
            // Its leader was killed, and what that leaves would stay stopped.
            signal(state.leader, Signal::CONT);
        }
        state.leader = None;
        state.running = None;
        state.asked = false;
        if !state.stopped {
            // It was for this job, which has ended by itself.
            state.stop = None;
        }
        self.seq.store(0, Ordering::SeqCst);
        self.holding.store(false, Ordering::SeqCst);
        self.unshown().line = None;
    }

    /// A request to stop that was not heard yet; a later one replaces an earlier one.
    pub(crate) fn take_stop(&self) -> Option<(StopReason, SignalSequence)> {
        self.state().stop.take()
    }

    /// The job that the slot is asked about, once.
    pub(crate) fn take_question(&self) -> Option<RunningAttempt> {
        let mut state = self.state();
        let running = state.running?;
        std::mem::take(&mut state.asked).then_some(running)
    }

    /// Sends a signal to the job's group, then lets stopped processes go on, which
    /// otherwise could not act on it.
    pub(crate) fn signal(&self, number: i32) {
        let state = self.state();
        if let Some(leader) = state.leader {
            send_to_group(leader, number);
            signal(state.leader, Signal::CONT);
        }
    }

    /// Kills the job's group and, when its leader has ended, what has left the group.
    pub(crate) fn kill(&self) {
        self.signal(libc::SIGKILL);
        if let Some(running) = self.running() {
            orphans::kill(running.seq);
        }
    }

    /// The calling thread is the slot's: news wake it.
    pub(crate) fn attach(&self) {
        self.wake.attach();
    }

    /// Polls until something happens to `fds`, there is news, or `timeout` is over. Returns
    /// whether anything can have happened to `fds`.
    pub(crate) fn poll<'fd>(
        &'fd self,
        fds: &mut Vec<PollFd<'fd>>,
        timeout: Option<Duration>,
    ) -> io::Result<bool> {
        self.wake.poll(fds, timeout)
    }

    /// Whether the job may stream its output now.
    pub(crate) fn has_turn(&self) -> bool {
        let seq = self.seq.load(Ordering::SeqCst);
        seq != 0 && self.turn.0.load(Ordering::SeqCst) == seq
    }

    /// Tells that the job has output it could print if it had the turn. Look at
    /// [`SlotControl::has_turn`] after this: the turn may have been given meanwhile.
    pub(crate) fn hold(&self) {
        self.holding.store(true, Ordering::SeqCst);
    }

    /// Whether so much output is on its way that the job has to wait.
    pub(crate) fn is_choked(&self) -> bool {
        self.in_flight.load(Ordering::SeqCst) >= self.share
    }
}

/// A group that is gone needs no signal; nothing else can fail here.
fn signal(leader: Option<Pid>, signal: Signal) {
    if let Some(leader) = leader {
        let _ = kill_process_group(leader, signal);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::os::child::{Child, ChildGroup, ChildLifetime, ChildStart};
    use crate::os::wait;
    use std::path::Path;
    use std::time::Instant;

    /// A shell that leads its own group.
    pub(super) fn shell(script: &str) -> Child {
        let child = Child::start(&ChildStart {
            program: Path::new("/bin/sh"),
            argv: &["sh", "-c", script].iter().collect(),
            environment: &[],
            streams: [None; 3],
            directory: None,
            group: ChildGroup::Own,
            cgroup: None,
            lifetime: ChildLifetime::OfPrun,
        });
        child.unwrap()
    }

    #[test]
    fn a_stopped_job_is_told_once_and_not_when_prun_has_stopped_it() {
        let child = shell("kill -STOP $$; sleep 60");
        let patience = Instant::now() + Duration::from_secs(10);
        while wait::stop_signal(child.pid).is_none() {
            assert!(Instant::now() < patience, "it does not stop");
            std::thread::sleep(Duration::from_millis(2));
        }

        let second = Duration::from_secs;
        let control = SlotControl::new(1, 1, &Arc::default()).unwrap();
        let running = RunningAttempt::new(7, 1, second(3));
        control.began(Some(child.pid), running);
        assert_eq!(control.stopped_job(second(2)), None);
        control.pause();
        assert_eq!(control.stopped_job(second(3)), None);
        control.state().paused = false;
        assert_eq!(control.stopped_job(second(3)), Some((7, libc::SIGSTOP)));
        assert_eq!(control.stopped_job(second(3)), None);
        control.began(Some(child.pid), running);
        assert_eq!(control.stopped_job(second(3)), Some((7, libc::SIGSTOP)));

        control.signal(libc::SIGKILL);
        control.ended();
        assert_eq!(control.stopped_job(second(3)), None);
        child.reap().unwrap();
    }
}
