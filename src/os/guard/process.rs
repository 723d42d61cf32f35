//! The guard's own process. Other threads of prun may have held locks when it was forked, so
//! that it makes async-signal-safe calls only: it allocates nothing and cannot panic.

use std::ffi::{CStr, CString};
use std::io::{self, PipeReader, PipeWriter};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{Mode, OFlags, fstat, open};
use rustix::io::retry_on_intr;
use rustix::process::{
    Pid, PidfdFlags, Signal, getpid, kill_process_group, pidfd_open, pidfd_send_signal,
};

use super::cgroups;
use super::environ::job_of;
use super::listing::for_each_entry;
use super::proc_stat::{ProcStat, open_of};
use super::table::GuardTable;
use crate::os::startup;

/// Name of the process. It is not prun's: `pkill prun` and `killall prun` would end the guard
/// and prun at once, and the jobs would live on.
const NAME: &CStr = c"job-guard";

/// Searches for processes of jobs, until one finds none. What a search finds is killed, but
/// may take its time to die, and may have started another one before.
const SEARCHES: usize = 100;

/// Longest wait for a killed process before the next search.
const DYING: Timespec = Timespec {
    tv_sec: 0,
    tv_nsec: 100_000_000,
};

/// The guard, as prun sees it. It ends when this is dropped, and is reaped.
#[derive(Debug)]
pub(super) struct GuardProcess {
    pid: libc::pid_t,
    /// Closed when prun ends, however that comes about.
    _lifeline: Lifeline,
}

/// Pipe whose end tells the guard that prun has gone.
#[derive(Debug)]
pub(super) struct Lifeline {
    /// The guard's end.
    reader: PipeReader,
    _writer: PipeWriter,
}

impl Lifeline {
    /// Opens the pipe.
    pub(super) fn open() -> io::Result<Lifeline> {
        let (reader, writer) = io::pipe()?;
        Ok(Lifeline {
            reader,
            _writer: writer,
        })
    }
}

/// Jobs that are guarded.
#[derive(Debug, Clone, Copy)]
pub(super) struct GuardedJobs {
    pub table: GuardTable,
    /// Directories of their control groups, that of version 2 first.
    pub cgroups: &'static [CString],
}

/// The prun that is guarded. The guard cannot look at it: it asks when prun has gone.
#[derive(Debug, Clone, Copy)]
struct GuardedProcess {
    pid: u32,
    /// As [`ProcStat::started`]; jobs may have started before the guard. `None` without `/proc`,
    /// where no process can be searched.
    started: Option<u64>,
    namespace: Option<(u64, u64)>,
}

impl GuardedProcess {
    fn own() -> GuardedProcess {
        let pid = getpid().as_raw_nonzero().get();
        GuardedProcess {
            pid: std::process::id(),
            started: ProcStat::read(pid).and_then(|stat| stat.started()),
            namespace: pid_namespace(pid),
        }
    }
}

impl GuardProcess {
    /// Forks.
    ///
    /// # Errors
    /// Processes or memory are short.
    pub(super) fn fork(jobs: GuardedJobs, lifeline: Lifeline) -> io::Result<GuardProcess> {
        let prun = GuardedProcess::own();
        // Not fork(3): a child that tells its end by no signal is not found by the waits for
        // jobs and orphans (wait(2), `__WCLONE`). Not `CLONE_FILES`, with which it would not
        // hold pipes of jobs until it has closed them: valgrind ends such a program.
        //
        // SAFETY: without flags this is fork(2), all of whose other arguments are unused, and
        // the child makes async-signal-safe calls only and never returns.
        let pid = unsafe { libc::syscall(libc::SYS_clone, 0, 0, 0, 0, 0) };
        if pid == 0 {
            watch(jobs, prun, lifeline.reader.as_raw_fd());
        }
        match libc::pid_t::try_from(pid) {
            Ok(pid @ 1..) => Ok(GuardProcess {
                pid,
                _lifeline: lifeline,
            }),
            _ => Err(io::Error::last_os_error()),
        }
    }
}

impl Drop for GuardProcess {
    fn drop(&mut self) {
        // It may be stopped, and has nothing to do: no job runs. Its number cannot be another's
        // before it is reaped.
        // SAFETY: kill(2) takes numbers.
        unsafe { libc::kill(self.pid, libc::SIGKILL) };
        // SAFETY: without a place for the status, waitpid(2) touches no memory.
        let wait = || unsafe { libc::waitpid(self.pid, std::ptr::null_mut(), libc::__WALL) };
        while wait() < 0 && io::Error::last_os_error().kind() == io::ErrorKind::Interrupted {}
    }
}

/// Waits until nobody holds the other end of the pipe `lifeline`, kills the processes of the
/// jobs, and ends the process.
fn watch(jobs: GuardedJobs, prun: GuardedProcess, lifeline: RawFd) -> ! {
    startup::block_all();
    if let Some(lifeline) = keep_only(lifeline) {
        // Signals to prun's process group, and a hang-up of its terminal, are not for the guard.
        let _ = rustix::process::setsid();
        let _ = rustix::process::chdir(c"/");
        overwrite_arguments();
        resist_shortage();
        // Who sees this name sees the rest as it stays.
        let _ = rustix::thread::set_name(NAME);
        wait_for_end(lifeline.as_fd());
        end_jobs(jobs, prun);
    }
    // SAFETY: `_exit` runs no handler and flushes nothing of prun's.
    unsafe { libc::_exit(0) }
}

