//! What keeps a job from starting.

use crate::os::pressure::PressureResource;
use crate::policy::memory::MemorySize;

/// Numbers of jobs when one more is to start.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct RunningCounts {
    /// Jobs that were handed to slots.
    pub busy: usize,
    /// Jobs of `busy` that have not begun: no measurement shows them yet.
    pub unstarted: usize,
    /// Jobs of `busy` that are suspended for want of memory.
    pub suspended: usize,
}

/// Condition that keeps a job from starting.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum StartObstacle {
    /// The load, and the limit that it is not below.
    Load(u64, f64),
    Swapping,
    /// The percent of the time for which tasks wait for a resource, and the limit that they are
    /// not below.
    Pressure(PressureResource, f64, f64),
    /// No measurement shows yet what the last starts have done.
    Unmeasured,
    /// The option, the available memory, and the larger amount that is wanted.
    Memory(&'static str, MemorySize, MemorySize),
    /// The answer of the command of `--limit`.
    Command,
}

impl StartObstacle {
    /// Tells whether one job may run all the same.
    pub(super) fn allows_one(self) -> bool {
        !matches!(self, StartObstacle::Memory(..) | StartObstacle::Command)
    }

    /// The message of a run that cannot start a job.
    pub(super) fn describe(self) -> String {
        let why = match self {
            StartObstacle::Load(load, limit) => {
                format!("the load is {load}, --load wants it below {limit}")
            }
            StartObstacle::Swapping => "the system swaps in and out (--noswap)".to_owned(),
            StartObstacle::Pressure(resource, percent, limit) => {
                let name = resource.name();
                format!("the {name} pressure is {percent:.1}%, --pressure wants it below {limit}%")
            }
            StartObstacle::Unmeasured => {
                "the pressure of the last starts is not known yet".to_owned()
            }
            StartObstacle::Memory(option, available, wanted) => {
                format!("{available} of memory is available, {option} wants {wanted}")
            }
            StartObstacle::Command => "the command of --limit does not let any start".to_owned(),
        };
        format!("prun: waiting to start a job: {why}\n")
    }
}
