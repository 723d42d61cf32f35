//! Limits on open descriptors and on the size of arguments. That on descriptors is raised for
//! prun when many jobs need it; jobs get the one that prun was started with.

use std::sync::atomic::{AtomicU64, Ordering};

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Soft limit to give back to children, plus one; 0 if it was never raised.
static ORIGINAL: AtomicU64 = AtomicU64::new(0);

/// Descriptors that prun may have open.
pub(crate) fn descriptors() -> usize {
    let limit = getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX);
    usize::try_from(limit).unwrap_or(usize::MAX)
}

/// Raises the limit, as far as the hard limit allows, if fewer than `wanted` descriptors may
/// be open. Returns the limit from now on.
pub(crate) fn raise_descriptors(wanted: u64) -> u64 {
    let limit = getrlimit(Resource::Nofile);
    let current = limit.current.unwrap_or(u64::MAX);
    if current >= wanted {
        return current;
    }
    let raised = limit.maximum.unwrap_or(u64::MAX);
    let new = Rlimit {
        current: Some(raised),
        maximum: limit.maximum,
    };
    match setrlimit(Resource::Nofile, new) {
        Ok(()) => {
            ORIGINAL.store(current.saturating_add(1), Ordering::Relaxed);
            raised
        }
        Err(_) => current,
    }
}

/// Sets the limit of a child to that which prun was started with.
///
/// Called between fork and exec: it makes async-signal-safe calls only.
pub(super) fn restore() {
    if let Some(original) = ORIGINAL.load(Ordering::Relaxed).checked_sub(1) {
        let limit = getrlimit(Resource::Nofile);
        let _ = setrlimit(
            Resource::Nofile,
            Rlimit {
                current: Some(original),
                maximum: limit.maximum,
            },
        );
    }
}

/// Bytes for the arguments of a process (strings, their NULs and pointers), beside prun's
/// variables and what exec(3) asks applications to leave.
pub(crate) fn arguments() -> usize {
    /// `_POSIX_ARG_MAX`
    const LEAST: usize = 4096;
    /// For variables that are added.
    const MARGIN: usize = 4096;
    // SAFETY: sysconf(3) only reads.
    let most = unsafe { libc::sysconf(libc::_SC_ARG_MAX) };
    let most = usize::try_from(most).unwrap_or(LEAST);
    let variables = std::env::vars_os();
    let bytes = variables.map(|(name, value)| name.len() + value.len() + 2 + size_of::<usize>());
    most.saturating_sub(bytes.sum::<usize>() + MARGIN)
        .max(LEAST)
}
