//! Files that are large enough to be worked on in parts, beside the tools.

use std::fs::File;
use std::path::Path;
use std::sync::LazyLock;

use super::{beside, run_tool, same};
use crate::support::{Test, needed, tool};

/// Large files whose lines lie across the ends of parts in different ways. A part is 1 MiB.
static CONTENTS: LazyLock<[(&str, Vec<u8>); 4]> = LazyLock::new(|| {
    let line = |at: u32| format!("{at} caf\u{e9} foo{}\tbar \u{3000}x\r\n", at % 97);
    let mut text: Vec<u8> = (0..90_000).flat_map(|at| line(at).into_bytes()).collect();
    text.extend_from_slice(b"\xff\xfe no end");
    let mut long = vec![b'a'; 1_200_000];
    long.extend_from_slice(b" foo1\nshort\n\n");
    long.extend(std::iter::repeat_n(*b"b ", 600_000).flatten());
    long.extend_from_slice(b"\n");
    long.extend_from_slice(&[b'c'; 300_000]);
    let mut bytes = 0_u32;
    let binary = (0..2_300_000).map(|_| {
        bytes = bytes.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (bytes >> 24) as u8
    });
    [
        ("text", text),
        ("long", long),
        // Newlines are where parts end.
        ("even", b"1234567\nabcdefg\n".repeat(3 << 16)),
        ("binary", binary.collect()),
    ]
});

fn with_large_files() -> Test {
    let contents = CONTENTS.iter();
    contents.fold(Test::new(), |test, (name, bytes)| test.file(name, bytes))
}

const NAMES: [&str; 4] = ["text", "long", "even", "binary"];

#[test]
fn counts_are_those_of_wc() {
    let wc = needed!("wc");
    same(with_large_files(), &wc, &["-lc"], &NAMES);
    // Of bytes that are no characters, wc(1) counts some where its own buffer ends.
    for options in [&["-w"][..], &["-m"], &["-lwmc"]] {
        same(with_large_files(), &wc, options, &NAMES[..3]);
    }
}

#[test]
fn lines_are_those_of_grep() {
    let grep = tool("grep").expect("grep is installed");
    for options in [
        &[][..],
        &["-c"],
        &["-v"],
        &["-vc"],
        &["-o"],
        &["-l"],
        &["-q"],
        &["-n"],
        &["-i", "-h"],
        &["-m3"],
    ] {
        for pattern in ["foo1", "short", "^$", "A|G$", "nothing"] {
            let args = [options, &[pattern], &NAMES].concat();
            beside(
                with_large_files(),
                (&grep, &[&["-aE"], args.as_slice()].concat()),
                &[&["@grep"], args.as_slice()].concat(),
            );
        }
    }
}

#[test]
fn sums_are_those_of_b3sum() {
    let path = needed!("b3sum");
    same(with_large_files(), &path, &[], &NAMES);
}

#[test]
fn standard_input_is_read_once() {
    let wc = needed!("wc");
    let test = with_large_files();
    let shell = format!("{} -l - - < even", wc.display());
    let printed = run_tool(&test, Path::new("/bin/sh"), &["-c", &shell]);
    test.args(["@count -l - - < <>", ":::", "even"])
        .stdout(printed.stdout)
        .success();
}

#[test]
fn a_line_without_an_end_can_be_given_up() {
    for command in ["@count -l <>", "@grep -c x <>", "@blake3 <>", "@gzip -c <>"] {
        let test = Test::new().file("hole", "");
        let file = File::options().write(true).open(test.path("hole"));
        let made = file.and_then(|file| file.set_len(1 << 40));
        made.expect("files may have holes");
        // Whatever is held of the line meanwhile has to find room.
        test.line(format!(
            "ulimit -v 4000000; prun --quiet --max-record 1T --timeout 0.2 '{command}' ::: hole > out"
        ))
        .status(1);
    }
}
