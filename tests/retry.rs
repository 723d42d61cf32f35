//! `--retries`, `--retry-on`, `--retry-delay`.

use crate::support::{Signal, Test, ends, failed, interrupted, not_found};

/// Fails until it has been tried as often as the value says, counting in `tries.VALUE`.
const UNTIL: &str = "echo x >>tries.<>; n=$(wc -l <tries.<>); echo try $n; [ $n -ge <> ]";

#[test]
fn the_number_is_that_of_all_tries() {
    let output = Test::new()
        .args(["--retries", "3", "--joblog", "log"])
        .args(["echo x >>tries; exit <>", ":::", "7"])
        .stderr(failed(
            "1 of 1",
            &["1: exit 7 after 3 tries: echo x >>tries; exit 7"],
        ))
        .check_file("tries", "x\nx\nx\n")
        .status(1);
    assert_eq!(ends(&output.path("log")), ["1 7 0"]);
}

#[test]
fn a_job_that_succeeds_in_the_end_has_succeeded() {
    let output = Test::new()
        .args(["--retries", "5", "--joblog", "log", UNTIL, ":::", "3"])
        .stdout("try 3\n")
        .check_file("tries.3", "x\nx\nx\n")
        .success();
    assert_eq!(ends(&output.path("log")), ["1 0 0"]);
}

#[test]
fn only_the_last_try_is_printed() {
    Test::new()
        .args(["--quiet", "--retries", "2"])
        .args([
            "echo x >>tries; wc -l <tries; wc -l <tries >&2; exit <>",
            ":::",
            "1",
        ])
        .stdout("2\n")
        .stderr("2\n")
        .status(1);
}

#[test]
fn a_success_is_not_tried_again() {
    Test::new()
        .args(["--retries", "3", "echo <> >>tries", ":::", "1"])
        .check_file("tries", "1\n")
        .success();
}

#[test]
fn zero_is_without_end() {
    Test::new()
        .args(["--retries", "0", UNTIL, ":::", "12"])
        .stdout("try 12\n")
        .success();
}

#[test]
fn order_is_kept_over_retries() {
    Test::new()
        .args(["-k", "-j3", "--retries", "4", UNTIL, ":::", "4", "1", "2"])
        .stdout("try 4\ntry 1\ntry 2\n")
        .success();
}

#[test]
fn a_later_job_does_not_wait_for_the_retries_of_an_earlier_one() {
    let job = "if [ <> = 2 ]; then : >other; else probe await other && exit 5; fi";
    Test::new()
        .args([
            "--quiet",
            "-k",
            "-j2",
            "--retries",
            "3",
            job,
            ":::",
            "1",
            "2",
        ])
        .status(1);
}

#[test]
fn a_retried_job_keeps_its_number() {
    Test::new()
        .args(["--quiet", "-j1", "--retries", "2"])
        .args(["echo $PRUN_SEQ <#> >>seen; exit <>", ":::", "1", "0"])
        .check_file("seen", "1 1\n1 1\n2 2\n")
        .status(1);
}

#[test]
fn killed_jobs_are_tried_again() {
    let output = Test::new()
        .args(["--quiet", "--retries", "2", "--joblog", "log"])
        .args(["echo x >>tries; kill -<> $$", ":::", "9"])
        .check_file("tries", "x\nx\n")
        .status(1);
    assert_eq!(ends(&output.path("log")), ["1 0 9"]);
}

#[test]
fn each_failing_job_has_its_own_tries() {
    Test::new()
        .args(["--quiet", "-j1", "--retries", "2"])
        .args(["echo <> >>tries; exit 1", ":::", "a", "b"])
        .check_file("tries", "a\na\nb\nb\n")
        .status(2);
}

#[test]
fn only_the_last_failure_counts_for_a_halt() {
    Test::new()
        .args(["--quiet", "-j1", "--retries", "3", "--halt", "now,fail=1"])
        .args([UNTIL, ":::", "3", "9", "1"])
        .stdout("try 3\ntry 3\n")
        .check_file("tries.9", "x\nx\nx\n")
        .status(1);
}

#[test]
fn nothing_is_tried_again_after_a_signal() {
    let child = Test::new()
        .args(["-j1", "--retries", "0", "--joblog", "log"])
        .args(["echo x >>tries; : >up; sleep 60; : <>", ":::", "1", "2"])
        .start();
    child.wait_for_file("up");
    child.signal(Signal::TERM);
    let output = child
        .stderr(interrupted("SIGTERM", 1, "1 not started"))
        .check_file("tries", "x\n")
        .signaled(Signal::TERM);
    assert_eq!(ends(&output.path("log")), ["1 -1 15"]);
}

#[test]
fn a_number_that_is_none_is_refused() {
    for text in ["x", "", "1.5"] {
        Test::new()
            .arg(format!("--retries={text}"))
            .args(["echo", ":::", "1"])
            .stderr_has(format!("'{text}' is not a number of tries"))
            .status(255);
    }
}

/// Counts the tries of each value in `ran`, and ends with it.
const COUNT: &str = "echo <> >>ran; exit <>";

