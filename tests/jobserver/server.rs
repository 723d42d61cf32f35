//! `--jobserver`: prun is the jobserver of what runs below it.

use std::fs;

use super::{FakeServer, STYLES, TOKENS};
use crate::support::{Signal, Test, pid_in, wait_until_gone};

/// Takes one token from the jobserver that is announced, by its descriptors, and keeps it.
const STEAL: &str = "fds=${MAKEFLAGS##*=}; read -rN1 -u ${fds%,*} token";

#[test]
fn jobs_learn_of_it_beside_other_flags() {
    for (before, options, expected) in [
        ("", "-j3", " -j3 --jobserver-auth=R"),
        ("MAKEFLAGS=ks ", "-j3", "ks -j3 --jobserver-auth=R"),
        (
            "MAKEFLAGS='k -j8 --jobserver-auth=8,9 -- A=b' ",
            "-j3",
            "k -j3 --jobserver-auth=R -- A=b",
        ),
    ] {
        for (style, address) in [
            ("", "s/[0-9]+,[0-9]+/R/"),
            ("=fifo", "s|fifo:/proc/[0-9]+/fd/[0-9]+|R|"),
        ] {
            Test::new()
                .line(format!(
                    "{before}prun --jobserver{style} {options} -N0 'printenv MAKEFLAGS CARGO_MAKEFLAGS' ::: 1 | sed -E '{address}'"
                ))
                .stdout(format!("{expected}\n{expected}\n"))
                .success();
        }
    }
    // Without the option, jobs have what prun has.
    Test::new()
        .line("MAKEFLAGS='-j8' prun -N0 'printenv MAKEFLAGS CARGO_MAKEFLAGS; true' ::: 1")
        .stdout("-j8\n")
        .success();
}

#[test]
fn there_are_tokens_for_all_jobs_but_the_one_that_runs() {
    for (jobs, tokens) in [("1", 0), ("4", 3)] {
        let count = "fds=${MAKEFLAGS##*=}; n=0; \
             while read -rN1 -t 0 -u ${fds%,*} && read -rN1 -u ${fds%,*} token; do n=$((n + 1)); done; echo $n";
        Test::new()
            .args(["--jobserver", "-j", jobs, "-N0", count, ":::", "1"])
            .stdout(format!("{tokens}\n"))
            .success();
    }
}

#[test]
fn a_job_waits_for_a_token_that_another_one_holds() {
    let mut child = Test::new()
        .args(["--jobserver", "-j2"])
        .arg(format!(
            "[ <> = 2 ] && exec test -e go; {STEAL}; : >stolen; probe await go; printf %s \"$token\" >&${{fds#*,}}"
        ))
        .stdin_open()
        .start();
    child.feed("1\n");
    child.wait_for_file("stolen");
    child.feed("2\n");
    fs::write(child.path("go"), "").expect("the directory is ours");
    child.close_stdin();
    child.success();
}

#[test]
fn tokens_of_a_job_that_was_killed_are_made_up_for() {
    let mut child = Test::new()
        .args(["--jobserver", "-j2"])
        .arg(format!(
            "[ <> != 1 ] && exec probe meet . 2; {STEAL}; echo $$ >new; mv new pid; kill -9 $$"
        ))
        .stdin_open()
        .start();
    child.feed("1\n");
    child.wait_for_file("pid");
    wait_until_gone(pid_in(child.path("pid")));
    child.feed("2\n3\n");
    child.close_stdin();
    child.stderr_has("job 1: killed by SIGKILL").status(1);
}

#[test]
fn a_jobserver_above_is_passed_on() {
    for (_, style) in STYLES {
        let test = Test::new();
        let mut server = FakeServer::new(&test, TOKENS);
        test.line(format!(
            "{style}prun --jobserver -j9 'probe meet . 4; [ \"$MAKEFLAGS\" = \"<>\" ]' ::: \"$MAKEFLAGS\"{{,,,}}"
        ))
        .success();
        assert_eq!(server.take_all(), TOKENS);
    }
}

#[test]
fn the_number_of_jobs_is_that_of_the_tokens() {
    let child = Test::new()
        .args([
            "--jobserver",
            "-j2",
            ": >up; probe await go; : <>",
            ":::",
            "1",
        ])
        .start();
    child.wait_for_file("up");
    child.signal(Signal::USR1);
    child.wait_for_stderr(
        "prun: warning: the number of jobs at once stays as it is: the jobserver has as many tokens\n",
    );
    fs::write(child.path("go"), "").expect("the directory is ours");
    child.stderr_any().success();
}

#[test]
fn what_has_no_effect_or_no_end_is_refused() {
    let hint = "hint: prun --jobserver -j8 'make -C <>' ::: dir1 dir2";
    for (args, problem) in [
        (
            &["-j0", "true", ":::", "1"][..],
            "--jobserver and -j 0 cannot go together: there is no limit to share",
        ),
        (
            &["@upper", ":::", "1"],
            "--jobserver is for processes, and a built-in is none",
        ),
        (
            &["--pipe", "--tee", "cat; : <>", ":::", "1", "2"],
            "--jobserver is not for jobs that share the input: they run at once, and cannot wait for tokens",
        ),
    ] {
        Test::new()
            .arg("--jobserver")
            .args(args)
            .stderr(format!("prun: {problem}\n{hint}\n"))
            .status(255);
    }
    Test::new()
        .args(["--jobserver=x", "true", ":::", "1"])
        .stderr("prun: 'x' is no value of '--jobserver'\nhint: it takes pipe, fifo\n")
        .status(255);
    Test::new()
        .args(["--jobserver", "-j3", "--dry-run", "make -C <>", ":::", "1"])
        .stdout("make -C 1\n")
        .success();
}
