//! The limit on open descriptors: raised for prun when many jobs need it, given
//! back to the jobs.

use std::sync::atomic::{AtomicU64, Ordering};

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// The soft limit to give back to children, plus one; 0 if it was never raised.
static ORIGINAL: AtomicU64 = AtomicU64::new(0);

/// How many descriptors there may be.
pub(crate) fn descriptors() -> usize {
    let limit = getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX);
    usize::try_from(limit).unwrap_or(usize::MAX)
}

/// Makes room for `wanted` descriptors as far as the hard limit allows, and returns
/// how many there may be.
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

/// Gives a child the limit that prun was started with.
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

/// How many bytes the arguments of a process may have, those of its variables taken off:
/// strings, their NULs and pointers, less what exec(3) asks applications to leave.
pub(crate) fn arguments() -> usize {
    /// `_POSIX_ARG_MAX`
    const LEAST: usize = 4096;
    /// What is left for variables that are added.
    const MARGIN: usize = 4096;
    // SAFETY: sysconf(3) only reads.
    let most = unsafe { libc::sysconf(libc::_SC_ARG_MAX) };
    let most = usize::try_from(most).unwrap_or(LEAST);
    let variables = std::env::vars_os();
    let bytes = variables.map(|(name, value)| name.len() + value.len() + 2 + size_of::<usize>());
    most.saturating_sub(bytes.sum::<usize>() + MARGIN)
        .max(LEAST)
}
