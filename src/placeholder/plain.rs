//! `--plain-values`: values that mean nothing but themselves, to a shell as to most other
//! languages.

use crate::input::Row;
use crate::quote;

use super::argument::ValueError;
use super::position::JobPosition;
use super::source::{Placeholder, PlaceholderSubject};

/// A value that no shell takes for more than a word, and no program for an option.
fn is_plain(text: &[u8]) -> bool {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"_./:@%+,=-".contains(byte);
    !text.is_empty() && text[0] != b'-' && text.iter().all(plain)
}

/// Checks the values that placeholders stand for, and what they make of them.
///
/// # Errors
/// The first of either that is not plain.
pub(crate) fn check(
    placeholders: &[Placeholder],
    row: &Row,
    position: JobPosition,
) -> Result<(), ValueError> {
    let values = placeholders.iter().filter(|found| found.is_value());
    for placeholder in values {
        let count = placeholder.count(row.values.len());
        if count == 0 && matches!(placeholder.source, PlaceholderSubject::Nth(_)) {
            return Err(not_plain(b"", position));
        }
        for nth in 0..count {
            if let Some(value) = placeholder.value(nth, row)
                && !is_plain(value)
            {
                return Err(not_plain(value, position));
            }
            let text = placeholder.text(nth, row, position);
            if !is_plain(&text) {
                return Err(not_plain(&text, position));
            }
        }
    }
    Ok(())
}

fn not_plain(text: &[u8], position: JobPosition) -> ValueError {
    let (seq, text) = (position.seq, quote::excerpt(text));
    ValueError(format!(
        "input {seq} is not a plain value, as --plain-values wants: {text}"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_without_a_meaning_are_plain() {
        for text in [
            "3", "a.b", "/x/y_z", "a-b", "h:80", "u@h", "50%", "+1", "a,b", "a=1",
        ] {
            assert!(is_plain(text.as_bytes()), "{text}");
        }
        for text in [
            "", "-1", "--x", "a b", "a;b", "$x", "a\n", "é", "~", "*", "a'", "\"", "\\", "a&", "#",
            "!", "{", "<", "(", "[", "^", "|", "`", "?", "\0",
        ] {
            assert!(!is_plain(text.as_bytes()), "{text:?}");
        }
        assert!(!is_plain(b"\xff"));
    }
}
