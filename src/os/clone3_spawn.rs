//! The fast start of a process on Linux: one clone3(2) that copies neither memory nor
//! signal handlers, and a child that sets up its own process attributes before it executes
//! its program.
//!
//! # Why the shared address space is sound
//!
//! `CLONE_VM | CLONE_VFORK` is what vfork(2) and glibc's `posix_spawn` do: the child runs
//! in prun's memory until it executes a program or exits, and the thread that called is
//! suspended by the kernel until then. Other threads of prun run on.
//!
//! - **Stack.** `clone_args.stack` is 0, so the child goes on with the stack pointer
//!   of the suspended thread. It first steps over the red zone, then calls one function
//!   that never returns: it writes only below what the suspended thread uses, and no
//!   frame of that thread is ever left by the child.
//! - **Compiler.** To the compiler the assembly block is an ordinary instruction that
//!   may read and write memory and comes back once. The child never comes back from it.
//! - **Shared state.** The child writes to its own stack, to the thread's `errno`, and to
//!   [`SpawnContext::failure`]. It allocates nothing, takes no lock, and cannot panic: all
//!   that it needs was prepared by the parent. Descriptors, signal dispositions and the
//!   mask are copies, because `CLONE_FILES` and `CLONE_SIGHAND` are not given.
//! - **C library.** Of what the child calls, nothing but `errno` is written to: signal(3)
//!   only reads which signals interrupt calls, sigaction(2) takes a lock for `SIGABRT` at
//!   most, and symbols are bound when prun is loaded, not at their first call.
//! - **Signals.** All are blocked in the calling thread, so they are in the child too; only
//!   the C library keeps its own two, for cancelled threads and changed users, of which
//!   there are none. No handler can run there: `CLONE_CLEAR_SIGHAND` has reset them. A
//!   stop signal that came before the child left prun's process group would stop it
//!   between clone and exec, and the suspended thread with it, so the child discards
//!   pending ones. `SIGSTOP` cannot be discarded; `children` is for that.

use std::arch::asm;
use std::ffi::{CStr, c_char, c_int, c_uint};
use std::fs;
use std::io;
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};
use std::sync::OnceLock;

use rustix::process::Pid;

use super::job_cgroup::{self, CgroupEntrances};
use super::parent_death::{self, ChildLifetime};
use super::{limits, startup, terminal};

/// Program of the child, and the attributes of its process.
#[derive(Debug, Clone, Copy)]
pub(super) struct Clone3Spawn<'a> {
    pub(super) program: &'a CStr,
    /// Ends with a null pointer.
    pub(super) argv: &'a [*const c_char],
    /// Ends with a null pointer.
    pub(super) environment: &'a [*const c_char],
    /// Descriptors above 2 that become 0, 1 and 2.
    pub(super) streams: [Option<BorrowedFd<'a>>; 3],
    /// Its directory, if it is another one than prun's.
    pub(super) directory: Option<BorrowedFd<'a>>,
    /// Leader of the process group that it joins, if it gets none of its own.
    pub(super) group: Option<Pid>,
    /// Terminal that its own group gets.
    pub(super) terminal: Option<RawFd>,
    /// Control group, if it is another one than prun's.
    pub(super) cgroup: Option<&'a CgroupEntrances>,
    pub(super) lifetime: ChildLifetime,
}

#[derive(Debug)]
pub(super) enum SpawnError {
    /// The kernel or a sandbox does not know or does not allow this way to start.
    Refused,
    /// Failure of clone3(2) or execve(2).
    Error(io::Error),
}

/// Read by the child, which writes its error number to it.
struct SpawnContext {
    program: *const c_char,
    argv: *const *const c_char,
    environment: *const *const c_char,
    streams: [RawFd; 3],
    directory: RawFd,
    /// Ranges of descriptors that are not for the child.
    private: &'static [(c_uint, c_uint)],
    group: libc::pid_t,
    terminal: RawFd,
    /// Control groups of version 1.
    cgroups: [RawFd; 4],
    /// prun, unless the child survives it.
    parent: Option<u32>,
    failure: c_int,
}

/// The kernel's structure (clone3(2)). Kernels before 5.7 do not know all of it, and take it as
/// long as what they do not know is 0.
#[repr(C)]
#[derive(Default)]
struct CloneArgs {
    flags: u64,
    pidfd: u64,
    child_tid: u64,
    parent_tid: u64,
    exit_signal: u64,
    stack: u64,
    stack_size: u64,
    tls: u64,
    set_tid: u64,
    set_tid_size: u64,
    cgroup: u64,
}

/// Not in every C library's headers.
const CLONE_CLEAR_SIGHAND: u64 = 0x1_0000_0000;

