//! Built-ins whose jobs have one result together.

use std::path::Path;

use super::{odd_contents, run_tool, with_fifo, with_odd_files};
use crate::support::{Signal, Test, builtin_error, failed, needed};

/// Files of 1, 2 and 3 lines.
fn with_lines() -> Test {
    Test::new()
        .file("one", "1\n")
        .file("two", "1\n2\n")
        .file("three", "1\n2\n3\n")
}

const FILES: [&str; 4] = [":::", "one", "two", "three"];

#[test]
fn all_jobs_have_one_result() {
    for options in [
        &["-j1"][..],
        &["-j8"],
        &["-k"],
        &["-X"],
        &["-n2"],
        &["--tag"],
    ] {
        with_lines()
            .args(options)
            .args(["@count", "--total", "-l"])
            .args(FILES)
            .stdout("6\n")
            .success();
    }
    for options in [
        &["--ungroup"][..],
        &["--line-buffer"],
        &["--latest-line"],
        &["--bar"],
    ] {
        with_lines()
            .args(options)
            .args(["@count --total -l <>"])
            .args(FILES)
            .stdout("6\n")
            .stderr_any()
            .success();
    }
}

#[test]
fn the_result_comes_last() {
    with_lines()
        .args(["-v", "-k", "@count", "--total"])
        .args(FILES)
        .stdout("@count --total one\n@count --total two\n@count --total three\n6 6 12\n")
        .success();
    with_lines()
        .args(["--dry-run", "@count", "--total"])
        .args(FILES)
        .stdout("@count --total one\n@count --total two\n@count --total three\n")
        .success();
}

#[test]
fn no_jobs_have_a_result_too() {
    Test::new()
        .args(["@count", "--total"])
        .stdin("")
        .stdout("0 0 0\n")
        .success();
}

#[test]
fn what_failed_does_not_count() {
    with_lines()
        .args(["-k", "@count", "--total", "-l"])
        .args([":::", "one", "missing", "two"])
        .stdout("3\n")
        .stderr(
            "@count: cannot read 'missing': No such file or directory\n".to_owned()
                + &failed("1 of 3", &["2: exit 1: @count --total -l missing"]),
        )
        .status(1);
    // Not even what the job has read before.
    with_lines()
        .args(["-k", "--quiet", "-n2", "@count", "--total", "-l"])
        .args([":::", "three", "missing", "one", "two"])
        .stdout("3\n")
        .stderr("@count: cannot read 'missing': No such file or directory\n")
        .status(1);
}

#[test]
fn what_was_tried_twice_counts_once() {
    // The second file comes while it is looked for.
    let line = "(until [ -s log ]; do :; done; cp two late.new; mv late.new late) & \
        prun -j1 --joblog log --retries 10000 --delay 0.01 @count --total -l ::: one late three; wait";
    with_lines().line(line).stdout("6\n").success();
    with_lines()
        .args(["--quiet", "-k", "--retries", "3", "@count", "--total", "-l"])
        .args([":::", "one", ".", "two"])
        .stdout("3\n")
        .stderr("@count: cannot read '.': Is a directory\n")
        .status(1);
}

#[test]
fn a_time_limit_takes_a_part_away() {
    with_fifo()
        .file("two", "1\n2\n")
        .args([
            "--quiet",
            "--timeout",
            "0.2",
            "-k",
            "@count",
            "--total",
            "-l",
        ])
        .args([":::", "two", "fifo"])
        .stdout("2\n")
        .status(1);
}

#[test]
fn a_run_that_was_halted_has_no_result() {
    for urgency in ["now", "soon"] {
        with_lines()
            .args(["-j1", "--halt", &format!("{urgency},fail=1")])
            .args(["@count", "--total", ":::", "one", "missing", "two"])
            .stderr(
                "@count: cannot read 'missing': No such file or directory\n\
                 prun: @count: no result: the run was halted\n"
                    .to_owned()
                    + &failed(
                        "1 of 3, 1 not started",
                        &["2: exit 1: @count --total missing"],
                    ),
            )
            .status(1);
    }
    with_lines()
        .args(["--halt", "now,fail=1", "@count", "--total", "-l"])
        .args(FILES)
        .stdout("6\n")
        .success();
}

#[test]
fn a_run_that_was_interrupted_has_no_result() {
    let child = with_fifo()
        .file("f", "x\n")
        .args(["-j1", "-v", "@count", "--total", ":::", "f", "fifo"])
        .start();
    child.wait_for_stdout("@count --total f\n");
    child.signal(Signal::INT);
    child
        .wait()
        .stdout_any()
        .stderr_has("prun: SIGINT: ")
        .signaled(Signal::INT);
}

