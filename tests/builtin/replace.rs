//! Replacing, beside sed.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::time::{Duration, SystemTime};

use proptest::prelude::*;
use proptest::test_runner::Config;

use super::{beside, odd_contents, runner, with_odd_files};
use crate::support::{Test, builtin_error, needed, tool};

/// One job in which `@replace` does what `sed -E 's/../../g'` does, whose groups are
/// written in another way.
#[track_caller]
fn same_as_sed(test: Test, [pattern, text, sed_text]: [&str; 3], files: &[&str]) {
    let sed = tool("sed").expect("sed is installed");
    let script = format!("s/{pattern}/{sed_text}/g");
    let sed_args = [&["-E", "-e", &script, "--"], files].concat();
    let args = [&["@replace", "--", pattern, text], files].concat();
    beside(test, (&sed, &sed_args), &args);
}

#[test]
fn lines_become_those_of_sed() {
    needed!("sed");
    let contents = odd_contents();
    let mut names: Vec<&str> = contents.iter().map(|(name, _)| *name).collect();
    // sed gives a last line its newline if another file follows.
    names.extend([
        "unfinished",
        "empty",
        "nuls",
        "long",
        "missing",
        "newline",
        "unfinished",
    ]);
    for texts in [
        ["o", "0", "0"],
        ["(.)e", "$1$1-$$", r"\1\1-$"],
        ["l(i)(n)", "[$2$0$1>-", r"[\2\0\1>-"],
        ["^", "> ", "> "],
        ["$", "\r", "\r"],
        ["^$", "empty", "empty"],
        ["[^a-z]+", "", ""],
        ["\r", "", ""],
        ["zzz", "y", "y"],
        [".+", "[$0]", "[&]"],
        ["a+", "long", "long"],
        ["\u{e9}", "e\u{301}", "e\u{301}"],
        ["e", "a\nb", "a\\nb"],
        ["[[:alpha:]]+", "a", "a"],
        ["[^[:space:]]", "x", "x"],
        ["[]t&&o[-]", "#", "#"],
        ["\\w{,2}n", "-", "-"],
        ["\\`.|e\\'", "", ""],
    ] {
        let test = with_odd_files().file("long", "a".repeat(1 << 20) + "b\nab");
        same_as_sed(test, texts, &names);
    }
    same_as_sed(Test::new(), ["a", "b", "b"], &[]);
    for texts in [["^", "> ", "> "], ["x*", "-", "-"], ["$", ".", "."]] {
        let test = Test::new().file("latin1", b"\xabo\xbb\n\xbb\n\n\xa9 \xa9\xe2\x82");
        same_as_sed(test, texts, &["latin1"]);
    }
    // sed takes characters that are no ASCII apart.
    let files = ["unfinished", "nuls", "controls", "newline", "empty"];
    for texts in [["x*", "-", "-"], ["\\b", "!", "!"]] {
        same_as_sed(with_odd_files(), texts, &files);
    }
}

#[test]
fn nothing_is_found_inside_of_a_character() {
    Test::new()
        .file(
            "text",
            b"\xc3\xa9\xa9\n\xe2\x82\xac\xf0\x9f\x98\x80\xf0\x9f\xbf\n",
        )
        .args(["@replace", "x*", "-", ":::", "text"])
        .stdout(b"-\xc3\xa9-\xa9-\n-\xe2\x82\xac-\xf0\x9f\x98\x80-\xf0-\x9f-\xbf-\n")
        .success();
}

#[test]
fn any_lines_become_those_of_sed() {
    needed!("sed");
    let pieces = ["a", "b", "ab", "\n", "\n\n", " ", "\r", "\0"];
    let texts = prop::collection::vec(prop::sample::select(pieces.to_vec()), 0..40);
    let atoms = ["a", "b", "ab", ".", "[^b]", "a*", "b+", "(a)", "(.)", "c?"];
    let patterns = prop::collection::vec(prop::sample::select(atoms.to_vec()), 1..4);
    let mut runner = runner(Config::with_cases(100));
    let result = runner.run(&(texts, patterns), |(text, pattern)| {
        let test = Test::new().file("text", text.concat());
        same_as_sed(test, [&pattern.concat(), "<+$0+>", "<+\\0+>"], &["text"]);
        Ok(())
    });
    assert_eq!(result, Ok(()));
}

#[test]
fn texts_are_those_of_the_regex_crate() {
    for (args, expected) in [
        (&["(?<first>.)b", "${first}${first}"][..], "aa.$1\nxx\n"),
        (&["-F", ".$1", "$0"], "ab$0\nxb\n"),
        (&["-i", "A|B", "-"], "--.$1\nx-\n"),
        (&["-Fi", "X", "é"], "ab.$1\néb\n"),
        (&["a(c)?", "[$1]"], "[]b.$1\nxb\n"),
        (&["c*", "-"], "-a-b-.-$-1-\n-x-b-\n"),
        (&[r"b\nx|b", "-"], "a-.$1\nx-\n"),
    ] {
        Test::new()
            .file("f", "ab.$1\nxb\n")
            .args(["--quiet", "@replace"])
            .args(args)
            .args(["<>", ":::", "f"])
            .stdout(expected)
            .success();
    }
}

