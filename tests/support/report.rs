//! Report of a failed test: enough to understand it without running it again.

use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::process::ExitStatus;

/// More lines of a stream than this are counted, not shown.
const LONGEST: usize = 60;

/// `exit 3`, `killed by signal 15`.
pub(super) fn ending(status: ExitStatus) -> String {
    use std::os::unix::process::ExitStatusExt;
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("exit {code}"),
        (None, Some(signal)) => format!("killed by signal {signal}"),
        (None, None) => status.to_string(),
    }
}

/// A stream as lines of text; control and invalid bytes are escaped.
pub(super) fn shown(bytes: &[u8]) -> String {
    let lines = lines(bytes);
    let mut text = String::new();
    for line in lines.iter().take(LONGEST) {
        let _ = writeln!(text, "  {line}");
    }
    if lines.len() > LONGEST {
        let _ = writeln!(text, "  ... and {} more lines", lines.len() - LONGEST);
    }
    text
}

/// Difference of two streams: `-` lines are missing, `+` lines are too much.
pub(super) fn difference(expected: &[u8], got: &[u8]) -> String {
    let (expected, got) = (lines(expected), lines(got));
    let same = |pair: &(&String, &String)| pair.0 == pair.1;
    let before = expected.iter().zip(&got).take_while(same).count();
    let (expected, got) = (&expected[before..], &got[before..]);
    let after = (expected.iter().rev().zip(got.iter().rev()))
        .take_while(same)
        .count();

    let mut text = String::new();
    if before > 0 {
        let _ = writeln!(text, "  ... {before} lines as expected");
    }
    for (sign, lines) in [('-', expected), ('+', got)] {
        let lines = &lines[..lines.len() - after];
        for line in lines.iter().take(LONGEST) {
            let _ = writeln!(text, "{sign} {line}");
        }
        if lines.len() > LONGEST {
            let _ = writeln!(text, "{sign} ... and {} more lines", lines.len() - LONGEST);
        }
    }
    if after > 0 {
        let _ = writeln!(text, "  ... {after} lines as expected");
    }
    text
}

/// The files under a directory, one a line, with their sizes.
pub(super) fn listing(dir: &Path) -> String {
    let mut text = String::new();
    let mut entries: Vec<_> = fs::read_dir(dir).into_iter().flatten().flatten().collect();
    entries.sort_by_key(fs::DirEntry::path);
    for entry in entries {
        let path = entry.path();
        if path.is_dir() {
            for line in listing(&path).lines() {
                let _ = writeln!(text, "  {}/{}", entry.file_name().display(), line.trim());
            }
        } else {
            let size = path.symlink_metadata().map_or(0, |about| about.len());
            let _ = writeln!(text, "  {} ({size} bytes)", entry.file_name().display());
        }
    }
    text
}

/// Each line escaped; a last line without a line end says so.
fn lines(bytes: &[u8]) -> Vec<String> {
    bytes
        .split_inclusive(|&byte| byte == b'\n')
        .map(|line| match line.strip_suffix(b"\n") {
            Some(line) => escaped(line),
            None => escaped(line) + "  (no newline at the end)",
        })
        .collect()
}

fn escaped(bytes: &[u8]) -> String {
    let mut text = String::new();
    for chunk in bytes.utf8_chunks() {
        for character in chunk.valid().chars() {
            if character.is_control() {
                text.extend(character.escape_default());
            } else {
                text.push(character);
            }
        }
        for byte in chunk.invalid() {
            let _ = write!(text, "\\x{byte:02x}");
        }
    }
    text
}

#[test]
fn a_difference_shows_only_the_lines_that_differ() {
    assert_eq!(
        difference(b"a\nb\nc\n", b"a\nB\x1b\nc\n"),
        "  ... 1 lines as expected\n- b\n+ B\\u{1b}\n  ... 1 lines as expected\n"
    );
    assert_eq!(
        difference(b"a\n", b"a"),
        "- a\n+ a  (no newline at the end)\n"
    );
    assert_eq!(difference(b"", b"\xff\n"), "+ \\xff\n");
}
