//! Signals to prun, turned into bytes in a pipe that a thread can poll; signals from prun; and
//! ending prun by one.

use std::fs::File;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, IntoRawFd, OwnedFd};
use std::sync::atomic::{AtomicU32, Ordering};

use rustix::process::Pid;

use super::startup;

/// Signals that prun acts on, unless they were ignored when it started.
const CAUGHT: [i32; 9] = [
    libc::SIGHUP,
    libc::SIGINT,
    libc::SIGQUIT,
    libc::SIGTERM,
    libc::SIGTSTP,
    libc::SIGCONT,
    libc::SIGUSR1,
    libc::SIGUSR2,
    libc::SIGXCPU,
];

/// `SIGCHLD` signals since the last one that was written to the pipe. They come with the end
/// of every process, and until the processes have been looked at one is as good as many.
static CHILDREN: AtomicU32 = AtomicU32::new(0);

/// Reading end of the pipe to which the handlers write.
#[derive(Debug)]
pub(crate) struct SignalReceiver {
    reader: OwnedFd,
}

impl SignalReceiver {
    /// Installs the handlers, for the rest of prun's life. A signal that was ignored at the
    /// start stays ignored: nohup(1) and a shell's background jobs ask for that.
    pub(crate) fn catch() -> io::Result<Self> {
        let (reader, writer) = io::pipe()?;
        // A full pipe must not block inside a handler.
        rustix::fs::fcntl_setfl(&writer, rustix::fs::OFlags::NONBLOCK)?;
        // The handlers live as long as the process, and so does their end of the pipe.
        let writer = OwnedFd::from(writer).into_raw_fd();
        let own = std::process::id();
        // As PID 1 of a container, prun is given every orphan, also while no job runs. And
        // the kernel stops jobs only where there is a terminal that they could want.
        let wants_children = own == 1 || has_terminal();
        let children = wants_children.then_some(libc::SIGCHLD);
        for signal in CAUGHT.into_iter().chain(children) {
            // `accept_children` has seen to SIGCHLD.
            if startup::was_ignored(signal) && signal != libc::SIGCHLD {
                continue;
            }
            let byte = signal as u8;
            // SAFETY: the action only counts and calls getpid(2) and write(2), which are
            // async-signal-safe, the latter on a descriptor that is never closed; errno is
            // kept by the registry.
            unsafe {
                signal_hook::low_level::register(signal, move || {
                    // A child has this handler until it executes its program. What came to
                    // the whole process group would count twice.
                    let is_pending =
                        byte == libc::SIGCHLD as u8 && CHILDREN.fetch_add(1, Ordering::SeqCst) > 0;
                    if !is_pending && std::process::id() == own {
                        libc::write(writer, (&raw const byte).cast(), 1);
                    }
                })?;
            }
        }
        Ok(SignalReceiver {
            reader: reader.into(),
        })
    }

    /// Descriptor to poll for reading.
    pub(crate) fn fd(&self) -> BorrowedFd<'_> {
        self.reader.as_fd()
    }

    /// Returns the signals that have arrived; waits for one if there is none.
    pub(crate) fn read(&self) -> Vec<i32> {
        let mut buffer = [0; 64];
        let count = rustix::io::read(&self.reader, &mut buffer).unwrap_or(0);
        buffer[..count]
            .iter()
            .map(|&byte| i32::from(byte))
            .collect()
    }
}

/// Returns true if `SIGCHLD` has come again since it was read. Called some time after that, and
/// again until it returns false: the next `SIGCHLD` is written to the pipe only then.
pub(crate) fn children_again() -> bool {
    // 1 stands for the signal that this call reports.
    CHILDREN.swap(1, Ordering::SeqCst) > 1
        || CHILDREN
            .compare_exchange(1, 0, Ordering::SeqCst, Ordering::SeqCst)
            .is_err()
}

/// True if prun has a controlling terminal, and so its jobs do.
fn has_terminal() -> bool {
    File::open("/dev/tty").is_ok()
}

/// Makes a write beyond the limit on the size of files (`ulimit -f`) fail with `EFBIG`, which
/// is an error like others, instead of ending prun without a message.
///
/// A handler does that, because it is gone when a job executes its program: jobs have the
/// disposition that prun was given.
pub(crate) fn survive_file_limit() {
    extern "C" fn nothing(_: libc::c_int) {}
    let handler: extern "C" fn(libc::c_int) = nothing;
    if startup::was_ignored(libc::SIGXFSZ) {
        return;
    }
    // SAFETY: the action is our own variable, and the handler touches nothing.
    unsafe {
        let mut action: libc::sigaction = std::mem::zeroed();
        action.sa_sigaction = handler as libc::sighandler_t;
        action.sa_flags = libc::SA_RESTART;
        libc::sigaction(libc::SIGXFSZ, &raw const action, std::ptr::null_mut());
    }
}

/// Sets `SIGCHLD` to its default: where a parent ignored it, the kernel reaps
/// children by itself and every wait fails with `ECHILD` (wait(2), "Linux notes").
pub(crate) fn accept_children() {
    if startup::was_ignored(libc::SIGCHLD) {
        // SAFETY: SIG_DFL installs no handler.
        unsafe { libc::signal(libc::SIGCHLD, libc::SIG_DFL) };
    }
}

/// Ends prun by `signal`, so that its parent sees that in the wait status. Returns only where
/// the signal has no effect, as for PID 1.
pub(crate) fn die(signal: i32) {
    if signal == libc::SIGQUIT {
        // Dying as asked is no crash: leave no core file.
        let none = rustix::process::Rlimit {
            current: Some(0),
            maximum: rustix::process::getrlimit(rustix::process::Resource::Core).maximum,
        };
        let _ = rustix::process::setrlimit(rustix::process::Resource::Core, none);
    }
    // SAFETY: SIG_DFL installs no handler; the set is our own variable, filled before
    // it is used.
    unsafe {
        libc::signal(signal, libc::SIG_DFL);
        let mut set: libc::sigset_t = std::mem::zeroed();
        libc::sigemptyset(&raw mut set);
        libc::sigaddset(&raw mut set, signal);
        libc::pthread_sigmask(libc::SIG_UNBLOCK, &raw const set, std::ptr::null_mut());
        libc::raise(signal);
    }
}

/// Sends a signal, which may be a real-time one, to a process group; does nothing if that is
/// gone.
pub(crate) fn send_to_group(leader: Pid, signal: i32) {
    // SAFETY: kill(2) takes two numbers and touches no memory.
    unsafe { libc::kill(-leader.as_raw_nonzero().get(), signal) };
}

/// Sends a signal to a child that has not been reaped.
pub(crate) fn send_to_child(pid: Pid, signal: i32) {
    // SAFETY: kill(2) takes two numbers and touches no memory.
    unsafe { libc::kill(pid.as_raw_nonzero().get(), signal) };
}

/// Stops prun as Ctrl-Z would, until something continues it.
pub(crate) fn stop_self() {
    let _ = rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::STOP);
}
