//! End of a child and the resources that it used. Both can be had without reaping the child:
//! while the zombie is there, its process number and group cannot be given to anyone else, and
//! signals still reach only what belongs to the job.

use std::io;
use std::ops::Add;
use std::time::Duration;

use rustix::process::Pid;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ExitStatus {
    Exited(u8),
    /// Number of the signal.
    Signaled(i32),
}

/// Resources that a process, and the children that it waited for, have used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct ResourceUsage {
    /// CPU time in user mode.
    pub user: Duration,
    /// CPU time in the kernel.
    pub system: Duration,
    /// Largest resident set of one of these processes, in bytes.
    pub max_rss: u64,
}

impl ResourceUsage {
    /// Usage of the calling thread so far. The memory is that of prun.
    #[cfg(target_os = "linux")]
    pub(crate) fn of_thread() -> ResourceUsage {
        // SAFETY: all-zero bytes are valid for the type.
        let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
        // SAFETY: the pointer is to a live variable of the type that the call fills.
        unsafe { libc::getrusage(libc::RUSAGE_THREAD, &raw mut usage) };
        usage_of(&usage)
    }

    /// Other systems tell it of a whole process only.
    #[cfg(not(target_os = "linux"))]
    pub(crate) fn of_thread() -> ResourceUsage {
        ResourceUsage::default()
    }

    /// Usage after `before`.
    pub(crate) fn since(self, before: ResourceUsage) -> ResourceUsage {
        ResourceUsage {
            user: self.user.saturating_sub(before.user),
            system: self.system.saturating_sub(before.system),
            max_rss: self.max_rss,
        }
    }
}

impl Add for ResourceUsage {
    type Output = ResourceUsage;

    fn add(self, other: ResourceUsage) -> ResourceUsage {
        ResourceUsage {
            user: self.user + other.user,
            system: self.system + other.system,
            max_rss: self.max_rss.max(other.max_rss),
        }
    }
}

/// Waits until the child has ended, and leaves it to be reaped.
///
/// # Errors
/// `ECHILD` if it is not a child of this process or was reaped already.
pub(crate) fn peek(pid: Pid) -> io::Result<(ExitStatus, ResourceUsage)> {
    loop {
        // SAFETY: all-zero bytes are valid for both types.
        let mut info: libc::siginfo_t = unsafe { std::mem::zeroed() };
        // SAFETY: as above.
        let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
        if waitid(pid, &mut info, &mut usage) == 0 {
            // SAFETY: a successful waitid(2) fills the child part of `info`.
            let status = unsafe { info.si_status() };
            let status = match info.si_code {
                libc::CLD_EXITED => ExitStatus::Exited(status as u8),
                _ => ExitStatus::Signaled(status),
            };
            return Ok((status, usage_of(&usage)));
        }
        let error = io::Error::last_os_error();
        if error.kind() != io::ErrorKind::Interrupted {
            return Err(error);
        }
    }
}

/// Waits until the child has ended, and reaps it.
///
/// # Errors
/// Those of [`peek`].
pub(crate) fn reap(pid: Pid) -> io::Result<(ExitStatus, ResourceUsage)> {
    loop {
        let mut status = 0;
        // SAFETY: all-zero bytes are valid for the type.
        let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
        let number = pid.as_raw_nonzero().get();
        // SAFETY: both pointers are to live variables of the types that the call fills.
        if unsafe { libc::wait4(number, &raw mut status, 0, &raw mut usage) } >= 0 {
            let status = if libc::WIFSIGNALED(status) {
                ExitStatus::Signaled(libc::WTERMSIG(status))
            } else {
                ExitStatus::Exited(libc::WEXITSTATUS(status) as u8)
            };
            return Ok((status, usage_of(&usage)));
        }
        let error = io::Error::last_os_error();
        if error.kind() != io::ErrorKind::Interrupted {
            return Err(error);
        }
    }
}

/// Calls the kernel: its fifth argument, for the usage, is missing in the C library's function
/// (waitid(2), "C library/kernel differences").
#[cfg(target_os = "linux")]
fn waitid(pid: Pid, info: &mut libc::siginfo_t, usage: &mut libc::rusage) -> libc::c_long {
    // SAFETY: both pointers are to live variables of the types that the call fills.
    unsafe {
        libc::syscall(
            libc::SYS_waitid,
            libc::P_PID,
            pid.as_raw_nonzero().get(),
            std::ptr::from_mut(info),
            libc::WEXITED | libc::WNOWAIT,
            std::ptr::from_mut(usage),
        )
    }
}

/// Other systems tell the usage only of a child that is reaped: it stays zero.
#[cfg(not(target_os = "linux"))]
fn waitid(pid: Pid, info: &mut libc::siginfo_t, _usage: &mut libc::rusage) -> libc::c_long {
    let pid = pid.as_raw_nonzero().get() as libc::id_t;
    // SAFETY: the pointer is to a live variable of the type that the call fills.
    let result = unsafe { libc::waitid(libc::P_PID, pid, info, libc::WEXITED | libc::WNOWAIT) };
    libc::c_long::from(result)
}

fn usage_of(usage: &libc::rusage) -> ResourceUsage {
    let time = |t: libc::timeval| {
        Duration::from_secs(t.tv_sec as u64) + Duration::from_micros(t.tv_usec as u64)
    };
    // Linux counts in KiB, Apple systems in bytes (getrusage(2) of each).
    let unit = if cfg!(target_vendor = "apple") {
        1
    } else {
        1024
    };
    ResourceUsage {
        user: time(usage.ru_utime),
        system: time(usage.ru_stime),
        max_rss: usage.ru_maxrss as u64 * unit,
    }
}

/// Signal by which a child in this process group is stopped, if one is, whichever thread
/// started it. The caller sees to it that the group's leader is not reaped meanwhile.
pub(crate) fn stop_signal(leader: Pid) -> Option<i32> {
    let group = leader.as_raw_nonzero().get() as libc::id_t;
    let options = libc::WSTOPPED | libc::WNOHANG | libc::WNOWAIT;
    // SAFETY: all-zero bytes are valid, and mean that no child was found.
    let mut info: libc::siginfo_t = unsafe { std::mem::zeroed() };
    // SAFETY: the pointer is to a live variable of the type that the call fills.
    let result = unsafe { libc::waitid(libc::P_PGID, group, &raw mut info, options) };
    // SAFETY: the child part of `info` was filled if the code says so.
    (result == 0 && info.si_code == libc::CLD_STOPPED).then(|| unsafe { info.si_status() })
}
