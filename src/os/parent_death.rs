//! Death of children with prun, where prun is killed and cannot end them. What these have
//! started is left to the guard (`guard`), which also may be missing.

/// End of a child when prun is killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum ChildLifetime {
    /// The kernel kills it, too, where it can.
    #[default]
    OfPrun,
    /// It lives on.
    Own,
}

/// Asks the kernel to kill this process when the thread that started it ends, which is
/// when prun has been killed: a thread that starts a child also waits for it.
///
/// A sandbox may refuse; then the child lives on, as on other systems. Called between fork and
/// exec, with the number of the process that forked: it makes async-signal-safe calls only.
#[cfg(target_os = "linux")]
pub(super) fn end_with(parent: u32) {
    // SAFETY: these system calls take numbers and touch no memory; `_exit` runs no handler
    // and flushes nothing of the parent's.
    unsafe {
        libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL as libc::c_ulong);
        // The parent may have died before that. 0 is a parent outside of this process namespace.
        let now = libc::getppid();
        if now != 0 && now as u32 != parent {
            libc::_exit(127);
        }
    }
}

/// Other systems have no such request.
#[cfg(not(target_os = "linux"))]
pub(super) fn end_with(_: u32) {}