#[test]
fn files_are_changed_in_place() {
    let large = "no match\n".repeat(40_000);
    let test = Test::new()
        .file("a", "one\ntwo")
        .file("-b", "one\r\n\0one")
        .file("d/large", format!("{large}one\n{large}"))
        .file("none", "two\n");
    let long_ago = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000);
    for name in ["a", "none"] {
        let file = fs::File::options().write(true).open(test.path(name));
        let file = file.expect("the file is ours");
        file.set_modified(long_ago).expect("the file is ours");
        let mode = fs::Permissions::from_mode(0o640);
        file.set_permissions(mode).expect("the file is ours");
    }
    let inode = |path| fs::metadata(path).expect("it is there").ino();
    let untouched = inode(test.path("none"));
    let output = test
        .args([
            "--quiet",
            "@replace",
            "--in-place",
            "o(n)e",
            "1${1}",
            "<>",
            ":::",
        ])
        .args(["a", "-b", "d/large", "none"])
        .stdout("")
        .success();
    let read = |name| fs::read_to_string(output.path(name)).expect("it is text");
    assert_eq!(read("a"), "1n\ntwo");
    assert_eq!(read("-b"), "1n\r\n\x001n");
    assert_eq!(read("d/large"), format!("{large}1n\n{large}"));
    assert_eq!(inode(output.path("none")), untouched);
    for name in ["a", "none"] {
        let stat = fs::metadata(output.path(name)).expect("it is there");
        // What has changed is newer, as make and rsync need to know.
        let is_old = stat.modified().ok() == Some(long_ago);
        assert_eq!(is_old, name == "none", "{name}");
        assert_eq!(stat.permissions().mode() & 0o7777, 0o640, "{name}");
    }
    let left = fs::read_dir(output.path("")).expect("it is there").count();
    assert_eq!(left, 4);
}

#[test]
fn what_is_no_file_is_not_replaced() {
    let test = Test::new().file("f", "a\n").file("d/f", "");
    symlink("f", test.path("link")).expect("the directory is ours");
    let output = test
        .args(["--quiet", "-k", "@replace --in-place a b"])
        .args([":::", "d", "link", "/dev/null", "missing", "f"])
        .stderr(
            "@replace: cannot read 'd': Is a directory
@replace: cannot write 'link': it is a symbolic link
@replace: cannot write '/dev/null': it is no regular file
@replace: cannot read 'missing': No such file or directory
",
        )
        .status(4);
    let text = fs::read_to_string(output.path("f"));
    assert_eq!(text.ok().as_deref(), Some("b\n"));
    Test::new()
        .args(["--quiet", "-N0", "@replace --in-place a b", ":::", "x"])
        .stderr("@replace: cannot write '-': it is standard input\n")
        .status(1);
}

/// `${1}` is a group, as long as no other braces are for the value.
#[test]
fn groups_in_braces_need_no_other_placeholder() {
    for command in [
        &["@replace", "a(.)", "${1}1"][..],
        &["@replace", "a(?<n>.)", "${n}1"],
        &["@replace 'a(.)' '${1}1'"],
        &["@replace 'a(.)' '${1}1' <>"],
        &["@cat <> | @replace 'a(.)' '${1}1'"],
    ] {
        Test::new()
            .file("f", "ab\n")
            .args(command)
            .args([":::", "f"])
            .stdout("b1\n")
            .success();
    }
    for command in [
        &["@replace", "a(.)", "${1}1", "{}"][..],
        &["@cat {} | @replace 'a(.)' '${1}1'"],
    ] {
        Test::new()
            .args(command)
            .args([":::", "f"])
            .stderr(
                "prun: '${...}' is a group to @replace and would be a value, as what is in braces is
hint: write '<>' for the value, then braces are text
",
            )
            .status(255);
    }
}

#[test]
fn what_cannot_be_replaced_is_told() {
    for (args, message) in [
        (
            &[][..],
            "the value is taken for the pattern, and no file is left",
        ),
        (
            &["a"],
            "the value is taken for the text that replaces what matches, and no file is left",
        ),
        (&["a(", "b"], "the pattern 'a(' is wrong: unclosed group"),
        (
            &["[:a:]", "b"],
            "the pattern '[:a:]' is wrong: a class is within brackets: [[:a:]]",
        ),
        (
            &["(a)", "$1x", "b"],
            "the pattern has no group '1x'; $$ is a dollar, ${1}a is group 1 and an a",
        ),
        (
            &["a", "$1", "b"],
            "the pattern has no group '1'; $$ is a dollar, ${1}a is group 1 and an a",
        ),
    ] {
        Test::new()
            .arg("@replace")
            .args(args)
            .args([":::", "a"])
            .stderr(builtin_error("@replace", message))
            .status(255);
    }
    // Where there is input, there need not be a file.
    Test::new()
        .file("f", "ab\n")
        .args(["-k", "@cat f | @replace a <>", ":::", "x", "y"])
        .stdout("xb\nyb\n")
        .success();
}
