//! Jobs that are stopped, and so would wait for ever.

use std::fs;

use rustix::process::{Pid, kill_process};

use crate::support::{Signal, Test};

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
    let pid = fs::read_to_string(child.path("pid.2")).expect("the job has written it");
    let pid = pid.trim().parse().ok().and_then(Pid::from_raw);
    kill_process(pid.expect("it is a process"), Signal::CONT).expect("it waits for this");
    child
        .stdout("1\n2\n")
        .stderr("prun: warning: job 2 is stopped (SIGSTOP)\n")
        .success();
}

#[test]
fn a_job_that_wants_the_terminal_is_told() {
    const WARNING: &str = "prun: warning: job 1 wants the terminal\n\
        hint: no job gets it: give answers as arguments or from a file\n";
    let mut child = Test::new()
        .args(["cat </dev/tty; : <>", ":::", "1"])
        .terminal(24, 80)
        .start();
    child.wait_for_stdout("hint: no job gets it");
    child.feed(b"\x03");
    child
        .stdout(format!(
            "{WARNING}prun: SIGINT: 1 job stopped, none left to start\n"
        ))
        .signaled(Signal::INT);
}

#[test]
fn a_job_that_wants_the_terminal_has_a_time_limit_all_the_same() {
    Test::new()
        .args(["--timeout", ".3", "cat </dev/tty; : <>", ":::", "1"])
        .terminal(24, 80)
        .stdout(
            "prun: 1 of 1 job failed\n  \
               job 1: timed out after 0.3s: cat </dev/tty; : 1\n",
        )
        .status(1);
}
