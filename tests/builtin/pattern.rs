//! Lines that match patterns, beside grep and sed.

use std::process::Command;

use proptest::prelude::*;
use proptest::test_runner::Config;

use super::{beside, odd_contents, runner, with_odd_files};
use crate::support::{Test, builtin_error, needed, tool};

/// One job in which `@grep` does what `grep -a -E` does.
#[track_caller]
fn same_as_grep(test: Test, args: &[&str]) {
    let grep = tool("grep").expect("grep is installed");
    // -E does not go with -F.
    let syntax = if args[0].starts_with("-F") {
        "-a"
    } else {
        "-aE"
    };
    let grep_args = [&[syntax], args].concat();
    beside(test, (&grep, &grep_args), &[&["@grep"], args].concat());
}

/// Contents in which patterns are easily wrong.
fn with_lines() -> Test {
    let many: String = (0..3_000).map(|at| format!("{at} line\r\n\n")).collect();
    let mut long = vec![b'a'; 1 << 20];
    long.extend_from_slice(b" end\nshort\n");
    long.extend_from_slice(&[b'b'; 200_000]);
    with_odd_files()
        .file("many", many)
        .file("long", long)
        .file(
            "words",
            "foo\nfoobar\nfoo_\nfoo-bar\n a foo\ncaf\u{e9}foo\nFOO\n\n  \nfoo",
        )
        .file("crlf", "one\r\ntwo\r\n\r\nthree")
}

const FILES: [&str; 13] = [
    "empty",
    "newline",
    "unfinished",
    "nuls",
    "invalid",
    "utf8",
    "controls",
    "huge",
    "lines",
    "many",
    "long",
    "words",
    "crlf",
];

const PATTERNS: [&str; 22] = [
    "foo",
    "",
    "^",
    "$",
    "^$",
    "x*",
    "a|b",
    "o+",
    "[^a]",
    ".",
    "line$",
    "^[0-9]*9 ",
    "e\r$",
    "\\<a",
    "b\\b",
    "n.*e",
    "\u{e9}",
    "foo|foobar",
    "(one|three)$",
    "a\nc",
    "\\.",
    "zzz",
];

#[test]
fn lines_are_those_of_grep() {
    needed!("grep");
    for pattern in PATTERNS {
        for options in [
            &[][..],
            &["-v"],
            &["-n"],
            &["-c"],
            &["-o"],
            &["-vc"],
            &["-vn"],
        ] {
            // grep does not even begin with this one.
            if pattern.is_empty() && options.concat().contains('v') {
                continue;
            }
            // All files at once, so that the files matter and not the start of a program.
            let args = [options, &["-e", pattern, "--"], &FILES].concat();
            same_as_grep(with_lines(), &args);
        }
    }
}

#[test]
fn any_byte_may_begin_a_line() {
    needed!("grep");
    for pattern in ["^", "", "x*", "$", "^$", "foo|", "o*$"] {
        for options in [&[][..], &["-n"], &["-c"], &["-o"], &["-x"]] {
            let text = b"\xabfoo\xbb\n\xbb\n\n\xa9 \xc3\xa9\xa9\n\x80";
            let args = [options, &["-e", pattern, "--", "latin1"]].concat();
            same_as_grep(Test::new().file("latin1", text), &args);
        }
    }
}

