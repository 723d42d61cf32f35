//! Results as JSON: one object a line, with the keys of GNU parallel. Always valid: a byte
//! that is no part of UTF-8 becomes a lone surrogate, `\udc80` to `\udcff`, from which
//! Python's `surrogateescape` makes the byte again.

use std::io;

use super::row::ResultsRow;
use super::table_file::TableFile;
use crate::spool::Spool;

/// Adds a job's line.
pub(super) fn write(record: &ResultsRow<'_>, file: &mut TableFile) -> io::Result<()> {
    let [seq, host, started, runtime, send, receive, exit, signal] = record.numbers();
    file.push(b"{ \"Seq\": ")?;
    file.push(&seq)?;
    file.push(b", \"Host\": ")?;
    string(&host, file)?;
    for (key, number) in [
        ("Starttime", started),
        ("JobRuntime", runtime),
        ("Send", send),
        ("Receive", receive),
        ("Exitval", exit),
        ("Signal", signal),
    ] {
        file.push(format!(", \"{key}\": ").as_bytes())?;
        file.push(&number)?;
    }
    file.push(b", \"Command\": ")?;
    string(&record.command, file)?;
    file.push(b", \"V\": [ ")?;
    for (nth, value) in record.values().iter().enumerate() {
        if nth > 0 {
            file.push(b",")?;
        }
        string(value, file)?;
    }
    file.push(b" ], \"Stdout\": ")?;
    spool(record.stdout, file)?;
    file.push(b", \"Stderr\": ")?;
    spool(record.stderr, file)?;
    file.push(b" }\n")
}

fn string(bytes: &[u8], file: &mut TableFile) -> io::Result<()> {
    let mut text = JsonString::default();
    file.push(b"\"")?;
    text.push(bytes, file)?;
    text.end(file)?;
    file.push(b"\"")
}

fn spool(spool: &Spool, file: &mut TableFile) -> io::Result<()> {
    let mut text = JsonString::default();
    file.push(b"\"")?;
    spool.deliver(|_, _, _| 0, |piece| text.push(piece, file))?;
    text.end(file)?;
    file.push(b"\"")
}

/// A string whose bytes come in pieces.
#[derive(Default)]
struct JsonString {
    /// The beginning of a character whose other bytes are still to come.
    begun: Vec<u8>,
}

impl JsonString {
    fn push(&mut self, mut bytes: &[u8], file: &mut TableFile) -> io::Result<()> {
        while !self.begun.is_empty() && !bytes.is_empty() {
            // At most four bytes make a character.
            let (next, rest) = bytes.split_at(bytes.len().min(4));
            self.begun.extend_from_slice(next);
            bytes = rest;
            let whole = self.begun.len() - unfinished(&self.begun);
            escaped(&self.begun[..whole], file)?;
            self.begun.drain(..whole);
        }
        let whole = bytes.len() - unfinished(bytes);
        escaped(&bytes[..whole], file)?;
        self.begun.extend_from_slice(&bytes[whole..]);
        Ok(())
    }

    fn end(&mut self, file: &mut TableFile) -> io::Result<()> {
        escaped(&std::mem::take(&mut self.begun), file)
    }
}

/// Tells whether more bytes could make a character of these.
fn is_beginning(bytes: &[u8]) -> bool {
    match std::str::from_utf8(bytes) {
        Ok(_) => false,
        Err(error) => error.valid_up_to() == 0 && error.error_len().is_none(),
    }
}

/// Number of bytes at the end that begin a character which is not finished.
fn unfinished(bytes: &[u8]) -> usize {
    let longest = bytes.len().min(3);
    let mut counts = (1..=longest).rev();
    let found = counts.find(|count| is_beginning(&bytes[bytes.len() - count..]));
    found.unwrap_or(0)
}

fn escaped(bytes: &[u8], file: &mut TableFile) -> io::Result<()> {
    for chunk in bytes.utf8_chunks() {
        let valid = chunk.valid().as_bytes();
        let mut from = 0;
        for (at, &byte) in valid.iter().enumerate() {
            let is_plain = byte >= b' ' && byte != b'"' && byte != b'\\';
            if is_plain {
                continue;
            }
            file.push(&valid[from..at])?;
            from = at + 1;
            match byte {
                b'"' | b'\\' => file.push(&[b'\\', byte])?,
                _ => file.push(format!("\\u{byte:04x}").as_bytes())?,
            }
        }
        file.push(&valid[from..])?;
        for byte in chunk.invalid() {
            file.push(format!("\\udc{byte:02x}").as_bytes())?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn text(pieces: &[&[u8]]) -> String {
        let mut file = TableFile::test();
        let mut text = JsonString::default();
        for piece in pieces {
            text.push(piece, &mut file).unwrap();
        }
        text.end(&mut file).unwrap();
        String::from_utf8(file.text()).unwrap()
    }

    /// What `text` was made from.
    fn decoded(mut text: &str) -> Vec<u8> {
        let mut bytes = Vec::new();
        while let Some(letter) = text.chars().next() {
            if letter != '\\' {
                bytes.extend_from_slice(letter.to_string().as_bytes());
                text = &text[letter.len_utf8()..];
            } else if let Some(digits) = text.strip_prefix("\\u") {
                let code = u32::from_str_radix(&digits[..4], 16).unwrap();
                assert!(code < 0x20 || (0xdc80..=0xdcff).contains(&code));
                bytes.push(code as u8);
                text = &digits[4..];
            } else {
                bytes.push(text.as_bytes()[1]);
                text = &text[2..];
            }
        }
        bytes
    }

    #[test]
    fn strings_are_valid_whatever_the_bytes() {
        assert_eq!(text(&[b"a\"b\\\n\x01"]), r#"a\"b\\\u000a\u0001"#);
        assert_eq!(text(&["é€".as_bytes()]), "é€");
        assert_eq!(text(&[b"\xff\xc3"]), r"\udcff\udcc3");
        assert_eq!(text(&[b"\xe2", b"\x82", b"\xac"]), "€");
        assert_eq!(text(&[b"\xe2\x82", b"x"]), r"\udce2\udc82x");
    }

    proptest! {
        #[test]
        fn strings_can_be_read_back_and_pieces_do_not_matter(
            bytes in prop::collection::vec(prop_oneof![any::<u8>(), prop::sample::select("é€𝄞\"\\\n".as_bytes().to_vec())], 0..40),
            cuts in prop::collection::vec(0usize..40, 0..6)
        ) {
            let whole = text(&[&bytes]);
            prop_assert_eq!(decoded(&whole), bytes.clone());
            let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(bytes.len())).collect();
            cuts.extend([0, bytes.len()]);
            cuts.sort_unstable();
            let pieces: Vec<&[u8]> = cuts.windows(2).map(|two| &bytes[two[0]..two[1]]).collect();
            prop_assert_eq!(text(&pieces), whole);
        }
    }
}
