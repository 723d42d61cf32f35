//! Guard of the jobs: a process that waits for the end of prun. If prun was killed while
//! jobs were running, it kills their processes: a parent-death signal reaches only the
//! processes that prun itself has started, and neither what these have started nor what has
//! left their process groups.
//!
//! It shares a table with prun in which each slot notes the process group and the number of
//! the job that it runs, so that a job costs neither a system call nor an allocation. prun
//! holds the writing end of a pipe and never writes: the end of the file tells the guard that
//! prun has gone, however that came about.
//!
//! The guard is forked when a run has lasted for [`DELAY`], beside the start of the first
//! jobs, and is reaped when the last one has ended. A run that is over by then has none, since
//! a fork costs as much as a short job. It does not execute a program, which would cost more,
//! and does not share prun's memory, which would let the kernel kill both for want of it.
//!
//! There is no guard where the kernel does its work (prun is PID 1 of a process namespace, and
//! all others in there die with it), where the system denies it, and on other systems than
//! Linux.

mod table;

#[cfg(target_os = "linux")]
mod cgroups;
#[cfg(target_os = "linux")]
mod environ;
#[cfg(target_os = "linux")]
mod listing;
#[cfg(target_os = "linux")]
mod proc_stat;
#[cfg(target_os = "linux")]
mod process;

use std::ffi::CString;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

#[cfg(target_os = "linux")]
use process::{GuardProcess, GuardedJobs, Lifeline};
pub(crate) use table::GuardEntry;
use table::GuardTable;

/// Duration of a run after which [`start`] is called: one short job takes less, and a shell
/// needs longer to start anything.
pub(crate) const DELAY: Duration = Duration::from_millis(3);

/// Mapped once.
static TABLE: OnceLock<GuardTable> = OnceLock::new();

/// Directories with the control groups of jobs, that of version 2 first.
static CGROUPS: OnceLock<Vec<CString>> = OnceLock::new();

static STATE: Mutex<GuardState> = Mutex::new(GuardState::Unwanted);

#[derive(Debug)]
enum GuardState {
    Unwanted,
    #[cfg(target_os = "linux")]
    Due(Lifeline),
    #[cfg(target_os = "linux")]
    #[expect(dead_code, reason = "it is there to be dropped")]
    Running(GuardProcess),
}

/// A holder of the lock that panics leaves nothing half done.
fn state() -> MutexGuard<'static, GuardState> {
    STATE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Entry of slot number `slot`; `None` without a guard, and for slots beyond all that can be.
pub(crate) fn entry(slot: usize) -> Option<&'static GuardEntry> {
    TABLE.get()?.entry(slot)
}

/// Entry number `number`, from 0, of what runs beside the slots. These are at the end of the table.
pub(crate) fn entry_beside_slots(number: usize) -> Option<&'static GuardEntry> {
    TABLE.get()?.last_entry(number)
}

/// Tells the guard, before it is started, which directories have control groups of jobs. Those
/// in the first one can be killed.
pub(crate) fn cover<'a>(directories: impl Iterator<Item = &'a Path>) {
    let paths = directories.filter_map(|path| CString::new(path.as_os_str().as_bytes()).ok());
    let _ = CGROUPS.set(paths.collect());
}

/// Span of a run in which a guard may be started. Ends and reaps it when dropped, which has to
/// be when no job runs any more.
#[derive(Debug)]
pub(crate) struct GuardedRun(());

impl GuardedRun {
    /// Begins the span, before any slot is there.
    pub(crate) fn begin() -> GuardedRun {
        if cfg!(target_os = "linux")
            && std::process::id() != 1
            && let Ok(table) = GuardTable::map()
        {
            TABLE.get_or_init(|| table);
            #[cfg(target_os = "linux")]
            if let Ok(lifeline) = Lifeline::open() {
                *state() = GuardState::Due(lifeline);
            }
            if CGROUPS.get().is_some() {
                // A control group outlives prun from the first job on.
                start();
            }
        }
        GuardedRun(())
    }
}

impl Drop for GuardedRun {
    fn drop(&mut self) {
        *state() = GuardState::Unwanted;
    }
}

/// Starts the guard, if the run is not over. A run without one is as good as long as prun is
/// not killed: a system that denies it is not asked again.
pub(crate) fn start() {
    #[cfg(target_os = "linux")]
    {
        let mut state = state();
        if matches!(*state, GuardState::Due(_))
            && let Some(table) = TABLE.get()
            && let GuardState::Due(lifeline) = std::mem::replace(&mut *state, GuardState::Unwanted)
            && let Ok(process) = GuardProcess::fork(
                GuardedJobs {
                    table: *table,
                    cgroups: CGROUPS.get().map(Vec::as_slice).unwrap_or_default(),
                },
                lifeline,
            )
        {
            *state = GuardState::Running(process);
        }
    }
}
