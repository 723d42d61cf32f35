//! What a start waits for beside a free slot: `--load`, `--memfree`, `--limit`.
//!
//! The kernel does not tell of either by itself. So prun looks: before each start, and then
//! every second while a start is held back or jobs may have to give memory back. Without
//! these options it never looks.

use std::ffi::OsString;
use std::time::Duration;

use super::limit_command::LimitAnswer;
use crate::os::clock::ClockReading;
use crate::os::system_metrics::SystemMetrics;
use crate::policy::memory::{self, MemorySize, MemoryState};

/// Between two looks.
const LOOK: Duration = Duration::from_secs(1);

/// When to say that nothing runs because nothing may start.
const PATIENCE: Duration = Duration::from_secs(3);

/// What the command line wants of the system.
#[derive(Debug, Clone)]
pub(crate) struct ThrottleOptions {
    /// The load that it has to be below.
    pub load: Option<LoadLimit>,
    /// The memory that has to be available.
    pub memory: Option<MemorySize>,
    /// The command that has to agree.
    pub command: Option<OsString>,
    /// How they are measured.
    pub gauges: SystemMetrics,
}

/// What the load has to be below, and which load that is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct LoadLimit {
    /// The number of threads.
    pub below: f64,
    /// Which of them count, and for which jobs.
    pub rule: LoadRule,
}

/// Two meanings of `--load`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LoadRule {
    /// All threads of the system. A run goes on all the same, one job at a time: on a machine
    /// that others keep busy it would never end.
    System,
    /// Those that ps(1) shows, for every job (`--gnu`). A container does not show what else
    /// runs on the machine.
    Visible,
}

/// What keeps a job from starting.
#[derive(Debug, Clone, Copy, PartialEq)]
enum StartObstacle {
    /// This load, which is not below the limit.
    Load(u64, f64),
    /// So much available memory, which is less than wanted.
    Memory(MemorySize, MemorySize),
    /// The command does not agree.
    Command,
}

/// What is known of the command of `--limit`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum LimitCommandState {
    /// Nothing.
    Not,
    /// It runs.
    Runs,
    /// It has said this, which has not been used.
    Said(LimitAnswer),
}

/// The jobs there are when one more is to start.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RunningCounts {
    /// All that were handed out.
    pub busy: usize,
    /// Those of them that have not begun: no measure shows them yet.
    pub unstarted: usize,
}

/// Whether one more may start.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum StartDecision {
    /// It may.
    Start,
    /// The command has to be asked.
    Consult(OsString),
    /// Not now.
    Wait,
    /// Not now, and that has to be said.
    WaitAndSay(String),
}

/// What was seen at the last look.
#[derive(Debug)]
pub(crate) struct Throttle {
    conditions: Option<ThrottleOptions>,
    /// Whether it did not allow a start.
    holds: bool,
    next_look: ClockReading,
    /// When to look whether memory is scarce.
    next_watch: ClockReading,
    /// Since when nothing more than what always may runs because nothing may start.
    idle_since: Option<ClockReading>,
    told: bool,
    consulted: LimitCommandState,
}

impl Throttle {
    /// Nothing was looked at yet.
    pub(crate) fn new(conditions: Option<ThrottleOptions>) -> Self {
        Throttle {
            conditions,
            holds: false,
            next_look: ClockReading::ZERO,
            next_watch: ClockReading::ZERO,
            idle_since: None,
            told: false,
            consulted: LimitCommandState::Not,
        }
    }

    /// Whether one more job may start.
    pub(crate) fn ask(
        &mut self,
        running_counts: RunningCounts,
        now: ClockReading,
    ) -> StartDecision {
        let Some(conditions) = &self.conditions else {
            return StartDecision::Start;
        };
        let is_early = self.holds && now < self.next_look;
        if is_early || self.consulted == LimitCommandState::Runs {
            return StartDecision::Wait;
        }
        let mut start_obstacle = conditions.start_obstacle(running_counts);
        if let (None, Some(command)) = (start_obstacle, &conditions.command) {
            match std::mem::replace(&mut self.consulted, LimitCommandState::Not) {
                LimitCommandState::Said(LimitAnswer::Start) => {}
                LimitCommandState::Said(_) => start_obstacle = Some(StartObstacle::Command),
                LimitCommandState::Not | LimitCommandState::Runs => {
                    self.holds = false;
                    self.consulted = LimitCommandState::Runs;
                    return StartDecision::Consult(command.clone());
                }
            }
        }
        self.holds = start_obstacle.is_some();
        self.next_look = now + LOOK;
        let Some(start_obstacle) = start_obstacle else {
            self.idle_since = None;
            return StartDecision::Start;
        };
        // The one job that is always let start despite the load is no reason to say nothing.
        let alone = usize::from(matches!(start_obstacle, StartObstacle::Load(..)));
        if running_counts.busy > alone {
            self.idle_since = None;
            return StartDecision::Wait;
        }
        let since = *self.idle_since.get_or_insert(now);
        if now - since < PATIENCE || std::mem::replace(&mut self.told, true) {
            return StartDecision::Wait;
        }
        StartDecision::WaitAndSay(start_obstacle.describe())
    }

    /// The command of `--limit` has said something.
    pub(crate) fn consulted(&mut self, verdict: LimitAnswer) {
        self.consulted = LimitCommandState::Said(verdict);
    }

    /// A job has ended: there may be more room than at the last look.
    pub(crate) fn released(&mut self) {
        self.holds = false;
    }

    /// Whether jobs have to give memory back. Looks only once in a while.
    pub(crate) fn is_memory_scarce(&mut self, now: ClockReading) -> bool {
        let Some((gauges, wanted)) = self.watched() else {
            return false;
        };
        if now < self.next_watch {
            return false;
        }
        let available = gauges.available_memory();
        let scarce = available.is_some_and(|available| {
            memory::judge(MemorySize(available), wanted) == MemoryState::Scarce
        });
        self.next_watch = now + LOOK;
        scarce
    }

    fn watched(&self) -> Option<(&SystemMetrics, MemorySize)> {
        let conditions = self.conditions.as_ref()?;
        conditions.memory.map(|wanted| (&conditions.gauges, wanted))
    }

    /// When to look again, if a job waits to start and if `several` run.
    pub(crate) fn next_look(&self, waits: bool, several: bool) -> Option<ClockReading> {
        let start = (waits && self.holds).then_some(self.next_look);
        let watch = (several && self.watched().is_some()).then_some(self.next_watch);
        start.into_iter().chain(watch).min()
    }
}

impl ThrottleOptions {
    /// What cannot be measured is no obstacle.
    fn start_obstacle(&self, running_counts: RunningCounts) -> Option<StartObstacle> {
        if let Some(limit) = self.load
            && let Some(load) = limit.measure(running_counts, &self.gauges)
        {
            // Each of these will run at once.
            let load = load + running_counts.unstarted as u64;
            if load as f64 >= limit.below {
                return Some(StartObstacle::Load(load, limit.below));
            }
        }
        let wanted = self.memory?;
        let available = MemorySize(self.gauges.available_memory()?);
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
    fn measure(self, running_counts: RunningCounts, gauges: &SystemMetrics) -> Option<u64> {
        match self.rule {
            LoadRule::System if running_counts.busy == 0 => None,
            LoadRule::System => gauges.load(),
            LoadRule::Visible => gauges.visible_load(),
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
