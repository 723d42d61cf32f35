//! Quoting: a text that a shell reads back as the same bytes.

use crate::expression::quoted_for_shell;

/// Quotes of values that stand outside of any quotes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum QuoteStyle {
    /// Quotes only where needed, control bytes visible: `$'\n'`.
    Readable,
    /// Quotes that any POSIX shell reads: control bytes stand as they are.
    Portable,
    /// Quotes of GNU parallel.
    Gnu,
}

/// Bytes that need no quotes in the middle of a word.
const SAFE: [bool; 256] = {
    let mut safe = [false; 256];
    let bytes = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-./+:,@%=";
    let mut at = 0;
    while at < bytes.len() {
        safe[bytes[at] as usize] = true;
        at += 1;
    }
    safe
};

fn is_safe(text: &[u8]) -> bool {
    !text.is_empty() && text.iter().all(|&byte| SAFE[usize::from(byte)])
}

/// Tells whether `'…'` shows the text as it is: no control bytes, valid UTF-8.
fn is_printable(text: &[u8]) -> bool {
    match std::str::from_utf8(text) {
        Ok(text) => !text.chars().any(char::is_control),
        Err(_) => false,
    }
}

/// The beginning of a value, quoted, for a message.
pub(crate) fn excerpt(text: &[u8]) -> String {
    /// More would hide the message.
    const SHOWN: usize = 60;
    let mut shown = Vec::new();
    let start = &text[..text.len().min(SHOWN)];
    push_quoted(start, QuoteStyle::Readable, QuotePolicy::Never, &mut shown);
    String::from_utf8_lossy(&shown).into_owned()
}

/// Appends `text` as one unquoted piece of a word.
pub(crate) fn push_quoted(
    text: &[u8],
    style: QuoteStyle,
    quote_policy: QuotePolicy,
    out: &mut Vec<u8>,
) {
    match style {
        QuoteStyle::Gnu => gnu(text, out),
        _ if is_safe(text) && may_be_unquoted(text, quote_policy) => out.extend_from_slice(text),
        QuoteStyle::Portable => single(text, out),
        QuoteStyle::Readable if is_printable(text) => single(text, out),
        QuoteStyle::Readable => {
            out.extend_from_slice(b"$'");
            ansi(text, out);
            out.push(b'\'');
        }
    }
}

fn may_be_unquoted(text: &[u8], quote_policy: QuotePolicy) -> bool {
    match quote_policy {
        QuotePolicy::Always => true,
        QuotePolicy::UnlessKeyword => !is_keyword(text) && !text.contains(&b'='),
        QuotePolicy::Operand => !matches!(text.first(), Some(b'-' | b'=')),
        QuotePolicy::Never => false,
    }
}

pub(crate) fn single(text: &[u8], out: &mut Vec<u8>) {
    out.push(b'\'');
    close_and_reopen(text, out);
    out.push(b'\'');
}

fn close_and_reopen(text: &[u8], out: &mut Vec<u8>) {
    for &byte in text {
        match byte {
            b'\'' => out.extend_from_slice(b"'\\''"),
            _ => out.push(byte),
        }
    }
}

/// GNU parallel's quoting: `it's` is `'it'"'"'s'`.
pub(crate) fn gnu(text: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(&quoted_for_shell(text));
}

/// Appends `text` as a piece of `"…"`.
pub(crate) fn in_double(text: &[u8], out: &mut Vec<u8>) {
    if is_printable(text) {
        in_body(text, b"$`\"\\", out);
    } else {
        out.extend_from_slice(b"\"$'");
        ansi(text, out);
        out.extend_from_slice(b"'\"");
    }
}

/// Appends `text` as a piece of a here-document.
pub(crate) fn in_document(text: &[u8], out: &mut Vec<u8>) {
    in_body(text, b"$`\\", out);
}

fn in_body(text: &[u8], special: &[u8], out: &mut Vec<u8>) {
    for &byte in text {
        if special.contains(&byte) {
            out.push(b'\\');
        }
        out.push(byte);
    }
}

/// Appends `text` as a piece of `'…'`.
pub(crate) fn in_single(text: &[u8], out: &mut Vec<u8>) {
    if !is_printable(text) {
        out.extend_from_slice(b"'$'");
        ansi(text, out);
        out.extend_from_slice(b"''");
        return;
    }
    close_and_reopen(text, out);
}

