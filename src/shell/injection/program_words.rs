//! Words of a command: the program, its options, its operands.

use crate::placeholder::TemplateWord;
use crate::shell::vocabulary;

use super::table::{self, CodeReader};

pub(super) fn file_name(word: &TemplateWord) -> &str {
    let text = word.fixed().unwrap_or_default();
    let slash = memchr::memrchr(b'/', text);
    std::str::from_utf8(&text[slash.map_or(0, |slash| slash + 1)..]).unwrap_or_default()
}

/// `python` for `python3.11`.
pub(super) fn unversioned(name: &str) -> &str {
    name.trim_end_matches(|character: char| character.is_ascii_digit() || character == '.')
}

pub(super) fn is_named(sink: &CodeReader, name: &str) -> bool {
    sink.names.contains(&name) || sink.names.contains(&unversioned(name))
}

/// Index of the program's name: behind variables, `sudo`, `timeout 5`.
pub(super) fn program_position(words: &[TemplateWord]) -> Option<usize> {
    let mut at = 0;
    loop {
        let word = words.get(at)?;
        let name = file_name(word);
        if let Some((_, values, operands)) = table::WRAPPERS.iter().find(|row| row.0 == name) {
            let after = skip_options(&words[at + 1..], values) + operands;
            // `flock FILE -c 'cmd'`, and a wrapper alone.
            if words.get(at + 1 + after).is_none_or(is_option) {
                return Some(at);
            }
            at += after;
        } else if vocabulary::assigned_name(word.head()).is_none() && !is_option(word) {
            // `time -p` is a keyword with an option.
            return Some(at);
        }
        at += 1;
    }
}

pub(super) fn is_option(word: &TemplateWord) -> bool {
    word.head().starts_with(b"-")
}

/// Counts options and their values; `values` are the letters that have one.
pub(super) fn skip_options(words: &[TemplateWord], values: &str) -> usize {
    let mut at = 0;
    while let Some(word) = words.get(at).filter(|word| is_option(word)) {
        at += match word.fixed() {
            Some(b"--") => return at + 1,
            Some(text) if takes_value(text, values) => 2,
            _ => 1,
        };
    }
    at
}

/// `-n` where `n` has a value; `-n5` has it with it.
pub(super) fn takes_value(option: &[u8], values: &str) -> bool {
    match option {
        [b'-', b'-', ..] => {
            std::str::from_utf8(option).is_ok_and(|option| table::LONG_VALUES.contains(&option))
        }
        [b'-', letter] => values.as_bytes().contains(letter),
        _ => false,
    }
}

pub(super) fn host_position(arguments: &[TemplateWord]) -> Option<usize> {
    let at = skip_options(arguments, "BbcDEeFIiJLlmOopQRSWw");
    (at < arguments.len()).then_some(at)
}
