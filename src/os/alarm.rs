//! The alarm signal, by which a wait in the kernel gets an end.

use std::io;
use std::mem;
use std::ptr;
use std::time::Duration;

/// Time between the repetitions of an alarm: a signal that comes just before a call begins to
/// wait does not interrupt it.
const AGAIN: Duration = Duration::from_millis(20);

/// A `SIGALRM` after some time, repeated until this is dropped.
#[derive(Debug)]
pub(crate) struct Alarm(());

/// A handler for [`Alarm`] that does nothing but interrupt calls, until this is dropped.
pub(crate) struct InterruptingAlarm {
    before: libc::sigaction,
    _alarm: Alarm,
}

impl Alarm {
    pub(crate) fn after(time: Duration) -> io::Result<Alarm> {
        // 0 would be none.
        set(time.max(Duration::from_micros(1)), AGAIN).map(|()| Alarm(()))
    }
}

impl Drop for Alarm {
    fn drop(&mut self) {
        // A timer lives on in the program that a process executes.
        let _ = set(Duration::ZERO, Duration::ZERO);
    }
}

impl InterruptingAlarm {
    /// Lets calls of this thread fail with `EINTR` after some time.
    pub(crate) fn after(time: Duration) -> io::Result<InterruptingAlarm> {
        extern "C" fn nothing(_: libc::c_int) {}
        let handler: extern "C" fn(libc::c_int) = nothing;
        // SAFETY: all three are our own variables, filled before they are read; the handler
        // touches nothing.
        let before = unsafe {
            let mut action: libc::sigaction = mem::zeroed();
            let mut before: libc::sigaction = mem::zeroed();
            let mut set: libc::sigset_t = mem::zeroed();
            action.sa_sigaction = handler as libc::sighandler_t;
            libc::sigaction(libc::SIGALRM, &raw const action, &raw mut before);
            // Whoever started prun may have blocked it; jobs get that mask back.
            libc::sigemptyset(&raw mut set);
            libc::sigaddset(&raw mut set, libc::SIGALRM);
            libc::pthread_sigmask(libc::SIG_UNBLOCK, &raw const set, ptr::null_mut());
            before
        };
        Ok(InterruptingAlarm {
            before,
            _alarm: Alarm::after(time)?,
        })
    }
}

impl Drop for InterruptingAlarm {
    fn drop(&mut self) {
        let _ = set(Duration::ZERO, Duration::ZERO);
        // SAFETY: the action is the one that was there before.
        unsafe { libc::sigaction(libc::SIGALRM, &raw const self.before, ptr::null_mut()) };
    }
}

fn set(first: Duration, again: Duration) -> io::Result<()> {
    let time = |time: Duration| libc::timeval {
        tv_sec: time.as_secs() as libc::time_t,
        tv_usec: time.subsec_micros() as libc::suseconds_t,
    };
    let timer = libc::itimerval {
        it_value: time(first),
        it_interval: time(again),
    };
    // SAFETY: the timer is our own variable, and no old one is asked for.
    if unsafe { libc::setitimer(libc::ITIMER_REAL, &raw const timer, ptr::null_mut()) } < 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(())
}
