//! `--halt`.

use crate::support::{Test, cut_off, ends, failed, not_found};

/// Statuses of jobs that run one after the other.
const STATUSES: [&str; 5] = ["0", "3", "0", "4", "5"];

/// Runs jobs with [`STATUSES`]; so many must run, and prun must return `status`.
#[track_caller]
fn halts(test: Test, rule: &str, ran: usize, status: i32) {
    test.args(["-j1", "--halt", rule, "echo {}; exit {}", ":::"])
        .args(STATUSES)
        .stdout(STATUSES[..ran].join("\n") + "\n")
        .status(status);
}

#[test]
fn every_rule_has_its_end_and_its_status() {
    for (rule, ran, status) in [
        ("never", 5, 3),
        ("0", 5, 3),
        // The status of the first job that failed.
        ("1", 2, 3),
        ("2", 2, 3),
        ("soon,fail=1", 2, 3),
        ("now,fail=1", 2, 3),
        // The number of failed jobs.
        ("soon,fail=2", 4, 2),
        ("now,fail=2", 4, 2),
        ("now,fail=3", 5, 3),
        ("now,fail=4", 5, 3),
        ("soon,fail=1%", 2, 1),
        ("soon,fail=40%", 4, 2),
        ("40%", 4, 2),
        ("now,fail=80%", 5, 3),
        // Success is success.
        ("-1", 1, 0),
        ("-2", 1, 0),
        ("soon,success=1", 1, 0),
        ("now,success=2", 3, 0),
        ("now,success=40%", 3, 0),
        ("soon,success=3", 5, 3),
        ("now,success=60%", 5, 3),
        // The first job, or so many of them.
        ("soon,done=1", 1, 0),
        ("now,done=2", 2, 1),
        ("now,done=4", 4, 2),
        ("soon,done=60%", 3, 1),
        ("now,done=9", 5, 3),
    ] {
        halts(Test::new().arg("--quiet"), rule, ran, status);
    }
}

#[test]
fn in_gnu_mode_a_share_gives_the_share_of_failed_jobs() {
    for (rule, ran, status) in [
        ("never", 5, 3),
        ("0", 5, 3),
        ("1", 2, 3),
        ("2", 2, 3),
        ("soon,fail=1", 2, 3),
        ("now,fail=1", 2, 3),
        ("soon,fail=2", 4, 2),
        ("now,fail=3", 5, 3),
        ("soon,fail=1%", 2, 20),
        ("now,fail=40%", 4, 40),
        ("40%", 4, 40),
        ("now,fail=80%", 5, 60),
        ("-1", 1, 0),
        ("-2", 1, 0),
        ("now,success=2", 3, 0),
        ("soon,success=3", 5, 3),
        ("soon,done=1", 1, 0),
        ("now,done=2", 2, 1),
        ("now,done=4", 4, 2),
        ("soon,done=60%", 3, 20),
    ] {
        halts(Test::gnu(), rule, ran, status);
    }
}

#[test]
fn the_deciding_jobs_status_is_pruns_own() {
    for (job, status) in [("exit 9", 9), ("kill -9 $$", 137), ("kill $$", 143)] {
        for rule in ["now,fail=1", "soon,fail=1", "now,done=1", "soon,done=1"] {
            Test::new()
                .args(["--quiet", "-j1", "--halt", rule, ":::", job, "echo next"])
                .status(status);
        }
    }
    Test::new()
        .args(["--quiet", "--halt", "now,done=1", "true", ":::", "1"])
        .success();
    Test::new()
        .args(["--halt", "now,fail=1", "nosuchcmd", ":::", "1"])
        .stderr(not_found(1, "nosuchcmd") + &failed("1 of 1", &["1: not found: nosuchcmd 1"]))
        .status(127);
}

