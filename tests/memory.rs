//! Jobs that run when memory becomes short: `--memsuspend`, `--memfree`.

use std::fs;
use std::time::Duration;

use rustix::process::{Pid, kill_process};

use crate::support::{
    Child, PUT, Signal, Test, failed, interrupted, pid_in, set_memory, state, system,
    wait_for_state,
};

/// Lets a job start when the one before it runs: the youngest is the last one.
const ONE_BY_ONE: &str =
    "echo x >>asked; n=$(wc -l <asked); [ $n = 1 ] || probe await up.$((n - 1))";

/// Tells the number of the job's shell, and that it runs.
const UP: &str = "echo $$ >pid.<>; : >up.<>;";

const SUSPENDED: &str = "prun: memory is short: job 2 is suspended until more is available\n";

/// Runs `job` for 1 and 2, then leaves less than `--memsuspend` asks for; with the second one
/// suspended.
#[track_caller]
fn suspend_second(options: &[&str], job: &str) -> (Child, Pid) {
    let child = patient()
        .args(["-j2", "--memsuspend", "256K", "--limit", ONE_BY_ONE])
        .args(options)
        .args([&format!("{UP} {job}"), ":::", "1", "2"])
        .start();
    child.wait_for_file("up.2");
    set_memory(&child, 100);
    let second = pid_in(child.path("pid.2"));
    wait_for_state(second, "T");
    child.wait_for_stderr(SUSPENDED);
    (child, second)
}

/// prun measures once a second, which makes these tests long.
fn patient() -> Test {
    system(Test::new().limit(Duration::from_secs(30)), 0, 1024)
}

fn touch(child: &Child, name: &str) {
    fs::write(child.path(name), "").expect("the directory is ours");
}

#[test]
fn the_less_memory_the_fewer_jobs_run_and_they_go_on_when_there_is_more() {
    let child = patient()
        .args(["-j3", "-k", "--memsuspend", "256K", "--limit", ONE_BY_ONE])
        .args([&format!("{UP} probe await go; echo <>"), ":::"])
        .args(["1", "2", "3"])
        .start();
    child.wait_for_file("up.3");
    let pid = |job: u32| pid_in(child.path(format!("pid.{job}")));
    set_memory(&child, 300);
    wait_for_state(pid(3), "T");
    assert_ne!(state(pid(2)), Some('T'));
    set_memory(&child, 100);
    wait_for_state(pid(2), "T");
    assert_ne!(state(pid(1)), Some('T'));
    set_memory(&child, 300);
    wait_for_state(pid(2), "SR");
    assert_eq!(state(pid(3)), Some('T'));
    set_memory(&child, 1024);
    wait_for_state(pid(3), "SR");
    touch(&child, "go");
    child
        .stdout("1\n2\n3\n")
        .stderr("prun: memory is short: job 3 is suspended until more is available\n")
        .success();
}

#[test]
fn a_suspended_job_goes_on_when_an_older_one_ends_and_none_starts_before() {
    let child = patient()
        .args(["-j2", "-k", "--memsuspend", "256K", "--limit", ONE_BY_ONE])
        .args([&format!("{UP} probe await go.<>; echo <>"), ":::"])
        .args(["1", "2", "3"])
        .start();
    child.wait_for_file("up.2");
    set_memory(&child, 100);
    let second = pid_in(child.path("pid.2"));
    wait_for_state(second, "T");
    touch(&child, "go.1");
    wait_for_state(second, "SR");
    assert!(!child.path("up.3").exists());
    touch(&child, "go.2");
    child.wait_for_stderr("100K of memory is available, --memsuspend wants 256K");
    assert!(!child.path("up.3").exists());
    set_memory(&child, 1024);
    touch(&child, "go.3");
    child
        .stdout("1\n2\n3\n")
        .stderr(format!(
            "{SUSPENDED}prun: waiting to start a job: 100K of memory is available, --memsuspend wants 256K\n"
        ))
        .success();
}

#[test]
fn a_suspended_job_is_ended_as_any_other() {
    // What it does at the signal needs that it goes on.
    let job = "trap ': >term; exit 9' TERM; [ <> = 2 ] || { probe await go; exit 1; }
         while :; do sleep .01; done";
    let (child, _) = suspend_second(&["--halt", "now,fail=1"], job);
    touch(&child, "go");
    child
        .stderr_has(SUSPENDED)
        .stderr_has(failed("1 of 2", &[]).lines().next().unwrap_or_default())
        .check_file("term", "")
        .status(1);
    let (child, _) = suspend_second(&[], job);
    child.signal(Signal::TERM);
    child
        .stderr_has(SUSPENDED)
        .stderr_has(interrupted("SIGTERM", 2, "none left to start"))
        .check_file("term", "")
        .signaled(Signal::TERM);
}

