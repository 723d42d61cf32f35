//! Guard of the jobs: a process that waits for the end of prun. If prun was killed while
//! jobs were running, it kills their processes: a parent-death signal reaches only the
//! processes that prun itself has started, and neither what these have started nor what has
//! left their process groups.
//!
//! The guard is forked before the first job starts and reaped when the last one has ended.
//! It shares a table with prun in which each slot notes the process group and the number of
//! the job that it runs, so that a job costs neither a system call nor an allocation. prun
//! holds the writing end of a pipe and never writes: the end of the file tells the guard that
//! prun has gone, however that came about.
//!
//! There is no guard where the kernel does its work (prun is PID 1 of a process namespace, and
//! all others in there die with it), where the system denies it, and on other systems than
//! Linux.

mod table;

#[cfg(target_os = "linux")]
mod environ;
#[cfg(target_os = "linux")]
mod proc_stat;
#[cfg(target_os = "linux")]
mod process;

use std::sync::OnceLock;

pub(crate) use system::JobGuard;
pub(crate) use table::GuardEntry;
use table::GuardTable;

/// Mapped by the first guard.
static TABLE: OnceLock<GuardTable> = OnceLock::new();

/// Entry of slot number `slot`; `None` without a guard, and for slots beyond all that can be.
pub(crate) fn entry(slot: usize) -> Option<&'static GuardEntry> {
    TABLE.get()?.entry(slot)
}

#[cfg(target_os = "linux")]
mod system {
    use std::io::{self, PipeWriter};
    use std::os::fd::AsRawFd;
    use std::process;

    use super::table::GuardTable;
    use super::{TABLE, process::watch};
    use crate::os::orphans;

    /// The guard process. Dropped when no job runs any more; then it ends and is reaped.
    #[derive(Debug)]
    pub(crate) struct JobGuard {
        pid: libc::pid_t,
        /// Closed to end the guard.
        lifeline: Option<PipeWriter>,
    }

    impl JobGuard {
        /// Starts the guard, unless it is not needed or the system denies it: a run without
        /// one is as good as long as prun is not killed.
        pub(crate) fn start() -> Option<JobGuard> {
            if process::id() == 1 {
                return None;
            }
            let table = GuardTable::map().ok()?;
            let table = TABLE.get_or_init(|| table);
            let (reader, writer) = io::pipe().ok()?;
            let prun = process::id();
            // SAFETY: without flags this is fork(2), all of whose other arguments are unused.
            // Other threads may hold locks of the C library, which `watch` does not need: it
            // makes async-signal-safe calls only, and never returns.
            //
            // Not fork(3): a child that tells its end by no signal is not found by waits for
            // jobs and orphans (wait(2), `__WCLONE`).
            let pid = unsafe { libc::syscall(libc::SYS_clone, 0, 0, 0, 0, 0) };
            if pid == 0 {
                watch(table, prun, reader.as_raw_fd());
            }
            let pid = libc::pid_t::try_from(pid).ok().filter(|&pid| pid > 0)?;
            orphans::exempt(pid);
            Some(JobGuard {
                pid,
                lifeline: Some(writer),
            })
        }
    }

    impl Drop for JobGuard {
        fn drop(&mut self) {
            self.lifeline = None;
            // SAFETY: without a place for the status, waitpid(2) touches no memory.
            let wait = || unsafe { libc::waitpid(self.pid, std::ptr::null_mut(), libc::__WALL) };
            while wait() < 0 && io::Error::last_os_error().kind() == io::ErrorKind::Interrupted {}
        }
    }
}

/// Other systems have no safe way to find processes that have left their group.
#[cfg(not(target_os = "linux"))]
mod system {
    #[derive(Debug)]
    pub(crate) struct JobGuard;

    impl JobGuard {
        pub(crate) fn start() -> Option<JobGuard> {
            None
        }
    }
}
