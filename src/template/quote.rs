//! Quoting: a text that a shell reads back as the same bytes.

use crate::expression::quoted_for_shell;

use super::lex::{AnsiQuoted, QuotePolicy};
use super::{CommandDialect, table};

/// How values are quoted where they stand in the open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum QuoteStyle {
    /// As a person would: quotes only where needed, control bytes visible.
    Readable,
    /// The same for any shell: control bytes as they are.
    Portable,
    /// As GNU parallel does.
    Gnu,
}

impl QuoteStyle {
    /// How commands of this dialect are shown.
    pub(super) fn of(dialect: CommandDialect) -> QuoteStyle {
        match dialect {
            CommandDialect::Own => QuoteStyle::Readable,
            CommandDialect::Gnu => QuoteStyle::Gnu,
        }
    }
}

/// Which bytes need no quotes in the middle of a word.
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

/// Whether `'…'` shows the text as it is: no control bytes, valid UTF-8.
fn is_printable(text: &[u8]) -> bool {
    match std::str::from_utf8(text) {
        Ok(text) => !text.chars().any(char::is_control),
        Err(_) => false,
    }
}

/// The beginning of a value, quoted, for a message.
pub(super) fn excerpt(text: &[u8]) -> String {
    /// More would hide the message.
    const SHOWN: usize = 60;
    let mut shown = Vec::new();
    let start = &text[..text.len().min(SHOWN)];
    unquoted(start, QuoteStyle::Readable, QuotePolicy::Never, &mut shown);
    String::from_utf8_lossy(&shown).into_owned()
}

/// Appends `text` as one unquoted piece of a word.
pub(super) fn unquoted(text: &[u8], style: QuoteStyle, bare: QuotePolicy, out: &mut Vec<u8>) {
    match style {
        QuoteStyle::Gnu => gnu(text, out),
        _ if is_safe(text) && may_be_bare(text, bare) => out.extend_from_slice(text),
        QuoteStyle::Portable => single(text, out),
        QuoteStyle::Readable if is_printable(text) => single(text, out),
        QuoteStyle::Readable => {
            out.extend_from_slice(b"$'");
            ansi(text, out);
            out.push(b'\'');
        }
    }
}

fn may_be_bare(text: &[u8], bare: QuotePolicy) -> bool {
    match bare {
        QuotePolicy::Always => true,
        QuotePolicy::UnlessKeyword => !table::is_keyword(text) && !text.contains(&b'='),
        QuotePolicy::Operand => !matches!(text.first(), Some(b'-' | b'=')),
        QuotePolicy::Never => false,
    }
}

pub(super) fn single(text: &[u8], out: &mut Vec<u8>) {
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
pub(super) fn gnu(text: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(&quoted_for_shell(text));
}

/// Appends `text` as a piece of `"…"`.
pub(super) fn in_double(text: &[u8], out: &mut Vec<u8>) {
    if is_printable(text) {
        in_body(text, b"$`\"\\", out);
    } else {
        out.extend_from_slice(b"\"$'");
        ansi(text, out);
        out.extend_from_slice(b"'\"");
    }
}

/// Appends `text` as a piece of a here-document.
pub(super) fn in_document(text: &[u8], out: &mut Vec<u8>) {
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
pub(super) fn in_single(text: &[u8], out: &mut Vec<u8>) {
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
pub(super) fn ansi(text: &[u8], out: &mut Vec<u8>) {
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

/// The text of a command for a shell that may not know `$'…'`, which stands at `places`:
/// each becomes a word in plain quotes. `None` if one with a newline is in a here-document,
/// which plain quotes do not keep from ending there.
pub(super) fn portable(text: &[u8], mut places: Vec<AnsiQuoted>) -> Option<Vec<u8>> {
    places.sort_by_key(|place| place.range.start);
    let mut out = Vec::with_capacity(text.len());
    let mut at = 0;
    for AnsiQuoted {
        range: place,
        in_document,
    } in places
    {
        let body = place.start + 2..place.end - 1;
        // One that was read twice.
        if place.start < at {
            continue;
        }
        // Of the escapes of others, some are left to the shell.
        if let Some(bytes) = unescaped(&text[body]) {
            if in_document && bytes.contains(&b'\n') {
                return None;
            }
            out.extend_from_slice(&text[at..place.start]);
            single(&bytes, &mut out);
            at = place.end;
        }
    }
    out.extend_from_slice(&text[at..]);
    Some(out)
}

/// What the body of a `$'…'` means, if it has no escapes that [`ansi`] does not write.
fn unescaped(body: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(body.len());
    let mut rest = body;
    loop {
        rest = match rest {
            [] => return Some(out),
            [
                b'\\',
                a @ b'0'..=b'3',
                b @ b'0'..=b'7',
                c @ b'0'..=b'7',
                rest @ ..,
            ] => {
                let byte = (a - b'0') << 6 | (b - b'0') << 3 | (c - b'0');
                // No argument can hold it.
                out.push(Some(byte).filter(|&byte| byte > 0)?);
                rest
            }
            [b'\\', escape, rest @ ..] => {
                out.push(match escape {
                    b'n' => b'\n',
                    b't' => b'\t',
                    b'r' => b'\r',
                    b'\'' | b'\\' => *escape,
                    _ => return None,
                });
                rest
            }
            [byte, rest @ ..] => {
                out.push(*byte);
                rest
            }
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &[u8]) -> String {
        let mut out = Vec::new();
        unquoted(text, QuoteStyle::Readable, QuotePolicy::Always, &mut out);
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

    fn made_portable(text: &[u8]) -> Vec<u8> {
        let line = super::super::lex::lex(text, &super::super::syntax::PlaceholderSyntax::NONE);
        portable(text, line.ansi).unwrap()
    }

    #[test]
    fn any_shell_reads_what_was_made_portable() {
        let table: [(&str, &str); 8] = [
            (r"echo $'a\nb'$'\033'", "echo 'a\nb''\x1b'"),
            (r"echo $'it\'s\\'", r"echo 'it'\''s\'"),
            ("echo \"x\"$'\\t'\"\"", "echo \"x\"'\t'\"\""),
            (r#"a "$'b'" '$'c '$'"#, r#"a "$'b'" '$'c '$'"#),
            (r"a $(b $'\n' $(( 1 )) )", "a $(b '\n' $(( 1 )) )"),
            (r"a $'\x41' $'\000'", r"a $'\x41' $'\000'"),
            ("cat <<E\n$'\\n'\nE", "cat <<E\n$'\\n'\nE"),
            (r"echo \$'a\n' $'", r"echo \$'a\n' $'"),
        ];
        for (text, expected) in table {
            let made = made_portable(text.as_bytes());
            assert_eq!(String::from_utf8_lossy(&made), expected);
        }
    }

    proptest::proptest! {
        #[test]
        fn every_value_comes_back_from_what_was_shown(
            value in proptest::collection::vec(1u8.., 0..12),
        ) {
            let mut shown = b"echo ".to_vec();
            unquoted(&value, QuoteStyle::Readable, QuotePolicy::Always, &mut shown);
            let mut expected = b"echo ".to_vec();
            unquoted(&value, QuoteStyle::Portable, QuotePolicy::Always, &mut expected);
            proptest::prop_assert_eq!(made_portable(&shown), expected);
        }
    }
}
