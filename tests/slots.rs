//! `-j`, slots, `--delay` and `--rate`.

use std::collections::BTreeSet;
use std::thread::available_parallelism;
use std::time::{Duration, Instant};

use crate::support::{Test, interrupted, records};

/// Words for `count` values.
fn values(count: usize) -> Vec<String> {
    (1..=count).map(|n| n.to_string()).collect()
}

/// Asserts that so many jobs run at once: each waits for all the others.
#[track_caller]
fn meet(options: &[&str], count: usize) {
    Test::new()
        .file("procs", "3\n")
        .args(options)
        .arg(format!("probe meet . {count}; : <>"))
        .arg(":::")
        .args(values(count))
        .success();
}

#[test]
fn two_slots_run_two_jobs_at_once() {
    meet(&["-j2"], 2);
}

#[test]
fn every_form_of_a_number_of_jobs_is_understood() {
    let cpus = available_parallelism().expect("it is known").get();
    for (option, count) in [
        ("-j3", 3),
        ("-P3", 3),
        ("--jobs=3", 3),
        ("-j+2", cpus + 2),
        ("-j100%", cpus),
        ("-j200%", 2 * cpus),
        ("-jprocs", 3),
        ("-j0", 20),
    ] {
        meet(&[option], count);
    }
    meet(&["-j", "2"], 2);
    meet(&["-j1", "-j2"], 2);
    meet(&[], cpus);
}

#[test]
fn numbers_of_jobs_that_are_none_are_refused() {
    let cpus = available_parallelism().expect("it is known").get();
    let s = if cpus == 1 { "" } else { "s" };
    for (mode, text) in [("-k", "0%"), ("--gnu", "0%"), ("--gnu", "-100")] {
        Test::new()
            .args([mode, "-j", text, "echo", ":::", "1"])
            .stderr(format!(
                "prun: -j {text} leaves no job to run on {cpus} CPU{s}\n\
                 hint: -j1 runs one job at a time, -j0 as many as possible\n"
            ))
            .status(255);
    }
    for (text, why) in [
        ("nonsense", "'nonsense'"),
        ("1.5", "'1.5'"),
        ("empty", "'empty'"),
        ("99999999999999999999", "more jobs than a system can run"),
    ] {
        Test::new()
            .file("empty", "")
            .args(["-j", text, "echo", ":::", "1"])
            .stderr_has(why)
            .status(255);
    }
}

#[test]
fn one_job_runs_where_fewer_are_left() {
    let cpus = available_parallelism().expect("it is known").get();
    let s = if cpus == 1 { "" } else { "s" };
    let fewest = format!("-j-{cpus}");
    for (option, text) in [
        ("-j-100", "-100".to_owned()),
        ("-jprocs", "-100".to_owned()),
        (&*fewest, format!("-{cpus}")),
    ] {
        let output = Test::new()
            .file("procs", "-100\n")
            .args([option, "mkdir run && rmdir run; echo <>", ":::", "1", "2"])
            .stdout("1\n2\n")
            .stderr(format!(
                "prun: warning: -j {text} on {cpus} CPU{s}: running one job at a time\n"
            ))
            .success();
        assert!(!output.path("run").exists());
    }
}

#[test]
fn never_more_jobs_run_than_there_are_slots() {
    let output = Test::new()
        .args(["-j3", ": >run.<>; set -- run.*; echo $#; rm run.<>", ":::"])
        .args(values(40))
        .stdout_any()
        .success();
    let counts = String::from_utf8(output.stdout).expect("it is text");
    let counts: BTreeSet<&str> = counts.lines().collect();
    assert!(counts.is_subset(&["1", "2", "3"].into()), "{counts:?}");
}

#[test]
fn one_slot_runs_jobs_in_the_order_of_the_input() {
    Test::new()
        .args(["-j1", "echo <> >>order", ":::", "3", "1", "2"])
        .check_file("order", "3\n1\n2\n")
        .success();
}

#[test]
fn no_two_running_jobs_have_the_same_slot() {
    let output = Test::new()
        .args([
            "-j4",
            "mkdir slot.<%> && echo <%> $PRUN_SLOT && rmdir slot.<%>; : <>",
            ":::",
        ])
        .args(values(60))
        .stdout_any()
        .success();
    let slots = String::from_utf8(output.stdout).expect("it is text");
    let slots: BTreeSet<&str> = slots.lines().collect();
    assert!(
        slots.is_subset(&["1 1", "2 2", "3 3", "4 4"].into()),
        "{slots:?}"
    );
}

#[test]
fn jobs_that_run_at_once_have_the_lowest_slots() {
    Test::new()
        .args([
            "-j3",
            "probe meet . 3; echo <%>; : <>",
            ":::",
            "a",
            "b",
            "c",
        ])
        .stdout_lines_any_order(&["1", "2", "3"])
        .success();
}

