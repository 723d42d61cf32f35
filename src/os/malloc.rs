//! Arenas of the C library's allocator.

/// Makes all threads allocate from one arena. glibc would map and fault in a new arena
/// for each slot (mallopt(3), `M_ARENA_MAX`), which costs more at the start than sharing
/// does later: slots allocate little. Called before the first thread is started.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
pub(crate) fn share() {
    // SAFETY: the call only sets a parameter of the allocator.
    unsafe { libc::mallopt(libc::M_ARENA_MAX, 1) };
}

/// Other C libraries have no arenas.
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub(crate) fn share() {}
