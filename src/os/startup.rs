//! Descriptors and signal dispositions that prun was started with, recorded before Rust's own
//! start-up hides them.
//!
//! Before `main`, Rust's runtime opens `/dev/null` in place of closed standard
//! descriptors and ignores `SIGPIPE`. Both matter here: output to a closed stdout
//! is an error, and jobs get the signal dispositions that prun got. One function in
//! `.init_array` (`__mod_init_func` on Apple systems), which the loader calls first, records
//! them.

use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};

/// Bit n: standard descriptor n was open.
static OPEN: AtomicU8 = AtomicU8::new(0);
/// Bit n: signal n was ignored.
static IGNORED: AtomicU64 = AtomicU64::new(0);
/// Bit n - 1: signal n was blocked.
static BLOCKED: AtomicU64 = AtomicU64::new(0);

/// Signals whose disposition at the start changes what prun does.
const WATCHED: [i32; 13] = [
    libc::SIGHUP,
    libc::SIGINT,
    libc::SIGQUIT,
    libc::SIGPIPE,
    libc::SIGTERM,
    libc::SIGCHLD,
    libc::SIGTSTP,
    libc::SIGCONT,
    libc::SIGUSR1,
    libc::SIGUSR2,
    libc::SIGURG,
    libc::SIGXCPU,
    libc::SIGXFSZ,
];

/// Signals whose disposition prun or Rust's runtime changes even if they were ignored.
const CHANGED: [i32; 3] = [libc::SIGPIPE, libc::SIGCHLD, libc::SIGURG];

#[used]
#[cfg_attr(not(target_vendor = "apple"), unsafe(link_section = ".init_array"))]
#[cfg_attr(
    target_vendor = "apple",
    unsafe(link_section = "__DATA,__mod_init_func")
)]
static RECORD: extern "C" fn() = record;

extern "C" fn record() {
    let mut open = 0;
    for fd in 0..3 {
        // SAFETY: F_GETFD takes no argument and only reports on the descriptor.
        if unsafe { libc::fcntl(fd, libc::F_GETFD) } != -1 {
            open |= 1 << fd;
        }
    }
    OPEN.store(open, Ordering::Relaxed);

    let mut ignored = 0;
    for signal in WATCHED {
        // SAFETY: all-zero bytes are a valid `sigaction`; a null new action only
        // asks for the present one, which is written to our own variable.
        let handler = unsafe {
            let mut action: libc::sigaction = std::mem::zeroed();
            libc::sigaction(signal, std::ptr::null(), &raw mut action);
            action.sa_sigaction
        };
        if handler == libc::SIG_IGN {
            ignored |= 1 << signal;
        }
    }
    IGNORED.store(ignored, Ordering::Relaxed);

    let mut blocked = 0;
    // SAFETY: a null new set only asks for the present mask, which is written to our
    // own variable; `sigismember` reads that variable.
    unsafe {
        let mut mask: libc::sigset_t = std::mem::zeroed();
        libc::sigprocmask(libc::SIG_BLOCK, std::ptr::null(), &raw mut mask);
        for signal in 1..=64 {
            if libc::sigismember(&raw const mask, signal) == 1 {
                blocked |= 1 << (signal - 1);
            }
        }
    }
    BLOCKED.store(blocked, Ordering::Relaxed);
}

/// True if standard descriptor `fd` (0, 1 or 2) was open when prun started.
pub(crate) fn was_open(fd: usize) -> bool {
    OPEN.load(Ordering::Relaxed) & (1 << fd) != 0
}

/// True if `signal` was ignored when prun started, as `SIGHUP` is under nohup(1).
pub(crate) fn was_ignored(signal: i32) -> bool {
    IGNORED.load(Ordering::Relaxed) & (1 << signal) != 0
}

/// Discards pending stop signals of a child in which all signals are blocked: they were meant
/// for the process group that it has left.
///
/// Called between clone and exec: it makes async-signal-safe calls only.
#[cfg(target_os = "linux")]
pub(super) fn discard_stops() {
    // SAFETY: the set is our own variable, filled before it is read; SIG_IGN and SIG_DFL
    // install no handler.
    unsafe {
        let mut pending: libc::sigset_t = std::mem::zeroed();
        libc::sigpending(&raw mut pending);
        for signal in [libc::SIGTSTP, libc::SIGTTIN, libc::SIGTTOU] {
            if libc::sigismember(&raw const pending, signal) == 1 {
                // Ignoring a signal discards the one that is pending (sigaction(2)).
                let before = libc::signal(signal, libc::SIG_IGN);
                libc::signal(signal, before);
            }
        }
    }
}

/// Blocks all signals of a child, until [`restore`].
///
/// Called between fork and exec: it makes async-signal-safe calls only.
pub(super) fn block_all() {
    // SAFETY: the set is our own variable, filled before it is used.
    unsafe {
        let mut mask: libc::sigset_t = std::mem::zeroed();
        libc::sigfillset(&raw mut mask);
        libc::sigprocmask(libc::SIG_SETMASK, &raw const mask, std::ptr::null_mut());
    }
}

/// Sets the mask and the dispositions of a child to those that prun was started with.
///
/// Called between fork and exec: it makes async-signal-safe calls only.
pub(super) fn restore() {
    let blocked = BLOCKED.load(Ordering::Relaxed);
    // SAFETY: the set is our own variable, filled before it is used; `signal` with
    // SIG_IGN installs no handler.
    unsafe {
        let mut mask: libc::sigset_t = std::mem::zeroed();
        libc::sigemptyset(&raw mut mask);
        for signal in (1..=64).filter(|signal| blocked & (1 << (signal - 1)) != 0) {
            libc::sigaddset(&raw mut mask, signal);
        }
        for signal in CHANGED {
            let disposition = if was_ignored(signal) {
                libc::SIG_IGN
            } else {
                libc::SIG_DFL
            };
            libc::signal(signal, disposition);
        }
        libc::sigprocmask(libc::SIG_SETMASK, &raw const mask, std::ptr::null_mut());
    }
}
