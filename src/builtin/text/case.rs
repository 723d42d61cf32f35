//! `@upper`, `@lower`: letters of the ASCII set, as tr(1) changes them.

use std::io::{self, Write};

use super::{each_chunk, named};
use crate::builtin::{BufferedStdout, BuiltinIo, BuiltinSpec, Transform, complain};

pub(in crate::builtin) static UPPER: BuiltinSpec = BuiltinSpec {
    name: "@upper",
    about: "The contents of files in upper case, as tr a-z A-Z",
    notes: "The letters a to z become A to Z; no other byte is changed.",
    flags: &[],
    build: |_| {
        Ok(Box::new(CaseTransform {
            name: "@upper",
            change: <[u8]>::make_ascii_uppercase,
        }))
    },
};

pub(in crate::builtin) static LOWER: BuiltinSpec = BuiltinSpec {
    name: "@lower",
    about: "The contents of files in lower case, as tr A-Z a-z",
    notes: "The letters A to Z become a to z; no other byte is changed.",
    flags: &[],
    build: |_| {
        Ok(Box::new(CaseTransform {
            name: "@lower",
            change: <[u8]>::make_ascii_lowercase,
        }))
    },
};

#[derive(Debug)]
struct CaseTransform {
    name: &'static str,
    change: fn(&mut [u8]),
}

impl Transform for CaseTransform {
    fn run(&self, files: &[Vec<u8>], stdio: &BuiltinIo<'_>) -> io::Result<u8> {
        let mut status = 0;
        let mut out = BufferedStdout::new(stdio);
        let mut changed = Vec::new();
        for file in named(files) {
            let result = each_chunk(file, stdio, |bytes| {
                changed.clear();
                changed.extend_from_slice(bytes);
                (self.change)(&mut changed);
                out.write_all(&changed)
            });
            if let Err(error) = result {
                status = 1;
                out.flush()?;
                complain(stdio, &format!("{}: cannot read", self.name), file, error)?;
            }
        }
        out.flush()?;
        Ok(status)
    }
}
