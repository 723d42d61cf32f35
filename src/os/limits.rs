//! The limit on open descriptors: raised for prun when many jobs need it, given
//! back to the jobs.

use std::sync::atomic::{AtomicU64, Ordering};

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// The soft limit to give back to children, plus one; 0 if it was never raised.
static ORIGINAL: AtomicU64 = AtomicU64::new(0);

/// How many descriptors there may be.
pub fn descriptors() -> usize {
    let limit = getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX);
    usize::try_from(limit).unwrap_or(usize::MAX)
}

/// Makes room for `wanted` descriptors as far as the hard limit allows, and returns
/// how many there may be.
pub fn raise_descriptors(wanted: u64) -> u64 {
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
