//! The closing block that names the failed jobs, and the exit status.

use crate::support::{Output, Test, failed, not_found};

#[test]
fn failed_jobs_are_named_with_how_they_ended() {
    Test::new()
        .file("text", "")
        .args(["-j1", "-k", "--timeout", "0.5"])
        .stdin("exit 3\ntrue\nkill -9 $$\nprobe linger\nnosuchcmd\n./text\n")
        .stderr(format!(
            "{}prun: job 6: cannot execute './text': Permission denied\n{}",
            not_found(5, "nosuchcmd"),
            failed(
                "5 of 6",
                &[
                    "1: exit 3: exit 3",
                    "3: killed by SIGKILL: kill -9 $$",
                    "4: timed out after 0.5s: probe linger",
                    "5: not found: nosuchcmd",
                    "6: cannot be executed: ./text"
                ]
            )
        ))
        .status(5);
}

#[test]
fn commands_are_shown_as_they_would_be_typed() {
    Test::new()
        .args(["-j1", "test", "-z", ":::", "it's", "a b", "\x1b]0;x\x07"])
        .stderr(failed(
            "3 of 3",
            &[
                "1: exit 1: test -z 'it'\\''s'",
                "2: exit 1: test -z 'a b'",
                "3: exit 1: test -z $'\\033]0;x\\007'",
            ],
        ))
        .status(3);
}

#[test]
fn a_value_that_may_have_been_an_option_is_shown_as_a_file() {
    let finished = Test::new()
        .file("-zz", "a\n")
        .args(["wc -l", ":::", "-zz"])
        .stderr_has("hint: '-zz' may have been read as an option; as a file: wc -l ./-zz\n")
        .status(1);
    let pasted = std::process::Command::new("sh")
        .args(["-c", "wc -l ./-zz"])
        .current_dir(finished.path(""))
        .output();
    assert_eq!(pasted.expect("sh can be run").stdout, b"1 ./-zz\n");
    for (line, value) in [
        ("test -z <>", "-5"),
        ("false <#>", "-a"),
        ("wc -l -- <>", "-a"),
        ("wc -l", "-"),
    ] {
        let output = Test::new().args([line, ":::", value]).stderr_any();
        let output = output.stdout_any().any_status();
        assert!(
            !String::from_utf8_lossy(&output.stderr).contains("hint"),
            "{line}"
        );
    }
}

#[test]
fn ten_are_named_and_the_others_counted() {
    let mut expected = failed("12 of 13", &[]);
    for job in 1..=10 {
        expected += &format!("  job {job}: exit {job}: exit {job}\n");
    }
    expected += "  ... and 2 more\n";
    Test::new()
        .args(["-j1", "exit", ":::"])
        .args((1..=12).chain([0]).map(|status| status.to_string()))
        .stderr(expected)
        .status(12);
    Test::new()
        .args(["-j1", "exit", ":::"])
        .args((1..=10).map(|status| status.to_string()))
        .stderr_has("  job 10: exit 10: exit 10\n")
        .status(10);
}

#[test]
fn it_can_be_turned_off() {
    Test::new()
        .args(["--quiet", "echo <>; exit 3", ":::", "a"])
        .stdout("a\n")
        .status(1);
    Test::gnu().args(["exit 3; :", ":::", "a"]).status(1);
}

#[test]
fn it_is_the_same_on_a_terminal() {
    Test::new()
        .args(["-j1", "exit", ":::", "0", "3"])
        .tty(24, 80)
        .stderr(failed("1 of 2", &["2: exit 3: exit 3"]))
        .status(1);
}

