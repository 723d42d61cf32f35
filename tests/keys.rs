//! `--key`, `--per-key`, `--key-rate`.

use std::fs;
use std::time::{Duration, Instant};

use crate::support::{Test, ends, failed, needed};

/// A job that fails if another one of its key runs.
const ALONE: &str = "mkdir lock.<1> || exit 9; echo <2> >>order.<1>; rmdir lock.<1>";

/// Lines `KEY NUMBER` for each key in turn, so many of each.
fn rows(keys: &[&str], count: usize) -> String {
    let row = |number: usize| move |key: &&str| format!("{key} {number}\n");
    (1..=count)
        .flat_map(|number| keys.iter().map(row(number)))
        .collect()
}

fn numbers(count: usize) -> String {
    (1..=count).map(|number| format!("{number}\n")).collect()
}

#[test]
fn jobs_of_a_key_run_one_at_a_time_in_the_order_of_the_input() {
    for jobs in ["-j2", "-j8"] {
        Test::new()
            .args([jobs, "--colsep", " ", "--key", "<1>", ALONE])
            .stdin(rows(&["a", "b", "c"], 15))
            .check_file("order.a", numbers(15))
            .check_file("order.b", numbers(15))
            .check_file("order.c", numbers(15))
            .success();
    }
}

#[test]
fn a_job_that_waits_for_its_key_is_overtaken() {
    let job = "if [ <> = b ]; then : >other; else probe await other; fi";
    Test::new()
        .args(["-j2", "--key", "<>", job])
        .stdin("a\n".repeat(50) + "b\n")
        .success();
}

#[test]
fn one_job_at_a_time_keeps_the_order_of_the_input() {
    Test::new()
        .args([
            "-j1", "--key", "<>", "echo", ":::", "a", "a", "b", "a", "c", "b",
        ])
        .stdout("a\na\nb\na\nc\nb\n")
        .success();
}

#[test]
fn as_many_jobs_of_a_key_run_at_once_as_are_allowed() {
    let job = "d=lock.1; mkdir $d || { d=lock.2; mkdir $d; } || exit 9; probe meet . 2; rmdir $d";
    Test::new()
        .args(["-N0", "-j4", "--key", "{= $_ = 1 =}", "--per-key", "2"])
        .args([job, ":::"])
        .args(["a"; 8])
        .stderr_any()
        .success();
}

#[test]
fn jobs_of_different_keys_run_at_once() {
    Test::new()
        .args(["-j3", "--key", "<1>", "probe meet . 3; : <1>"])
        .args([":::", "a", "b", "c"])
        .success();
}

#[test]
fn a_key_is_any_text_with_placeholders() {
    // The braces of the key are placeholders though those of the command are not.
    Test::new()
        .args(["-j2", "--key", "{//}", "mkdir lock.<//>; rmdir lock.<//>"])
        .args([":::", "x/1", "x/2", "y/1", "x/3"])
        .success();
    Test::new()
        .args(["--csv", "--header", ":", "--key", "<host>", "-j4"])
        .args(["mkdir lock.<host> && echo <n>; rmdir lock.<host>"])
        .stdin("host,n\nh,1\nh,2\n")
        .stdout("1\n2\n")
        .success();
    Test::gnu()
        .args(["-j4", "--key", "{1}", "mkdir {1} && rmdir {1} && echo {2}"])
        .args([":::", "a", ":::", "1", "2", "3"])
        .stdout("1\n2\n3\n")
        .success();
}

#[test]
fn bytes_of_a_key_are_not_interpreted() {
    Test::new()
        .args([
            "-0",
            "-j4",
            "--key",
            "<1>",
            "mkdir d; rmdir d; printf %s. <1>",
        ])
        .stdin(b"\xff\n\0\xff\n\0")
        .stdout(b"\xff\n.\xff\n.")
        .success();
}

#[test]
fn a_million_inputs_behind_a_busy_key_take_no_more_memory_than_may_wait() {
    needed!("time");
    let output = Test::new()
        .line(
            "{ yes a | head -n 16000; echo b; yes a; } | head -n 1000000 | \
             env time -f %M -o rss prun --quiet -j2 --halt now,done=1 --key '<1>' \
             'if [ <1> = b ]; then echo b; else probe linger; fi'",
        )
        .limit(Duration::from_secs(60))
        .stdout("b\n")
        .success();
    let text = fs::read_to_string(output.path("rss")).expect("time wrote it");
    let kilobytes: u64 = text.trim().parse().expect("a number");
    assert!(kilobytes <= 32 << 10, "{kilobytes} KiB");
}

