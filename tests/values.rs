//! Values are data: whatever they contain, nothing of it is run, and the job gets the
//! same bytes.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::PathBuf;

use crate::support::{Output, Test, needed, say_skipped, tool};

/// Texts that something on the way might take for code, options or placeholders. None
/// of them ends in a newline, which `$( )` would drop.
const HOSTILE: [&[u8]; 30] = [
    b"<>",
    b"{}",
    b"{2}",
    b"<1>",
    b"\\<>",
    b"$(touch pwned)",
    b"`touch pwned`",
    b"; touch pwned;",
    b"| touch pwned",
    b"&& touch pwned",
    b"\"; touch pwned; \"",
    b"'; touch pwned; '",
    b"')\"; touch pwned #",
    b"\"$(touch pwned)\"",
    b"'$(touch pwned)'",
    b"${_prun1}$1$@$*",
    b"a  b",
    b" a\tb ",
    b"it's",
    b"\"",
    b"\\",
    b"\\\\n\\c\\0",
    b"",
    b"-n",
    b"--help",
    b"*",
    b"~",
    b"!!",
    b"\xff\xfe\x80",
    b"E\nEOF\n$(touch pwned)\n)",
];

/// Script texts with a place for the value, each in another context. Each prints the
/// value and a NUL.
const CONTEXTS: [&str; 13] = [
    r"printf '%s\0' <>",
    r#"printf '%s\0' "<>""#,
    r"printf '%s\0' '<>'",
    r#"x=<>; printf '%s\0' "$x""#,
    r#"x="$(printf '%s' <>)"; printf '%s\0' "$x""#,
    r#"x="$(printf '%s' "<>")"; printf '%s\0' "$x""#,
    r#"x=$(printf '%s' "$(printf '%s' '<>')"); printf '%s\0' "$x""#,
    "x=\"$(cat <<E\n<>\nE\n)\"; printf '%s\\0' \"$x\"",
    r"(printf '%s\0' <>) | cat",
    r"if true; then printf '%s\0' <>; fi",
    r#"f() { printf '%s\0' "<>"; }; set -- a b; f c"#,
    r#"case <> in "<>") printf '%s\0' <>;; esac"#,
    r#"for x in <>; do printf '%s\0' "$x"; done"#,
];

fn hostile_values() -> Vec<OsString> {
    HOSTILE
        .map(|value| OsString::from_vec(value.to_vec()))
        .to_vec()
}

fn all_ended_by_nul() -> Vec<u8> {
    HOSTILE.map(|value| [value, b"\0"].concat()).concat()
}

#[track_caller]
fn nothing_was_run(output: &Output) {
    assert!(!output.path("pwned").exists(), "a value was run");
}

#[track_caller]
fn comes_through(options: &[&OsString], command: &str) {
    let output = Test::new()
        .arg("-k")
        .args(options)
        .arg(command)
        .arg(":::")
        .args(hostile_values())
        .stdout(all_ended_by_nul())
        .success();
    nothing_was_run(&output);
}

#[test]
fn values_come_through_every_context_of_sh() {
    for command in CONTEXTS {
        comes_through(&[], command);
    }
}

#[test]
fn values_come_through_every_context_of_other_shells() {
    for shell in ["dash", "bash", "zsh", "ksh", "busybox"] {
        let Some(path) = tool(shell).map(PathBuf::into_os_string) else {
            say_skipped(&format!("{shell} is not installed"));
            continue;
        };
        for command in CONTEXTS {
            comes_through(&[&"--shell".into(), &path], command);
        }
    }
}

#[test]
fn values_come_through_the_quotes_that_only_bash_has() {
    let Some(bash) = tool("bash").map(PathBuf::into_os_string) else {
        crate::support::skip!("bash is not installed");
    };
    for command in [
        r"printf '%s\0' $'<>'",
        r#"x="$(cat <(printf %s <>))"; printf '%s\0' "$x""#,
        r"[[ <> == '<>' ]] && printf '%s\0' <>",
        r#"IFS= read -rd '' x <<<"<>"; printf '%s\0' "${x%?}""#,
        r#"a=(<>); printf '%s\0' "${a[@]}""#,
    ] {
        comes_through(&[&"--shell".into(), &bash], command);
    }
}

