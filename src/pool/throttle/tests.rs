use super::*;
use std::fs;

use crate::os::pressure::PressureResource;
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

    /// Sets the time, in milliseconds, for which tasks have waited for a CPU in all.
    fn set_stall(&self, total: u64) {
        let directory = self.0.path().join("proc/pressure");
        fs::create_dir_all(&directory).unwrap();
        let text = format!("some avg10=40.00 avg60=0.00 avg300=0.00 total={total}000\n");
        fs::write(directory.join("cpu"), text).unwrap();
    }

    /// Conditions that start jobs while the CPU pressure is below 15 %.
    fn pressure_options(&self) -> ThrottleOptions {
        let metrics = SystemMetrics::at(self.0.path());
        let limit = PressureLimit {
            resource: PressureResource::Cpu,
            below: 15.0,
            file: metrics.pressure_file(PressureResource::Cpu).unwrap(),
        };
        ThrottleOptions {
            pressure: Some(PressureOptions {
                limits: vec![limit],
                first_jobs: 2,
            }),
            ..self.options(None, None)
        }
    }

    fn options(&self, load: Option<f64>, memory: Option<u64>) -> ThrottleOptions {
        ThrottleOptions {
            load: load.map(|below| LoadLimit {
                below,
                rule: LoadRule::System,
            }),
            avoids_swapping: false,
            pressure: None,
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

fn waiting(why: &str) -> StartDecision {
    StartDecision::WaitAndSay(format!("prun: waiting to start a job: {why}\n"))
}

#[test]
fn pressure_is_measured_each_second_and_one_job_runs_whatever_it_is() {
    let system = FakeSystem::new();
    system.set_stall(0);
    let mut throttle = Throttle::new(Some(system.pressure_options()));
    assert_eq!(throttle.decide_at(0, 0, 0), StartDecision::Start);
    // The average counts at first.
    assert_eq!(throttle.decide_at(0, 1, 0), StartDecision::Wait);
    system.set_stall(100);
    assert_eq!(throttle.decide_at(1, 1, 0), StartDecision::Start);
    system.set_stall(250);
    assert_eq!(throttle.decide_at(1, 1, 0), StartDecision::Start);
    assert_eq!(throttle.decide_at(2, 1, 0), StartDecision::Wait);
    throttle.released();
    assert_eq!(throttle.decide_at(2, 0, 0), StartDecision::Start);
    for (second, total) in [(3, 500), (4, 750), (5, 1000)] {
        system.set_stall(total);
        assert_eq!(throttle.decide_at(second, 1, 0), StartDecision::Wait);
    }
    system.set_stall(1250);
    let why = "the cpu pressure is 25.0%, --pressure wants it below 15%";
    assert_eq!(throttle.decide_at(6, 1, 0), waiting(why));
    fs::remove_file(system.0.path().join("proc/pressure/cpu")).unwrap();
    assert_eq!(throttle.decide_at(7, 1, 0), StartDecision::Start);
}

#[test]
fn jobs_can_double_in_a_second_until_there_is_pressure() {
    let system = FakeSystem::new();
    system.set_stall(0);
    let mut throttle = Throttle::new(Some(system.pressure_options()));
    throttle.decide_at(0, 1, 0);
    for (second, busy) in [(1, 2), (2, 4), (3, 8), (4, 16)] {
        for running in busy / 2..busy {
            let decision = throttle.decide_at(second, running, 0);
            assert_eq!(decision, StartDecision::Start, "{running}");
        }
        assert_eq!(throttle.decide_at(second, busy, 0), StartDecision::Wait);
    }
    // Jobs that take the place of others need no measurement.
    throttle.released();
    assert_eq!(throttle.decide_at(4, 15, 0), StartDecision::Start);
}

#[test]
fn the_kernel_may_tell_of_pressure_between_two_measurements() {
    let system = FakeSystem::new();
    system.set_stall(0);
    let mut throttle = Throttle::new(Some(system.pressure_options()));
    throttle.watches(&[PressureResource::Cpu]);
    throttle.decide_at(0, 1, 0);
    assert_eq!(throttle.decide_at(1, 1, 0), StartDecision::Start);
    // Long after the last one: it would have told.
    assert_eq!(throttle.decide_at(60, 1, 0), StartDecision::Start);
    system.set_stall(200);
    throttle.pressed(PressureResource::Cpu, ClockReading::from_millis(60_400));
    throttle.pressed(PressureResource::Io, ClockReading::from_millis(60_400));
    let counts = RunningCounts {
        busy: 1,
        ..RunningCounts::default()
    };
    for (time, starts) in [(60_500, false), (61_300, false), (61_400, true)] {
        throttle.released();
        let decision = throttle.decide(counts, ClockReading::from_millis(time));
        assert_eq!(decision == StartDecision::Start, starts, "{time}");
    }
}

#[test]
fn load_memory_and_pressure_all_have_to_allow_a_start() {
    let system = FakeSystem::new();
    system.set_stall(0);
    let mut options = system.pressure_options();
    options.memory = Some(MemorySize(64 << 10));
    options.load = Some(LoadLimit {
        below: 2.0,
        rule: LoadRule::System,
    });
    let mut throttle = Throttle::new(Some(options));
    system.set(0, 64);
    throttle.decide_at(0, 1, 0);
    let mut total = 0;
    for (second, load, memory, stall, starts) in [
        (1, 1, 64, 0, true),
        (2, 2, 64, 0, false),
        (3, 1, 63, 0, false),
        (4, 1, 64, 150, false),
        (5, 1, 64, 149, true),
    ] {
        system.set(load, memory);
        total += stall;
        system.set_stall(total);
        let decision = throttle.decide_at(second, 1, 0);
        assert_eq!(decision == StartDecision::Start, starts, "{second}");
    }
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
