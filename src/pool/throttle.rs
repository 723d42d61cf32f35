//! Conditions of the system for a start: `--load`, `--noswap`, `--pressure`, `--memfree`,
//! `--memsuspend`, `--limit`.
//!
//! The kernel sends no event when they change, but for the beginning of pressure. So prun
//! measures before each start, and then every second while a start is held back or jobs may have
//! to make room. Without these options it never does.

mod conditions;
mod obstacle;
mod options;
mod pressure_gate;

use std::ffi::OsString;
use std::time::Duration;

use self::conditions::StartConditions;
use self::obstacle::StartObstacle;
use super::limit_command::LimitAnswer;
use crate::os::clock::ClockReading;
use crate::os::pressure::PressureResource;
use crate::policy::memory::{self, MemorySize, MemoryState};

pub(crate) use self::obstacle::RunningCounts;
pub(crate) use self::options::{LoadLimit, LoadRule, ThrottleOptions};
pub(crate) use self::pressure_gate::{PressureLimit, PressureOptions};

/// Time between two measurements.
const INTERVAL: Duration = Duration::from_secs(1);

/// Time after which a run without running jobs tells why none may start.
const PATIENCE: Duration = Duration::from_secs(3);

/// State of the command of `--limit`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum LimitCommandState {
    Idle,
    Running,
    /// Its answer has not been used.
    Answered(LimitAnswer),
}

/// Decision about one more start.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum StartDecision {
    Start,
    /// Start only if this command allows it.
    Consult(OsString),
    Wait,
    /// Wait, and print this message.
    WaitAndSay(String),
}

/// Change to the running jobs that makes memory last.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct MemoryRelief {
    /// The youngest job has to end.
    pub evicts: bool,
    /// Jobs that may run while the others are suspended; `None` if none ever is.
    pub running: Option<usize>,
}

/// Conditions for a start, with the result of the last measurement.
#[derive(Debug)]
pub(crate) struct Throttle {
    conditions: Option<StartConditions>,
    /// The last measurement did not allow a start.
    holds: bool,
    /// Time of the next measurement for a start...
    next_check: ClockReading,
    /// ...and for memory that jobs have to give back.
    next_memory_check: ClockReading,
    /// Time since which no job runs, but for the one that may always run.
    idle_since: Option<ClockReading>,
    has_told: bool,
    command: LimitCommandState,
}

impl Throttle {
    /// Conditions that were not measured yet.
    pub(crate) fn new(options: Option<ThrottleOptions>) -> Self {
        Throttle {
            conditions: options.map(StartConditions::new),
            holds: false,
            next_check: ClockReading::ZERO,
            next_memory_check: ClockReading::ZERO,
            idle_since: None,
            has_told: false,
            command: LimitCommandState::Idle,
        }
    }

    /// Tells whether there are any conditions.
    pub(crate) fn is_active(&self) -> bool {
        self.conditions.is_some()
    }

    /// Decides whether one more job may start.
    pub(crate) fn decide(&mut self, counts: RunningCounts, now: ClockReading) -> StartDecision {
        let Some(conditions) = &mut self.conditions else {
            return StartDecision::Start;
        };
        let is_early = self.holds && now < self.next_check;
        if is_early || self.command == LimitCommandState::Running {
            return StartDecision::Wait;
        }
        let mut obstacle = conditions.obstacle(counts, now);
        if let (None, Some(command)) = (obstacle, &conditions.options.command) {
            match std::mem::replace(&mut self.command, LimitCommandState::Idle) {
                LimitCommandState::Answered(LimitAnswer::Start) => {}
                LimitCommandState::Answered(_) => obstacle = Some(StartObstacle::Command),
                LimitCommandState::Idle | LimitCommandState::Running => {
                    self.holds = false;
                    self.command = LimitCommandState::Running;
                    return StartDecision::Consult(command.clone());
                }
            }
        }
        self.holds = obstacle.is_some();
        self.next_check = now + INTERVAL;
        let Some(obstacle) = obstacle else {
            self.idle_since = None;
            return StartDecision::Start;
        };
        // The one job that is always let start is no reason to say nothing.
        let alone = usize::from(obstacle.allows_one());
        if counts.busy > alone {
            self.idle_since = None;
            return StartDecision::Wait;
        }
        let since = *self.idle_since.get_or_insert(now);
        if now - since < PATIENCE || std::mem::replace(&mut self.has_told, true) {
            return StartDecision::Wait;
        }
        StartDecision::WaitAndSay(obstacle.describe())
    }

    /// Limits of which the kernel may tell that they are reached.
    pub(crate) fn pressure_limits(&self) -> &[PressureLimit] {
        let pressure = (self.conditions.as_ref()).and_then(|it| it.options.pressure.as_ref());
        pressure.map_or(&[], |pressure| &pressure.limits)
    }

    /// Takes note that the kernel tells of pressure on these resources from now on.
    pub(crate) fn watches(&mut self, resources: &[PressureResource]) {
        if let Some(conditions) = &mut self.conditions {
            conditions.pressure.watched(resources);
        }
    }

    /// Takes note that the kernel tells of pressure.
    pub(crate) fn pressed(&mut self, resource: PressureResource, now: ClockReading) {
        if let Some(conditions) = &mut self.conditions {
            conditions.pressure.told(resource, now);
        }
    }

    /// Takes the answer of the command of `--limit`.
    pub(crate) fn answered(&mut self, answer: LimitAnswer) {
        self.command = LimitCommandState::Answered(answer);
    }

    /// Lets the next decisions measure anew: the end of a job may have changed the result.
    pub(crate) fn released(&mut self) {
        self.holds = false;
        // One that is suspended may be the oldest now.
        let options = self
            .conditions
            .as_ref()
            .map(|conditions| &conditions.options);
        if options.is_some_and(|options| options.suspend_below.is_some()) {
            self.next_memory_check = ClockReading::ZERO;
        }
    }

    /// Measures whether running jobs have to do something about memory, once in an interval.
    pub(crate) fn relief(&mut self, now: ClockReading) -> Option<MemoryRelief> {
        let options = self.relieving()?;
        if now < self.next_memory_check {
            return None;
        }
        // What cannot be measured holds no job up.
        let available =
            (options.metrics.available_memory()).map_or(MemorySize(u64::MAX), MemorySize);
        let relief = MemoryRelief {
            evicts: (options.memory)
                .is_some_and(|wanted| memory::judge(available, wanted) == MemoryState::Scarce),
            running: (options.suspend_below).map(|wanted| memory::running_jobs(available, wanted)),
        };
        self.next_memory_check = now + INTERVAL;
        Some(relief)
    }

    fn relieving(&self) -> Option<&ThrottleOptions> {
        let options = &self.conditions.as_ref()?.options;
        options.relieves_memory().then_some(options)
    }

    /// Time of the next measurement, if a job `waits` to start and if `several` run.
    pub(crate) fn next_check(&self, waits: bool, several: bool) -> Option<ClockReading> {
        let start = (waits && self.holds).then_some(self.next_check);
        let relieves = several && self.relieving().is_some();
        let memory = relieves.then_some(self.next_memory_check);
        start.into_iter().chain(memory).min()
    }
}

#[cfg(test)]
mod tests;
