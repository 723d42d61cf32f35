//! `--progress`: the display while jobs run, and the line that stays.

use std::fs;

use crate::support::{Child, Signal, Test, failed, wait_for_state};

/// Makes a file that a job waits for.
fn allow(child: &Child, name: &str) {
    fs::write(child.path(name), "").expect("the directory is ours");
}

fn progress() -> Test {
    Test::new().arg("--progress")
}

const JOB: &str = "probe await go; : <>";

#[test]
fn jobs_are_named_by_their_values() {
    for (options, name) in [
        (&["true"][..], "it's me"),
        (&["--tagstring", "no-<#>-<%>", "true"], "no-1-1"),
        (&["--tagstring", "\\033[31m<>", "true"], "it's me"),
    ] {
        let (job, options) = options.split_last().expect("the job is last");
        let child = progress()
            .args(options)
            .args([&format!("probe await go; {job} <>"), ":::", "it's me"])
            .tty(24, 80)
            .start();
        child.wait_for_stderr(format!("s  job 1: {name}\x1b[K"));
        allow(&child, "go");
        child.stderr_any().success();
    }
}

#[test]
fn long_names_are_cut_in_the_middle() {
    let name = format!("dir/{}.txt", "x".repeat(100));
    let child = progress().args([JOB, ":::", &name]).tty(24, 40).start();
    child.wait_for_stderr(format!(
        "s  job 1: dir/{}…{}.txt\x1b[K",
        "x".repeat(8),
        "x".repeat(7)
    ));
    allow(&child, "go");
    child.stderr_any().success();
}

#[test]
fn jobs_for_which_there_is_no_line_are_counted() {
    let values: Vec<String> = (1..=12).map(|number| number.to_string()).collect();
    let child = progress()
        .args(["-j12", JOB, ":::"])
        .args(values)
        .tty(24, 80)
        .start();
    child.wait_for_stderr("\r\n… and 8 more\x1b[K");
    allow(&child, "go");
    child.stderr_has("12 jobs, ").success();
}

#[test]
fn a_line_stays_at_the_end() {
    for test in [progress().tty(24, 80), progress()] {
        let output = test
            .args(["-j1", "exit", ":::", "0", "3", "0"])
            .stderr_has(failed("1 of 3", &["2: exit 3: exit 3"]))
            .status(1);
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        let last = text.lines().last().unwrap_or_default();
        assert!(
            last.contains("3 jobs, 1 failed, ") && last.ends_with(" s"),
            "{text}"
        );
    }
    Test::gnu()
        .args(["--progress", "true", ":::", "1"])
        .success();
    Test::new()
        .args(["--latest-line", "true", ":::", "1"])
        .stderr("")
        .success();
}

#[test]
fn the_number_of_jobs_in_a_pipe_is_known() {
    let child = progress()
        .args(["-j1", JOB])
        .stdin("a\nb\nc\n")
        .tty(24, 80)
        .start();
    child.wait_for_stderr("0/3 0%, ");
    allow(&child, "go");
    child.stderr_has("3 jobs, ").success();
}

#[test]
fn what_was_read_does_not_wait_for_what_was_not() {
    let mut child = progress()
        .args(["-j1", "echo >ran.<>"])
        .stdin_open()
        .tty(24, 80)
        .start();
    child.feed("1\n");
    child.wait_for_file("ran.1");
    let lines: String = (2..=50).map(|number| format!("{number}\n")).collect();
    child.feed(lines);
    child.wait_for_file("ran.50");
    child.wait_for_stderr("50 done, ");
    child.close_stdin();
    child.stderr_has("50 jobs, ").success();
}

#[test]
fn an_error_in_the_input_comes_after_the_jobs_before_it() {
    progress()
        .args(["-j1", "--max-record", "1k", "echo"])
        .stdin(format!("a\nb\n{}\n", "x".repeat(1 << 20)))
        .stdout("a\nb\n")
        .stderr_any()
        .status(255);
}

#[test]
fn nothing_is_read_ahead_where_nobody_looks() {
    let line = |options: &str| {
        format!("seq 3000000 | {{ prun {options} -j1 --halt now,done=1 echo; wc -l >rest; }}")
    };
    let output = Test::new().line(line("")).stdout("1\n").success();
    let rest = fs::read_to_string(output.path("rest")).expect("it was written");
    assert!(
        rest.trim().parse().is_ok_and(|rest: u64| rest > 2_000_000),
        "{rest}"
    );
}