#[test]
fn each_job_is_logged() {
    let output = with_lines()
        .args(["--joblog", "log", "-j1", "@count", "--total", "-l"])
        .args(FILES)
        .stdout("6\n")
        .success();
    let log = std::fs::read_to_string(output.path("log")).expect("there is a log");
    let commands: Vec<_> = log
        .lines()
        .skip(1)
        .map(|line| line.rsplit('\t').next())
        .collect();
    let expected = ["one", "two", "three"].map(|name| format!("@count --total -l {name}"));
    assert_eq!(
        commands,
        expected.each_ref().map(|text| Some(text.as_str()))
    );
}

#[test]
fn what_jobs_say_is_kept() {
    with_lines()
        .args(["--quiet", "--results", "kept", "@count", "--total", "-l"])
        .args([":::", "one", "missing"])
        .stdout("1\n")
        .check_file("kept/1/one/stdout", "")
        .check_file(
            "kept/1/missing/stderr",
            "@count: cannot read 'missing': No such file or directory\n",
        )
        .status(1);
}

#[test]
fn what_makes_no_sense_is_refused() {
    for (options, message) in [
        (
            &["--files"][..],
            "--files and @count cannot go together: standard output is for the one result of all jobs\nhint: leave out --files",
        ),
        (
            &["--results", "-.csv"],
            "--results and @count cannot go together: standard output is for the one result of all jobs\nhint: leave out --results",
        ),
        (
            &["--joblog", "log", "--resume"],
            "--resume and @count cannot go together: the result would lack the jobs that are left out\nhint: leave out --resume: all jobs run again",
        ),
        (
            &["--halt", "now,success=1"],
            "--halt and @count cannot go together: a run that was halted has no result\nhint: --halt now,fail=1 halts only where a job has failed",
        ),
    ] {
        with_lines()
            .args(options)
            .args(["@count", "--total"])
            .args(FILES)
            .stderr(format!("prun: {message}\n"))
            .status(255);
    }
}

#[test]
fn only_the_command_of_the_run_has_a_result() {
    with_lines()
        .args(["-k", ":::", "@count --total one", "echo and"])
        .stdout("and\n")
        .stderr_has("prun: job 1: '@count' makes one result of all jobs: it cannot be one of several commands\n")
        .status(1);
    with_lines()
        .args(["--quiet", "@count --tot<> one", ":::", "al"])
        .stderr(
            "prun: job 1: @count: no value can be an option: there is one result for all jobs\n",
        )
        .status(1);
}

#[test]
fn a_reader_that_has_gone_ends_the_run() {
    with_lines()
        .line("(prun -j1 @count --total ::: one two; echo $? >&2) | :")
        .stderr("141\n")
        .success();
    with_lines()
        .line("prun @count --total ::: one > /dev/full")
        .stderr("prun: cannot write standard output: No space left on device\n")
        .status(255);
}

#[test]
fn totals_are_those_of_wc() {
    let wc = needed!("wc");
    let names: Vec<&str> = odd_contents().into_iter().map(|(name, _)| name).collect();
    for option in [&[][..], &["-l"], &["-wm"], &["-c"], &["-lm"]] {
        for run in [&["-j1"][..], &["-j8"], &["-X"]] {
            let test = with_odd_files();
            let args = [option, &["--"], &names].concat();
            let printed = run_tool(&test, &wc, &args);
            let text = String::from_utf8_lossy(&printed.stdout);
            let last = text.trim_end().lines().last().unwrap_or_default();
            let totals: Vec<&str> = last.split_whitespace().collect();
            let (_, totals) = totals.split_last().expect("the last word is 'total'");
            test.args(run)
                .args(["@count", "--total"])
                .args(option)
                .arg(":::")
                .args(&names)
                .stdout(format!("{}\n", totals.join(" ")))
                .success();
        }
    }
}

/// Runs a built-in over files, on one job and on several, at once and one after the
/// other: it prints what a line of shell prints.
#[track_caller]
fn same_as(shell: &str, builtin: &[&str], files: &[&str]) {
    for run in [&["-j1"][..], &["-j8"], &["-j8", "-n3"], &["-X"]] {
        let test = with_odd_files();
        let args = [&["-c", shell, "sh"], files].concat();
        let printed = run_tool(&test, Path::new("/bin/sh"), &args);
        test.args(run)
            .args(builtin)
            .arg(":::")
            .args(files)
            .stdout(printed.stdout)
            .success();
    }
}

