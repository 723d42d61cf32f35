//! Command lines: when a shell runs them, and where values go in its script.

use super::*;

#[test]
fn only_lines_with_shell_syntax_need_a_shell() {
    let shell = [
        "a|b",
        "a;b",
        "a&",
        "a>b <>",
        "a <b <>",
        "echo *",
        "ls ?",
        "ls [a]",
        "ls ~",
        "A=~ x",
        "X=a:~b x",
        "echo {a,b}",
        "echo {1..3}",
        "! a",
        "echo $x",
        "echo \"$x\"",
        "echo `x`",
        "a\nb",
        "cd x",
        "time x",
        "ulimit -c",
        "if x; then y; fi <#>",
        "exec x",
        "echo hi!",
        "# x\ny",
        "(a; b <>)",
        "a+=x y",
        "type",
        ". x",
        "echo \"`x`\"",
        "pwd",
        "'cd' x",
        ": ",
    ];
    for line in shell {
        assert_ne!(script(line, 1), "direct", "{line}");
    }
    let direct = [
        "echo",
        "printf %s",
        "test -f",
        "[ -f <> ]",
        "true",
        "false",
        "a\\ b",
        "'$x'",
        "a'*'b",
        "echo '`x`'",
        "echo \"*?[~\"",
        "echo a~ b#c \\# \\*",
        "A=1 echo",
        "find <> -exec x \\{} + a\\{}b",
        "echo \\$x",
        "a=b/c d",
        "echo %1 @x a,b ^ +x",
        "a \\\n b",
    ];
    for line in direct {
        assert_eq!(script(line, 1), "direct", "{line}");
    }
}