#[test]
fn a_time_limit_decides_as_timeout_does() {
    let options = ["-j1", "--timeout", ".2", "--halt", "now,fail=1"];
    Test::new()
        .arg("--quiet")
        .args(options)
        .args(["sleep", ":::", "60", "0"])
        .status(124);
    Test::gnu()
        .args(options)
        .args(["sleep", ":::", "60", "0"])
        .status(255);
}

/// Waits for the others when it should fail or win, so that they all run then.
const RACE: &str = "case <> in slow*) echo begin <>; : >up.<>; sleep 60;; \
    fail*) probe await up.slow1; probe await up.slow2; exit 6;; \
    esac";

#[test]
fn now_ends_the_running_jobs_which_do_not_count() {
    let output = Test::new()
        .args(["-j3", "-k", "--halt", "now,fail=1", "--joblog", "log"])
        .args([RACE, ":::", "slow1", "slow2", "fail", "later"])
        .stdout("begin slow1\nbegin slow2\n")
        .stderr_has(cut_off(1, "SIGTERM") + &cut_off(2, "SIGTERM"))
        .stderr_has("prun: 1 of 4 jobs failed")
        .stderr_has("\n  job 3: exit 6: ")
        .status(6);
    assert_eq!(ends(&output.path("log")), ["1 -1 15", "2 -1 15", "3 6 0"]);
}

#[test]
fn killed_jobs_do_not_add_to_the_number_of_failures() {
    let output = Test::new()
        .args(["--quiet", "-j4", "--halt", "now,fail=2", "--joblog", "log"])
        .args([RACE, ":::", "slow1", "fail1", "slow2", "fail2"])
        .stdout_lines_any_order(&["begin slow1", "begin slow2"])
        .stderr_has(cut_off(1, "SIGTERM"))
        .stderr_has(cut_off(3, "SIGTERM"))
        .status(2);
    let ends = ends(&output.path("log"));
    assert_eq!(ends, ["1 -1 15", "2 6 0", "3 -1 15", "4 6 0"]);
}

#[test]
fn soon_lets_the_running_jobs_end() {
    let job = "if [ <> = fail ]; then : >up; exit 6; fi; probe await up; echo <>";
    let output = Test::new()
        .args(["--quiet", "-j2", "--halt", "soon,fail=1", "--joblog", "log"])
        .args([job, ":::", "other", "fail"])
        .stdout("other\n")
        .status(6);
    assert_eq!(ends(&output.path("log")), ["1 0 0", "2 6 0"]);
}

#[test]
fn the_first_failure_decides_even_if_more_follow() {
    let job = "if [ <> = 6 ]; then : >up; exit 6; fi; \
        probe await up; sleep .3; echo <>; exit <>";
    Test::new()
        .args([
            "--quiet",
            "-j2",
            "--halt",
            "soon,fail=1",
            job,
            ":::",
            "7",
            "6",
        ])
        .stdout("7\n")
        .status(6);
}

#[test]
fn the_winner_is_printed_in_order_too() {
    let job = "if [ <> = slow ]; then : >up; sleep 60; fi; probe await up; echo <>";
    for urgency in ["now", "soon"] {
        let job = match urgency {
            "now" => job.to_owned(),
            _ => job.replace("sleep 60", "sleep .3; exit 1"),
        };
        let output = Test::new()
            .args(["--quiet", "-j2", "-k", "--joblog", "log"])
            .arg(format!("--halt={urgency},success=1"))
            .args([&job, ":::", "slow", "fast"])
            .stdout("fast\n")
            .success();
        let slow = if urgency == "now" { "1 -1 15" } else { "1 1 0" };
        assert_eq!(ends(&output.path("log")), [slow, "2 0 0"]);
    }
}

#[test]
fn the_termination_signals_of_the_user_end_the_running_jobs() {
    let job = "exec 2>/dev/null; if [ <> = fail ]; then probe await up; exit 6; fi; \
        trap 'echo usr1; exit' USR1; : >up; while :; do sleep .01; done";
    Test::new()
        .args([
            "--quiet",
            "-j2",
            "--halt",
            "now,fail=1",
            "--termseq",
            "USR1,5000,KILL",
        ])
        .args([job, ":::", "slow", "fail"])
        .stdout("usr1\n")
        .stderr(cut_off(1, "SIGUSR1"))
        .status(6);
}

