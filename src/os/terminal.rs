//! Controlling terminal, and the process group in its foreground: `--tty` puts a job there, as
//! a shell does.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use rustix::process::{Pid, getpgrp};
use rustix::termios::{OptionalActions, Termios, tcgetattr, tcgetpgrp, tcsetattr, tcsetpgrp};

/// Open if jobs may have the terminal.
static TERMINAL: OnceLock<File> = OnceLock::new();

/// True while a job has the terminal.
static GIVEN: AtomicBool = AtomicBool::new(false);

/// Modes of the terminal, which a job may leave without echo or line editing.
static MODES: Mutex<TerminalModes> = Mutex::new(TerminalModes {
    own: None,
    job: None,
});

/// Modes of the terminal at two moments; `None` if they are not known.
struct TerminalModes {
    /// When prun had it last, in the foreground.
    own: Option<Termios>,
    /// When it was taken from a job, which may be continued.
    job: Option<Termios>,
}

/// Opens the terminal for jobs, which have it one at a time.
///
/// # Errors
/// `ENXIO` if prun has no controlling terminal.
pub(crate) fn open() -> io::Result<()> {
    let terminal = OpenOptions::new().read(true).write(true).open("/dev/tty")?;
    // A terminal that was set before is the same one.
    let _ = TERMINAL.set(terminal);
    Ok(())
}

pub(crate) fn is_for_jobs() -> bool {
    TERMINAL.get().is_some()
}

/// Number of the controlling terminal, if prun has one. `/dev/tty` has a number of its own,
/// whichever terminal it stands for.
#[cfg(target_os = "linux")]
pub(crate) fn controlling() -> Option<u64> {
    let stat = std::fs::read("/proc/self/stat").ok()?;
    let stat = String::from_utf8_lossy(&stat);
    // proc_pid_stat(5): state, parent, group and session come first, after the name.
    let (_, fields) = stat.rsplit_once(") ")?;
    let number: u64 = fields.split(' ').nth(4)?.parse().ok()?;
    (number != 0).then_some(number)
}

/// The same number for each terminal, where systems do not tell.
#[cfg(not(target_os = "linux"))]
pub(crate) fn controlling() -> Option<u64> {
    File::open("/dev/tty").ok().map(|_| 0)
}

/// True if another process group has the terminal on standard error: what prun draws there
/// would be in its way. False for a terminal that does not control prun.
pub(crate) fn is_in_background() -> bool {
    tcgetpgrp(io::stderr()).is_ok_and(|group| group != getpgrp())
}

/// Standard input of a job that has the terminal.
pub(crate) fn input() -> Option<BorrowedFd<'static>> {
    TERMINAL.get().map(AsFd::as_fd)
}

/// Descriptor by which a new process takes the terminal before it executes its program; `None`
/// if prun is in the background and so does not have it.
pub(super) fn for_new_leader() -> Option<RawFd> {
    let terminal = TERMINAL.get()?;
    // Jobs have it one at a time: a group that has it now is that of a job which could not be
    // started.
    let is_given = GIVEN.load(Ordering::SeqCst);
    let is_ours = is_given || tcgetpgrp(terminal).ok()? == getpgrp();
    is_ours.then(|| {
        if !is_given {
            modes().own = tcgetattr(terminal).ok();
        }
        GIVEN.store(true, Ordering::SeqCst);
        terminal.as_raw_fd()
    })
}

/// Gives the terminal to the group that the calling process leads.
///
/// Called between fork and exec: it makes async-signal-safe calls only. `SIGTTOU` is blocked,
/// which would stop it because it is not in the foreground yet (tcsetpgrp(3)).
pub(super) fn take(terminal: RawFd) {
    // SAFETY: getpid(2) and tcsetpgrp(3) take numbers and touch no memory.
    unsafe { libc::tcsetpgrp(terminal, libc::getpid()) };
}

/// Gives the terminal to the group of a job that is continued, if prun has it, with the modes
/// that the job had set when it was stopped.
pub(crate) fn give(leader: Pid) {
    if let Some(terminal) = TERMINAL.get()
        && tcgetpgrp(terminal) == Ok(getpgrp())
    {
        let mut modes = modes();
        modes.own = tcgetattr(terminal).ok();
        set_modes(terminal, modes.job.as_ref());
        if tcsetpgrp(terminal, leader).is_ok() {
            GIVEN.store(true, Ordering::SeqCst);
        }
    }
}

/// Takes the terminal back from the job that has it, and sets the modes that it had before.
/// Does nothing if prun was sent to the background meanwhile: the terminal is not that job's
/// any more.
pub(crate) fn take_back() {
    let Some(terminal) = TERMINAL.get() else {
        return;
    };
    let mut modes = modes();
    modes.job = None;
    if GIVEN.swap(false, Ordering::SeqCst) {
        modes.job = tcgetattr(terminal).ok();
        without_stop(|| {
            let _ = tcsetpgrp(terminal, getpgrp());
            set_modes(terminal, modes.own.as_ref());
        });
    }
}

fn set_modes(terminal: &File, modes: Option<&Termios>) {
    if let Some(modes) = modes {
        let _ = tcsetattr(terminal, OptionalActions::Now, modes);
    }
}

/// No holder of the lock can leave anything half done.
fn modes() -> MutexGuard<'static, TerminalModes> {
    MODES.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Blocks `SIGTTOU` meanwhile, which stops a background process that sets the terminal.
fn without_stop(act: impl FnOnce()) {
    // SAFETY: both sets are our own variables, filled before they are read.
    unsafe {
        let mut set: libc::sigset_t = std::mem::zeroed();
        let mut before: libc::sigset_t = std::mem::zeroed();
        libc::sigemptyset(&raw mut set);
        libc::sigaddset(&raw mut set, libc::SIGTTOU);
        libc::pthread_sigmask(libc::SIG_BLOCK, &raw const set, &raw mut before);
        act();
        libc::pthread_sigmask(libc::SIG_SETMASK, &raw const before, std::ptr::null_mut());
    }
}
