//! Sources of values: words after `:::`, files, standard input; how sources are
//! combined, where values end.

use std::fs;

use crate::support::{Test, failed};

/// Each case: arguments, standard input, and the jobs' lines in input order.
type Cases<'a> = &'a [(&'a [&'a str], &'a str, &'a str)];

/// Runs `prun -k ARGS` beside the files `one` (a b), `two` (1 2 3) and `zero` (empty).
#[track_caller]
fn check(cases: Cases) {
    for (args, input, expected) in cases {
        Test::new()
            .file("one", "a\nb\n")
            .file("two", "1\n2\n3\n")
            .file("zero", "")
            .arg("-k")
            .args(*args)
            .stdin(input)
            .stdout(expected)
            .success();
    }
}

#[test]
fn several_sources_give_every_combination_the_first_varying_slowest() {
    check(&[
        (&["echo", ":::", "a", "b"], "", "a\nb\n"),
        (
            &["echo", ":::", "a", "b", ":::", "1", "2"],
            "",
            "a 1\na 2\nb 1\nb 2\n",
        ),
        (
            &["echo", "::::", "one", "two"],
            "",
            "a 1\na 2\na 3\nb 1\nb 2\nb 3\n",
        ),
        (&["echo", "::::", "one", ":::", "x"], "", "a x\nb x\n"),
        (
            &["-a", "one", "-a", "two", "echo"],
            "",
            "a 1\na 2\na 3\nb 1\nb 2\nb 3\n",
        ),
        (&["-a", "one", "echo", ":::", "x"], "", "a x\nb x\n"),
        (&["--arg-file=one", "echo"], "", "a\nb\n"),
    ]);
}

#[test]
fn a_linked_source_goes_along_with_the_one_before_until_the_shorter_ends() {
    check(&[
        (
            &["echo", ":::", "1", "2", ":::", "a", "b", ":::+", "x", "y"],
            "",
            "1 a x\n1 b y\n2 a x\n2 b y\n",
        ),
        (
            &["echo", ":::", "a", "b", "c", ":::+", "1", "2"],
            "",
            "a 1\nb 2\n",
        ),
        (
            &["echo", ":::", "a", "b", ":::+", "1", "2", "3"],
            "",
            "a 1\nb 2\n",
        ),
        (
            &["echo", ":::", "a", "b", ":::+", "1", "2", ":::+", "x", "y"],
            "",
            "a 1 x\nb 2 y\n",
        ),
        (&["echo", "::::", "one", "::::+", "two"], "", "a 1\nb 2\n"),
        (&["echo", ":::", "x", "::::+", "two"], "", "x 1\n"),
    ]);
}

#[test]
fn link_takes_all_sources_side_by_side_and_starts_short_ones_again() {
    check(&[
        (
            &["--link", "echo", ":::", "a", "b", "c", ":::", "1", "2"],
            "",
            "a 1\nb 2\nc 1\n",
        ),
        (
            &["--link", "echo", "::::", "one", "two"],
            "",
            "a 1\nb 2\na 3\n",
        ),
        (&["--link", "echo", ":::", "a", "b"], "", "a\nb\n"),
        (
            &["--link", "echo", ":::", "a", ":::", "1", ":::", "x", "y"],
            "",
            "a 1 x\na 1 y\n",
        ),
    ]);
}

#[test]
fn a_dash_is_standard_input() {
    check(&[
        (&["echo", "::::", "-"], "x\ny\n", "x\ny\n"),
        (&["-a", "-", "echo"], "x\ny\n", "x\ny\n"),
        (
            &["-a", "one", "-a", "-", "echo"],
            "x\ny\n",
            "a x\na y\nb x\nb y\n",
        ),
        (
            &["echo", ":::", "1", "2", "::::+", "-"],
            "x\ny\n",
            "1 x\n2 y\n",
        ),
    ]);
    Test::new()
        .args(["echo", "::::", "-", "-"])
        .stderr(
            "prun: standard input cannot be two sources at once\n\
             hint: save it in a file and name that twice: cat > list; prun COMMAND :::: list list\n",
        )
        .status(255);
}

#[test]
fn words_after_a_separator_are_values_whatever_they_look_like() {
    check(&[(
        &[
            "probe", "args", ":::", "-k", "--help", "--", "-j", "-rf", "|", ">x",
        ],
        "",
        "-k\n--help\n--\n-j\n-rf\n|\n>x\n",
    )]);
}

#[test]
fn values_end_with_a_newline_a_nul_or_what_is_asked_for() {
    check(&[
        (&["echo"], "a\nb", "a\nb\n"),
        (&["-0", "echo"], "a\0b\0", "a\nb\n"),
        (&["-0", "echo"], "a\0b", "a\nb\n"),
        (&["-0", "printf", "(%s)"], "a\nb\0c\n\0", "(a\nb)(c\n)"),
        (&["-d", ",", "printf", "(%s)"], "a,b,c\n", "(a)(b)(c)"),
        (&["-d", ",", "printf", "(%s)"], "a,b,c", "(a)(b)(c)"),
        (&["-d", "--", "echo"], "a-b--c", "a-b\nc\n"),
        (&["-d", r"\t", "echo"], "a\tb", "a\nb\n"),
        (&["-d", r"\x2c", "echo"], "a,b", "a\nb\n"),
        (&["-d", r"\054", "echo"], "a,b", "a\nb\n"),
        (&["-d", r"\0", "echo"], "a\0b", "a\nb\n"),
        (&["-0", "-d", ",", "echo"], "a,b", "a\nb\n"),
        (&["-d", ",", "-0", "echo"], "a,b\0c", "a,b\nc\n"),
        (&["-0", "echo", ":::", "a\nb"], "", "a\nb\n"),
    ]);
    Test::gnu()
        .args(["-k", "-d", ",", "printf", "'(%s)'"])
        .stdin("a,b\n")
        .stdout("(a)(b\n)")
        .success();
    Test::new()
        .args(["-d", "", "echo"])
        .stderr(
            "prun: the delimiter is empty\nhint: -0 is for NUL; '=' is a word of its own: -d '='\n",
        )
        .status(255);
}