#[test]
fn what_a_job_said_last_is_repeated_where_much_came_after_it() {
    let job =
        "test <> = b && { probe write 100000 0; exit 0; }; printf 'e%s\n' 1 2 3 4 5 >&2; exit 3";
    let shown = job.replace("<>", "a");
    Test::new()
        .args(["-j1", job, ":::", "a", "b"])
        .stdout_any()
        .stderr(format!(
            "e1\ne2\ne3\ne4\ne5\nprun: 1 of 2 jobs failed\n  job 1: exit 3: {}\n    e3\n    e4\n    e5\n",
            shown.replace('\n', "\\n")
        ))
        .status(1);
    Test::new()
        .args(["-j1", "echo e >&2; echo <>; exit <>", ":::", "3", "0"])
        .stdout("3\n0\n")
        .stderr(format!(
            "e\ne\n{}",
            failed("1 of 2", &["1: exit 3: echo e >&2; echo 3; exit 3"])
        ))
        .status(1);
}

#[test]
fn the_exit_status_counts_failed_jobs_up_to_a_hundred() {
    Test::new().args(["true", ":::", "a", "b"]).success();
    for (jobs, status) in [
        (1, 1),
        (2, 2),
        (100, 100),
        (101, 101),
        (150, 101),
        (300, 101),
    ] {
        let values: Vec<String> = (0..jobs).map(|number| number.to_string()).collect();
        for mode in [&[][..], &["--gnu"]] {
            Test::new()
                .args(mode)
                .args(["--quiet", "false", ":::"])
                .args(&values)
                .status(status);
        }
    }
}

#[test]
fn each_way_to_fail_counts_once() {
    for (args, status) in [
        (&["exit 255; : <>"][..], 1),
        (&["kill -9 $$; : <>"], 1),
        (&["kill -TERM $$; : <>"], 1),
        (&["nosuchcmd"], 1),
        (&["--timeout", "0.1", "probe linger; : <>"], 1),
        (&["--retries", "3", "false"], 1),
        (&["kill 0; : <>"], 1),
    ] {
        Test::new()
            .args(args)
            .args([":::", "a"])
            .stderr_has("prun: 1 of 1 job failed\n  job 1: ")
            .status(status);
    }
}

#[test]
fn failed_jobs_are_listed_in_the_order_of_the_input() {
    Test::new()
        .args(["-j2", "test <> = 2 || probe await go; : >go; exit <>"])
        .args([":::", "1", "2"])
        .stderr(failed(
            "2 of 2",
            &[
                "1: exit 1: test 1 = 2 || probe await go; : >go; exit 1",
                "2: exit 2: test 2 = 2 || probe await go; : >go; exit 2",
            ],
        ))
        .status(2);
}

#[test]
fn a_job_is_named_where_its_command_does_not_tell() {
    let long = "x".repeat(200);
    let name = format!("dir/{long}/end");
    Test::new()
        .args([
            "-j1",
            "--tagstring",
            "job-<1>",
            ": <.>; exit 3",
            ":::",
            "a.b",
        ])
        .stderr(failed("1 of 1", &["1: exit 3: job-a.b: : a; exit 3"]))
        .status(1);
    Test::new()
        .args(["-j1", ": <.>; exit 3", ":::", "a.b"])
        .stderr(failed("1 of 1", &["1: exit 3: a.b: : a; exit 3"]))
        .status(1);
    Test::new()
        .args(["-j1", "exit <#>; : <>", ":::", &name])
        .stderr(failed(
            "1 of 1",
            &[&format!(
                "1: exit 1: dir/{}...{}/end: exit 1; : dir/{}...{}/end",
                "x".repeat(25),
                "x".repeat(24),
                "x".repeat(85),
                "x".repeat(94),
            )],
        ))
        .status(1);
}

#[test]
fn tries_are_counted() {
    Test::new()
        .args(["--retries", "3", "exit <>", ":::", "22"])
        .stderr(failed("1 of 1", &["1: exit 22 after 3 tries: exit 22"]))
        .status(1);
    Test::new()
        .args([
            "--retries",
            "2",
            "--timeout",
            "0.1",
            "probe linger; : <>",
            ":::",
            "a",
        ])
        .stderr(failed(
            "1 of 1",
            &["1: timed out after 0.1s, 2 tries: probe linger; : a"],
        ))
        .status(1);
}

