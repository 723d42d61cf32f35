//! Definitions of the calling shell, in `prun --gnu`: `$PARALLEL_ENV` and `--_parset`, and the
//! functions of GNU parallel's `env_parallel.*` that use them, where those are installed.

use std::path::Path;
use std::process::Command;

use crate::support::{Test, skip};

/// Runs a script in a shell that has read `env_parallel.KIND`; `parallel` is prun.
#[track_caller]
fn check(kind: &str, shell: &str, script: &str, stdout: &str) {
    let functions = format!("/usr/bin/env_parallel.{kind}");
    let runs = |program: &str| Command::new(program).args(["-c", ":"]).output().is_ok();
    if !Path::new(&functions).exists() || !runs(shell) || !runs("perl") {
        skip!("{functions}, {shell} or perl is not installed");
    }
    Test::new()
        .file("script", format!(". {functions}\n{script}\n"))
        .env("SHELL", "/bin/sh")
        .line(format!(
            "mkdir bin; ln -s \"$(command -v prun)\" bin/parallel
             PATH=$PWD/bin:$PATH exec {shell} ./script"
        ))
        .stdout(stdout)
        .success();
}

/// Texts that would run something, or end their quotes, if they were read as code.
const HOSTILE: &str = r#"'$(touch pwn)' '`touch pwn`' "it's" '"; touch pwn; "' "'; touch pwn; '" '[0]=x' \
    'typeset x' '{' '\' '~' ')' '' $'\x01\x7f'"#;

#[test]
fn bash_gives_jobs_what_it_has_defined() {
    check(
        "bash",
        "bash",
        r#"
        var="a  b'c"; array=(one "two  2" $'three\n3'); declare -A map=([x]=1 ["y z"]=2)
        function_() { echo "f $1 $var"; }
        shopt -s expand_aliases; alias alias_='echo alias "$var"'
        env_parallel -k 'echo "$var" "${array[2]}" "${map[y z]}"; function_ {}; alias_ {}' ::: 1 '2  b'
        env_parallel -k 'echo ${PARALLEL_ENV-none}' ::: 1
        env_parallel ::: 'function_ x'
        env_parallel '{}' ::: 'alias_ x'
        env_parallel -q -k function_ ::: '$x'
        env_parallel -j1 -X 'printf "(%s)"' {}x ::: 1 '$x'; echo
        env_parallel function_ "'{}'" ::: "it's"
        "#,
        "a  b'c three\n3 2\nf 1 a  b'c\nalias a  b'c 1\n\
         a  b'c three\n3 2\nf 2  b a  b'c\nalias a  b'c 2  b\n\
         none 1\nf x a  b'c\nalias a  b'c x\nf $x a  b'c\n(1x)($xx)\nf it's a  b'c\n",
    );
}

#[test]
fn names_can_be_chosen_and_left_out() {
    check(
        "bash",
        "bash",
        r#"
        one=1; two=2
        env_parallel --env one 'echo "[$one$two{}]"' ::: x
        mkdir -p ~/.parallel; env_parallel --record-env
        three=3
        env_parallel --env _ 'echo "[$one$three{}]"' ::: x
        env_parallel 'exit {}' ::: 0 1 2; echo $?
        "#,
        "[1x]\n[3x]\n2\n",
    );
}

#[test]
fn a_job_in_a_job_has_its_own_values() {
    check(
        "bash",
        "bash",
        r#"
        inner() { . /usr/bin/env_parallel.bash; env_parallel -k echo "$1" ::: c 'd  e'; }
        env_parallel -k inner ::: a b
        "#,
        "a c\na d  e\nb c\nb d  e\n",
    );
}

#[test]
fn other_shells_give_their_jobs_what_they_have_defined() {
    let script = r#"
        var="a  b'c"; function_() { echo "f $1 $var"; }
        alias alias_='echo alias'
        env_parallel -k 'echo "$var"; function_ {}; alias_ {}' ::: 1 '2  b'
        env_parallel -k '{}' ::: 'function_ 1' 'alias_ 2'
        "#;
    let expected = "a  b'c\nf 1 a  b'c\nalias 1\na  b'c\nf 2  b a  b'c\nalias 2  b\n\
                    f 1 a  b'c\nalias 2\n";
    check("zsh", "zsh", script, expected);
    check("ksh", "ksh93", script, expected);
}

#[test]
fn a_plain_shell_gives_its_jobs_variables_and_aliases() {
    check(
        "dash",
        "dash",
        "var=\"a  b'c\"; alias alias_='echo alias'\nenv_parallel -k 'echo \"$var\"; alias_ {}' ::: 1",
        "a  b'c\nalias 1\n",
    );
}

