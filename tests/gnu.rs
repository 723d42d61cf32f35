//! `--gnu`: commands composed as GNU parallel composes them, and nothing said that it
//! does not say.

use crate::support::Test;

#[track_caller]
fn check(cases: &[(&[&str], &str)]) {
    for (args, expected) in cases {
        Test::gnu().arg("-k").args(*args).stdout(expected).success();
    }
}

#[test]
fn words_are_joined_by_one_blank_and_parsed_again() {
    check(&[
        (&["echo", "a  b", ":::", "x", "y  z"], "a b x\na b y  z\n"),
        (&["echo", "'a  b'", "{}", ":::", "x"], "a  b x\n"),
        (&["echo", "$((1 + 1))", "{}", ":::", "x"], "2 x\n"),
        (&["echo", "{}", "|", "tr", "a-z", "A-Z", ":::", "x"], "X\n"),
        (&["echo", "a;", "echo", ":::", "x"], "a\nx\n"),
    ]);
    Test::gnu()
        .args(["echo", ">", ":::", "f"])
        .check_file("f", "\n")
        .success();
}

#[test]
fn only_braces_are_placeholders() {
    check(&[
        (&["echo '<>' {}", ":::", "x"], "<> x\n"),
        (&["echo '<1>' '<#>'", ":::", "x"], "<1> <#> x\n"),
        (&["echo {#} {%}", ":::", "x"], "1 1\n"),
        (&["echo :{3}: {a} {}{}", ":::", "q"], ":: {a} qq\n"),
        (&["echo {2} {1}", ":::", "a", ":::", "b c"], "b c a\n"),
    ]);
}

#[test]
fn values_are_quoted_where_they_are_put() {
    check(&[
        (&["printf '(%s)'", ":::", "a  b"], "(a  b)"),
        (&["printf '(%s)'", ":::", "a b", ":::", "c"], "(a b)(c)"),
        (
            &["printf '(%s)' {}", ":::", "$(id)", "it's", ";", "*"],
            "($(id))(it's)(;)(*)",
        ),
        (&["printf '(%s)' pre{}post", ":::", "a  b"], "(prea  bpost)"),
    ]);
}

#[test]
fn a_placeholder_at_the_beginning_is_shell_text() {
    check(&[
        (
            &["{}", ":::", "echo a | tr a b", "echo 'c  d'"],
            "b\nc  d\n",
        ),
        (&["{} x", ":::", "echo a; echo"], "a\nx\n"),
    ]);
}

#[test]
fn quote_makes_the_words_literal() {
    check(&[(
        &["-q", "echo", "a  b", "*", "$HOME", "|", "{}", ":::", "x"],
        "a  b * $HOME | x\n",
    )]);
}

#[test]
fn without_a_command_each_value_is_a_command_line() {
    check(&[(&[":::", "echo a | tr a b", "echo {} c"], "b\n{} c\n")]);
}

#[test]
fn the_shell_is_that_of_the_environment() {
    let shell = |variables: &[(&str, &str)], expected: &str| {
        let mut test = Test::gnu().args(["echo $0 {}", ":::", "x"]);
        for (name, value) in variables {
            test = test.env(*name, *value);
        }
        test.stdout(expected).success();
    };
    shell(&[], "/bin/sh x\n");
    shell(&[("SHELL", "/bin/bash")], "/bin/bash x\n");
    shell(
        &[("SHELL", "/bin/dash"), ("PARALLEL_SHELL", "/bin/bash")],
        "/bin/bash x\n",
    );
    shell(
        &[("SHELL", "/bin/dash"), ("PRUN_SHELL", "/bin/bash")],
        "/bin/dash x\n",
    );
}

#[test]
fn jobs_find_their_numbers_in_the_environment() {
    Test::gnu()
        .args(["-k", "-j1"])
        .args([
            "echo $PARALLEL_SEQ $PARALLEL_JOBSLOT; : {}",
            ":::",
            "a",
            "b",
        ])
        .stdout("1 1\n2 1\n")
        .success();
    Test::new()
        .line("prun --gnu 'test $PARALLEL_PID = $PPID && echo same; : {}' ::: a")
        .stdout("same\n")
        .success();
}

#[test]
fn jobs_find_where_they_run_in_the_environment() {
    Test::gnu()
        .args(["echo $PARALLEL_JOBSLOT0 $PARALLEL_SSHLOGIN $PARALLEL_SSHHOST {}"])
        .args([":::", "x"])
        .stdout("0 : : x\n")
        .success();
}

