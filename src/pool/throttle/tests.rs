use super::*;
use std::fs;

/// The files of `/proc` with this load and so many KiB of memory.
struct ThrottleTestSystem(tempfile::TempDir);

impl ThrottleTestSystem {
    fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir(root.path().join("proc")).unwrap();
        ThrottleTestSystem(root)
    }

    fn is(&self, load: u64, memory: u64) {
        let running = load + 1;
        let proc = self.0.path().join("proc");
        fs::write(proc.join("stat"), format!("procs_running {running}\n")).unwrap();
        fs::write(proc.join("meminfo"), format!("MemAvailable: {memory} kB\n")).unwrap();
    }

    fn throttle(&self, load: Option<f64>, memory: Option<u64>) -> Throttle {
        Throttle::new(Some(ThrottleOptions {
            load: load.map(|below| LoadLimit {
                below,
                rule: LoadRule::System,
            }),
            memory: memory.map(|kilobytes| MemorySize(kilobytes << 10)),
            command: None,
            gauges: SystemMetrics::at(self.0.path()),
        }))
    }
}

fn running_counts(busy: usize, unstarted: usize) -> RunningCounts {
    RunningCounts { busy, unstarted }
}

const fn second(count: u64) -> ClockReading {
    ClockReading::from_secs(count)
}

#[test]
fn jobs_that_have_not_begun_count_as_load() {
    let system = ThrottleTestSystem::new();
    let mut throttle = system.throttle(Some(4.0), None);
    system.is(2, 0);
    assert_eq!(
        throttle.ask(running_counts(1, 1), second(0)),
        StartDecision::Start
    );
    assert_eq!(
        throttle.ask(running_counts(2, 2), second(0)),
        StartDecision::Wait
    );
    // It looks again a second later, or when a job has ended.
    assert_eq!(
        throttle.ask(running_counts(2, 0), second(0)),
        StartDecision::Wait
    );
    assert_eq!(throttle.next_look(true, true), Some(second(1)));
    assert_eq!(throttle.next_look(false, true), None);
    assert_eq!(
        throttle.ask(running_counts(2, 0), second(1)),
        StartDecision::Start
    );
    assert_eq!(
        throttle.ask(running_counts(3, 2), second(1)),
        StartDecision::Wait
    );
    throttle.released();
    assert_eq!(
        throttle.ask(running_counts(2, 0), second(1)),
        StartDecision::Start
    );
    assert_eq!(throttle.next_look(true, true), None);
}

#[test]
fn only_threads_that_are_shown_count_for_gnu() {
    let system = ThrottleTestSystem::new();
    let mut throttle = system.throttle(Some(1.0), None);
    let load = throttle.conditions.as_mut().and_then(|c| c.load.as_mut());
    load.unwrap().rule = LoadRule::Visible;
    system.is(9, 0);
    assert_eq!(
        throttle.ask(running_counts(0, 0), second(0)),
        StartDecision::Start
    );
    let task = system.0.path().join("proc/12/task/12");
    fs::create_dir_all(&task).unwrap();
    fs::write(task.join("stat"), "12 (a) R 1 12 12 0 -1 4194304 0").unwrap();
    assert_eq!(
        throttle.ask(running_counts(0, 0), second(1)),
        StartDecision::Wait
    );
}

#[test]
fn waiting_without_any_job_is_told_once() {
    let system = ThrottleTestSystem::new();
    let mut throttle = system.throttle(Some(1.5), Some(64));
    system.is(1, 32);
    let short = "prun: waiting to start a job: 32K of memory is available, --memfree wants 64K\n";
    assert_eq!(
        throttle.ask(running_counts(0, 0), second(0)),
        StartDecision::Wait
    );
    assert_eq!(
        throttle.ask(running_counts(0, 0), second(2)),
        StartDecision::Wait
    );
    assert_eq!(
        throttle.ask(running_counts(0, 0), second(3)),
        StartDecision::WaitAndSay(short.to_owned())
    );
    assert_eq!(
        throttle.ask(running_counts(0, 0), second(9)),
        StartDecision::Wait
    );
    system.is(1, 64);
    assert_eq!(
        throttle.ask(running_counts(0, 0), second(10)),
        StartDecision::Start
    );

    let busy = StartObstacle::Load(9, 1.5).describe();
    let expected = "prun: waiting to start a job: the load is 9, --load wants it below 1.5\n";
    assert_eq!(busy, expected);
}

#[test]
fn one_job_runs_whatever_the_load_and_the_others_waiting_is_told() {
    let system = ThrottleTestSystem::new();
    let mut throttle = system.throttle(Some(1.5), None);
    system.is(9, 0);
    assert_eq!(
        throttle.ask(running_counts(0, 0), second(0)),
        StartDecision::Start
    );
    assert_eq!(
        throttle.ask(running_counts(1, 0), second(0)),
        StartDecision::Wait
    );
    assert_eq!(
        throttle.ask(running_counts(1, 0), second(3)),
        StartDecision::WaitAndSay(StartObstacle::Load(9, 1.5).describe())
    );
    throttle.released();
    assert_eq!(
        throttle.ask(running_counts(0, 0), second(3)),
        StartDecision::Start
    );
}

#[test]
fn below_half_of_the_memory_jobs_have_to_give_some_back() {
    let system = ThrottleTestSystem::new();
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
    let mut throttle = ThrottleTestSystem::new().throttle(Some(0.01), Some(1 << 40));
    assert_eq!(
        throttle.ask(running_counts(0, 0), second(0)),
        StartDecision::Start
    );
    assert!(!throttle.is_memory_scarce(second(0)));
    let mut none = Throttle::new(None);
    assert_eq!(
        none.ask(running_counts(9, 9), second(0)),
        StartDecision::Start
    );
    assert_eq!(none.next_look(true, true), None);
}
