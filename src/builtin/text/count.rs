//! `@count`: lines, words, characters, bytes.

use std::io::{self, Read, Write};
use std::ops::ControlFlow;

use memchr::{memchr, memchr_iter};
use rustix::fs::{AtFlags, FileType, statat};

use super::chars::CharacterCounter;
use crate::builtin::arguments::{ArgumentError, BuiltinOption, ParsedArguments};
use crate::builtin::builtin_input::BuiltinInput;
use crate::builtin::builtin_io::{BufferedStdout, BuiltinIo, CHUNK, complain, is_cancelled};
use crate::builtin::files::{chunks, named};
use crate::builtin::parallel_file::{FileCut, FilePart, PIECE, in_parts};
use crate::builtin::reduce::{Reducer, Reduction};
use crate::builtin::transform::{BuiltinSpec, Transform};

pub(in crate::builtin) static COUNT: BuiltinSpec = BuiltinSpec {
    name: "@count",
    about: "Lines, words and bytes of files, as wc prints them",
    notes: "Lines are those of wc(1), widths and the total of several files included. Text is
taken for UTF-8; a code point that is not assigned counts as printed. With --total there is
one line for the whole run, of the jobs that succeeded.",
    flags: &[
        BuiltinOption::switch(Some('l'), "lines", "Count newlines"),
        BuiltinOption::switch(Some('w'), "words", "Count words"),
        BuiltinOption::switch(Some('m'), "chars", "Count characters"),
        BuiltinOption::switch(Some('c'), "bytes", "Count bytes"),
        BuiltinOption::switch(None, "total", "Only the totals of all jobs, at the end"),
    ],
    build,
};

fn build(parsed: &mut ParsedArguments) -> Result<Box<dyn Transform>, ArgumentError> {
    let mut wanted = ["lines", "words", "chars", "bytes"].map(|what| parsed.has(what));
    if wanted == [false; 4] {
        wanted = [true, true, false, true];
    }
    let count = CountTransform { wanted };
    Ok(if parsed.has("total") {
        Box::new(Reducer::new(count))
    } else {
        Box::new(count)
    })
}

#[derive(Debug)]
struct CountTransform {
    wanted: [bool; 4],
}

type TextCounts = [u64; 4];

impl Transform for CountTransform {
    fn run(&self, files: &[Vec<u8>], stdio: &BuiltinIo<'_>) -> io::Result<u8> {
        let mut status = 0;
        let mut out = BufferedStdout::new(stdio);
        let width = self.width(files, stdio);
        let mut total = TextCounts::default();
        for file in named(files) {
            let mut counts = TextCounts::default();
            let result = self.count(file, stdio, &mut counts);
            let is_open = !matches!(&result, Err(error) if !is_read_error(error));
            if let Err(error) = result {
                status = 1;
                out.flush()?;
                complain(stdio, "@count: cannot read", file, error)?;
            }
            if is_open {
                let name = (!files.is_empty()).then_some(file);
                self.write_line(&counts, width, name, &mut out)?;
            }
            for (total, count) in total.iter_mut().zip(counts) {
                *total += count;
            }
        }
        if files.len() > 1 {
            self.write_line(&total, width, Some(b"total"), &mut out)?;
        }
        out.flush()?;
        Ok(status)
    }
}

/// `--total`: the totals of all jobs.
impl Reduction for CountTransform {
    type Part = TextCounts;

    const NAME: &'static str = "@count";

    fn begin(&self, _: u64) -> TextCounts {
        TextCounts::default()
    }

    fn take(&self, part: &mut TextCounts, file: &[u8], stdio: &BuiltinIo<'_>) -> io::Result<()> {
        let mut counts = TextCounts::default();
        self.count(file, stdio, &mut counts)?;
        self.merge(part, counts)
    }

    fn merge(&self, whole: &mut TextCounts, part: TextCounts) -> io::Result<()> {
        for (total, count) in whole.iter_mut().zip(part) {
            *total += count;
        }
        Ok(())
    }

    fn write(&self, whole: TextCounts, out: &mut dyn Write) -> io::Result<()> {
        self.write_line(&whole, 1, None, out)
    }
}

/// The file could be opened, though not read: there is a line for it all the same.
fn is_read_error(error: &io::Error) -> bool {
    is_cancelled(error) || error.kind() == io::ErrorKind::IsADirectory
}

