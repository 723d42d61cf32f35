//! Table of the running jobs, in memory that prun shares with its guard.
//!
//! The guard reads it after prun's end, which orders all of prun's stores before its loads.

use std::io;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicI32, AtomicU64, AtomicUsize, Ordering};

use rustix::process::Pid;

/// Most slots that are guarded: as many threads as even a kernel with raised limits allows.
/// Pages of the table that no slot uses take no memory.
const SLOTS: usize = 1 << 18;

/// Job that a slot runs.
#[derive(Debug)]
#[repr(C)]
pub(crate) struct GuardEntry {
    /// Number of the job; 0 for none.
    seq: AtomicU64,
    /// Process group of the job; 0 as long as it has none.
    group: AtomicI32,
}

impl GuardEntry {
    /// Notes that processes of job `seq` may exist from now on.
    pub(crate) fn begin(&self, seq: u64) {
        self.seq.store(seq, Ordering::Relaxed);
    }

    /// Notes the group of the job's processes.
    pub(crate) fn lead(&self, leader: Pid) {
        let group = leader.as_raw_nonzero().get();
        self.group.store(group, Ordering::Relaxed);
    }

    /// Notes that the group has lost its leader, and another process will lead a new one. Called
    /// before the leader is reaped.
    pub(crate) fn unlead(&self) {
        self.group.store(0, Ordering::Relaxed);
    }

    /// Notes that the job has ended: what it has left behind may stay. Called before its
    /// leader is reaped, whose number is then free for others.
    pub(crate) fn end(&self) {
        self.group.store(0, Ordering::Relaxed);
        self.seq.store(0, Ordering::Relaxed);
    }

    #[cfg(target_os = "linux")]
    pub(super) fn seq(&self) -> Option<u64> {
        Some(self.seq.load(Ordering::Relaxed)).filter(|&seq| seq != 0)
    }

    #[cfg(target_os = "linux")]
    pub(super) fn group(&self) -> Option<Pid> {
        Pid::from_raw(self.group.load(Ordering::Relaxed))
    }
}

#[derive(Debug)]
#[repr(C)]
struct SharedTable {
    /// Number of entries that were ever in use, of the first ones.
    used: AtomicUsize,
    entries: [GuardEntry; SLOTS],
}

/// The mapped table, which stays to the end of the process.
#[derive(Debug, Clone, Copy)]
pub(super) struct GuardTable(&'static SharedTable);

impl GuardTable {
    /// Maps an empty table, which children of a fork share.
    ///
    /// # Errors
    /// Memory or address space is short.
    pub(super) fn map() -> io::Result<GuardTable> {
        // SAFETY: a new mapping at a place that the kernel chooses touches no other memory.
        let address = unsafe {
            libc::mmap(
                std::ptr::null_mut(),
                size_of::<SharedTable>(),
                libc::PROT_READ | libc::PROT_WRITE,
                libc::MAP_SHARED | libc::MAP_ANON,
                -1,
                0,
            )
        };
        if address == libc::MAP_FAILED {
            return Err(io::Error::last_os_error());
        }
        let table =
            NonNull::new(address.cast::<SharedTable>()).ok_or(io::ErrorKind::OutOfMemory)?;
        // SAFETY: the mapping has this size, is aligned to a page, is never unmapped, and is
        // zeroed, which is a value of all these atomics; others change it by atomics only.
        Ok(GuardTable(unsafe { table.as_ref() }))
    }

    pub(super) fn entry(self, slot: usize) -> Option<&'static GuardEntry> {
        let entry = self.0.entries.get(slot)?;
        self.0.used.fetch_max(slot + 1, Ordering::Relaxed);
        Some(entry)
    }

    /// Entry number `number` from the end.
    pub(super) fn last_entry(self, number: usize) -> Option<&'static GuardEntry> {
        self.entry((SLOTS - 1).checked_sub(number)?)
    }

    /// Entries that may be in use.
    #[cfg(target_os = "linux")]
    pub(super) fn entries(self) -> &'static [GuardEntry] {
        let used = self.0.used.load(Ordering::Relaxed);
        self.0.entries.get(..used).unwrap_or_default()
    }
}