/// The child begins in a control group of version 2: that is much faster than to move there.
const CLONE_INTO_CGROUP: u64 = 0x2_0000_0000;

/// Starts a process, which the kernel kills when the calling thread ends. Returns its number
/// and its pidfd once it executes the program.
pub(super) fn start(launch: &Clone3Spawn<'_>) -> Result<(Pid, OwnedFd), SpawnError> {
    let raw = |stream: Option<BorrowedFd<'_>>| stream.map_or(-1, |fd| fd.as_raw_fd());
    let mut context = SpawnContext {
        program: launch.program.as_ptr(),
        argv: launch.argv.as_ptr(),
        environment: launch.environment.as_ptr(),
        streams: launch.streams.map(raw),
        directory: raw(launch.directory),
        private: private(),
        group: Pid::as_raw(launch.group),
        terminal: launch.terminal.unwrap_or(-1),
        cgroups: launch.cgroup.map_or([-1; 4], CgroupEntrances::raw_others),
        parent: (launch.lifetime == ChildLifetime::OfPrun).then(std::process::id),
        failure: 0,
    };
    let mut pidfd: c_int = -1;
    let cgroup = launch.cgroup.map(|cgroup| cgroup.directory.as_raw_fd());
    let args = CloneArgs {
        flags: (libc::CLONE_VM | libc::CLONE_VFORK | libc::CLONE_PIDFD) as u64
            | CLONE_CLEAR_SIGHAND
            | cgroup.map_or(0, |_| CLONE_INTO_CGROUP),
        cgroup: cgroup.unwrap_or(0) as u64,
        // Exposed, so that the compiler knows that the kernel may write there.
        pidfd: (&raw mut pidfd).expose_provenance() as u64,
        exit_signal: libc::SIGCHLD as u64,
        ..CloneArgs::default()
    };
    let mask = block_signals();
    // SAFETY: see the head of this module; the mask is blocked, and all that the two
    // structures point to lives until the child has executed or exited.
    let result = unsafe { clone(&raw const args, &raw mut context) };
    unblock_signals(&mask);
    if result < 0 {
        let error = io::Error::from_raw_os_error(-result as i32);
        return Err(match -result as i32 {
            libc::ENOSYS | libc::EINVAL | libc::EPERM | libc::EACCES => SpawnError::Refused,
            _ => SpawnError::Error(error),
        });
    }
    // SAFETY: the kernel has put a new descriptor there, which nobody else owns.
    let pidfd = unsafe { OwnedFd::from_raw_fd(pidfd) };
    // SAFETY: the field is our own; the child may have written to it, so it is read anew.
    let failure = unsafe { (&raw const context.failure).read_volatile() };
    if failure != 0 {
        forget(result as libc::pid_t);
        return Err(SpawnError::Error(io::Error::from_raw_os_error(failure)));
    }
    let pid = Pid::from_raw(result as i32).expect("a started process has a number above 0");
    Ok((pid, pidfd))
}

/// The ranges between the descriptors that prun was given for its children: all of its own
/// are in them, and are closed on exec.
fn private() -> &'static [(c_uint, c_uint)] {
    static PRIVATE: OnceLock<Vec<(c_uint, c_uint)>> = OnceLock::new();
    PRIVATE.get_or_init(|| {
        let open = fs::read_dir("/proc/self/fd").into_iter().flatten();
        let numbers = open.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
        let mut given: Vec<c_uint> = numbers.filter(is_given).collect();
        given.sort_unstable();
        gaps(&given)
    })
}

fn is_given(fd: &c_uint) -> bool {
    // SAFETY: F_GETFD takes no argument and only reports on the descriptor.
    let flags = unsafe { libc::fcntl(*fd as RawFd, libc::F_GETFD) };
    flags >= 0 && flags & libc::FD_CLOEXEC == 0
}

/// Ranges above 2 that were not given; none if it is not known what was given.
fn gaps(given: &[c_uint]) -> Vec<(c_uint, c_uint)> {
    let mut gaps = Vec::new();
    let mut from = 3;
    for &fd in given.iter().filter(|&&fd| fd >= 3) {
        if from < fd {
            gaps.push((from, fd - 1));
        }
        from = fd + 1;
    }
    if !given.is_empty() {
        gaps.push((from, c_uint::MAX));
    }
    gaps
}

/// Reaps a child that could not execute its program; it has exited or is about to.
fn forget(pid: libc::pid_t) {
    // SAFETY: a null pointer asks for no status.
    while unsafe { libc::waitpid(pid, std::ptr::null_mut(), 0) } < 0
        && io::Error::last_os_error().kind() == io::ErrorKind::Interrupted
    {}
}

