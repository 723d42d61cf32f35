//! `@cat`: files one after the other.

use std::io::{self, Write};

use super::{each_chunk, named};
use crate::builtin::{BufferedStdout, BuiltinIo, BuiltinSpec, Transform, complain};

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
        let mut status = 0;
        let mut out = BufferedStdout::new(stdio);
        for file in named(files) {
            if let Err(error) = each_chunk(file, stdio, |bytes| out.write_all(bytes)) {
                status = 1;
                out.flush()?;
                complain(stdio, "@cat: cannot read", file, error)?;
            }
        }
        out.flush()?;
        Ok(status)
    }
}
