//! Hints for lines that are not what they look like, each pasted in place of the line.

use crate::support::{Test, skip, tool};

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

/// Runs `line`, of which prun says only this while it runs jobs, then its hint instead.
#[track_caller]
fn warned(line: &str, stdout: &str, warning: &str, pasted: &str, pasted_stdout: &str) {
    Test::new()
        .line(line)
        .stdout(stdout)
        .stderr(format!("prun: warning: {warning}{pasted}\n"))
        .success();
    let before = line.split_once("prun ").expect("it is a line of prun").0;
    Test::new()
        .line(format!("{before}{pasted}"))
        .stdout(pasted_stdout)
        .success();
}

const CRLF: &str = "ends in a carriage return, as lines of Windows files do\n\
                    hint: --trim r cuts it off: ";

#[test]
fn carriage_returns_at_the_ends_of_values_are_told_once() {
    for (line, place, pasted) in [
        (
            r"printf 'a\r\nb\r\n' | prun -k echo",
            "1 of standard input",
            "prun -k --trim r echo",
        ),
        (
            r"printf 'a\nb\r\n' >l; prun -k -a l -- echo '<>'",
            "2 of 'l'",
            "prun -k -a l --trim r -- echo '<>'",
        ),
        (
            r"printf 'a\r\nb\r\n' >l; prun -k 'echo <>' :::: l",
            "1 of 'l'",
            "prun -k --trim r 'echo <>' :::: l",
        ),
        (
            r"printf '1\ta\r\n2\tb\r\n' | prun -k -C '\t' --trim n echo '<2>'",
            "1 of standard input",
            r"prun -k -C '\t' --trim n --trim r echo '<2>'",
        ),
        (
            r"printf 'echo a\r\necho b\r\n' | prun -k",
            "1 of standard input",
            "prun -k --trim r",
        ),
        (
            r"printf 'a\r\nb\r\n' | prun -k -X printf '%s\n'",
            "1 of standard input",
            r"prun -k -X --trim r printf '%s\n'",
        ),
    ] {
        let output = Test::new()
            .line(line)
            .stdout_any()
            .stderr(format!("prun: warning: value {place} {CRLF}{pasted}\n"))
            .success();
        assert!(output.stdout.ends_with(b"b\r\n"), "values stay as they are");
        let before = line.split_once("prun ").expect("it is a line of prun").0;
        Test::new()
            .line(format!("{before}{pasted}"))
            .stdout("a\nb\n")
            .success();
    }
}

#[test]
fn carriage_returns_that_are_no_accident_are_not_told() {
    for (line, stdout) in [
        (r"printf 'a\r\n' | prun --gnu printf %s", "a\r"),
        (r"printf 'a\r\0' | prun -0 printf %s", "a\r"),
        (r"prun printf %s ::: $'a\r'", "a\r"),
        (r"printf 'a\r\n' | prun --trim lr printf %s", "a"),
        (r"printf '1,a\r\n' | prun -C , printf %s '<2>'", "a"),
        (r"printf '1,a\r\n' | prun --csv printf %s '<2>'", "a"),
        (
            r#"printf '{"a":1}\r\n' | prun --jsonl printf %s '<a>'"#,
            "1",
        ),
        (r"printf 'a\rb\n' | prun printf %s", "a\rb"),
    ] {
        Test::new().line(line).stdout(stdout).success();
    }
}

#[test]
fn empty_values_are_told_once() {
    for (line, stdout, place, pasted, pasted_stdout) in [
        (
            r"printf 'a\n\nb\n\n' | prun -k 'echo rm d/<>'",
            "rm d/a\nrm d/\nrm d/b\nrm d/\n",
            "2 of standard input",
            "prun -k -r 'echo rm d/<>'",
            "rm d/a\nrm d/b\n",
        ),
        (
            r"printf '\n' >l; prun -k echo x ::: 1 :::: l",
            "x 1 \n",
            "1 of 'l'",
            "prun -k -r echo x ::: 1 :::: l",
            "",
        ),
        (
            r"printf ' \na\n' | prun --trim lr --dry-run echo",
            "echo ''\necho a\n",
            "1 of standard input",
            "prun --trim lr --dry-run -r echo",
            "echo a\n",
        ),
    ] {
        let warning = format!("value {place} is empty\nhint: -r leaves empty values out: ");
        warned(line, stdout, &warning, pasted, pasted_stdout);
    }
}

#[test]
fn empty_values_that_are_no_accident_are_not_told() {
    for (line, stdout) in [
        ("prun echo x ::: ''", "x \n"),
        (r"printf '\na\n' | prun -k --gnu echo x", "x \nx a\n"),
        (r"printf '\n\n' | prun -N0 echo x", "x\nx\n"),
        (r"printf '\n\n' | prun -k echo '<#>'", "1\n2\n"),
        (r"printf 'echo a\n\n' | prun", "a\n"),
        (r"printf '\na\n' | prun -r echo", "a\n"),
        (r"printf ' \n' | prun echo x", "x  \n"),
        (r"printf 'a,\n' | prun -C , echo '<1><2>'", "a\n"),
    ] {
        Test::new().line(line).stdout(stdout).success();
    }
}

