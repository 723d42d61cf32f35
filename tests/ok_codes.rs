//! `--ok-codes`: every part of prun takes these statuses for success.

use crate::support::{Test, ends, failed, not_found};

#[test]
fn listed_statuses_are_success_and_the_log_has_the_real_one() {
    let output = Test::new()
        .args(["-k", "--ok-codes", "1,10-12", "--joblog", "log"])
        .args(["echo <>; exit <>", ":::", "0", "1", "11", "9"])
        .stdout("0\n1\n11\n9\n")
        .stderr(failed("1 of 4", &["4: exit 9: echo 9; exit 9"]))
        .status(1);
    assert_eq!(
        ends(&output.path("log")),
        ["1 0 0", "2 1 0", "3 11 0", "4 9 0"]
    );
}

#[test]
fn a_signal_and_a_missing_command_are_no_status() {
    Test::new()
        .args([
            "--quiet",
            "--ok-codes",
            "1-125,128-255",
            "kill -9 $$; :",
            ":::",
            "a",
        ])
        .status(1);
    Test::new()
        .args(["--ok-codes", "1-125,128-255", "nosuchcmd", ":::", "a"])
        .stderr(not_found(1, "nosuchcmd") + &failed("1 of 1", &["1: not found: nosuchcmd a"]))
        .status(1);
}

#[test]
fn a_time_limit_is_no_status() {
    Test::new()
        .args(["--quiet", "--ok-codes", "124,143", "--timeout", ".1"])
        .args(["sleep", ":::", "60"])
        .status(1);
}

#[test]
fn it_is_not_tried_again() {
    Test::new()
        .args(["--ok-codes", "3", "--retries", "5"])
        .args(["echo x >>tries; exit <>", ":::", "3"])
        .check_file("tries", "x\n")
        .success();
}

#[test]
fn it_is_success_for_a_halt() {
    let job = ["echo <>; exit <>", ":::", "3", "0", "4", "5"];
    for (rule, ran, status) in [
        ("now,fail=1", "3\n0\n4\n", 4),
        ("soon,fail=2", "3\n0\n4\n5\n", 2),
        ("now,success=1", "3\n", 0),
        ("now,success=2", "3\n0\n", 0),
        // The status of prun says whether the deciding job failed.
        ("now,done=1", "3\n", 0),
    ] {
        Test::new()
            .args(["--quiet", "-j1", "--ok-codes", "3", "--halt", rule])
            .args(job)
            .stdout(ran)
            .status(status);
    }
}

#[test]
fn jobs_that_failed_before_are_found_with_the_same_option() {
    for resume in ["--resume-failed", "--retry-failed"] {
        let command = match resume {
            "--retry-failed" => "",
            _ => "'echo <> >>ran; exit <>' ::: 0 3 4 5",
        };
        Test::new()
            .line(format!(
                "prun --quiet -j1 --ok-codes 3 --joblog log 'echo <> >>ran; exit <>' ::: 0 3 4 5; \
                 echo $?; prun --quiet -j1 --ok-codes 3,4 {resume} --joblog log {command}; echo $?"
            ))
            .stdout("2\n1\n")
            .check_file("ran", "0\n3\n4\n5\n5\n")
            .success();
    }
}

#[test]
fn a_built_in_commits_its_work() {
    Test::new()
        .file("a", "text\n")
        .line("prun --ok-codes 3 \"@gzip <> && sh -c 'exit 3'\" ::: a; echo $?; gzip -cd a.gz; ls")
        .stdout("0\ntext\na.gz\n")
        .success();
    // @grep finds one of them.
    Test::new()
        .file("in", "a\n")
        .args([
            "-k",
            "--ok-codes",
            "1",
            "@grep",
            "<>",
            "in",
            ":::",
            "a",
            "b",
        ])
        .stdout("a\n")
        .success();
}

#[test]
fn a_job_that_failed_is_not_coloured() {
    Test::new()
        .args([
            "--ok-codes",
            "3",
            "--color-failed",
            "echo <>; exit <>",
            ":::",
            "3",
        ])
        .stdout("3\n")
        .success();
}

#[test]
fn gnu_mode_has_it_too() {
    Test::gnu()
        .args(["--ok-codes", "3", "exit {}", ":::", "3", "4"])
        .status(1);
}

#[test]
fn what_is_no_success_is_refused() {
    for (list, message) in [
        (
            "1,x",
            "'x' is not an exit status\n\
             hint: write numbers from 0 to 255 and ranges of them: --ok-codes 1,10-20",
        ),
        (
            "120-130",
            "126 and 127 cannot count as success: the command was not run\n\
             hint: --ok-codes 1-125",
        ),
    ] {
        Test::new()
            .args(["--ok-codes", list, "touch", ":::", "ran"])
            .stderr(format!("prun: {message}\n"))
            .status(255);
    }
    Test::new()
        .args(["--leak", "fail", "--ok-codes", "1", "touch", ":::", "ran"])
        .stderr(
            "prun: --leak fail and --ok-codes 1 cannot go together: \
             the log has 1 for a job that left a process\n\
             hint: leave out --leak fail or --ok-codes 1\n",
        )
        .status(255);
}
