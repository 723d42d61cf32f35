//! Layout of JSON: on many lines, or on one.

use std::io::{self, Write};

use memchr::memchr;

use super::scan::{JsonSink, JsonToken};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum JsonStyle {
    Pretty,
    Compact,
}

/// Writes values in a style.
pub(super) struct JsonWriter<W> {
    pub(super) out: W,
    style: JsonStyle,
    depth: usize,
    /// An object or array has begun and nothing is in it yet.
    is_empty: bool,
    /// First half of a surrogate pair, as it is written.
    half: Option<[u8; 6]>,
}

impl<W: Write> JsonWriter<W> {
    pub(super) fn new(out: W, style: JsonStyle) -> JsonWriter<W> {
        JsonWriter {
            out,
            style,
            depth: 0,
            is_empty: false,
            half: None,
        }
    }

    /// A part of a string, or another scalar. An escape is a part of its own.
    fn text(&mut self, text: &[u8]) -> io::Result<()> {
        if text.is_empty() {
            return Ok(());
        }
        let unit = text.strip_prefix(b"\\u").and_then(code_unit);
        if let Some(half) = self.half.take() {
            let first = half.strip_prefix(b"\\u").and_then(code_unit);
            if let (Some(first), Some(second @ 0xdc00..=0xdfff)) = (first, unit) {
                let character = char::decode_utf16([first, second]).next();
                return self.character(character.and_then(Result::ok).unwrap_or('\u{fffd}'));
            }
            self.out.write_all(&half)?;
        }
        match (unit, text) {
            (Some(0xd800..=0xdbff), _) => {
                self.half = text.try_into().ok();
                Ok(())
            }
            // UTF-8 cannot hold it.
            (Some(0xdc00..=0xdfff), _) => self.out.write_all(text),
            (Some(unit), _) => self.character(char::from_u32(unit.into()).unwrap_or('\u{fffd}')),
            (None, b"\\/") => self.out.write_all(b"/"),
            (None, _) => self.plain(text),
        }
    }

    /// Text without escapes: jq escapes DEL, too.
    fn plain(&mut self, text: &[u8]) -> io::Result<()> {
        let mut rest = text;
        while let Some(at) = memchr(0x7f, rest) {
            self.out.write_all(&rest[..at])?;
            self.out.write_all(b"\\u007f")?;
            rest = &rest[at + 1..];
        }
        self.out.write_all(rest)
    }

    fn character(&mut self, character: char) -> io::Result<()> {
        match character {
            '"' => self.out.write_all(b"\\\""),
            '\\' => self.out.write_all(b"\\\\"),
            '\u{8}' => self.out.write_all(b"\\b"),
            '\u{c}' => self.out.write_all(b"\\f"),
            '\n' => self.out.write_all(b"\\n"),
            '\r' => self.out.write_all(b"\\r"),
            '\t' => self.out.write_all(b"\\t"),
            '\0'..='\x1f' | '\x7f' => write!(self.out, "\\u{:04x}", u32::from(character)),
            _ => (self.out).write_all(character.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }

    fn new_line(&mut self) -> io::Result<()> {
        const INDENT: &[u8] = b"  ";
        if self.style == JsonStyle::Compact {
            return Ok(());
        }
        self.out.write_all(b"\n")?;
        (0..self.depth).try_for_each(|_| self.out.write_all(INDENT))
    }
}

/// Four hexadecimal digits.
fn code_unit(digits: &[u8]) -> Option<u16> {
    let digits = std::str::from_utf8(digits).ok()?;
    u16::from_str_radix(digits, 16).ok()
}

impl<W: Write> JsonSink for JsonWriter<W> {
    fn token(&mut self, token: JsonToken, text: &[u8]) -> io::Result<()> {
        let was_empty = std::mem::take(&mut self.is_empty);
        match token {
            JsonToken::End => {
                self.depth -= 1;
                if !was_empty {
                    self.new_line()?;
                }
            }
            _ if was_empty => self.new_line()?,
            _ => {}
        }
        match token {
            JsonToken::Key | JsonToken::Scalar => self.text(text)?,
            _ => self.out.write_all(text)?,
        }
        match token {
            JsonToken::Begin => {
                self.depth += 1;
                self.is_empty = true;
                Ok(())
            }
            JsonToken::Comma => self.new_line(),
            JsonToken::Colon if self.style == JsonStyle::Pretty => self.out.write_all(b" "),
            _ => Ok(()),
        }
    }

    fn end_of_value(&mut self) -> io::Result<()> {
        self.out.write_all(b"\n")
    }
}
