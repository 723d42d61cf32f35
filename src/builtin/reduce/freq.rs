//! `@freq`: frequencies of lines.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::io::{self, Write};

use super::lines::each_line;
use super::reducer::{Reducer, Reduction};
use crate::builtin::arguments::{ArgumentError, BuiltinOption, ParsedArguments};
use crate::builtin::builtin_io::BuiltinIo;
use crate::builtin::transform::{BuiltinSpec, Transform};

pub(in crate::builtin) static FREQ: BuiltinSpec = BuiltinSpec {
    name: "@freq",
    about: "How often each line occurs in all jobs, most often first",
    notes: notes!(
        "As sort | uniq -c | sort -rn; lines that are as frequent are in the order of their bytes.
Of spellings that -i takes for the same the first one in that order is shown. Memory grows
with the number of different lines, not with the number of lines."
    ),
    flags: &[
        BuiltinOption::with(Some('n'), "lines", "N", "Only the first N"),
        BuiltinOption::switch(
            Some('i'),
            "ignore-case",
            "Take ASCII letters of both cases for the same",
        ),
    ],
    build,
};

fn build(parsed: &mut ParsedArguments) -> Result<Box<dyn Transform>, ArgumentError> {
    Ok(Box::new(Reducer::new(FreqReduction {
        ignores_case: parsed.has("ignore-case"),
        most: parsed.number("lines")?.unwrap_or(usize::MAX),
    })))
}

#[derive(Debug)]
struct FreqReduction {
    ignores_case: bool,
    most: usize,
}

/// Lines that count as the same.
#[derive(Debug)]
struct LineFrequency {
    count: u64,
    /// Spelling to print, if it is not the key.
    spelling: Option<Box<[u8]>>,
}

impl LineFrequency {
    fn add(&mut self, other: LineFrequency) {
        self.count += other.count;
        if let (Some(one), Some(other)) = (&mut self.spelling, other.spelling)
            && other < *one
        {
            *one = other;
        }
    }
}

impl Reduction for FreqReduction {
    type Part = HashMap<Box<[u8]>, LineFrequency>;

    const NAME: &'static str = "@freq";

    fn begin(&self, _: u64) -> Self::Part {
        HashMap::new()
    }

    fn take(&self, part: &mut Self::Part, file: &[u8], stdio: &BuiltinIo<'_>) -> io::Result<()> {
        let mut folded = Vec::new();
        each_line(file, stdio, |line| {
            let key = if self.ignores_case {
                folded.clear();
                folded.extend(line.iter().map(u8::to_ascii_lowercase));
                &folded
            } else {
                line
            };
            match part.get_mut(key) {
                Some(found) => {
                    found.count += 1;
                    if let Some(spelling) = &mut found.spelling
                        && line < &**spelling
                    {
                        *spelling = line.into();
                    }
                }
                None => {
                    let spelling = self.ignores_case.then(|| line.into());
                    part.insert(key.into(), LineFrequency { count: 1, spelling });
                }
            }
            Ok(())
        })
    }

    fn merge(&self, whole: &mut Self::Part, mut part: Self::Part) -> io::Result<()> {
        // The smaller map is merged into the larger one.
        if part.len() > whole.len() {
            std::mem::swap(whole, &mut part);
        }
        for (key, found) in part {
            match whole.get_mut(&key) {
                Some(known) => known.add(found),
                None => drop(whole.insert(key, found)),
            }
        }
        Ok(())
    }

    fn write(&self, whole: Self::Part, out: &mut dyn Write) -> io::Result<()> {
        let mut lines: Vec<(Reverse<u64>, Box<[u8]>)> = (whole.into_iter())
            .map(|(key, found)| (Reverse(found.count), found.spelling.unwrap_or(key)))
            .collect();
        lines.sort_unstable();
        for (Reverse(count), line) in lines.iter().take(self.most) {
            write!(out, "{count:7} ")?;
            out.write_all(line)?;
            out.write_all(b"\n")?;
        }
        Ok(())
    }
}
