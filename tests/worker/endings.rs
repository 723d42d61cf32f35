//! The end of workers: with the run, and with a prun that is killed.

use std::thread::sleep;
use std::time::{Duration, Instant};

use rustix::process::kill_process;

use super::obeying;
use crate::support::{STARTS, Signal, Test, check_gone, lives, pid_in, wait_for_state};

#[test]
fn workers_end_with_their_input() {
    Test::new()
        .args([
            "--worker",
            "-j1",
            "cat; echo ended >>ends",
            ":::",
            "1",
            "2",
            "3",
        ])
        .stdout("1\n2\n3\n")
        .check_file("ends", "ended\n")
        .success();
}

#[test]
fn a_worker_that_lives_on_without_input_is_ended_by_signals() {
    Test::new()
        .args(["--worker", "--termseq", "USR1,50,KILL"])
        .args([
            "exec 2>/dev/null; trap 'echo asked >asked' USR1; cat; while :; do sleep 60; done",
            ":::",
            "1",
        ])
        .stdout("1\n")
        .check_file("asked", "asked\n")
        .success();
}

#[test]
fn the_status_of_a_worker_counts_for_nothing_at_its_end() {
    Test::new()
        .args(["--worker", "cat; exit 9", ":::", "1"])
        .stdout("1\n")
        .success();
}

#[test]
fn a_signal_ends_workers_that_are_slow_to_end() {
    let child = Test::new()
        .args([
            "--worker",
            "cat; >waits; trap '' TERM; probe linger",
            ":::",
            "1",
        ])
        .start();
    child.wait_for_file("waits");
    child.signal(Signal::INT);
    child.stdout("1\n").stderr_any().signaled(Signal::INT);
}

/// Kills prun when the worker's number is there, and checks that the worker dies.
#[track_caller]
fn check_death(start: &str, message: &str) {
    let worker = "echo $$ >pid.new; (echo; echo) >/dev/null; mv pid.new pid; exec probe obey";
    let mut child = Test::new()
        .env("PRUN_START", start)
        .args(["--worker", "-j1", worker])
        .stdin_open()
        .start();
    child.feed(message);
    child.wait_for_file("pid");
    if message.starts_with("say") {
        child.wait_for_stdout("a\n");
    }
    child.signal(Signal::KILL);
    let output = child.stdout_any().stderr_any().signaled(Signal::KILL);
    check_gone(output.path("pid"));
}

#[test]
fn workers_die_with_prun() {
    for start in STARTS {
        check_death(start, "linger\n");
        check_death(start, "say a\n");
    }
}

#[test]
fn the_processes_of_an_idle_worker_die_with_prun() {
    let worker = "setsid sh -c 'echo $$ >pid.new; mv pid.new pid; exec sleep 60' >/dev/null 2>&1 & \
        probe await pid; exec probe obey";
    let mut child = Test::new()
        .args(["--worker", "-j1", worker])
        .stdin_open()
        .start();
    child.feed("say a\n");
    child.wait_for_stdout("a\n");
    child.signal(Signal::KILL);
    let output = child.stdout_any().stderr_any().signaled(Signal::KILL);
    check_gone(output.path("pid"));
}

#[test]
fn a_worker_stops_and_goes_on_with_its_job() {
    let child = Test::new()
        .args([
            "--worker",
            "-j1",
            "echo $$ >pid.new; mv pid.new pid; exec probe obey",
        ])
        .args([":::", "await go"])
        .start();
    child.wait_for_file("pid");
    let worker = pid_in(child.path("pid"));
    wait_for_state(worker, "S");
    child.signal(Signal::TSTP);
    wait_for_state(child.pid(), "T");
    wait_for_state(worker, "T");
    kill_process(child.pid(), Signal::CONT).expect("it is stopped");
    wait_for_state(worker, "SR");
    std::fs::write(child.path("go"), "").expect("it is ours");
    child.stdout("found\n").success();
}

#[test]
fn a_slot_less_is_a_worker_less() {
    let worker = "echo $$ >pid.<%>; read x; probe meet . 2; echo $x; exec cat";
    let mut child = Test::new()
        .args(["--worker", "-j2", worker])
        .stdin_open()
        .start();
    child.feed("a\na\n");
    child.wait_for_stdout("a\na\n");
    let workers = [1, 2].map(|slot| pid_in(child.path(format!("pid.{slot}"))));
    child.signal(Signal::USR2);
    let patience = Instant::now() + Duration::from_secs(5);
    while workers.iter().all(|worker| lives(*worker)) {
        assert!(Instant::now() < patience, "both workers live on");
        sleep(Duration::from_millis(2));
    }
    child.feed("b\n");
    child.wait_for_stdout("b\n");
    assert!(workers.iter().any(|worker| lives(*worker)));
    child.close_stdin();
    child
        .stdout("a\na\nb\n")
        .stderr("prun: running up to 1 job at once\n")
        .success();
}

#[test]
fn workers_are_started_in_either_way() {
    for start in STARTS {
        obeying(&[], &["say a", "die 15", "say c"])
            .env("PRUN_START", start)
            .stdout("a\nc\n")
            .stderr_any()
            .status(1);
    }
}
