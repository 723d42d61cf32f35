//! Processes that leave their job's process group, and lose their parent.

use rustix::process::kill_process;

use crate::support::{LEAVE, Signal, Test, check_gone, interrupted, lives, needed, pid_in};

/// A test with the script `leave`, which needs setsid(1).
fn test() -> Test {
    Test::new().file("leave", LEAVE)
}

#[test]
fn a_time_limit_ends_processes_that_left_the_group() {
    needed!("setsid");
    // One has its parent when the time is over, one has lost it, one has left that one.
    let output = test()
        .args(["--quiet", "--timeout", "1"])
        .arg("sh leave <>.a wait & (sh leave <>.b &); (setsid sh leave <>.c sleep 60 &); wait")
        .args([":::", "1", "2"])
        .status(2);
    for file in ["1.a", "1.b", "1.c", "2.a", "2.b", "2.c"] {
        check_gone(output.path(file));
    }
}

#[test]
fn an_interrupt_ends_processes_that_left_the_group() {
    needed!("setsid");
    let child = test()
        .args(["sh leave <>; : >up; exec sleep 60", ":::", "pid"])
        .start();
    child.wait_for_file("up");
    child.signal(Signal::INT);
    let output = child
        .stderr(interrupted("SIGINT", 1, "none left to start"))
        .signaled(Signal::INT);
    check_gone(output.path("pid"));
}

#[test]
fn a_halt_ends_processes_that_left_the_group() {
    needed!("setsid");
    let output = test()
        .args(["--quiet", "-j2", "--halt", "now,fail=1"])
        .args([":::", "sh leave pid; : >up; exec sleep 60"])
        .arg("probe await up; exit 3")
        .status(3);
    check_gone(output.path("pid"));
}

#[test]
fn what_other_jobs_have_left_lives_on() {
    needed!("setsid");
    let output = test()
        .args(["--quiet", "--timeout", "1", "-j2"])
        .args([":::", "sh leave pid", "probe await pid; exec sleep 60"])
        .status(1);
    let pid = pid_in(output.path("pid"));
    let lives = lives(pid);
    let _ = kill_process(pid, Signal::KILL);
    assert!(lives, "it was killed");
}

#[test]
fn orphans_are_reaped_while_a_job_runs() {
    let orphan = "exec >/dev/null 2>&1
        until grep -q \") S $PRUN_PID \" /proc/$$/stat; do sleep .01; done
        echo $$ >pid.new; mv pid.new pid";
    let job = "(sh orphan &); probe await <>; pid=$(cat pid)
        while [ -e /proc/$pid ]; do sleep .01; done; echo gone";
    Test::new()
        .file("orphan", orphan)
        .args([job, ":::", "pid"])
        .stdout("gone\n")
        .success();
}

#[test]
fn many_short_jobs_do_not_leave_many_zombies() {
    const JOBS: usize = 500;
    let job = "(sleep .01 >/dev/null 2>&1 &); [ <> -lt 500 ] ||
        grep -ls \") Z $PRUN_PID \" /proc/[0-9]*/stat | wc -l";
    let output = Test::new()
        .args(["-j4", job, ":::"])
        .args((1..=JOBS).map(|number| number.to_string()))
        .stdout_any()
        .success();
    let zombies = String::from_utf8_lossy(&output.stdout).trim().parse();
    let zombies: usize = zombies.expect("the last job counts them");
    assert!(zombies < JOBS / 2, "{zombies} zombies");
}