#[test]
fn a_suspended_job_dies_with_prun() {
    let (child, _) = suspend_second(&[], "exec sleep 60");
    child.signal(Signal::KILL);
    child.stderr(SUSPENDED).signaled(Signal::KILL);
}

#[test]
fn what_a_killed_job_leaves_suspended_goes_on() {
    let job = "[ <> = 1 ] || { sh -c 'echo $$ >child; probe await go; : >done' >/dev/null 2>&1 & }
         until [ <> = 1 -o -s child ]; do :; done; probe await go";
    let (child, second) = suspend_second(&[], job);
    let left = pid_in(child.path("child"));
    wait_for_state(left, "T");
    kill_process(second, Signal::KILL).expect("it is there");
    wait_for_state(left, "SR");
    touch(&child, "go");
    child.wait_for_file("done");
    child
        .stderr_has(SUSPENDED)
        .stderr_has("prun: 1 of 2 jobs failed\n  job 2: killed by SIGKILL: ")
        .status(1);
}

#[test]
fn a_suspended_job_stays_so_when_prun_was_stopped() {
    let (child, second) = suspend_second(&["--status-on", "USR1"], "probe await go; echo <>");
    child.signal(Signal::TSTP);
    wait_for_state(child.pid(), "T");
    child.signal(Signal::CONT);
    wait_for_state(pid_in(child.path("pid.1")), "SR");
    // Told when all is done that the signal asks for.
    child.signal(Signal::USR1);
    child.wait_for_stderr("prun: running job 1 for ");
    assert_eq!(state(second), Some('T'));
    set_memory(&child, 1024);
    touch(&child, "go");
    child
        .stdout_lines_any_order(&["1", "2"])
        .stderr_any()
        .success();
}

#[test]
fn a_suspended_job_goes_on_though_no_other_one_is_started() {
    let (child, second) = suspend_second(&["--halt", "soon,fail=1"], "probe await go.<>; exit <>");
    touch(&child, "go.1");
    wait_for_state(second, "SR");
    touch(&child, "go.2");
    child
        .stderr_has(SUSPENDED)
        .stderr_has("prun: 2 of 2 jobs failed\n")
        .status(1);
}

#[test]
fn a_job_that_gives_its_memory_back_twice_runs_alone_at_the_end() {
    let job = format!(
        "{PUT} echo <> >>ran; echo begin <>; n=<>; case $n in
         1) : >up.1; probe await go ;;
         2) if [ $(grep -c 2 ran) = 3 ]; then ! ls | grep lock; else
              trap 'put root/proc/meminfo \"MemAvailable: 1024 kB\"; exit' TERM
              put root/proc/meminfo 'MemAvailable: 100 kB'; while :; do sleep .01; done
            fi ;;
         *) mkdir lock.<>; : >go; rmdir lock.<> ;;
         esac"
    );
    let limit = "echo x >>asked; [ $(wc -l <asked) != 2 ] || probe await up.1";
    patient()
        .args(["-j2", "-k", "--memfree", "512K", "--limit", limit])
        .args([&job, ":::", "1", "2", "3", "4"])
        .stdout("begin 1\nbegin 2\nbegin 3\nbegin 4\n")
        .stderr(
            "prun: job 2 was stopped to make room and will run again\n\
             prun: job 2 was stopped again to make room and will run alone\n",
        )
        .check_file("ran", "1\n2\n2\n3\n4\n2\n")
        .success();
}

#[test]
fn a_suspension_that_makes_no_sense_is_refused() {
    patient()
        .args(["--memsuspend", "1G", "echo", ":::", "1"])
        .stderr(
            "prun: --memsuspend 1G would let no job start: there is 1M of memory in all\n\
             hint: --memsuspend 256K\n",
        )
        .status(255);
    Test::new()
        .args(["--pipe", "--tee", "--memsuspend", "1M", "wc", ":::", "1"])
        .stderr(
            "prun: --tee and --memsuspend cannot go together: a job that is suspended would hold up the others\n\
             hint: --memfree SIZE holds starts back, and suspends no job\n",
        )
        .status(255);
}
