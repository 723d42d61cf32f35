use super::*;
use std::fs;

use crate::os::system_metrics::SystemMetrics;

/// Files of `/proc` that tell a load and an amount of memory in KiB.
struct FakeSystem(tempfile::TempDir);

impl FakeSystem {
    fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir(root.path().join("proc")).unwrap();
        FakeSystem(root)
    }

    fn set(&self, load: u64, memory: u64) {
        let running = load + 1;
        let proc = self.0.path().join("proc");
        fs::write(proc.join("stat"), format!("procs_running {running}\n")).unwrap();
        fs::write(proc.join("meminfo"), format!("MemAvailable: {memory} kB\n")).unwrap();
    }

    fn throttle(&self, load: Option<f64>, memory: Option<u64>) -> Throttle {
        Throttle::new(Some(self.options(load, memory)))
    }

    fn options(&self, load: Option<f64>, memory: Option<u64>) -> ThrottleOptions {
        ThrottleOptions {
            load: load.map(|below| LoadLimit {
                below,
                rule: LoadRule::System,
            }),
            avoids_swapping: false,
            memory: memory.map(|kilobytes| MemorySize(kilobytes << 10)),
            suspend_below: None,
            command: None,
            always_runs_one: true,
            metrics: SystemMetrics::at(self.0.path()),
        }
    }
}

impl Throttle {
    /// Decides at `seconds` while `busy` jobs run, of which some are `unstarted`.
    fn decide_at(&mut self, seconds: u64, busy: usize, unstarted: usize) -> StartDecision {
        let counts = RunningCounts {
            busy,
            unstarted,
            suspended: 0,
        };
        self.decide(counts, second(seconds))
    }
}

impl Throttle {
    /// Tells whether a measurement is due and the youngest job has to end.
    fn is_scarce(&mut self, now: ClockReading) -> bool {
        self.relief(now).is_some_and(|relief| relief.evicts)
    }
}

const fn second(count: u64) -> ClockReading {
    ClockReading::from_secs(count)
}

#[test]
fn jobs_that_have_not_begun_count_as_load() {
    let system = FakeSystem::new();
    let mut throttle = system.throttle(Some(4.0), None);
    system.set(2, 0);
    assert_eq!(throttle.decide_at(0, 1, 1), StartDecision::Start);
    assert_eq!(throttle.decide_at(0, 2, 2), StartDecision::Wait);
    // It measures again a second later, or when a job has ended.
    assert_eq!(throttle.decide_at(0, 2, 0), StartDecision::Wait);
    assert_eq!(throttle.next_check(true, true), Some(second(1)));
    assert_eq!(throttle.next_check(false, true), None);
    assert_eq!(throttle.decide_at(1, 2, 0), StartDecision::Start);
    assert_eq!(throttle.decide_at(1, 3, 2), StartDecision::Wait);
    throttle.released();
    assert_eq!(throttle.decide_at(1, 2, 0), StartDecision::Start);
    assert_eq!(throttle.next_check(true, true), None);
}

#[test]
fn only_threads_that_are_shown_count_for_gnu() {
    let system = FakeSystem::new();
    let mut throttle = system.throttle(Some(1.0), None);
    let options = &mut throttle.conditions.as_mut().unwrap().options;
    options.load.as_mut().unwrap().rule = LoadRule::Visible;
    options.always_runs_one = false;
    system.set(9, 0);
    assert_eq!(throttle.decide_at(0, 0, 0), StartDecision::Start);
    let task = system.0.path().join("proc/12/task/12");
    fs::create_dir_all(&task).unwrap();
    fs::write(task.join("stat"), "12 (a) R 1 12 12 0 -1 4194304 0").unwrap();
    assert_eq!(throttle.decide_at(1, 0, 0), StartDecision::Wait);
}

#[test]
fn waiting_without_any_job_is_told_once() {
    let system = FakeSystem::new();
    let mut throttle = system.throttle(Some(1.5), Some(64));
    system.set(1, 32);
    let short = "prun: waiting to start a job: 32K of memory is available, --memfree wants 64K\n";
    assert_eq!(throttle.decide_at(0, 0, 0), StartDecision::Wait);
    assert_eq!(throttle.decide_at(2, 0, 0), StartDecision::Wait);
    assert_eq!(
        throttle.decide_at(3, 0, 0),
        StartDecision::WaitAndSay(short.to_owned())
    );
    assert_eq!(throttle.decide_at(9, 0, 0), StartDecision::Wait);
    system.set(1, 64);
    assert_eq!(throttle.decide_at(10, 0, 0), StartDecision::Start);

    let busy = StartObstacle::Load(9, 1.5).describe();
    let expected = "prun: waiting to start a job: the load is 9, --load wants it below 1.5\n";
    assert_eq!(busy, expected);
}

