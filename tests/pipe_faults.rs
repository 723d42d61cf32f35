//! `--pipe` and `--pipepart` when something goes wrong: jobs that read nothing, input that
//! changes, limits of the system.

use std::fs;
use std::time::Duration;

use crate::support::{Signal, Test, pattern};

/// Lines of 16 bytes, more than all pipes and blocks in memory hold.
const LONG: usize = 8_000_000;

/// What a worker that ends too early is told by.
fn left(workers: &str) -> String {
    format!(
        "prun: {workers} ended with input left\nhint: read all of the input: 'head -1; cat >/dev/null'\n"
    )
}

#[test]
fn a_worker_that_ends_with_input_left_is_an_error_and_others_go_on() {
    let line = |order| {
        format!(
            "cat input | prun --pipe --round-robin {order} -j3 --block 100k 'if [ <#> = 2 ]; then head -c1 >/dev/null; exec <&-; : >dead; else probe await dead; cat >out.<#>; fi'
             echo $?; tail -c16 -q out.1 out.3 | sort | tail -n1"
        )
    };
    for order in ["", "-k"] {
        let input = pattern(LONG);
        let last = String::from_utf8(input[LONG - 16..].to_vec()).unwrap();
        let test = Test::new().file("input", &input).line(line(order));
        test.stdout(format!("255\n{last}"))
            .stderr(left("worker 2"))
            .success();
    }
    let test = Test::new().file("input", pattern(LONG));
    test.line("cat input | prun --pipe --round-robin -j2 --block 100k 'head -c1 >/dev/null'")
        .stderr(left("workers 1, 2"))
        .status(255);
}

#[test]
fn what_a_worker_leaves_in_its_pipe_is_left_too() {
    for mode in ["--round-robin", "--round-robin -k"] {
        let line = format!(
            "{{ seq 3; probe await dead; }} | prun --pipe --recend '' --block 6 {mode} -j1 'head -c1 >/dev/null; exec <&-; : >dead'"
        );
        let test = Test::new().line(line);
        test.stderr(left("worker 1")).status(255);
    }
}

#[test]
fn one_dead_reader_of_all_leaves_the_others_theirs() {
    let test = Test::new().file("input", pattern(LONG));
    test.line(
        "cat input | prun --pipe --tee -k '[ <> != 2 ] || exit 0; cat | cmp - input' ::: 1 2 3",
    )
    .success();
}

#[test]
fn a_halt_is_not_followed_by_an_error_of_stopped_workers() {
    for mode in ["--round-robin", "--round-robin -k", "--shard 1", "--bin 1"] {
        for input in ["cat input |", "<input"] {
            let line = format!(
                "{input} prun --pipe {mode} -j3 --quiet --halt now,fail=1 'if [ <#> = 2 ]; then exit 7; fi; exec sleep 99'"
            );
            let test = Test::new().file("input", pattern(LONG)).line(line);
            test.status(7);
        }
    }
}

#[test]
fn jobs_that_must_run_at_once_say_that_files_are_short() {
    for (line, said) in [
        (
            "ulimit -n 64; prun --pipe --tee 'wc -l; : <>' ::: $(seq 40) <input",
            "prun: cannot run all 40 jobs at once: only 64 files can be open\nhint: ulimit -n 432\n",
        ),
        (
            "ulimit -n 64; prun --pipe 'wc -l; : <>' ::: $(seq 40) <input",
            "prun: cannot run all 40 jobs at once: only 64 files can be open\nhint: ulimit -n 432\n",
        ),
        (
            "prun --pipe -j2 --tee 'wc -l; : <>' ::: 1 2 3 <input",
            "prun: jobs that share the input run at once: 3 of them, and 2 may run\nhint: give -j 3, or leave -j out\n",
        ),
    ] {
        let test = Test::new().file("input", pattern(LONG)).line(line);
        test.stderr(said).status(255);
    }
}

#[test]
fn fewer_workers_run_where_files_are_short() {
    for mode in ["--round-robin", "--round-robin -k", "--shard 1"] {
        let line = format!(
            "ulimit -n 64; cat input | prun --pipe {mode} -j40 wc -c | {{ read a; read b; read c; read d; echo $((a+b+c+d)); }}"
        );
        let test = Test::new().file("input", pattern(LONG)).line(line);
        test.stdout(format!("{LONG}\n"))
            .stderr("prun: warning: running 4 at once instead of 40 jobs: only 64 files can be open\nhint: ulimit -n 312\n")
            .success();
    }
}

#[test]
fn without_a_place_for_files_jobs_that_must_run_at_once_do_not_hang() {
    for (mode, values) in [("--tee", "::: 1 2 3"), ("--round-robin -k -j3", "")] {
        let line = format!(
            "yes | head -c 100M | prun --pipe {mode} 'cat; : <>' {values} | wc -c; echo ${{PIPESTATUS[2]}}"
        );
        let test = Test::new().env("TMPDIR", "/nonexistent").line(line);
        test.stdout_any()
            .stderr_has(
                "no room for temporary files\nhint: --tmpdir DIR names a place with more room\n",
            )
            .success();
    }
}