#[test]
fn endless_input_ends() {
    Test::new()
        .line("yes | prun --quiet -j2 --halt now,fail=1 'exit 7; : <>'; echo ${PIPESTATUS[@]}")
        .stdout("141 7\n")
        .success();
}

#[test]
fn input_that_does_not_come_is_not_waited_for() {
    for urgency in ["now", "soon"] {
        Test::new()
            .line(format!(
                "prun --quiet --halt {urgency},fail=1 exit < <(echo 7; exec sleep 60 2>/dev/null)"
            ))
            .leaves_processes()
            .status(7);
    }
}

#[test]
fn a_share_of_unknown_input_is_decided_at_its_end() {
    let mut child = Test::new()
        .args([
            "--quiet",
            "-j1",
            "--halt",
            "soon,fail=50%",
            "echo <>; exit <>",
        ])
        .stdin_open()
        .start();
    child.feed("1\n0\n");
    child.wait_for_stdout("1\n0\n");
    child.feed("0\n2\n");
    child.wait_for_stdout("1\n0\n0\n2\n");
    child.close_stdin();
    child.stdout("1\n0\n0\n2\n").status(2);
}

#[test]
fn a_share_is_one_of_all_jobs_also_if_they_come_by_a_pipe() {
    for (rule, ran, status) in [
        ("now,done=30%", "1\n2\n3\n", 0),
        ("soon,success=20%", "1\n2\n", 0),
    ] {
        Test::gnu()
            .stdin("1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n")
            .args(["-j1", "--halt", rule, "echo"])
            .stdout(ran)
            .status(status);
    }
    // Without --gnu, jobs start before the input was read to its end.
    let lines: String = (1..=3000).map(|n| format!("{n}\n")).collect();
    let output = Test::new()
        .stdin(&lines)
        .args(["-j1", "--halt", "soon,done=20%", "echo"])
        .stdout_any()
        .success();
    let ran = output.stdout.iter().filter(|&&byte| byte == b'\n').count();
    assert!((600..3000).contains(&ran), "{ran}");
}

#[test]
fn a_job_that_waits_for_its_retry_has_not_failed_for_a_halt() {
    Test::new()
        .args(["--quiet", "-j1", "--retries", "2", "--retry-delay", "10ms"])
        .args([
            "--halt",
            "now,fail=1",
            "mkdir d.<> 2>/dev/null && exit 1; exit <>",
            ":::",
            "7",
            "0",
        ])
        .status(7);
}

#[test]
fn the_results_of_the_winner_are_there() {
    let job = "case <> in 2) probe await up; echo winner;; *) echo part; : >up; sleep 60;; esac";
    let output = Test::new()
        .args(["-j2", "--results", "out", "--halt", "now,success=1"])
        .args([job, ":::", "1", "2"])
        .stderr(cut_off(1, "SIGTERM"))
        .success();
    let read = |name: &str| std::fs::read_to_string(output.path(name)).ok();
    assert_eq!(read("out/1/2/stdout").as_deref(), Some("winner\n"));
    assert_eq!(read("out/1/2/seq").as_deref(), Some("2"));
    // The other one is not complete.
    assert_eq!(read("out/1/1/stdout").as_deref(), Some("part\n"));
    assert_eq!(read("out/1/1/seq"), None);
}

#[test]
fn what_does_not_say_when_to_halt_is_refused() {
    for rule in [
        "",
        "3",
        "now",
        "now,fail",
        "now,fail=0",
        "later,fail=1",
        "now,fail=101%",
    ] {
        for test in [Test::new(), Test::gnu()] {
            test.arg(format!("--halt={rule}"))
                .args(["echo", ":::", "1"])
                .stderr_has(format!("'{rule}' does not say when to halt"))
                .status(255);
        }
    }
}
