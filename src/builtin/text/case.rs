//! `@upper`, `@lower`: letters of the ASCII set, as tr(1) changes them.

use std::io::{self, Write};

use crate::builtin::builtin_io::{BufferedStdout, BuiltinIo};
use crate::builtin::files::{cannot_read, each_chunk, each_file};
use crate::builtin::transform::{BuiltinSpec, Transform};

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
        let mut changed = Vec::new();
        let change = |file: &[u8], out: &mut BufferedStdout<'_>| {
            each_chunk(file, stdio, |bytes| {
                changed.clear();
                changed.extend_from_slice(bytes);
                (self.change)(&mut changed);
                out.write_all(&changed)
            })
        };
        each_file(files, stdio, change, cannot_read(self.name, stdio))
    }
}
