//! `@base64`, `@hex` and back.

use std::io::{self, Write};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::{each_chunk, named};
use crate::builtin::arguments::{Flag, Parsed, Problem};
use crate::builtin::{Out, Port, Spec, Transform, complain};

pub(in crate::builtin) static BASE64: Spec = Spec {
    name: "@base64",
    about: "The contents of files in base64, as base64 prints them",
    notes: "As base64(1). Each of several files is encoded for itself. @unbase64 is the same as -d.",
    flags: &[
        Flag::with(
            Some('w'),
            "wrap",
            "COLS",
            "Lines of so many characters, 76 if nothing is said; 0: one",
        ),
        Flag::switch(Some('d'), "decode", "Decode, as @unbase64 does"),
        IGNORE_GARBAGE,
    ],
    build: |parsed| {
        let columns = columns(parsed, "wrap", 76)?;
        Ok(match parsed.has("decode") {
            true => decoder("@base64", parsed),
            false => Box::new(Encode {
                name: "@base64",
                columns,
                code: Code::Base64,
            }),
        })
    },
};

const IGNORE_GARBAGE: Flag = Flag::switch(
    Some('i'),
    "ignore-garbage",
    "When decoding, pass over what is no base64",
);

fn decoder(name: &'static str, parsed: &Parsed) -> Box<dyn Transform> {
    Box::new(Decode {
        name,
        code: Code::Base64,
        garbage: match parsed.has("ignore-garbage") {
            true => Garbage::Ignored,
            false => Garbage::Refused,
        },
    })
}

pub(in crate::builtin) static HEX: Spec = Spec {
    name: "@hex",
    about: "The contents of files in hexadecimal, as xxd -p",
    notes: "As xxd -p. Each of several files is encoded for itself. @unhex is the way back.",
    flags: &[Flag::with(
        Some('c'),
        "cols",
        "N",
        "Lines of so many bytes, 30 if nothing is said; 0: one",
    )],
    build: |parsed| {
        let columns = columns(parsed, "cols", 30)?.saturating_mul(2);
        Ok(Box::new(Encode {
            name: "@hex",
            columns,
            code: Code::Hex,
        }))
    },
};

pub(in crate::builtin) static UNBASE64: Spec = Spec {
    name: "@unbase64",
    about: "What was encoded in base64, as base64 -d",
    notes: "As base64 -d: what is no base64 is an error, after what could be decoded before it.",
    flags: &[IGNORE_GARBAGE],
    build: |parsed| Ok(decoder("@unbase64", parsed)),
};

pub(in crate::builtin) static UNHEX: Spec = Spec {
    name: "@unhex",
    about: "What was encoded in hexadecimal, as xxd -r -p",
    notes: "Digits may be in upper or lower case, with white space anywhere. Unlike xxd -r -p,
which passes over it, anything else is an error.",
    flags: &[],
    build: |_| {
        Ok(Box::new(Decode {
            name: "@unhex",
            code: Code::Hex,
            garbage: Garbage::Refused,
        }))
    },
};

fn columns(parsed: &Parsed, option: &str, usual: usize) -> Result<usize, Problem> {
    let Some(text) = parsed.value(option) else {
        return Ok(usual);
    };
    let text = String::from_utf8_lossy(text);
    let wrong = |_| Problem::Wrong(format!("'{text}' is no number"));
    text.parse().map_err(wrong)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Code {
    Base64,
    Hex,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Garbage {
    Ignored,
    Refused,
}

#[derive(Debug)]
struct Encode {
    name: &'static str,
    /// The length of lines; 0 for a single one without an end.
    columns: usize,
    code: Code,
}

impl Transform for Encode {
    fn run(&self, files: &[Vec<u8>], port: &dyn Port) -> io::Result<u8> {
        let mut status = 0;
        let mut out = Out::new(port);
        for file in named(files) {
            if let Err(error) = self.encode_file(file, port, &mut out) {
                status = 1;
                out.flush()?;
                complain(port, &format!("{}: cannot read", self.name), file, error)?;
            }
        }
        out.flush()?;
        Ok(status)
    }
}

impl Encode {
    fn encode_file(&self, file: &[u8], port: &dyn Port, out: &mut Out<'_>) -> io::Result<()> {
        let mut lines = Lines {
            columns: self.columns,
            column: 0,
            any: false,
            cut: Vec::new(),
        };
        let (mut rest, mut text) = (Vec::new(), Vec::new());
        each_chunk(file, port, |mut bytes| {
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
            Code::Base64 => {
                let filled = text.len();
                text.resize(filled + bytes.len().div_ceil(GROUP) * 4, 0);
                let encoded = STANDARD.encode_slice(bytes, &mut text[filled..]);
                encoded.expect("the text is as long as it has to be");
            }
            Code::Hex => {
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
struct Lines {
    columns: usize,
    column: usize,
    any: bool,
    /// What is written at once.
    cut: Vec<u8>,
}

impl Lines {
    fn write(&mut self, text: &[u8], out: &mut Out<'_>) -> io::Result<()> {
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
    fn finish(&self, code: Code, out: &mut Out<'_>) -> io::Result<()> {
        let is_open = match self.columns {
            0 => self.any && code == Code::Hex,
            _ => self.column > 0,
        };
        match is_open {
            true => out.write_all(b"\n"),
            false => Ok(()),
        }
    }
}

#[derive(Debug)]
struct Decode {
    name: &'static str,
    code: Code,
    garbage: Garbage,
}

impl Transform for Decode {
    fn run(&self, files: &[Vec<u8>], port: &dyn Port) -> io::Result<u8> {
        let mut status = 0;
        let mut out = Out::new(port);
        for file in named(files) {
            if let Err(error) = self.decode_file(file, port, &mut out) {
                status = 1;
                out.flush()?;
                let what = match error.kind() {
                    io::ErrorKind::InvalidData => "cannot decode",
                    _ => "cannot read",
                };
                complain(port, &format!("{}: {what}", self.name), file, error)?;
            }
        }
        out.flush()?;
        Ok(status)
    }
}

fn invalid() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "invalid input")
}

impl Decode {
    fn decode_file(&self, file: &[u8], port: &dyn Port, out: &mut Out<'_>) -> io::Result<()> {
        let mut group = Group::default();
        let mut decoded = Vec::new();
        each_chunk(file, port, |bytes| {
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

    fn take(&self, byte: u8, group: &mut Group, decoded: &mut Vec<u8>) -> io::Result<()> {
        let is_space = match self.code {
            Code::Base64 => byte == b'\n',
            Code::Hex => byte.is_ascii_whitespace(),
        };
        if is_space || self.garbage == Garbage::Ignored && !is_base64(byte) {
            return Ok(());
        }
        group.digits[group.length] = byte;
        group.length += 1;
        match (self.code, group.length) {
            (Code::Base64, 4) | (Code::Hex, 2) => self.decode(group, decoded),
            _ => Ok(()),
        }
    }

    /// Decodes a group, or what there is of it, as far as it is right.
    fn decode(&self, group: &mut Group, decoded: &mut Vec<u8>) -> io::Result<()> {
        let digits = std::mem::take(&mut group.digits);
        group.length = 0;
        match self.code {
            Code::Base64 => decode_base64(digits, decoded).ok_or_else(invalid),
            Code::Hex => {
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
struct Group {
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
