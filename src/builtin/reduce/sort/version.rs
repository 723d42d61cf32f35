//! Names with numbers in them, as `sort -V` has them: numbers are compared by value,
//! suffixes such as `.tar.gz` only if all else is the same.

use std::cmp::Ordering;

pub(super) fn compare(one: &[u8], other: &[u8]) -> Ordering {
    let classes = class(one).cmp(&class(other));
    if classes.is_ne() || class(one) < OTHERS_WITH_DOT {
        return classes;
    }
    let (stem, other_stem) = (stem(one), stem(other));
    compare_parts(stem, other_stem).then_with(|| compare_parts(one, other))
}

const OTHERS_WITH_DOT: u8 = 3;

/// The empty name is first, then `.`, `..` and others with a dot.
fn class(text: &[u8]) -> u8 {
    match text {
        b"" => 0,
        b"." => 1,
        b".." => 2,
        [b'.', ..] => OTHERS_WITH_DOT,
        _ => 4,
    }
}

/// The text without its suffixes: each a dot, a letter or `~`, and letters, digits or `~`.
/// The whole text may be one, as coreutils 9.1 has it; later versions leave a first byte.
fn stem(text: &[u8]) -> &[u8] {
    let mut end = text.len();
    let mut at = text.len();
    while at > 0 {
        at -= 1;
        match text[at] {
            b'.' => match text.get(at + 1) {
                Some(byte) if at + 1 < end && is_letter(*byte) => end = at,
                _ => break,
            },
            byte if is_letter(byte) || byte.is_ascii_digit() => {}
            _ => break,
        }
    }
    &text[..end]
}

fn is_letter(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'~'
}

/// Compares texts and numbers in turn.
fn compare_parts(mut one: &[u8], mut other: &[u8]) -> Ordering {
    while !one.is_empty() || !other.is_empty() {
        let (text, other_text);
        (text, one) = one.split_at(digits_at(one));
        (other_text, other) = other.split_at(digits_at(other));
        let longest = text.len().max(other_text.len());
        // Beyond the end of the text there is a digit, or the end.
        let weight = |text: &[u8], rest: &[u8], at: usize| match (text.get(at), rest) {
            (None, []) => -1,
            (None, _) => 0,
            (Some(byte), _) => weight(*byte),
        };
        for at in 0..longest {
            let ordering = weight(text, one, at).cmp(&weight(other_text, other, at));
            if ordering.is_ne() {
                return ordering;
            }
        }
        let (number, other_number);
        (number, one) = take_number(one);
        (other_number, other) = take_number(other);
        let ordering =
            (number.len().cmp(&other_number.len())).then_with(|| number.cmp(other_number));
        if ordering.is_ne() {
            return ordering;
        }
    }
    Ordering::Equal
}

/// `~` is before the end of a text, letters are before all others.
fn weight(byte: u8) -> i32 {
    match byte {
        b'~' => -2,
        byte if byte.is_ascii_alphabetic() => i32::from(byte),
        byte => i32::from(byte) + 256,
    }
}

fn digits_at(text: &[u8]) -> usize {
    let at = text.iter().position(u8::is_ascii_digit);
    at.unwrap_or(text.len())
}

/// The number that a text begins with, without zeros before it, and what follows.
fn take_number(text: &[u8]) -> (&[u8], &[u8]) {
    let zeros = text.iter().take_while(|byte| **byte == b'0').count();
    let text = &text[zeros..];
    let count = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    text.split_at(count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_in_order() {
        let ascending = [
            "", ".", "..", ".b", ".b1", "a~", "a", "a.tar.gz", "a1", "a2.c", "a10.b", "a10.1",
            "a-1", "b",
        ];
        for (at, one) in ascending.iter().enumerate() {
            for (other_at, other) in ascending.iter().enumerate() {
                let ordering = compare(one.as_bytes(), other.as_bytes());
                assert_eq!(ordering, at.cmp(&other_at), "{one:?} {other:?}");
            }
        }
        assert!(compare(b"x01", b"x1").is_eq());
    }
}