fn odd_names() -> Vec<&'static str> {
    odd_contents().into_iter().map(|(name, _)| name).collect()
}

/// A tool that ends lines gets the lines of each of several files, ended.
const EACH_ENDED: &str = r#"export LC_ALL=C; for f do sed -e '$a\' -- "./$f"; done | "#;

#[test]
fn frequencies_are_those_of_uniq() {
    for (options, sort, uniq) in [
        (&[][..], "sort", "uniq -c"),
        (&["-n3"], "sort", "uniq -c"),
        (&["-n", "18446744073709551616"], "sort", "uniq -c"),
        (&["-i"], "sort -f", "uniq -ci"),
    ] {
        let head = if options == ["-n3"] { "| head -n3" } else { "" };
        let shell = format!("{EACH_ENDED} {sort} | {uniq} | sort -s -k1,1rn {head}");
        let twice = [odd_names(), vec!["lines", "utf8", "controls"]].concat();
        same_as(&shell, &[&["@freq"], options].concat(), &twice);
    }
}

#[test]
fn frequencies_tell_which_spelling_they_show() {
    Test::new()
        .file("a", "b\nA\nb\na\n")
        .file("b", "B\nc\na")
        .args(["@freq", "-i", ":::", "a", "b"])
        .stdout("      3 A\n      3 B\n      1 c\n")
        .success();
    Test::new()
        .args(["@freq", "-n", "x", ":::", "a"])
        .stderr(builtin_error("@freq", "'x' is no number"))
        .status(255);
}

fn with_numbers() -> Test {
    let many: Vec<u8> = (0..50_000_i64)
        .flat_map(|number| format!("{}\n", number * 7919 % 100_003 - 50_000).into_bytes())
        .collect();
    Test::new()
        .file("many", many)
        .file("none", "")
        .file("few", "1\n2.5\n-3e2\n.25")
        .file("large", "9223372036854775807\n9223372036854775807\n")
        .file("crlf", "10\r\n 20 \r\n")
        .file("table", "a,1,x\nb,-2.75,y\nc,4,z\n")
        .file("words", "  a 1\tx\nb  20 y\n\n")
        .file("odd", b"1\n\n\xff\n3 4\n0x10\n")
}

/// Prints the same on one job at a time as on several at once.
#[track_caller]
fn prints(builtin: &[&str], files: &[&str], expected: &str) {
    for run in [&["-j1"][..], &["-j8"], &["-X"]] {
        with_numbers()
            .args(run)
            .args(builtin)
            .arg(":::")
            .args(files)
            .stdout(expected)
            .success();
    }
}

#[test]
fn sums_are_exact() {
    prints(&["@sum"], &["none"], "0\n");
    prints(&["@sum"], &["few", "crlf"], "-266.25\n");
    prints(
        &["@sum"],
        &["large", "few", "large"],
        "36893488147419102931.75\n",
    );
    prints(&["@sum", "-f2", "-d,"], &["table", "table"], "4.5\n");
    prints(&["@sum", "-f", "+2", "--skip"], &["words"], "21\n");
    prints(&["@sum", "--skip"], &["odd", "few"], "-295.25\n");
    prints(&["@sum", "--skip", "-f1", "-d\\t"], &["odd"], "1\n");
}

#[test]
fn sums_are_those_of_awk() {
    let awk = "awk '{ s += $1 } END { printf \"%d\\n\", s }' \"$@\"";
    for files in [&["many"][..], &["many", "none", "many", "many"]] {
        let test = with_numbers();
        let args = [&["-c", awk, "sh"], files].concat();
        let printed = run_tool(&test, Path::new("/bin/sh"), &args);
        test.args(["-j8", "@sum", ":::"])
            .args(files)
            .stdout(printed.stdout)
            .success();
    }
}

#[test]
fn lines_without_a_number_are_told() {
    with_numbers()
        .args([
            "--quiet", "-k", "@sum", ":::", "few", "odd", "table", "crlf",
        ])
        .stdout("-266.25\n")
        .stderr(
            "@sum: cannot read 'odd': line 2 has no number: ''
@sum: cannot read 'table': line 1 has no number: 'a,1,x'
",
        )
        .status(2);
    for (options, message) in [
        (&["-f0"][..], "fields are counted from 1"),
        (&["-fx"], "'x' is no number"),
        (&["-d,"], "'--delimiter' needs '--field': which one"),
        (
            &["-f1", "-d,,"],
            "',,' is not one byte: it cannot be between fields",
        ),
    ] {
        Test::new()
            .arg("@sum")
            .args(options)
            .args([":::", "x"])
            .stderr(builtin_error("@sum", message))
            .status(255);
    }
}

