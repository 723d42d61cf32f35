//! The controlling terminal, and which process group has it: `--tty` gives it to a job, as a
//! shell does.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use rustix::process::{Pid, getpgrp};
use rustix::termios::{tcgetpgrp, tcsetpgrp};

/// Open if jobs may have it.
static TERMINAL: OnceLock<File> = OnceLock::new();

/// Whether a job has it now.
static GIVEN: AtomicBool = AtomicBool::new(false);

/// Opens the terminal for jobs, one at a time.
///
/// # Errors
/// There is none.
pub(crate) fn open() -> io::Result<()> {
    let terminal = OpenOptions::new().read(true).write(true).open("/dev/tty")?;
    // Whoever was first has opened the same one.
    let _ = TERMINAL.set(terminal);
    Ok(())
}

/// Whether jobs may have the terminal.
pub(crate) fn is_for_jobs() -> bool {
    TERMINAL.get().is_some()
}

/// Whether the terminal on standard error is another process group's: what is drawn there is in
/// its way. Nobody controls one that is not prun's own.
pub(crate) fn is_in_background() -> bool {
    tcgetpgrp(io::stderr()).is_ok_and(|group| group != getpgrp())
}

/// What a job that has the terminal reads.
pub(crate) fn input() -> Option<BorrowedFd<'static>> {
    TERMINAL.get().map(AsFd::as_fd)
}

/// The descriptor by which a new process takes the terminal before it executes its program;
/// none if prun is in the background and so has none to give.
pub(super) fn for_new_leader() -> Option<RawFd> {
    let terminal = TERMINAL.get()?;
    // There is one job at a time: what has it now is one that could not be started.
    let is_ours = GIVEN.load(Ordering::SeqCst) || tcgetpgrp(terminal).ok()? == getpgrp();
    is_ours.then(|| {
        GIVEN.store(true, Ordering::SeqCst);
        terminal.as_raw_fd()
    })
}

/// Makes the calling process's group, which it leads, the one that has the terminal.
///
/// Called between fork and exec: it makes async-signal-safe calls only. `SIGTTOU` is blocked,
/// which would stop it because it is not in the foreground yet (tcsetpgrp(3)).
pub(super) fn take(terminal: RawFd) {
    // SAFETY: getpid(2) and tcsetpgrp(3) take numbers and touch no memory.
    unsafe { libc::tcsetpgrp(terminal, libc::getpid()) };
}

/// Gives the terminal to the group of a job that goes on, if prun has it.
pub(crate) fn give(leader: Pid) {
    if let Some(terminal) = TERMINAL.get()
        && tcgetpgrp(terminal) == Ok(getpgrp())
        && tcsetpgrp(terminal, leader).is_ok()
    {
        GIVEN.store(true, Ordering::SeqCst);
    }
}

/// Takes the terminal from the job that has it. If prun was sent to the background meanwhile,
/// the terminal is not that job's any more, and nothing happens.
pub(crate) fn take_back() {
    if let Some(terminal) = TERMINAL.get()
        && GIVEN.swap(false, Ordering::SeqCst)
    {
        without_stop(|| {
            let _ = tcsetpgrp(terminal, getpgrp());
        });
    }
}

/// Blocks the signal that stops a process of the background which sets the terminal.
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
