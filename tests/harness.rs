//! The harness is only worth something if it notices: these tests run `sh`, not prun.

use std::time::Duration;

use crate::support::{Child, Output, Signal, Test, needed, pattern, tool};

#[test]
fn a_line_has_its_own_directory_and_a_bare_environment() {
    let test = Test::new().env("EXTRA", "1");
    let home = test.path("..").canonicalize().expect("it is there");
    let home = home.display();
    test.line("env | grep -v ^PATH= | sort; pwd")
        .stdout_has(format!("HOME={home}\n"))
        .stdout_has(format!("TMPDIR={home}/tmp\n"))
        .stdout_has("COLUMNS=80\nEXTRA=1\n")
        .stdout_has("LC_ALL=C\n")
        .stdout_has(format!("{home}/work\n"))
        .success();
}

#[test]
fn signals_act_however_the_tests_were_started() {
    // bash lists those that were ignored when it started.
    Test::new().line("trap -p").success();
    Test::new()
        .line("trap '' HUP INT; bash -c 'trap -p'")
        .stdout("trap -- '' SIGHUP\ntrap -- '' SIGINT\n")
        .success();
}

#[test]
fn a_report_shows_the_command_quoted() {
    let report = failure(|| Test::gnu().arg("-k").args(["a b", "'"]).status(250));
    assert!(report.contains("command: prun --gnu -k 'a b' "), "{report}");
}

#[test]
fn input_is_fed_while_output_is_read() {
    let bytes = pattern(1 << 20);
    Test::new()
        .line("cat")
        .stdin(&bytes)
        .stdout(&bytes)
        .success();
}

#[test]
fn an_open_pipe_ends_when_the_test_ends_it() {
    let mut child = Test::new().line("cat; echo end").stdin_open().start();
    child.feed("a\n");
    child.wait_for_stdout("a\n");
    child.close_stdin();
    child.wait().stdout("a\nend\n").success();
}

#[test]
fn files_and_programs_can_be_made_and_checked() {
    Test::new()
        .file("dir/in", "x\n")
        .executable("job", "#!/bin/sh\ncat dir/in >out\n")
        .line("./job")
        .check_file("out", "x\n")
        .success();
}

#[test]
fn a_signal_can_be_sent_when_a_file_says_so() {
    let child = Test::new().line("exec probe signals got").start();
    child.wait_for_file("got");
    child.signal(Signal::USR1);
    child.signal(Signal::TERM);
    while std::fs::read(child.path("got")).is_ok_and(|got| got != b"SIGUSR1\nSIGTERM\n") {
        std::thread::sleep(Duration::from_millis(2));
    }
    assert!(child.pid().as_raw_nonzero().get() > 1);
    child.signal(Signal::KILL);
    child.signaled(Signal::KILL);
}

#[test]
fn stderr_can_be_a_terminal() {
    Test::new()
        .line("test -t 2 && ! test -t 1 && printf 'a\\r\\033[Kb\\n' >&2; stty size <&2")
        .tty(24, 50)
        .stdout("24 50\n")
        .stderr("a\r\x1b[Kb\n")
        .success();
}

#[test]
fn a_terminal_controls_the_program() {
    let mut child = Test::new()
        .line("test -t 0 && test -t 1 && stty size </dev/tty; trap 'stty size; exit 3' WINCH; echo on; while :; do sleep .01; done")
        .terminal(24, 80)
        .start();
    child.wait_for_stdout("on\n");
    child.resize(10, 40);
    child.wait_for_stdout("10 40\n");
    child.stdout("24 80\non\n10 40\n").status(3);

    child = Test::new()
        .line("echo on; exec probe linger")
        .terminal(24, 80)
        .start();
    child.wait_for_stdout("on");
    child.feed(b"\x03");
    child.stdout_any().signaled(Signal::INT);
}

#[test]
fn lines_in_any_order_are_still_exact() {
    Test::new()
        .line("echo b; echo a")
        .stdout_lines_any_order(&["a", "b"])
        .success();
}

#[test]
fn what_came_of_it_can_be_looked_at() {
    let output = Test::new()
        .line("echo a >out; echo b; echo c >&2; exit 3")
        .output();
    assert_eq!(output.status.code(), Some(3));
    assert_eq!(
        (&output.stdout[..], &output.stderr[..]),
        (&b"b\n"[..], &b"c\n"[..])
    );
    assert!(output.path("out").exists());
    Test::new().line("echo c >&2").stderr_any().success();
}

#[test]
fn what_differs_is_found_in_every_place() {
    type Case = (&'static str, &'static str, fn(Test) -> Output);
    let cases: [Case; 12] = [
        ("echo", "stdout differs", |t| t.success()),
        ("echo >&2", "stderr differs", |t| t.success()),
        ("echo a; echo c", "- b\n+ c\n", |t| {
            t.stdout("a\nb\n").success()
        }),
        ("exit 3", "expected exit 0, got exit 3", |t| t.success()),
        ("kill -9 $$", "got killed by signal 9", |t| t.status(137)),
        ("", "expected killed by signal 15", |t| {
            t.signaled(Signal::TERM)
        }),
        ("echo", "stdout, sorted, differs", |t| {
            t.stdout_lines_any_order(&[]).success()
        }),
        ("", "stdout has no \"x\"", |t| t.stdout_has("x").success()),
        ("echo x >&2", "stderr has no \"y\"", |t| {
            t.stderr_has("x").stderr_has("y").success()
        }),
        ("", "cannot read 'out'", |t| {
            t.check_file("out", "").success()
        }),
        ("echo >out", "file 'out' differs", |t| {
            t.check_file("out", "").success()
        }),
        (
            "touch $TMPDIR/x",
            "temporary files are left:\n  x (0",
            |t| t.any_status(),
        ),
    ];
    for (line, problem, test) in cases {
        let report = failure(|| test(Test::new().line(line)));
        assert!(report.contains(problem), "{report}");
    }
}