#[test]
fn last_words_are_repeated_where_many_lines_came_after_them() {
    for (lines, is_repeated) in [(20, false), (21, true)] {
        let job = format!("if [ <> = a ]; then echo why; exit 3; fi; seq {lines}");
        let shown = job.replace("<>", "a");
        let repeated = if is_repeated { "    why\n" } else { "" };
        Test::new()
            .args(["-j1", &job, ":::", "a", "b"])
            .stdout_any()
            .stderr(failed("1 of 2", &[&format!("1: exit 3: {shown}")]) + repeated)
            .status(1);
    }
}

#[test]
fn what_left_a_job_early_is_among_its_last_words() {
    let job = "if [ <> = a ]; then echo why >&2; echo out; exit 3; fi; seq 50";
    for mode in [&["--line-buffer", "-j1"][..], &["-k", "-j2"]] {
        Test::new()
            .args(mode)
            .args([job, ":::", "a", "b"])
            .stdout_any()
            .stderr(
                "why\n".to_owned()
                    + &failed(
                        "1 of 2",
                        &[&format!("1: exit 3: {}", job.replace("<>", "a"))],
                    )
                    + "    why\n",
            )
            .status(1);
    }
}

#[test]
fn what_was_not_read_is_told_after_a_halt() {
    let mut child = Test::new()
        .args(["-j1", "--halt", "now,fail=1", "exit <>"])
        .stdin_open()
        .start();
    child.feed("3\n");
    child.wait_for_stderr("job 1: ");
    child
        .stderr(failed(
            "1 of 1, rest of the input not read",
            &["1: exit 3: exit 3"],
        ))
        .status(3);
    Test::new()
        .args(["-j1", "--halt", "now,fail=1", "exit", ":::", "3", "4"])
        .stderr(failed("1 of 2, 1 not started", &["1: exit 3: exit 3"]))
        .status(3);
}

#[test]
fn more_jobs_than_promised_are_counted() {
    Test::new()
        .args(["-j1", "--total-jobs", "1", "--halt", "now,fail=2", "exit"])
        .stdin("3\n4\n5\n")
        .stderr(failed(
            "2 of 3, 1 not started",
            &["1: exit 3: exit 3", "2: exit 4: exit 4"],
        ))
        .status(2);
}

/// The block of `--summary` with 0 for every number that no test can know.
fn block(stderr: &[u8]) -> String {
    let stderr = String::from_utf8_lossy(stderr);
    let begin = stderr.rfind("prun: ").expect("there is a block");
    let measured = ["ms", "s", "ms,", "s,", "MiB"];
    let mut lines = Vec::new();
    for line in stderr[begin..].lines() {
        let mut words: Vec<&str> = line.split(' ').collect();
        for nth in 1..words.len() {
            if measured.contains(&words[nth]) && words[nth - 1].parse::<f64>().is_ok() {
                words[nth - 1] = "0";
                words[nth] = match words[nth].trim_end_matches(',') {
                    "MiB" => "MiB",
                    _ if words[nth].ends_with(',') => "TIME,",
                    _ => "TIME",
                };
            }
        }
        lines.push(words.join(" "));
    }
    lines.join("\n")
}

#[test]
fn a_summary_tells_numbers_and_the_jobs_that_stand_out() {
    let output = Test::new()
        .args(["-j1", "--summary", "--retries", "2"])
        .args(["test -e <> || { touch <>; exit 1; }"])
        .args([":::", "a"])
        .stderr_any()
        .status(0);
    assert_eq!(
        block(&output.stderr),
        "prun: 1 job, 1 retried, 0 TIME\n\
         \x20 CPU time: user 0 TIME, system 0 TIME\n\
         \x20 run time: mean 0 TIME, slowest 0 TIME (job 1: a)\n\
         \x20 memory: largest 0 MiB (job 1: a)"
    );
}

