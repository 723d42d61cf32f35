//! Placeholders beside the usual: `{= =}`, `--plus`, `--rpl`, `--parens` and spellings of
//! the user's.

use crate::support::Test;

#[track_caller]
fn check(cases: &[(&[&str], &str)]) {
    for (args, expected) in cases {
        Test::new().arg("-k").args(*args).stdout(expected).success();
    }
}

#[test]
fn expressions_compute_from_the_value_and_the_job() {
    check(&[
        (&["echo", "{= s/_/-/g =}", ":::", "a_b_c"], "a-b-c\n"),
        (
            &["echo {=2 $_ = uc =}{1}", ":::", "a", ":::", "b c"],
            "B Ca\n",
        ),
        (
            &["echo {= $_ *= 2; $_ += seq() =}", ":::", "3", "4"],
            "7\n10\n",
        ),
        (
            &["echo {= $_ = sprintf('%03d', $_) =}", ":::", "7"],
            "007\n",
        ),
        (
            &["echo \"<{= $_ = uc =}>\"", ":::", "$(touch no)"],
            "<$(TOUCH NO)>\n",
        ),
        (
            &[
                "echo {= $_ = seq() . '/' . total_jobs() =}",
                ":::",
                "a",
                "b",
            ],
            "1/2\n2/2\n",
        ),
        (
            &["--tagstring", "{= $_ = uc =}", "echo", ":::", "a"],
            "A\ta\n",
        ),
        (
            &["--parens", "<==>", "echo <= $_ = uc => <>", ":::", "a"],
            "A a\n",
        ),
    ]);
}

#[test]
fn a_job_can_be_skipped_and_keeps_its_number() {
    Test::new()
        .args([
            "-k",
            "--joblog",
            "log",
            "echo {#} {= skip() if $_ eq 'b' =}",
        ])
        .args([":::", "a", "b", "c"])
        .stdout("1 a\n3 c\n")
        .success();
}

#[test]
fn an_expression_that_cannot_be_understood_is_an_error_before_any_job() {
    let hint =
        "hint: a shell can do what expressions cannot: prun 'x=<>; echo \"${x%.*}\"' ::: a.b\n";
    for mode in ["--gnu", "--quiet"] {
        Test::new()
            .args([mode, "touch ran; echo {= system('x') =}", ":::", "a"])
            .stderr(format!(
                "prun: cannot understand '{{= system('x') =}}': 'system' is not known\n{hint}"
            ))
            .status(255);
    }
    Test::new()
        .args(["--rpl", "{x} open(F)", "echo {x}", ":::", "a"])
        .stderr(format!(
            "prun: cannot understand '{{x}}': 'open' is not known\n{hint}"
        ))
        .status(255);
    Test::new()
        .args(["--rpl", "", "echo", ":::", "a"])
        .stderr(
            "prun: cannot understand --rpl '': the tag is missing\n\
             hint: --rpl '{up} $_ = uc($_)' makes {up} a placeholder\n",
        )
        .status(255);
}

#[test]
fn an_expression_without_a_result_fails_its_job_alone() {
    Test::new()
        .args([
            "-k",
            "--quiet",
            "echo {= $_ = 1 / $_ =}",
            ":::",
            "2",
            "0",
            "4",
        ])
        .stdout("0.5\n0.25\n")
        .stderr("prun: job 2: input 2: division by zero\n")
        .status(1);
}

#[test]
fn more_placeholders_can_be_had_in_both_brackets() {
    check(&[
        (
            &[
                "--plus",
                "echo <..> <...> </..> <+.> <+/>",
                ":::",
                "d/a.b.c.d",
            ],
            "d/a.b d/a a.b d d\n",
        ),
        (&["--plus", "echo {..} {+/}", ":::", "d/a.b.c"], "d/a d\n"),
        (
            &[
                "--plus",
                "echo <:2> <:1:3> <#ab> <%f> <^a> <,A>",
                ":::",
                "abcdef",
            ],
            "cdef bcd cdef abcde Abcdef abcdef\n",
        ),
        (
            &["--plus", "echo {/o/0} {//o/0} {:-x}", ":::", "foo", ""],
            "f0o f00 foo\n  x\n",
        ),
        (
            &["--plus", "echo <#>/<##> <0#>", ":::", "a", "b"],
            "1/2 1\n2/2 2\n",
        ),
        (
            &[
                "--plus",
                "echo <1> <2> <uniq>",
                ":::",
                "a",
                "b",
                ":::",
                "a",
                "b",
            ],
            "a b a b\nb a b a\n",
        ),
        (&["--plus", "echo <2..>", ":::", "a", ":::", "b.c.d"], "b\n"),
    ]);
    // Without the option they are text.
    check(&[(&["-q", "echo", "<..>", "{+/}", ":::", "a"], "<..> {+/} a\n")]);
}

#[test]
fn the_number_of_jobs_is_known_before_the_first_one_starts() {
    Test::new()
        .args(["--plus", "-k", "echo <0#> of <##>"])
        .stdin((1..=11).map(|n| format!("{n}\n")).collect::<String>())
        .stdout(
            (1..=11)
                .map(|n| format!("{n:02} of 11\n"))
                .collect::<String>(),
        )
        .success();
    // Unless the user knows it.
    let mut test = Test::new()
        .args(["--plus", "--total-jobs", "9", "echo <#>/<##>"])
        .stdin_open()
        .stdout("1/9\n")
        .start();
    test.feed("a\n");
    test.wait_for_stdout("1/9\n");
    test.close_stdin();
    test.success();
}

#[test]
fn placeholders_can_be_named() {
    check(&[
        (
            &[
                "--rpl",
                "<up> $_ = uc($_)",
                "echo <up> <2up> <>",
                ":::",
                "a",
                ":::",
                "b",
            ],
            "A B B a b\n",
        ),
        (
            &[
                "--rpl",
                "{cut(.+?)} s/$$1//",
                "echo {cutb} {cut(c|d)}",
                ":::",
                "abcd",
            ],
            "acd abd\n",
        ),
        (
            &[
                "--rpl",
                "FIRST $_ = substr($_, 0, 1)",
                "echo",
                "FIRST",
                ":::",
                "abc",
            ],
            "a\n",
        ),
        (
            &[
                "--er",
                "EXT",
                "--bnr",
                "BASE",
                "echo EXT BASE {/.}",
                ":::",
                "d/f.x",
            ],
            "d/f f.x f\n",
        ),
        (&["--replace=@", "echo @@", ":::", "a"], "aa\n"),
        (&["--replace", "echo {}{}", ":::", "a"], "aa\n"),
    ]);
}

#[test]
fn parens_are_two() {
    for parens in ["x", "abc", ""] {
        Test::new()
            .args(["--parens", parens, "echo", ":::", "a"])
            .stderr(format!(
                "prun: '{parens}' cannot enclose expressions\n\
                 hint: the first half opens, the second one closes: --parens ,,,,\n"
            ))
            .status(255);
    }
}
