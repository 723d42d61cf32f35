//! `--timeout`, `--timeout-total` and `--termseq`.

use std::fs;
use std::time::Duration;

use crate::support::{Test, cut_off, ends, failed, needed, records};

#[test]
fn a_job_that_takes_too_long_is_ended_with_all_its_processes() {
    let output = Test::new()
        .args(["--timeout", ".3", "--joblog", "log"])
        .args(["sleep 60 & sleep 60 & wait; : <>", ":::", "1"])
        .stderr(failed(
            "1 of 1",
            &["1: timed out after 0.3s: sleep 60 & sleep 60 & wait; : 1"],
        ))
        .status(1);
    assert_eq!(ends(&output.path("log")), ["1 -1 15"]);
}

#[test]
fn what_a_job_wrote_before_its_time_was_over_is_printed() {
    Test::new()
        .args(["--quiet", "--timeout", ".3", "-k"])
        .args(["echo out <>; echo err <> >&2; sleep 60", ":::", "1", "2"])
        .stdout("out 1\nout 2\n")
        .stderr("err 1\nerr 2\n")
        .status(2);
}

#[test]
fn a_grandchild_that_holds_the_pipe_goes_with_its_job() {
    Test::new()
        .args(["--quiet", "--timeout", ".3"])
        .args([
            "sh -c 'trap \"\" TERM; sleep 60; sleep 60' & echo <>; sleep 60",
            ":::",
            "1",
        ])
        .stdout("1\n")
        .status(1);
}

#[test]
fn a_process_that_left_the_group_does_not_keep_prun() {
    needed!("setsid");
    Test::new()
        .args(["--quiet", "--timeout", ".3"])
        .args(["setsid sleep 4 & echo <>; sleep 60", ":::", "1"])
        .stdout("1\n")
        .stderr_any()
        .limit(Duration::from_millis(3500))
        .status(1);
}

#[test]
fn jobs_that_end_in_time_are_left_alone() {
    let output = Test::new()
        .args(["--timeout", "60", "-k", "--joblog", "log"])
        .args(["echo <>; exit <>", ":::", "0", "3"])
        .stdout("0\n3\n")
        .stderr(failed("1 of 2", &["2: exit 3: echo 3; exit 3"]))
        .status(1);
    assert_eq!(ends(&output.path("log")), ["1 0 0", "2 3 0"]);
}

#[test]
fn other_jobs_run_after_one_that_took_too_long() {
    Test::new()
        .args(["--quiet", "--timeout", ".3", "-j1"])
        .args([":::", "sleep 60", "echo next"])
        .stdout("next\n")
        .status(1);
}

#[test]
fn a_job_that_ignores_the_first_signal_is_killed() {
    let output = Test::new()
        .args(["--timeout", ".2", "--joblog", "log"])
        .args(["trap '' TERM; sleep 60; sleep 60; : <>", ":::", "1"])
        .stderr_has("prun: 1 of 1 job failed\n  job 1: timed out after 0.2s: ")
        .status(1);
    assert_eq!(ends(&output.path("log")), ["1 -1 9"]);
}

#[test]
fn a_job_that_returns_0_when_its_time_is_over_has_failed() {
    let output = Test::new()
        .args(["--quiet", "--timeout", ".3", "--joblog", "log"])
        .args([
            "exec 2>/dev/null; trap 'echo tidied; exit 0' TERM; sleep 60; : <>",
            ":::",
            "1",
        ])
        .stdout("tidied\n")
        .status(1);
    assert_eq!(ends(&output.path("log")), ["1 -1 15"]);
}

#[test]
fn a_stopped_job_is_ended_too() {
    let output = Test::new()
        .args(["--quiet", "--timeout", ".3", "--joblog", "log"])
        .args(["kill -STOP $$; : <>", ":::", "1"])
        .status(1);
    assert_eq!(ends(&output.path("log")), ["1 -1 15"]);
}

#[test]
fn every_try_has_the_whole_time() {
    Test::new()
        .args(["--quiet", "--timeout", ".3", "--retries", "2"])
        .args(["echo <> >>tries; sleep 60", ":::", "1"])
        .check_file("tries", "1\n1\n")
        .status(1);
}

#[test]
fn the_time_of_a_job_that_waits_for_a_slot_has_not_begun() {
    Test::new()
        .args(["--timeout", "2", "-j1", "-k"])
        .args(["sleep .8; echo <>", ":::", "1", "2", "3", "4"])
        .stdout("1\n2\n3\n4\n")
        .success();
}

#[test]
fn the_signals_can_be_chosen() {
    let output = Test::new()
        .args([
            "--quiet",
            "--timeout",
            ".3",
            "--termseq",
            "INT,100,USR1,5000,KILL",
        ])
        .args(["--joblog", "log"])
        .arg(
            "exec 2>/dev/null; trap 'echo int' INT; trap 'echo usr1; exit' USR1; \
              while :; do sleep .01; done; : <>",
        )
        .args([":::", "1"])
        .stdout("int\nusr1\n")
        .status(1);
    assert_eq!(ends(&output.path("log")), ["1 -1 10"]);
}

#[test]
fn a_time_that_is_none_is_refused() {
    for (text, problem) in [
        ("soon", "'soon' is not a length of time"),
        ("5x", "'5x' is not a length of time"),
        ("", "'' is not a length of time"),
        ("-1", "'-1' is not a length of time"),
    ] {
        Test::new()
            .arg(format!("--timeout={text}"))
            .args(["echo", ":::", "1"])
            .stderr_has(problem)
            .status(255);
    }
}

