//! The death of prun by a signal that it cannot catch: the guard of its jobs.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use rustix::process::{Pid, kill_process, kill_process_group};

use crate::support::{
    Child, LEAVE, STARTS, Signal, Test, check_gone, interrupted, lives, needed, pid_in, skip,
    state, wait_until_gone,
};

/// `sh stay NAME` stays, with its number in the file NAME.
const STAY: &str = "echo $$ >$1.new; mv $1.new $1; exec sleep 60";

fn test() -> Test {
    Test::new().file("leave", LEAVE).file("stay", STAY)
}

/// Waits for the guard of a prun that runs jobs.
#[track_caller]
fn guard_of(prun: Pid) -> Pid {
    let parent = format!("PPid:\t{}\n", prun.as_raw_nonzero());
    let patience = Instant::now() + Duration::from_secs(5);
    while Instant::now() < patience {
        for entry in fs::read_dir("/proc").expect("it is mounted").flatten() {
            let status = fs::read_to_string(entry.path().join("status")).unwrap_or_default();
            if status.starts_with("Name:\tjob-guard\n") && status.contains(&parent) {
                let name = entry.file_name();
                let pid = name.to_str().and_then(|name| name.parse().ok());
                return pid.and_then(Pid::from_raw).expect("it has a number");
            }
        }
    }
    panic!("there is no guard");
}

/// Kills prun when all these files are there, and checks that the processes in them die.
#[track_caller]
fn check_death(child: Child, files: &[String]) {
    for file in files {
        child.wait_for_file(file);
    }
    let guard = guard_of(child.pid());
    child.signal(Signal::KILL);
    let output = child.stdout_any().stderr_any().signaled(Signal::KILL);
    for file in files {
        check_gone(output.path(file));
    }
    wait_until_gone(guard);
}

#[test]
fn all_processes_of_a_job_die_with_prun() {
    needed!("setsid");
    for (start, output) in STARTS.into_iter().zip(["--group", "--ungroup"]) {
        for (command, names) in [
            ("sh stay <>.a; :", "a"),
            ("sh stay <>.a & sh stay <>.b & wait", "ab"),
            ("sh stay <>.a | sh stay <>.b", "ab"),
            ("true && sh stay <>.a; echo", "a"),
            ("@cat stay | sh -s <>.a", "a"),
            ("sh leave <>.a sh stay <>.b", "ab"),
            (
                "sh leave <>.a true; (setsid sh leave <>.b sh stay <>.c &); sleep 60",
                "abc",
            ),
        ] {
            let child = test()
                .env("PRUN_START", start)
                .args([output, "-j2", command, ":::", "1", "2"])
                .start();
            let names = names.chars();
            let files: Vec<String> = names
                .flat_map(|name| [format!("1.{name}"), format!("2.{name}")])
                .collect();
            check_death(child, &files);
        }
    }
}

#[test]
fn a_job_that_has_the_terminal_dies_with_prun() {
    let child = test()
        .terminal(24, 80)
        .args(["--tty", "sh stay <>; :", ":::", "a"])
        .start();
    check_death(child, &["a".to_owned()]);
}

#[test]
fn many_jobs_die_with_prun() {
    let values: Vec<String> = (1..=50).map(|number| number.to_string()).collect();
    let child = test()
        .args(["-j50", "sh stay <> & wait", ":::"])
        .args(&values)
        .start();
    check_death(child, &values);
}

#[test]
fn jobs_die_with_the_process_group_of_prun() {
    needed!("setsid");
    let child = test()
        .args(["sh leave <>.a sh stay <>.b; :", ":::", "1"])
        .start();
    child.wait_for_file("1.b");
    guard_of(child.pid());
    kill_process_group(child.pid(), Signal::KILL).expect("prun leads its group");
    let output = child.signaled(Signal::KILL);
    check_gone(output.path("1.a"));
    check_gone(output.path("1.b"));
}

#[test]
fn jobs_of_a_job_die_with_prun() {
    needed!("setsid");
    let inner = "prun \"sh leave $1.<>.a sh stay $1.<>.b\" ::: x y";
    let child = test()
        .file("inner", inner)
        .args(["-j2", "sh inner <>; :", ":::", "1", "2"])
        .start();
    let files: Vec<String> = ["1.x.a", "1.y.b", "2.x.b", "2.y.a"]
        .map(String::from)
        .into();
    check_death(child, &files);
}

#[test]
fn what_jobs_have_left_that_ended_lives_on() {
    needed!("setsid");
    let child = test()
        .args(["-j1", ":::", "sh leave left true", "sh stay stayed; :"])
        .start();
    child.wait_for_file("stayed");
    let guard = guard_of(child.pid());
    child.signal(Signal::KILL);
    let output = child.signaled(Signal::KILL);
    check_gone(output.path("stayed"));
    // Then it has done its work.
    wait_until_gone(guard);
    let left = pid_in(output.path("left"));
    let lives = lives(left);
    let _ = kill_process(left, Signal::KILL);
    assert!(lives, "it was killed");
}

