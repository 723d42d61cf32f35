//! `@base64`, `@hex` and back.

use std::io::{self, Write};

use data_encoding::{Encoding, HEXLOWER, HEXLOWER_PERMISSIVE};

use crate::builtin::arguments::{BuiltinOption, ParsedArguments};
use crate::builtin::builtin_io::{BufferedStdout, BuiltinIo, complain};
use crate::builtin::files::{cannot_read, each_chunk, each_file};
use crate::builtin::transform::{BuiltinSpec, Transform};

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
        // For base64(1), a number that is too large is 0.
        let columns = parsed.number("wrap")?.unwrap_or(76);
        let columns = isize::try_from(columns).map_or(0, |_| columns);
        Ok(if parsed.has("decode") {
            decoder("@base64", parsed)
        } else {
            Box::new(EncodeTransform {
                name: "@base64",
                columns,
                encoding: data_encoding::BASE64,
                ends_single_line: false,
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
        encoding: lenient_base64(Some('=')),
        unpadded: lenient_base64(None),
        group: 4,
        is_skipped: if parsed.has("ignore-garbage") {
            |byte| !byte.is_ascii_alphanumeric() && !b"+/=".contains(&byte)
        } else {
            |byte| byte == b'\n'
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
        let columns = parsed.number("cols")?.unwrap_or(30);
        Ok(Box::new(EncodeTransform {
            name: "@hex",
            columns: columns.saturating_mul(2),
            encoding: HEXLOWER,
            ends_single_line: true,
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
            encoding: HEXLOWER_PERMISSIVE,
            unpadded: HEXLOWER_PERMISSIVE,
            group: 2,
            is_skipped: |byte| byte.is_ascii_whitespace(),
        }))
    },
};

/// Bits behind the last whole byte may be set: base64(1) does not look at them.
fn lenient_base64(padding: Option<char>) -> Encoding {
    let mut specification = data_encoding::BASE64.specification();
    specification.check_trailing_bits = false;
    specification.padding = padding;
    specification.encoding().expect("it is an encoding")
}

#[derive(Debug)]
struct EncodeTransform {
    name: &'static str,
    /// Length of lines; 0 for a single one.
    columns: usize,
    encoding: Encoding,
    /// A single line gets a newline: xxd writes one, base64 does not.
    ends_single_line: bool,
}

impl Transform for EncodeTransform {
    fn run(&self, files: &[Vec<u8>], stdio: &BuiltinIo<'_>) -> io::Result<u8> {
        let encode = |file: &[u8], out: &mut BufferedStdout<'_>| self.encode_file(file, stdio, out);
        each_file(files, stdio, encode, cannot_read(self.name, stdio))
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
            cut: Vec::new(),
        };
        let (mut rest, mut text) = (Vec::new(), Vec::new());
        each_chunk(file, stdio, |mut bytes| {
            text.clear();
            // The rest of the last chunk goes first, filled up to a whole group.
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
        let is_open = lines.column > 0 && (self.columns > 0 || self.ends_single_line);
        if is_open {
            out.write_all(b"\n")?;
        }
        Ok(())
    }

    fn encode(&self, bytes: &[u8], text: &mut Vec<u8>) {
        let filled = text.len();
        text.resize(filled + self.encoding.encode_len(bytes.len()), 0);
        self.encoding.encode_mut(bytes, &mut text[filled..]);
    }
}

/// Bytes that base64 encodes together, as four digits.
const GROUP: usize = 3;

/// Text cut into lines of the same length.
struct WrappedLines {
    columns: usize,
    /// Length of the last line, if it has not been ended.
    column: usize,
    /// Buffer for the lines of a chunk.
    cut: Vec<u8>,
}

impl WrappedLines {
    fn write(&mut self, text: &[u8], out: &mut BufferedStdout<'_>) -> io::Result<()> {
        if self.columns == 0 {
            self.column += text.len();
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
}

#[derive(Debug)]
struct DecodeTransform {
    name: &'static str,
    encoding: Encoding,
    /// Encoding of a group that is not whole.
    unpadded: Encoding,
    /// Digits that are decoded together.
    group: usize,
    /// Bytes between digits.
    is_skipped: fn(u8) -> bool,
}

impl Transform for DecodeTransform {
    fn run(&self, files: &[Vec<u8>], stdio: &BuiltinIo<'_>) -> io::Result<u8> {
        let decode = |file: &[u8], out: &mut BufferedStdout<'_>| self.decode_file(file, stdio, out);
        each_file(files, stdio, decode, |file, error| {
            let what = match error.kind() {
                io::ErrorKind::InvalidData => "cannot decode",
                _ => "cannot read",
            };
            complain(stdio, &format!("{}: {what}", self.name), file, error)
        })
    }
}

impl DecodeTransform {
    fn decode_file(
        &self,
        file: &[u8],
        stdio: &BuiltinIo<'_>,
        out: &mut BufferedStdout<'_>,
    ) -> io::Result<()> {
        let (mut digits, mut decoded) = (Vec::new(), Vec::new());
        each_chunk(file, stdio, |bytes| {
            digits.extend(bytes.iter().filter(|byte| !(self.is_skipped)(**byte)));
            let whole = digits.len() / self.group * self.group;
            let result = self.decode(&digits[..whole], &mut decoded);
            digits.drain(..whole);
            out.write_all(&decoded)?;
            result
        })?;
        let result = self.decode(&digits, &mut decoded);
        out.write_all(&decoded)?;
        result
    }

    /// Decodes as many digits as are right: also those of a group that is not.
    fn decode(&self, digits: &[u8], decoded: &mut Vec<u8>) -> io::Result<()> {
        let (whole, mut rest) = digits.split_at(digits.len() / self.group * self.group);
        decoded.resize(self.encoding.decode_len(whole.len()).unwrap_or(0), 0);
        match self.encoding.decode_mut(whole, decoded) {
            Ok(length) => decoded.truncate(length),
            Err(partial) => {
                decoded.truncate(partial.written);
                rest = &whole[partial.read..][..self.group];
            }
        }
        if rest.is_empty() {
            return Ok(());
        }
        let prefixes = (0..=rest.len()).rev().map(|length| &rest[..length]);
        let mut valid = prefixes.filter_map(|prefix| self.unpadded.decode(prefix).ok());
        decoded.extend(valid.next().unwrap_or_default());
        Err(io::Error::new(io::ErrorKind::InvalidData, "invalid input"))
    }
}