#[test]
fn values_come_through_without_a_shell() {
    for command in [
        &["probe", "args", "-0", "<>"][..],
        &["probe", "args", "-0"],
        &["-q", "printf", r"%s\0", "<>"],
        &[r"printf %s\\0 <>"],
        &[r#"printf "%s\\0" "<>""#],
    ] {
        let output = Test::new()
            .arg("-k")
            .args(command)
            .arg(":::")
            .args(hostile_values())
            .stdout(all_ended_by_nul())
            .success();
        nothing_was_run(&output);
    }
    let mut input = all_ended_by_nul();
    input.extend(b"last\n");
    let output = Test::new()
        .args(["-0", "-k", "probe", "args", "-0"])
        .stdin(&input)
        .stdout([&input[..], b"\0"].concat())
        .stderr_has("value 23 of standard input is empty\n")
        .success();
    nothing_was_run(&output);
}

#[test]
fn values_inside_of_a_word_stay_inside() {
    let inside: Vec<u8> = HOSTILE.map(|value| [b"a", value, b"z\0"].concat()).concat();
    for command in [
        r"printf '%s\0' a<>z",
        r#"printf '%s\0' "a<>z""#,
        r#"printf '%s\0' a"<>"z"#,
        r"printf '%s\0' 'a<>z'",
        r#"printf '%s\0' "a<>"'z'; :"#,
    ] {
        let output = Test::new()
            .args(["-k", command, ":::"])
            .args(hostile_values())
            .stdout(&inside)
            .success();
        nothing_was_run(&output);
    }
}

#[test]
fn values_come_through_the_environment() {
    let expected: Vec<u8> = HOSTILE.map(|value| [value, b"\n"].concat()).concat();
    for command in [&["A=<>", "printenv", "A"][..], &["A=<> printenv A; :"]] {
        Test::new()
            .args(["-k"])
            .args(command)
            .arg(":::")
            .args(hostile_values())
            .stdout(&expected)
            .success();
    }
}

#[test]
fn start_up_files_of_the_shell_are_not_read() {
    Test::new()
        .file("rc", "touch pwned; echo pwned\n")
        .env("ENV", "./rc")
        .args(["echo <> | cat", ":::", "a"])
        .stdout("a\n")
        .success();
}

/// As with `bash -c` itself: module systems of clusters rely on it.
#[test]
fn bash_reads_the_file_that_the_environment_names() {
    needed!("bash");
    Test::new()
        .file("rc", "greet() { echo \"hello $1\"; }\n")
        .env("BASH_ENV", "./rc")
        .args(["greet <>; :", ":::", "a"])
        .stdout("hello a\n")
        .success();
}

#[test]
fn what_reads_a_value_again_is_warned_of() {
    let warning = |command: &[&str], parser: &str| {
        Test::new()
            .args(command)
            .args([":::", "true"])
            .stdout_any()
            .stderr_has(format!(
                "prun: warning: the value is read again as code by '{parser}'\nhint: "
            ))
            .success()
    };
    warning(&["sh -c 'echo <>'"], "sh -c");
    warning(&["sh", "-c", "echo <>"], "sh -c");
    warning(&["bash -ec \"echo <>\""], "bash -c");
    warning(&["env sh -c 'echo <>'"], "sh -c");
    warning(&["eval \"echo <>\""], "eval");
    warning(&["x=1; eval echo <>"], "eval");
    Test::new()
        .args(["-j1", "sh -c 'echo <>'", ":::", "a", "b"])
        .stdout("a\nb\n")
        .stderr(
            "prun: warning: the value is read again as code by 'sh -c'\n\
             hint: prun sh -c 'printf \"%s\\n\" \"$1\"' sh '<>'; \
             --plain-values lets only plain words in\n",
        )
        .success();
}

#[test]
fn strict_refuses_what_reads_a_value_again() {
    for command in [
        &["sh -c \"echo <>\""][..],
        &["sh", "-c", "echo <>"],
        &["eval echo <>"],
        &["ssh host ls <>"],
        &["ssh", "host", "ls"],
        &["trap <> EXIT"],
        &[". <>"],
        &["export <>"],
        &["read <>"],
        &["unset <>"],
    ] {
        let output = Test::new()
            .arg("--strict")
            .args(command)
            .args([":::", "$(touch pwned)"])
            .stderr_has("prun: the value is read again as code by '")
            .stderr_has("\nhint: ")
            .status(255);
        nothing_was_run(&output);
    }
}

#[test]
fn the_safe_forms_are_not_warned_of() {
    let expected: Vec<u8> = HOSTILE.map(|value| [value, b"\n"].concat()).concat();
    for command in [
        &[r#"sh -c 'printf "%s\n" "$1"' sh <>"#][..],
        &["sh", "-c", r#"printf "%s\n" "$1""#, "sh"],
        &[r#"x=<>; printf '%s\n' "$x""#],
    ] {
        let output = Test::new()
            .args(["--strict", "-k"])
            .args(command)
            .arg(":::")
            .args(hostile_values())
            .stdout(&expected)
            .success();
        nothing_was_run(&output);
    }
    Test::new()
        .args(["sh", "-c", "<>", ":::", "echo a"])
        .stdout("a\n")
        .success();
}

#[test]
fn where_a_value_cannot_stand_it_is_refused_with_a_hint() {
    for (command, place, hint) in [
        (
            "echo `echo <>`",
            "inside back-quotes",
            "write $(...) for `...`",
        ),
        ("echo a # <>", "inside a comment", "leave the comment out"),
        ("echo ${x<>}", "inside '${ }'", "give it a name first: "),
        ("echo $<>", "directly after '$'", "for a dollar sign "),
        ("echo 2<>", "directly after a descriptor's number", ""),
        ("a[<>]=1", "as an array's subscript", ""),
        (
            "for i in {1..<>}; do echo $i; done",
            "in a sequence of braces, which is expanded before values are",
            "for numbers write $(seq 1 <>)",
        ),
        (
            "cat <<'E'\n<>\nE",
            "in a here-document whose delimiter is quoted",
            "leave the delimiter without quotes: <<EOF",
        ),
        (
            "cat <<<>\nx\n",
            "as the delimiter of a here-document",
            "write a fixed word there: <<EOF",
        ),
    ] {
        Test::new()
            .args([command, ":::", "x"])
            .stderr_has(format!("prun: '<>' cannot stand {place}\nhint: {hint}"))
            .status(255);
    }
}

#[test]
fn braces_that_are_no_sequence_take_values() {
    for (line, printed) in [
        ("echo {a,<>}..", "a.. v..\n"),
        ("echo '{1..'<>'}'; :", "{1..v}\n"),
        ("echo {1..2}<>..}", "1v..} 2v..}\n"),
    ] {
        Test::new()
            .args([line, ":::", "v"])
            .stdout(printed)
            .success();
    }
}

#[test]
fn where_the_shell_calculates_only_integers_are_let_in() {
    Test::new()
        .args(["-k", "echo $((<> + 1)) $((3-<>)) $((-<>))", ":::"])
        .args(["2", "-5", "0"])
        .stdout("3 1 -2\n-4 8 5\n1 3 0\n")
        .success();
    let bash = needed!("bash");
    for command in [
        "echo $((<> + 1))",
        "(( <> > 1 )); echo $?",
        "[[ <> -eq 2 ]]; echo $?",
        "[[ 2 -lt <> ]]; echo $?",
        "for ((i = <>; i < 3; i++)); do echo $i; done",
    ] {
        for value in ["a[$(touch pwned)]", "$(touch pwned)", "x", "1+1", "", "0x"] {
            let output = Test::new()
                .args(["--shell".as_ref(), bash.as_os_str()])
                .args([command, ":::", value])
                .stderr_has("prun: job 1: input 1 is not an integer where the shell calculates: '")
                .status(1);
            nothing_was_run(&output);
        }
    }
}

#[test]
fn the_gnu_mode_gets_the_same_bytes_outside_of_quotes() {
    let output = Test::gnu()
        .args(["-k", "-0", r"printf '%s\0' {}", ":::"])
        .args(hostile_values())
        .stdout(all_ended_by_nul())
        .success();
    nothing_was_run(&output);
}

#[test]
fn plain_values_may_reach_a_second_parser() {
    for mode in [&[][..], &["--strict"], &["--gnu", "-0"]] {
        Test::new()
            .args(mode)
            .args(["--plain-values", "-k", "sh -c 'echo {}'"])
            .args([":::", "a", "b.c/d_e:f@g%h+i,j=k-l", "7"])
            .stdout("a\nb.c/d_e:f@g%h+i,j=k-l\n7\n")
            .success();
        for value in ["a;touch pwned", "-n", "", "a b", "a\n", "$x", "é", "'"] {
            let output = Test::new()
                .args(mode)
                .args(["--plain-values", "sh -c 'touch ran; echo {}'", ":::", value])
                .stderr_has("input 1 is not a plain value, as --plain-values wants: ")
                .status(1);
            assert!(!output.path("pwned").exists() && !output.path("ran").exists());
        }
    }
    Test::new()
        .args(["--plain-values", "echo <>", ":::", "it's"])
        .stderr_has(r"job 1: input 1 is not a plain value, as --plain-values wants: 'it'\''s'")
        .status(1);
}

#[test]
fn each_value_that_a_command_uses_must_be_plain() {
    for (args, input, stdout, failed) in [
        (
            &["--colsep", ",", "echo <2>"][..],
            "a b,c\na,b c\na\n",
            "c\n",
            2,
        ),
        (
            &["--csv", "--header", ":", "echo <n>"],
            "m,n\n;,x\nx,;\n",
            "x\n",
            1,
        ),
        (&["-n2", "echo"], "a\nb\nc\n$d\n", "a b\n", 1),
        (&["-X", "-j1", "echo"], "a\nb\n;\n", "", 1),
        (&["echo </>"], "a/b\na/-b\na/\n", "b\n", 2),
        (&["echo </>"], "a b/c\n", "", 1),
        (&["echo {= s/b/;/ =}"], "a\nb\n", "a\n", 1),
        (&["X=<> printenv X"], "a\n;\n", "a\n", 1),
        (&["echo <#>"], ";\n", "1\n", 0),
        (&["-N0", "echo x"], ";\n", "x\n", 0),
        (&["@base64 -d"], "/no such file\n", "", 1),
    ] {
        Test::new()
            .args(["--plain-values", "-k"])
            .args(args)
            .stdin(input)
            .stdout(stdout)
            .stderr_any()
            .status(failed);
    }
    Test::new()
        .args(["--plain-values", ":::", "a"])
        .stderr_has("prun: --plain-values needs a command: ")
        .status(255);
}