fn block_signals() -> libc::sigset_t {
    // SAFETY: both sets are our own variables, filled before they are used.
    unsafe {
        let mut all: libc::sigset_t = std::mem::zeroed();
        let mut before: libc::sigset_t = std::mem::zeroed();
        libc::sigfillset(&raw mut all);
        libc::pthread_sigmask(libc::SIG_SETMASK, &raw const all, &raw mut before);
        before
    }
}

fn unblock_signals(mask: &libc::sigset_t) {
    // SAFETY: the set was filled by `block_signals`.
    unsafe {
        libc::pthread_sigmask(libc::SIG_SETMASK, mask, std::ptr::null_mut());
    }
}

/// The system call, and in the child the call of [`child`].
///
/// # Safety
/// Signals are blocked, and the arguments are as the head of this module says.
#[cfg(target_arch = "x86_64")]
unsafe fn clone(args: *const CloneArgs, context: *mut SpawnContext) -> isize {
    let mut result = libc::SYS_clone3 as isize;
    // SAFETY: the child steps over the 128 bytes below the stack pointer, which the
    // ABI gives to leaf functions, aligns the stack as calls want it, and never returns.
    unsafe {
        asm!(
            "syscall",
            "test rax, rax",
            "jnz 2f",
            "sub rsp, 128",
            "and rsp, -16",
            "mov rdi, rdx",
            "call {child}",
            "ud2",
            "2:",
            child = sym child,
            inlateout("rax") result,
            in("rdi") args,
            in("rsi") size_of::<CloneArgs>(),
            in("rdx") context,
            lateout("rcx") _,
            lateout("r11") _,
        );
    }
    result
}

/// The same on AArch64, whose ABI has no red zone.
///
/// # Safety
/// Signals are blocked, and the arguments are as the head of this module says.
#[cfg(target_arch = "aarch64")]
unsafe fn clone(args: *const CloneArgs, context: *mut SpawnContext) -> isize {
    let mut result = args.expose_provenance() as isize;
    // SAFETY: the stack pointer is always aligned here, and the child never returns.
    unsafe {
        asm!(
            "svc 0",
            "cbnz x0, 2f",
            "mov x0, x2",
            "bl {child}",
            "brk #1",
            "2:",
            child = sym child,
            in("x8") libc::SYS_clone3,
            inlateout("x0") result,
            in("x1") size_of::<CloneArgs>(),
            in("x2") context,
            lateout("x30") _,
        );
    }
    result
}

/// The child's side, from clone to exec. It makes async-signal-safe calls only.
///
/// # Safety
/// Called in the child of [`clone`], with what that was given.
unsafe extern "C" fn child(context: *mut SpawnContext) -> ! {
    // SAFETY: the parent is suspended: nobody else uses its structure.
    let context = unsafe { &mut *context };
    context.failure = prepare_and_execute(context);
    // SAFETY: `_exit` runs no handler and flushes nothing of the parent's.
    unsafe { libc::_exit(127) }
}

/// Returns only with an error number.
fn prepare_and_execute(context: &SpawnContext) -> c_int {
    // SAFETY: these system calls change only this process; the pointers were made by
    // the parent, which keeps what they point to until this process is gone from its
    // memory.
    unsafe {
        if libc::setpgid(0, context.group) != 0 {
            return errno();
        }
        if context.terminal >= 0 {
            terminal::take(context.terminal);
        }
        if let Some(parent) = context.parent {
            parent_death::end_with(parent);
        }
        if job_cgroup::enter(&context.cgroups).is_err() {
            return errno();
        }
        for (number, stream) in (0..).zip(context.streams) {
            if stream >= 0 && libc::dup2(stream, number) < 0 {
                return errno();
            }
        }
        if context.directory >= 0 && libc::fchdir(context.directory) != 0 {
            return errno();
        }
        // Only then are other children's pipes surely closed when the parent goes on: the
        // kernel lets it go on before it closes what is to be closed on exec. Kernels
        // before 5.9 do not know the call; nothing else can fail.
        for &(first, last) in context.private {
            libc::syscall(libc::SYS_close_range, first, last, 0);
        }
        limits::restore();
        startup::discard_stops();
        startup::restore();
        libc::execve(context.program, context.argv, context.environment);
    }
    errno()
}

fn errno() -> c_int {
    io::Error::last_os_error()
        .raw_os_error()
        .unwrap_or(libc::EIO)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gaps_leave_out_what_was_given() {
        let end = c_uint::MAX;
        assert_eq!(gaps(&[0, 1, 2]), [(3, end)]);
        assert_eq!(gaps(&[0, 3, 4, 7]), [(5, 6), (8, end)]);
        assert_eq!(gaps(&[0, 1, 2, 251]), [(3, 250), (252, end)]);
        assert_eq!(gaps(&[]), []);
    }
}
