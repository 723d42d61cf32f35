//! `@base64`, `@hex` and back.

use std::io::{self, Write};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::{each_chunk, named};
use crate::builtin::arguments::{ArgumentError, BuiltinOption, ParsedArguments};
use crate::builtin::{BufferedStdout, BuiltinIo, BuiltinSpec, Transform, complain};

pub(in crate::builtin) static BASE64: BuiltinSpec = BuiltinSpec {
    name: "@base64",
    about: "The contents of files in base64, as base64 prints them",
    notes: "As base64(1). Each of several files is encoded for itself. @unbase64 is the same as -d.",
    flags: &[
        BuiltinOption::with(
            Some('w'),
            "wrap",
            "COLS",
            "Lines of so many characters, 76 if nothing is said; 0: one",
        ),
        BuiltinOption::switch(Some('d'), "decode", "Decode, as @unbase64 does"),
        IGNORE_GARBAGE,
    ],
    build: |parsed| {
        let columns = columns(parsed, "wrap", 76)?;
        Ok(if parsed.has("decode") {
            decoder("@base64", parsed)
        } else {
            Box::new(EncodeTransform {
                name: "@base64",
                columns,
                code: TextEncoding::Base64,
            })
        })
    },
};

const IGNORE_GARBAGE: BuiltinOption = BuiltinOption::switch(
    Some('i'),
    "ignore-garbage",
    "When decoding, pass over what is no base64",
);

fn decoder(name: &'static str, parsed: &ParsedArguments) -> Box<dyn Transform> {
    Box::new(DecodeTransform {
        name,
        code: TextEncoding::Base64,
        garbage: if parsed.has("ignore-garbage") {
            InvalidDigits::Ignored
        } else {
            InvalidDigits::Refused
        },
    })
}

pub(in crate::builtin) static HEX: BuiltinSpec = BuiltinSpec {
    name: "@hex",
    about: "The contents of files in hexadecimal, as xxd -p",
    notes: "As xxd -p. Each of several files is encoded for itself. @unhex is the way back.",
    flags: &[BuiltinOption::with(
        Some('c'),
        "cols",
        "N",
        "Lines of so many bytes, 30 if nothing is said; 0: one",
    )],
    build: |parsed| {
        let columns = columns(parsed, "cols", 30)?.saturating_mul(2);
        Ok(Box::new(EncodeTransform {
            name: "@hex",
            columns,
            code: TextEncoding::Hex,
        }))
    },
};

pub(in crate::builtin) static UNBASE64: BuiltinSpec = BuiltinSpec {
    name: "@unbase64",
    about: "What was encoded in base64, as base64 -d",
    notes: "As base64 -d: what is no base64 is an error, after what could be decoded before it.",
    flags: &[IGNORE_GARBAGE],
    build: |parsed| Ok(decoder("@unbase64", parsed)),
};

pub(in crate::builtin) static UNHEX: BuiltinSpec = BuiltinSpec {
    name: "@unhex",
    about: "What was encoded in hexadecimal, as xxd -r -p",
    notes: "Digits may be in upper or lower case, with white space anywhere. Unlike xxd -r -p,
which passes over it, anything else is an error.",
    flags: &[],
    build: |_| {
        Ok(Box::new(DecodeTransform {
            name: "@unhex",
            code: TextEncoding::Hex,
            garbage: InvalidDigits::Refused,
        }))
    },
};

