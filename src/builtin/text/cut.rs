//! `@cut`: some fields or bytes of each line.

use std::io::{self, Write};
use std::ops::ControlFlow;

use memchr::{memchr, memchr_iter};

use super::lines::{each, each_block};
use crate::builtin::arguments::{ArgumentError, BuiltinOption, ParsedArguments};
use crate::builtin::builtin_io::{BufferedStdout, BuiltinIo};
use crate::builtin::files::{cannot_read, each_file};
use crate::builtin::transform::{BuiltinSpec, Transform};

pub(in crate::builtin) static CUT: BuiltinSpec = BuiltinSpec {
    name: "@cut",
    about: "Fields or bytes of lines, as cut prints them",
    notes: "As cut(1): a LIST is N, N-, -M or N-M, or several of them with commas between; what it
names is printed once and in the order of the line. -c is the same as -b.",
    flags: &[
        BuiltinOption::with(Some('f'), "fields", "LIST", "These fields"),
        BuiltinOption::with(Some('b'), "bytes", "LIST", "These bytes"),
        BuiltinOption::with(Some('c'), "characters", "LIST", "The same as -b"),
        BuiltinOption::with(
            Some('d'),
            "delimiter",
            "C",
            "What is between fields, not a tab",
        ),
        BuiltinOption::switch(
            Some('s'),
            "only-delimited",
            "No lines that have one field only",
        ),
        BuiltinOption::switch(None, "complement", "All others instead"),
        BuiltinOption::with(
            None,
            "output-delimiter",
            "TEXT",
            "What is printed between them",
        ),
    ],
    build,
};

const LISTS: [&str; 3] = ["fields", "bytes", "characters"];

fn build(parsed: &mut ParsedArguments) -> Result<Box<dyn Transform>, ArgumentError> {
    let wrong = |text: &str| Err(ArgumentError::Wrong(text.to_owned()));
    let list = match LISTS.map(|long| parsed.values(long).count()) {
        [1, 0, 0] | [0, 1, 0] | [0, 0, 1] => parsed.last(&LISTS).unwrap_or_default(),
        [0, 0, 0] => return wrong("what to cut is missing: -f LIST, -b LIST or -c LIST"),
        _ => return wrong("there is more than one list: give one of -f, -b and -c"),
    };
    let mut ranges = ranges(parsed.value(list).unwrap_or_default())?;
    if parsed.has("complement") {
        ranges = complement(&ranges);
    }
    // cut(1) takes an empty delimiter for NUL.
    let or_nul = |text: &[u8]| {
        if text.is_empty() {
            vec![0]
        } else {
            text.to_vec()
        }
    };
    let separator = parsed.value("output-delimiter").map(or_nul);
    let delimiter = parsed.value("delimiter").map(or_nul);
    if list != "fields" {
        if delimiter.is_some() || parsed.has("only-delimited") {
            return wrong("-d and -s are about fields: they go with -f");
        }
        let separator = separator.unwrap_or_default();
        return Ok(Box::new(CutTransform::Bytes { ranges, separator }));
    }
    let delimiter = match delimiter.as_deref() {
        None => b'\t',
        Some([byte]) if *byte != b'\n' => *byte,
        Some(_) => return wrong("what is between fields is one byte, and no newline"),
    };
    Ok(Box::new(CutTransform::Fields {
        ranges,
        delimiter,
        separator: separator.unwrap_or_else(|| vec![delimiter]),
        skips_others: parsed.has("only-delimited"),
    }))
}

/// From the first to the last one, which are counted from 1.
type FieldRange = (usize, usize);

/// Reads a list. The ranges are sorted and do not overlap.
fn ranges(list: &[u8]) -> Result<Vec<FieldRange>, ArgumentError> {
    let text = String::from_utf8_lossy(list);
    let wrong =
        |item: &str| ArgumentError::Wrong(format!("'{item}' is no range: N, N-, -M or N-M"));
    let mut ranges = Vec::new();
    for item in text.split([',', ' ', '\t']) {
        let number = |digits: &str| {
            if digits.bytes().all(|byte| byte.is_ascii_digit()) {
                digits.parse::<usize>().map_err(|_| wrong(item))
            } else {
                Err(wrong(item))
            }
        };
        let range = match item.split_once('-') {
            None => (number(item)?, number(item)?),
            Some(("", "")) => return Err(wrong(item)),
            Some((first, "")) => (number(first)?, usize::MAX),
            Some(("", last)) => (1, number(last)?),
            Some((first, last)) => (number(first)?, number(last)?),
        };
        if range.0 == 0 || range.1 < range.0 {
            return Err(wrong(item));
        }
        ranges.push(range);
    }
    ranges.sort_unstable();
    // Adjacent ranges stay apart: the output delimiter may be printed between them.
    ranges.dedup_by(|next, last| {
        let is_joined = next.0 <= last.1;
        if is_joined {
            last.1 = last.1.max(next.1);
        }
        is_joined
    });
    Ok(ranges)
}