/// Closes all descriptors but one, which becomes 0: the guard must not hold a pipe open that
/// someone reads to its end.
fn keep_only(fd: RawFd) -> Option<OwnedFd> {
    // SAFETY: these calls take numbers; nothing in this process uses any other descriptor.
    unsafe {
        if fd != 0 && libc::dup2(fd, 0) < 0 {
            return None;
        }
        if libc::syscall(libc::SYS_close_range, 1, libc::c_uint::MAX, 0) < 0 {
            // Kernels before 5.9.
            for number in 1..libc::sysconf(libc::_SC_OPEN_MAX).clamp(1024, 1 << 20) {
                libc::close(number as RawFd);
            }
        }
        Some(OwnedFd::from_raw_fd(0))
    }
}

/// Changes the arguments that other processes see. The environment goes with
/// them: the guard of a prun that is itself a job has the marks of that job, by which it
/// would be killed before it has done its work.
fn overwrite_arguments() {
    let Some(stat) = ProcStat::read(getpid().as_raw_nonzero().get()) else {
        return;
    };
    let area = |first: usize| {
        let (start, end) = (stat.field(first)?, stat.field(first + 1)?);
        let length = end.checked_sub(start).filter(|_| start != 0)?;
        Some((start as usize, length as usize))
    };
    // proc_pid_stat(5): arg_start, arg_end, env_start, env_end.
    for (at, text) in [(48, NAME.to_bytes()), (50, b"".as_slice())] {
        if let Some((start, length)) = area(at) {
            let place = std::ptr::with_exposed_provenance_mut::<u8>(start);
            // SAFETY: the kernel has put the arguments and the environment there for the
            // process, which may write to them; this copy of them is read by nobody else.
            unsafe {
                place.write_bytes(0, length);
                // The last byte stays 0, or more would be shown.
                let shown = text.len().min(length.saturating_sub(1));
                place.copy_from_nonoverlapping(text.as_ptr(), shown);
            }
        }
    }
}

/// Asks the kernel to look elsewhere for memory. That may need a privilege.
fn resist_shortage() {
    let flags = OFlags::WRONLY | OFlags::CLOEXEC;
    if let Ok(file) = open(c"/proc/self/oom_score_adj", flags, Mode::empty()) {
        let _ = rustix::io::write(file, b"-1000");
    }
}

/// Nothing is ever written to the pipe: only its end ends the read.
fn wait_for_end(lifeline: BorrowedFd<'_>) {
    let _ = retry_on_intr(|| rustix::io::read(lifeline, &mut [0]));
}

fn end_jobs(jobs: GuardedJobs, prun: GuardedProcess) {
    cgroups::kill(jobs.cgroups);
    end_process_groups(jobs.table, prun);
    cgroups::remove(jobs.cgroups);
}

fn end_process_groups(table: GuardTable, prun: GuardedProcess) {
    let mut has_jobs = false;
    for entry in table.entries() {
        has_jobs |= entry.seq().is_some();
        if let Some(group) = entry.group() {
            let _ = kill_process_group(group, Signal::KILL);
        }
    }
    if !has_jobs {
        return;
    }
    for _ in 0..SEARCHES {
        let Some(dying) = kill_marked(table, prun) else {
            return;
        };
        let mut fds = [PollFd::new(&dying, PollFlags::IN)];
        let _ = poll(&mut fds, Some(&DYING));
    }
}

/// Device and number of the namespace of process numbers that a process is in. A prun in another
/// one, as in a container, may have the same number.
fn pid_namespace(pid: i32) -> Option<(u64, u64)> {
    let stat = fstat(open_of(pid, "ns/pid")?).ok()?;
    Some((stat.st_dev, stat.st_ino))
}

/// Kills the processes that say that they belong to a job of the table, and returns one of
/// them.
///
/// A process that is older than this prun belongs to an earlier one of the same number.
fn kill_marked(table: GuardTable, prun: GuardedProcess) -> Option<OwnedFd> {
    let mut killed = None;
    for_each_entry(c"/proc", |_, name| {
        let name = std::str::from_utf8(name.to_bytes());
        let pid = name.ok().and_then(|name| name.parse().ok());
        let Some(pid) = pid.and_then(Pid::from_raw) else {
            return;
        };
        // Opened before anything is read: it stays with this process whoever gets its
        // number later.
        let Ok(process) = pidfd_open(pid, PidfdFlags::empty()) else {
            return;
        };
        let number = pid.as_raw_nonzero().get();
        let is_of_run = job_of(number, prun.pid).is_some_and(|seq| {
            let mut entries = table.entries().iter();
            entries.any(|entry| entry.seq() == Some(seq)) && pid_namespace(number) == prun.namespace
        });
        let is_younger = || {
            let stat = ProcStat::read(number);
            stat.and_then(|stat| stat.started()) >= prun.started
        };
        if is_of_run && is_younger() && pidfd_send_signal(&process, Signal::KILL).is_ok() {
            killed = Some(process);
        }
    });
    killed
}
