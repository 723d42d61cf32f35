//! `$'…'` for shells that do not know it.

use crate::quote::single;

use super::lex::AnsiQuoted;

/// The text of a command for a shell that may not know `$'…'`, which stands at `places`:
/// each becomes a word in plain quotes. `None` if one with a newline is in a here-document,
/// which plain quotes do not keep from ending there.
pub(crate) fn without_ansi_quotes(text: &[u8], mut places: Vec<AnsiQuoted>) -> Option<Vec<u8>> {
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

/// Bytes that the body of a `$'…'` stands for; `None` if it has escapes that
/// [`crate::quote::ansi`] does not write.
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
    use crate::placeholder::PlaceholderSyntax;
    use crate::quote::{QuotePolicy, QuoteStyle, push_quoted};
    use crate::shell::lex::lex;

    use super::*;

    fn made_portable(text: &[u8]) -> Vec<u8> {
        let line = lex(text, &PlaceholderSyntax::NONE);
        without_ansi_quotes(text, line.ansi).unwrap()
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
            push_quoted(&value, QuoteStyle::Readable, QuotePolicy::Always, &mut shown);
            let mut expected = b"echo ".to_vec();
            push_quoted(&value, QuoteStyle::Portable, QuotePolicy::Always, &mut expected);
            proptest::prop_assert_eq!(made_portable(&shown), expected);
        }
    }
}
