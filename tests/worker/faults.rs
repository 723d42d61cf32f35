//! Workers that do not answer as they should.

use rustix::process::kill_process;

use super::obeying;
use crate::support::{Signal, Test, ends, failed, needed, pid_in, wait_for_state};

const SURPLUS: &str = "the worker has not given one answer to one message and is replaced\n\
    hint: --worker-end TEXT is for answers of several lines, which end with a line TEXT\n";

fn shown(message: &str) -> String {
    format!("printf '%s\\n' '{message}' | probe obey")
}

#[test]
fn bytes_beyond_an_answer_are_no_answer() {
    obeying(&[], &["say a", "many b", "say c"])
        .stdout("a\nb\nc\n")
        .stderr(format!("prun: warning: job 2: {SURPLUS}"))
        .success();
}

#[test]
fn bytes_beyond_the_last_answer_are_told() {
    obeying(&[], &["many a"])
        .stdout("a\n")
        .stderr(format!("prun: warning: job 1: {SURPLUS}"))
        .success();
}

#[test]
fn bytes_that_come_between_two_jobs_are_no_answer() {
    let mut child = Test::new()
        .args(["--worker", "-j1"])
        .arg("while read x; do echo $x; probe await go; echo late; >done; done")
        .stdin_open()
        .start();
    child.feed("1\n");
    child.wait_for_stdout("1\n");
    std::fs::write(child.path("go"), "").expect("it is ours");
    child.wait_for_file("done");
    child.feed("2\n");
    child.wait_for_stdout("2\n");
    child.close_stdin();
    child
        .stdout("1\n2\n")
        .stderr_has(format!("prun: warning: job 1: {SURPLUS}"))
        .success();
}

#[test]
fn a_banner_is_no_answer_to_another_job() {
    let worker = "echo ready; probe await go; while read -r x; do echo =$x; done";
    let child = Test::new()
        .args(["--worker", "-k", "-j1", "--tag", worker, ":::", "x", "y"])
        .start();
    child.wait_for_stdout("x\tready\ny\tready\n");
    std::fs::write(child.path("go"), "").expect("it is ours");
    child
        .stdout("x\tready\ny\tready\n")
        .stderr(format!(
            "prun: warning: job 1: {SURPLUS}prun: warning: job 2: {SURPLUS}"
        ))
        .success();
}

#[test]
fn bytes_that_come_at_the_end_of_a_worker_are_told() {
    for (most_jobs, warned) in [("1", &[1, 2][..]), ("3", &[2])] {
        let warnings = warned
            .iter()
            .map(|job| format!("prun: warning: job {job}: {SURPLUS}"));
        Test::new()
            .args(["--worker", "-k", "-j1", "--worker-jobs", most_jobs])
            .args(["cat; echo bye", ":::", "1", "2"])
            .stdout("1\n2\n")
            .stderr(warnings.collect::<String>())
            .success();
    }
}

#[test]
fn half_an_answer_is_none() {
    Test::new()
        .args(["--worker", "-k", "-j1"])
        .args(["read -r x; printf %s $x; exit ${x#n}", ":::", "n0", "n7"])
        .stdout("n0n7")
        .stderr(failed(
            "2 of 2",
            &[
                "1: exit 1: printf '%s\\n' n0 | (read -r x; printf %s $x; exit ${x#n})",
                "2: exit 7: printf '%s\\n' n7 | (read -r x; printf %s $x; exit ${x#n})",
            ],
        ))
        .status(2);
}

#[test]
fn a_worker_that_ends_without_an_answer_has_failed_its_job() {
    let output = obeying(
        &["--joblog", "log"],
        &["say a", "exit 0", "exit 4", "die 9", "say e"],
    )
    .stdout("a\ne\n")
    .stderr(failed(
        "3 of 5",
        &[
            &format!("2: exit 1: {}", shown("exit 0")),
            &format!("3: exit 4: {}", shown("exit 4")),
            &format!("4: killed by SIGKILL: {}", shown("die 9")),
        ],
    ))
    .status(3);
    let expected = ["1 0 0", "2 1 0", "3 4 0", "4 0 9", "5 0 0"];
    assert_eq!(ends(&output.path("log")), expected);
}

#[test]
fn a_worker_that_ends_after_its_answer_is_replaced() {
    obeying(&[], &["last a", "last b", "say c"])
        .stdout("a\nb\nc\n")
        .success();
}

