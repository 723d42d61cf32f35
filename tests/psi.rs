//! `--pressure`: starts by the kernel's pressure-stall information.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crate::support::{Test, skip, system};

/// Text of a file of pressure: percent of the last ten seconds, and microseconds in all.
fn stall(average: u32, total: u64) -> String {
    format!(
        "some avg10={average}.00 avg60=0.00 avg300=0.00 total={total}\n\
         full avg10=0.00 avg60=0.00 avg300=0.00 total=0\n"
    )
}

/// Writer of a file of pressure that rises without an end, until it is dropped.
struct RisingPressure {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl RisingPressure {
    fn begin(file: PathBuf) -> RisingPressure {
        let stop = Arc::new(AtomicBool::new(false));
        let is_over = Arc::clone(&stop);
        let write = move || {
            let new = file.with_extension("new");
            for hundred_seconds in 2.. {
                if is_over.load(Ordering::SeqCst) {
                    break;
                }
                let text = stall(99, hundred_seconds * 100_000_000);
                fs::write(&new, text).expect("the directory is ours");
                fs::rename(&new, &file).expect("the directory is ours");
                thread::sleep(Duration::from_millis(20));
            }
        };
        RisingPressure {
            stop,
            thread: Some(thread::spawn(write)),
        }
    }
}

impl Drop for RisingPressure {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

#[test]
fn a_system_under_pressure_gets_no_more_jobs() {
    let child = system(Test::new(), 0, 1024)
        .file("root/proc/pressure/io", stall(99, 1_000_000))
        .file("root/proc/pressure/cpu", stall(0, 0))
        .args(["-j2", "--pressure", "cpu=90,io=20.5"])
        .args([": >up.<>; probe await up.2", ":::", "1", "2"])
        .start();
    let pressure = RisingPressure::begin(child.path("root/proc/pressure/io"));
    let told = "prun: waiting to start a job: the io pressure is 100.0%, --pressure wants it below 20.5%\n";
    child.wait_for_stderr(told);
    assert!(!child.path("up.2").exists());
    drop(pressure);
    child.stderr(told).success();
}

#[test]
fn the_pressure_of_the_own_control_group_counts_first() {
    // Two that meet, though the system is busy.
    let calm = system(Test::new(), 0, 1024)
        .file("root/proc/self/cgroup", "0::/jobs\n")
        .file("root/sys/fs/cgroup/jobs/cpu.pressure", stall(0, 0))
        .file("root/proc/pressure/cpu", stall(99, 0))
        .file("root/proc/pressure/memory", stall(0, 0));
    calm.args(["-j2", "--pressure", "cpu=10,mem=10"])
        .args(["probe meet . 2; : <>", ":::", "1", "2"])
        .check_file("root/sys/fs/cgroup/jobs/cpu.pressure", stall(0, 0))
        .check_file("root/proc/pressure/memory", stall(0, 0))
        .success();
}

#[test]
fn one_job_at_a_time_runs_under_pressure() {
    let job = "mkdir lock && echo <>; rmdir lock";
    let child = system(Test::new(), 0, 1024)
        .file("root/proc/pressure/memory", stall(99, 0))
        .args(["-j4", "-k", "--pressure", "memory=1%", job, ":::"])
        .args(["1", "2", "3"])
        .start();
    let _pressure = RisingPressure::begin(child.path("root/proc/pressure/memory"));
    child.stdout("1\n2\n3\n").success();
}

#[test]
fn a_system_that_tells_of_no_pressure_is_an_error() {
    let test = system(Test::new(), 0, 1024).file("root/proc/pressure/cpu", stall(0, 0));
    let file = test.path("root/proc/pressure/memory");
    test.args(["--pressure", "cpu=1,mem=1", "echo", ":::", "1"])
        .stderr(format!(
            "prun: --pressure cannot be used: cannot read '{}': No such file or directory\n\
             hint: --load 100% and --memfree 2G need no pressure-stall information\n",
            file.display()
        ))
        .status(255);
    for (value, message) in [
        ("cpu=0", "'cpu=0' is no limit of '--pressure'"),
        ("gpu=1", "'gpu=1' is no limit of '--pressure'"),
        ("cpu=1,cpu=2", "--pressure has two limits of cpu"),
    ] {
        Test::new()
            .args(["--pressure", value, "echo", ":::", "1"])
            .stderr(format!(
                "prun: {message}\n\
                 hint: --pressure cpu=15,mem=5,io=20 gives the percent of the time that tasks may wait\n"
            ))
            .status(255);
    }
}

#[test]
fn the_real_system_lets_jobs_run() {
    if fs::read("/proc/pressure/cpu").is_err() {
        skip!("the kernel does not tell of pressure");
    }
    Test::new()
        .args(["-j2", "-k", "--pressure", "cpu=100,mem=100,io=100", "echo"])
        .args([":::", "1", "2", "3"])
        .stdout("1\n2\n3\n")
        .success();
}
