//! Parts of lines, and lines that follow each other, beside the tools.

use proptest::prelude::*;
use proptest::test_runner::Config;

use super::{odd_contents, runner, same, same_for_each, with_odd_files};
use crate::support::{Test, builtin_error, needed};

#[test]
fn parts_are_those_of_cut() {
    let cut = needed!("cut");
    let contents = odd_contents();
    let mut names: Vec<&str> = contents.iter().map(|(name, _)| *name).collect();
    names.extend(["wide", "missing", ".", "fields"]);
    for options in [
        &["-f1"][..],
        &["-f", "2"],
        &["-d", " ", "-f2"],
        &["-d", " ", "-f", "2-"],
        &["-d ", "-f", "-2"],
        &["-d,", "-f", "3,1"],
        &["-d:", "-f", "1-2,4-", "-s"],
        &["-d:", "-f1,3", "--output-delimiter", "+-:"],
        &["-d:", "-f1,3", "--output-delimiter="],
        &["-d:", "-f2", "--complement"],
        &["-d:", "-f1-", "--complement"],
        &["-d", "", "-f2"],
        &["-d", "\r", "-f1"],
        &["-b", "1"],
        &["-b", "2-3,5"],
        &["-c", "4-"],
        &["-c2,1-3,4", "--output-delimiter=:"],
        &["-b", "2-4", "--complement", "--output-delimiter=::"],
        &["--bytes=1-", "--complement"],
        &["--fields=1", "--delimiter=o", "--only-delimited"],
    ] {
        let test = with_odd_files()
            .file("wide", "ab:c".repeat(1 << 18))
            .file("fields", "a:b:c:d\n:\n::\nx,y:z\r\nnone\na,b,c");
        same(test, &cut, options, &names);
        same(Test::new(), &cut, options, &[]);
    }
}

#[test]
fn any_parts_are_those_of_cut() {
    let cut = needed!("cut");
    let texts = prop::collection::vec(prop::sample::select(b"ab:::\n\n\xff\0".to_vec()), 0..40);
    let ranges = prop::collection::vec((1..6u8, 0..4u8, 0..4u8), 1..4);
    let mut runner = runner(Config::with_cases(100));
    let result = runner.run(&(texts, ranges, 0..24u8), |(text, ranges, options)| {
        let range = |(first, more, form): &(u8, u8, u8)| match form {
            0 => format!("{first}"),
            1 => format!("{first}-"),
            2 => format!("-{first}"),
            _ => format!("{first}-{}", first + more),
        };
        let list: Vec<String> = ranges.iter().map(range).collect();
        let list = list.join(",");
        let mut args = match options % 3 {
            0 => vec!["-b", &list],
            1 => vec!["-d:", "-f", &list],
            _ => vec!["-d:", "-s", "-f", &list],
        };
        if options & 4 > 0 {
            args.push("--complement");
        }
        if options & 8 > 0 {
            args.push("--output-delimiter=-+");
        }
        same(Test::new().file("text", text), &cut, &args, &["text"]);
        Ok(())
    });
    assert_eq!(result, Ok(()));
}

#[test]
fn what_cannot_be_cut_is_told() {
    for (words, message) in [
        (
            &["@cut"][..],
            "what to cut is missing: -f LIST, -b LIST or -c LIST",
        ),
        (
            &["@cut", "-f1", "-b2"],
            "there is more than one list: give one of -f, -b and -c",
        ),
        (&["@cut", "-f0"], "'0' is no range: N, N-, -M or N-M"),
        (
            &["@cut", "-b1", "-s"],
            "-d and -s are about fields: they go with -f",
        ),
        (
            &["@cut", "-f1", "-d::"],
            "what is between fields is one byte, and no newline",
        ),
    ] {
        Test::new()
            .args(words)
            .args([":::", "a"])
            .stderr(builtin_error("@cut", message))
            .status(255);
    }
}

const UNIQ_OPTIONS: [&[&str]; 20] = [
    &[],
    &["-c"],
    &["-d"],
    &["-u"],
    &["-i"],
    &["-ci"],
    &["-cd"],
    &["-cu"],
    &["-du"],
    &["--count", "--repeated", "--ignore-case"],
    &["-D"],
    &["-Di"],
    &["-D", "-s1"],
    &["-dD", "-w", "2"],
    &["-f1"],
    &["-c", "-f", "2", "-s1"],
    &["-s", "1", "-w1", "-i"],
    &["-w0", "-c"],
    &["-f", "+1", "-s+1", "-w", "+01"],
    &[
        "--skip-fields=1",
        "--skip-chars=1",
        "--check-chars=99999999999999999999999",
    ],
];

#[test]
fn lines_that_repeat_are_those_of_uniq() {
    let uniq = needed!("uniq");
    let long = "x".repeat(1 << 20);
    let contents = [
        ("repeated", "a\na\nA\nb\nb\r\nb\n\n\nb".to_owned()),
        ("long", format!("{long}\n{long}\n{long}y\n{long}y")),
        ("same", "same\n".repeat(100_000)),
    ];
    let mut names: Vec<&str> = odd_contents().into_iter().map(|(name, _)| name).collect();
    names.extend(["repeated", "long", "same", "missing"]);
    for options in UNIQ_OPTIONS {
        let contents = contents.iter();
        let test = contents.fold(with_odd_files(), |test, (name, text)| test.file(name, text));
        same_for_each(test, &uniq, options, &names);
        same(Test::new(), &uniq, options, &[]);
    }
}

#[test]
fn any_lines_that_repeat_are_those_of_uniq() {
    let uniq = needed!("uniq");
    let pieces = b"aAb\n\n\n \t \xff\0".to_vec();
    let texts = prop::collection::vec(prop::sample::select(pieces), 0..40);
    let options = prop::sample::select(UNIQ_OPTIONS.to_vec());
    let mut runner = runner(Config::with_cases(100));
    let result = runner.run(&(texts, options), |(text, options)| {
        same(Test::new().file("text", text), &uniq, options, &["text"]);
        Ok(())
    });
    assert_eq!(result, Ok(()));
}

#[test]
fn files_do_not_repeat_each_other() {
    // With one slot, all files belong to one job.
    Test::new()
        .file("a", "x\nx")
        .file("b", "x\n")
        .args([
            "--quiet", "-j1", "-X", "@uniq", "-c", ":::", "a", "b", ".", "a",
        ])
        .stdout("      2 x\n      1 x\n      2 x\n")
        .stderr("@uniq: cannot read '.': Is a directory\n")
        .status(1);
}

#[test]
fn what_uniq_does_not_take_is_told() {
    for (options, message) in [
        (
            &["-cD"][..],
            "-D prints all lines that are repeated: neither -c nor -u can be with it",
        ),
        (&["-f", "x"], "'x' is no number"),
        (&["-w-1"], "'-1' is no number"),
    ] {
        Test::new()
            .arg("@uniq")
            .args(options)
            .args([":::", "a"])
            .stderr(builtin_error("@uniq", message))
            .status(255);
    }
}
