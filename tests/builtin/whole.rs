//! Built-ins whose jobs have one result together, at the end of a line.

use super::{with_fifo, with_odd_files};
use crate::support::{STARTS, Signal, Test, failed};

/// Files of numbers, some of them compressed.
fn with_numbers() -> Test {
    let test = Test::new()
        .file("one", "1 b\n2 a\n")
        .file("two", "0 b\n2 a\n10 a\n")
        .file("three", "5 c\n2 a\n-1 b\n");
    let gzip = std::process::Command::new("gzip")
        .args(["-k", "one", "two", "three"])
        .current_dir(test.path(""))
        .status();
    assert!(gzip.expect("gzip can be run").success());
    test
}

const FILES: [&str; 4] = [":::", "one", "two", "three"];

#[test]
fn a_line_has_the_result_that_its_last_command_has_alone() {
    for (builtin, first) in [
        ("@sum -f1", "21\n"),
        ("@stats -f1", "count\t8\n"),
        ("@freq", "      3 2 a\n"),
        ("@freq -n2", "      3 2 a\n"),
        ("@count --total -l", "8\n"),
        ("@sort", "-1 b\n"),
        ("@sort -n -r", "10 a\n"),
        // Lines that are as good as each other, in the order of the jobs.
        ("@sort -s -k2,2", "2 a\n"),
        ("@sort -u -k2,2", "2 a\n"),
    ] {
        let output = with_numbers()
            .args([builtin, ":::", "one", "two", "three"])
            .stdout_has(first)
            .success();
        for line in [
            "cat <> |",
            "@cat <> |",
            "@gunzip -c <>.gz |",
            "gzip -dc <>.gz | @cat | cat |",
            "@cat <> | cat |",
            "@cat none || cat <> |",
            "cd .. && cat work/<> |",
            "@cat <> > <>.out; cat < <>.out | cat |",
            "@cat <> > <>.out && ",
        ] {
            let end = if line.ends_with("&& ") {
                "< <>.out"
            } else {
                ""
            };
            for (run, start) in [("-j1", "portable"), ("-j8", "fast")] {
                with_numbers()
                    .env("PRUN_START", start)
                    .args([run, &format!("{line} {builtin} {end}")])
                    .args(FILES)
                    .stdout(&output.stdout)
                    .stderr_any()
                    .success();
            }
        }
    }
}

#[test]
fn options_of_the_run_hold_for_a_line() {
    for options in [
        &["--ungroup"][..],
        &["--line-buffer"],
        &["--latest-line"],
        &["--tag"],
        &["-n2"],
        &["-X"],
    ] {
        with_numbers()
            .args(options)
            .args(["cat <> | @count --total -l"])
            .args(FILES)
            .stdout("8\n")
            .success();
    }
    with_numbers()
        .args(["--tag", "-k", "echo <>; cat <> | @count --total -l"])
        .args(FILES)
        .stdout("one\tone\ntwo\ttwo\nthree\tthree\n8\n")
        .success();
    with_numbers()
        .args(["--dry-run", "cat <> | @sum", ":::", "one"])
        .stdout("cat one | @sum\n")
        .success();
    Test::new().args(["cat <> | @sum"]).stdout("0\n").success();
    with_numbers()
        .args(["--joblog", "log", "--resume", "cat <> | @sum"])
        .args(FILES)
        .stderr_has("--resume and @sum cannot go together")
        .status(255);
}

#[test]
fn a_job_counts_if_all_of_its_line_has_succeeded() {
    for (line, counted) in [
        // Each has read all there is before the job has failed, or has not.
        ("cat <> none | @count --total -l", ""),
        ("@cat <> none | @count --total -l", ""),
        ("cat <> | sh -c 'cat; exit 3' | @count --total -l", ""),
        ("cat <> | sh -c 'cat; kill -9 $$' | @count --total -l", ""),
        ("cat <> | @sum", ""),
        ("nope | @count --total -l <>", ""),
        ("cat <> | @count --total -l < none", ""),
        ("false && @count --total -l <>", ""),
        ("nope; cat <> | @count --total -l", "2\n"),
        ("false; cat <> | @count --total -l", "2\n"),
        ("false || cat <> | @count --total -l", "2\n"),
        ("true && cat <> | @count --total -l", "2\n"),
        // It has nothing to add.
        ("true || cat <> | @count --total -l", "0\n"),
        // Nobody has to read all.
        ("yes | @count --total -l <>", "2\n"),
    ] {
        let succeeds = !counted.is_empty();
        with_numbers()
            .args(["--quiet", line, ":::", "one"])
            .stdout(counted)
            .stderr_any()
            .status(i32::from(!succeeds));
    }
}

#[test]
fn a_failed_job_leaves_the_others_counted() {
    with_numbers()
        .args(["-k", "cat <> | @count --total -l"])
        .args([":::", "one", "none", "three"])
        .stdout("5\n")
        .stderr(
            "cat: none: No such file or directory\n".to_owned()
                + &failed("1 of 3", &["2: exit 1: cat none | @count --total -l"]),
        )
        .status(1);
    Test::new()
        .file("a", "1\nx\n")
        .file("b", "2\n")
        .args(["-k", "--quiet", "cat <> | @sum", ":::", "a", "b"])
        .stdout("2\n")
        .stderr("@sum: cannot read '-': line 2 has no number: 'x'\n")
        .status(1);
}

/// Fails after it has passed on all its input, but for the second time.
const FLAKY: &str = "#!/bin/sh\ncat; ! mkdir \"d.$1\" 2>/dev/null\n";

