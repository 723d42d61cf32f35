//! Hints for lines that are not what they look like, each pasted in place of the line.

use crate::support::Test;

/// Runs `line`, of which prun says only this, then its hint.
#[track_caller]
fn pasted(line: &str, message: &str, hint: &str, stdout: &str) {
    Test::new()
        .line(line)
        .stderr(format!("prun: {message}\nhint: {hint}\n"))
        .status(255);
    let start = hint.find("prun ").expect("a hint is a command");
    Test::new().line(&hint[start..]).stdout(stdout).success();
}

#[test]
fn values_after_two_dashes_are_not_passed_over_in_silence() {
    for (line, hint, stdout) in [
        (
            "prun -k echo -- a 'b c'",
            "prun -k echo ::: a 'b c'",
            "a\nb c\n",
        ),
        (
            "prun -j1 sh -c 'echo hi' -- 1 2",
            "prun -j1 sh -c 'echo hi' ::: 1 2",
            "hi\nhi\n",
        ),
        (
            "prun -k echo {} -- a b",
            "prun -k echo {} ::: a b",
            "a\nb\n",
        ),
        (
            "prun -k -- 'echo a' 'echo b'",
            "prun -k ::: 'echo a' 'echo b'",
            "a\nb\n",
        ),
        ("prun -- 'echo a'", "prun ::: 'echo a'", "a\n"),
        (
            "prun -k echo -- -x --",
            "prun -k echo ::: -x --",
            "-x\n--\n",
        ),
        ("prun -- echo -- a", "prun -- echo ::: a", "a\n"),
        ("prun -q echo -- a", "prun -q echo ::: a", "a\n"),
        (
            "prun --fail-if-empty echo -- a",
            "prun --fail-if-empty echo ::: a",
            "a\n",
        ),
        ("PRUN=-k prun echo -- a", "prun echo ::: a", "a\n"),
        (
            "prun --dry-run echo -- a",
            "prun --dry-run echo ::: a",
            "echo a\n",
        ),
    ] {
        for line in [format!("true | {line}"), format!("{line} </dev/null")] {
            let message = "there is no input: words after '--' belong to the command \
                           (with -r there may be none)";
            pasted(&line, message, hint, stdout);
        }
    }
}

#[test]
fn two_dashes_of_a_command_are_its_own() {
    for (line, stdout) in [
        ("echo a | prun echo rm --", "rm -- a\n"),
        ("echo a | prun -- echo rm -f --", "rm -f -- a\n"),
        (
            "echo a | prun echo checkout HEAD -- f",
            "checkout HEAD -- f a\n",
        ),
        ("prun echo checkout -- '<>' ::: f", "checkout -- f\n"),
        ("echo f | prun echo checkout -- '<>'", "checkout -- f\n"),
        ("prun echo -- f ::: a", "-- f a\n"),
        ("prun 'echo -- f' ::: a", "-- f a\n"),
        // A list may be empty.
        ("true | prun rm --", ""),
        ("true | prun rm -- '<>'", ""),
        ("true | prun -- gzip -9", ""),
        ("true | prun 'rm -- f'", ""),
        ("true | prun -r echo -- a", ""),
        ("prun -r -- a b </dev/null", ""),
        ("prun echo -- a :::", ""),
        ("true | prun --gnu echo -- a", ""),
        ("true | prun --gnu -- a b", ""),
    ] {
        Test::new().line(line).stdout(stdout).success();
    }
}

#[test]
fn two_dashes_at_a_terminal_are_told_before_input_is_typed() {
    let mut child = Test::new()
        .line("prun echo -- a 2>err; cat err")
        .terminal(24, 80)
        .start();
    child.feed(b"\x04");
    child
        .stdout_has("one value per line\nhint: values on the command line: prun echo ::: a\nprun: there is no input: ")
        .success();
}
