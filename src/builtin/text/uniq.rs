//! `@uniq`: leaves out lines that are the same as the one before.

use std::io::{self, Write};
use std::ops::ControlFlow;

use super::lines::{each, each_block};
use crate::builtin::arguments::{ArgumentError, BuiltinOption, ParsedArguments};
use crate::builtin::builtin_input::hold;
use crate::builtin::builtin_io::{BufferedStdout, BuiltinIo};
use crate::builtin::files::{cannot_read, each_file};
use crate::builtin::transform::{BuiltinSpec, Transform};

pub(in crate::builtin) static UNIQ: BuiltinSpec = BuiltinSpec {
    name: "@uniq",
    about: "Lines without those that repeat the last, as uniq does",
    notes: "As uniq(1) in the C locale, but a second file is read, too, each by itself. What -f, -s
and -w leave of a line is compared; fields are skipped before bytes.",
    flags: &[
        BuiltinOption::switch(Some('c'), "count", "How often a line came before it"),
        BuiltinOption::switch(Some('d'), "repeated", "Only lines that were repeated"),
        BuiltinOption::switch(Some('D'), "all-repeated", "The same with all repetitions"),
        BuiltinOption::switch(Some('u'), "unique", "Only lines that were not"),
        BuiltinOption::switch(Some('i'), "ignore-case", "a to z are as A to Z"),
        BuiltinOption::with(
            Some('f'),
            "skip-fields",
            "N",
            "Do not compare N fields, blanks before them included",
        ),
        BuiltinOption::with(Some('s'), "skip-chars", "N", "Do not compare N bytes more"),
        BuiltinOption::with(Some('w'), "check-chars", "N", "Compare N bytes at most"),
    ],
    build,
};

fn build(parsed: &mut ParsedArguments) -> Result<Box<dyn Transform>, ArgumentError> {
    let is_counted = parsed.has("count");
    let with_all = parsed.has("all-repeated");
    if with_all && (is_counted || parsed.has("unique")) {
        let why = "-D prints all lines that are repeated: neither -c nor -u can be with it";
        return Err(ArgumentError::Wrong(why.to_owned()));
    }
    Ok(Box::new(UniqTransform {
        is_counted,
        without_single: with_all || parsed.has("repeated"),
        without_repeated: parsed.has("unique"),
        with_all,
        compared: ComparedPart {
            skipped_fields: parsed.number("skip-fields")?.unwrap_or(0),
            skipped_bytes: parsed.number("skip-chars")?.unwrap_or(0),
            most_bytes: parsed.number("check-chars")?.unwrap_or(usize::MAX),
        },
        is_same: if parsed.has("ignore-case") {
            <[u8]>::eq_ignore_ascii_case
        } else {
            <[u8]>::eq
        },
    }))
}

#[derive(Debug)]
struct UniqTransform {
    is_counted: bool,
    without_single: bool,
    without_repeated: bool,
    /// Repetitions are printed, too.
    with_all: bool,
    compared: ComparedPart,
    is_same: fn(&[u8], &[u8]) -> bool,
}

#[derive(Debug)]
struct ComparedPart {
    skipped_fields: usize,
    skipped_bytes: usize,
    most_bytes: usize,
}

impl ComparedPart {
    fn of<'a>(&self, line: &'a [u8]) -> &'a [u8] {
        let mut rest = line;
        for _ in 0..self.skipped_fields {
            if rest.is_empty() {
                break;
            }
            rest = &rest[count(rest, is_blank)..];
            rest = &rest[count(rest, |byte| !is_blank(byte))..];
        }
        rest = &rest[self.skipped_bytes.min(rest.len())..];
        &rest[..self.most_bytes.min(rest.len())]
    }
}

/// Number of bytes at the beginning for which `is_so` holds.
fn count(text: &[u8], is_so: fn(u8) -> bool) -> usize {
    text.iter().take_while(|byte| is_so(**byte)).count()
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

/// The first of lines that are the same, and their number.
#[derive(Default)]
struct EqualLines {
    line: Vec<u8>,
    count: u64,
}

impl Transform for UniqTransform {
    fn run(&self, files: &[Vec<u8>], stdio: &BuiltinIo<'_>) -> io::Result<u8> {
        let unique = |file: &[u8], out: &mut BufferedStdout<'_>| {
            let mut group = EqualLines::default();
            let result = each_block(file, stdio, |block| {
                for line in each(block) {
                    if group.count > 0 && self.repeats(&group.line, line) {
                        group.count += 1;
                        self.print_repetition(&group, line, out)?;
                        continue;
                    }
                    self.print(&group, out)?;
                    group.line.clear();
                    hold(&mut group.line, line, usize::MAX)?;
                    group.count = 1;
                }
                Ok(ControlFlow::Continue(()))
            });
            self.print(&group, out)?;
            result
        };
        each_file(files, stdio, unique, cannot_read("@uniq", stdio))
    }
}

impl UniqTransform {
    fn repeats(&self, first: &[u8], line: &[u8]) -> bool {
        (self.is_same)(self.compared.of(first), self.compared.of(line))
    }

    /// A line that is the same as those of the group.
    fn print_repetition(
        &self,
        group: &EqualLines,
        line: &[u8],
        out: &mut dyn Write,
    ) -> io::Result<()> {
        if !self.with_all {
            return Ok(());
        }
        if group.count == 2 {
            out.write_all(&group.line)?;
            out.write_all(b"\n")?;
        }
        out.write_all(line)?;
        out.write_all(b"\n")
    }

    fn print(&self, group: &EqualLines, out: &mut dyn Write) -> io::Result<()> {
        match group.count {
            0 => return Ok(()),
            1 if self.without_single => return Ok(()),
            2.. if self.without_repeated || self.with_all => return Ok(()),
            count if self.is_counted => write!(out, "{count:7} ")?,
            _ => {}
        }
        out.write_all(&group.line)?;
        out.write_all(b"\n")
    }
}
