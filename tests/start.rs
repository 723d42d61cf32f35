use std::fs;
use std::thread::sleep;
use std::time::{Duration, Instant};

use rustix::process::{Pid, kill_process_group};

use crate::support::{STARTS, Signal, Test, ends, needed, pid_in, skip, wait_for_state};

/// The numbers from 1, one a line.
fn lines(count: usize) -> String {
    (1..=count).map(|n| format!("{n}\n")).collect()
}

/// Path of strace(1), if it can be used. Its `-f` follows threads and jobs.
fn can_trace() -> bool {
    let mut strace = std::process::Command::new("strace");
    let traced = strace.args(["-f", "-o", "/dev/null", "true"]).output();
    traced.is_ok_and(|output| output.status.success())
}

#[test]
fn the_way_to_start_can_be_chosen() {
    if !can_trace() {
        skip!("strace is not installed or not permitted");
    }
    // Only a child that was made without a pidfd needs one to be opened.
    for (start, asks) in STARTS.into_iter().zip([false, true]) {
        let output = Test::new()
            .env("PRUN_START", start)
            .line("exec strace -f -o trace -e trace=pidfd_open prun -k echo ::: 1 2")
            .stdout("1\n2\n")
            .success();
        let trace = fs::read_to_string(output.path("trace")).expect("strace wrote it");
        assert_eq!(trace.contains("pidfd_open("), asks, "{start}: {trace}");
    }
}

#[test]
fn jobs_die_with_prun() {
    for start in STARTS {
        let job = "echo <>; [ <> = 1 ] && exit; : >up.<>; exec sleep 60";
        let child = Test::new()
            .env("PRUN_START", start)
            .args(["-j2", "--joblog", "log", job, ":::", "1", "2", "3"])
            .start();
        child.wait_for_file("up.2");
        child.wait_for_file("up.3");
        let log = child.path("log");
        wait_until("job 1 in the log", || ends(&log).len() == 1);
        child.signal(Signal::KILL);
        // That no process and no temporary file is left is checked in every test.
        child.stdout("1\n").signaled(Signal::KILL);
    }
}

#[test]
fn jobs_without_a_shell_die_with_prun() {
    for start in STARTS {
        let child = Test::new()
            .env("PRUN_START", start)
            .args(["-u", "-j4", "probe", "signals", ":::", "a", "b", "c", "d"])
            .start();
        for name in ["a", "b", "c", "d"] {
            child.wait_for_file(name);
        }
        child.signal(Signal::KILL);
        child.signaled(Signal::KILL);
    }
}

fn wait_until(what: &str, mut done: impl FnMut() -> bool) {
    let patience = Instant::now() + Duration::from_secs(5);
    while !done() {
        assert!(Instant::now() < patience, "{what} is waited for in vain");
        sleep(Duration::from_millis(1));
    }
}

/// Feeds prun, in a group of its own as an interactive shell makes it, with jobs while
/// `disturb` acts on the group.
fn burst(start: &str, rounds: usize, mut disturb: impl FnMut(Pid)) {
    // The group needs a parent in its session, or the kernel does not stop it.
    let line = "set -m; exec 3>&2 2>/dev/null; prun -j8 true <&0 2>&3 3>&- &
        echo $! >new; mv new pid; wait -f $!";
    let mut child = Test::new()
        .env("PRUN_START", start)
        .line(line)
        .stdin_open()
        .start();
    child.wait_for_file("pid");
    let prun = pid_in(child.path("pid"));
    for _ in 0..rounds {
        child.feed("x\n".repeat(5));
        disturb(prun);
    }
    child.close_stdin();
    child.success();
}

#[test]
fn pauses_during_a_burst_of_starts_leave_nobody_stopped() {
    for start in STARTS {
        burst(start, 200, |group| {
            kill_process_group(group, Signal::TSTP).expect("prun runs");
            wait_for_state(group, "T");
            kill_process_group(group, Signal::CONT).expect("prun runs");
        });
    }
}

#[test]
fn stops_of_the_group_during_a_burst_of_starts_leave_nobody_stopped() {
    for start in STARTS {
        burst(start, 200, |group| {
            kill_process_group(group, Signal::STOP).expect("prun runs");
            wait_for_state(group, "T");
            kill_process_group(group, Signal::CONT).expect("prun runs");
        });
    }
}

