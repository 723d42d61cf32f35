//! Signals to prun: what becomes of the jobs, of their output, and of prun.

use std::fs;
use std::thread::sleep;
use std::time::{Duration, Instant};

use console::{measure_text_width, strip_ansi_codes};

use crate::support::{
    Child, STARTS, Signal, Test, cut_off, ends, interrupted, needed, pid_in, records,
    wait_for_state,
};

/// Time that a job has between the first signal and the last.
const GRACE: Duration = Duration::from_secs(2);

/// Time within which a repeated signal does not count.
const SAME_SIGNAL: Duration = Duration::from_millis(50);

// Without exec, dash may be hit by a signal while it starts a process: then it waits for
// that one first, which the signal has missed.
const BEGIN: &str = "echo begin <>; : >up.<>; exec sleep 60";

/// prun has started jobs that say so by a file `up.VALUE`.
fn started<'a>(options: &[&str], command: &str, values: &[&'a str], up: &[&'a str]) -> Child {
    let child = Test::new()
        .args(options)
        .args([command, ":::"])
        .args(values)
        .start();
    for value in up {
        child.wait_for_file(format!("up.{value}"));
    }
    child
}

#[test]
fn what_jobs_wrote_before_they_were_stopped_is_printed() {
    for signal in [Signal::TERM, Signal::INT, Signal::QUIT] {
        let name = match signal {
            Signal::TERM => "SIGTERM",
            Signal::INT => "SIGINT",
            _ => "SIGQUIT",
        };
        let child = started(&["-j1"], BEGIN, &["1", "2"], &["1"]);
        child.signal(signal);
        child
            .stdout("begin 1\n")
            .stderr(cut_off(1, name) + &interrupted(name, 1, "1 not started"))
            .signaled(signal);
    }
}

#[test]
fn stopped_jobs_are_told_in_order_and_logged() {
    let options = ["-j2", "-k", "--joblog", "log"];
    let child = started(&options, BEGIN, &["1", "2", "3"], &["1", "2"]);
    // It has the floor, and all of its output may have left.
    child.wait_for_stdout("begin 1\n");
    child.signal(Signal::TERM);
    let output = child
        .stdout("begin 1\nbegin 2\n")
        .stderr(
            cut_off(1, "SIGTERM")
                + &cut_off(2, "SIGTERM")
                + &interrupted("SIGTERM", 2, "1 not started"),
        )
        .signaled(Signal::TERM);
    assert_eq!(ends(&output.path("log")), ["1 -1 15", "2 -1 15"]);
}

#[test]
fn a_job_that_tidies_up_and_returns_0_was_stopped_all_the_same() {
    let command = "exec 2>/dev/null; trap 'echo tidied; exit 0' TERM; : >up.<>
        while :; do sleep .01; done";
    let child = started(&["--joblog", "log"], command, &["1"], &["1"]);
    child.signal(Signal::TERM);
    let output = child
        .stdout("tidied\n")
        .stderr_has("prun: job 1: cut off by SIGTERM\nprun: SIGTERM: 1 job stopped, ")
        .signaled(Signal::TERM);
    assert_eq!(ends(&output.path("log")), ["1 -1 15"]);
}

#[test]
fn jobs_that_ended_before_the_signal_are_printed_and_logged() {
    let command = "echo <>; : >up.<>; [ <> = 2 ] || sleep 60";
    let options = ["-j2", "-k", "--joblog", "log"];
    let child = started(&options, command, &["1", "2", "3"], &["1", "2", "3"]);
    child.signal(Signal::TERM);
    let output = child
        .stdout("1\n2\n3\n")
        .stderr_has("prun: SIGTERM: 2 jobs stopped, ")
        .signaled(Signal::TERM);
    assert_eq!(ends(&output.path("log")), ["1 -1 15", "2 0 0", "3 -1 15"]);
}

#[test]
fn a_signal_ends_prun_while_it_waits_for_input() {
    let child = Test::new()
        .line("exec prun echo < <(echo a; exec sleep 60 2>/dev/null)")
        .start();
    child.wait_for_stdout("a\n");
    child.signal(Signal::TERM);
    child
        .stdout("a\n")
        .stderr(interrupted("SIGTERM", 0, "the rest not started"))
        .leaves_processes()
        .signaled(Signal::TERM);
}

#[test]
fn ctrl_c_reaches_each_job_once() {
    // Lives on for a while, in case that another one comes.
    let job = "exec 2>/dev/null; n=<>; trap 'echo int >>got.$n; got=1' INT; : >up.$n
        until [ $got ]; do sleep .01; done; sleep .2; exit 3";
    let mut child = Test::new()
        .args(["-j2", job, ":::", "1", "2", "3"])
        .terminal(24, 80)
        .start();
    child.wait_for_file("up.1");
    child.wait_for_file("up.2");
    child.feed(b"\x03");
    child
        .stdout(interrupted("SIGINT", 2, "1 not started"))
        .check_file("got.1", "int\n")
        .check_file("got.2", "int\n")
        .signaled(Signal::INT);
}

