//! `@cat`: files one after the other.

use std::io::{self, Write};

use crate::builtin::builtin_io::{BufferedStdout, BuiltinIo};
use crate::builtin::files::{cannot_read, each_chunk, each_file};
use crate::builtin::transform::{BuiltinSpec, Transform};

pub(in crate::builtin) static CAT: BuiltinSpec = BuiltinSpec {
    name: "@cat",
    about: "The contents of files, as cat prints them",
    notes: "As cat(1) without options.",
    flags: &[],
    build: |_| Ok(Box::new(CatTransform)),
};

#[derive(Debug)]
struct CatTransform;

impl Transform for CatTransform {
    fn run(&self, files: &[Vec<u8>], stdio: &BuiltinIo<'_>) -> io::Result<u8> {
        let copy = |file: &[u8], out: &mut BufferedStdout<'_>| {
            each_chunk(file, stdio, |bytes| out.write_all(bytes))
        };
        each_file(files, stdio, copy, cannot_read("@cat", stdio))
    }
}