#[test]
fn workers_for_one_message_are_enough() {
    let values: Vec<String> = (1..=40).map(|number| number.to_string()).collect();
    Test::new()
        .args(["--worker", "-k", "-j2", "read x; echo $x", ":::"])
        .args(&values)
        .stdout(values.join("\n") + "\n")
        .success();
}

#[test]
fn a_worker_that_leaves_its_output_to_others_is_replaced() {
    Test::new()
        .args([
            "--worker",
            "-k",
            "-j1",
            "probe linger 2>/dev/null & read x; echo $x",
        ])
        .args([":::", "1", "2", "3"])
        .stdout("1\n2\n3\n")
        .leaves_processes()
        .success();
}

#[test]
fn a_worker_that_dies_while_it_is_idle_is_replaced_in_silence() {
    let mut child = Test::new()
        .args([
            "--worker",
            "-j1",
            "echo $$ >pid.new; mv pid.new pid; exec probe obey",
        ])
        .stdin_open()
        .start();
    child.feed("say a\n");
    child.wait_for_stdout("a\n");
    let pid = pid_in(child.path("pid"));
    kill_process(pid, Signal::KILL).expect("it waits for a message");
    wait_for_state(pid, "Z");
    child.feed("say b\n");
    child.wait_for_stdout("b\n");
    child.close_stdin();
    child.stdout("a\nb\n").success();
}

#[test]
fn a_worker_that_cannot_answer_any_more_has_failed_its_job() {
    obeying(&[], &["say a", "close", "say c"])
        .stdout("a\nc\n")
        .stderr(failed(
            "1 of 3",
            &["2: exit 1: printf '%s\\n' close | probe obey"],
        ))
        .status(1);
}

#[test]
fn a_worker_without_an_output_is_ended_by_signals() {
    Test::new()
        .args(["--worker", "--quiet", "-j1", "--termseq", "INT,50,KILL"])
        .args([
            "read x; exec >/dev/null; trap '' INT; exec sleep 60",
            ":::",
            "1",
        ])
        .status(1);
}

#[test]
fn both_directions_may_be_full() {
    let value = "x".repeat(300_000);
    let worker = "probe write 300000 300000; read -r x; echo ${#x}; echo end";
    let output = Test::new()
        .args(["--worker", "-j1", "--worker-end", "end", worker])
        .stdin(&value)
        .stdout_any()
        .stderr_any()
        .success();
    assert_eq!(output.stderr.len(), 300_000);
    assert_eq!(output.stdout.len(), 300_007);
    assert!(output.stdout.ends_with(b"300000\n"));
}

#[test]
fn an_answer_before_the_message_was_read_is_the_last_one() {
    let value = "x".repeat(300_000);
    let output = Test::new()
        .args(["--worker", "-k", "-j1", "echo early; cat >/dev/null"])
        .stdin(format!("{value}\nb\n"))
        .stdout("early\nearly\n")
        .stderr_has(format!("prun: warning: job 1: {SURPLUS}"))
        .success();
    assert!(output.stderr.len() < 1000);
}

#[test]
fn a_late_answer_is_not_given_to_the_next_job() {
    let worker = "exec 2>/dev/null; trap 'echo late' TERM; while read -r x; do \
        if [ $x = slow ]; then while :; do sleep 60; done; fi; echo $x; done";
    let output = Test::new()
        .args(["--worker", "-k", "-j1", "--quiet", "--joblog", "log"])
        .args(["--timeout", ".5", "--termseq", "TERM,300,KILL", worker])
        .args([":::", "a", "slow", "c"])
        .stdout("a\nlate\nc\n")
        .status(1);
    assert_eq!(ends(&output.path("log")), ["1 0 0", "2 -1 9", "3 0 0"]);
}

#[test]
fn a_worker_that_stops_itself_is_ended_by_the_time_limit() {
    let output = obeying(
        &["--quiet", "--joblog", "log", "--timeout", ".4"],
        &["say a", "stop", "say c"],
    )
    .stdout("a\nc\n")
    .stderr_any()
    .status(1);
    assert_eq!(ends(&output.path("log")), ["1 0 0", "2 -1 15", "3 0 0"]);
}