#[test]
fn a_shell_sees_the_status_of_the_signal() {
    let child = Test::new()
        .line("prun 'echo $PPID >pid.new; mv pid.new pid; sleep 60; : <>' ::: 1; echo $?")
        .start();
    child.wait_for_file("pid");
    let prun = pid_in(child.path("pid"));
    rustix::process::kill_process(prun, Signal::TERM).expect("prun runs");
    child.stdout("143\n").stderr_any().success();
}

#[test]
fn a_second_signal_kills_at_once() {
    let job = "trap '' INT TERM; : >up.<>; sleep 60; sleep 60";
    for second in [Signal::INT, Signal::TERM] {
        let child = started(&["-j2", "--joblog", "log"], job, &["1", "2"], &["1", "2"]);
        let first = Instant::now();
        child.signal(Signal::INT);
        // Twice that, so that they are far enough apart also when prun sees them.
        sleep(2 * SAME_SIGNAL);
        child.signal(second);
        let output = child.stderr_has("2 jobs stopped").signaled(Signal::INT);
        assert!(
            first.elapsed() < GRACE,
            "the first signal's grace has run out"
        );
        assert_eq!(ends(&output.path("log")), ["1 -1 9", "2 -1 9"]);
    }
}

#[test]
fn the_same_signal_twice_at_once_is_one() {
    let job = "exec 2>/dev/null; trap ': >got; probe await go; echo tidied; exit' INT
        : >up.<>; while :; do sleep .01; done";
    let child = started(&["-j1"], job, &["1"], &["1"]);
    child.signal(Signal::INT);
    child.signal(Signal::INT);
    child.wait_for_file("got");
    fs::write(child.path("go"), "").expect("the directory is ours");
    child
        .stdout("tidied\n")
        .stderr_has("prun: job 1: cut off by SIGINT\nprun: SIGINT: 1 job stopped, ")
        .signaled(Signal::INT);
}

#[test]
fn jobs_that_ignore_the_signal_are_killed_after_the_grace() {
    let job = "trap '' TERM; : >up.<>; sleep 60; sleep 60";
    let child = started(&["-j2", "--joblog", "log"], job, &["1", "2"], &["1", "2"]);
    let start = Instant::now();
    child.signal(Signal::TERM);
    let output = child
        .stderr_has("prun: SIGTERM: 2 jobs stopped, ")
        .signaled(Signal::TERM);
    assert!(start.elapsed() >= GRACE);
    assert_eq!(ends(&output.path("log")), ["1 -1 9", "2 -1 9"]);
}

#[test]
fn a_stopped_job_is_continued_so_that_it_can_end() {
    let job = "echo $$ >pid.new; mv pid.new up.<>; kill -STOP $$; sleep 60";
    let child = started(&["--joblog", "log"], job, &["1"], &["1"]);
    wait_for_state(pid_in(child.path("up.1")), "T");
    child.signal(Signal::TERM);
    let output = child
        .stderr_has("prun: SIGTERM: 1 job stopped, ")
        .signaled(Signal::TERM);
    assert_eq!(ends(&output.path("log")), ["1 -1 15"]);
}

#[test]
fn after_a_hangup_running_jobs_end_and_no_more_start() {
    let values: Vec<String> = (1..=600).map(|n| n.to_string()).collect();
    let child = Test::new()
        .args(["-j1", "--joblog", "log", "sleep .01; echo <>", ":::"])
        .args(&values)
        .start();
    child.wait_for_stdout("3\n");
    child.signal(Signal::HUP);
    let output = child
        .stdout_any()
        .stderr_has("not started\n")
        .signaled(Signal::HUP);
    let done = output.stdout.iter().filter(|&&byte| byte == b'\n').count();
    assert!((3..600).contains(&done), "{done} jobs were run");
    assert_eq!(output.stdout, (values[..done].join("\n") + "\n").as_bytes());
    let unstarted = values.len() - done;
    assert_eq!(
        String::from_utf8_lossy(&output.stderr),
        interrupted("SIGHUP", 0, &format!("{unstarted} not started"))
    );
    let ended: Vec<String> = values[..done].iter().map(|n| format!("{n} 0 0")).collect();
    assert_eq!(ends(&output.path("log")), ended);
}

#[test]
fn a_signal_after_a_hangup_ends_the_running_jobs() {
    let child = started(&["-j1"], BEGIN, &["1", "2"], &["1"]);
    child.signal(Signal::HUP);
    child.signal(Signal::TERM);
    child
        .stdout("begin 1\n")
        .stderr_has(cut_off(1, "SIGTERM"))
        .stderr_has("1 job stopped, 1 not started\n")
        .signaled(Signal::TERM);
}

