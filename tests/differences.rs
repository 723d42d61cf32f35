//! Intended differences between prun's own mode and `--gnu`: each difference that the README
//! lists, in both modes.

use crate::support::Test;

/// Arguments of both modes, and what each prints: standard output and error together, and
/// the status.
type Cases<'a> = &'a [(&'a [&'a str], (&'a str, i32), (&'a str, i32))];

#[track_caller]
fn check(cases: Cases) {
    for (args, own, gnu) in cases {
        let quoted = shell_words::join(*args);
        for (mode, (output, status)) in [("--quiet", own), ("--gnu", gnu)] {
            let test = Test::new()
                .file("list", "a,b\n")
                .env("SHELL", "/bin/bash")
                .env("PARALLEL", "--tag");
            let line = format!("exec 2>&1; prun {mode} -j1 {quoted}; echo \"[$?]\"");
            test.line(line)
                .stdout(format!("{output}[{status}]\n"))
                .success();
        }
    }
}

#[test]
fn words_stay_as_they_were_typed() {
    check(&[
        (
            &["echo", "a  b", "{}", ":::", "x y"],
            ("a  b x y\n", 0),
            ("x y\ta b x y\n", 0),
        ),
        (
            &["echo", "{}", "|", "cat", ":::", "x"],
            (
                "prun: '|' alone among several words could be an operator or an argument\n\
                 hint: as an operator: prun 'echo {} | cat'; as an argument: prun -q echo '{}' '|' cat\n",
                255,
            ),
            ("x\tx\n", 0),
        ),
    ]);
}

#[test]
fn placeholders_are_angle_brackets_first() {
    check(&[
        (
            &["-q", "echo", "<> {}", ":::", "x"],
            ("x {}\n", 0),
            ("x\t<> x\n", 0),
        ),
        (
            &["echo {1}-{3}", ":::", "a", ":::", "b"],
            (
                "prun: '{3}' needs a third input source\n\
                 hint: each ':::' is one source: prun echo {1} {2} {3} ::: a ::: b ::: c\n",
                255,
            ),
            ("a b\ta-\n", 0),
        ),
        (
            &["-n2", "echo p{}s", ":::", "a", "b"],
            ("pas pbs\n", 0),
            ("a b\tpa bs\n", 0),
        ),
    ]);
}

#[test]
fn input_ends_where_people_think_it_does() {
    check(&[
        (
            &["-d,", "-a", "list", "echo [{}]"],
            ("[a]\n[b]\n", 0),
            ("a\t[a]\nb\n\t[b\nb\n\t]\n", 0),
        ),
        (
            &["-C", ".", "echo {2}", ":::", "a.b"],
            ("b\n", 0),
            ("   \t\n", 0),
        ),
    ]);
}

#[test]
fn statuses_tell_what_happened() {
    check(&[
        (
            &[
                "--timeout",
                "0.1",
                "--halt",
                "now,fail=1",
                "exec sleep {}",
                ":::",
                "9",
            ],
            ("", 124),
            ("", 255),
        ),
        (
            &[
                "--halt",
                "soon,fail=50%",
                "exit {}",
                ":::",
                "3",
                "0",
                "3",
                "0",
            ],
            ("", 2),
            ("", 50),
        ),
    ]);
}

#[test]
fn nothing_is_set_where_nobody_looks() {
    check(&[
        // $PARALLEL says --tag here.
        (&["echo", ":::", "x"], ("x\n", 0), ("x\tx\n", 0)),
        (
            &["echo ${PARALLEL_SEQ-none} $PRUN_SEQ {}", ":::", "x"],
            ("none 1 x\n", 0),
            ("x\t1 1 x\n", 0),
        ),
    ]);
}

#[test]
fn options_that_contradict_each_other_are_refused() {
    check(&[(
        &["-u", "-k", "echo", ":::", "x"],
        (
            "prun: --ungroup and --keep-order cannot go together: prun does not see ungrouped output\n\
             hint: --line-buffer --keep-order prints each line as it comes\n",
            255,
        ),
        ("x\n", 0),
    )]);
}
