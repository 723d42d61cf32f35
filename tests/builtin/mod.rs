//! Built-ins: what is said of them, how they run as jobs, and each beside the tool whose
//! output it has.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::Write;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::LazyLock;

use proptest::test_runner::{Config, TestRng, TestRunner};

use crate::support::{Signal, Test, cut_off, ends, failed, interrupted, skip};

/// Parts of lines.
mod columns;
/// Compression.
mod compress;
/// Structures.
mod data;
/// Checksums.
mod hash;
mod large;
/// Patterns.
mod pattern;
/// Pipelines and lists.
mod pipelines;
/// One result of all jobs.
mod reduce;
/// Replacing.
mod replace;
/// Sorting.
mod sort;
/// Tables.
mod table;
/// Text.
mod text;
/// One result of all jobs, at the end of a line.
mod whole;

/// Contents that are easily taken for something else.
pub(crate) fn odd_contents() -> Vec<(&'static str, Vec<u8>)> {
    // Unoptimised, making them takes longer than most of what is done with them.
    static MADE: LazyLock<Vec<(&str, Vec<u8>)>> = LazyLock::new(make_odd_contents);
    MADE.clone()
}

fn make_odd_contents() -> Vec<(&'static str, Vec<u8>)> {
    let mut huge = vec![b'x'; 300_000];
    huge.push(b'\n');
    let lines: Vec<u8> = (0..40_000)
        .flat_map(|number| format!("{number} line\n").into_bytes())
        .collect();
    vec![
        ("empty", Vec::new()),
        ("newline", b"\n".to_vec()),
        ("unfinished", b"one\ntwo  three\n\n last".to_vec()),
        ("nuls", b"a\0b\n\0\0\nc d\0".to_vec()),
        ("invalid", b"\xff\xfe caf\xc3\xa9 \xe2\x82\n\xc3".to_vec()),
        (
            "utf8",
            "caf\u{e9} \u{2003}\u{a0}x\u{3000}\u{1f600}\nÄß\n".into(),
        ),
        ("controls", b"a\tb\x0bc\x0cd\re\x1b\x7f\r\n".to_vec()),
        ("huge", huge),
        ("lines", lines),
        ("with space", b"s\n".to_vec()),
        ("new\nline", b"n\n".to_vec()),
        ("back\\slash", b"b\n".to_vec()),
        ("return\r", b"r\n".to_vec()),
        ("-dash", b"d\n".to_vec()),
        ("*star", b"*\n".to_vec()),
    ]
}

/// A test with files of all those contents.
pub(crate) fn with_odd_files() -> Test {
    let contents = odd_contents().into_iter();
    contents.fold(Test::new(), |test, (name, bytes)| test.file(name, bytes))
}

/// Output of a tool, and its status.
pub(crate) struct Printed {
    pub stdout: Vec<u8>,
    pub status: i32,
}

/// Runs a tool in the directory of a test, in the locale that built-ins take text for.
pub(crate) fn run_tool(test: &Test, path: &Path, args: &[&str]) -> Printed {
    let output = Command::new(path)
        .args(args)
        .current_dir(test.path(""))
        .env("LC_ALL", "C.UTF-8")
        .stdin(Stdio::null())
        .output();
    let output = output.expect("the tool can be run");
    Printed {
        stdout: output.stdout,
        status: output.status.code().expect("the tool ends by itself"),
    }
}

/// One job in which the built-in does with these files what the tool does with them, and
/// has the same status.
#[track_caller]
pub(crate) fn same(test: Test, path: &Path, options: &[&str], files: &[&str]) {
    let builtin = format!("@{}", name_of(path));
    let args = [options, &["--"], files].concat();
    beside(
        test,
        (path, &args),
        &[&[builtin.as_str()], args.as_slice()].concat(),
    );
}

/// Does that for each of these files alone: one job for each, in one run.
#[track_caller]
pub(crate) fn same_for_each(test: Test, path: &Path, options: &[&str], files: &[&str]) {
    let printed: Vec<Printed> = files
        .iter()
        .map(|file| run_tool(&test, path, &[options, &["--", file]].concat()))
        .collect();
    let output = test
        .args(["--quiet", "--joblog", "log", "--results", "each/<#>/"])
        .arg(format!("@{}", name_of(path)))
        .args(options)
        .args(["--", "<>", ":::"])
        .args(files)
        .stderr_any()
        .any_status();
    let mut statuses = Vec::new();
    for (seq, (file, printed)) in (1..).zip(files.iter().zip(&printed)) {
        let stdout = fs::read(output.path(format!("each/{seq}/stdout"))).expect("it was kept");
        assert!(stdout == printed.stdout, "{options:?} {file:?}");
        statuses.push(format!("{seq} {} 0", printed.status));
    }
    assert_eq!(ends(&output.path("log")), statuses, "{options:?}");
}

