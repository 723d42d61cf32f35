//! Conditions of the system for a start, as options.

use std::ffi::OsString;

use super::pressure_gate::PressureOptions;
use crate::os::system_metrics::SystemMetrics;
use crate::policy::memory::MemorySize;

/// Conditions of the system for a start.
#[derive(Debug, Clone)]
pub(crate) struct ThrottleOptions {
    pub load: Option<LoadLimit>,
    /// A start waits while the system swaps in and out (`--noswap`).
    pub avoids_swapping: bool,
    /// Limits of `--pressure`.
    pub pressure: Option<PressureOptions>,
    /// Memory that has to be available (`--memfree`).
    pub memory: Option<MemorySize>,
    /// Memory below twice of which jobs are suspended (`--memsuspend`).
    pub suspend_below: Option<MemorySize>,
    /// Command that has to allow a start (`--limit`).
    pub command: Option<OsString>,
    /// One job runs whatever the load and the pressure are and however much the system swaps: on a
    /// machine that others keep busy, a run would never end. Not so with `--gnu`.
    pub always_runs_one: bool,
    pub metrics: SystemMetrics,
}

impl ThrottleOptions {
    /// Tells whether a job may be stopped and run again though it has not failed.
    pub(crate) fn may_evict(&self) -> bool {
        self.memory.is_some() || self.command.is_some()
    }

    /// Tells whether jobs that run have to do something when memory becomes short.
    pub(crate) fn relieves_memory(&self) -> bool {
        self.memory.is_some() || self.suspend_below.is_some()
    }
}

/// Limit of `--load`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct LoadLimit {
    /// Number of threads that the load has to be below.
    pub below: f64,
    pub rule: LoadRule,
}

/// Threads that count as load.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LoadRule {
    /// All threads of the system.
    System,
    /// `--gnu`: those that ps(1) shows. A container does not show what else runs on the
    /// machine.
    Visible,
}

impl LoadLimit {
    /// The load, if it can be measured.
    pub(super) fn measure(self, metrics: &SystemMetrics) -> Option<u64> {
        match self.rule {
            LoadRule::System => metrics.load(),
            LoadRule::Visible => metrics.visible_load(),
        }
    }
}
