//! Measurement of the conditions for a start.

use super::obstacle::{RunningCounts, StartObstacle};
use super::options::ThrottleOptions;
use super::pressure_gate::PressureGate;
use crate::os::clock::ClockReading;
use crate::policy::memory::{self, MemorySize, MemoryState};
use crate::policy::swap::SwapMeter;

/// Conditions for a start, with what was measured before.
#[derive(Debug)]
pub(super) struct StartConditions {
    pub options: ThrottleOptions,
    swap: SwapMeter,
    pub pressure: PressureGate,
}

impl StartConditions {
    /// Conditions at the beginning of a run.
    pub(super) fn new(options: ThrottleOptions) -> Self {
        let mut swap = SwapMeter::default();
        if options.avoids_swapping {
            swap.take(ClockReading::ZERO, options.metrics.swap_counts());
        }
        let pressure = PressureGate::new(options.pressure.clone());
        StartConditions {
            options,
            swap,
            pressure,
        }
    }

    /// The first condition that does not hold. One that cannot be measured does.
    pub(super) fn obstacle(
        &mut self,
        counts: RunningCounts,
        now: ClockReading,
    ) -> Option<StartObstacle> {
        let may_start_alone = counts.busy == 0 && self.options.always_runs_one;
        let busy = if may_start_alone {
            None
        } else {
            self.load(counts)
                .or_else(|| self.swapping(now))
                .or_else(|| self.pressure.obstacle(counts, now))
        };
        busy.or_else(|| self.memory(counts))
    }

    fn load(&self, counts: RunningCounts) -> Option<StartObstacle> {
        let limit = self.options.load?;
        // Each of these will run at once.
        let load = limit.measure(&self.options.metrics)? + counts.unstarted as u64;
        (load as f64 >= limit.below).then_some(StartObstacle::Load(load, limit.below))
    }

    fn swapping(&mut self, now: ClockReading) -> Option<StartObstacle> {
        if !self.options.avoids_swapping {
            return None;
        }
        if self.swap.is_due(now) {
            self.swap.take(now, self.options.metrics.swap_counts());
        }
        self.swap.is_swapping().then_some(StartObstacle::Swapping)
    }

    fn memory(&self, counts: RunningCounts) -> Option<StartObstacle> {
        if !self.options.relieves_memory() {
            return None;
        }
        let available = MemorySize(self.options.metrics.available_memory()?);
        if let Some(wanted) = self.options.memory
            && memory::judge(available, wanted) != MemoryState::Enough
        {
            return Some(StartObstacle::Memory("--memfree", available, wanted));
        }
        let wanted = self.options.suspend_below?;
        // None is started only to be suspended.
        let may_start = match counts.busy {
            0 => available >= wanted,
            busy => counts.suspended == 0 && busy < memory::running_jobs(available, wanted),
        };
        (!may_start).then_some(StartObstacle::Memory("--memsuspend", available, wanted))
    }
}