/// One job in which a built-in does what a tool does with its arguments.
#[track_caller]
pub(crate) fn beside(test: Test, (path, args): (&Path, &[&str]), builtin: &[&str]) {
    let printed = run_tool(&test, path, args);
    test.args(["--quiet", "--halt", "soon,fail=1", "-N0"])
        .args(builtin)
        .args([":::", "once"])
        .stdout(printed.stdout)
        .stderr_any()
        .status(printed.status);
}

/// Compares with a tool: the same cases each time, so that a rare quirk of the tool does not
/// look like a fault of the last change. `PRUN_TEST_RANDOM=1` looks for others.
pub(crate) fn runner(config: Config) -> TestRunner {
    match std::env::var_os("PRUN_TEST_RANDOM") {
        Some(_) => TestRunner::new(config),
        None => {
            let source = TestRng::deterministic_rng(config.rng_algorithm);
            TestRunner::new_with_rng(config, source)
        }
    }
}

/// The built-in that does what a program does.
fn name_of(path: &Path) -> String {
    let name = path.file_name().map(OsStr::to_string_lossy);
    let name = name.expect("a program has a name");
    match &*name {
        "wc" => "count".to_owned(),
        "b3sum" => "blake3".to_owned(),
        name => name.strip_suffix("sum").unwrap_or(name).to_owned(),
    }
}

#[test]
fn they_are_listed_and_explained() {
    Test::new()
        .arg("--builtins")
        .stdout_has("@sha256    SHA-256 checksums, as sha256sum prints them\n")
        .success();
    let explained = Test::new()
        .args(["--help", "@sha256"])
        .stdout_has("Usage: prun [OPTIONS] @sha256 [OPTION]... [FILE]... ::: VALUE...\n")
        .success();
    Test::new()
        .args(["@sha256", "--help"])
        .stdout(explained.stdout)
        .success();
    Test::new()
        .args(["--help", "@sha265"])
        .stderr("prun: there is no built-in '@sha265'\nhint: did you mean @sha256?\n")
        .status(255);
}

#[test]
fn what_cannot_be_is_told_before_any_job_starts() {
    for (words, message) in [
        (
            &["@sha265"][..],
            "there is no built-in '@sha265'\nhint: did you mean @sha256?",
        ),
        (
            &["@sha256", "--chekc"],
            "@sha256: there is no option '--chekc'\nhint: prun --help @sha256",
        ),
        (
            &["@sha256 --check --tag <>"],
            "@sha256: '--tag' does not go with '--check'\nhint: prun --help @sha256",
        ),
        (
            &["@sha256 <> > $sums"],
            "'@sha256' runs inside prun: beside words and quotes, only |, &&, ||, ; and redirections can stand in its line\nhint: for the rest name the shell: sh -c '...' | @sha256; a program of that name: ./@sha256",
        ),
        (
            &["(cat <>) | @md5"],
            "'@md5' runs inside prun: beside words and quotes, only |, &&, ||, ; and redirections can stand in its line\nhint: for the rest name the shell: sh -c '...' | @md5; a program of that name: ./@md5",
        ),
        (
            &["LC_ALL=C @md5 <>"],
            "'@md5' runs inside prun: variables cannot be set for it\nhint: prun '@md5 <>'",
        ),
        (
            &["LC_ALL=C", "@md5", "<>"],
            "'@md5' runs inside prun: variables cannot be set for it\nhint: prun '@md5 <>'",
        ),
    ] {
        Test::new()
            .args(words)
            .args([":::", "a"])
            .stderr(format!("prun: {message}\n"))
            .status(255);
    }
}

const SUM_OF_NOTHING: &str = "d41d8cd98f00b204e9800998ecf8427e";