#[test]
fn the_number_of_many_jobs_is_known() {
    let child = Test::new()
        .line("seq 300000 | prun --progress -j1 --halt now,fail=1 'probe await go; exit 3; : <>'")
        .tty(24, 80)
        .start();
    child.wait_for_stderr("0/300000 0%");
    allow(&child, "go");
    child
        .stderr_has(failed("1 of 300000, 299999 not started", &[]))
        .status(3);
}

#[test]
fn a_stop_erases_the_display_and_it_is_drawn_afresh() {
    let child = progress().args([JOB, ":::", "a"]).tty(24, 80).start();
    child.wait_for_stderr("job 1: a\x1b[K");
    child.signal(Signal::TSTP);
    wait_for_state(child.pid(), "T");
    child.wait_for_stderr("\x1b[1A\r\x1b[J");
    child.signal(Signal::CONT);
    child.wait_for_stderr("\x1b[1A\r\x1b[J\r[>");
    allow(&child, "go");
    child.stderr_any().success();
}

#[test]
fn nothing_is_erased_after_a_stop_that_gave_no_time() {
    let child = progress().args([JOB, ":::", "a"]).tty(24, 80).start();
    child.wait_for_stderr("job 1: a\x1b[K");
    child.signal(Signal::STOP);
    wait_for_state(child.pid(), "T");
    child.signal(Signal::CONT);
    child.wait_for_stderr("job 1: a\x1b[K\r[>");
    allow(&child, "go");
    child.stderr_any().success();
}

#[test]
fn nothing_is_drawn_from_the_background() {
    let child = Test::new()
        .line(
            "set -m; prun --progress 'sleep .3; : >up; probe await go; : <>' ::: a & \
             probe await up; echo MARK; fg",
        )
        .terminal(24, 80)
        .start();
    child.wait_for_stdout("job 1: a\x1b[K");
    allow(&child, "go");
    let output = child.stdout_any().success();
    let drawn = String::from_utf8_lossy(&output.stdout);
    let (before, _) = drawn.split_once("MARK").expect("it was printed");
    assert!(!before.contains("elapsed"), "{before:?}");
}

#[test]
fn narrow_terminals_show_what_fits() {
    for (columns, text) in [
        (1, None),
        (2, None),
        (3, Some("\r0%\x1b[K")),
        (5, Some("\r0/1\x1b[K")),
        (8, Some("\r0/1 0%\x1b[K")),
    ] {
        let child = progress()
            .args(["probe await go; echo <> >&2", ":::", "a"])
            .tty(24, columns)
            .start();
        if let Some(text) = text {
            child.wait_for_stderr(text);
        }
        allow(&child, "go");
        let output = child.stderr_has("a\n").stderr_has("1 job, ").success();
        let drawn = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(text.is_some() || drawn.starts_with("a\n"), "{drawn:?}");
    }
}

#[test]
fn output_goes_above_the_display() {
    let child = progress()
        .args(["-j2", "if [ <> = 1 ]; then probe await go; fi; echo out <>"])
        .args([":::", "1", "2"])
        .terminal(24, 80)
        .start();
    child.wait_for_stdout("job 1: 1\x1b[K");
    child.wait_for_stdout("out 2\n");
    // No later drawing is needed to see it again.
    child.wait_for_stdout("1/2 50%");
    allow(&child, "go");
    child
        .stdout_has("\x1b[1A\r\x1b[Jout 1\n")
        .stdout_has("2 jobs, ")
        .success();
}

#[test]
fn without_a_terminal_nothing_is_drawn() {
    for (test, name) in [
        (progress(), "no terminal"),
        (
            progress().tty(24, 80).env("TERM", "dumb"),
            "a dumb terminal",
        ),
    ] {
        let output = test
            .args(["-j1", "true", ":::", "1", "2"])
            .stderr_has("2 jobs, ")
            .success();
        let text = String::from_utf8_lossy(&output.stderr);
        assert!(
            text.chars().all(|c| c == '\n' || !c.is_control()),
            "{name}: {text:?}"
        );
    }
}