#[test]
fn input_and_output_of_any_size_do_not_wait_for_each_other() {
    Test::new()
        .line("seq 25000000 | head -c 200M >input; prun --pipe --block 50M -k cat <input | cmp - input; cat input | prun --pipe --block 50M -k cat | cmp - input")
        .limit(Duration::from_secs(60))
        .success();
    Test::new()
        .line("seq 10 | prun --pipe 'exec <&-; head -c 1G /dev/zero' | wc -c")
        .stdout("1073741824\n")
        .limit(Duration::from_secs(60))
        .success();
}

#[test]
fn a_signal_ends_jobs_of_every_kind_and_leaves_no_file() {
    for (mode, values) in [
        ("-j2", ""),
        ("-j2 --cat", ""),
        ("-j2 --fifo", ""),
        ("-j2 --round-robin", ""),
        ("-j2 --shard 1", ""),
        ("--tee", "::: 1 2"),
    ] {
        for signal in [Signal::INT, Signal::TERM] {
            let line =
                format!("exec prun --pipe --block 20 {mode} ': >up.<#>; exec sleep 99' {values}");
            let mut child = Test::new().line(line).stdin_open().start();
            child.feed(pattern(64));
            child.wait_for_file("up.1");
            child.wait_for_file("up.2");
            child.signal(signal);
            let name = if signal == Signal::INT {
                "SIGINT"
            } else {
                "SIGTERM"
            };
            // The end of the input, which comes now, may be known or not.
            let stopped = format!("prun: {name}: 2 jobs stopped, ");
            child.stderr_has(stopped).signaled(signal);
        }
    }
}

#[test]
fn a_job_whose_time_is_over_holds_up_nobody() {
    for (mode, file) in [("--cat", "<>"), ("--fifo", "<>"), ("", "")] {
        let line = format!(
            "prun --pipe -j2 {mode} --quiet --timeout 1 --block 2M 'if [ <#> = 1 ]; then exec sleep 99; fi; cat {file} >out.<#>' <input; echo $?; cat out.* | wc -c"
        );
        let test = Test::new().file("input", pattern(LONG)).line(line);
        test.stdout(format!("1\n{}\n", LONG - 2_097_152)).success();
    }
}

#[test]
fn a_file_that_becomes_shorter_is_an_error() {
    for mode in ["--pipepart -a input", "--pipe"] {
        let line = format!(
            "prun {mode} -j1 -k --quiet 'if [ <#> = 2 ]; then truncate -s 1M input; fi; cat' <input >out; echo $?; cmp out input"
        );
        let test = Test::new().file("input", pattern(LONG)).line(line);
        let output = test
            .stdout_any()
            .stderr_has("has become shorter\n")
            .any_status();
        let status = String::from_utf8_lossy(&output.stdout);
        assert!(status.starts_with("255\n"), "{status}");
        assert_eq!(fs::metadata(output.path("input")).unwrap().len(), 1 << 20);
    }
}

#[test]
fn a_standard_input_that_cannot_be_read_is_told() {
    for (stdin, said) in [
        (
            "<&-",
            "standard input is closed\nhint: --pipepart -a FILE reads a file\n",
        ),
        ("0>out", "cannot read standard input: Bad file descriptor\n"),
    ] {
        for mode in ["", "--round-robin", "--tee", "--cat"] {
            Test::new()
                .line(format!("prun --pipe {mode} wc {stdin}"))
                .stderr(format!("prun: {said}"))
                .status(255);
        }
    }
}

#[test]
fn what_a_killed_producer_has_written_is_processed() {
    Test::new()
        .line(
            "bash -c 'seq 3; printf half; kill -9 $$' 2>/dev/null | prun --pipe -k cat
             ends=${PIPESTATUS[*]}; echo; echo $ends; set -o pipefail
             bash -c 'seq 3; kill -9 $$' 2>/dev/null | prun --pipe -k wc -l; echo $?",
        )
        .stdout("1\n2\n3\nhalf\n137 0\n3\n137\n")
        .stderr_any()
        .success();
}

#[test]
fn files_whose_size_the_kernel_does_not_tell_are_read_to_the_end() {
    for line in [
        "prun --pipe --block 100 -k cat </proc/filesystems",
        "prun --pipepart -a /proc/filesystems --block 100 -k cat",
        "prun --pipepart -a /proc/filesystems --block -2 -k --cat 'cat <>'",
    ] {
        let expected = fs::read("/proc/filesystems").unwrap();
        Test::new().line(line).stdout(expected).success();
    }
}