#[test]
fn values_are_placed_by_their_context() {
    let table = [
        ("a <>;", r#"a "${_prun1}";"#),
        ("a x<>y;", r#"a x"${_prun1}"y;"#),
        ("a \"-<>-\";", r#"a "-${_prun1}-";"#),
        ("a '-<>-';", r#"a '-'"${_prun1}"'-';"#),
        ("a $'-<>\\'';", r#"a $'-'"${_prun1}"$'\'';"#),
        ("a $(b <> \"<>\")", r#"a $(b "${_prun1}" "${_prun1}")"#),
        (
            "a \"$(b '<>')\" <>",
            r#"a "$(b ''"${_prun1}"'')" "${_prun1}""#,
        ),
        ("a <(b <>)", r#"a <(b "${_prun1}")"#),
        ("a > <>", r#"a > "${_prun1}""#),
        ("a ><>", r#"a >"${_prun1}""#),
        ("a <<>", r#"a <"${_prun1}""#),
        ("a <<<<>", r#"a <<<"${_prun1}""#),
        ("a 2>&1 <>", r#"a 2>&1 "${_prun1}""#),
        (
            "a <<E\n<> \"<>\"\nE\n",
            "a <<E\n${_prun1} \"${_prun1}\"\nE\n",
        ),
        (
            "a <<-E\n\t<>\n\tE\nb <>",
            "a <<-E\n\t${_prun1}\n\tE\nb \"${_prun1}\"",
        ),
        ("a $((<> + 1))", "a $((${_prun1} + 1))"),
        ("a $( (b <>); c )", r#"a $( (b "${_prun1}"); c )"#),
        ("a $((b <>); c )", r#"a $((b "${_prun1}"); c )"#),
        (
            "x=$(case <> in a) b <>;; esac)",
            r#"x=$(case "${_prun1}" in a) b "${_prun1}";; esac)"#,
        ),
        ("<> x | b", r#""${_prun1}" x | b"#),
        ("\\<>; a \"\\<>\" <>", r#"'<>'; a "<>" "${_prun1}""#),
        ("a=(<>)", r#"a=("${_prun1}")"#),
        ("echo \\$<> $x", r#"echo \$"${_prun1}" $x"#),
    ];
    for (line, expected) in table {
        let bash = TemplateOptions {
            shell: ShellProgram::named("/bin/bash"),
            ..options(&[line], 1)
        };
        let argv = argv(bash, &["7"]);
        assert_eq!(argv[2], format!("_prun1=$1; set --; {expected}"), "{line}");
    }
}

#[test]
fn each_distinct_expression_is_one_parameter() {
    let line = "a <1> <> </.> <1> <#>; b <2> <-1>";
    let argv = argv(options(&[line], 2), &["d/x.y", "v"]);
    assert_eq!(
        argv[2],
        "_prun1=$1 _prun2=$2 _prun3=$3 _prun4=$4 _prun5=$5; set --; \
         a \"${_prun1}\" \"${_prun1}\" \"${_prun2}\" \"${_prun3}\" \"${_prun4}\" \"${_prun1}\" \
         \"${_prun5}\"; b \"${_prun2}\" \"${_prun2}\""
    );
    assert_eq!(argv[3..], ["/bin/sh", "d/x.y", "v", "x", "v", "3"]);
    let ten: Vec<String> = (1..=11).map(|index| format!("<{index}>")).collect();
    let values: Vec<String> = (1..=11).map(|index| format!("v{index}")).collect();
    let values: Vec<&str> = values.iter().map(String::as_str).collect();
    let argv = super::argv(options(&[&format!("a {};", ten.join(" "))], 11), &values);
    assert!(
        argv[2].contains("_prun9=$9 _prun10=${10} _prun11=${11};"),
        "{}",
        argv[2]
    );
}

#[test]
fn places_that_cannot_take_a_value_are_refused() {
    let table = [
        ("a `b <>`", "inside back-quotes"),
        ("a # <>", "inside a comment"),
        ("a ${x%<>}", "inside '${ }'"),
        ("a \"${x:-<>}\"", "inside '${ }'"),
        ("a ${x[<>]}", "inside '${ }'"),
        ("a <<'E'\n<>\nE", "delimiter is quoted"),
        ("a <<\\E\n<>\nE", "delimiter is quoted"),
        ("a << <>\nE", "as the delimiter"),
        ("a $<>", "directly after '$'"),
        ("a \"$<>\"", "directly after '$'"),
        ("a $<1>", "directly after '$'"),
        ("a 2<>b", "descriptor's number"),
        ("a >& <>", "bash expands twice"),
        ("a 2>&$x<>", "bash expands twice"),
        ("ls *(<>)", "the parentheses of a pattern"),
        ("x=*(<>)", "the parentheses of a pattern"),
        ("a =(<>)", "the parentheses of a pattern"),
        ("a[<>]=x", "an array's subscript"),
        ("a {1..<>}", "a sequence of braces"),
        ("a b{<>..3..2}c", "a sequence of braces"),
        ("a=([<>]=x)", "an array's subscript"),
        ("a 'b <>", "the ' quote is not closed"),
        ("a \"<>", "the \" quote is not closed"),
        ("a $(b <>", "the '(' is not closed"),
        ("a <> \\", "a final backslash is not closed"),
    ];
    for (line, expected) in table {
        let fault = script(line, 1);
        assert!(fault.contains(expected), "{line}: {fault}");
        assert!(fault.contains("\nhint: "), "{line}: {fault}");
    }
    assert_eq!(argv(options(&["a 2<1>"], 1), &["v"]), ["a", "2v"]);
}

#[test]
fn numbers_are_checked_where_the_shell_calculates() {
    let bash = |line: &str| TemplateOptions {
        shell: ShellProgram {
            is_asked: true,
            ..ShellProgram::named("/bin/bash")
        },
        ..options(&[line], 1)
    };
    let lines = [
        "echo $((<>+1))",
        "((x = <>))",
        "for ((i=0; i<<>; i++)); do a; done",
        "echo $[<>]",
        "[[ <> -gt 3 ]]",
        "[[ 3 -le \"<>\" ]]",
        "[[ a && ( 3 -eq <> ) ]]",
        "a \"$((<>))\"",
        "cat <<E\n$((<>))\nE\n",
        "a[$((<>))]=1",
    ];
    for line in lines {
        for bad in ["x", "", "a[$(touch pwn)]", "1 2", "0x10"] {
            let fault = argv(bash(line), &[bad]);
            assert!(fault[0].contains("is not an integer"), "{line}: {fault:?}");
        }
        assert_eq!(argv(bash(line), &["-007"]).last().unwrap(), "-7", "{line}");
    }
    for line in [
        "[[ <> == 3 ]]",
        "[[ $(a <>) -eq 3 ]]",
        "[[ -f <> && 3 -eq 4 ]]",
        "[ <> -eq 3 ]",
    ] {
        assert_eq!(argv(bash(line), &["x"]).last().unwrap(), "x", "{line}");
    }
}

#[test]
fn values_are_appended_only_as_arguments() {
    let lines = [
        "a | b",
        "a && b c",
        "a > f",
        "a; b",
        "! a",
        "time a",
        "a 2>&1 | b",
        "cat <<E\nx\nE\na",
        "x=$(y) z",
        "{ a; }; b",
    ];
    for line in lines {
        let script = script(line, 1);
        assert!(script.ends_with(" \"${_prun1}\""), "{line}: {script}");
    }
    let refused = [
        "a;",
        "a &",
        "for i in 1 2; do a; done",
        "(a)",
        "{ a; }",
        "a # b",
        "a\n",
        "if a; then b; fi",
        "case x in y) z;; esac",
        "a <<E",
        "a <<E\nb\nE\n",
        "x=$(y)",
        "f()",
    ];
    for line in refused {
        let fault = script(line, 1);
        assert!(
            fault.starts_with("prun: the value cannot "),
            "{line}: {fault}"
        );
        assert_eq!(
            CommandTemplate::parse(options(&[line], 0))
                .map(|_| ())
                .map_err(|_| line),
            Ok(())
        );
    }
    assert_eq!(
        script("for i in 1; do a <#>; done", 1)
            .matches("_prun")
            .count(),
        2
    );
}

#[test]
fn a_shell_that_was_asked_for_runs_lines() {
    let asked = |words: &[&str]| TemplateOptions {
        shell: ShellProgram {
            is_asked: true,
            ..ShellProgram::named("/bin/busybox")
        },
        ..options(words, 1)
    };
    assert_eq!(
        argv(asked(&["echo <>"]), &["v"]),
        [
            "/bin/busybox",
            "sh",
            "-c",
            "_prun1=$1; set --; echo \"${_prun1}\"",
            "/bin/busybox",
            "v"
        ]
    );
    assert_eq!(argv(asked(&["echo", "a"]), &["v"]), ["echo", "a", "v"]);
    let fish = TemplateOptions {
        shell: ShellProgram {
            is_asked: true,
            ..ShellProgram::named("/usr/bin/fish")
        },
        ..options(&["echo <>"], 1)
    };
    let fault = argv(fish.clone(), &["v"]).remove(0);
    assert_eq!(
        fault,
        "prun: the shell 'fish' cannot run prun's commands\nhint: --shell bash"
    );
    let as_gnu = TemplateOptions {
        dialect: CommandDialect::Gnu,
        words: vec![b"echo {}".to_vec()],
        ..fish
    };
    assert_eq!(argv(as_gnu, &["a b"])[2], "echo 'a b'");
}

#[test]
fn incomplete_lines_are_refused_before_any_job() {
    let table = [
        ("a <> |", "nothing follows '|'"),
        ("a |", "nothing follows '|'"),
        ("a <> &&\n", "nothing follows '&&'"),
        ("a <> || # b", "nothing follows '||'"),
        ("a <> >", "nothing follows a redirection"),
        ("a <<", "nothing follows a redirection"),
        ("for i in <>; do a", "the 'for' is not closed"),
        ("for i in 1 2", "the 'for' is not closed"),
        ("while a; do b <>", "the 'while' is not closed"),
        ("if a; then b <>", "the 'if' is not closed"),
        ("if a; then { b <>; fi", "the 'if' is not closed"),
        ("case <> in", "the 'case' is not closed"),
        ("case <> in a) b;;", "the 'case' is not closed"),
        ("{ a <>;", "the '{' is not closed"),
        ("f() { a <>;", "the '{' is not closed"),
        ("[[ <> == a", "the '[[' is not closed"),
    ];
    for (line, expected) in table {
        let fault = script(line, 1);
        let expected = format!("prun: the command line is not complete: {expected}\nhint: ");
        assert!(fault.starts_with(&expected), "{line}: {fault}");
    }
    let complete = [
        "for i in <>; do a; done | b",
        "for i in <>; { a; }; b",
        "for ((i=0; i<3; i++)); do a <>; done",
        "for ((i=0; i<3; i++)) { a <>; }",
        "for i do a <>; done",
        "while a; do if b; then c <>; elif d; then e; else f; fi; done <g",
        "until a <>; do b; done",
        "select x in <>; do a; done",
        "case <> in (a) b;; c|d) { e; };; *) f; esac",
        "case <> in a) case b in c) d; esac;; esac",
        "f() { a <>; }; f",
        "function f { a <>; }; f",
        "function f() { a <>; }; f",
        "f() ( a <> ); f",
        "coproc x { a <>; }",
        "coproc { a <>; }",
        "{ a <>; } 2>&1 | { b; }",
        "a <> &&\nb",
        "a <> | (b)",
        "a <> && { b; }",
        "a <> | >f",
        "[[ <> == if ]] && echo for while {",
        "a <> | if b; then c; fi",
        "time { a <>; }",
        "! a <>",
        "a <> &",
        "echo } if <>; a",
        "x=$(if a; then b <>; fi); c",
    ];
    for line in complete {
        let bash = TemplateOptions {
            shell: ShellProgram::named("/bin/bash"),
            ..options(&[line], 1)
        };
        let parsed = CommandTemplate::parse(bash).map(|_| ());
        assert!(parsed.is_ok(), "{line}: {parsed:?}");
    }
    let zsh = TemplateOptions {
        shell: ShellProgram {
            is_asked: true,
            ..ShellProgram::named("zsh")
        },
        ..options(&["for x (a b) echo <>"], 1)
    };
    assert!(CommandTemplate::parse(zsh).is_ok());
}
