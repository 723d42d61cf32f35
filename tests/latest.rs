//! `--latest-line`: the last line of each job, and a display of it while the job runs.

use std::fs;

use crate::support::{Child, Signal, Test, cut_off};

fn latest() -> Test {
    Test::new().arg("--latest-line")
}

/// Makes a file that a job waits for.
fn allow(child: &Child, name: &str) {
    fs::write(child.path(name), "").expect("the directory is ours");
}

#[test]
fn the_last_line_of_each_job_is_printed_in_order() {
    latest()
        .args(["-k", "-j2", "--tag"])
        .arg(
            "[ <> = b ] || probe await done; echo 1; printf 'e\\nf' >&2; printf '2\\n3<>'; : >done",
        )
        .args([":::", "a", "b"])
        .stdout("a\t3a\nb\t3b\n")
        .stderr("a\te\na\tfb\te\nb\tf")
        .success();
    latest().args(["true", ":::", "a"]).success();
}

#[test]
fn carriage_returns_end_lines_and_empty_lines_do_not_count() {
    for (text, line) in [
        ("10%%\\r20%%\\r", "20%\n"),
        ("a\\r\\nb\\r\\n", "b\n"),
        ("a\\n \\t\\n\\n", "a\n"),
        ("\\033[1mx\\033[m\\n\\033[K", "\x1b[1mx\x1b[m\n"),
        ("\\n\\n", ""),
        ("\\0\\377\\001z\\n", "\0\u{0}"),
    ] {
        let job = format!("printf '{text}'; : <>");
        let test = Test::new().args(["--ll", &job, ":::", "x"]);
        match line {
            "\0\u{0}" => test.stdout(b"\0\xff\x01z\n").success(),
            line => test.stdout(line).success(),
        };
    }
}

#[test]
fn what_is_cut_is_told() {
    let job = "echo short; head -c 65536 /dev/zero | tr '\\0' x; printf '<>'";
    let kept = "x".repeat(65536) + "\n";
    latest().args([job, ":::", ""]).stdout(&kept).success();
    latest()
        .args([job, ":::", "y"])
        .stdout(&kept)
        .stderr("prun: warning: job 1: only the first 64 KiB of its last line were kept\n")
        .success();
}

#[test]
fn a_flood_is_counted_and_its_last_line_is_printed() {
    let output = latest()
        .args(["--joblog", "log", "seq 1000000; : <>", ":::", "x"])
        .tty(24, 80)
        .stdout("1000000\n")
        .stderr_any()
        .success();
    assert!(
        output.stderr.len() < 64 << 10,
        "it is not drawn for each line"
    );
    let log = fs::read_to_string(output.path("log")).expect("it was written");
    assert!(log.contains("\t6888896\t"), "{log}");
}

#[test]
fn the_line_has_the_colours_of_its_job() {
    let job = "echo 1; echo 2; exit <>";
    latest()
        .args(["-k", "--quiet", "--color=always", "--color-failed=always"])
        .args(["--tag", job, ":::", "0", "1"])
        .stdout("\x1b[38;5;208m0\t2\x1b[m\n\x1b[97;41m1\t2\x1b[m\n")
        .status(1);
    latest()
        .args(["-v", "--ctag=always", "echo 1; echo 2; : <>", ":::", "x"])
        .stdout("\x1b[38;5;208mx\x1b[m\techo 1; echo 2; : x\n\x1b[38;5;208mx\x1b[m\t2\n")
        .success();
}

#[test]
fn a_job_that_is_tried_again_has_the_line_of_its_last_try() {
    latest()
        .args(["--retries", "3"])
        .arg("echo x >>tries; echo e >&2; wc -l <tries; [ $(wc -l <tries) = 2 ] || exit <>")
        .args([":::", "1"])
        .stdout("2\n")
        .stderr("e\n")
        .success();
}

#[test]
fn a_job_that_is_ended_has_printed_its_line() {
    latest()
        .args([
            "--quiet",
            "--timeout",
            ".5",
            "echo 1; echo 2; exec sleep 60; : <>",
        ])
        .args([":::", "x"])
        .stdout("2\n")
        .status(1);
    latest()
        .args(["-j2", "--quiet", "--halt", "now,fail=1"])
        .arg("if [ <> = 1 ]; then probe await up; exit 7; fi; echo a; echo b; : >up; exec sleep 60")
        .args([":::", "1", "2"])
        .stdout("b\n")
        .stderr(cut_off(2, "SIGTERM"))
        .status(7);
}

#[test]
fn it_goes_with_no_other_mode() {
    for (args, name, what) in [
        (["-u", "--ll"], "--ungroup", "one prints the last line"),
        (
            ["--ll", "--lb"],
            "--line-buffer",
            "one prints the last line",
        ),
        (
            ["--ll", "--results=d"],
            "--results",
            "one keeps the last line",
        ),
        (["--ll", "--files"], "--files", "one keeps the last line"),
        (["--ll", "--files0"], "--files0", "one keeps the last line"),
    ] {
        Test::new()
            .args(args)
            .args(["echo", ":::", "a"])
            .stderr(format!(
                "prun: --latest-line and {name} cannot go together: {what}, the other all\n\
                 hint: leave out {name} or --latest-line\n"
            ))
            .status(255);
    }
    Test::new()
        .args(["--ll", "--group", "seq 2; : <>", ":::", "a"])
        .stdout("1\n2\n")
        .success();
}