#[test]
fn numbers_are_described() {
    prints(
        &["@stats"],
        &["none"],
        "count\t0\nsum\t0\nmin\t-\nmax\t-\nmean\t-\nsd\t-\nmedian\t-\n",
    );
    prints(
        &["@stats", "-p", "0,25,90,99.9,100"],
        &["few", "crlf"],
        "count\t6\nsum\t-266.25\nmin\t-300\nmax\t20\nmean\t-44.375\nsd\t125.453153607233
median\t1.75\np0\t-300\np25\t0.4375\np90\t15\np99.9\t19.95\np100\t20\n",
    );
    prints(
        &["@stats", "-f2", "-d,"],
        &["table"],
        "count\t3\nsum\t2.25\nmin\t-2.75\nmax\t4\nmean\t0.75\nsd\t3.3819373146171707\nmedian\t1\n",
    );
    prints(
        &["@stats", "--skip"],
        &["odd"],
        "count\t1\nsum\t1\nmin\t1\nmax\t1\nmean\t1\nsd\t-\nmedian\t1\n",
    );
    prints(
        &["@stats"],
        &["large"],
        "count\t2\nsum\t18446744073709551614\nmin\t9223372036854775807\nmax\t9223372036854775807
mean\t9223372036854776000\nsd\t0\nmedian\t9223372036854775807\n",
    );
}

#[test]
fn what_is_no_percentile_is_told() {
    for text in ["x", "101", "-1", "1,", "50.1234567", "1e1"] {
        let wrong = text.strip_prefix("1,").unwrap_or(text);
        Test::new()
            .args(["@stats", &format!("-p{text}"), ":::", "x"])
            .stderr_has(format!(
                "prun: @stats: '{wrong}' is no percentile: a number from 0 to 100\n"
            ))
            .stderr_has("hint: prun --help @stats\n")
            .status(255);
    }
}

/// Python's own statistics of the same numbers.
#[test]
fn statistics_are_those_of_python() {
    let python = needed!("python3");
    let program = "\
import sys
from fractions import Fraction
from decimal import Decimal
values = sorted(Fraction(line.strip()) for name in sys.argv[1:] for line in open(name))
n = len(values)
def text(value):
    text = format(Decimal(value.numerator) / Decimal(value.denominator), 'f')
    return text.rstrip('0').rstrip('.') if '.' in text else text
def at(percent):
    place = Fraction(percent) * (n - 1) / 100
    low = int(place)
    return values[low] if place == low else values[low] + (values[low + 1] - values[low]) * (place - low)
print('count', n, sep='\\t')
print('sum', text(sum(values)), sep='\\t')
print('min', text(values[0]), sep='\\t')
print('max', text(values[-1]), sep='\\t')
print('mean', repr(float(sum(values)) / n).removesuffix('.0'), sep='\\t')
for name, percent in ('median', 50), ('p1', 1), ('p33.3', '33.3'), ('p99', 99):
    print(name, text(at(percent)), sep='\\t')
";
    for files in [&["few"][..], &["many"], &["many", "few", "many", "large"]] {
        let test = with_numbers();
        let args = [&["-c", program], files].concat();
        let printed = run_tool(&test, &python, &args);
        let expected = String::from_utf8(printed.stdout).expect("Python prints text");
        let output = test
            .args(["-j8", "@stats", "-p1,33.3,99", ":::"])
            .args(files)
            .stdout_any()
            .success();
        let got = String::from_utf8(output.stdout).expect("it is text");
        let (sd, others): (Vec<&str>, Vec<&str>) =
            got.lines().partition(|line| line.starts_with("sd\t"));
        assert_eq!(sd.len(), 1);
        assert_eq!(others, expected.lines().collect::<Vec<_>>(), "{files:?}");
    }
}

/// A deviation that is small beside the numbers is not lost.
#[test]
fn deviations_are_not_cancelled_out() {
    let numbers: String = (0..1000)
        .map(|number| format!("{}\n", 1_000_000_000 + number % 2))
        .collect();
    Test::new()
        .file("numbers", numbers)
        .args(["@stats", ":::", "numbers"])
        .stdout_has("mean\t1000000000.5\nsd\t0.50025018765638")
        .success();
}
