//! `@head` and `@tail`: the beginning or the end of files.

use std::collections::VecDeque;
use std::io::{self, Read, Write};
use std::os::unix::fs::FileExt;

use memchr::{memchr_iter, memrchr_iter};

use crate::builtin::arguments::{ArgumentError, BuiltinOption, NUMBER, ParsedArguments};
use crate::builtin::builtin_input::{BuiltinInput, hold, too_long};
use crate::builtin::builtin_io::{BufferedStdout, BuiltinIo, CHUNK};
use crate::builtin::files::{cannot_read, each_file};
use crate::builtin::transform::{BuiltinSpec, Transform};

const FLAGS: &[BuiltinOption] = &[
    BuiltinOption::with(
        Some('n'),
        "lines",
        "N",
        "So many lines, 10 if nothing is said",
    ),
    BuiltinOption::with(Some('c'), "bytes", "N", "So many bytes instead"),
    BuiltinOption::with(Some(NUMBER), "number", "N", "The same as -n N"),
    BuiltinOption::switch(Some('q'), "quiet", "No headers, however many files"),
    BuiltinOption::switch(Some('v'), "verbose", "A header for one file, too"),
    BuiltinOption::switch(Some('z'), "zero-terminated", "Lines end with NUL"),
];

pub(in crate::builtin) static HEAD: BuiltinSpec = BuiltinSpec {
    name: "@head",
    about: "The first lines of files, as head prints them",
    notes: "As head(1): -n -N is all but the last N lines. N may end with K, M, kB and so on.",
    flags: FLAGS,
    build: |parsed| build("@head", parsed),
};

pub(in crate::builtin) static TAIL: BuiltinSpec = BuiltinSpec {
    name: "@tail",
    about: "The last lines of files, as tail prints them",
    notes: "As tail(1) without -f: -n +N is from the Nth line on. N may end with K, M, kB and
so on.",
    flags: FLAGS,
    build: |parsed| build("@tail", parsed),
};

fn build(
    name: &'static str,
    parsed: &mut ParsedArguments,
) -> Result<Box<dyn Transform>, ArgumentError> {
    let unit = parsed.last(&["lines", "bytes", "number"]);
    let text = unit.and_then(|unit| parsed.value(unit)).unwrap_or(b"10");
    let wrong =
        || ArgumentError::Wrong(format!("'{}' is no number", String::from_utf8_lossy(text)));
    let (sign, digits) = match text {
        [sign @ (b'+' | b'-'), digits @ ..] => (*sign, digits),
        digits => (b' ', digits),
    };
    let count = number(digits).ok_or_else(wrong)?;
    Ok(Box::new(HeadTailTransform {
        name,
        range: match (name, sign) {
            ("@head", b'-') => HeadTailRange::AllBut(count),
            ("@head", _) => HeadTailRange::First(count),
            (_, b'+') => HeadTailRange::After(count.saturating_sub(1)),
            _ => HeadTailRange::Last(count),
        },
        unit: match (unit, parsed.has("zero-terminated")) {
            (Some("bytes"), _) => HeadTailUnit::Bytes,
            (_, true) => HeadTailUnit::Lines(0),
            (_, false) => HeadTailUnit::Lines(b'\n'),
        },
        headers: match parsed.last(&["quiet", "verbose"]) {
            Some("quiet") => FileHeaders::Never,
            Some(_) => FileHeaders::Always,
            None => FileHeaders::ForSeveral,
        },
    }))
}

/// A number that may have a unit.
fn number(text: &[u8]) -> Option<u64> {
    let text = std::str::from_utf8(text).ok()?;
    let end = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    let (digits, unit) = text.split_at(end);
    let (base, power): (u64, u32) = match unit {
        "" => (1, 0),
        "b" => (512, 1),
        "kB" | "KB" => (1000, 1),
        "k" | "K" | "KiB" => (1024, 1),
        "MB" => (1000, 2),
        "M" | "m" | "MiB" => (1024, 2),
        "GB" => (1000, 3),
        "G" | "GiB" => (1024, 3),
        "TB" => (1000, 4),
        "T" | "TiB" => (1024, 4),
        _ => return None,
    };
    if digits.is_empty() {
        return None;
    }
    // No file is as long as a number that does not fit.
    let digits = digits.parse::<u64>().unwrap_or(u64::MAX);
    Some(digits.saturating_mul(base.pow(power)))
}

#[derive(Debug, Clone, Copy)]
enum HeadTailRange {
    First(u64),
    AllBut(u64),
    Last(u64),
    After(u64),
}

#[derive(Debug, Clone, Copy)]
enum HeadTailUnit {
    /// Lines end with this byte.
    Lines(u8),
    Bytes,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum FileHeaders {
    Always,
    ForSeveral,
    Never,
}

#[derive(Debug)]
struct HeadTailTransform {
    name: &'static str,
    range: HeadTailRange,
    unit: HeadTailUnit,
    headers: FileHeaders,
}

impl Transform for HeadTailTransform {
    fn run(&self, files: &[Vec<u8>], stdio: &BuiltinIo<'_>) -> io::Result<u8> {
        if let HeadTailRange::Last(0) = self.range {
            // tail(1) does not even look at the files.
            return Ok(0);
        }
        let headers = match self.headers {
            FileHeaders::ForSeveral => files.len() > 1,
            headers => headers == FileHeaders::Always,
        };
        let mut is_first = true;
        let copy = |file: &[u8], out: &mut BufferedStdout<'_>| {
            let source = BuiltinInput::open(file, stdio)?;
            if headers {
                let name = if file == b"-" {
                    b"standard input"
                } else {
                    file
                };
                let between: &[u8] = if is_first { b"" } else { b"\n" };
                out.write_all(&[between, b"==> ", name, b" <==\n"].concat())?;
            }
            is_first = false;
            self.copy(source, out)
        };
        each_file(files, stdio, copy, cannot_read(self.name, stdio))
    }
}