/// Appends `text` as a piece of `$'…'`. Octal escapes have a fixed width, so that
/// a digit after one is not drawn into it.
pub(crate) fn ansi(text: &[u8], out: &mut Vec<u8>) {
    for chunk in text.utf8_chunks() {
        for letter in chunk.valid().chars() {
            match letter {
                '\n' => out.extend_from_slice(b"\\n"),
                '\t' => out.extend_from_slice(b"\\t"),
                '\r' => out.extend_from_slice(b"\\r"),
                '\'' | '\\' => out.extend_from_slice(&[b'\\', letter as u8]),
                _ => {
                    let mut bytes = [0; 4];
                    let bytes = letter.encode_utf8(&mut bytes).as_bytes();
                    if letter.is_control() {
                        octal(bytes, out);
                    } else {
                        out.extend_from_slice(bytes);
                    }
                }
            }
        }
        octal(chunk.invalid(), out);
    }
}

fn octal(bytes: &[u8], out: &mut Vec<u8>) {
    for byte in bytes {
        out.extend_from_slice(&[
            b'\\',
            b'0' + (byte >> 6),
            b'0' + (byte >> 3 & 7),
            b'0' + (byte & 7),
        ]);
    }
}

/// Words that a shell reads as syntax where a command begins.
const KEYWORDS: [&[u8]; 21] = [
    b"!",
    b"[[",
    b"]]",
    b"case",
    b"coproc",
    b"do",
    b"done",
    b"elif",
    b"else",
    b"esac",
    b"fi",
    b"for",
    b"function",
    b"if",
    b"in",
    b"select",
    b"then",
    b"time",
    b"until",
    b"while",
    b"}",
];

/// Tells whether a shell reads `word` as syntax where a command begins.
pub(crate) fn is_keyword(word: &[u8]) -> bool {
    word == b"{" || KEYWORDS.contains(&word)
}

/// Conditions under which a harmless value is shown without quotes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum QuotePolicy {
    Always,
    /// At the beginning of a command, where keywords and assignments are read.
    UnlessKeyword,
    /// Inside `[[ ]]`: `-a` and `=` would be operators there.
    Operand,
    /// The text around it would change its meaning: `~<>`, `{1..<>}`, `<>>out`.
    Never,
}

pub(crate) fn lossy(text: &[u8]) -> String {
    String::from_utf8_lossy(text).into_owned()
}

/// A command line for a hint, quoted for the shell that prun is typed into.
pub(crate) fn quoted(text: &[u8]) -> String {
    let mut out = Vec::new();
    push_quoted(text, QuoteStyle::Readable, QuotePolicy::Never, &mut out);
    lossy(&out)
}

/// A line as one word, in the quotes that leave it readable.
pub(crate) fn as_one_word(line: &[u8]) -> String {
    let has_quotes = line.contains(&b'\'');
    if has_quotes
        && !line
            .iter()
            .any(|byte| b"$`\"\\!".contains(byte) || *byte < b' ')
    {
        format!("\"{}\"", lossy(line))
    } else {
        quoted(line)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &[u8]) -> String {
        let mut out = Vec::new();
        push_quoted(text, QuoteStyle::Readable, QuotePolicy::Always, &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn people_read_values_with_few_quotes() {
        let table: [(&[u8], &str); 9] = [
            (b"a/b-c.tar.gz", "a/b-c.tar.gz"),
            (b"", "''"),
            (b"a b", "'a b'"),
            (b"it's", r"'it'\''s'"),
            (b"~", "'~'"),
            (b"--a=1", "--a=1"),
            ("é".as_bytes(), "'é'"),
            (b"a\nb\x1b", r"$'a\nb\033'"),
            (b"\xff'\\1", r"$'\377\'\\1'"),
        ];
        for (text, expected) in table {
            assert_eq!(shown(text), expected);
        }
    }

    #[test]
    fn gnu_quoting_is_reproduced() {
        let table = [
            ("it's", r#"'it'"'"'s'"#),
            ("'a'", r#""'"'a'"'""#),
            ("'", r#""'""#),
            ("-n", "-n"),
            ("", "''"),
            ("a:b", "'a:b'"),
        ];
        for (text, expected) in table {
            let mut out = Vec::new();
            gnu(text.as_bytes(), &mut out);
            assert_eq!(out, expected.as_bytes());
        }
    }
}