#[test]
fn a_program_that_does_not_end_is_killed() {
    let limit = Duration::from_millis(100);
    let late = failure(move || {
        Test::new()
            .line("echo on; sleep 60 & sleep 60")
            .limit(limit)
            .success()
    });
    assert!(late.contains("did not end within 100ms"), "{late}");
    assert!(late.contains("stdout:\n  on\n"), "{late}");
    let held = failure(move || Test::new().line("sleep 60 &").limit(limit).success());
    assert!(held.contains("did not end within 100ms"), "{held}");
    let start = || Test::new().line("sleep 60").limit(limit).start();
    type Wait = (&'static str, fn(&Child));
    let waits: [Wait; 3] = [
        ("no file 'never'", |child| child.wait_for_file("never")),
        ("no \"never\" on stdout", |child| {
            child.wait_for_stdout("never")
        }),
        ("no \"never\" on stderr", |child| {
            child.wait_for_stderr("never")
        }),
    ];
    for (problem, wait) in waits {
        let missed = failure(|| {
            let child = start();
            wait(&child);
            child.output()
        });
        assert!(missed.contains(problem), "{missed}");
    }
}

#[test]
fn a_process_that_is_left_is_told() {
    let run = || Test::new().line("sleep 61 >/dev/null 2>&1 & echo $! >left");
    let told = failure(move || run().success());
    assert!(
        told.contains("processes are left:") && told.contains("sleep 61"),
        "{told}"
    );
    let left = run().leaves_processes().success().path("left");
    assert!(!left.exists(), "the directory is gone");
}

#[test]
fn a_missing_tool_is_none() {
    assert_eq!(tool("no such tool"), None);
    needed!("sh");
}

/// The message that a failing test panics with.
fn failure(test: impl FnOnce() -> Output) -> String {
    let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(test));
    let panic = caught.err().expect("the test fails");
    *panic.downcast::<String>().expect("a message")
}

/// The helper program, verb by verb.
mod probe {
    use super::*;

    #[test]
    fn args_passes_bytes_on() {
        Test::new()
            .line("probe args a $'\\xff' '' 'b c'")
            .stdout(b"a\n\xff\n\nb c\n")
            .success();
        Test::new()
            .line("probe args -0 a -0")
            .stdout(b"a\0-0\0")
            .success();
    }

    #[test]
    fn it_ends_as_told() {
        Test::new().line("probe exit 7").status(7);
        for signal in [Signal::TERM, Signal::PIPE, Signal::KILL] {
            let line = format!("exec probe die {}", signal.as_raw());
            Test::new().line(line).signaled(signal);
        }
        Test::new()
            .line("probe exit x")
            .stderr("probe: exit: 'x' is not a number\n")
            .status(1);
        Test::new()
            .line("probe")
            .stderr_has("usage: probe VERB")
            .status(1);
    }

    #[test]
    fn write_fills_both_streams() {
        Test::new()
            .line("probe write 300000 200000")
            .stdout(pattern(300_000))
            .stderr(pattern(200_000))
            .success();
    }

    #[test]
    fn meet_and_await_wait_for_others() {
        Test::new()
            .line("probe meet . 2 & probe meet . 2 && wait $!")
            .success();
        Test::new()
            .line("probe await go & touch go; wait $!")
            .success();
    }

    #[test]
    fn hold_leaves_a_child_with_the_pipe() {
        let child = Test::new().line("probe hold pid; echo end").start();
        child.wait_for_stdout("end\n");
        Test::new()
            .line(format!("kill $(cat {})", child.path("pid").display()))
            .success();
        child.stdout("end\n").success();
    }

    #[test]
    fn ignore_term_lives_on() {
        let child = Test::new().line("exec probe ignore-term ready").start();
        child.wait_for_file("ready");
        child.signal(Signal::TERM);
        child.signal(Signal::KILL);
        child.signaled(Signal::KILL);
    }

    #[test]
    fn it_tells_what_it_inherited() {
        Test::new()
            .line("probe fds </dev/null 3<.")
            .stdout_has("0 /dev/null\n1 pipe:[")
            .stdout_has("/work\n")
            .success();
        Test::new()
            .line("probe sigmask")
            .stdout("0000000000000000\n")
            .success();
    }

    #[test]
    fn it_takes_system_calls_away() {
        Test::new()
            .line("probe lacks pidfd_open,clone sh -c 'echo on; (exit 3); echo off'")
            .stdout("on\n")
            .stderr_has("annot fork")
            .status(2);
        Test::new()
            .line("probe lacks clone3,pidfd_open sh -c '(exit 3)'")
            .status(3);
        Test::new()
            .line("probe lacks nothing true")
            .stderr("probe: lacks: what number has 'nothing'?\n")
            .status(1);
    }

    #[test]
    fn it_reads_slowly_and_counts() {
        let bytes = pattern(4096);
        Test::new()
            .line("probe cat-slowly 256")
            .stdin(&bytes)
            .stdout(&bytes)
            .success();
        Test::new()
            .line("probe count-lines")
            .stdin(&bytes)
            .stdout("256\n")
            .success();
    }
}