impl HeadTailTransform {
    fn copy(&self, mut source: BuiltinInput<'_>, out: &mut BufferedStdout<'_>) -> io::Result<()> {
        match self.range {
            HeadTailRange::First(count) | HeadTailRange::After(count) => {
                self.cut(&mut source, count, out)
            }
            HeadTailRange::AllBut(count) => self
                .held_back(&mut source, count, |bytes| out.write_all(bytes))
                .map(drop),
            HeadTailRange::Last(count) => {
                self.skip_to_last(&mut source, count)?;
                let last = self.held_back(&mut source, count, |_| Ok(()))?;
                out.write_all(&last)
            }
        }
    }

    /// Passes on the first `count` units, or all after these.
    fn cut(
        &self,
        source: &mut BuiltinInput<'_>,
        count: u64,
        out: &mut BufferedStdout<'_>,
    ) -> io::Result<()> {
        let passes_first = matches!(self.range, HeadTailRange::First(_));
        let mut left = count;
        let mut buffer = source.buffer(CHUNK);
        while left > 0 || !passes_first {
            let bytes = match source.read(&mut buffer)? {
                0 => break,
                count => &buffer[..count],
            };
            let (length, passed) = match left {
                0 => (0, 0),
                _ => self.advance(bytes, left),
            };
            left -= passed;
            let (first, rest) = bytes.split_at(length);
            out.write_all(if passes_first { first } else { rest })?;
        }
        Ok(())
    }

    /// Length of the next `count` units at most, and the number of units that end there.
    fn advance(&self, bytes: &[u8], count: u64) -> (usize, u64) {
        match self.unit {
            HeadTailUnit::Bytes => {
                let length = count.min(bytes.len() as u64);
                (length as usize, length)
            }
            HeadTailUnit::Lines(end) => {
                let mut passed = 0;
                for at in memchr_iter(end, bytes) {
                    passed += 1;
                    if passed == count {
                        return (at + 1, passed);
                    }
                }
                (bytes.len(), passed)
            }
        }
    }

    /// Reads to the end with the last units held back, which are returned; passes the
    /// others on.
    fn held_back(
        &self,
        source: &mut BuiltinInput<'_>,
        count: u64,
        mut pass: impl FnMut(&[u8]) -> io::Result<()>,
    ) -> io::Result<Vec<u8>> {
        let mut held: Vec<u8> = Vec::new();
        // Ends of the held lines, from the first byte that was ever held.
        let mut ends: VecDeque<u64> = VecDeque::new();
        let mut gone = 0;
        let most = source.stdio().workers().max_record();
        let mut buffer = source.buffer(CHUNK);
        loop {
            let bytes = match source.read(&mut buffer)? {
                0 => break,
                length => &buffer[..length],
            };
            let before = gone + held.len() as u64;
            hold(&mut held, bytes, usize::MAX)?;
            let mut surplus = match self.unit {
                HeadTailUnit::Bytes => (held.len() as u64).saturating_sub(count) as usize,
                HeadTailUnit::Lines(end) => {
                    let mut cut = gone;
                    for at in memchr_iter(end, bytes) {
                        ends.push_back(before + at as u64 + 1);
                        if ends.len() as u64 > count {
                            cut = ends.pop_front().unwrap_or(cut);
                        }
                    }
                    let begun = before + bytes.len() as u64 - ends.back().unwrap_or(&gone);
                    if begun > most as u64 {
                        return Err(too_long(most));
                    }
                    (cut - gone) as usize
                }
            };
            // Not for a few: what stays has to be moved.
            if surplus < held.len() / 2 {
                surplus = 0;
            }
            pass(&held[..surplus])?;
            held.drain(..surplus);
            gone += surplus as u64;
        }
        let surplus = self.surplus(&held, count);
        pass(&held[..surplus])?;
        held.drain(..surplus);
        Ok(held)
    }

    /// Number of bytes before the last units. A text after the last end of a line is a
    /// line, too.
    fn surplus(&self, held: &[u8], count: u64) -> usize {
        match self.unit {
            HeadTailUnit::Bytes => (held.len() as u64).saturating_sub(count) as usize,
            HeadTailUnit::Lines(_) if count == 0 => held.len(),
            HeadTailUnit::Lines(end) => {
                let body = held.strip_suffix(&[end]).unwrap_or(held);
                let before = usize::try_from(count - 1).unwrap_or(usize::MAX);
                memrchr_iter(end, body).nth(before).map_or(0, |at| at + 1)
            }
        }
    }

    /// Skips the part of a large file that need not be read.
    fn skip_to_last(&self, source: &mut BuiltinInput<'_>, count: u64) -> io::Result<()> {
        let (Some(size), Some(file)) = (source.size, source.file()) else {
            return Ok(());
        };
        if size <= 2 * CHUNK as u64 {
            return Ok(());
        }
        let start = match self.unit {
            HeadTailUnit::Bytes => size.saturating_sub(count),
            HeadTailUnit::Lines(end) => {
                let mut buffer = vec![0; CHUNK];
                let (mut start, mut left) = (size, count.saturating_add(1));
                while start > 0 && left > 0 {
                    source.stdio().check()?;
                    let piece = start.min(CHUNK as u64);
                    start -= piece;
                    let bytes = &mut buffer[..piece as usize];
                    match file.read_exact_at(bytes, start) {
                        // It has become shorter: it is read from its beginning.
                        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(()),
                        read => read?,
                    }
                    left = left.saturating_sub(memchr_iter(end, bytes).count() as u64);
                }
                start
            }
        };
        source.seek_to(start)
    }
}