/// Signals of a job when prun was started by a line of perl that sets
/// some, beside what the same program shows without prun.
fn assert_signals_pass(set: &str) {
    let show = "grep '^Sig[BIC]' /proc/self/status";
    let perl = format!("perl -MPOSIX -e '{set}; exec @ARGV'");
    for start in STARTS {
        let output = Test::new()
            .env("PRUN_START", start)
            .line(format!(
                "{perl} {show} >given; exec {perl} prun \"V=<> {show}\" ::: 1"
            ))
            .stdout_any()
            .success();
        let given = fs::read_to_string(output.path("given")).expect("it was written");
        assert_eq!(given.lines().count(), 3, "{given}");
        let got = String::from_utf8(output.stdout).expect("it is text");
        assert_eq!(got, given, "{start}: {set}");
    }
}

#[test]
fn jobs_have_the_signals_that_prun_was_given() {
    needed!("perl");
    assert_signals_pass("1");
    for signal in ["HUP", "INT", "PIPE", "CHLD", "ALRM", "TSTP", "USR1", "TTOU"] {
        assert_signals_pass(&format!("$SIG{{{signal}}} = q(IGNORE)"));
    }
    assert_signals_pass("$SIG{$_} = q(IGNORE) for qw(HUP PIPE CHLD ALRM RTMIN RTMAX)");
    // The mask is that at the start, whatever prun itself blocks.
    assert_signals_pass(
        "sigprocmask(SIG_BLOCK, POSIX::SigSet->new(SIGTERM, SIGCHLD, SIGALRM, SIGTSTP))",
    );
}

#[test]
fn scripts_that_jobs_have_just_written_can_be_run() {
    let job = "printf '#!/bin/sh\\necho %s\\n' <> >job.<>; chmod +x job.<>; ./job.<>";
    for start in STARTS {
        Test::new()
            .env("PRUN_START", start)
            .args(["-k", "-j16", "--plain-values", job])
            .stdin(lines(300))
            .stdout(lines(300))
            .success();
    }
}

#[test]
fn a_system_without_the_calls_of_the_fast_start_gets_all_jobs_run() {
    for calls in ["clone3", "clone3,pidfd_open", "prctl"] {
        for start in STARTS {
            let job = "grep -h Seccomp: /proc/$$/status; echo <>; exit $((<> % 2))";
            Test::new()
                .env("PRUN_START", start)
                .line(format!(
                    "exec probe lacks {calls} prun --quiet -k -j3 '{job}' ::: 1 2 3 4 5"
                ))
                .stdout(
                    (1..=5)
                        .map(|n| format!("Seccomp:\t2\n{n}\n"))
                        .collect::<String>(),
                )
                .status(3);
        }
    }
}

#[test]
fn files_of_jobs_are_opened_where_the_newer_call_is_missing() {
    Test::new()
        .file("in", "text\n")
        .line("exec probe lacks openat2 prun -k 'cat <in >out.<>; cat out.<>' ::: 1 2")
        .stdout("text\ntext\n")
        .success();
}

#[test]
fn a_sandbox_that_refuses_the_fast_start_gets_all_jobs_run() {
    if !can_trace() {
        skip!("strace is not installed or not permitted");
    }
    for error in ["ENOSYS", "EPERM", "EACCES", "EINVAL"] {
        // Each thread has its own count: the main one makes fewer threads than that.
        let output = Test::new()
            .line(format!(
                "exec strace -f -o trace -e trace=clone3 -e inject=clone3:error={error}:when=10+ \
                 prun -j1 echo ::: {{1..30}}"
            ))
            .stdout(lines(30))
            .success();
        let trace = fs::read_to_string(output.path("trace")).expect("strace wrote it");
        // Once refused, it is not asked for again.
        assert_eq!(trace.matches("(INJECTED)").count(), 1, "{error}: {trace}");
    }
}

#[test]
fn a_tool_that_looks_at_every_access_to_memory_finds_nothing() {
    needed!("valgrind");
    // It may have neither the system calls of the fast start nor those of pidfds.
    for start in STARTS {
        Test::new()
            .env("PRUN_START", start)
            .limit(Duration::from_secs(60))
            .line(
                "exec valgrind -q --log-file=log --child-silent-after-fork=yes \
                 --error-exitcode=9 prun -k -j4 echo ::: 1 2 3",
            )
            .stdout("1\n2\n3\n")
            .success();
    }
}