impl CountTransform {
    fn count(&self, file: &[u8], stdio: &BuiltinIo<'_>, counts: &mut TextCounts) -> io::Result<()> {
        if self.wanted == [false, false, false, true]
            && let Some(size) = BuiltinInput::open(file, stdio)?.size.filter(is_exact)
        {
            counts[3] = size;
            return Ok(());
        }
        let mut source = BuiltinInput::open(file, stdio)?;
        let work = |mut part: FilePart<'_>| {
            let mut counts = TextCounts::default();
            let read = self.scan(&mut part, vec![0; PIECE], &mut counts);
            (counts, read)
        };
        in_parts(&source, FileCut::Lines, work, |(part, read)| {
            self.merge(counts, part)?;
            read.map(ControlFlow::Continue)
        })
        .map(drop)?;
        let buffer = source.buffer(CHUNK);
        self.scan(&mut source, buffer, counts)
    }

    /// Adds some lines, or all of a file.
    fn scan(
        &self,
        source: &mut dyn Read,
        buffer: Vec<u8>,
        counts: &mut TextCounts,
    ) -> io::Result<()> {
        let with_chars = self.wanted[1] || self.wanted[2];
        let mut chars = CharacterCounter::default();
        let result = chunks(source, buffer, |bytes| {
            counts[0] += memchr_iter(b'\n', bytes).count() as u64;
            counts[3] += bytes.len() as u64;
            if with_chars {
                chars.feed(bytes);
            }
            Ok(())
        });
        counts[1] += chars.words;
        counts[2] += chars.chars;
        result
    }

    /// Width of numbers: enough for the size of all files together, and more for a file
    /// that has no size.
    fn width(&self, files: &[Vec<u8>], stdio: &BuiltinIo<'_>) -> usize {
        const UNKNOWN: usize = 7;
        let columns = self.wanted.iter().filter(|wanted| **wanted).count();
        if files.len() <= 1 && columns == 1 {
            return 1;
        }
        let (mut total, mut least) = (0, 1);
        for file in named(files) {
            let size = match file {
                b"-" => BuiltinInput::open(file, stdio)
                    .ok()
                    .map(|source| source.size),
                name => {
                    let stat = statat(stdio.directory(), name, AtFlags::empty()).ok();
                    stat.map(|stat| match FileType::from_raw_mode(stat.st_mode) {
                        FileType::RegularFile => Some(stat.st_size as u64),
                        _ => None,
                    })
                }
            };
            match size {
                Some(Some(size)) => total += size,
                Some(None) => least = UNKNOWN,
                None => {}
            }
        }
        least.max(total.to_string().len())
    }

    fn write_line(
        &self,
        counts: &TextCounts,
        width: usize,
        name: Option<&[u8]>,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let mut separator = "";
        for (count, _) in counts.iter().zip(self.wanted).filter(|(_, wanted)| *wanted) {
            write!(out, "{separator}{count:width$}")?;
            separator = " ";
        }
        if let Some(name) = name {
            out.write_all(b" ")?;
            out.write_all(&shown(name))?;
        }
        out.write_all(b"\n")
    }
}

/// Files of the kernel's own have sizes that say nothing: multiples of a page, or 0.
fn is_exact(size: &u64) -> bool {
    const PAGE: u64 = 4096;
    !size.is_multiple_of(PAGE)
}

/// A name that would break the line is quoted for a shell, with bytes that are no text in
/// octal.
fn shown(name: &[u8]) -> Vec<u8> {
    if memchr(b'\n', name).is_none() {
        return name.to_vec();
    }
    let mut out = b"'".to_vec();
    let mut is_escaped = false;
    for chunk in name.utf8_chunks() {
        for character in chunk.valid().chars() {
            match character {
                '\'' => {
                    // Ends either kind of quotes.
                    is_escaped = false;
                    out.extend_from_slice(b"'\\''");
                }
                character if character.is_control() => {
                    is_escaped = turn(&mut out, is_escaped, true);
                    out.extend_from_slice(&control(character));
                }
                character => {
                    is_escaped = turn(&mut out, is_escaped, false);
                    out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
                }
            }
        }
        for byte in chunk.invalid() {
            is_escaped = turn(&mut out, is_escaped, true);
            out.extend_from_slice(format!("\\{byte:03o}").as_bytes());
        }
    }
    out.push(b'\'');
    out
}

/// Switches between plain quotes and `$'...'`, if it has to.
fn turn(out: &mut Vec<u8>, is_escaped: bool, wanted: bool) -> bool {
    if wanted != is_escaped {
        out.extend_from_slice(if wanted { b"'$'" } else { b"''" });
    }
    wanted
}

fn control(character: char) -> Vec<u8> {
    let letter = match character {
        '\u{7}' => 'a',
        '\u{8}' => 'b',
        '\t' => 't',
        '\n' => 'n',
        '\u{b}' => 'v',
        '\u{c}' => 'f',
        '\r' => 'r',
        other => {
            let mut bytes = [0; 4];
            let bytes = other.encode_utf8(&mut bytes).bytes();
            return bytes
                .flat_map(|byte| format!("\\{byte:03o}").into_bytes())
                .collect();
        }
    };
    format!("\\{letter}").into_bytes()
}
