//! `--color`, `--ctag`, `--color-failed`: on terminals, and where they are asked for.

use crate::support::Test;

const RED: &str = "\x1b[97;41m";
const END: &str = "\x1b[m";

/// The colours of the first two jobs.
const FIRST: &str = "\x1b[38;5;208m";
const SECOND: &str = "\x1b[38;5;71m";

#[test]
fn each_line_has_the_colour_of_its_job() {
    Test::new()
        .args([
            "-k",
            "--color=always",
            "printf 'a\\n\\n<>'",
            ":::",
            "x",
            "y\n",
        ])
        .stdout(format!(
            "{FIRST}a{END}\n{FIRST}{END}\n{FIRST}x{END}\
             {SECOND}a{END}\n{SECOND}{END}\n{SECOND}y{END}\n"
        ))
        .success();
    Test::new()
        .args([
            "--color=always",
            "--line-buffer",
            "--tag",
            "echo",
            ":::",
            "x",
        ])
        .stdout(format!("{FIRST}x\tx{END}\n"))
        .success();
}

#[test]
fn a_tag_can_have_the_colour_alone() {
    Test::new()
        .args([
            "-k",
            "--ctag=always",
            "echo o; echo e >&2; : <>",
            ":::",
            "x",
            "y",
        ])
        .stdout(format!("{FIRST}x{END}\to\n{SECOND}y{END}\to\n"))
        .stderr(format!("{FIRST}x{END}\te\n{SECOND}y{END}\te\n"))
        .success();
    Test::new()
        .args(["--ctag=always", "--ctagstring", "<#>:", "echo", ":::", "x"])
        .stdout(format!("{FIRST}1:{END}\tx\n"))
        .success();
}

#[test]
fn the_output_of_failed_jobs_is_red() {
    let job = "echo o; printf e >&2; exit <>";
    let run = |args: &[&str]| {
        Test::new()
            .args(["-k", "--quiet", "--color-failed=always"])
            .args(args)
            .args([job, ":::", "0", "1"])
    };
    run(&[])
        .stdout(format!("o\n{RED}o{END}\n"))
        .stderr(format!("e{RED}e{END}"))
        .status(1);
    run(&["--tag"])
        .stdout(format!("0\to\n{RED}1\to{END}\n"))
        .stderr(format!("0\te{RED}1\te{END}"))
        .status(1);
    run(&["--color=always"])
        .stdout(format!("{FIRST}o{END}\n{RED}o{END}\n"))
        .stderr(format!("{FIRST}e{END}{RED}e{END}"))
        .status(1);
}

#[test]
fn large_output_keeps_its_bytes_in_red() {
    let line = "prun --color-failed=always --quiet 'seq 300000; exit <>' ::: 1 > red; \
                sed 's/^.....41m//; s/.\\[m$//' red | cmp - <(seq 300000)";
    Test::new().line(line).success();
}

#[test]
fn what_is_no_terminal_gets_no_colours() {
    for option in [
        "--color",
        "--ctag",
        "--color-failed",
        "--cf",
        "--color=never",
    ] {
        Test::gnu()
            .args([option, "echo o; exit 1; :", ":::", "x"])
            .stdout(if option == "--ctag" { "x\to\n" } else { "o\n" })
            .status(1);
    }
}

#[test]
fn a_terminal_gets_colours_unless_the_user_wants_none() {
    let run = || {
        Test::new()
            .terminal(24, 80)
            .args(["--color", "echo", ":::", "x"])
    };
    run().stdout(format!("{FIRST}x{END}\n")).success();
    run().env("NO_COLOR", "1").stdout("x\n").success();
    run().env("TERM", "dumb").stdout("x\n").success();
}
