//! Completion by the tab key, in real shells at a terminal.

use crate::support::{Child, Test, crate_dir, needed};

/// Words typed after `prun`, and the words that they are completed to.
const CASES: [(&str, &str); 13] = [
    ("--tagst\t log", "[--tagstring][log]"),
    ("--halt now,d\t", "[--halt][now,done=1]"),
    ("--halt=soon,d\t", "[--halt=soon,done=1]"),
    ("--trim l\tr", "[--trim][lr]"),
    ("-J nigh\t", "[-J][nightly]"),
    ("--profile nigh\t", "[--profile][nightly]"),
    ("--help exit\t", "[--help][exit-status]"),
    ("@sha51\t val\t", "[@sha512][values]"),
    ("-k only-h\t val\t", "[-k][only-here][values]"),
    ("-j 2 only-h\t", "[-j][2][only-here]"),
    (
        "-kj 2 --tag --joblog log only-h\t",
        "[-kj][2][--tag][--joblog][log][only-here]",
    ),
    ("cat ::: val\t", "[cat][:::][values]"),
    ("--joblog val\t", "[--joblog][values]"),
];

fn at_the_prompt(shell: &str, before: &str) -> Child {
    let dir = crate_dir().join("completions");
    let mut child = Test::new()
        .file("values", "")
        .file("../.config/prun/nightly", "--tag\n")
        .executable("../bin/only-here", "#!/bin/sh\n")
        .env("DIR", dir)
        .line(format!("exec {shell}"))
        .terminal(24, 200)
        .start();
    child.feed(format!("{before}\n"));
    child.wait_for_stdout("ready");
    child
}

fn complete(mut child: Child) {
    for (typed, words) in CASES {
        child.feed(format!("prun {typed}\n"));
        child.wait_for_stdout(format!("{words}."));
    }
    child.feed("exit\n");
    // fish leaves one of its own.
    child.stdout_any().leaves_temporary_files().success();
}

#[test]
fn bash_completes() {
    // A function by that name prints the words that it gets.
    let before = r#"PS1= HISTFILE=; . "$DIR/prun.bash"; prun() { printf '[%s]' "$@"; echo .; }; echo 'rea''dy'"#;
    complete(at_the_prompt("bash --norc --noprofile -i", before));
}

#[test]
fn zsh_completes() {
    needed!("zsh");
    let before = r#"PS1= HISTFILE=; fpath=("$DIR" $fpath); autoload -U compinit; compinit -u -D; prun() { printf '[%s]' "$@"; echo . }; echo 'rea''dy'"#;
    complete(at_the_prompt("zsh -f -i", before));
}

#[test]
fn fish_completes() {
    needed!("fish");
    let before =
        r#"source $DIR/prun.fish; function prun; printf '[%s]' $argv; echo .; end; echo 'rea''dy'"#;
    complete(at_the_prompt("fish --no-config -i", before));
}
