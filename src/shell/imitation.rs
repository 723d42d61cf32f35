//! Programs whose name is that of a shell's built-in command, and where they differ: a
//! command line means the built-in, and without a shell the program runs.

use crate::os::byte_strings::ByteStrings;
use crate::placeholder::{TemplateWord, WordPart};

use super::vocabulary;

/// Bytes that `echo` may print to a pipe that nobody reads yet.
const LONGEST_ECHO: usize = 4096;

/// Operators of `test` that the program does not know, or reads in another way.
const TEST_OPERATORS: [&[u8]; 7] = [b"-v", b"-R", b"-o", b"-a", b"<", b">", b"=~"];

/// Tells whether a shell's built-in command may do something else with these words than the
/// program of the same name.
pub(crate) fn differs(words: &[TemplateWord]) -> bool {
    let mut words = words
        .iter()
        .skip_while(|word| vocabulary::assigned_name(word.head()).is_some());
    match words.next().and_then(TemplateWord::fixed) {
        Some(b"printf") => words.next().is_some_and(differs_as_format),
        Some(b"test" | b"[") => words.any(|word| {
            word.fixed()
                .is_some_and(|text| TEST_OPERATORS.contains(&text))
        }),
        _ => false,
    }
}

/// `%q` quotes in other ways, `%(...)T` is a date, `%n` sets a variable; `-v` does, too.
fn differs_as_format(format: &TemplateWord) -> bool {
    let special = |part: &WordPart| match part {
        WordPart::Text(text) => ends_special(text),
        WordPart::Placeholder(..) | WordPart::Code(_) => true,
    };
    format.head().starts_with(b"-") || format.parts.iter().any(special)
}

/// Tells whether a format has a conversion of bash's own.
fn ends_special(format: &[u8]) -> bool {
    let mut rest = format;
    while let Some(at) = memchr::memchr(b'%', rest) {
        rest = &rest[at + 1..];
        let flags = rest
            .iter()
            .take_while(|byte| b"-+ #0'*.123456789".contains(byte))
            .count();
        match rest.get(flags) {
            Some(b'q' | b'Q' | b'(' | b'n') => return true,
            Some(b'%') => rest = &rest[flags + 1..],
            _ => {}
        }
    }
    false
}

/// Makes the program print and do what the built-in does: coreutils' `echo --help`
/// explains itself, as do `true` and `false`, where a shell's are given a value.
pub(crate) fn adapt(argv: &mut ByteStrings) {
    let explains = matches!(argv.get(1), Some(b"--help" | b"--version")) && argv.len() == 2;
    match argv.get(0) {
        Some(b"echo") if explains => {
            *argv = argv
                .iter()
                .take(1)
                .chain([b"-E".as_slice()])
                .chain(argv.iter().skip(1))
                .collect();
        }
        Some(name @ (b"true" | b"false")) if explains => *argv = ByteStrings::from_iter([name]),
        _ => {}
    }
}

/// Output of `echo`; `None` if only the shell can tell. bash prints backslashes as they stand,
/// other shells may read `\t` as a tab.
pub(crate) fn echo(argv: &ByteStrings, prints_backslashes: bool) -> Option<Vec<u8>> {
    let words: Vec<&[u8]> = argv.iter().skip(1).collect();
    let begins_with_option = words.first().is_some_and(|first| first.starts_with(b"-"));
    let has_backslash = |word: &&[u8]| memchr::memchr(b'\\', word).is_some();
    let escaped = !prints_backslashes && words.iter().any(has_backslash);
    if begins_with_option || escaped {
        return None;
    }
    let mut text = words.join(&b' ');
    text.push(b'\n');
    (text.len() <= LONGEST_ECHO).then_some(text)
}