#[test]
fn a_signal_that_was_ignored_at_the_start_stays_ignored() {
    for signal in ["HUP", "INT", "QUIT", "TERM"] {
        Test::new()
            .line(format!(
                "trap '' {signal}; exec prun -j1 'kill -{signal} $PRUN_PID $$; echo <>' ::: 1 2 3"
            ))
            .stdout("1\n2\n3\n")
            .success();
    }
}

#[test]
fn nohup_keeps_prun_from_the_hangup() {
    needed!("nohup");
    Test::new()
        .line("exec nohup prun -j1 'kill -HUP $PRUN_PID; echo <>' ::: 1 2 3")
        .stdout("1\n2\n3\n")
        .success();
}

#[test]
fn a_pause_stops_jobs_and_the_clock_of_the_time_limit() {
    const LIMIT: Duration = Duration::from_secs(2);
    let job = "echo $$ >pid.new; mv pid.new up.<>; exec probe await go";
    let options = ["--timeout", "2", "--joblog", "log"];
    let child = started(&options, job, &["1"], &["1"]);
    child.signal(Signal::TSTP);
    wait_for_state(child.pid(), "T");
    wait_for_state(pid_in(child.path("up.1")), "T");
    // Not a wait for anything: this is the pause, longer than the limit.
    sleep(LIMIT + Duration::from_millis(100));
    fs::write(child.path("go"), "").expect("the directory is ours");
    child.signal(Signal::CONT);
    let output = child.success();
    assert_eq!(ends(&output.path("log")), ["1 0 0"]);
    let runtime = &records(&output.path("log"))[0][3];
    let runtime: f64 = runtime.trim().parse().expect("a number of seconds");
    assert!(runtime < LIMIT.as_secs_f64(), "{runtime} s with the pause");
}

#[test]
fn a_signal_during_a_pause_counts_when_prun_goes_on() {
    let child = started(&["-j1"], BEGIN, &["1", "2"], &["1"]);
    child.signal(Signal::TSTP);
    wait_for_state(child.pid(), "T");
    child.signal(Signal::TERM);
    child.signal(Signal::CONT);
    child
        .stdout("begin 1\n")
        .stderr(cut_off(1, "SIGTERM") + &interrupted("SIGTERM", 1, "1 not started"))
        .signaled(Signal::TERM);
}

#[test]
fn statuses_are_right_where_the_end_of_children_is_ignored() {
    needed!("perl");
    for start in STARTS {
        let output = Test::new()
            .env("PRUN_START", start)
            .line(
                "exec perl -e '$SIG{CHLD} = q(IGNORE); exec @ARGV' \
             prun --quiet --joblog log 'exit <>' ::: 3 0",
            )
            .status(1);
        assert_eq!(ends(&output.path("log")), ["1 3 0", "2 0 0"]);
    }
}

#[test]
fn the_display_fits_a_terminal_that_was_made_narrower() {
    let wide = "x".repeat(60);
    let child = Test::new()
        .args(["-j1", "--progress"])
        .args(["probe await go.<#>; echo MA''RK >&2; : <>", ":::"])
        .args([&wide, &wide, &wide])
        .tty(24, 80)
        .start();
    child.wait_for_stderr("x");
    child.resize(24, 20);
    fs::write(child.path("go.1"), "").expect("the directory is ours");
    // Drawn anew after this job's output; that is when the new size counts.
    child.wait_for_stderr("MARK");
    sleep(Duration::from_millis(1200));
    fs::write(child.path("go.2"), "").expect("the directory is ours");
    fs::write(child.path("go.3"), "").expect("the directory is ours");
    let output = child.stderr_any().success();
    let drawn = String::from_utf8(output.stderr).expect("it is text");
    let (_, drawn) = drawn.split_once("MARK").expect("it was waited for");
    let drawn = strip_ansi_codes(drawn).into_owned();
    assert!(drawn.contains('…'), "nothing was cut: {drawn:?}");
    // Two rows, the counts and the job; the first is filled up instead of ended.
    for rows in drawn.split(['\r', '\n']) {
        assert!(measure_text_width(rows) <= 2 * 20, "{rows:?} is too wide");
    }
}

#[test]
fn as_gnu_parallel_a_hangup_is_the_end_of_the_input() {
    let values: Vec<String> = (1..=600).map(|n| n.to_string()).collect();
    let child = Test::gnu()
        .args(["-j1", "sleep .01; echo", ":::"])
        .args(&values)
        .start();
    child.wait_for_stdout("3\n");
    child.signal(Signal::HUP);
    let output = child.stdout_any().success();
    let done = output.stdout.iter().filter(|&&byte| byte == b'\n').count();
    assert!((3..600).contains(&done), "{done} jobs were run");
    assert_eq!(output.stdout, (values[..done].join("\n") + "\n").as_bytes());
}