#[test]
fn outputs_become_variables() {
    let script = r#"
        parset a,b,c echo ::: 1 2 '3  x'; echo "$? $a|$b|$c"
        parset 'a b' echo ::: 4 5; echo "$? $a|$b"
        parset array 'echo {}; exit {}' ::: 1 2 3; echo "$? ${#array[@]}"
        typeset -A map; parset map echo ::: x 'y z'; echo "$? ${map[x]} ${map[y z]}"
        function_() { echo "f $1"; }; env_parset a,b function_ ::: p q; echo "$? $a|$b"
        parset a,b --dry-run echo ::: x y; echo "$? $a|$b"
        parset a,b --tag -v echo ::: x y >&2; echo "$?"
        parset a,b --line-buffer echo ::: '$(touch pwn)' 'touch pwn'; echo "$? $a"
        ls
        "#;
    let expected = "0 1|2|3  x\n0 4|5\n3 3\n0 x y z\n0 f p|f q\n0 echo x|echo y\n0\n\
                    0 $(touch pwn)\nbin\nscript\n";
    check("bash", "bash", script, expected);
    check("zsh", "zsh", script, expected);
    check("ksh", "ksh93", script, expected);
}

#[test]
fn outputs_are_data_for_the_shell() {
    let script = format!(
        r#"
        set -- {HOSTILE}
        parset array printf %s ::: "$@"; echo $?
        [ "$(printf '<%s>' "${{array[@]}}")" = "$(printf '<%s>' "$@")" ] && echo same
        typeset -A map
        shift 0; parset map printf %s ::: '$(touch pwn)' "]='x'; touch pwn" 'a b' '@'; echo $?
        echo "${{#map[@]}}"
        parset one,two printf %s ::: "'; touch pwn; '" '$(touch pwn)'; echo "$? $one $two"
        ls
        "#
    );
    let expected = "0\nsame\n0\n4\n0 '; touch pwn; ' $(touch pwn)\nbin\nscript\n";
    check("bash", "bash", &script, expected);
    check("zsh", "zsh", &script, expected);
    check("ksh", "ksh93", &script, expected);
}

#[test]
fn a_shell_is_told_what_went_wrong() {
    let script = r#"
        {
            parset a,b --nosuch echo ::: 1 2; echo $? >&3
            parset 'a;touch pwn' echo ::: 1; echo $? >&3
            parset a,b echo ::: 1 2 3; echo $? >&3
            parset a,b echo :::: /none; echo $? >&3
            parset a,b --version; echo $? >&3
            parset a,b --files echo ::: 1 2; echo $? >&3
            a=old; parset a,b 'kill -TERM $PPID; sleep 5; echo' ::: 1 2; echo "$? $a" >&3
        } 3>&1 >pwn1 2>/dev/null
        ls; cat pwn1
        "#;
    check(
        "bash",
        "bash",
        script,
        "255\n255\n255\n255\n255\n255\n143 \nbin\npwn1\nscript\n",
    );
}

#[test]
fn definitions_are_read_before_each_command() {
    let run = |definitions: &str, command: &str, stdout: &str| {
        Test::gnu()
            .env("PARALLEL_SHELL", "/bin/bash")
            .env("PARALLEL_ENV", definitions)
            .file("file", "X=file\n")
            .args([command, ":::", "v  w"])
            .stdout(stdout)
            .success();
    };
    run("X=1", "echo $X {}", "1 v  w\n");
    run("X=1\u{1}Y=2", "echo $X$Y {}", "12 v  w\n");
    run("file", "echo $X {}", "file v  w\n");
    run("set -- a; _prun1=b", "echo \"$#\" '{}'", "1 v  w\n");
    run("f() { echo \"$1\"; }", "f", "v  w\n");
}

#[test]
fn definitions_that_cannot_be_used_are_refused() {
    let refused = |contents: &[u8], message: &str| {
        Test::gnu()
            .env("PARALLEL_SHELL", "/bin/bash")
            .env("PARALLEL_ENV", "file")
            .file("file", contents)
            .args(["echo", ":::", "x"])
            .stderr(message)
            .status(255);
    };
    let long = [b"X=".as_slice(), &[b'a'; 140_000]].concat();
    refused(
        &long,
        "prun: $PARALLEL_ENV has 140002 bytes: a job's script would have 140039, and an argument can have 131071\n\
         hint: --env NAME lets env_parallel pass that variable, function or alias only\n",
    );
    refused(
        b"X=1\0\n",
        "prun: 'file', which $PARALLEL_ENV names, has a NUL byte: no shell can read it\n",
    );
    Test::gnu()
        .env("PARALLEL_ENV", ".")
        .args(["echo", ":::", "x"])
        .stderr("prun: cannot read '.', which $PARALLEL_ENV names: Is a directory\n")
        .status(255);
}

#[test]
fn definitions_and_variables_are_of_gnu_parallel_alone() {
    Test::new()
        .env("PARALLEL_ENV", "X=1")
        .args(["echo $X $PARALLEL_ENV", ":::", "x"])
        .stdout("X=1 x\n")
        .success();
    Test::new()
        .args(["--_parset", "var,a", "echo", ":::", "x"])
        .stdout("return 255\n")
        .stderr("prun: --_parset is of GNU parallel alone\nhint: prun --gnu does as that does\n")
        .status(255);
}