#[test]
fn nothing_is_said_of_failed_jobs() {
    Test::gnu().args(["exit 3; :", ":::", "a", "b"]).status(2);
    Test::gnu().args(["false", ":::", "a"]).status(1);
    Test::gnu()
        .args(["echo e >&2; kill -9 $$ #", ":::", "a"])
        .stderr("e\n")
        .status(1);
}

#[test]
fn a_command_that_is_not_there_is_told_by_the_shell() {
    Test::gnu()
        .env("SHELL", "/bin/bash")
        .args(["-k", "--joblog", "log", "nosuchcmd", ":::", "1", "2"])
        .stderr_has("nosuchcmd: command not found\n")
        .status(2);
}

#[test]
fn a_second_parser_is_not_warned_of() {
    check(&[(&["sh -c 'echo {}'", ":::", "a"], "a\n")]);
}

#[test]
fn a_job_that_is_not_started_says_why() {
    Test::gnu()
        .args(["-k", "echo"])
        .stdin("a\0b\nc\n")
        .stdout("c\n")
        .stderr("prun: input 1 contains a NUL byte; use -0\n")
        .status(1);
}

#[test]
fn an_empty_tag_is_none() {
    Test::gnu()
        .args(["--tagstring", "", "echo", ":::", "a"])
        .stdout("a\n")
        .success();
}

#[test]
fn an_expression_may_be_several_words() {
    for (words, expected) in [
        (&["echo", "{=", "s/a/b/", "=}"][..], "b\n"),
        (&["-q", "echo", "{=", "s/a/b/", "=}"], "b\n"),
        (&["echo", "x{=", "s/a/b/;", "s/b/c/", "=}y"], "xcy\n"),
        (&["echo", "{=", "s/a/b/"], "{= s/a/b/ a\n"),
    ] {
        Test::gnu()
            .args(words)
            .args([":::", "a"])
            .stdout(expected)
            .success();
    }
    for words in [
        &["echo", "{=", "s/a/b/", ";", "touch", "x", ";", "=}"][..],
        &["echo", "{=", "s/a/b/", "';'", "touch", "x", "';'", "=}"],
        &["-q", "echo", "{=", "touch", "x", "=}"],
    ] {
        let output = Test::gnu()
            .args(words)
            .args([":::", "a"])
            .stderr_has("prun: cannot understand '{= ")
            .status(255);
        assert!(!output.path("x").exists());
    }
}

#[test]
fn values_are_quoted_by_expressions() {
    let values = [
        "a; echo X",
        "it's",
        "'",
        "",
        "a.b",
        "a\nb",
        "$(id)",
        "-n",
        "é",
    ];
    let expected = "a; echo X\nit's\n'\n\na.b\na\nb\n$(id)\n-n\né\n";
    Test::gnu()
        .args(["-k", r"eval printf \'%s\\n\' {= $_=Q($_) =}", ":::"])
        .args(values)
        .stdout(expected)
        .success();
    let quoted = "'a; echo X'\n'it'\"'\"'s'\n\"'\"\n''\na.b\n'a\nb'\n'$(id)'\n-n\n'é'\n";
    for mode in [&[][..], &["--gnu", "-0"]] {
        Test::new()
            .args(mode)
            .args(["-k", r"printf %s\\n {= $_=Q($_) =}", ":::"])
            .args(values)
            .stdout(quoted)
            .success();
        Test::new()
            .args(mode)
            .args([r"printf %s\\n {= $_=pQ($_) =}", ":::", "a\"$@\\b"])
            .stdout("a\\\"\\$\\@\\\\b\n")
            .success();
    }
}

#[test]
fn arguments_are_cut_as_files_are() {
    check(&[
        (&["echo", ":::", "a\nb"], "a\nb\n"),
        (&["echo {#} {}", ":::", "a\nb"], "1 a\n2 b\n"),
        (
            &["-d", ",", "echo [{}]", ":::", "a,b", "c,"],
            "[a]\n[b]\n[c]\n[]\n",
        ),
    ]);
}

#[test]
fn a_separator_without_values_reads_standard_input() {
    Test::gnu()
        .args(["echo", ":::"])
        .stdin("a\n")
        .stdout("a\n")
        .success();
}

#[test]
fn escapes_in_a_tag_are_those_of_gnu_parallel() {
    check(&[(
        &["--tagstring", r"\033[34m{}\x41\\\0\n", "echo", ":::", "a"],
        "\x1b[34ma\\x41\\\\\0\n\ta\n",
    )]);
}
