//! Text, as wc(1), cat(1), head(1) and their kin have it.

mod case;
mod cat;
mod chars;
mod count;
mod cut;
mod encode;
mod grep;
mod head_tail;
mod lines;
mod pattern;
mod posix;
mod replace;
mod uniq;

pub(super) use case::{LOWER, UPPER};
pub(super) use cat::CAT;
pub(super) use count::COUNT;
pub(super) use cut::CUT;
pub(super) use encode::{BASE64, HEX, UNBASE64, UNHEX};
pub(super) use grep::GREP;
pub(super) use head_tail::{HEAD, TAIL};
pub(super) use replace::REPLACE;
pub(super) use uniq::UNIQ;

use std::io::{self, Read};

use super::builtin_input::BuiltinInput;
use super::builtin_io::{BuiltinIo, CHUNK};

/// The files to go through: standard input if there are none.
pub(super) fn named(files: &[Vec<u8>]) -> Vec<&[u8]> {
    match files {
        [] => vec![b"-"],
        files => files.iter().map(Vec::as_slice).collect(),
    }
}

/// Hands a file on in chunks.
pub(super) fn each_chunk(
    file: &[u8],
    stdio: &BuiltinIo<'_>,
    take: impl FnMut(&[u8]) -> io::Result<()>,
) -> io::Result<()> {
    let mut source = BuiltinInput::open(file, stdio)?;
    let buffer = source.buffer(CHUNK);
    chunks(&mut source, buffer, take)
}

/// Hands on what is read in chunks that fit into the buffer.
fn chunks(
    source: &mut dyn Read,
    mut buffer: Vec<u8>,
    mut take: impl FnMut(&[u8]) -> io::Result<()>,
) -> io::Result<()> {
    loop {
        match source.read(&mut buffer)? {
            0 => return Ok(()),
            count => take(&buffer[..count])?,
        }
    }
}
