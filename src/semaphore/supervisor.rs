//! Waiting for the end of the one job, and what signals to prun do meanwhile: as in any run, but
//! without threads and handlers.
//!
//! At a terminal the job is in prun's process group, so that it can read the terminal, and keys
//! reach both. Elsewhere, and in the background, it leads a group of its own, which gets what
//! prun gets.

use std::io;

use rustix::event::{PollFd, PollFlags, Timespec, poll};

use crate::error::Error;
use crate::exec::termination::end_requests::{EndRequest, EndRequests};
use crate::exec::termination::signal_sequence::GRACE;
use crate::exit::{self, RunExit};
use crate::os::alarm::Alarm;
use crate::os::child::{Child, ExitStatus};
use crate::os::signal;
use crate::os::signal_wait::{ReceivedSignal, SignalSender, SignalWait};
use crate::os::wait;

const SIGNALS: [i32; 8] = [
    libc::SIGHUP,
    libc::SIGINT,
    libc::SIGQUIT,
    libc::SIGTERM,
    libc::SIGUSR1,
    libc::SIGUSR2,
    libc::SIGCHLD,
    libc::SIGALRM,
];

/// Those that stop and continue are prun's own where the job gets them as well.
const STOP_SIGNALS: [i32; 2] = [libc::SIGTSTP, libc::SIGCONT];

/// Receiver of the signals that prun passes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SignalTarget {
    /// The process group of the job.
    Group,
    /// The process of the job, which is in prun's group.
    Process,
}

pub(super) struct Supervisor {
    target: SignalTarget,
    signals: SignalWait,
}

/// Signals that have come so far.
#[derive(Default)]
struct SignalState {
    /// The one that prun will die by.
    ending: Option<i32>,
    /// Those that were to end the job.
    requests: EndRequests,
    /// The last one by a key.
    key: Option<i32>,
    /// Time until `SIGKILL`.
    alarm: Option<Alarm>,
    wanted_terminal: bool,
}

impl Supervisor {
    /// Receives signals from now on, to be called before the job starts.
    pub(super) fn new(target: SignalTarget) -> Supervisor {
        let signals = match target {
            SignalTarget::Group => [&SIGNALS[..], &STOP_SIGNALS].concat(),
            SignalTarget::Process => SIGNALS.to_vec(),
        };
        Supervisor {
            target,
            signals: SignalWait::block(&signals),
        }
    }

    pub(super) fn target(&self) -> SignalTarget {
        self.target
    }

    /// Waits for the end of the job, reaps it, and tells the end of prun.
    pub(super) fn wait(&self, child: Child) -> io::Result<RunExit> {
        let mut state = SignalState::default();
        while !has_ended(&child)? {
            let received = self.signals.next()?;
            self.act(&child, received, &mut state)?;
        }
        let (status, _) = child.reap()?;
        let exit = match (state.ending, status) {
            (Some(signal), _) => RunExit::Signal(signal),
            (None, ExitStatus::Exited(status)) => RunExit::Status(status),
            // A script that has called prun stops at this key, too, if prun dies by it.
            (None, ExitStatus::Signaled(signal)) if state.key == Some(signal) => {
                RunExit::Signal(signal)
            }
            (None, ExitStatus::Signaled(signal)) => {
                RunExit::Status(exit::SIGNALED.wrapping_add(signal as u8))
            }
        };
        Ok(exit)
    }

    fn act(
        &self,
        child: &Child,
        received: ReceivedSignal,
        state: &mut SignalState,
    ) -> io::Result<()> {
        let number = received.number;
        match number {
            libc::SIGCHLD => self.check_stop(child, state),
            libc::SIGALRM if state.alarm.is_some() => self.send(child, libc::SIGKILL),
            _ if received.sender == SignalSender::Terminal
                && self.target == SignalTarget::Process =>
            {
                state.key = Some(number);
            }
            libc::SIGINT | libc::SIGQUIT | libc::SIGTERM => {
                self.end(child, number, state)?;
            }
            // The job can finish.
            libc::SIGHUP => state.ending = state.ending.or(Some(number)),
            libc::SIGTSTP => {
                self.send(child, number);
                signal::stop_self();
            }
            _ => self.send(child, number),
        }
        Ok(())
    }

    /// Passes on a signal that ends the job; the second one kills it.
    fn end(&self, child: &Child, number: i32, state: &mut SignalState) -> io::Result<()> {
        match state.requests.receive(number) {
            EndRequest::Same => {}
            EndRequest::Another => self.send(child, libc::SIGKILL),
            EndRequest::First => {
                self.send(child, number);
                // It may be stopped.
                self.send(child, libc::SIGCONT);
                state.alarm = Some(Alarm::after(GRACE)?);
                state.ending = Some(number);
            }
        }
        Ok(())
    }

    /// A job in the background that wants the terminal would never go on.
    fn check_stop(&self, child: &Child, state: &mut SignalState) {
        if self.target == SignalTarget::Process || state.wanted_terminal {
            return;
        }
        if let Some(libc::SIGTTIN | libc::SIGTTOU) = wait::stop_signal(child.pid) {
            state.wanted_terminal = true;
            let error = Error::new("the command wanted the terminal, and was killed");
            error.hint("--fg lets it have the terminal").report();
            self.send(child, libc::SIGKILL);
        }
    }

    fn send(&self, child: &Child, signal: i32) {
        match self.target {
            SignalTarget::Group => signal::send_to_group(child.pid, signal),
            SignalTarget::Process => signal::send_to_child(child.pid, signal),
        }
    }
}

fn has_ended(child: &Child) -> io::Result<bool> {
    let exit = child.exit_fd();
    let mut fds = [PollFd::new(&exit, PollFlags::IN)];
    let now = Timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    Ok(poll(&mut fds, Some(&now))? > 0)
}
