//! `@uniq`: lines that are the same as the one before are left out.

use std::io::{self, Write};
use std::ops::ControlFlow;

use super::lines::{each, each_block};
use super::named;
use crate::builtin::arguments::{Flag, Parsed, Problem};
use crate::builtin::{Out, Port, Spec, Transform, complain};

pub(in crate::builtin) static UNIQ: Spec = Spec {
    name: "@uniq",
    about: "Lines without those that repeat the last, as uniq does",
    notes: "As uniq(1) in the C locale, but a second file is read, too, each by itself.",
    flags: &[
        Flag::switch(Some('c'), "count", "How often a line came before it"),
        Flag::switch(Some('d'), "repeated", "Only lines that were repeated"),
        Flag::switch(Some('u'), "unique", "Only lines that were not"),
        Flag::switch(Some('i'), "ignore-case", "a to z are as A to Z"),
    ],
    build,
};

fn build(parsed: &mut Parsed) -> Result<Box<dyn Transform>, Problem> {
    Ok(Box::new(Uniq {
        is_counted: parsed.has("count"),
        without_single: parsed.has("repeated"),
        without_repeated: parsed.has("unique"),
        is_same: match parsed.has("ignore-case") {
            true => <[u8]>::eq_ignore_ascii_case,
            false => <[u8]>::eq,
        },
    }))
}

#[derive(Debug)]
struct Uniq {
    is_counted: bool,
    without_single: bool,
    without_repeated: bool,
    is_same: fn(&[u8], &[u8]) -> bool,
}

/// Lines that are the same: the first of them, and how many.
#[derive(Default)]
struct Group {
    line: Vec<u8>,
    count: u64,
}

impl Transform for Uniq {
    fn run(&self, files: &[Vec<u8>], port: &dyn Port) -> io::Result<u8> {
        let mut status = 0;
        let mut out = Out::new(port);
        for file in named(files) {
            let mut group = Group::default();
            let result = each_block(file, port, |block| {
                for line in each(block) {
                    if group.count > 0 && (self.is_same)(&group.line, line) {
                        group.count += 1;
                        continue;
                    }
                    self.print(&group, &mut out)?;
                    group.line.clear();
                    group.line.extend_from_slice(line);
                    group.count = 1;
                }
                Ok(ControlFlow::Continue(()))
            });
            self.print(&group, &mut out)?;
            if let Err(error) = result {
                status = 1;
                out.flush()?;
                complain(port, "@uniq: cannot read", file, error)?;
            }
        }
        out.flush()?;
        Ok(status)
    }
}

impl Uniq {
    fn print(&self, group: &Group, out: &mut dyn Write) -> io::Result<()> {
        match group.count {
            0 => return Ok(()),
            1 if self.without_single => return Ok(()),
            2.. if self.without_repeated => return Ok(()),
            count if self.is_counted => write!(out, "{count:7} ")?,
            _ => {}
        }
        out.write_all(&group.line)?;
        out.write_all(b"\n")
    }
}
