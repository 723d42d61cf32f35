//! Transforms of text beside the tools that do the same.

use std::path::PathBuf;

use proptest::prelude::*;
use proptest::test_runner::Config;

use super::{beside, odd_contents, runner, same, with_odd_files};
use crate::support::{Test, builtin_error, needed, skip, tool};

fn names() -> Vec<&'static str> {
    odd_contents().into_iter().map(|(name, _)| name).collect()
}

#[test]
fn counts_are_those_of_wc() {
    let wc = needed!("wc");
    let options: [&[&str]; 8] = [
        &[],
        &["-l"],
        &["-w"],
        &["-m"],
        &["-c"],
        &["-lm"],
        &["-cm", "-w"],
        &["--lines", "--bytes"],
    ];
    let names = names();
    for options in options {
        for name in &names {
            same(with_odd_files(), &wc, options, &[name]);
        }
        same(with_odd_files(), &wc, options, &names);
        let files = ["missing", ".", "huge", "-", "/dev/null"];
        same(with_odd_files(), &wc, options, &files);
        same(with_odd_files(), &wc, options, &["."]);
        same(with_odd_files(), &wc, options, &[]);
    }
}

#[test]
fn wc_is_told_names_with_newlines_in_the_same_way() {
    let wc = needed!("wc");
    for name in [
        "a\nb",
        "a'\nb",
        "\n",
        "a\tb\nc",
        "a\n\n",
        "caf\u{e9}\nb",
        "a\"\n$`\\",
        "\n'",
    ] {
        same(Test::new().file(name, "x"), &wc, &["-c"], &[name]);
    }
}

#[test]
fn sizes_that_are_no_sizes_are_counted() {
    let wc = needed!("wc");
    let page = Test::new().file("page", vec![b'x'; 8192]);
    same(page, &wc, &["-c"], &["page", "/proc/version"]);
}

#[test]
fn any_text_is_counted_as_by_wc() {
    let wc = needed!("wc");
    let pieces = [
        "a",
        " ",
        "\n",
        "\t",
        "\u{b}",
        "\u{1}",
        "\u{7f}",
        "é",
        "\u{85}",
        "\u{a0}",
        "\u{1680}",
        "\u{2007}",
        "\u{200b}",
        "\u{2028}",
        "\u{2060}",
        "\u{3000}",
        "\u{fdd0}",
        "\u{feff}",
        "\u{ffff}",
        "\u{1f600}",
        "\u{e000}",
    ];
    let bytes: [&[u8]; 6] = [
        b"\xff",
        b"\xc3",
        b"\xe2\x82",
        b"\xed\xa0\x80",
        b"\xf4\x90\x80\x80",
        b"\0",
    ];
    let mut pieces: Vec<Vec<u8>> = pieces
        .iter()
        .map(|piece| piece.as_bytes().to_vec())
        .collect();
    pieces.extend(bytes.map(<[u8]>::to_vec));
    let texts = prop::collection::vec(prop::sample::select(pieces), 0..30);
    let mut runner = runner(Config::with_cases(40));
    let result = runner.run(&texts, |pieces| {
        same(
            Test::new().file("text", pieces.concat()),
            &wc,
            &["-wm"],
            &["text"],
        );
        Ok(())
    });
    assert_eq!(result, Ok(()));
}

