//! Delimiters of values in a file or on standard input.

use memchr::memmem::Finder;

use crate::error::{Error, Result};

#[derive(Debug, Clone)]
pub(super) enum Delimiter {
    /// By far the most frequent case, and the fastest.
    Byte(u8),
    Text(Box<Finder<'static>>),
}

impl Delimiter {
    /// `bytes` is not empty: [`parse`] sees to that.
    pub(super) fn new(bytes: &[u8]) -> Self {
        match bytes {
            [byte] => Delimiter::Byte(*byte),
            text => Delimiter::Text(Box::new(Finder::new(text).into_owned())),
        }
    }

    pub(super) fn len(&self) -> usize {
        match self {
            Delimiter::Byte(_) => 1,
            Delimiter::Text(finder) => finder.needle().len(),
        }
    }

    /// Start of the first delimiter in `bytes`.
    pub(super) fn find(&self, bytes: &[u8]) -> Option<usize> {
        match self {
            Delimiter::Byte(byte) => memchr::memchr(*byte, bytes),
            Delimiter::Text(finder) => finder.find(bytes),
        }
    }
}

/// Reads the argument of `-d`: any bytes, with C's escapes `\a \b \e \f \n \r \t
/// \v \\`, octal `\0` to `\377` and hexadecimal `\x0` to `\xff`.
///
/// # Errors
/// An empty delimiter, an escape that does not exist, an octal number above 377.
pub(crate) fn parse(text: &[u8]) -> Result<Vec<u8>> {
    if text.is_empty() {
        return Err(Error::new("the delimiter is empty")
            .hint("-0 is for NUL; '=' is a word of its own: -d '='"));
    }
    let mut delimiter = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        if byte == b'\\' {
            let (escaped, length) = unescape(rest).ok_or_else(|| bad_escape(text))?;
            delimiter.push(escaped);
            rest = &rest[length..];
        } else {
            delimiter.push(byte);
        }
    }
    Ok(delimiter)
}

fn bad_escape(text: &[u8]) -> Error {
    Error::new(format!(
        "the delimiter '{}' has an unknown escape",
        String::from_utf8_lossy(text)
    ))
    .hint(r"write a backslash twice to mean itself: -d '\\'")
}

/// The byte that an escape stands for, and the number of bytes after its backslash.
fn unescape(after: &[u8]) -> Option<(u8, usize)> {
    let byte = match after.first()? {
        b'a' => 0x07,
        b'b' => 0x08,
        b'e' => 0x1b,
        b'f' => 0x0c,
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        b'v' => 0x0b,
        b'\\' => b'\\',
        b'x' => return number(&after[1..], 16, 2).map(|(byte, length)| (byte, length + 1)),
        b'0'..=b'7' => return number(after, 8, 3),
        _ => return None,
    };
    Some((byte, 1))
}

/// The number that at most `most` leading digits make, and their count.
fn number(bytes: &[u8], radix: u32, most: usize) -> Option<(u8, usize)> {
    let digits: Vec<u32> = bytes
        .iter()
        .take(most)
        .map_while(|&byte| char::from(byte).to_digit(radix))
        .collect();
    if digits.is_empty() {
        return None;
    }
    let value = digits.iter().fold(0, |sum, digit| sum * radix + digit);
    Some((u8::try_from(value).ok()?, digits.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_escapes_become_bytes() {
        let table: &[(&[u8], &[u8])] = &[
            (b",", b","),
            (b", ", b", "),
            (br"\n", b"\n"),
            (br"\t|", b"\t|"),
            (br"\0", b"\0"),
            (br"\012", b"\n"),
            (br"\0012", b"\x012"),
            (br"\377", b"\xff"),
            (br"\x2c", b","),
            (br"\x2cd", b",d"),
            (br"\xag", b"\x0ag"),
            (br"\\", b"\\"),
            (b"\xff\xfe", b"\xff\xfe"),
        ];
        for (text, bytes) in table {
            assert_eq!(parse(text).as_deref(), Ok(*bytes), "{text:?}");
        }
    }

    #[test]
    fn nothing_and_unknown_escapes_are_refused() {
        for text in [&b""[..], br"\", br"\q", br"\x", br"\400"] {
            assert!(parse(text).is_err(), "{text:?}");
        }
    }
}