#[test]
fn gnu_mode_takes_it_before_other_modes_but_keeps_results() {
    for mode in ["-u", "--lb"] {
        Test::gnu()
            .args(["--ll", mode, "seq {}", ":::", "3"])
            .stdout("3\n")
            .success();
    }
    Test::gnu()
        .args(["--ll", "--results", "d", "seq {}", ":::", "2"])
        .check_file("d/1/2/stdout", "1\n2\n")
        .success();
}

#[test]
fn a_running_job_is_shown_by_its_name_and_then_by_its_latest_line() {
    let child = latest()
        .args([
            "--tag",
            "probe await go; printf '10%%\\r20%%\\r'; probe await end; echo",
        ])
        .args([":::", "x"])
        .terminal(24, 80)
        .start();
    child.wait_for_stdout("elapsed\x1b[K\r\nx\x1b[K");
    allow(&child, "go");
    child.wait_for_stdout("elapsed\x1b[K\r\nx       20%\x1b[K");
    allow(&child, "end");
    child.stdout_has("x\tx\n").success();
}

#[test]
fn the_display_is_on_standard_error_if_that_is_the_terminal() {
    let child = latest()
        .args([
            "-k",
            "echo working; probe await end; echo <>",
            ":::",
            "a",
            "b",
        ])
        .tty(24, 80)
        .start();
    child.wait_for_stderr("\r\nworking\x1b[K");
    allow(&child, "end");
    child.stdout("a\nb\n").stderr_any().success();
}

#[test]
fn lines_are_cut_to_the_width_and_follow_its_change() {
    let child = latest()
        .arg("printf 'first \\033[31mred\\033[m\\tafter\\ttab\\n'; probe await end; : <>")
        .args([":::", "x"])
        .tty(24, 20)
        .start();
    child.wait_for_stderr("\r\nfirst red       af…\x1b[K");
    child.resize(24, 60);
    child.wait_for_stderr("\r\nfirst red       after   tab\x1b[K");
    allow(&child, "end");
    child
        .stdout("first \x1b[31mred\x1b[m\tafter\ttab\n")
        .stderr_any()
        .success();
}

#[test]
fn as_many_jobs_are_shown_as_there_is_room_for() {
    let child = latest()
        .args([
            "-j4",
            "probe await begin.<>; printf 'line%s\\n' <>; probe await end.<>",
        ])
        .file("begin.1", "")
        .file("begin.2", "")
        .file("end.4", "")
        .args([":::", "1", "2", "3", "4"])
        .tty(5, 40)
        .start();
    child.wait_for_stderr("\r\nline1\x1b[K\r\nline2\x1b[K\r\n… and 2 more\x1b[K");
    allow(&child, "begin.4");
    child.wait_for_stdout("line4\n");
    child.wait_for_stderr("\r\nline1\x1b[K\r\nline2\x1b[K\r\n3\x1b[K");
    allow(&child, "begin.3");
    allow(&child, "end.3");
    child.wait_for_stdout("line3\n");
    allow(&child, "end.1");
    child.wait_for_stdout("line1\n");
    allow(&child, "end.2");
    let output = child
        .stdout("line4\nline3\nline1\nline2\n")
        .stderr_any()
        .success();
    let drawn = String::from_utf8_lossy(&output.stderr);
    assert!(!drawn.contains("line4"), "{drawn}");
}

#[test]
fn no_byte_of_a_job_commands_the_terminal_while_it_runs() {
    let child = latest()
        .arg("printf '\\033]0;t\\007\\033[2J\\033cx\\b'; probe await end; echo; echo <>")
        .args([":::", "ok"])
        .terminal(24, 80)
        .start();
    child.wait_for_stdout("\r\n\\x1b]0;t\\x07\\x1bcx\\x08\x1b[K");
    allow(&child, "end");
    let output = child.stdout_has("ok\n").success();
    let drawn = String::from_utf8_lossy(&output.stdout);
    assert!(
        !drawn.contains("\x1b]") && !drawn.contains("\x1bc"),
        "{drawn}"
    );
}

#[test]
fn ctrl_c_prints_the_latest_lines() {
    let mut child = latest()
        .args(["echo 1; echo two <>; exec sleep 60", ":::", "x"])
        .terminal(24, 80)
        .start();
    child.wait_for_stdout("\r\ntwo x\x1b[K");
    child.feed(b"\x03");
    child
        .stdout_has("two x\n")
        .stdout_has(cut_off(1, "SIGINT"))
        .signaled(Signal::INT);
}

#[test]
fn a_terminal_that_cannot_be_drawn_on_gets_the_lines_only() {
    latest()
        .args(["seq <>", ":::", "3"])
        .env("TERM", "dumb")
        .terminal(24, 80)
        .stdout("3\n")
        .success();
}
