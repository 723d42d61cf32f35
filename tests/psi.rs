//! `--pressure`: starts by the kernel's pressure-stall information.

use std::fs;

use crate::support::{PUT, Test, skip, system};

/// Text of a file of pressure: percent of the last ten seconds, and microseconds in all.
fn stall(average: u32, total: u32) -> String {
    format!(
        "some avg10={average}.00 avg60=0.00 avg300=0.00 total={total}\n\
         full avg10=0.00 avg60=0.00 avg300=0.00 total=0\n"
    )
}

#[test]
fn a_system_under_pressure_gets_no_more_jobs() {
    let job = format!(
        "{PUT} n=1; until [ <> = 2 -o -e stop ]; do n=$((n + 1))
         put root/proc/pressure/io \"some avg10=0.00 total=${{n}}00000000\"; sleep .05
         done; : >up.<>; probe await up.2"
    );
    let child = system(Test::new(), 0, 1024)
        .file("root/proc/pressure/io", stall(99, 1_000_000))
        .file("root/proc/pressure/cpu", stall(0, 0))
        .args(["-j2", "--pressure", "cpu=90,io=20.5", &job, ":::", "1", "2"])
        .start();
    let told = "prun: waiting to start a job: the io pressure is 100.0%, --pressure wants it below 20.5%\n";
    child.wait_for_stderr(told);
    assert!(!child.path("up.2").exists());
    fs::write(child.path("stop"), "").expect("the directory is ours");
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
    system(Test::new(), 0, 1024)
        .file("root/proc/pressure/memory", stall(99, 0))
        .args(["-j4", "-k", "--pressure", "memory=1%", job, ":::"])
        .args(["1", "2", "3"])
        .stdout("1\n2\n3\n")
        .success();
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