#[test]
fn the_guard_has_nothing_of_prun() {
    let child = test().args(["sh stay <>; :", ":::", "a"]).start();
    child.wait_for_file("a");
    let guard = guard_of(child.pid());
    let guard = Path::new("/proc").join(guard.as_raw_nonzero().to_string());
    let read = |name| fs::read(guard.join(name)).expect("the guard runs");
    let descriptors = fs::read_dir(guard.join("fd")).expect("the guard runs");
    let descriptors: Vec<_> = descriptors
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(descriptors, ["0"]);
    assert_eq!(fs::read_link(guard.join("cwd")).unwrap(), Path::new("/"));
    let arguments = read("cmdline");
    assert_eq!(
        arguments.trim_ascii_end().split(|&byte| byte == 0).next(),
        Some(&b"job-guard"[..])
    );
    assert!(
        arguments[9..].iter().all(|&byte| byte == 0),
        "{arguments:?}"
    );
    assert!(read("environ").iter().all(|&byte| byte == 0));
    let stat = String::from_utf8(read("stat")).expect("it is text");
    let own = guard.file_name().unwrap().to_str().unwrap();
    // STATE PARENT GROUP SESSION
    let fields: Vec<&str> = stat.rsplit_once(") ").unwrap().1.split(' ').collect();
    assert_eq!(fields[1], child.pid().as_raw_nonzero().to_string());
    assert_eq!(fields[2..4], [own, own]);
    child.signal(Signal::KILL);
    child.signaled(Signal::KILL);
}

#[test]
fn no_guard_is_left_by_an_end_in_order() {
    let guard_in = |child: &Child| {
        child.wait_for_file("up");
        guard_of(child.pid())
    };
    let child = test()
        .args([": >up; probe await go; : <>", ":::", "1"])
        .start();
    let guard = guard_in(&child);
    fs::write(child.path("go"), "").unwrap();
    child.success();
    assert_eq!(state(guard), None);

    for (signal, name) in [(Signal::INT, "SIGINT"), (Signal::TERM, "SIGTERM")] {
        let child = test().args([": >up; exec sleep 60", ":::", "1"]).start();
        let guard = guard_in(&child);
        child.signal(signal);
        child
            .stderr(interrupted(name, 1, "none left to start"))
            .signaled(signal);
        assert_eq!(state(guard), None);
    }

    let child = test()
        .line("exec prun ': >up; probe await go; echo <>' ::: 1 >/dev/full")
        .start();
    let guard = guard_in(&child);
    fs::write(child.path("go"), "").unwrap();
    child.stderr_has("No space left on device").status(255);
    assert_eq!(state(guard), None);
}

/// On a busy machine, the guard may be forked long after the first jobs.
#[test]
fn processes_that_are_older_than_the_guard_die_with_prun() {
    needed!("setsid");
    needed!("strace");
    let child = test()
        .line(
            "exec strace -f -qq -b execve -o /dev/null -e trace=clone -e inject=clone:delay_enter=500000 \
             prun 'echo $PRUN_PID >new; mv new prun; sh leave <>.a sh stay <>.b; :' ::: 1",
        )
        .start();
    child.wait_for_file("1.b");
    let prun = pid_in(child.path("prun"));
    guard_of(prun);
    kill_process(prun, Signal::KILL).expect("it runs");
    let output = child.any_status();
    check_gone(output.path("1.a"));
    check_gone(output.path("1.b"));
}

#[test]
fn a_panic_ends_all_jobs() {
    needed!("setsid");
    let child = test()
        .env("PRUN_PANIC", "3")
        .args(["-j2", ":::", "sh leave a sh stay b; :"])
        .args(["probe await b", "echo"])
        .start();
    child.wait_for_file("b");
    let output = child
        .stderr_has("prun: internal error: provoked (src/os/internal_error.rs:")
        .stderr_has("please report this")
        .status(255);
    check_gone(output.path("a"));
    check_gone(output.path("b"));
}

#[test]
fn a_run_goes_on_without_its_guard() {
    let child = test()
        .args(["-j1", ": >up; probe await go; echo <>", ":::", "1", "2"])
        .start();
    child.wait_for_file("up");
    let guard = guard_of(child.pid());
    kill_process(guard, Signal::KILL).expect("it runs");
    fs::write(child.path("go"), "").unwrap();
    child.stdout("1\n2\n").success();
}

#[test]
fn there_is_no_guard_where_the_kernel_does_its_work() {
    let is_permitted = Command::new("unshare")
        .args(["-pf", "--mount-proc", "true"])
        .status();
    if !is_permitted.is_ok_and(|status| status.success()) {
        skip!("unshare is not installed or not permitted");
    }
    Test::new()
        .line("exec unshare -pf --mount-proc prun 'sleep .2; grep -h ^[pj] /proc/[0-9]*/comm; : <>' ::: 1")
        .stdout("prun\n")
        .success();
}