#[test]
fn cat_and_letters() {
    let (Some(cat), Some(sh)) = (tool("cat"), tool("sh")) else {
        skip!("cat or sh is not installed");
    };
    let names = names();
    same(
        with_odd_files(),
        &cat,
        &[],
        &[&names[..], &["missing", "."]].concat(),
    );
    same(with_odd_files(), &cat, &[], &[]);
    for name in names {
        for (builtin, line) in [
            ("@upper", r#"tr a-z A-Z < "$1""#),
            ("@lower", r#"tr A-Z a-z < "$1""#),
        ] {
            let file = format!("./{name}");
            let args = ["-c", line, "sh", &file];
            beside(with_odd_files(), (&sh, &args), &[builtin, &file]);
        }
    }
}

/// Large files, so that reading from the end is tried.
fn with_large_files() -> Test {
    let lines = |end: &str| {
        (0..200_000)
            .map(|at| format!("{at}{end}"))
            .collect::<String>()
    };
    with_odd_files()
        .file("large", lines("\n"))
        .file("large0", lines("\0"))
        .file("one-line", "x".repeat(1_000_000))
        .file("unended", lines("\n") + "last")
}

const AMOUNTS: [&[&str]; 13] = [
    &[],
    &["-n", "0"],
    &["-n", "1"],
    &["-n3"],
    &["--lines=100000"],
    &["-n", "1K"],
    &["-c", "0"],
    &["-c", "5"],
    &["--bytes=300000"],
    &["-c", "1kB"],
    &["-z", "-n", "2"],
    &["-q"],
    &["-v"],
];

#[test]
fn heads_and_tails() {
    let names = [
        &names()[..],
        &[
            "large",
            "large0",
            "one-line",
            "unended",
            "missing",
            ".",
            "/dev/null",
            "-",
        ],
    ]
    .concat();
    for (tool, others) in [
        (
            "head",
            [
                &["-n", "-1"][..],
                &["-n", "-0"],
                &["-n", "-100000"],
                &["-c", "-5"],
                &["-c", "-300000"],
            ],
        ),
        (
            "tail",
            [
                &["-n", "+1"][..],
                &["-n", "+0"],
                &["-n", "+100000"],
                &["-c", "+5"],
                &["-c", "+300000"],
            ],
        ),
    ] {
        let path = needed!(tool);
        for options in AMOUNTS.into_iter().chain(others) {
            // After a directory, tail -c and tail -n +N do not go on.
            let stops = tool == "tail" && options.concat().contains(['c', 'b', '+']);
            let files = names.iter().filter(|name| !stops || **name != ".");
            let files: Vec<&str> = files.copied().collect();
            same(with_large_files(), &path, options, &files);
        }
        let short = [&["-3"][..], &["unended"]];
        beside(
            with_large_files(),
            (&path, &short.concat()),
            &[&[&*format!("@{tool}")], &short.concat()[..]].concat(),
        );
        same(with_odd_files(), &path, &["-v"], &[]);
    }
}

#[test]
fn a_number_that_is_none_is_told() {
    for (words, text) in [
        ("@head -n x", "x"),
        ("@tail -c 1Q", "1Q"),
        ("@head -n -", "-"),
        ("@base64 -w -1", "-1"),
        ("@base64 -w ++1", "++1"),
        ("@base64 -w +", "+"),
        ("@hex -c 0x1", "0x1"),
    ] {
        let name = words.split(' ').next().unwrap_or_default();
        Test::new()
            .args([words, ":::", "a"])
            .stderr(builtin_error(name, &format!("'{text}' is no number")))
            .status(255);
    }
}

#[test]
fn encodings_are_those_of_the_tools() {
    let (Some(base64), Some(xxd)) = (tool("base64"), tool("xxd")) else {
        skip!("base64 or xxd is not installed");
    };
    for name in names() {
        let file = format!("./{name}");
        for options in [
            &[][..],
            &["-w", "0"],
            &["-w1"],
            &["--wrap=77"],
            &["-w", "+5"],
            &["-w99999999999999999999999"],
        ] {
            same(with_odd_files(), &base64, options, &[&file]);
        }
        for options in [&[][..], &["-c", "1"], &["-c", "7"], &["-c", "+7"]] {
            let args = [&["-p"], options, &[&file]].concat();
            beside(
                with_odd_files(),
                (&xxd, &args),
                &[&["@hex"], options, &[&file]].concat(),
            );
        }
    }
    same(with_odd_files(), &base64, &[], &["missing"]);
    same(with_odd_files(), &base64, &[], &[]);
}

const CODED: [&str; 26] = [
    "", "\n", "YQ==", "YQ", "YQ=", "YW!!", "YWJj!!!!", "YQ==YQ==", "YWJ", "Y", "YQ=a", "YWJjZ",
    "====", "YW Jj", "YW\nJj\n", "YR==", "YQ==Y", "YQ==YWJj", "YQ=\n=", "=", "YWJj=", "YWJ=Y",
    "Y=JJ", "YWJjY", "//++", "YW\r\nJj",
];

#[test]
fn what_is_wrongly_encoded_is_decoded_as_by_base64() {
    let base64 = needed!("base64");
    for text in CODED {
        for options in ["-d", "-di"] {
            let builtin = match options {
                "-d" => &["@unbase64", "coded"][..],
                _ => &["@unbase64", "-i", "coded"],
            };
            let test = Test::new().file("coded", text);
            beside(test, (&base64, &[options, "coded"]), builtin);
            let test = Test::new().file("coded", text);
            same(test, &base64, &[options], &["coded"]);
        }
    }
    Test::new()
        .file("coded", "YWJj!")
        .args(["--quiet", "@unbase64", ":::", "coded"])
        .stdout("abc")
        .stderr("@unbase64: cannot decode 'coded': invalid input\n")
        .status(1);
    for text in ["6", "6x", "61 \n6 2zz"] {
        Test::new()
            .file("coded", text)
            .args(["--quiet", "@unhex", ":::", "coded"])
            .stdout_any()
            .stderr("@unhex: cannot decode 'coded': invalid input\n")
            .status(1);
    }
}

#[test]
fn what_was_encoded_comes_back() {
    for (encode, decode) in [
        ("@base64", "@unbase64"),
        ("@base64 -w0", "@unbase64"),
        ("@base64 -w 5", "@unbase64"),
        ("@hex", "@unhex"),
        ("@hex -c0", "@unhex"),
    ] {
        for (name, bytes) in odd_contents() {
            let coded = Test::new()
                .file(name, &bytes)
                .args([&format!("{encode} <>"), ":::", name])
                .stdout_any()
                .success()
                .stdout;
            Test::new()
                .file("coded", coded)
                .args([decode, ":::", "coded"])
                .stdout(bytes)
                .success();
        }
    }
}

#[test]
fn a_fifo_is_counted_like_a_file() {
    let Some(mkfifo): Option<PathBuf> = tool("mkfifo") else {
        skip!("mkfifo is not installed");
    };
    let line = format!(
        "{} fifo; printf 'a b\\nc\\n' > fifo & prun @count ::: fifo; wait",
        mkfifo.display()
    );
    Test::new()
        .line(line)
        .stdout("      2       3       6 fifo\n")
        .success();
}