#[test]
fn options_are_those_of_grep() {
    needed!("grep");
    for options in [
        &["-w", "foo"][..],
        &["-x", "foo"],
        &["-xw", "foo"],
        &["-x", ""],
        &["-i", "foo"],
        &["-iw", "FOO"],
        &["-F", "."],
        &["-F", "foo\nbar"],
        &["-Fi", "fOO"],
        &["-Fx", "foo"],
        &["-Fo", "o"],
        &["-l", "a"],
        &["-lv", "."],
        &["-lc", "a"],
        &["-q", "a"],
        &["-q", "zzz"],
        &["-qv", "zzz"],
        &["-m", "2", "a"],
        &["-m1", "-c", "a"],
        &["-m1", "-n", "-v", "a"],
        &["-m2", "-o", "[a-z]"],
        &["-m", "0", "a"],
        &["-ov", "a"],
        &["-on", "[a-z]+"],
        &["-oc", "o"],
        &["-owi", "foo|foobar"],
        &["-e", "foo", "-e", "bar"],
        &["--regexp=foo", "-o", "-e", "foobar"],
        &["-h", "a"],
        &["-hn", "a"],
        &["-hc", "a"],
        &["-H", "a"],
        &["--count", "--invert-match", "a"],
        &["--max-count=3", "--line-number", "e"],
        &["-m", "18446744073709551616", "-n", "a"],
        &["-m", "+2", "-n", "a"],
        &["-Ea", "--text", "--extended-regexp", "a|b"],
    ] {
        same_as_grep(with_lines(), &[options, &FILES].concat());
        same_as_grep(with_lines(), &[options, &["words"]].concat());
        same_as_grep(
            with_lines(),
            &[options, &["missing", "words", ".", "crlf"]].concat(),
        );
        same_as_grep(with_lines(), &[options, &["missing"]].concat());
        same_as_grep(with_lines(), &[options, &["."]].concat());
        same_as_grep(with_lines(), options);
    }
}

#[test]
fn lines_around_are_those_of_grep() {
    needed!("grep");
    for pattern in ["foo", "9", "^$", "e", "zzz", "one"] {
        for options in [
            &["-A1"][..],
            &["-B1", "-n"],
            &["-C2", "-n"],
            &["-A0"],
            &["-2", "-h"],
            &["-C1", "-12", "-n"],
            &["-C0", "-n"],
            &["-C3", "-A0", "-H"],
            &["-B", "2", "-C", "1", "-hn"],
            &["-vC1", "-n"],
            &["-vA2"],
            &["-oC1", "-n"],
            &["-ovB1", "-n"],
            &["-ovA1"],
            &["-m1", "-A3", "-n"],
            &["-m2", "-C4"],
            &["-A", "+1", "-B", "18446744073709551616"],
            &["-m2", "-vC4", "-n"],
            &["-m1", "-oA2"],
            &["-m0", "-A1"],
            &["-cC1"],
            &["-lC1"],
            &["-qC1"],
            &["-xC1", "-n"],
            &["-A", "99999999999999999999", "-B1"],
            &["-B", "99999999999999999999", "-n"],
        ] {
            let args = [options, &["-e", pattern, "--"], &FILES].concat();
            same_as_grep(with_lines(), &args);
        }
    }
    let files = ["words", "missing", ".", "crlf"];
    same_as_grep(with_lines(), &[&["-C1", "e", "--"], &files[..]].concat());
}

#[test]
fn any_lines_around_are_those_of_grep() {
    needed!("grep");
    // Lines are far enough from each other to be in blocks of their own.
    let long = "x".repeat(150_000);
    let pieces = ["a\n", "b\n", "\n", "ab\n", "c\n", "b\nc\n", "LONG\n"];
    let texts = prop::collection::vec(prop::sample::select(pieces.to_vec()), 0..30);
    let ends = prop::sample::select(vec!["", "a", "b"]);
    let options = ["-A", "-B", "-C"];
    let options = prop::collection::vec((prop::sample::select(options.to_vec()), 0..4), 1..3);
    let others = [
        "-h", "-v", "-n", "-vn", "-m1", "-nm2", "-vm2", "-on", "-ovn",
    ];
    let cases = (texts, ends, options, prop::sample::select(others.to_vec()));
    let mut runner = runner(Config::with_cases(100));
    let result = runner.run(&cases, |(text, end, options, other)| {
        let text = text.concat().replace("LONG", &long) + end;
        let test = Test::new().file("text", text);
        let options = options
            .iter()
            .map(|(letter, count)| format!("{letter}{count}"));
        let options: Vec<String> = options.collect();
        let mut args: Vec<&str> = options.iter().map(String::as_str).collect();
        args.extend([other, "-e", "a", "text", "text"]);
        same_as_grep(test, &args);
        Ok(())
    });
    assert_eq!(result, Ok(()));
}

#[test]
fn names_are_printed_as_they_are() {
    needed!("grep");
    let names: Vec<&str> = odd_contents().into_iter().map(|(name, _)| name).collect();
    for options in [&["-c", "."][..], &["-n", "s|n|b|r|d"], &["-l", ""]] {
        same_as_grep(with_odd_files(), &[options, &["--"], &names].concat());
    }
    same_as_grep(Test::new(), &["-H", "", "-", "/dev/null"]);
    same_as_grep(Test::new(), &["-Hc", "", "-"]);
}

