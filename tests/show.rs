//! Commands that are shown, instead of being run or beside their output.

use crate::support::Test;

#[track_caller]
fn check(cases: &[(&[&str], &str)]) {
    for (args, expected) in cases {
        Test::new().arg("-k").args(*args).stdout(expected).success();
    }
}

#[test]
fn dry_run_shows_what_a_person_would_type() {
    Test::new()
        .args(["--dry-run", "echo", ":::", "a b", "it's", "", "a-b", "$x", "a\nb", "~", "x*", "-n"])
        .stdout(
            "echo 'a b'\necho 'it'\\''s'\necho ''\necho a-b\necho '$x'\necho $'a\\nb'\necho '~'\necho 'x*'\necho -n\n",
        )
        .success();
    check(&[
        (
            &["--dry-run", "-j9", "sleep 9 | cat", ":::", "a"],
            "sleep 9 | cat a\n",
        ),
        (
            &["--dry-run", "echo \"<>\"", ":::", "a b", "$x"],
            "echo \"a b\"\necho \"\\$x\"\n",
        ),
        (
            &["--dry-run", "A=<>", "printenv", "A", ":::", "a b"],
            "A='a b' printenv A\n",
        ),
        (&["--dry-run", ":::", "echo a; echo b"], "echo a; echo b\n"),
    ]);
}

#[test]
fn what_dry_run_shows_is_what_runs() {
    let values =
        r#"a 'b  c' "it's" '$(id)' '*' '~' '<>' '{}' '\' 'a"b' '' -n '#' '!x' $'a\nb' 'ä' '`id`'"#;
    for command in [
        "probe args '<>'",
        "probe args 'x<>y' z",
        "probe args",
        "'probe args \"<>\" <>'",
        "'probe args '\\''<>'\\'' | cat'",
        "'cat <<E; echo \"$(printf %s \"<>\")\"\n<>\nE'",
        "A='<>' printenv A",
        "'x=<>; printf %s\\\\n \"$x\"'",
    ] {
        Test::new()
            .line(format!(
                "prun -k --dry-run {command} ::: {values} >shown && . ./shown >typed 2>&1
                 prun -k {command} ::: {values} >ran 2>&1; cmp typed ran && test -s ran"
            ))
            .success();
    }
}

#[test]
fn the_command_can_be_shown_beside_the_output() {
    check(&[(
        &["-v", "echo", ":::", "a b", "c"],
        "echo 'a b'\na b\necho c\nc\n",
    )]);
    Test::new()
        .args(["-j1", "-t", "echo", ":::", "a b", "c"])
        .stdout("a b\nc\n")
        .stderr("echo 'a b'\necho c\n")
        .success();
    Test::new()
        .args(["--verbose", "true", ":::", "a"])
        .stderr("true a\n")
        .success();
}

#[test]
fn a_dry_run_starts_nothing_and_keeps_the_order() {
    let values: Vec<String> = (1..=2000).map(|number| number.to_string()).collect();
    let commands = |value: &String| format!("touch ran.{value}\n");
    let output = Test::new()
        .args(["-j8", "--dry-run", "touch ran.<>"])
        .stdin(values.join("\n"))
        .stdout(values.iter().map(commands).collect::<String>())
        .success();
    assert!(!output.path("ran.1").exists());
}

#[test]
fn a_shown_command_comes_directly_before_its_output() {
    Test::new()
        .args([
            "-k",
            "-j2",
            "-v",
            "test <> = b || probe await b; touch <>; echo e >&2",
        ])
        .args([":::", "a", "b"])
        .stdout(
            "test a = b || probe await b; touch a; echo e >&2\n\
             test b = b || probe await b; touch b; echo e >&2\n",
        )
        .stderr("e\ne\n")
        .success();
    let child = Test::new()
        .args(["-t", "probe await go; echo <>", ":::", "a"])
        .start();
    child.wait_for_stderr("probe await go; echo a\n");
    std::fs::write(child.path("go"), "").expect("the directory is ours");
    child
        .stdout("a\n")
        .stderr("probe await go; echo a\n")
        .success();
}

#[test]
fn values_and_commands_can_be_quoted_for_a_shell() {
    check(&[
        (
            &["--shellquote", ":::", "a b", "it's", "", "plain"],
            "'a b'\n'it'\\''s'\n''\nplain\n",
        ),
        (
            &["--shellquote", "--shellquote", ":::", "a b"],
            "''\\''a b'\\'''\n",
        ),
        (
            &["--shellquote", "touch ran; echo <>", ":::", "a b"],
            "'touch ran; echo '\\''a b'\\'''\n",
        ),
    ]);
    // Any bytes come back.
    let line = "eval \"printf '<%s>' $(prun -0 --shellquote < odd)\"";
    Test::new()
        .line(line)
        .file("odd", b"a\xff\n'\"$(x)`y`\\ *\0")
        .stdout(b"<a\xff\n'\"$(x)`y`\\ *>")
        .success();
}