#[test]
fn an_empty_line_is_a_job_with_an_empty_value() {
    for (args, input, expected) in [
        (&["probe", "args"][..], "a\n\nb\n", "a\n\nb\n"),
        (&["printf", "(%s)"], "\n\n", "()()"),
        (&["-0", "printf", "(%s)"], "a\0\0b", "(a)()(b)"),
        (&["-d", ",", "printf", "(%s)"], ",a,,", "()(a)()"),
    ] {
        Test::new()
            .arg("-k")
            .args(args)
            .stdin(input)
            .stdout(expected)
            .stderr_has(" of standard input is empty\nhint: -r ")
            .success();
    }
    check(&[(&["printf", "(%s)", ":::", "", "x"], "", "()(x)")]);
}

#[test]
fn without_input_nothing_runs() {
    check(&[
        (&["echo"], "", ""),
        (&["-0", "echo"], "", ""),
        (&[], "", ""),
        (&["echo", ":::"], "", ""),
        (&["echo", ":::", "a", "b", ":::"], "", ""),
        (&["echo", ":::", ":::", "a"], "", ""),
        (&["echo", ":::", "a", ":::+"], "", ""),
        (&["echo", "::::", "zero", "one"], "", ""),
        (&["--link", "echo", ":::", "a", ":::"], "", ""),
    ]);
}

#[test]
fn no_input_can_be_made_an_error() {
    for args in [
        &["--fail-if-empty", "echo"][..],
        &["--fail-if-empty", "echo", ":::"],
        &["--fail-if-empty", "echo", ":::", "a", ":::"],
        &["--fail-if-empty", "--dry-run", "echo"],
    ] {
        Test::new()
            .args(args)
            .stderr("prun: there is no input\n")
            .status(255);
    }
    check(&[(&["--fail-if-empty", "echo", ":::", ""], "", "\n")]);
}

#[test]
fn values_are_bytes() {
    let lines: [&[u8]; 7] = [
        b"\xff\xfe x",
        b"\xef\xbb\xbfbom",
        "a\u{2028}b\u{85}c".as_bytes(),
        b"carriage return\r",
        b"  many    blanks \t ",
        b"\x01\x1b[0m\x7f",
        b"'\"\\",
    ];
    let mut input = lines.join(&b'\n');
    input.push(b'\n');
    Test::new()
        .args(["-k", "probe", "args"])
        .stdin(&input)
        .stdout(&input)
        .stderr_has("value 4 of standard input ends in a carriage return")
        .success();
    Test::new()
        .args(["-k", "-0", "probe", "args", "-0"])
        .stdin(b"a\nb\0\xff\n\0")
        .stdout(b"a\nb\0\xff\n\0")
        .success();
}

#[test]
fn a_value_that_no_argument_can_hold_fails_its_job_alone() {
    Test::new()
        .args(["-k", "--joblog", "log", "echo"])
        .stdin("a\0b\nc\n")
        .stdout("c\n")
        .stderr(format!(
            "prun: job 1: input 1 contains a NUL byte; use -0\n{}",
            failed("1 of 2", &["1: not started: echo $'a\\000b'"])
        ))
        .status(1);

    for command in [&["probe", "args", "<>"][..], &["echo <> | cat"]] {
        let longest = "x".repeat(131_071);
        let output = Test::new()
            .args(["-k", "--joblog", "log"])
            .args(command)
            .stdin(format!("{}\n{longest}\nok\n", "x".repeat(1 << 20)))
            .stdout(format!("{longest}\nok\n"))
            .stderr_has("prun: job 1: input 1 is 1048576 bytes; an argument can have 131071\n")
            .stderr_has(failed("1 of 3", &[]))
            .status(1);
        let log = fs::read_to_string(output.path("log")).expect("the log is written");
        let first = log.lines().find(|line| line.starts_with("1\t"));
        let columns: Vec<&str> = first.expect("it is logged").split('\t').collect();
        assert_eq!(columns[6..8], ["126", "0"]);
    }
}

#[test]
fn a_job_starts_before_the_next_line_is_there() {
    let mut child = Test::new()
        .args(["-j2", "touch <>.ran; echo <>"])
        .stdin_open()
        .start();
    child.feed("a\n");
    child.wait_for_file("a.ran");
    child.wait_for_stdout("a\n");
    child.feed("b");
    child.close_stdin();
    child.stdout("a\nb\n").check_file("b.ran", "").success();
}

#[test]
fn jobs_do_not_read_the_input() {
    check(&[(&["cat; echo got <>"], "a\nb\nc\n", "got a\ngot b\ngot c\n")]);
    // It is not even read where there are sources: this one never ends.
    Test::new()
        .args(["cat; echo <>", ":::", "a"])
        .stdin_open()
        .start()
        .stdout("a\n")
        .success();
}