#[test]
fn any_lines_are_those_of_grep() {
    needed!("grep");
    let pieces = ["a", "b", "ab", "\n", "\n\n", " ", "_", "\r", "\0", "\u{e9}"];
    let texts = prop::collection::vec(prop::sample::select(pieces.to_vec()), 0..40);
    let atoms = [
        "a", "b", "ab", ".", "^", "$", "|", "(a|b)", "[^b]", "a*", "b+", "(|a)", "\\b",
    ];
    let patterns = prop::collection::vec(prop::sample::select(atoms.to_vec()), 1..5);
    let options = [
        "-n", "-o", "-c", "-v", "-w", "-x", "-vn", "-ow", "-on", "-vx",
    ];
    let mut runner = runner(Config::with_cases(100));
    let cases = (texts, patterns, prop::sample::select(options.to_vec()));
    let result = runner.run(&cases, |(text, pattern, option)| {
        let pattern = pattern.concat();
        // Where a match is no word, grep tries shorter ones at its place, but never an empty
        // one: `printf '\r_a' | grep -w '.|'` finds nothing, though '|' alone finds the line.
        if option.contains('w') && pattern.contains('|') && pattern.contains(['.', '[']) {
            return Ok(());
        }
        let test = Test::new().file("text", text.concat());
        let pattern = format!("--regexp={pattern}");
        same_as_grep(test, &[option, &pattern, "text"]);
        Ok(())
    });
    assert_eq!(result, Ok(()));
}

/// Patterns with which `@grep` does what grep does, or that both refuse.
#[track_caller]
fn same_with_pattern(test: Test, options: &[&str], pattern: &str) {
    let grep = tool("grep").expect("grep is installed");
    let expected = Command::new(grep)
        .arg("-aE")
        .args(options)
        .args(["-e", pattern, "--", "text"])
        .current_dir(test.path(""))
        .env("LC_ALL", "C.UTF-8")
        .output()
        .expect("grep can be run");
    let complaint = String::from_utf8_lossy(&expected.stderr).into_owned();
    // The file is a value, so that braces are no placeholders; what looks like one is escaped.
    let typed = pattern.replace("{}", r"\{}");
    let output = test
        .args(["--quiet", "--halt", "soon,fail=1", "@grep"])
        .args(options)
        .arg(format!("--regexp={typed}"))
        .args(["--", "<>", ":::", "text"])
        .output();
    let message = String::from_utf8_lossy(&output.stderr).into_owned();
    let shown = format!("{options:?} '{pattern}'\n{complaint}{message}");
    if output.status.code() == Some(255) {
        assert!(message.starts_with("prun: @grep: the pattern '"), "{shown}");
        // Of the last two grep makes something, in silence, that nobody can have meant.
        let may_be_refused = expected.status.code() == Some(2)
            || complaint.contains("at start of expression")
            || message.contains("there is nothing for")
            || message.contains("with -i the range");
        assert!(may_be_refused, "{shown}");
    } else if !complaint.contains("Invalid collation character") || pattern.is_ascii() {
        // The exception is what a C library says that has no order of characters.
        assert_eq!(output.status.code(), expected.status.code(), "{shown}");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        assert_eq!(text(&output.stdout), text(&expected.stdout), "{shown}");
    }
}

/// Lines of one character each, of every kind that classes know.
fn with_characters() -> Test {
    let ranges = [
        // Marks that became letters are not among them.
        (0x01, 0x362),
        (0x370, 0x52f),
        (0x5d0, 0x66f),
        (0x900, 0x97f),
        (0x0e00, 0x0e5b),
        (0x10a0, 0x10fb),
        (0x1e00, 0x1fff),
        (0x2000, 0x218f),
        (0x2460, 0x2500),
        (0x2c60, 0x2c7f),
        (0x2e80, 0x2e9f),
        (0x3000, 0x30ff),
        (0xa640, 0xa66f),
        (0xd7f0, 0xd7ff),
        (0xe000, 0xe010),
        (0xfb00, 0xfb06),
        (0xfe00, 0xfeff),
        (0xfff0, 0xffff),
        (0x10400, 0x1044f),
        (0x1d400, 0x1d7ff),
        (0x1f600, 0x1f610),
        (0x10ffff, 0x10ffff),
    ];
    let all = ranges.into_iter().flat_map(|(first, last)| first..=last);
    let characters = all.filter_map(char::from_u32);
    let lines: String = characters
        .map(|character| format!("{character}\n"))
        .collect();
    Test::new().file("text", lines)
}

