//! The text, to the letter, of each message that `support/message.rs` makes for the other
//! tests.

use crate::support::{Signal, Test};

#[test]
fn failed_jobs_are_counted_and_named() {
    Test::new()
        .args(["-j1", "exit <>", ":::", "1", "0", "2"])
        .stderr("prun: 2 of 3 jobs failed\n  job 1: exit 1: exit 1\n  job 3: exit 2: exit 2\n")
        .status(2);
    Test::new()
        .args(["exit <>", ":::", "3"])
        .stderr("prun: 1 of 1 job failed\n  job 1: exit 3: exit 3\n")
        .status(1);
    Test::new()
        .args(["-j1", "--halt", "now,fail=1", "exit <>", ":::", "3", "0"])
        .stderr("prun: 1 of 2 jobs failed, 1 not started\n  job 1: exit 3: exit 3\n")
        .status(3);
    let (stopped, failed) = (": >up; exec sleep 60", "probe await up; exit 3");
    Test::new()
        .args(["-j2", "--halt", "now,fail=1", ":::", stopped, failed])
        .stderr(format!(
            "prun: 1 of 2 jobs failed, 1 stopped\n  job 2: exit 3: {failed}\n"
        ))
        .status(3);
}

#[test]
fn a_missing_program_is_told_before_the_closing_block() {
    Test::new()
        .args(["nosuchcmd", ":::", "1"])
        .stderr(
            "prun: job 1: nosuchcmd: command not found\n\
             prun: 1 of 1 job failed\n  job 1: not found: nosuchcmd 1\n",
        )
        .status(1);
}

#[test]
fn a_signal_tells_what_was_stopped() {
    let child = Test::new()
        .args(["-j1", "echo <>; : >up; exec sleep 60", ":::", "1", "2"])
        .start();
    child.wait_for_file("up");
    child.signal(Signal::TERM);
    child
        .stdout("1\n")
        .stderr("prun: job 1: cut off by SIGTERM\nprun: SIGTERM: 1 job stopped, 1 not started\n")
        .signaled(Signal::TERM);
    let child = Test::new()
        .args(["-j2", ": >up.<>; exec sleep 60", ":::", "1", "2"])
        .start();
    child.wait_for_file("up.1");
    child.wait_for_file("up.2");
    child.signal(Signal::INT);
    child
        .stderr("prun: SIGINT: 2 jobs stopped, none left to start\n")
        .signaled(Signal::INT);
    let child = Test::new()
        .args(["-j1", "--delay", "60", "echo", ":::", "1", "2", "3"])
        .start();
    child.wait_for_stdout("1\n");
    child.signal(Signal::TERM);
    child
        .stdout("1\n")
        .stderr("prun: SIGTERM: 0 jobs stopped, 2 not started\n")
        .signaled(Signal::TERM);
}

#[test]
fn a_process_that_is_left_is_told() {
    Test::new()
        .args(["probe hold pid; echo <>", ":::", "1"])
        .stdout("1\n")
        .stderr(
            "prun: warning: job 1 left a process holding its output\n\
             hint: --leak wait reads until it ends\n",
        )
        .leaves_processes()
        .success();
}

#[test]
fn a_built_in_that_is_used_wrongly_shows_its_help() {
    Test::new()
        .args(["@freq", "-n", "x", ":::", "a"])
        .stderr("prun: @freq: 'x' is no number\nhint: prun --help @freq\n")
        .status(255);
}

#[test]
fn names_in_messages_do_not_command_the_terminal() {
    const NAME: &str = "no\x1b[31m\u{9b}2J\rsuch";
    const SHOWN: &str = r"no\x1b[31m\x9b2J\x0dsuch";
    for (args, message) in [
        (["echo", "::::", NAME], "prun: cannot read"),
        (["@cat", ":::", NAME], "@cat: cannot read"),
    ] {
        let output = Test::new()
            .arg("--quiet")
            .args(args)
            .stderr(format!("{message} '{SHOWN}': No such file or directory\n"))
            .any_status();
        assert!(!output.status.success());
    }
    for options in [
        ["--joblog", &format!("{NAME}/log")],
        ["--timeout", NAME],
        ["--wd", NAME],
    ] {
        let output = Test::new()
            .file(NAME, "")
            .args(options)
            .args(["--quiet", "true", ":::", "1"])
            .stderr_has(SHOWN)
            .any_status();
        assert!(!output.status.success());
        assert!(!output.stderr.contains(&0x1b), "{:?}", output.stderr);
    }
}
