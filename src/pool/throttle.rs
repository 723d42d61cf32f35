//! What a start waits for beside a free slot: `--load`, `--memfree`, `--limit`.
//!
//! The kernel does not tell of either by itself. So prun looks: before each start, and then
//! every second while a start is held back or jobs may have to give memory back. Without
//! these options it never looks.

use std::ffi::OsString;
use std::time::Duration;

use super::limit::Verdict;
use crate::os::clock::Moment;
use crate::os::gauges::Gauges;
use crate::policy::memory::{self, Memory, Size};

/// Between two looks.
const LOOK: Duration = Duration::from_secs(1);

/// When to say that nothing runs because nothing may start.
const PATIENCE: Duration = Duration::from_secs(3);

/// What the command line wants of the system.
#[derive(Debug, Clone)]
pub struct Conditions {
    /// The load that it has to be below.
    pub load: Option<LoadLimit>,
    /// The memory that has to be available.
    pub memory: Option<Size>,
    /// The command that has to agree.
    pub command: Option<OsString>,
    /// How they are measured.
    pub gauges: Gauges,
}

/// What the load has to be below, and which load that is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LoadLimit {
    /// The number of threads.
    pub below: f64,
    /// Which of them count, and for which jobs.
    pub rule: LoadRule,
}

/// Two meanings of `--load`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LoadRule {
    /// All threads of the system. A run goes on all the same, one job at a time: on a machine
    /// that others keep busy it would never end.
    System,
    /// Those that ps(1) shows, for every job (`--gnu`). A container does not show what else
    /// runs on the machine.
    Visible,
}

/// What keeps a job from starting.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Obstacle {
    /// This load, which is not below the limit.
    Load(u64, f64),
    /// So much available memory, which is less than wanted.
    Memory(Size, Size),
    /// The command does not agree.
    Command,
}

/// What is known of the command of `--limit`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Consulted {
    /// Nothing.
    Not,
    /// It runs.
    Runs,
    /// It has said this, which has not been used.
    Said(Verdict),
}

/// The jobs there are when one more is to start.
#[derive(Debug, Clone, Copy)]
pub struct Crowd {
    /// All that were handed out.
    pub busy: usize,
    /// Those of them that have not begun: no measure shows them yet.
    pub unstarted: usize,
}

/// Whether one more may start.
#[derive(Debug, PartialEq, Eq)]
pub enum Answer {
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
pub struct Throttle {
    conditions: Option<Conditions>,
    /// Whether it did not allow a start.
    holds: bool,
    next_look: Moment,
    /// When to look whether memory is scarce.
    next_watch: Moment,
    /// Since when nothing more than what always may runs because nothing may start.
    idle_since: Option<Moment>,
    told: bool,
    consulted: Consulted,
}

impl Throttle {
    /// Nothing was looked at yet.
    pub fn new(conditions: Option<Conditions>) -> Self {
        Throttle {
            conditions,
            holds: false,
            next_look: Moment::ZERO,
            next_watch: Moment::ZERO,
            idle_since: None,
            told: false,
            consulted: Consulted::Not,
        }
    }

    /// Whether one more job may start.
    pub fn ask(&mut self, crowd: Crowd, now: Moment) -> Answer {
        let Some(conditions) = &self.conditions else {
            return Answer::Start;
        };
        let is_early = self.holds && now < self.next_look;
        if is_early || self.consulted == Consulted::Runs {
            return Answer::Wait;
        }
        let mut obstacle = conditions.obstacle(crowd);
        if let (None, Some(command)) = (obstacle, &conditions.command) {
            match std::mem::replace(&mut self.consulted, Consulted::Not) {
                Consulted::Said(Verdict::Start) => {}
                Consulted::Said(_) => obstacle = Some(Obstacle::Command),
                Consulted::Not | Consulted::Runs => {
                    self.holds = false;
                    self.consulted = Consulted::Runs;
                    return Answer::Consult(command.clone());
                }
            }
        }
        self.holds = obstacle.is_some();
        self.next_look = now + LOOK;
        let Some(obstacle) = obstacle else {
            self.idle_since = None;
            return Answer::Start;
        };
        // The one job that is always let start despite the load is no reason to say nothing.
        let alone = usize::from(matches!(obstacle, Obstacle::Load(..)));
        if crowd.busy > alone {
            self.idle_since = None;
            return Answer::Wait;
        }
        let since = *self.idle_since.get_or_insert(now);
        if now - since < PATIENCE || std::mem::replace(&mut self.told, true) {
            return Answer::Wait;
        }
        Answer::WaitAndSay(obstacle.describe())
    }