#[test]
fn what_was_tried_twice_counts_once() {
    for line in [
        "cat <> | ./flaky <> | @count --total -l",
        "@cat <> | ./flaky <> | @cat | @count --total -l",
    ] {
        let output = with_numbers()
            .executable("flaky", FLAKY)
            .args(["-j1", "--retries", "3", line])
            .args(FILES)
            .stdout("8\n")
            .success();
        assert!(output.path("d.three").exists(), "{line}");
    }
}

/// The last command has come to its end when the time is over; the job has not.
#[test]
fn a_time_limit_takes_a_part_away() {
    for start in STARTS {
        with_numbers()
            .env("PRUN_START", start)
            .executable(
                "slow",
                "#!/bin/sh\ncat \"$1\"; exec >&-; exec probe linger\n",
            )
            .args([
                "--quiet",
                "--timeout",
                ".3",
                "./slow <> | @count --total -l",
            ])
            .args([":::", "one"])
            .stderr("prun: no result of @count: no job succeeded\n")
            .status(1);
    }
}

#[test]
fn a_run_that_was_halted_has_no_result() {
    with_numbers()
        .args(["-j1", "--halt", "now,fail=1", "cat <> | @sum -f1"])
        .args([":::", "one", "none", "two"])
        .stderr(
            "cat: none: No such file or directory\n\
             prun: @sum: no result: the run was halted\n"
                .to_owned()
                + &failed("1 of 3, 1 not started", &["2: exit 1: cat none | @sum -f1"]),
        )
        .status(1);
}

#[test]
fn a_run_that_was_interrupted_has_no_result() {
    let child = with_fifo()
        .file("f", "x\n")
        .args(["-j1", "-v", "@cat <> | @count --total", ":::", "f", "fifo"])
        .start();
    child.wait_for_stdout("@cat f | @count --total\n");
    child.signal(Signal::INT);
    child
        .wait()
        .stdout_any()
        .stderr_has("prun: SIGINT: ")
        .signaled(Signal::INT);
}

#[test]
fn much_is_sorted_in_temporary_files() {
    let lines = |from: u64| -> Vec<u8> {
        let numbers = (from..from + 40_000).map(|number| number * 7919 % 150_011);
        numbers
            .flat_map(|number| format!("{number} x\n").into_bytes())
            .collect()
    };
    let test = || Test::new().file("a", lines(1)).file("b", lines(30_000));
    for options in ["-S64K", "-S64K -n", "-S64K -s -k2"] {
        let output = test()
            .args(["-j2", &format!("@sort {options}"), ":::", "a", "b"])
            .stdout_any()
            .success();
        test()
            .args(["-j2", &format!("cat <> | @cat | @sort {options}")])
            .args([":::", "a", "b"])
            .stdout(output.stdout)
            .success();
    }
}

/// Only when the second part is added, memory is too full for the first one.
#[test]
fn a_part_that_cannot_be_added_makes_its_job_fail() {
    for line in ["@sort -S64K <>", "cat <> | @sort -S64K"] {
        let long = |letter: &str| format!("{}\n", letter.repeat(20_000));
        Test::new()
            .file("a", long("a"))
            .file("b", long("b"))
            .env("TMPDIR", "/dev/null")
            .args(["-j1", line, ":::", "a", "b"])
            .stdout(long("a"))
            .stderr(
                "@sort: cannot use a temporary file: Not a directory\n".to_owned()
                    + &failed(
                        "1 of 2",
                        &[&format!("2: exit 2: {}", line.replace("<>", "b"))],
                    ),
            )
            .status(1);
    }
}

#[test]
fn names_of_any_kind_are_counted_in_a_line() {
    with_odd_files()
        .args(["cat <> | @count --total -l", ":::"])
        .args(["./with space", "./new\nline", "./-dash", "./*star"])
        .stdout("4\n")
        .success();
}

#[test]
fn it_has_its_place() {
    let elsewhere = |name: &str| {
        format!(
            "prun: '{name}' makes one result of all jobs: only the last command of the line can do \
             that\nhint: what reads the result comes after prun: \
             prun 'zcat <> | @sort' ::: *.gz | tail\n"
        )
    };
    for (line, name) in [
        ("@sort <> | cat", "@sort"),
        ("@sort <> | @cat", "@sort"),
        ("cat <> | @freq | cat", "@freq"),
        ("@sum <>; echo", "@sum"),
        ("cat <> | @sum && echo", "@sum"),
        ("cat <> | @sum; cat <> | @sum", "@sum"),
        ("cat <> | @sort | @freq", "@sort"),
        ("@count --total <> || @cat", "@count"),
    ] {
        Test::new()
            .args([line, ":::", "a"])
            .stderr(elsewhere(name))
            .status(255);
    }
    for line in [
        "@freq <> > out",
        "cat <> | @freq >> out",
        "@freq <> &> out",
        "@freq <> >&2",
    ] {
        Test::new()
            .args([line, ":::", "a"])
            .stderr(
                "prun: '@freq' makes one result of all jobs: a job cannot redirect it\n\
                 hint: redirect what prun prints: prun '@sort <>' ::: a b > FILE\n",
            )
            .status(255);
    }
    with_numbers()
        .args(["--quiet", "@count --total -l < <> 2>/dev/null"])
        .args(FILES)
        .stdout("8\n")
        .success();
    with_numbers()
        .args(["--quiet", "-k", ":::", "cat one | @sort", "echo and"])
        .stdout("and\n")
        .stderr(
            "prun: job 1: '@sort' makes one result of all jobs: it cannot be one of several commands\n",
        )
        .status(1);
}
