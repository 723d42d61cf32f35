//! Intended differences between prun's own mode and `--gnu`: each difference that the README
//! lists, in both modes.

use crate::support::Test;

/// Arguments of both modes, and what each prints: standard output and error together, and
/// the status.
type Cases<'a> = &'a [(&'a [&'a str], (&'a str, i32), (&'a str, i32))];

#[track_caller]
fn check(cases: Cases) {
    check_with("", cases);
}

/// With something on standard input.
#[track_caller]
fn check_with(stdin: &str, cases: Cases) {
    for (args, own, gnu) in cases {
        let quoted = shell_words::join(*args);
        for (mode, (output, status)) in [("--quiet", own), ("--gnu", gnu)] {
            let test = Test::new()
                .file("list", "a,b\n")
                .env("SHELL", "/bin/bash")
                .env("PARALLEL", "--tag");
            let line = format!("exec 2>&1; prun {mode} -j1 {quoted}; echo \"[$?]\"");
            test.line(line)
                .stdin(stdin)
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

#[test]
fn values_beside_blocks_are_each_for_a_job() {
    check_with(
        "1\n2\n3\n",
        &[
            (
                &["--pipe", "-N1", "echo x{}; cat", ":::", "a"],
                ("xa\n1\n2\n3\n", 0),
                ("a\txa\na\t1\n\tx\n\t2\n\tx\n\t3\n", 0),
            ),
            (
                &["--pipe", "cat", ":::", "a"],
                ("cat: a: No such file or directory\n", 1),
                ("a\t1\na\t2\na\t3\n", 0),
            ),
            (
                &[
                    "--pipe",
                    "--round-robin",
                    "-N1",
                    "echo x{}; cat",
                    ":::",
                    "a",
                    "b",
                ],
                (
                    "prun: jobs that share the input run at once: 2 of them, and 1 may run\n\
                     hint: give -j 2, or leave -j out\n",
                    255,
                ),
                ("a\txa\na\t1\na\t2\na\t3\n", 0),
            ),
        ],
    );
}

#[test]
fn options_of_blocks_are_not_ignored() {
    check_with(
        "1\n2\n",
        &[
            (
                &["--pipe", "-N1", "--tag", "cat"],
                ("1\t1\n2\t2\n", 0),
                ("\t1\n\t2\n", 0),
            ),
            (
                &["--block", "1k", "echo", ":::", "x"],
                (
                    "prun: --block needs --pipe or --pipepart\n\
                     hint: prun --quiet -j1 --block 1k --pipe echo ::: x\n",
                    255,
                ),
                ("x\tx\n", 0),
            ),
            (
                &["--round-robin", "echo x{}; cat"],
                ("x\n1\n2\n", 0),
                ("1\tx1\n2\tx2\n", 0),
            ),
        ],
    );
}