#[test]
fn a_value_is_never_an_option() {
    for words in [
        &["@md5"][..],
        &["@md5 <>"],
        &["@md5", "-b", "-t", "<>"],
        &["@md5 -- <>"],
    ] {
        Test::new()
            .file("--check", "")
            .file("-", "never read")
            .args(["-k"])
            .args(words)
            .args([":::", "--check", "-"])
            .stdout(format!("{SUM_OF_NOTHING}  --check\n{SUM_OF_NOTHING}  -\n"))
            .success();
    }
}

#[test]
fn an_option_may_be_made_of_a_value() {
    Test::new()
        .file("f", "")
        .args(["-k", "@md5 -<> f", ":::", "b", "t", "x"])
        .stdout(format!("{SUM_OF_NOTHING} *f\n{SUM_OF_NOTHING}  f\n"))
        .stderr(format!(
            "prun: job 3: @md5: there is no option '-x'\n{}",
            failed("1 of 3", &["3: not started: @md5 -x f"])
        ))
        .status(1);
}

#[test]
fn a_file_that_cannot_be_read_fails_its_job_only() {
    Test::new()
        .file("f", "")
        .args(["-k", "@md5", ":::", "missing", ".", "f"])
        .stdout(format!("{SUM_OF_NOTHING}  f\n"))
        .stderr(
            "@md5: cannot read 'missing': No such file or directory\n\
             @md5: cannot read '.': Is a directory\n"
                .to_owned()
                + &failed("2 of 3", &["1: exit 1: @md5 missing", "2: exit 1: @md5 ."]),
        )
        .status(2);
}

#[test]
fn a_file_without_permission_is_told() {
    if rustix::process::geteuid().is_root() {
        skip!("root may read everything");
    }
    let test = Test::new().file("secret", "x");
    let mode = std::fs::Permissions::from_mode(0o0);
    std::fs::set_permissions(test.path("secret"), mode).expect("the file is ours");
    test.args(["--quiet", "@md5", ":::", "secret"])
        .stderr("@md5: cannot read 'secret': Permission denied\n")
        .status(1);
}

#[test]
fn several_values_are_several_files() {
    let sums: Vec<String> = ["a", "b", "c"]
        .map(|name| format!("{SUM_OF_NOTHING}  {name}\n"))
        .into();
    for option in ["-X", "-n2"] {
        Test::new()
            .file("a", "")
            .file("b", "")
            .file("c", "")
            .args(["-k", "-j1", option, "@md5", ":::", "a", "b", "c"])
            .stdout(sums.concat())
            .success();
    }
}

#[test]
fn options_of_the_run_hold_for_them() {
    let sum = format!("{SUM_OF_NOTHING}  f\n");
    for (options, expected) in [
        (&["--tag"][..], format!("f\t{sum}")),
        (&["--tag", "--line-buffer"], format!("f\t{sum}")),
        (&["--ungroup"], sum.clone()),
        (&["-v"], format!("@md5 f\n{sum}")),
        (&["--dry-run"], "@md5 f\n".to_owned()),
        (&["--retries", "2"], sum.clone()),
        (&["--shell", "sh"], sum.clone()),
    ] {
        Test::new()
            .file("f", "")
            .args(options)
            .args(["@md5", ":::", "f"])
            .stdout(expected)
            .success();
    }
    Test::new()
        .file("d/f", "")
        .args(["--wd", "d", "@md5", ":::", "f"])
        .stdout(&sum)
        .success();
}

#[test]
fn lines_of_input_may_call_them() {
    Test::new()
        .file("f", "")
        .stdin("@md5 f\necho and\n@md5 f | cat\n@md5 f | (cat)\n@md\n")
        .arg("-k")
        .stdout(format!("{SUM_OF_NOTHING}  f\nand\n{SUM_OF_NOTHING}  f\n"))
        .stderr_has("prun: job 4: '@md5' runs inside prun: beside words and quotes, only |")
        .stderr_has("prun: job 5: there is no built-in '@md'\n")
        .status(2);
}

#[test]
fn elsewhere_the_name_is_a_programs() {
    for options in [&["--gnu"][..], &["-q"]] {
        Test::new()
            .executable("@md5", "#!/bin/sh\necho program \"$1\"\n")
            .env("PATH", ".:/usr/bin:/bin")
            .args(options)
            .args(["@md5", ":::", "x"])
            .stdout("program x\n")
            .success();
    }
}

