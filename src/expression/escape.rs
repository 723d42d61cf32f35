//! Escapes in double quotes: `\n`, `\x41`, `\101`.

use super::text::character;

/// Bytes that the escape after a backslash stands for, and its length.
pub(super) fn escape(text: &[u8]) -> (Vec<u8>, usize) {
    let Some(&letter) = text.first() else {
        return (vec![b'\\'], 0);
    };
    let byte = match letter {
        b'n' => b'\n',
        b't' => b'\t',
        b'r' => b'\r',
        b'a' => 0x07,
        b'b' => 0x08,
        b'e' => 0x1b,
        b'f' => 0x0c,
        b'x' => return hexadecimal(&text[1..]),
        b'0'..=b'7' => {
            let digits = text
                .iter()
                .take(3)
                .take_while(|byte| matches!(byte, b'0'..=b'7'));
            let length = digits.clone().count();
            let number = digits.fold(0, |number, digit| number * 8 + u32::from(digit - b'0'));
            return (character(number), length);
        }
        other => other,
    };
    (vec![byte], 1)
}

/// The number after `\x`: two digits, or any in braces.
fn hexadecimal(text: &[u8]) -> (Vec<u8>, usize) {
    let in_braces = text.strip_prefix(b"{").and_then(|inside| {
        let end = inside.iter().position(|&byte| byte == b'}')?;
        Some((&inside[..end], end + 3))
    });
    let (digits, length) = in_braces.unwrap_or_else(|| {
        let digits = text
            .iter()
            .take(2)
            .take_while(|byte| byte.is_ascii_hexdigit());
        let count = digits.count();
        (&text[..count], 1 + count)
    });
    let digits = str::from_utf8(digits).unwrap_or("");
    let number = u32::from_str_radix(digits, 16).unwrap_or(0);
    (character(number), length)
}
