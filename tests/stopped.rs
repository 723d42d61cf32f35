//! Jobs that are stopped, and so would wait for ever.

use rustix::process::kill_process;

use crate::support::{
    STARTS, Signal, Test, ends, failed, interrupted, needed, pid_in, wait_for_state,
};

#[test]
fn a_job_that_stops_itself_is_told() {
    let child = Test::new()
        .args([
            "-j2",
            "echo $$ >pid.<>; [ <> = 1 ] || kill -STOP $$; echo <>",
        ])
        .args([":::", "1", "2"])
        .start();
    child.wait_for_stderr("SIGSTOP");
    kill_process(pid_in(child.path("pid.2")), Signal::CONT).expect("it waits for this");
    child
        .stdout("1\n2\n")
        .stderr("prun: warning: job 2 is stopped (SIGSTOP)\n")
        .success();
}

const DENIED: &str = "prun: job 1 wanted the terminal\n\
    hint: --tty gives it to one job at a time\n";

#[test]
fn a_job_that_wants_the_terminal_has_failed() {
    for start in STARTS {
        for job in [
            "cat </dev/tty; : <>",
            "cat - - </dev/tty; (: <>)",
            "stty sane </dev/tty; : <>",
            "sh -c 'read x </dev/tty; echo $x'",
            "echo <> | cat - /dev/tty",
        ] {
            Test::new()
                .env("PRUN_START", start)
                .args(["--quiet", job, ":::", "1"])
                .terminal(24, 80)
                .stdout_has(DENIED)
                .status(1);
        }
    }
}

#[test]
fn an_interactive_shell_wants_the_terminal() {
    for shell in ["bash", "zsh"] {
        needed!(shell);
        Test::gnu()
            .args([&format!("{shell} -ic 'echo <>'"), ":::", "1"])
            .terminal(24, 80)
            .stdout_has(DENIED)
            .status(1);
    }
}

#[test]
fn jobs_that_only_print_do_not_want_the_terminal() {
    Test::new()
        .args(["-k", "echo <> >/dev/tty; test -t 2 </dev/tty; echo <>"])
        .args([":::", "1"])
        .terminal(24, 80)
        .stdout("1\n1\n")
        .success();
}

#[test]
fn a_job_that_wanted_the_terminal_is_in_the_closing_block_and_the_log() {
    let output = Test::new()
        .args(["--joblog", "log", "cat </dev/tty; : <>", ":::", "1"])
        .terminal(24, 80)
        .stdout(
            DENIED.to_owned() + &failed("1 of 1", &["1: wanted the terminal: cat </dev/tty; : 1"]),
        )
        .status(1);
    assert_eq!(ends(&output.path("log")), ["1 -1 1"]);
}

#[test]
fn a_time_limit_ends_a_job_that_was_stopped_by_hand() {
    Test::new()
        .args(["--timeout", ".3", "kill -STOP $$; : <>", ":::", "1"])
        .terminal(24, 80)
        .stdout(failed(
            "1 of 1",
            &["1: timed out after 0.3s: kill -STOP $$; : 1"],
        ))
        .status(1);
}

#[test]
fn each_job_in_turn_has_the_terminal() {
    for start in STARTS {
        for (job, extra) in [
            ("read x; echo <> $x", ["-j4", "--tty"]),
            (
                "read x </dev/tty; stty -echo; echo <> $x",
                ["--quiet", "--tty"],
            ),
            ("bash -c 'read x; echo $0 $x'", ["-j4", "--tty"]),
        ] {
            let mut child = Test::new()
                .env("PRUN_START", start)
                .args(extra)
                .args([job, ":::", "1", "2"])
                .terminal(24, 80)
                .start();
            child.feed("one\ntwo\n");
            child.stdout("1 one\n2 two\n").success();
        }
    }
}

#[test]
fn an_interactive_shell_may_have_the_terminal() {
    let mut child = Test::gnu()
        .args(["--tty", "bash --norc -ic 'read x; echo $x'", ":::", "1"])
        .terminal(24, 80)
        .start();
    child.feed("one\n");
    child.stdout_has("one\n").success();
}

#[test]
fn ctrl_c_ends_the_job_that_has_the_terminal_and_prun() {
    for start in STARTS {
        let mut child = Test::new()
            .env("PRUN_START", start)
            .args(["--tty", "echo up; read x; : <>", ":::", "1", "2"])
            .terminal(24, 80)
            .start();
        child.wait_for_stdout("up\n");
        child.feed(b"\x03");
        child
            .stdout(format!("up\n{}", interrupted("SIGINT", 0, "1 not started")))
            .signaled(Signal::INT);
    }
}

#[test]
fn ctrl_z_stops_the_job_that_has_the_terminal_and_prun() {
    for start in STARTS {
        let mut child = Test::new()
            .env("PRUN_START", start)
            .args(["--tty", "echo up; read x; echo <> $x", ":::", "1"])
            .terminal(24, 80)
            .start();
        child.wait_for_stdout("up\n");
        child.feed(b"\x1a");
        wait_for_state(child.pid(), "T");
        child.signal(Signal::CONT);
        child.feed("one\n");
        child.stdout("up\n1 one\n").success();
    }
}

#[test]
fn a_program_that_is_missing_does_not_keep_the_terminal() {
    let mut child = Test::new()
        .line("prun --quiet --tty ./missing ::: 1; read x; echo $x")
        .terminal(24, 80)
        .start();
    child.feed("one\n");
    child.stdout_has("one\n").success();
}

#[test]
fn without_a_terminal_there_is_none_to_give() {
    Test::new()
        .args(["--tty", "echo", ":::", "1"])
        .stderr("prun: --tty: prun itself has no terminal: No such device or address\n")
        .status(255);
}

#[test]
fn a_job_that_is_killed_leaves_the_terminal_as_it_was() {
    for start in STARTS {
        for job in ["stty raw -echo; kill -9 $$; : <>", "stty raw -echo; : <>"] {
            Test::new()
                .env("PRUN_START", start)
                .line(format!(
                    "stty echo; prun --quiet --tty '{job}' ::: 1; stty -a | grep -ow -e '-*icanon' -e '-*echo'"
                ))
                .terminal(24, 80)
                .stdout("icanon\necho\n")
                .success();
        }
    }
}

#[test]
fn a_job_that_goes_on_has_the_terminal_as_it_had_set_it() {
    let mut child = Test::new()
        .args([
            "--tty",
            "stty -icanon; echo up; read x; stty -a | grep -ow -e '-*icanon'; : <>",
        ])
        .args([":::", "1"])
        .terminal(24, 80)
        .start();
    child.wait_for_stdout("up\n");
    child.feed(b"\x1a");
    wait_for_state(child.pid(), "T");
    child.signal(Signal::CONT);
    child.feed("one\n");
    child.stdout("up\n-icanon\n").success();
}
