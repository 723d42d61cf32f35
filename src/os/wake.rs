//! Waking another thread that polls.

pub(crate) use system::Wake;

/// Linux: a signal to the thread, which reaches it while it polls (ppoll(2)) and is pending at
/// all other times. That costs no descriptor; with thousands of jobs at once, descriptors run
/// out first.
#[cfg(target_os = "linux")]
mod system {
    use std::io;
    use std::ptr;
    use std::sync::OnceLock;
    use std::sync::atomic::{AtomicI32, Ordering};
    use std::time::Duration;

    use rustix::event::PollFd;

    /// Means nothing to a process that has not asked for it (socket(7)).
    const SIGNAL: libc::c_int = libc::SIGURG;

    /// Signals that a thread which can be woken blocks while it polls: those that prun was
    /// started with.
    static MASK: OnceLock<libc::sigset_t> = OnceLock::new();

    /// Wakes the thread that has attached itself. Wake-ups before it polls again are one.
    #[derive(Debug, Default)]
    pub(crate) struct Wake {
        /// 0 until a thread has attached itself.
        thread: AtomicI32,
    }

    impl Wake {
        /// # Errors
        /// None on Linux; on other systems there may be no descriptor left.
        pub(crate) fn new() -> io::Result<Self> {
            MASK.get_or_init(catch);
            Ok(Wake::default())
        }

        /// Makes the calling thread the one to be woken.
        pub(crate) fn attach(&self) {
            // SAFETY: the set is our own variable, filled before it is used; gettid(2)
            // has no conditions.
            unsafe {
                let mut set: libc::sigset_t = std::mem::zeroed();
                libc::sigaddset(&raw mut set, SIGNAL);
                libc::pthread_sigmask(libc::SIG_BLOCK, &raw const set, ptr::null_mut());
                self.thread.store(libc::gettid(), Ordering::SeqCst);
            }
        }

        /// Wakes the thread. One that has not attached itself yet does not poll, and one
        /// that is gone needs no signal: a thread that has its number now ignores it.
        pub(crate) fn wake(&self) {
            let thread = self.thread.load(Ordering::SeqCst);
            if thread != 0 {
                // SAFETY: the signal has a handler, which does nothing.
                unsafe { libc::syscall(libc::SYS_tgkill, libc::getpid(), thread, SIGNAL) };
            }
        }

        /// Polls until something happens to `fds`, the thread is woken, or `timeout` is
        /// over. Returns whether anything can have happened to `fds`.
        pub(crate) fn poll(
            &self,
            fds: &mut Vec<PollFd<'_>>,
            timeout: Option<Duration>,
        ) -> io::Result<bool> {
            let timeout = timeout.map(|timeout| libc::timespec {
                tv_sec: timeout.as_secs() as libc::time_t,
                tv_nsec: libc::c_long::from(timeout.subsec_nanos() as i32),
            });
            let timeout = timeout.as_ref().map_or(ptr::null(), ptr::from_ref);
            let mask: *const libc::sigset_t = MASK.get_or_init(catch);
            let first = fds.as_mut_ptr().cast::<libc::pollfd>();
            // SAFETY: `PollFd` has the layout of `pollfd`; all pointers are to live
            // variables.
            let result = unsafe { libc::ppoll(first, fds.len() as libc::nfds_t, timeout, mask) };
            if result >= 0 {
                return Ok(result > 0);
            }
            match io::Error::last_os_error() {
                error if error.kind() == io::ErrorKind::Interrupted => Ok(false),
                error => Err(error),
            }
        }
    }

    /// Installs the handler, and returns the mask that lets the signal through.
    fn catch() -> libc::sigset_t {
        extern "C" fn nothing(_: libc::c_int) {}
        let handler: extern "C" fn(libc::c_int) = nothing;
        // SAFETY: the action and the mask are our own variables, and the handler touches
        // nothing.
        unsafe {
            let mut action: libc::sigaction = std::mem::zeroed();
            action.sa_sigaction = handler as libc::sighandler_t;
            action.sa_flags = libc::SA_RESTART;
            libc::sigaction(SIGNAL, &raw const action, ptr::null_mut());
            let mut mask: libc::sigset_t = std::mem::zeroed();
            libc::pthread_sigmask(libc::SIG_BLOCK, ptr::null(), &raw mut mask);
            libc::sigdelset(&raw mut mask, SIGNAL);
            mask
        }
    }
}

/// Other systems: a pipe, which becomes readable.
#[cfg(not(target_os = "linux"))]
mod system {
    use std::io;
    use std::os::fd::{AsFd, OwnedFd};
    use std::time::Duration;

    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    use rustix::io::Errno;

    /// Wakes a thread that polls. Wake-ups before it polls again are one.
    #[derive(Debug)]
    pub(crate) struct Wake {
        reader: OwnedFd,
        writer: OwnedFd,
    }

    impl Wake {
        /// A pipe with both ends non-blocking.
        ///
        /// # Errors
        /// There is no descriptor left.
        pub(crate) fn new() -> io::Result<Self> {
            let (reader, writer) = io::pipe()?;
            let (reader, writer) = (OwnedFd::from(reader), OwnedFd::from(writer));
            for end in [&reader, &writer] {
                rustix::fs::fcntl_setfl(end, rustix::fs::OFlags::NONBLOCK)?;
            }
            Ok(Wake { reader, writer })
        }

        pub(crate) fn attach(&self) {}

        /// Makes the pipe readable. A full one is readable already: a write that fails loses
        /// nothing.
        pub(crate) fn wake(&self) {
            let _ = rustix::io::write(&self.writer, b"!");
        }

        /// Polls until something happens to `fds`, the thread is woken, or `timeout` is
        /// over. Returns whether anything can have happened to `fds`.
        pub(crate) fn poll<'fd>(
            &'fd self,
            fds: &mut Vec<PollFd<'fd>>,
            timeout: Option<Duration>,
        ) -> io::Result<bool> {
            let timeout = timeout.map(|timeout| Timespec {
                tv_sec: timeout.as_secs() as i64,
                tv_nsec: timeout.subsec_nanos().into(),
            });
            fds.push(PollFd::from_borrowed_fd(self.reader.as_fd(), PollFlags::IN));
            let result = poll(fds, timeout.as_ref());
            let woken = fds.pop().is_some_and(|fd| !fd.revents().is_empty());
            if woken {
                let mut buffer = [0; 64];
                while matches!(rustix::io::read(&self.reader, &mut buffer), Ok(n) if n == buffer.len())
                {
                }
            }
            match result {
                Ok(count) => Ok(count > 0),
                Err(Errno::INTR) => Ok(false),
                Err(error) => Err(error.into()),
            }
        }
    }
}
