//! From the words of the command line to the command of a job: what is executed, what a
//! shell runs, where values are appended.

use crate::support::{Test, failed, needed, skip, tool};

/// Each case: arguments, and the jobs' output in input order.
#[track_caller]
fn check(cases: &[(&[&str], &str)]) {
    for (args, expected) in cases {
        Test::new().arg("-k").args(*args).stdout(expected).success();
    }
}

#[test]
fn one_word_with_blanks_is_a_command_line() {
    check(&[
        (
            &[r#"printf '(%s)' "a  b" c\ d <>"#, ":::", "x"],
            "(a  b)(c d)(x)",
        ),
        (&["echo <> | tr a-z A-Z", ":::", "a b"], "A B\n"),
        (&["echo a >f; cat f; : <>", ":::", "x"], "a\n"),
        (&["cd / && pwd; : <>", ":::", "x"], "/\n"),
        (
            &["for i in 1 2; do echo $i <>; done", ":::", "x"],
            "1 x\n2 x\n",
        ),
        (&["x=1; echo $((<> * 2))", ":::", "21"], "42\n"),
        (&["echo one\necho <>", ":::", "two"], "one\ntwo\n"),
    ]);
}

#[test]
fn one_word_alone_is_a_command() {
    check(&[
        (&["echo", ":::", "a b"], "a b\n"),
        (&["pwd >/dev/null; echo", ":::", "a"], "a\n"),
    ]);
    Test::new()
        .executable("a program", "#!/bin/sh\necho ran $1\n")
        .args(["-q", "./a program", ":::", "a"])
        .stdout("ran a\n")
        .success();
}

#[test]
fn several_words_are_passed_on_exactly() {
    check(&[
        (
            &[
                "probe", "args", "a  b", "$HOME", "*", "it's", "\"", "~", "#", "a;b", "", ":::",
                "x",
            ],
            "a  b\n$HOME\n*\nit's\n\"\n~\n#\na;b\n\nx\n",
        ),
        (
            &["probe", "args", "pre<>post", "<1>", ":::", "a  b"],
            "prea  bpost\na  b\n",
        ),
        (&["printf", r"%s\n", "<>", ":::", "*"], "*\n"),
    ]);
}

#[test]
fn an_operator_among_several_words_is_refused_with_both_spellings() {
    Test::new()
        .file("s.fa", "> one\n")
        .args(["grep", ">", ":::", "s.fa"])
        .stderr(
            "prun: '>' alone among several words could be an operator or an argument\n\
             hint: as an operator: prun 'grep >'; as an argument: prun -q grep '>'\n",
        )
        .check_file("s.fa", "> one\n")
        .status(255);
    for operator in [
        "|", ">", ">>", "<", "<<", "&", "&&", "||", ";", "2>", "2>&1", "&>", "|&", "(", ")",
    ] {
        Test::new()
            .args(["echo", "a", operator, "f", ":::", "x"])
            .stderr_has(format!("prun: '{operator}' alone among several words"))
            .stderr_has(format!("prun 'echo a {operator} f'; "))
            .stderr_has(format!("prun -q echo a '{operator}' f\n"))
            .status(255);
    }
}

/// With -q the first word is a program's name, whatever it begins with.
#[test]
fn an_operator_is_an_argument_of_a_builtin_in_a_line() {
    for (words, meant) in [
        (&["@grep", "|", "<>"][..], r#""@grep '|' '<>'""#),
        (
            &["@grep", "$x", "|", "f"],
            r"'@grep '\''$x'\'' '\''|'\'' f'",
        ),
        (&["A=1", "grep", "|"], r#""A=1 grep '|'""#),
    ] {
        Test::new()
            .args(words)
            .args([":::", "x"])
            .stderr_has(format!("; as an argument: prun {meant}\n"))
            .status(255);
    }
    Test::new()
        .file("f", "a|b\n")
        .args(["@grep '[|]' '<>'", ":::", "f"])
        .stdout("a|b\n")
        .success();
}

#[test]
fn quote_makes_every_word_an_argument() {
    check(&[
        (
            &["-q", "echo", "a  b", "*", "$HOME", "|", "<>", ":::", "x"],
            "a  b * $HOME | x\n",
        ),
        (&["-q", "echo", ">", "f", ":::", "x"], "> f x\n"),
        (&["-q", "probe", "args", "it's", ":::", "x"], "it's\nx\n"),
    ]);
    Test::new()
        .file("s.fa", "> one\n> two\n")
        .args(["-q", "grep", "-c", ">", ":::", "s.fa"])
        .stdout("2\n")
        .success();
}

#[test]
fn leading_assignments_set_the_environment_of_the_job() {
    check(&[
        (
            &["A=<>", "printenv", "A", ":::", "x  y", "$(id)"],
            "x  y\n$(id)\n",
        ),
        (
            &["A=<> printenv A", ":::", "x  y", "$(id)"],
            "x  y\n$(id)\n",
        ),
        (&["A=1", "B=a  b", "printenv", ":::", "B"], "a  b\n"),
        (&["A=<> B=2 sh -c 'echo $A$B'", ":::", "1"], "12\n"),
    ]);
    Test::new()
        .args(["A=<>", ":::", "x"])
        .stderr_has("prun: there is no command in 'A=<>'\nhint: ")
        .status(255);
}

#[test]
fn without_a_command_each_value_is_a_command_line() {
    Test::new()
        .arg("-k")
        .stdin("echo a\necho  b | tr b c\n# nothing\n\necho '<>' {} \\$x\n")
        .stdout("a\nc\n<> {} $x\n")
        .success();
    Test::new()
        .args(["-k", ":::", "echo a", "exit 3"])
        .stdout("a\n")
        .stderr(failed("1 of 2", &["2: exit 3: exit 3"]))
        .status(1);
}

#[test]
fn without_a_placeholder_each_value_is_appended_as_an_argument() {
    check(&[
        (
            &["probe", "args", ":::", "a b", ":::", "c  d", "-e"],
            "a b\nc  d\na b\n-e\n",
        ),
        (&["probe args", ":::", "a b", ""], "a b\n\n"),
        (&["x=1; probe args \"$x\"", ":::", "a b"], "1\na b\n"),
        (&["true && probe args one", ":::", "$(id)"], "one\n$(id)\n"),
        (&["echo a | cat - ", ":::", "/dev/null"], "a\n"),
        (&["! false | grep", ":::", "x"], ""),
    ]);
    Test::new()
        .args(["echo a >f", ":::", "b c"])
        .check_file("f", "a b c\n")
        .success();
}

#[test]
fn a_number_or_slot_alone_stops_the_appending() {
    check(&[
        (&["echo", "<#>", ":::", "b", "a"], "1\n2\n"),
        (&["-j1", "echo <%>", ":::", "b", "a"], "1\n1\n"),
        (&["echo {#}", ":::", "b", "a"], "1\n2\n"),
    ]);
}

#[test]
fn where_nothing_can_be_appended_the_command_is_refused() {
    for line in [
        "echo a; ",
        "echo a &",
        "if true; then echo; fi",
        "(echo a)",
        "{ echo a; }",
        "f() { echo; }",
        "case a in a) echo;; esac",
        "for i in 1; do echo; done >f",
        "echo a # comment",
        "cat <<E\na\nE\n",
    ] {
        Test::new()
            .args([line, ":::", "x"])
            .stderr_has("prun: the value cannot be added at the end of the command, ")
            .stderr_has("\nhint: write '<>' where the value goes")
            .status(255);
    }
}

#[test]
fn a_command_that_is_not_complete_is_refused() {
    for (line, what) in [
        ("echo \"<>", "the \" quote"),
        ("echo '<>", "the ' quote"),
        ("echo $(echo <>", "the '('"),
        ("echo <> \\", "a final backslash"),
    ] {
        Test::new()
            .args([line, ":::", "x"])
            .stderr(format!(
                "prun: the command line is not complete: {what} is not closed\n\
                 hint: 'prun -q' takes every word as it stands\n"
            ))
            .status(255);
    }
    Test::new()
        .args(["@grep \"<>", ":::", "x"])
        .stderr_has("hint: a built-in takes every word as it stands if there are several\n")
        .status(255);
    for line in ["", "   "] {
        Test::new()
            .args([line, ":::", "x"])
            .stderr_has(format!("prun: there is no command in '{line}'\nhint: "))
            .status(255);
    }
}

#[test]
fn the_shell_is_bash_unless_another_is_named() {
    check(&[
        (&["echo ${0##*/} <>", ":::", "a"], "bash a\n"),
        (
            &["--shell", "/bin/bash", "echo $0 <>", ":::", "a"],
            "/bin/bash a\n",
        ),
        (
            &[
                "--shell=/bin/bash",
                "[[ <> == a* ]] && echo yes",
                ":::",
                "ab",
            ],
            "yes\n",
        ),
    ]);
    Test::new()
        .line("prun --shell bash 'echo $0 <>' ::: a; type -P bash")
        .stdout_has("bash a\n/")
        .success();
    let with_variable = |args: &[&str], expected: &str| {
        Test::new()
            .env("PRUN_SHELL", "/bin/bash")
            .env("SHELL", "/bin/false")
            .args(args)
            .args(["echo $0 <>", ":::", "a"])
            .stdout(expected)
            .success()
    };
    with_variable(&[], "/bin/bash a\n");
    with_variable(&["--shell", "/bin/dash"], "/bin/dash a\n");
    Test::new()
        .env("SHELL", "/bin/false")
        .args(["echo ${0##*/} <>", ":::", "a"])
        .stdout("bash a\n")
        .success();
}

#[test]
fn other_shells_run_the_same_commands() {
    for shell in ["dash", "bash", "zsh", "ksh", "busybox"] {
        let Some(path) = tool(shell) else {
            crate::support::say_skipped(&format!("{shell} is not installed"));
            continue;
        };
        Test::new()
            .args(["-k", "--shell"])
            .arg(path)
            .args([
                "set -- q; f() { echo \"$1 <>\"; }; f z | cat",
                ":::",
                "a  b",
                "$(id)",
            ])
            .stdout("z a  b\nz $(id)\n")
            .success();
    }
}

#[test]
fn a_shell_that_is_missing_or_cannot_do_it_is_refused() {
    Test::new()
        .args(["--shell", "nosuch", "echo", ":::", "x"])
        .stderr("prun: cannot use the shell 'nosuch': no such program\nhint: --shell bash\n")
        .status(255);
    for shell in ["fish", "csh", "tcsh", "mksh"] {
        let dir = format!("bin/{shell}");
        let refused = |test: Test| {
            test.executable(&dir, "#!/bin/sh\ntouch ran\n")
                .stderr_has(format!(
                    "{shell}' cannot run prun's commands\nhint: --shell bash\n"
                ))
                .status(255)
        };
        refused(Test::new().args(["--shell", &format!("./{dir}"), "echo", ":::", "x"]));
        let variable = Test::new().env("PRUN_SHELL", format!("./{dir}"));
        refused(variable.args(["echo $((1)) <>", ":::", "x"]));
    }
}

#[test]
fn a_syntax_error_of_the_shell_gets_a_hint() {
    Test::new()
        .args(["--shell", "/bin/dash", "echo <> |& cat", ":::", "a"])
        .stderr_has("Syntax error")
        .stderr_has("hint: --shell bash\n")
        .status(1);
}

#[test]
fn an_exported_bash_function_is_a_command() {
    needed!("bash");
    let with_function = |command: &str| {
        Test::new().line(format!(
            r#"f() {{ echo "$# $1"; }}; export -f f; prun -k {command} ::: a 'b  c' '$(id)'"#
        ))
    };
    for command in ["f", "f '<>'", "'f <>'", "'f <> | cat'", "'f \"<>\"'"] {
        with_function(command)
            .stdout("1 a\n1 b  c\n1 $(id)\n")
            .success();
    }
}

#[test]
fn a_placeholder_that_the_shell_took_is_noticed() {
    let eaten = |line: &str, form: &str, file: &str| {
        Test::new()
            .line(line)
            .stderr_has(format!(
                "prun: your shell took '{form}' for a redirection, with '{file}' as the file\nhint: quote it: prun "
            ))
            .stderr_has(format!("/work/{file}, which your shell "))
            .status(255);
    };
    eaten("prun echo <> ::: a b", "<>", ":::");
    eaten("prun gzip -9 <> ::: a b", "<>", ":::");
    eaten("prun echo </> ::: a b", "</>", ":::");
    eaten("prun cp <> dest", "<>", "dest");
    Test::new()
        .file("list", "a\nb\n")
        .line("prun -k echo <list >out; cat out")
        .stdout("a\nb\n")
        .success();
}

#[test]
fn both_outputs_in_one_word_need_a_shell_that_knows_it() {
    if tool("dash").is_none() || tool("bash").is_none() {
        skip!("dash or bash is not installed");
    }
    let message = "'&>' starts the command in the background in this shell";
    Test::new()
        .args(["--shell", "dash", "echo <> &> out", ":::", "a"])
        .stderr(format!(
            "prun: {message}\nhint: write >FILE 2>&1, or choose the shell: --shell bash\n"
        ))
        .status(255);
    Test::new()
        .env("PRUN_SHELL", "dash")
        .stdin("false &> out\n")
        .stderr_has(format!("prun: job 1: {message}\n"))
        .status(1);
    Test::new()
        .args(["--shell", "bash", "echo <> &> out", ":::", "a"])
        .check_file("out", "a\n")
        .success();
}

#[test]
fn expressions_stand_among_braces_alone() {
    for mode in ["--gnu", "--quiet"] {
        Test::new()
            .args([mode, "echo", "{= s/a/b/ =}", ":::", "a"])
            .stdout("b\n")
            .success();
    }
    Test::new()
        .args(["echo", "{= s/a/b/ =}", "<>", ":::", "a"])
        .stderr(
            "prun: '{= s/a/b/ =}' is text where the value is written '<>'\n\
             hint: write '{}' for '<>', or choose what encloses expressions: --parens '<==>'\n",
        )
        .status(255);
    Test::new()
        .args(["echo", "{= =}", "<>", ":::", "a"])
        .stdout("{= =} a\n")
        .success();
}