#[test]
fn classes_are_those_of_grep() {
    needed!("grep");
    for class in [
        "alnum", "alpha", "blank", "cntrl", "digit", "graph", "lower", "print", "punct", "space",
        "upper", "xdigit",
    ] {
        let pattern = format!("[[:{class}:]]");
        same_with_pattern(with_characters(), &[], &pattern);
        // How capitals and small letters belong together is Unicode's matter.
        if !["lower", "upper"].contains(&class) {
            same_with_pattern(with_characters(), &["-i"], &pattern);
        }
        same_with_pattern(with_characters(), &["-v"], &format!("[^[:{class}:]]"));
    }
    for pattern in [r"\w", r"\W", r"\s", r"\S", ".", "[^a]", "[!-~]"] {
        same_with_pattern(with_characters(), &["-n"], pattern);
    }
    let letters = Test::new().file("text", "a\nB\n1\né\nÉ\n-\n");
    same_with_pattern(letters, &["-i"], "[[:upper:]]");
    let letters = Test::new().file("text", "a\nB\n1\né\nÉ\n-\n");
    same_with_pattern(letters, &["-i"], "[^[:lower:]]");
}

#[test]
fn brackets_are_those_of_grep() {
    needed!("grep");
    let text = "ab&~-]\\[^:=.écw+Az_0 9{*}\nß\n\n]]--\n&&\n[:alpha:]\n";
    for pattern in [
        "[]a]",
        "[^]a]",
        "[a-]",
        "[-a]",
        "[^-a]",
        "[--a]",
        "[+--]",
        "[a--]",
        "[z-a]",
        "[a&&b]",
        "[a~~b]",
        "[a--b]",
        "[[a]",
        "[a[b]]",
        "[[]",
        "[]",
        "[^]",
        "[a",
        "[",
        "[[:alpha:]",
        "[[:alpha:]_]",
        "[[:alpha:]-z]",
        "[a-[:digit:]]",
        "[[:word:]]",
        "[[:^alpha:]]",
        "[:alpha:]",
        "[^:a:]",
        "[::]",
        "[:]",
        "[[=a=]b]",
        "[[=a=]-c]",
        "[[.-.]]",
        "[[.a.]-c]",
        "[a-[.c.]]",
        "[[.space.]]",
        "[[==]]",
        "[[.].]]",
        "[[=]=]]",
        "[a-c-e]",
        "[a-c-]",
        "[]-a]",
        "[!-]]",
        "[^^]",
        "[a^]",
        "[[:]",
        "[[.]",
        "[[=]",
        "[é]",
        "[^é]",
        "[#- ]",
        "[ #]",
    ] {
        for options in [&["-o"][..], &["-on", "-i"], &["-v"]] {
            same_with_pattern(Test::new().file("text", text), options, pattern);
        }
    }
    let pieces = [
        "a",
        "z",
        "A",
        "0",
        "é",
        "-",
        "-",
        "]",
        "[",
        "^",
        ":",
        "&&",
        "--",
        "~~",
        "a-f",
        "A-Z",
        "=",
        ".",
        "_",
        "{",
        "*",
        " ",
        "[:alpha:]",
        "[:digit:]",
        "[:upper:]",
        "[:x:]",
        "[=a=]",
        "[.-.]",
        "[.a.]",
    ];
    let pieces = prop::collection::vec(prop::sample::select(pieces.to_vec()), 0..7);
    let begins = prop::sample::select(vec!["[", "[^", "[]", "[^]", "[-"]);
    let ends = prop::sample::select(vec!["]", "]", "-]", "]*", "]]", ""]);
    let options = prop::sample::select(vec!["-o", "-io", "-vn", "-x"]);
    let mut runner = runner(Config::with_cases(200));
    let result = runner.run(
        &(begins, pieces, ends, options),
        |(begin, pieces, end, option)| {
            let pattern = format!("{begin}{}{end}", pieces.concat());
            same_with_pattern(Test::new().file("text", text), &[option], &pattern);
            Ok(())
        },
    );
    assert_eq!(result, Ok(()));
}

