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
        .stdin([&[b'a'; 140_000], b"\nc\n".as_slice()].concat())
        .stdout("c\n")
        .stderr("prun: input 1 is 140000 bytes; an argument can have 131071\n")
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

#[test]
fn a_command_may_begin_where_options_are_set() {
    let run = |variable: &str, args: &[&str], stdout: &str| {
        Test::gnu()
            .env("PARALLEL", variable)
            .args(args)
            .stdout(stdout)
            .success();
    };
    run("-k echo pre", &["x", ":::", "a", "b"], "pre x a\npre x b\n");
    run("-k echo pre", &["-j1", ":::", "a"], "pre a\n");
    run("-k echo 'p  q'", &["{}", "-v", ":::", "a"], "p q a -v\n");
    run("-j1 echo -k", &["{}", ":::", "a"], "-k a\n");
    run("-j1 -- echo", &["-v", "{}", ":::", "a"], "echo a\na\n");
    run("-j1 {}", &[":::", "echo 1"], "1\n");
    Test::gnu()
        .env("PARALLEL", "echo ::: z")
        .args(["{}", ":::", "a"])
        .stderr(
            "prun: in $PARALLEL: there are sources\n\
             hint: only options and the beginning of a command can stand there; sources are typed\n",
        )
        .status(255);
}

#[test]
fn profiles_count_in_order() {
    let run = |files: [&str; 2], args: &str, stdout: &str| {
        let [one, two] = files;
        Test::new()
            .file("one", one)
            .file("two", two)
            .line(format!(
                "mkdir -p ~/.parallel; cp one two ~/.parallel; prun --gnu -j1 {args}"
            ))
            .stdout(stdout)
            .success();
    };
    let tags = ["--tagstring 1", "--tagstring 2"];
    run(tags, "-J one -J two echo ::: a", "2\ta\n");
    run(tags, "-J two -J one echo ::: a", "1\ta\n");
    run(
        ["--tag", "-v"],
        "-J one -J two echo ::: a",
        "a\techo a\na\ta\n",
    );
    run(
        ["echo A", "--tag B"],
        "-J one -J two ::: a",
        "A --tag B a\n",
    );
}

#[test]
fn what_was_set_before_may_ask_for_gnu_parallel() {
    let typed = |option: &str| {
        Test::new()
            .args([option, "-i", "{}", "echo", "x{}", ":::", "a"])
            .stdout("xa\n")
    };
    typed("--gnu").success();
    typed("-k").env("PRUN", "--gnu").success();
    typed("--config=file").file("file", "--gnu\n").success();
    Test::new()
        .env("PRUN", "--gnu")
        .args(["--plain", "-i", "{}", "echo", ":::", "a"])
        .stderr_has("prun: unknown option '-i'")
        .status(255);
}

#[test]
fn nul_bytes_become_text() {
    let warning = "prun: warning: a NUL byte in the input becomes '\\0': no argument can have one\n\
                   hint: -0 is for values that end with NUL bytes\n";
    let run = |args: &[&str], stdin: &[u8], stdout: &str| {
        Test::gnu()
            .arg("-j1")
            .args(args)
            .stdin(stdin)
            .stdout(stdout)
            .stderr(warning)
            .success();
    };
    run(&["printf", "%s,"], b"a\0b\nc\n\0d\0\n", "a\\0b,c,\\0d\\0,");
    run(&["-n2", "printf", "%s,"], b"a\0b\nc\0\n", "a\\0b,c\\0,");
    run(&["--tag", "-v", "true"], b"a\0\n", "a\\0\ttrue 'a\\0'\n");
    run(&["--dry-run", "echo"], b"a\nb\0\n", "echo a\necho 'b\\0'\n");
    run(&["-C", ",", "echo", "{2}{1}"], b"a\0,b\n", "ba\\0\n");
    run(&[], b"echo a\0\n", "a0\n");
    Test::gnu()
        .args(["-0", "printf", "%s,"])
        .stdin(b"a\0")
        .stdout("a,")
        .success();
}

#[test]
fn a_directory_of_its_own_is_removed_with_the_job() {
    Test::gnu()
        .args(["-j1", "--wd", "..."])
        .args(["mkdir d; touch d/f; pwd; exit {}", ":::", "0", "1"])
        .stdout_any()
        .status(1);
    Test::new()
        .line(
            "mkdir t; export TMPDIR=$PWD/t
             prun --gnu -j1 --wd ... 'mkdir d; ls -d ../*/d | wc -l; : {}' ::: a b; ls t
             prun -j1 --wd ... 'pwd >>../list; : <>' ::: a; ls t | wc -l",
        )
        .stdout("1\n1\n2\n")
        .success();
}

#[test]
fn no_value_becomes_code_where_no_shell_is_meant_to_read_it() {
    let refused = |mode: &str, words: &[&str]| {
        Test::new()
            .arg(mode)
            .args(words)
            .args([":::", "a"])
            .stderr(
                "prun: '{= uq() =}' would make a value code, which no shell reads here\n\
                 hint: prun ::: 'echo a' 'echo b' runs values as command lines\n",
            )
            .status(255);
    };
    refused("--quiet", &["echo {= uq() =}"]);
    refused("--quiet", &["echo", "{= uq() =}"]);
    refused("--tagstring={= uq() =}", &["echo"]);
    refused("--gnu", &["-q", "echo", "{= uq() =}"]);
}