#[test]
fn lines_that_are_read_otherwise_than_meant_are_refused() {
    for (line, message, hint, stdout) in [
        (
            "prun '| wc -l' ::: a",
            "there is nothing before '|' in '| wc -l'",
            "prun 'echo <> | wc -l' ::: a",
            "1\n",
        ),
        (
            "prun -I @ ' |cat' ::: a",
            "there is nothing before '|' in '|cat'",
            "prun -I @ 'echo @ |cat' ::: a",
            "a\n",
        ),
        (
            "prun --color auto echo ::: a",
            "'auto' would be the command: '--color' takes its value behind '='",
            "prun '--color=auto' echo ::: a",
            "a\n",
        ),
        (
            "prun -k --color-failed never echo ::: a",
            "'never' would be the command: '--color-failed' takes its value behind '='",
            "prun -k '--color-failed=never' echo ::: a",
            "a\n",
        ),
        (
            "prun -j echo a ::: b",
            "'echo' is not a number of jobs",
            "as many jobs as there are CPUs: prun echo a ::: b",
            "a b\n",
        ),
        (
            "prun -k -P printf -- '%s.' ::: a b",
            "'printf' is not a number of jobs",
            "as many jobs as there are CPUs: prun -k printf -- '%s.' ::: a b",
            "a.b.",
        ),
        (
            "prun -k -j '@count -c' ::: /dev/null",
            "'@count -c' is not a number of jobs",
            "as many jobs as there are CPUs: prun -k '@count -c' ::: /dev/null",
            "0 /dev/null\n",
        ),
        (
            "prun -j cat -b /dev/null ::: /dev/null",
            "'-j' needs a number of jobs",
            "as many jobs as there are CPUs: prun cat -b /dev/null ::: /dev/null",
            "",
        ),
        (
            r"printf 'a\nb\n' >l; prun --header -k echo '<a>' :::: l",
            "'--header' needs a value",
            "prun --header : -k echo '<a>' :::: l",
            "b\n",
        ),
        (
            r"printf 'a;b\n1,5;2\n' >l; prun --csv --header : -a l echo '<a>' x",
            "the header 'a;b' has semicolons, and no comma",
            "prun --csv --header : -a l --colsep ';' echo '<a>' x",
            "1,5 x\n",
        ),
    ] {
        Test::new()
            .line(line)
            .stderr(format!("prun: {message}\nhint: {hint}\n"))
            .status(255);
        let before = line.split_once("prun ").expect("it is a line of prun").0;
        let start = hint.find("prun ").expect("a hint is a command");
        Test::new()
            .line(format!("{before}{}", &hint[start..]))
            .stdout(stdout)
            .success();
    }
}

#[test]
fn lines_that_may_be_meant_are_warned_of() {
    Test::new()
        .line(r"printf 'a,b\n1,2\n' | prun -k --csv echo '<b>'")
        .stdout("<b> a b\n<b> 1 2\n")
        .stderr(
            "prun: warning: <b> is text: names of columns come from a header\n\
             hint: prun -k --csv --header : echo '<b>'\n",
        )
        .success();
    Test::new()
        .line(r"printf 'a,b\n1,2\n' | prun -k --csv --header : echo '<b>'")
        .stdout("2\n")
        .success();
    Test::new()
        .args(["{}", ":::", "echo hi >o"])
        .stderr_has(
            "prun: warning: 'echo hi >o' is the name of a program here, no command line\n\
             hint: prun ::: 'echo hi >o'\n",
        )
        .status(1);
    Test::new()
        .line("prun ::: 'echo hi >o'; cat o")
        .stdout("hi\n")
        .success();
    for line in [
        "prun {} ::: true",
        r"printf '#!/bin/sh\n' >'a b'; chmod +x 'a b'; prun {} ::: './a b'",
        "prun --color true ::: a",
        r"printf 'a;b\n' | prun --csv --header : --colsep , true",
        r"printf '1;2,3\n' | prun --csv true",
    ] {
        Test::new().line(line).success();
    }
}

#[test]
fn an_array_of_json_is_made_lines_of() {
    if tool("jq").is_none() {
        skip!("jq is not there to run a hint");
    }
    for array in ["[{\"a\":1},{\"a\":2}]\n", "[\n{\"a\":1},\n{\"a\":2}\n]\n"] {
        for (before, line, hint) in [
            (
                "cat 'l 1' | ",
                "prun --jsonl -k 'echo <a>'",
                "jq -c '.[]' | prun --jsonl -k 'echo <a>'",
            ),
            (
                "",
                "prun -k --jsonl -- echo '<a>' :::: 'l 1'",
                "jq -c '.[]' 'l 1' | prun -k --jsonl -- echo '<a>'",
            ),
            (
                "",
                "prun -k -a 'l 1' --jsonl 'echo <a>'",
                "jq -c '.[]' 'l 1' | prun -k --jsonl 'echo <a>'",
            ),
            (
                "",
                "prun -k --jsonl '--arg-file=l 1' 'echo <a>'",
                "jq -c '.[]' 'l 1' | prun -k --jsonl 'echo <a>'",
            ),
        ] {
            Test::new()
                .file("l 1", array)
                .line(format!("{before}{line}"))
                .stderr_has("it is an array and no JSON object\n")
                .stderr_has(format!("\nhint: {hint}\n"))
                .status(255);
            Test::new()
                .file("l 1", array)
                .line(format!("{before}{hint}"))
                .stdout("1\n2\n")
                .success();
        }
    }
}