fn columns(parsed: &ParsedArguments, option: &str, usual: usize) -> Result<usize, ArgumentError> {
    let Some(text) = parsed.value(option) else {
        return Ok(usual);
    };
    let text = String::from_utf8_lossy(text);
    let wrong = |_| ArgumentError::Wrong(format!("'{text}' is no number"));
    text.parse().map_err(wrong)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum TextEncoding {
    Base64,
    Hex,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum InvalidDigits {
    Ignored,
    Refused,
}

#[derive(Debug)]
struct EncodeTransform {
    name: &'static str,
    /// The length of lines; 0 for a single one without an end.
    columns: usize,
    code: TextEncoding,
}

impl Transform for EncodeTransform {
    fn run(&self, files: &[Vec<u8>], stdio: &BuiltinIo<'_>) -> io::Result<u8> {
        let mut status = 0;
        let mut out = BufferedStdout::new(stdio);
        for file in named(files) {
            if let Err(error) = self.encode_file(file, stdio, &mut out) {
                status = 1;
                out.flush()?;
                complain(stdio, &format!("{}: cannot read", self.name), file, error)?;
            }
        }
        out.flush()?;
        Ok(status)
    }
}

impl EncodeTransform {
    fn encode_file(
        &self,
        file: &[u8],
        stdio: &BuiltinIo<'_>,
        out: &mut BufferedStdout<'_>,
    ) -> io::Result<()> {
        let mut lines = WrappedLines {
            columns: self.columns,
            column: 0,
            any: false,
            cut: Vec::new(),
        };
        let (mut rest, mut text) = (Vec::new(), Vec::new());
        each_chunk(file, stdio, |mut bytes| {
            text.clear();
            // What was left of the last chunk goes first, filled up to a whole group.
            if !rest.is_empty() {
                let (more, others) = bytes.split_at(bytes.len().min(GROUP - rest.len()));
                rest.extend_from_slice(more);
                bytes = others;
                if rest.len() < GROUP {
                    return Ok(());
                }
                self.encode(&rest, &mut text);
            }
            let (whole, left) = bytes.split_at(bytes.len() / GROUP * GROUP);
            self.encode(whole, &mut text);
            rest.clear();
            rest.extend_from_slice(left);
            lines.write(&text, out)
        })?;
        text.clear();
        self.encode(&rest, &mut text);
        lines.write(&text, out)?;
        lines.finish(self.code, out)
    }

    /// Appends the code of the bytes.
    fn encode(&self, bytes: &[u8], text: &mut Vec<u8>) {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        match self.code {
            TextEncoding::Base64 => {
                let filled = text.len();
                text.resize(filled + bytes.len().div_ceil(GROUP) * 4, 0);
                let encoded = STANDARD.encode_slice(bytes, &mut text[filled..]);
                encoded.expect("the text is as long as it has to be");
            }
            TextEncoding::Hex => {
                text.extend(bytes.iter().flat_map(|byte| {
                    [byte >> 4, byte & 15].map(|digit| DIGITS[usize::from(digit)])
                }))
            }
        }
    }
}

/// So many bytes are encoded together, as four characters.
const GROUP: usize = 3;

/// Text cut into lines of the same length.
struct WrappedLines {
    columns: usize,
    column: usize,
    any: bool,
    /// What is written at once.
    cut: Vec<u8>,
}

impl WrappedLines {
    fn write(&mut self, text: &[u8], out: &mut BufferedStdout<'_>) -> io::Result<()> {
        self.any |= !text.is_empty();
        if self.columns == 0 {
            return out.write_all(text);
        }
        self.cut.clear();
        let mut rest = text;
        while !rest.is_empty() {
            let (line, after) = rest.split_at(rest.len().min(self.columns - self.column));
            self.cut.extend_from_slice(line);
            self.column += line.len();
            if self.column == self.columns {
                self.cut.push(b'\n');
                self.column = 0;
            }
            rest = after;
        }
        out.write_all(&self.cut)
    }

    /// Ends the last line. In one line, xxd ends it and base64 does not.
    fn finish(&self, code: TextEncoding, out: &mut BufferedStdout<'_>) -> io::Result<()> {
        let is_open = match self.columns {
            0 => self.any && code == TextEncoding::Hex,
            _ => self.column > 0,
        };
        if is_open {
            out.write_all(b"\n")
        } else {
            Ok(())
        }
    }
}

#[derive(Debug)]
struct DecodeTransform {
    name: &'static str,
    code: TextEncoding,
    garbage: InvalidDigits,
}

impl Transform for DecodeTransform {
    fn run(&self, files: &[Vec<u8>], stdio: &BuiltinIo<'_>) -> io::Result<u8> {
        let mut status = 0;
        let mut out = BufferedStdout::new(stdio);
        for file in named(files) {
            if let Err(error) = self.decode_file(file, stdio, &mut out) {
                status = 1;
                out.flush()?;
                let what = match error.kind() {
                    io::ErrorKind::InvalidData => "cannot decode",
                    _ => "cannot read",
                };
                complain(stdio, &format!("{}: {what}", self.name), file, error)?;
            }
        }
        out.flush()?;
        Ok(status)
    }
}

fn invalid() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "invalid input")
}

impl DecodeTransform {
    fn decode_file(
        &self,
        file: &[u8],
        stdio: &BuiltinIo<'_>,
        out: &mut BufferedStdout<'_>,
    ) -> io::Result<()> {
        let mut group = DigitGroup::default();
        let mut decoded = Vec::new();
        each_chunk(file, stdio, |bytes| {
            decoded.clear();
            let result = bytes
                .iter()
                .try_for_each(|byte| self.take(*byte, &mut group, &mut decoded));
            out.write_all(&decoded)?;
            result
        })?;
        decoded.clear();
        let result = match group.length {
            0 => Ok(()),
            _ => self.decode(&mut group, &mut decoded).and(Err(invalid())),
        };
        out.write_all(&decoded)?;
        result
    }

    fn take(&self, byte: u8, group: &mut DigitGroup, decoded: &mut Vec<u8>) -> io::Result<()> {
        let is_space = match self.code {
            TextEncoding::Base64 => byte == b'\n',
            TextEncoding::Hex => byte.is_ascii_whitespace(),
        };
        if is_space || self.garbage == InvalidDigits::Ignored && !is_base64(byte) {
            return Ok(());
        }
        group.digits[group.length] = byte;
        group.length += 1;
        match (self.code, group.length) {
            (TextEncoding::Base64, 4) | (TextEncoding::Hex, 2) => self.decode(group, decoded),
            _ => Ok(()),
        }
    }

    /// Decodes a group, or what there is of it, as far as it is right.
    fn decode(&self, group: &mut DigitGroup, decoded: &mut Vec<u8>) -> io::Result<()> {
        let digits = std::mem::take(&mut group.digits);
        group.length = 0;
        match self.code {
            TextEncoding::Base64 => decode_base64(digits, decoded).ok_or_else(invalid),
            TextEncoding::Hex => {
                let digit = |byte: u8| char::from(byte).to_digit(16);
                match digits.map(digit) {
                    [Some(high), Some(low), ..] => decoded.push((high << 4 | low) as u8),
                    _ => return Err(invalid()),
                }
                Ok(())
            }
        }
    }
}

/// Digits that belong together; zeros where there is none.
#[derive(Default)]
struct DigitGroup {
    digits: [u8; 4],
    length: usize,
}

fn decode_base64(digits: [u8; 4], decoded: &mut Vec<u8>) -> Option<()> {
    let [first, second, third, fourth] = digits.map(sextet);
    let (first, second) = (first?, second?);
    decoded.push(first << 2 | second >> 4);
    if digits[2] == b'=' {
        return (digits[3] == b'=').then_some(());
    }
    let third = third?;
    decoded.push(second << 4 | third >> 2);
    if digits[3] == b'=' {
        return Some(());
    }
    decoded.push(third << 6 | fourth?);
    Some(())
}

fn sextet(byte: u8) -> Option<u8> {
    Some(match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    })
}

fn is_base64(byte: u8) -> bool {
    byte == b'=' || sextet(byte).is_some()
}
