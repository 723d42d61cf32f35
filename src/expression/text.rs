//! Text by characters if it is UTF-8, else by bytes.

use super::value::ExpressionValue;

/// The bytes of the character with that number; of U+FFFD if there is none.
pub(super) fn character(number: u32) -> Vec<u8> {
    let character = char::from_u32(number).unwrap_or(char::REPLACEMENT_CHARACTER);
    character.to_string().into_bytes()
}

/// The numbers of the characters, or the bytes.
pub(super) fn units(text: &[u8]) -> (Vec<u32>, bool) {
    match str::from_utf8(text) {
        Ok(text) => (text.chars().map(u32::from).collect(), true),
        Err(_) => (text.iter().copied().map(u32::from).collect(), false),
    }
}

pub(super) fn length(text: &[u8]) -> usize {
    match str::from_utf8(text) {
        Ok(text) => text.chars().count(),
        Err(_) => text.len(),
    }
}

/// The length in bytes of the first `count` characters.
pub(super) fn prefix(text: &[u8], count: usize) -> usize {
    match str::from_utf8(text) {
        Ok(text) => {
            let mut starts = text.char_indices().map(|(start, _)| start);
            starts.nth(count).unwrap_or(text.len())
        }
        Err(_) => count.min(text.len()),
    }
}

/// The length in bytes of the character at `position`.
pub(super) fn step(text: &[u8], position: usize, by_characters: bool) -> usize {
    let continues = |byte: &&u8| by_characters && **byte & 0xc0 == 0x80;
    let rest = text.get(position + 1..).unwrap_or_default();
    1 + rest.iter().take_while(continues).count()
}

pub(super) fn upper(text: &[u8]) -> Vec<u8> {
    match str::from_utf8(text) {
        Ok(text) => text.to_uppercase().into_bytes(),
        Err(_) => text.to_ascii_uppercase(),
    }
}

/// Lower case, each character for itself.
pub(super) fn lower(text: &[u8]) -> Vec<u8> {
    match str::from_utf8(text) {
        Ok(text) => text
            .chars()
            .flat_map(char::to_lowercase)
            .collect::<String>()
            .into_bytes(),
        Err(_) => text.to_ascii_lowercase(),
    }
}

/// The first of the characters that upper case makes in upper case, the rest in lower:
/// `ß` is `Ss`.
pub(super) fn title(text: &[u8]) -> Vec<u8> {
    let upper = upper(text);
    let (first, rest) = upper.split_at(prefix(&upper, 1));
    [first, &lower(rest)].concat()
}

/// The first character changed, the others as they are.
pub(super) fn first_changed(text: &[u8], change: fn(&[u8]) -> Vec<u8>) -> Vec<u8> {
    let (first, rest) = text.split_at(prefix(text, 1));
    [change(first), rest.to_vec()].concat()
}

/// The characters in the opposite order.
pub(super) fn reversed(text: &[u8]) -> Vec<u8> {
    match str::from_utf8(text) {
        Ok(text) => text.chars().rev().collect::<String>().into_bytes(),
        Err(_) => text.iter().rev().copied().collect(),
    }
}

/// A backslash before each byte that could mean something in a pattern.
pub(super) fn quoted_for_pattern(text: &[u8]) -> Vec<u8> {
    let mut quoted = Vec::with_capacity(text.len());
    for &byte in text {
        if byte.is_ascii() && !byte.is_ascii_alphanumeric() && byte != b'_' {
            quoted.push(b'\\');
        }
        quoted.push(byte);
    }
    quoted
}

/// GNU parallel's quoting for a shell: `it's` is `'it'"'"'s'`.
pub(crate) fn quoted_for_shell(text: &[u8]) -> Vec<u8> {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"_-./+".contains(byte);
    match text {
        b"" => return b"''".to_vec(),
        _ if text.iter().all(plain) => return text.to_vec(),
        _ => {}
    }
    let mut quoted = b"'".to_vec();
    for &byte in text {
        match byte {
            b'\'' => quoted.extend_from_slice(b"'\"'\"'"),
            _ => quoted.push(byte),
        }
    }
    quoted.push(b'\'');
    // A text that begins or ends with a quote leaves nothing between those around it.
    let quoted = quoted.strip_prefix(b"''").unwrap_or(&quoted);
    quoted.strip_suffix(b"''").unwrap_or(quoted).to_vec()
}

/// GNU parallel's quoting for a string in double quotes of Perl's.
pub(super) fn quoted_for_perl(text: &[u8]) -> Vec<u8> {
    let mut quoted = Vec::with_capacity(text.len());
    for &byte in text {
        if b"\\\"$@".contains(&byte) {
            quoted.push(b'\\');
        }
        quoted.push(byte);
    }
    quoted
}

/// Range in bytes that `substr` means; none if it lies outside.
pub(super) fn span(text: &[u8], offset: i64, count: Option<i64>) -> Option<(usize, usize)> {
    let length = length(text) as i64;
    let start = if offset < 0 {
        length.saturating_add(offset)
    } else {
        offset
    };
    let end = match count {
        None => length,
        Some(count) if count < 0 => length.saturating_add(count),
        Some(count) => start.saturating_add(count),
    };
    if start > length || (start < 0 && end < 0) {
        return None;
    }
    let start = start.clamp(0, length);
    let end = end.clamp(start, length);
    let offset = |count: i64| prefix(text, count as usize);
    Some((offset(start), offset(end)))
}

/// Position of `part` in `text`, from the left at or after `from`, or from the right at or
/// before it; -1 if there is none.
pub(super) fn position(
    text: &[u8],
    part: &[u8],
    from: Option<i64>,
    from_right: bool,
) -> ExpressionValue {
    let length = length(text) as i64;
    let default = if from_right { length } else { 0 };
    let from = prefix(text, from.unwrap_or(default).clamp(0, length) as usize);
    let found = if from_right {
        let end = text.len().min(from.saturating_add(part.len()));
        memchr::memmem::rfind(&text[..end], part)
    } else {
        memchr::memmem::find(&text[from..], part).map(|start| from + start)
    };
    match found {
        Some(start) => ExpressionValue::count(length_before(text, start)),
        None => ExpressionValue::integer(-1),
    }
}

fn length_before(text: &[u8], position: usize) -> usize {
    match str::from_utf8(text) {
        Ok(text) => text
            .get(..position)
            .map_or(position, |before| before.chars().count()),
        Err(_) => position,
    }
}