#[test]
fn a_job_starts_as_soon_as_its_line_is_there() {
    let mut child = Test::new().args(["-j2", ": >got.<>"]).stdin_open().start();
    for value in ["1", "2", "3", "4", "5"] {
        child.feed(format!("{value}\n"));
        child.wait_for_file(format!("got.{value}"));
    }
    child.feed("last");
    child.close_stdin();
    child.check_file("got.last", "").success();
}

#[test]
fn a_job_is_printed_while_later_ones_are_waited_for() {
    let mut child = Test::new().args(["-j2", "-k", "echo"]).stdin_open().start();
    for value in ["1\n", "2\n", "3\n"] {
        child.feed(value);
        child.wait_for_stdout(value);
    }
    child.stdout("1\n2\n3\n").success();
}

#[test]
fn a_free_slot_does_not_wait_for_a_slow_one() {
    let job = "if [ <> = 1 ]; then probe await last; else echo <>; [ <> = 30 ] && : >last; fi; :";
    let output = Test::new()
        .args(["-j2", job, ":::"])
        .args(values(30))
        .stdout_any()
        .success();
    let expected: String = (2..=30).map(|n| format!("{n}\n")).collect();
    assert_eq!(String::from_utf8_lossy(&output.stdout), expected);
}

#[test]
fn starts_are_a_delay_apart() {
    const DELAY: Duration = Duration::from_millis(150);
    let start = Instant::now();
    let output = Test::new()
        .args(["-j4", "--delay", ".15", "--joblog", "log", "true", ":::"])
        .args(values(5))
        .success();
    // Before the first there is none.
    assert!(start.elapsed() >= 4 * DELAY);
    let mut records = records(&output.path("log"));
    records.sort_by_key(|record| record[0].parse::<u32>().expect("a number"));
    let starts: Vec<f64> = records
        .iter()
        .map(|record| record[2].parse().expect("seconds"))
        .collect();
    assert!(starts.is_sorted(), "{starts:?}");
}

#[test]
fn the_time_between_starts_does_not_keep_a_signal_waiting() {
    for options in [["-j1", "--delay", "60"], ["-j2", "--rate", "1/h"]] {
        let child = Test::new()
            .args(options)
            .args(["echo", ":::", "1", "2"])
            .start();
        child.wait_for_stdout("1\n");
        child.signal(crate::support::Signal::TERM);
        child
            .stdout("1\n")
            .stderr(interrupted("SIGTERM", 0, "1 not started"))
            .signaled(crate::support::Signal::TERM);
    }
}

/// Seconds from the first start to the last one of so many jobs.
#[track_caller]
fn starting_time(options: &[&str], jobs: usize) -> f64 {
    let output = Test::new()
        .args(options)
        .args(["--joblog", "log", "true", ":::"])
        .args(values(jobs))
        .success();
    let mut starts: Vec<f64> = (records(&output.path("log")).iter())
        .map(|record| record[2].parse().expect("seconds"))
        .collect();
    assert_eq!(starts.len(), jobs);
    starts.sort_by(f64::total_cmp);
    starts[jobs - 1] - starts[0]
}

#[test]
fn starts_keep_to_a_rate() {
    // A start may be 50 ms too late, and make up for it.
    for (rate, jobs, least) in [("10/s", 6, 0.4), ("100/s", 51, 0.4), ("20/1s", 11, 0.4)] {
        let time = starting_time(&["-j8", "--rate", rate], jobs);
        assert!(time >= least, "{rate}: {time}");
    }
    // The later one of both counts.
    let time = starting_time(&["-j8", "--rate", "10/s", "--delay", ".01"], 6);
    assert!(time >= 0.4, "{time}");
    let time = starting_time(&["-j8", "--rate", "1000/s", "--delay", ".1"], 6);
    assert!(time >= 0.45, "{time}");
}

#[test]
fn a_high_rate_lets_every_job_run() {
    Test::new()
        .args(["-k", "--rate", "1000/s", "echo", ":::"])
        .args(values(60))
        .stdout((1..=60).map(|n| format!("{n}\n")).collect::<String>())
        .success();
}

#[test]
fn retries_count_for_the_rate() {
    let start = Instant::now();
    Test::new()
        .args([
            "--quiet",
            "--rate",
            "10/s",
            "--retries",
            "5",
            "exit",
            ":::",
            "3",
        ])
        .status(1);
    assert!(start.elapsed() >= Duration::from_millis(350));
}

#[test]
fn a_rate_that_is_none_is_refused() {
    for rate in ["5", "0/s", "x/s", "1/0s"] {
        Test::new()
            .args(["--rate", rate, "touch", ":::", "ran"])
            .stderr(format!(
                "prun: '{rate}' is not a number of starts in a time\n\
                 hint: write N/s, N/min, N/h or N/TIME: --rate 10/s, --rate 3/10s\n"
            ))
            .status(255);
    }
}