#[test]
fn only_listed_failures_are_tried_again() {
    for (list, job, count) in [
        ("75,100-110", "exit 75", 3),
        ("75,100-110", "exit 105", 3),
        ("75,100-110", "exit 1", 1),
        ("SIGKILL", "kill -9 $$; :", 3),
        ("SIGKILL", "sh -c 'kill -9 $$'; exit $?", 3),
        ("SIGKILL", "kill $$; :", 1),
        ("signal", "kill $$; :", 3),
        ("signal", "exit 3", 1),
        ("timeout", "exec sleep 60", 3),
        ("1-123", "exec sleep 60", 1),
        ("fail", "exec sleep 60", 3),
    ] {
        let tries = "x\n".repeat(count);
        Test::new()
            .args(["--quiet", "--retries", "3", "--retry-on", list])
            .args(["--timeout", if job.contains("sleep") { ".5" } else { "60" }])
            .args([&format!("echo <> >>tries; {job}"), ":::", "x"])
            .stderr_any()
            .check_file("tries", tries)
            .status(1);
    }
    Test::new()
        .args(["--quiet", "-j1", "--retries", "3", "--retry-on", "127"])
        .args([":::", "nosuchcmd", "echo x >>tries; exit 3"])
        .stderr(not_found(1, "nosuchcmd"))
        .check_file("tries", "x\n")
        .status(2);
}

#[test]
fn what_says_nothing_of_retries_is_refused() {
    for (option, value, message) in [
        (
            "--retry-on",
            "1,nope",
            "'nope' is not a way to fail\nhint: write exit statuses, ranges of them, signals or \
             timeout: --retry-on 75,100-110,SIGKILL,timeout",
        ),
        (
            "--retry-delay",
            "5..1",
            "'5..1' does not say how a delay grows\nhint: write the first one and the longest: \
             --retry-delay 1s..5m",
        ),
        (
            "--retry-on",
            "75",
            "--retry-on needs --retries\nhint: prun --retry-on 75 --retries 3 touch ::: ran",
        ),
        (
            "--retry-delay",
            "5",
            "--retry-delay needs --retries\nhint: prun --retry-delay 5 --retries 3 touch ::: ran",
        ),
    ] {
        Test::new()
            .args([option, value, "touch", ":::", "ran"])
            .stderr(format!("prun: {message}\n"))
            .status(255);
    }
}

#[test]
fn other_jobs_run_while_one_waits_for_its_retry() {
    let output = Test::new()
        .args(["--quiet", "-j1", "--retries", "2", "--retry-delay", "1h"])
        .args(["--halt", "soon,success=1", "--joblog", "log", COUNT])
        .args([":::", "7", "5", "0", "0"])
        .check_file("ran", "7\n5\n0\n")
        .success();
    // The attempts that they had count.
    assert_eq!(ends(&output.path("log")), ["1 7 0", "2 5 0", "3 0 0"]);
}

#[test]
fn order_is_kept_over_delayed_retries() {
    Test::new()
        .args([
            "-k",
            "-j2",
            "--retries",
            "4",
            "--retry-delay",
            "10ms..100ms",
            UNTIL,
        ])
        .args([":::", "3", "1", "2"])
        .stdout("try 3\ntry 1\ntry 2\n")
        .success();
    Test::new()
        .args([
            "--quiet",
            "-k",
            "-j1",
            "--retries",
            "2",
            "--retry-delay",
            "10ms..1s",
            UNTIL,
        ])
        .args([":::", "2", "1", "3"])
        .stdout("try 2\ntry 1\ntry 2\n")
        .status(1);
}

#[test]
fn a_signal_does_not_wait_for_a_retry() {
    let start = |end: &str| {
        let job = format!(": >up.<>; [ <> = 7 ] && exit 7; {end}");
        let child = Test::new()
            .args(["-j1", "--retries", "2", "--retry-delay", "1h"])
            .args(["--joblog", "log", &job, ":::", "7", "6"])
            .start();
        // The first one has failed by then.
        child.wait_for_file("up.6");
        child
    };
    let child = start("exec sleep 60");
    child.signal(Signal::TERM);
    let output = child
        .stderr(interrupted("SIGTERM", 1, "none left to start"))
        .signaled(Signal::TERM);
    assert_eq!(ends(&output.path("log")), ["1 7 0", "2 -1 15"]);

    let child = start("probe await go");
    child.signal(Signal::HUP);
    std::fs::write(child.path("go"), "").expect("the directory is ours");
    let output = child
        .stderr(interrupted("SIGHUP", 0, "none left to start"))
        .signaled(Signal::HUP);
    assert_eq!(ends(&output.path("log")), ["1 7 0", "2 0 0"]);
}

#[test]
fn a_block_is_read_again_after_a_delay() {
    Test::new()
        .file("in", "1\n2\n3\n4\n")
        .line(
            "prun --pipe -N1 -k -j2 --retries 2 --retry-delay 10ms \
             'cat; mkdir tried.<#> 2>/dev/null && exit 1; true' <in",
        )
        .stdout("1\n2\n3\n4\n")
        .success();
}

#[test]
fn a_job_that_waits_for_its_retry_does_not_keep_the_output_of_others() {
    let child = Test::new()
        .args(["-j1", "--retries", "2", "--retry-delay", "1h"])
        .args(["echo <>; exit <>", ":::", "7", "0", "0"])
        .start();
    child.wait_for_stdout("0\n0\n");
    child.signal(Signal::TERM);
    child
        .stdout("0\n0\n7\n")
        .stderr(interrupted("SIGTERM", 0, "none left to start"))
        .signaled(Signal::TERM);
}