#[test]
fn counts_are_those_of_grep() {
    needed!("grep");
    let text = "a\naa{2}b{,2}\n{\n{}\na{x}aaab\nba{1,x\n*a+\n";
    for pattern in [
        "a{,2}",
        "a{,}b",
        "a{2}",
        "a{1,}",
        "a{02}",
        "a{2,1}",
        "a{}",
        "a{",
        "a{1",
        "a{1,x}",
        "a{,",
        "a{x}",
        "a{ 1}",
        "a{2}{3}",
        "a{,2}{2}",
        "a{+",
        "a\\{2}",
        "a{1\\}",
        "[ab]{,2}",
        "(a|b){,2}b",
        "(a){",
        "a{2}}",
        "}",
        "{",
        "{a",
        "{2}",
        "*a",
        "+a",
        "?a",
        "(*a)",
        "b|*a",
        "^*a",
        "^{2}a",
        "$*",
        "\\<*a",
        "\\b+a",
        "a**",
        "a+*",
        "a*+",
        "()*b",
        "(^)*b",
        "\\`a",
        "a\\'",
        "b\\`a",
        "a\\.{,1}",
        "\\w{,2}",
    ] {
        for options in [&["-o"][..], &["-n"]] {
            same_with_pattern(Test::new().file("text", text), options, pattern);
        }
    }
    let atoms = [
        "a", "b?", "{", "}", "{3", "{2}", "{,2}", "{1,}", "{,}", "{2,1}", "{x}", "*", "+", "^",
        "$", "(a|b)", "|", "[ab]", "\\{", ",",
    ];
    let patterns = prop::collection::vec(prop::sample::select(atoms.to_vec()), 1..6);
    let options = prop::sample::select(vec!["-o", "-n", "-w", "-on"]);
    let mut runner = runner(Config::with_cases(200));
    let result = runner.run(&(patterns, options), |(pattern, option)| {
        same_with_pattern(Test::new().file("text", text), &[option], &pattern.concat());
        Ok(())
    });
    assert_eq!(result, Ok(()));
}

#[test]
fn what_is_wrong_with_a_search_is_told() {
    let no_file = "the value is taken for a pattern, and no file is left";
    for (words, message) in [
        (&["@grep"][..], no_file),
        (
            &["@grep", "a("],
            "the pattern 'a(' is wrong: unclosed group",
        ),
        (&["@grep", "-m", "x", "a"], "'x' is no number"),
        (&["@grep", "-A", "-1", "a"], "'-1' is no number"),
        (
            &["@grep", "-P", "a"],
            "patterns are as grep -E has them, not -P: there are \\d and a*?, no look-around",
        ),
        (
            &["@grep", "-G", "a"],
            "patterns are as grep -E has them, not -G: groups are (a|b), not \\(a\\|b\\)",
        ),
        (
            &["@grep", "-EF", "a"],
            "-E and -F do not go together: -F takes patterns for plain text",
        ),
        (&["@grep -m1 -- <>"], no_file),
    ] {
        Test::new()
            .args(words)
            .args([":::", "missing"])
            .stderr(builtin_error("@grep", message))
            .status(255);
    }
    Test::new()
        .args(["--quiet", "@grep", "a", ":::", "missing"])
        .stderr("@grep: cannot read 'missing': No such file or directory\n")
        .status(1);
}

#[test]
fn a_value_may_be_the_pattern() {
    Test::new()
        .file("f", "-v\n(\na\n")
        .args([
            "-k",
            "--quiet",
            "@grep -F -n -- <> f",
            ":::",
            "-v",
            "(",
            "zzz",
        ])
        .stdout("1:-v\n2:(\n")
        .status(1);
    Test::new()
        .file("f", "a\n")
        .args(["--quiet", "@grep <> f", ":::", "a("])
        .stderr("prun: job 1: @grep: the pattern 'a(' is wrong: unclosed group\n")
        .status(1);
}
