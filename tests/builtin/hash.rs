//! Checksums beside the tools that make them.

use super::{odd_contents, run_tool, same, with_odd_files};
use crate::support::{Test, needed};

const TOOLS: [&str; 4] = ["sha256sum", "sha512sum", "sha1sum", "md5sum"];

#[test]
fn sums_are_those_of_the_tools() {
    let names: Vec<&str> = odd_contents().into_iter().map(|(name, _)| name).collect();
    let files = [names.as_slice(), &["missing", "."]].concat();
    for name in TOOLS {
        let path = needed!(name);
        for options in [
            &[][..],
            &["-b"],
            &["--tag"],
            &["-z"],
            &["-bz"],
            &["-b", "-t"],
        ] {
            same(with_odd_files(), &path, options, &files);
        }
        same(with_odd_files(), &path, &[], &[]);
        same(with_odd_files(), &path, &[], &["-", "empty"]);
    }
}

#[test]
fn blake3_sums_are_those_of_b3sum() {
    let path = needed!("b3sum");
    // b3sum 1.2 has a way of its own with names that hold a return.
    let names = odd_contents().into_iter().map(|(name, _)| name);
    let names: Vec<&str> = names.filter(|name| !name.contains('\r')).collect();
    same(with_odd_files(), &path, &[], &names);
    // Large enough to be split between threads, and not a multiple of anything.
    let large: Vec<u8> = (0..20_000_003u32)
        .map(|at| (at ^ (at >> 8)) as u8)
        .collect();
    same(Test::new().file("large", large), &path, &[], &["large"]);
}

#[test]
fn crc32_sums_are_those_of_zip() {
    let path = needed!("crc32");
    let names: Vec<&str> = odd_contents().into_iter().map(|(name, _)| name).collect();
    for name in names {
        let test = with_odd_files();
        // crc32(1) takes a name with a dash for an option.
        let file = format!("./{name}");
        let printed = run_tool(&test, &path, &[&file]).stdout;
        let sum = String::from_utf8(printed).expect("a sum is text");
        // The name comes only where there are several; what an empty file has, too.
        let sum = sum
            .trim_end()
            .split('\t')
            .next()
            .unwrap_or_default()
            .to_owned();
        test.args(["@crc32", "-z", ":::", &file])
            .stdout(format!("{sum}  {file}\0"))
            .success();
    }
}

/// Output of sha256sum for a file that holds `hi`.
const HI: &str = "8f434346648f6b96df89dda901c5176b10a6d83961dd3c1ac88b59b2dc327aa4";

fn with_lists() -> Test {
    let upper = HI.to_uppercase();
    let wrong = HI.replace("8f", "00");
    let mixed = format!(
        "{HI}  a\ngarbage\n{}  a\n#c\n\n{wrong}  a\n{HI}  missing\nSHA256 (a) = {HI}\n{HI} a\n{upper}  a\n{HI}  a\r\n  {HI}  a",
        &HI[..10]
    );
    let tagged = format!(
        "\\SHA256 (n\\nl) = {HI}\nSHA256(a)= {HI}\nSHA512 (a) = {HI}\n\\{HI}  b\\xs\nx\\{HI}  a\nSHA256 (a) {HI}\nSHA256 (a = {HI}\nSHA256 (a) = {HI}0\nSHA256 (a) = {}g\n",
        &HI[..63]
    );
    Test::new()
        .file("a", "hi")
        .file("n\nl", "hi")
        .file("*s", "hi")
        .file("mixed", mixed)
        .file("tagged", tagged)
        .file("garbage", "garbage\n\n#\n")
        .file("empty", "")
        .file("missing-only", format!("{HI}  missing\n"))
        .file("directory", format!("{HI}  .\n"))
        .file("good", format!("{HI}  a\n"))
        .file("good-and-bad", format!("{HI} *a\nx\n"))
        .file("one-space", format!("{HI} a\n{HI}  a\n{HI} *s\n"))
        .file(
            "two-spaces",
            format!("{HI} *a\n{HI}\ta\n{HI}   a\n{HI} a\n{HI}  \n{HI} \n{HI}\n"),
        )
        .file(
            "escaped",
            format!("\\{HI}  n\\nl\n{HI}  n\\nl\n\\{HI}  a\\\n"),
        )
        .file(
            "stdin",
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855  -\n",
        )
        .file("bad-then-one-space", format!("{}g  a\n{HI} a\n", &HI[..63]))
        .file(
            "short-then-two-spaces",
            format!("{}  a\n{HI}  a\n", &HI[..63]),
        )
        .file("invalid", b"\xff\xfe\0\n")
}

const LISTS: [&str; 15] = [
    "mixed",
    "tagged",
    "garbage",
    "empty",
    "missing-only",
    "directory",
    "good",
    "good-and-bad",
    "one-space",
    "two-spaces",
    "escaped",
    "stdin",
    "bad-then-one-space",
    "short-then-two-spaces",
    "invalid",
];

#[test]
fn lists_are_checked_as_by_sha256sum() {
    let path = needed!("sha256sum");
    for list in LISTS {
        for options in [
            &["-c"][..],
            &["-c", "--quiet"],
            &["-c", "--status"],
            &["-c", "--warn"],
            &["-c", "--warn", "--quiet"],
            &["-c", "--strict"],
            &["-c", "--ignore-missing"],
            &["-c", "--ignore-missing", "--status"],
        ] {
            same(with_lists(), &path, options, &[list]);
        }
    }
    same(with_lists(), &path, &["-c"], &LISTS);
    same(with_lists(), &path, &["-c"], &["no-list", "good"]);
    same(with_lists(), &path, &["-c"], &[]);
}

#[test]
fn what_is_wrong_with_a_list_is_told() {
    with_lists()
        .args(["--quiet", "@sha256 -c --warn <>", ":::", "mixed"])
        .stdout_any()
        .stderr(
            "@sha256: mixed: 2: improperly formatted SHA256 checksum line
@sha256: mixed: 3: improperly formatted SHA256 checksum line
@sha256: cannot read 'missing': No such file or directory
@sha256: mixed: 9: improperly formatted SHA256 checksum line
@sha256: WARNING: 3 lines are improperly formatted
@sha256: WARNING: 1 listed file could not be read
@sha256: WARNING: 1 computed checksum did NOT match
",
        )
        .status(1);
    with_lists()
        .args([
            "--quiet",
            "-k",
            "@sha256 --ignore-missing -c <>",
            ":::",
            "garbage",
            "missing-only",
        ])
        .stderr(
            "@sha256: garbage: no properly formatted checksum lines found
@sha256: missing-only: no file was verified
",
        )
        .status(2);
}

#[test]
fn sums_that_are_printed_can_be_checked() {
    for builtin in ["@sha256", "@sha512", "@sha1", "@md5", "@blake3", "@crc32"] {
        for options in ["", "--tag", "-b"] {
            let names = odd_contents().into_iter().map(|(name, _)| name);
            let names: Vec<&str> = names
                .filter(|name| *name != "*star" || options == "--tag")
                .collect();
            let sums = with_odd_files()
                .args(["-k", &format!("{builtin} {options} <>"), ":::"])
                .args(&names)
                .stdout_any()
                .success()
                .stdout;
            with_odd_files()
                .file("sums", sums)
                .args([builtin, "--check", "--quiet", "--strict", ":::", "sums"])
                .success();
        }
    }
}
