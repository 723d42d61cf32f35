//! Messages before any job: about values that are read again as code, and about what the shell
//! does not know, of what is no placeholder.

use crate::support::{Test, skip, tool};

#[test]
fn strict_refuses_values_that_reach_a_second_parser() {
    for (command, parser) in [
        ("echo \"echo <>\" | sh", "sh"),
        ("sh <<X\necho <>\nX", "sh"),
        ("x=\"echo <>\"; eval $x", "eval"),
        ("x=\"<>\"; eval \"echo $x\"", "eval"),
        ("x=<>; sh -c \"$x\"", "sh -c"),
        ("sh -c \"$(echo echo <>)\"", "sh -c"),
        ("f() { eval \"$1\"; }; f \"echo <>\"", "eval"),
        ("echo 'echo <>' >job; sh job", "job"),
        ("flock . -c 'echo <>'", "flock -c"),
        ("env -S 'echo <>'", "env -S"),
        ("find . -exec sh -c 'echo <>' \\;", "sh -c"),
        ("awk 'BEGIN { print \"<>\" }'", "awk"),
        ("sed 's/a/<>/' f", "sed"),
    ] {
        let output = Test::new()
            .args(["--strict", command, ":::", "a; touch pwned"])
            .stderr_has(format!(
                "prun: the value is read again as code by '{parser}'\nhint: "
            ))
            .status(255);
        assert!(!output.path("pwned").exists(), "{command}");
    }
}

#[test]
fn each_kind_is_warned_of_once() {
    Test::new()
        .args(["-k", "echo 'echo <>' | sh; echo 'echo <>' | sh"])
        .args([":::", "a", "b"])
        .stdout("a\na\nb\nb\n")
        .stderr(
            "prun: warning: the value is read again as code by 'sh'\n\
             hint: the value can be an argument: prun 'echo '\\''printf %s \"$1\"'\\'' | sh -s -- <>'; \
             --plain-values lets only plain words in\n",
        )
        .success();
}

#[test]
fn what_the_hints_show_is_safe_and_not_warned_of() {
    for command in [
        "echo 'echo \"$1\"' | sh -s <>",
        "sh -c 'echo \"$1\"' sh <>",
        "x=<>; eval 'echo \"$x\"'",
        "X=<> awk 'BEGIN { print ENVIRON[\"X\"] }'",
        "sh -s <> <<'E'\necho \"$1\"\nE",
    ] {
        Test::new()
            .args(["--strict", "-k", command, ":::", "a;b", "$(id)"])
            .stdout("a;b\n$(id)\n")
            .success();
    }
}

/// Runs a line by the shell that a link named `sh` leads to.
fn by_link(shell: &str, line: &str) -> Option<Test> {
    let shell = tool(shell)?;
    let test = Test::new().env("SHELL_FILE", shell).env("LINE", line);
    Some(test.line("ln -s \"$SHELL_FILE\" sh; prun --shell ./sh \"$LINE\" ::: abc"))
}

const TEST: &str = "if [[ <> == a* ]]; then echo yes; else echo no; fi";

#[test]
fn what_the_shell_does_not_know_is_refused() {
    for (line, what) in [
        (TEST, "[["),
        ("source <>", "source"),
        ("declare -r x=1; echo <>", "declare"),
        ("pushd / && ls <>", "pushd"),
        ("shopt -s nullglob; ls <>", "shopt"),
        ("a=(<>); echo $a", "NAME=("),
        ("cat <<<\"<>\"", "<<<"),
        ("cat <(echo <>)", "<("),
        ("function f { echo <>; }; f", "function"),
        ("(( 1 > 0 )) && echo <>", "(("),
        ("echo $'a\\tb' <>", "$'"),
    ] {
        let Some(test) = by_link("dash", line) else {
            skip!("dash is not installed");
        };
        test.stderr_has(format!("'{what}' is not known to ./sh\n"))
            .stderr_has("hint: --shell bash\n")
            .status(255);
    }
}

#[test]
fn what_the_shell_knows_is_run() {
    for shell in ["bash", "zsh", "ksh"] {
        let Some(test) = by_link(shell, TEST) else {
            skip!("bash, zsh or ksh is not installed");
        };
        test.stdout("yes\n").success();
    }
}

#[test]
fn a_shell_that_is_not_known_is_warned_of() {
    Test::new()
        .executable("bin/sh", "#!/bin/sh\necho ran\n")
        .args(["--shell", "bin/sh", TEST, ":::", "abc"])
        .stdout("ran\n")
        .stderr(
            "prun: warning: '[[' is not known to every shell, and bin/sh may be one\n\
             hint: --shell bash\n",
        )
        .success();
}

#[test]
fn an_incomplete_line_is_told_before_any_job() {
    for (line, what) in [
        ("echo <> |", "nothing follows '|'"),
        ("echo <> &&", "nothing follows '&&'"),
        ("for f in <>; do echo", "the 'for' is not closed"),
        ("if true; then echo <>", "the 'if' is not closed"),
    ] {
        Test::new()
            .args([line, ":::", "a"])
            .stderr_has(format!(
                "prun: the command line is not complete: {what}\nhint: "
            ))
            .status(255);
    }
}

#[test]
fn what_looks_like_a_placeholder_is_told_to_be_none() {
    for (line, message) in [
        ("echo <..>", "'<..>' is no placeholder without --plus"),
        ("echo <> <..>", "'<..>' is no placeholder without --plus"),
        (
            "echo <name>",
            "'<name>' is no placeholder: names come from --header, --csv or --jsonl",
        ),
    ] {
        Test::new()
            .args([line, ":::", "a.b.c"])
            .stderr_has(format!("prun: {message}\nhint: "))
            .status(255);
    }
    Test::new()
        .args(["echo", "{1}", "{2}", ":::", "a"])
        .stderr(
            "prun: '{2}' needs a second input source\n\
             hint: each ':::' is one source: prun echo {1} {2} ::: a ::: b\n",
        )
        .status(255);
}