#[test]
fn a_worker_that_stops_itself_is_told() {
    let child = Test::new()
        .args(["--worker", "-j1"])
        .args(["echo $$ >pid; exec probe obey", ":::", "stop", "say b"])
        .start();
    child.wait_for_stderr("SIGSTOP");
    kill_process(pid_in(child.path("pid")), Signal::INT).expect("it waits for this");
    kill_process(pid_in(child.path("pid")), Signal::CONT).expect("it waits for this");
    child
        .stdout("b\n")
        .stderr_has("prun: warning: job 1 is stopped (SIGSTOP)\n")
        .status(1);
}

#[test]
fn a_worker_that_buffers_its_output_is_told() {
    needed!("sed");
    Test::new()
        .args([
            "--worker",
            "-j1",
            "--timeout",
            ".4",
            "sed",
            "s/^/x/",
            ":::",
            "1",
            "2",
        ])
        .stderr(
            "prun: warning: job 1: the worker has written nothing until its time was over\n\
             hint: if the program buffers its output: stdbuf -oL sed 's/^/x/'\n"
                .to_owned()
                + &failed(
                    "2 of 2",
                    &[
                        "1: timed out after 0.4s: printf '%s\\n' 1 | sed 's/^/x/'",
                        "2: timed out after 0.4s: printf '%s\\n' 2 | sed 's/^/x/'",
                    ],
                ),
        )
        .status(2);
}

#[test]
fn three_workers_in_a_row_without_an_answer_are_enough() {
    let values: Vec<String> = (1..=100).map(|number| number.to_string()).collect();
    for (worker, reason) in [
        ("exit 3", "exit 3"),
        ("echo bad option >&2; exit 2", "exit 2: bad option"),
        ("read x", "exit 1"),
        ("kill -9 $$", "killed by SIGKILL"),
        ("nosuch", "nosuch: command not found"),
    ] {
        Test::new()
            .args(["--worker", "--quiet", "-j2", worker, ":::"])
            .args(&values)
            .stderr_has(format!(
                "prun: 3 workers in a row have ended without an answer: {reason}\nhint: printf "
            ))
            .status(255);
    }
}

#[test]
fn an_answer_between_them_makes_workers_worth_starting() {
    let values = ["bad", "bad", "ok", "bad", "bad", "ok", "bad", "bad"];
    Test::new()
        .args(["--worker", "--quiet", "-k", "-j1"])
        .args(["read x; [ $x = ok ] && echo $x", ":::"])
        .args(values)
        .stdout("ok\nok\n")
        .status(6);
}

#[test]
fn a_value_that_ends_workers_may_be_tried_often() {
    let worker = "while read -r x; do [ $x = bad ] && exit 3; echo $x; done";
    Test::new()
        .args(["--worker", "--quiet", "-k", "-j1", "--retries", "5"])
        .args([worker, ":::", "a", "bad", "c", "d"])
        .stdout("a\nc\nd\n")
        .status(1);
}

#[test]
fn a_program_that_reads_no_message_is_not_tried_often() {
    Test::new()
        .args(["--worker", "--quiet", "-j1", "--retries", "0"])
        .args(["exec <&-; exit 3", ":::", "a"])
        .stderr_has("prun: 3 workers in a row have ended without an answer: exit 3\n")
        .status(255);
}

#[test]
fn a_long_message_is_no_hint() {
    let values = ["1", "2", "3"].map(|number| number.repeat(2000));
    Test::new()
        .args(["--worker", "--quiet", "-j1", "exit 3", ":::"])
        .args(values)
        .stderr("prun: 3 workers in a row have ended without an answer: exit 3\n")
        .status(255);
}

#[test]
fn a_halt_ends_the_workers_that_run() {
    let output = Test::new()
        .args(["--worker", "-j2", "--halt", "now,fail=1", "--joblog", "log"])
        .args([
            "--quiet",
            "read x; probe meet . 2; [ $x = 1 ] && exit 5; sleep 60",
        ])
        .args([":::", "1", "2", "3"])
        .status(5);
    assert_eq!(ends(&output.path("log")), ["1 5 0", "2 -1 15"]);
}

#[test]
fn ctrl_c_ends_the_workers_that_run_and_those_that_are_idle() {
    let mut child = Test::new()
        .args(["--worker", "-j2", "probe obey"])
        .stdin_open()
        .start();
    child.feed("say a\nlinger\n");
    child.wait_for_stdout("a\n");
    child.signal(Signal::INT);
    child
        .stdout("a\n")
        .stderr_has("prun: SIGINT: 1 job stopped, ")
        .signaled(Signal::INT);
}