#[test]
fn a_summary_names_the_slowest_and_the_largest_job() {
    let output = Test::new()
        .args(["-j1", "--summary", "--tagstring", "no <>"])
        .stdin("true\nhead -c 60000000 /dev/zero | tail -c 50000000 | wc -c\ntrue\n")
        .stdout("no head -c 60000000 /dev/zero | tail -c 50000000 | wc -c\t50000000\n")
        .stderr_any()
        .status(0);
    let block = block(&output.stderr);
    assert!(block.contains("slowest 0 TIME (job "), "{block}");
    assert!(
        block.contains("largest 0 MiB (job 2: no head -c"),
        "{block}"
    );
}

#[test]
fn a_summary_follows_the_closing_block_and_counts_what_did_not_run() {
    let output = Test::new()
        .args(["-j1", "--summary", "--halt", "soon,fail=1", "exit"])
        .args([":::", "3", "4", "5"])
        .stderr_any()
        .status(3);
    let stderr = String::from_utf8_lossy(&output.stderr);
    let closing = failed("1 of 3, 2 not started", &["1: exit 3: exit 3"]);
    assert!(stderr.starts_with(&closing), "{stderr}");
    assert!(
        block(&output.stderr).starts_with("prun: 1 job, 1 failed, 2 not started, 0 TIME\n"),
        "{stderr}"
    );
}

#[test]
fn a_summary_is_printed_though_the_run_is_quiet_and_not_if_it_is_dry() {
    let output = Test::new()
        .args(["--quiet", "--summary", "nosuchcmd", ":::", "a"])
        .stderr_has("prun: job 1: nosuchcmd: command not found\nprun: 1 job, 1 failed, ")
        .status(1);
    // Of a job that did not run, there is nothing to tell.
    assert_eq!(block(&output.stderr), "prun: 1 job, 1 failed, 0 TIME");
    Test::new()
        .args(["--dry-run", "--summary", "echo", ":::", "a"])
        .stdout("echo a\n")
        .success();
}

#[test]
fn a_summary_can_be_an_object() {
    let object = |output: &Output| -> serde_json::Value {
        let stderr = String::from_utf8_lossy(&output.stderr);
        let last = stderr.lines().last().unwrap_or_default();
        serde_json::from_str(last).expect("it is JSON")
    };
    let output = Test::new()
        .args(["-j1", "--quiet", "--summary=json", "--retries", "2"])
        .args(["test -e <> || { touch <>; exit 1; }", ":::", "a", "b\n"])
        .stderr_any()
        .success();
    assert_eq!(
        output.stderr.iter().filter(|&&byte| byte == b'\n').count(),
        1
    );
    let summary = object(&output);
    let keys: Vec<&String> = summary.as_object().expect("an object").keys().collect();
    assert_eq!(
        keys,
        [
            "total",
            "done",
            "failed",
            "retried",
            "stopped",
            "elapsed",
            "attempts",
            "user",
            "system",
            "mean_runtime",
            "slowest",
            "largest"
        ]
    );
    for (key, number) in [
        ("total", 2),
        ("done", 2),
        ("failed", 0),
        ("retried", 2),
        ("attempts", 4),
    ] {
        assert_eq!(summary[key], number, "{key}");
    }
    for key in ["elapsed", "user", "system", "mean_runtime"] {
        assert!(summary[key].is_f64(), "{key}");
    }
    let slowest = &summary["slowest"];
    let command = match slowest["seq"].as_u64() {
        Some(1) => "test -e a || { touch a; exit 1; }",
        _ => "test -e $'b\\n' || { touch $'b\\n'; exit 1; }",
    };
    assert_eq!(slowest["command"], command);
    assert!(summary["largest"]["max_rss"].is_u64());
    // Of jobs that did not run, and of input that was not read, there is nothing to tell.
    let output = Test::new()
        .line("yes | prun --quiet --summary=json --halt now,fail=1 nosuchcmd")
        .stderr_any()
        .any_status();
    let summary = object(&output);
    for key in ["total", "mean_runtime", "slowest", "largest"] {
        assert!(summary[key].is_null(), "{key}");
    }
    Test::new()
        .args(["--summary=xml", "true", ":::", "a"])
        .stderr("prun: 'xml' is no value of '--summary'\nhint: it takes text, json\n")
        .status(255);
}
