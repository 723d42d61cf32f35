//! Conditions of the system for a start: `--load`, `--memfree`, `--limit`.
//!
//! The kernel sends no event when they change. So prun measures before each start, and then
//! every second while a start is held back or jobs may have to give memory back. Without
//! these options it never does.

use std::ffi::OsString;
use std::time::Duration;

use super::limit_command::LimitAnswer;
use crate::os::clock::ClockReading;
use crate::os::system_metrics::SystemMetrics;
use crate::policy::memory::{self, MemorySize, MemoryState};

/// Time between two measurements.
const INTERVAL: Duration = Duration::from_secs(1);

/// Time after which a run without running jobs tells why none may start.
const PATIENCE: Duration = Duration::from_secs(3);

/// Conditions of the system for a start.
#[derive(Debug, Clone)]
pub(crate) struct ThrottleOptions {
    pub load: Option<LoadLimit>,
    /// Memory that has to be available (`--memfree`).
    pub memory: Option<MemorySize>,
    /// Command that has to allow a start (`--limit`).
    pub command: Option<OsString>,
    pub metrics: SystemMetrics,
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
    /// All threads of the system. A run goes on all the same, one job at a time: on a machine
    /// that others keep busy it would never end.
    System,
    /// `--gnu`: those that ps(1) shows, for every job. A container does not show what else
    /// runs on the machine.
    Visible,
}

/// Condition that keeps a job from starting.
#[derive(Debug, Clone, Copy, PartialEq)]
enum StartObstacle {
    /// The load, and the limit that it is not below.
    Load(u64, f64),
    /// The available memory, and the larger amount that is wanted.
    Memory(MemorySize, MemorySize),
    /// The answer of the command of `--limit`.
    Command,
}

/// State of the command of `--limit`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum LimitCommandState {
    Idle,
    Running,
    /// Its answer has not been used.
    Answered(LimitAnswer),
}

/// Numbers of jobs when one more is to start.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RunningCounts {
    /// Jobs that were handed to slots.
    pub busy: usize,
    /// Jobs of `busy` that have not begun: no measurement shows them yet.
    pub unstarted: usize,
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

/// Conditions for a start, with the result of the last measurement.
#[derive(Debug)]
pub(crate) struct Throttle {
    options: Option<ThrottleOptions>,
    /// The last measurement did not allow a start.
    holds: bool,
    /// Time of the next measurement for a start...
    next_check: ClockReading,
    /// ...and for memory that jobs have to give back.
    next_memory_check: ClockReading,
    /// Time since which no job runs, but for the one that the load always allows.
    idle_since: Option<ClockReading>,
    has_told: bool,
    command: LimitCommandState,
}

impl Throttle {
    /// Conditions that were not measured yet.
    pub(crate) fn new(options: Option<ThrottleOptions>) -> Self {
        Throttle {
            options,
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
        self.options.is_some()
    }

    /// Decides whether one more job may start.
    pub(crate) fn decide(&mut self, counts: RunningCounts, now: ClockReading) -> StartDecision {
        let Some(options) = &self.options else {
            return StartDecision::Start;
        };
        let is_early = self.holds && now < self.next_check;
        if is_early || self.command == LimitCommandState::Running {
            return StartDecision::Wait;
        }
        let mut obstacle = options.obstacle(counts);
        if let (None, Some(command)) = (obstacle, &options.command) {
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
        // The one job that is always let start despite the load is no reason to say nothing.
        let alone = usize::from(matches!(obstacle, StartObstacle::Load(..)));
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

    /// Takes the answer of the command of `--limit`.
    pub(crate) fn answered(&mut self, answer: LimitAnswer) {
        self.command = LimitCommandState::Answered(answer);
    }

    /// Lets the next decision measure anew: the end of a job may have changed the result.
    pub(crate) fn released(&mut self) {
        self.holds = false;
    }

    /// Tells whether jobs have to give memory back. Measures once in an interval.
    pub(crate) fn is_memory_scarce(&mut self, now: ClockReading) -> bool {
        let Some((metrics, wanted)) = self.wanted_memory() else {
            return false;
        };
        if now < self.next_memory_check {
            return false;
        }
        let available = metrics.available_memory();
        let is_scarce = available.is_some_and(|available| {
            memory::judge(MemorySize(available), wanted) == MemoryState::Scarce
        });
        self.next_memory_check = now + INTERVAL;
        is_scarce
    }

    fn wanted_memory(&self) -> Option<(&SystemMetrics, MemorySize)> {
        let options = self.options.as_ref()?;
        options.memory.map(|wanted| (&options.metrics, wanted))
    }

    /// Time of the next measurement, if a job `waits` to start and if `several` run.
    pub(crate) fn next_check(&self, waits: bool, several: bool) -> Option<ClockReading> {
        let start = (waits && self.holds).then_some(self.next_check);
        let gives_back = several && self.wanted_memory().is_some();
        let memory = gives_back.then_some(self.next_memory_check);
        start.into_iter().chain(memory).min()
    }
}

impl ThrottleOptions {
    /// The first condition that does not hold. One that cannot be measured does.
    fn obstacle(&self, counts: RunningCounts) -> Option<StartObstacle> {
        if let Some(limit) = self.load
            && let Some(load) = limit.measure(counts, &self.metrics)
        {
            // Each of these will run at once.
            let load = load + counts.unstarted as u64;
            if load as f64 >= limit.below {
                return Some(StartObstacle::Load(load, limit.below));
            }
        }
        let wanted = self.memory?;
        let available = MemorySize(self.metrics.available_memory()?);
        match memory::judge(available, wanted) {
            MemoryState::Enough => None,
            MemoryState::Short | MemoryState::Scarce => {
                Some(StartObstacle::Memory(available, wanted))
            }
        }
    }
}

impl LoadLimit {
    /// The load, if it counts for the next job and can be measured.
    fn measure(self, counts: RunningCounts, metrics: &SystemMetrics) -> Option<u64> {
        match self.rule {
            LoadRule::System if counts.busy == 0 => None,
            LoadRule::System => metrics.load(),
            LoadRule::Visible => metrics.visible_load(),
        }
    }
}

impl StartObstacle {
    fn describe(self) -> String {
        match self {
            StartObstacle::Load(load, limit) => format!(
                "prun: waiting to start a job: the load is {load}, --load wants it below {limit}\n"
            ),
            StartObstacle::Memory(available, wanted) => format!(
                "prun: waiting to start a job: {available} of memory is available, --memfree wants {wanted}\n"
            ),
            StartObstacle::Command => {
                "prun: waiting to start a job: the command of --limit does not let any start\n"
                    .to_owned()
            }
        }
    }
}

#[cfg(test)]
mod tests;