#[test]
fn output_is_in_order_though_jobs_are_overtaken() {
    let job = "echo <2>; if [ <1> = b ]; then : >other; else probe await other; fi";
    Test::new()
        .args(["-k", "-j2", "--colsep", " ", "--key", "<1>", job])
        .stdin("a 1\na 2\na 3\nb 4\na 5\n")
        .stdout("1\n2\n3\n4\n5\n")
        .success();
}

#[test]
fn a_job_that_waits_for_its_retry_does_not_hold_its_key() {
    let output = Test::new()
        .args(["--quiet", "-j2", "--joblog", "log", "--key", "<2>"])
        .args([
            "--retries",
            "2",
            "--retry-delay",
            "1h",
            "--halt",
            "soon,success=1",
        ])
        .args(["exit <1>", ":::", "7", "0", ":::", "a"])
        .status(0);
    assert_eq!(ends(&output.path("log")), ["1 7 0", "2 0 0"]);
}

#[test]
fn a_retry_that_is_due_waits_for_its_key() {
    // The third job fails after the first one, and is tried again after it.
    let job = "case <2> in
        1) mkdir lock || exit 9; rmdir lock; [ -e failed ] || { : >failed; exit 1; };;
        2) mkdir lock || exit 9; probe await other; rmdir lock;;
        3) probe await failed; [ -e again ] || { : >again; exit 1; }; : >other;;
    esac";
    Test::new()
        .args(["-j3", "--colsep", " ", "--key", "<1>", "--retries", "2"])
        .args(["--retry-delay", "10ms", job])
        .stdin("a 1\na 2\nb 3\n")
        .success();
}

#[test]
fn a_failing_job_is_tried_again_before_the_next_one_of_its_key() {
    Test::new()
        .args(["--quiet", "-j4", "--key", "<2>", "--retries", "2"])
        .args(["echo <1> >>tries; exit <1>", ":::", "1", "0", ":::", "a"])
        .check_file("tries", "1\n1\n0\n")
        .status(1);
}

#[test]
fn a_job_that_is_ended_at_its_time_limit_frees_its_key() {
    Test::new()
        .args(["--quiet", "-j2", "--key", "<2>", "--timeout", "0.2"])
        .args(["[ <1> = b ] || exec probe linger; echo <1>"])
        .args([":::", "a", "b", ":::", "x"])
        .stdout("b\n")
        .status(1);
}

#[test]
fn jobs_behind_a_key_are_skipped_by_a_halt_and_run_when_it_is_resumed() {
    let test = |options: &[&str]| {
        let arguments = ["--quiet", "-j4", "--joblog", "log", "--key", "<2>"];
        Test::new().args(arguments).args(options).args([
            "echo <1>; [ <1> != a -o -e fixed ]",
            ":::",
            "a",
            "b",
            "c",
            ":::",
            "x",
        ])
    };
    let output = test(&["--halt", "now,fail=1"]).stdout("a\n").status(1);
    let log = fs::read(output.path("log")).expect("there is a log");
    assert_eq!(ends(&output.path("log")), ["1 1 0"]);
    let output = test(&["--resume"])
        .file("log", log)
        .stdout("b\nc\n")
        .success();
    let log = fs::read(output.path("log")).expect("there is a log");
    assert_eq!(ends(&output.path("log")), ["1 1 0", "2 0 0", "3 0 0"]);
    test(&["--resume-failed"])
        .file("log", log)
        .file("fixed", "")
        .stdout("a\n")
        .success();
}

#[test]
fn jobs_of_a_queue_wait_for_their_keys() {
    let put = "prun --queue q --put --colsep ' '";
    let take = format!("prun --queue q -j3 --key '<1>' --per-key 1 '{ALONE}'");
    Test::new()
        .line(format!("{put} && {take}; rm -r q*; cat order.a order.b"))
        .stdin(rows(&["a"], 12) + &rows(&["b"], 2))
        .stdout(numbers(12) + &numbers(2))
        .success();
    refused(
        &["--queue", "q", "--put", "--key", "<1>"],
        "--put and --key cannot go together: nothing runs\n\
         hint: give --key to the prun that takes the jobs: prun --queue FILE --key",
    );
}

