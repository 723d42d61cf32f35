//! Signals that one thread waits for, without handlers: for a prun that does nothing but wait
//! for one job.

use std::io;
use std::mem;
use std::ptr;

use super::startup;

/// A set of signals that are blocked from now on, to be waited for.
#[derive(Clone, Copy)]
pub(crate) struct SignalWait {
    set: libc::sigset_t,
}

/// A signal that has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ReceivedSignal {
    pub number: i32,
    pub sender: SignalSender,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SignalSender {
    /// The terminal, for a key that was typed: its whole foreground group has got the signal.
    Terminal,
    Other,
}

impl SignalWait {
    /// Blocks these signals, but for those that were ignored when prun started and stay so.
    /// Children get the mask that prun was started with.
    pub(crate) fn block(signals: &[i32]) -> SignalWait {
        super::signal::accept_children();
        let is_wanted =
            |signal: &&i32| **signal == libc::SIGCHLD || !startup::was_ignored(**signal);
        // SAFETY: the set is our own variable, filled before it is used.
        unsafe {
            let mut set: libc::sigset_t = mem::zeroed();
            libc::sigemptyset(&raw mut set);
            for &signal in signals.iter().filter(is_wanted) {
                libc::sigaddset(&raw mut set, signal);
            }
            libc::pthread_sigmask(libc::SIG_BLOCK, &raw const set, ptr::null_mut());
            SignalWait { set }
        }
    }

    /// Waits for one of the signals.
    pub(crate) fn next(&self) -> io::Result<ReceivedSignal> {
        loop {
            match self.wait() {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                result => return result,
            }
        }
    }

    #[cfg(target_os = "linux")]
    fn wait(&self) -> io::Result<ReceivedSignal> {
        // SAFETY: all-zero bytes are valid for the type; both pointers are to live variables.
        let (number, code) = unsafe {
            let mut info: libc::siginfo_t = mem::zeroed();
            let number = libc::sigwaitinfo(&raw const self.set, &raw mut info);
            (number, info.si_code)
        };
        if number < 0 {
            return Err(io::Error::last_os_error());
        }
        let is_key = matches!(number, libc::SIGINT | libc::SIGQUIT | libc::SIGTSTP);
        let sender = if is_key && code == libc::SI_KERNEL {
            SignalSender::Terminal
        } else {
            SignalSender::Other
        };
        Ok(ReceivedSignal { number, sender })
    }

    #[cfg(not(target_os = "linux"))]
    fn wait(&self) -> io::Result<ReceivedSignal> {
        let mut number = 0;
        // SAFETY: both pointers are to live variables.
        match unsafe { libc::sigwait(&raw const self.set, &raw mut number) } {
            0 => Ok(ReceivedSignal {
                number,
                sender: SignalSender::Other,
            }),
            error => Err(io::Error::from_raw_os_error(error)),
        }
    }
}