#[test]
fn signals_that_are_none_are_refused() {
    for text in ["NOPE", "TERM,x", "TERM,100,", ""] {
        Test::new()
            .arg(format!("--termseq={text}"))
            .args(["echo", ":::", "1"])
            .stderr_has(format!(
                "'{text}' is not a list of signals and milliseconds"
            ))
            .stderr_has("hint: --termseq TERM,2000,KILL\n")
            .status(255);
    }
}

/// prun waits for the moment at which the limit is over, and for nothing coarser: a signal is as
/// late as the machine is busy, and never early.
#[test]
fn a_time_limit_is_waited_for_to_the_millisecond() {
    needed!("strace");
    let output = Test::new()
        .line(
            "strace -ff -qq -o trace -e trace=ppoll,kill prun --quiet --timeout .5 --joblog log sleep ::: 60
             cat $(grep -l ', SIGTERM) *= 0' trace.*) >slot",
        )
        .success();
    let trace = fs::read_to_string(output.path("slot")).expect("it was copied");
    let calls: Vec<&str> = trace.lines().collect();
    let kill = calls.iter().position(|call| call.contains(", SIGTERM)"));
    let waits: Vec<&&str> = calls[..kill.expect("it was found by this")]
        .iter()
        .filter(|call| call.contains("(Timeout)"))
        .collect();
    let [wait] = waits[..] else {
        panic!("one wait ends with the limit: {trace}");
    };
    let (_, nanoseconds) = wait
        .split_once("{tv_sec=0, tv_nsec=")
        .expect("less than 1 s");
    let (nanoseconds, _) = nanoseconds.split_once('}').expect("a number");
    let nanoseconds: u64 = nanoseconds.parse().expect("a number");
    assert!(nanoseconds <= 500_000_000, "{trace}");
    let runtime: f64 = records(&output.path("log"))[0][3]
        .trim()
        .parse()
        .expect("seconds");
    assert!(runtime >= 0.5, "{runtime} s");
}

/// The message of a run whose time of a second is over.
fn run_is_over(stopped: &str, rest: &str) -> String {
    format!("prun: the time of --timeout-total (1s) is over: {stopped} stopped, {rest}\n")
}

#[test]
fn a_run_that_takes_too_long_is_ended_and_can_be_resumed() {
    let job = "echo <>; [ -e again ] || exec sleep 60";
    let output = Test::new()
        .args(["-j2", "-k", "--timeout-total", "1", "--joblog", "log", job])
        .args([":::", "a", "b", "c"])
        .stdout("a\nb\n")
        .stderr(
            cut_off(1, "SIGTERM")
                + &cut_off(2, "SIGTERM")
                + &run_is_over("2 jobs", "1 not started"),
        )
        .status(124);
    assert_eq!(ends(&output.path("log")), ["1 -1 15", "2 -1 15"]);
    Test::new()
        .file(
            "log",
            std::fs::read(output.path("log")).expect("it is there"),
        )
        .file("again", "")
        .args([
            "-k",
            "--timeout-total",
            "1h",
            "--joblog",
            "log",
            "--resume",
            job,
        ])
        .args([":::", "a", "b", "c"])
        .stdout("a\nb\nc\n")
        .success();
}

#[test]
fn failures_and_retries_that_wait_are_told_when_the_run_is_over() {
    let output = Test::new()
        .args([
            "--timeout-total",
            "1",
            "--retries",
            "2",
            "--retry-delay",
            "1h",
        ])
        .args(["--joblog", "log", "exit", ":::", "0", "7"])
        .stderr(
            run_is_over("0 jobs", "none left to start") + &failed("1 of 2", &["2: exit 7: exit 7"]),
        )
        .status(124);
    assert_eq!(ends(&output.path("log")), ["1 0 0", "2 7 0"]);
}

#[test]
fn input_that_does_not_come_does_not_hold_the_run() {
    let child = Test::new()
        .stdin_open()
        .args(["--timeout-total", "1", "echo"])
        .start();
    child.wait_for_stderr(run_is_over("0 jobs", "the rest not started"));
    child
        .wait()
        .stderr(run_is_over("0 jobs", "the rest not started"))
        .status(124);
}

#[test]
fn a_run_that_ends_in_time_is_left_alone() {
    for time in ["1h", "0"] {
        Test::new()
            .args(["--timeout-total", time, "exit", ":::", "0", "0"])
            .success();
    }
}

#[test]
fn the_end_of_the_run_is_more_than_a_halt_that_lets_jobs_end() {
    Test::new()
        .args([
            "--quiet",
            "-j2",
            "--timeout-total",
            "1",
            "--termseq",
            "KILL",
        ])
        .args([
            "--halt",
            "soon,fail=1",
            "[ <> != 2 ] || exit 7; trap '' TERM; sleep 60",
        ])
        .args([":::", "1", "2", "3"])
        .stderr(run_is_over("1 job", "1 not started"))
        .status(7);
}

#[test]
fn gnu_mode_says_nothing_of_the_end_of_the_run() {
    Test::gnu()
        .args([
            "--timeout-total",
            "1",
            "echo {}; exec sleep {}",
            ":::",
            "60",
        ])
        .stdout("60\n")
        .status(124);
}