fn complement(ranges: &[FieldRange]) -> Vec<FieldRange> {
    let mut others = Vec::new();
    let mut next = 1;
    for (first, last) in ranges {
        if next < *first {
            others.push((next, first - 1));
        }
        next = last.saturating_add(1);
    }
    if next < usize::MAX {
        others.push((next, usize::MAX));
    }
    others
}

#[derive(Debug)]
enum CutTransform {
    Bytes {
        ranges: Vec<FieldRange>,
        /// Printed between ranges.
        separator: Vec<u8>,
    },
    Fields {
        ranges: Vec<FieldRange>,
        delimiter: u8,
        /// Printed between fields.
        separator: Vec<u8>,
        /// Lines without the delimiter are left out.
        skips_others: bool,
    },
}

impl Transform for CutTransform {
    fn run(&self, files: &[Vec<u8>], stdio: &BuiltinIo<'_>) -> io::Result<u8> {
        let mut pieces = Vec::new();
        let cut = |file: &[u8], out: &mut BufferedStdout<'_>| {
            each_block(file, stdio, |block| {
                pieces.clear();
                each(block).for_each(|line| self.line(line, &mut pieces));
                out.write_all(&pieces)?;
                Ok(ControlFlow::Continue(()))
            })
        };
        each_file(files, stdio, cut, cannot_read("@cut", stdio))
    }
}

impl CutTransform {
    fn line(&self, line: &[u8], out: &mut Vec<u8>) {
        match self {
            CutTransform::Bytes { ranges, separator } => {
                let mut between: &[u8] = b"";
                for (first, last) in ranges {
                    let Some(rest) = line.get(first - 1..).filter(|rest| !rest.is_empty()) else {
                        break;
                    };
                    out.extend_from_slice(between);
                    out.extend_from_slice(&rest[..rest.len().min(last - (first - 1))]);
                    between = separator;
                }
            }
            CutTransform::Fields {
                delimiter,
                skips_others,
                ..
            } if memchr(*delimiter, line).is_none() => {
                if *skips_others {
                    return;
                }
                out.extend_from_slice(line);
            }
            CutTransform::Fields {
                ranges,
                delimiter,
                separator,
                ..
            } => fields(line, *delimiter, (ranges, separator), out),
        }
        out.push(b'\n');
    }
}

fn fields(
    line: &[u8],
    delimiter: u8,
    (ranges, separator): (&[FieldRange], &[u8]),
    out: &mut Vec<u8>,
) {
    let mut ends = memchr_iter(delimiter, line);
    let mut between: &[u8] = b"";
    let (mut number, mut start) = (1, 0);
    for (first, last) in ranges {
        while number <= *last {
            let end = ends.next();
            if number >= *first {
                out.extend_from_slice(between);
                out.extend_from_slice(&line[start..end.unwrap_or(line.len())]);
                between = separator;
            }
            let Some(end) = end else {
                return;
            };
            start = end + 1;
            number += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_read() {
        for (list, expected, others) in [
            ("1", vec![(1, 1)], vec![(2, usize::MAX)]),
            ("3-,-2", vec![(1, 2), (3, usize::MAX)], vec![]),
            ("5 1-3,2-4", vec![(1, 4), (5, 5)], vec![(6, usize::MAX)]),
            (
                "2,4-5",
                vec![(2, 2), (4, 5)],
                vec![(1, 1), (3, 3), (6, usize::MAX)],
            ),
        ] {
            assert_eq!(ranges(list.as_bytes()), Ok(expected.clone()), "{list}");
            assert_eq!(complement(&expected), others, "{list}");
        }
        for list in [
            "",
            "0",
            "-",
            "2-1",
            "1,,2",
            "a",
            "+1",
            "1-2-3",
            "0-2",
            "99999999999999999999",
        ] {
            assert!(ranges(list.as_bytes()).is_err(), "{list}");
        }
    }
}