    /// The command of `--limit` has said something.
    pub fn consulted(&mut self, verdict: Verdict) {
        self.consulted = Consulted::Said(verdict);
    }

    /// A job has ended: there may be more room than at the last look.
    pub fn released(&mut self) {
        self.holds = false;
    }

    /// Whether jobs have to give memory back. Looks only once in a while.
    pub fn is_memory_scarce(&mut self, now: Moment) -> bool {
        let Some((gauges, wanted)) = self.watched() else {
            return false;
        };
        if now < self.next_watch {
            return false;
        }
        let available = gauges.available_memory();
        let scarce = available
            .is_some_and(|available| memory::judge(Size(available), wanted) == Memory::Scarce);
        self.next_watch = now + LOOK;
        scarce
    }

    fn watched(&self) -> Option<(&Gauges, Size)> {
        let conditions = self.conditions.as_ref()?;
        conditions.memory.map(|wanted| (&conditions.gauges, wanted))
    }

    /// When to look again, if a job waits to start and if `several` run.
    pub fn next_look(&self, waits: bool, several: bool) -> Option<Moment> {
        let start = (waits && self.holds).then_some(self.next_look);
        let watch = (several && self.watched().is_some()).then_some(self.next_watch);
        start.into_iter().chain(watch).min()
    }
}

impl Conditions {
    /// What cannot be measured is no obstacle.
    fn obstacle(&self, crowd: Crowd) -> Option<Obstacle> {
        if let Some(limit) = self.load
            && let Some(load) = limit.measure(crowd, &self.gauges)
        {
            // Each of these will run at once.
            let load = load + crowd.unstarted as u64;
            if load as f64 >= limit.below {
                return Some(Obstacle::Load(load, limit.below));
            }
        }
        let wanted = self.memory?;
        let available = Size(self.gauges.available_memory()?);
        match memory::judge(available, wanted) {
            Memory::Enough => None,
            Memory::Short | Memory::Scarce => Some(Obstacle::Memory(available, wanted)),
        }
    }
}

impl LoadLimit {
    /// The load, if it counts for the next job and can be measured.
    fn measure(self, crowd: Crowd, gauges: &Gauges) -> Option<u64> {
        match self.rule {
            LoadRule::System if crowd.busy == 0 => None,
            LoadRule::System => gauges.load(),
            LoadRule::Visible => gauges.visible_load(),
        }
    }
}

impl Obstacle {
    fn describe(self) -> String {
        match self {
            Obstacle::Load(load, limit) => format!(
                "prun: waiting to start a job: the load is {load}, --load wants it below {limit}\n"
            ),
            Obstacle::Memory(available, wanted) => format!(
                "prun: waiting to start a job: {available} of memory is available, --memfree wants {wanted}\n"
            ),
            Obstacle::Command => {
                "prun: waiting to start a job: the command of --limit does not let any start\n"
                    .to_owned()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    /// The files of `/proc` with this load and so many KiB of memory.
    struct System(tempfile::TempDir);

    impl System {
        fn new() -> Self {
            let root = tempfile::tempdir().unwrap();
            fs::create_dir(root.path().join("proc")).unwrap();
            System(root)
        }

        fn is(&self, load: u64, memory: u64) {
            let running = load + 1;
            let proc = self.0.path().join("proc");
            fs::write(proc.join("stat"), format!("procs_running {running}\n")).unwrap();
            fs::write(proc.join("meminfo"), format!("MemAvailable: {memory} kB\n")).unwrap();
        }

        fn throttle(&self, load: Option<f64>, memory: Option<u64>) -> Throttle {
            Throttle::new(Some(Conditions {
                load: load.map(|below| LoadLimit {
                    below,
                    rule: LoadRule::System,
                }),
                memory: memory.map(|kilobytes| Size(kilobytes << 10)),
                command: None,
                gauges: Gauges::at(self.0.path()),
            }))
        }
    }

    fn crowd(busy: usize, unstarted: usize) -> Crowd {
        Crowd { busy, unstarted }
    }

    const fn second(count: u64) -> Moment {
        Moment::from_secs(count)
    }

    #[test]
    fn jobs_that_have_not_begun_count_as_load() {
        let system = System::new();
        let mut throttle = system.throttle(Some(4.0), None);
        system.is(2, 0);
        assert_eq!(throttle.ask(crowd(1, 1), second(0)), Answer::Start);
        assert_eq!(throttle.ask(crowd(2, 2), second(0)), Answer::Wait);
        // It looks again a second later, or when a job has ended.
        assert_eq!(throttle.ask(crowd(2, 0), second(0)), Answer::Wait);
        assert_eq!(throttle.next_look(true, true), Some(second(1)));
        assert_eq!(throttle.next_look(false, true), None);
        assert_eq!(throttle.ask(crowd(2, 0), second(1)), Answer::Start);
        assert_eq!(throttle.ask(crowd(3, 2), second(1)), Answer::Wait);
        throttle.released();
        assert_eq!(throttle.ask(crowd(2, 0), second(1)), Answer::Start);
        assert_eq!(throttle.next_look(true, true), None);
    }

    #[test]
    fn only_threads_that_are_shown_count_for_gnu() {
        let system = System::new();
        let mut throttle = system.throttle(Some(1.0), None);
        let load = throttle.conditions.as_mut().and_then(|c| c.load.as_mut());
        load.unwrap().rule = LoadRule::Visible;
        system.is(9, 0);
        assert_eq!(throttle.ask(crowd(0, 0), second(0)), Answer::Start);
        let task = system.0.path().join("proc/12/task/12");
        fs::create_dir_all(&task).unwrap();
        fs::write(task.join("stat"), "12 (a) R 1 12 12 0 -1 4194304 0").unwrap();
        assert_eq!(throttle.ask(crowd(0, 0), second(1)), Answer::Wait);
    }

    #[test]
    fn waiting_without_any_job_is_told_once() {
        let system = System::new();
        let mut throttle = system.throttle(Some(1.5), Some(64));
        system.is(1, 32);
        let short =
            "prun: waiting to start a job: 32K of memory is available, --memfree wants 64K\n";
        assert_eq!(throttle.ask(crowd(0, 0), second(0)), Answer::Wait);
        assert_eq!(throttle.ask(crowd(0, 0), second(2)), Answer::Wait);
        assert_eq!(
            throttle.ask(crowd(0, 0), second(3)),
            Answer::WaitAndSay(short.to_owned())
        );
        assert_eq!(throttle.ask(crowd(0, 0), second(9)), Answer::Wait);
        system.is(1, 64);
        assert_eq!(throttle.ask(crowd(0, 0), second(10)), Answer::Start);

        let busy = Obstacle::Load(9, 1.5).describe();
        let expected = "prun: waiting to start a job: the load is 9, --load wants it below 1.5\n";
        assert_eq!(busy, expected);
    }

    #[test]
    fn one_job_runs_whatever_the_load_and_the_others_waiting_is_told() {
        let system = System::new();
        let mut throttle = system.throttle(Some(1.5), None);
        system.is(9, 0);
        assert_eq!(throttle.ask(crowd(0, 0), second(0)), Answer::Start);
        assert_eq!(throttle.ask(crowd(1, 0), second(0)), Answer::Wait);
        assert_eq!(
            throttle.ask(crowd(1, 0), second(3)),
            Answer::WaitAndSay(Obstacle::Load(9, 1.5).describe())
        );
        throttle.released();
        assert_eq!(throttle.ask(crowd(0, 0), second(3)), Answer::Start);
    }

    #[test]
    fn below_half_of_the_memory_jobs_have_to_give_some_back() {
        let system = System::new();
        let mut throttle = system.throttle(None, Some(64));
        system.is(0, 32);
        assert!(!throttle.is_memory_scarce(second(0)));
        system.is(0, 31);
        assert!(!throttle.is_memory_scarce(second(0)));
        assert_eq!(throttle.next_look(false, true), Some(second(1)));
        assert!(throttle.is_memory_scarce(second(1)));
        assert!(!throttle.is_memory_scarce(second(1)));
    }

    #[test]
    fn what_cannot_be_measured_is_no_obstacle() {
        let mut throttle = System::new().throttle(Some(0.01), Some(1 << 40));
        assert_eq!(throttle.ask(crowd(0, 0), second(0)), Answer::Start);
        assert!(!throttle.is_memory_scarce(second(0)));
        let mut none = Throttle::new(None);
        assert_eq!(none.ask(crowd(9, 9), second(0)), Answer::Start);
        assert_eq!(none.next_look(true, true), None);
    }
}