#[test]
fn they_are_logged() {
    let output = Test::new()
        .file("f", "")
        .args([
            "--joblog", "log", "--quiet", "-k", "@md5", ":::", "f", "missing",
        ])
        .stdout_any()
        .stderr_any()
        .status(1);
    let log = std::fs::read(output.path("log")).expect("there is a log");
    let log = String::from_utf8(log).expect("it is text");
    let columns = |line: &str| -> Vec<String> {
        let all: Vec<&str> = line.split('\t').collect();
        [5, 6, 7, 8].map(|at| all[at].to_owned()).into()
    };
    let mut lines: Vec<Vec<String>> = log.lines().skip(1).map(columns).collect();
    lines.sort();
    assert_eq!(
        lines,
        [["0", "1", "0", "@md5 missing"], ["36", "0", "0", "@md5 f"]]
    );
}

/// A FIFO that nobody writes to.
pub(crate) fn with_fifo() -> Test {
    let test = Test::new();
    let status = Command::new("mkfifo").arg(test.path("fifo")).status();
    assert!(status.expect("mkfifo can be run").success());
    test
}

#[test]
fn a_long_job_keeps_short_ones_from_nothing() {
    let test = with_fifo().file("f", "x\n");
    let mut both = File::options();
    let fifo = both.read(true).write(true).open(test.path("fifo"));
    let mut fifo = fifo.expect("the FIFO can be opened");
    fifo.write_all(b"y\n").expect("it takes a line");
    let child = test
        .args(["-j1", "@cat", ":::"])
        .args(["f"; 700])
        .arg("fifo")
        .args(["f"; 800])
        .start();
    let printed = "x\n".repeat(700) + "y\n";
    child.wait_for_stdout(&printed);
    child.signal(Signal::INT);
    child
        .wait()
        .stdout(printed)
        .stderr(cut_off(701, "SIGINT") + &interrupted("SIGINT", 1, "800 not started"))
        .signaled(Signal::INT);
}

#[test]
fn a_time_limit_ends_them() {
    with_fifo()
        .args(["--timeout", "0.1", "@md5", ":::", "fifo"])
        .stderr(failed("1 of 1", &["1: timed out after 0.1s: @md5 fifo"]))
        .status(1);
}

#[test]
fn a_halt_ends_them() {
    with_fifo()
        .args([
            "-j2",
            "--halt",
            "now,fail=1",
            "@md5",
            ":::",
            "fifo",
            "missing",
        ])
        .stderr_has(failed("1 of 2, 1 stopped", &[]))
        .stderr_has("@md5: cannot read 'missing': No such file or directory\n")
        .status(1);
}

#[test]
fn a_signal_ends_them() {
    let child = with_fifo()
        .file("f", "")
        .args(["-j1", "-k", "@md5", ":::", "f", "fifo"])
        .start();
    child.wait_for_stdout(SUM_OF_NOTHING);
    child.signal(Signal::INT);
    child
        .wait()
        .stdout(format!("{SUM_OF_NOTHING}  f\n"))
        .stderr(interrupted("SIGINT", 1, "none left to start"))
        .signaled(Signal::INT);
}

#[test]
fn a_fifo_is_read_when_it_is_written() {
    let test = with_fifo();
    let line = "(printf x > fifo; printf y >> f) & prun @md5 ::: fifo; wait";
    test.line(line)
        .stdout("9dd4e461268c8034f5c8564e155c67a6  fifo\n")
        .success();
}

#[test]
fn a_closed_standard_output_ends_them() {
    Test::new()
        .line("prun --ungroup @md5 ::: $(seq 20000) 2>/dev/null | head -c0; exit ${PIPESTATUS[0]}")
        .any_status();
}

/// Names of files with bytes that are no text.
#[test]
fn names_are_bytes() {
    let name = OsStr::from_bytes(b"\xff\xfe");
    let mut expected = format!("{SUM_OF_NOTHING}  ").into_bytes();
    expected.extend_from_slice(b"\xff\xfe\n");
    Test::new()
        .file(name, "")
        .args(["@md5", ":::"])
        .arg(name)
        .stdout(expected)
        .success();
}

#[test]
fn many_small_files_come_in_order() {
    let numbers: Vec<String> = (0..500).map(|number| number.to_string()).collect();
    let mut test = Test::new();
    let mut expected = String::new();
    for number in &numbers {
        test = test.file(number, "");
        expected += &format!("{SUM_OF_NOTHING}  {number}\n");
    }
    test.args(["-k", "-j8", "@md5", ":::"])
        .args(numbers)
        .stdout(expected)
        .success();
}