#[test]
fn the_starts_of_a_key_are_apart() {
    let start = Instant::now();
    Test::new()
        .args([
            "-j8",
            "--key",
            "<1>",
            "--per-key",
            "8",
            "--key-rate",
            "20/s",
        ])
        .args(["echo", ":::", "a", ":::", "1", "2", "3", "4", "5", "6"])
        .stdout_any()
        .success();
    assert!(start.elapsed() >= Duration::from_millis(250));
}

#[test]
fn a_job_that_waits_for_the_time_of_its_key_is_overtaken() {
    for order in ["--group", "-k"] {
        Test::new()
            .args([order, "-j1", "--key", "<1>", "--key-rate", "1/h"])
            .args(["--halt", "soon,success=2", "echo", ":::", "a", "a", "b"])
            .stdout("a\nb\n")
            .success();
    }
}

#[test]
fn a_retry_keeps_the_rate_of_its_key() {
    Test::new()
        .args(["--quiet", "-j1", "--key", "<1>", "--key-rate", "1/h"])
        .args(["--retries", "2", "--halt", "soon,success=1"])
        .args(["echo <1> >>ran; [ <1> = b ]", ":::", "a", "b"])
        .check_file("ran", "a\nb\n")
        .status(0);
}

#[test]
fn a_dry_run_prints_all_commands() {
    Test::new()
        .args(["--dry-run", "--key", "<1>", "--key-rate", "1/h"])
        .args(["echo", ":::", "a", "a", "b"])
        .stdout("echo a\necho a\necho b\n")
        .success();
}

fn refused(args: &[&str], message: &str) {
    Test::new()
        .args(args)
        .args(["echo", ":::", "a"])
        .stderr(format!("prun: {message}\n"))
        .status(255);
}

#[test]
fn what_makes_no_sense_is_refused() {
    refused(
        &["--per-key", "2"],
        "--per-key needs --key\nhint: prun --per-key 2 --key '<1>' echo ::: a",
    );
    refused(
        &["--key-rate", "2/s"],
        "--key-rate needs --key\nhint: prun --key-rate 2/s --key '<1>' echo ::: a",
    );
    refused(
        &["--key", "1"],
        "--key '1' has no placeholder: all jobs would have the same key\n\
         hint: --key '<1>' is the first value; -j and --rate limit all jobs together",
    );
    refused(
        &["--key", "<%>"],
        "--key '<%>' names the slot, which a job gets when it starts\n\
         hint: a key is made of values: --key '<1>'",
    );
    refused(
        &["--key", "<2>"],
        "'<2>' needs a second input source\nhint: prun 'echo <1> <2>' ::: a ::: b",
    );
    refused(
        &["--key", "<1>", "--per-key", "0"],
        "'0' is no value of '--per-key'\nhint: it takes a number in 1..=4194304",
    );
    refused(
        &["--key", "<1>", "--key-rate", "0/s"],
        "'0/s' is not a number of starts in a time\n\
         hint: write N/s, N/min, N/h or N/TIME: --rate 10/s, --rate 3/10s",
    );
    for option in ["--pipe", "--pipepart"] {
        refused(
            &["--key", "<1>", option],
            &format!(
                "{option} and --key cannot go together: a key is made of values, and jobs read blocks\n\
                 hint: leave out {option} or --key"
            ),
        );
    }
    Test::new()
        .args(["--key", "<1>", "--retry-failed", "--joblog", "log"])
        .stderr(
            "prun: --retry-failed and --key cannot go together: the log has commands, and not their values\n\
             hint: --resume-failed with the same input and command line runs what failed\n",
        )
        .status(255);
}

#[test]
fn jobs_behind_a_key_count_in_the_end() {
    Test::new()
        .args([
            "-j4", "--key", "<2>", "exit <1>", ":::", "0", "3", "4", ":::", "x",
        ])
        .stderr(failed(
            "2 of 3",
            &["2: exit 3: exit 3", "3: exit 4: exit 4"],
        ))
        .status(2);
}
