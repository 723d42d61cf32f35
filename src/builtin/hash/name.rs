//! Names of files in lists of checksums.

/// The name with escapes for bytes that would break a line, if there are any.
pub(super) fn escape(name: &[u8]) -> Option<Vec<u8>> {
    let special = |byte: &u8| matches!(byte, b'\\' | b'\n' | b'\r');
    if !name.iter().any(special) {
        return None;
    }
    let mut out = Vec::with_capacity(name.len() + 4);
    for byte in name {
        match byte {
            b'\\' => out.extend_from_slice(b"\\\\"),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            _ => out.push(*byte),
        }
    }
    Some(out)
}

/// The name behind escapes; `None` if they are wrong.
pub(super) fn unescape(text: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.iter();
    while let Some(byte) = bytes.next() {
        out.push(match byte {
            0 => return None,
            b'\\' => match bytes.next()? {
                b'\\' => b'\\',
                b'n' => b'\n',
                b'r' => b'\r',
                _ => return None,
            },
            _ => *byte,
        });
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn escaped_names_come_back(name in prop::collection::vec(prop::sample::select(b"a\\\n\rn ".as_slice()), 0..12)) {
            let escaped = escape(&name).unwrap_or(name.clone());
            prop_assert!(!escaped.contains(&b'\n'));
            prop_assert_eq!(unescape(&escaped).unwrap(), name);
        }
    }
}