#[test]
fn one_job_runs_whatever_the_load_and_the_others_waiting_is_told() {
    let system = FakeSystem::new();
    let mut throttle = system.throttle(Some(1.5), None);
    system.set(9, 0);
    assert_eq!(throttle.decide_at(0, 0, 0), StartDecision::Start);
    assert_eq!(throttle.decide_at(0, 1, 0), StartDecision::Wait);
    assert_eq!(
        throttle.decide_at(3, 1, 0),
        StartDecision::WaitAndSay(StartObstacle::Load(9, 1.5).describe())
    );
    throttle.released();
    assert_eq!(throttle.decide_at(3, 0, 0), StartDecision::Start);
}

#[test]
fn below_half_of_the_memory_jobs_have_to_give_some_back() {
    let system = FakeSystem::new();
    let mut throttle = system.throttle(None, Some(64));
    system.set(0, 32);
    assert!(!throttle.is_scarce(second(0)));
    system.set(0, 31);
    assert!(!throttle.is_scarce(second(0)));
    assert_eq!(throttle.next_check(false, true), Some(second(1)));
    assert!(throttle.is_scarce(second(1)));
    assert!(!throttle.is_scarce(second(1)));
}

#[test]
fn what_cannot_be_measured_is_no_obstacle() {
    let mut throttle = FakeSystem::new().throttle(Some(0.01), Some(1 << 40));
    assert_eq!(throttle.decide_at(0, 0, 0), StartDecision::Start);
    assert!(!throttle.is_scarce(second(0)));
    let mut none = Throttle::new(None);
    assert_eq!(none.decide_at(0, 9, 9), StartDecision::Start);
    assert_eq!(none.next_check(true, true), None);
}

#[test]
fn jobs_are_suspended_by_the_memory_and_none_starts_to_be_suspended() {
    let system = FakeSystem::new();
    let mut throttle = system.throttle(None, None);
    let options = &mut throttle.conditions.as_mut().unwrap().options;
    options.suspend_below = Some(MemorySize(64 << 10));
    let relief = |running| {
        Some(MemoryRelief {
            evicts: false,
            running: Some(running),
        })
    };
    system.set(0, 100);
    assert_eq!(throttle.relief(second(0)), relief(3));
    assert_eq!(throttle.relief(second(0)), None);
    assert_eq!(throttle.next_check(false, true), Some(second(1)));
    throttle.released();
    assert_eq!(throttle.relief(second(0)), relief(3));
    let counts = |busy, suspended| RunningCounts {
        busy,
        unstarted: 0,
        suspended,
    };
    for (memory, busy, suspended, starts) in [
        (100, 2, 0, true),
        (100, 3, 0, false),
        (100, 2, 1, false),
        (128, 99, 0, true),
        (128, 99, 1, false),
        (64, 0, 0, true),
        (63, 0, 0, false),
    ] {
        system.set(0, memory);
        throttle.released();
        let decision = throttle.decide(counts(busy, suspended), second(1));
        assert_eq!(decision == StartDecision::Start, starts, "{memory} {busy}");
    }
    fs::remove_file(system.0.path().join("proc/meminfo")).unwrap();
    assert_eq!(throttle.relief(second(2)), relief(usize::MAX));
}

#[test]
fn one_job_at_a_time_starts_until_it_is_known_that_the_system_does_not_swap() {
    let system = FakeSystem::new();
    let swap = |count: u64| {
        let text = format!("pswpin {count}\npswpout {count}\n");
        fs::write(system.0.path().join("proc/vmstat"), text).unwrap();
    };
    swap(5);
    let mut options = system.options(None, None);
    options.avoids_swapping = true;
    let mut throttle = Throttle::new(Some(options.clone()));
    assert_eq!(throttle.decide_at(0, 0, 0), StartDecision::Start);
    assert_eq!(throttle.decide_at(0, 1, 0), StartDecision::Wait);
    assert_eq!(throttle.decide_at(1, 1, 0), StartDecision::Start);
    swap(6);
    assert_eq!(throttle.decide_at(2, 2, 0), StartDecision::Wait);
    assert_eq!(throttle.decide_at(3, 2, 0), StartDecision::Start);

    options.always_runs_one = false;
    let mut throttle = Throttle::new(Some(options));
    assert_eq!(throttle.decide_at(0, 0, 0), StartDecision::Wait);
    assert_eq!(throttle.decide_at(1, 0, 0), StartDecision::Start);
}
