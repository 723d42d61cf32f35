//! The files among the arguments of a built-in, one after the other.

use std::io::{self, Read, Write};

use super::builtin_input::BuiltinInput;
use super::builtin_io::{BufferedStdout, BuiltinIo, CHUNK, complain};

/// Does `work` for each file, or for standard input if there are none. A file that it fails
/// for is told by `report`, behind the output so far. The status is 1 if there is one.
pub(super) fn each_file<E>(
    files: &[Vec<u8>],
    stdio: &BuiltinIo<'_>,
    mut work: impl FnMut(&[u8], &mut BufferedStdout<'_>) -> Result<(), E>,
    report: impl Fn(&[u8], E) -> io::Result<()>,
) -> io::Result<u8> {
    let mut status = 0;
    let mut out = BufferedStdout::new(stdio);
    for file in named(files) {
        if let Err(error) = work(file, &mut out) {
            status = 1;
            out.flush()?;
            report(file, error)?;
        }
    }
    out.flush()?;
    Ok(status)
}

/// Reports `@cat: cannot read 'x': REASON`.
pub(super) fn cannot_read(
    name: &str,
    stdio: &BuiltinIo<'_>,
) -> impl Fn(&[u8], io::Error) -> io::Result<()> {
    move |file, error| complain(stdio, &format!("{name}: cannot read"), file, error)
}

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
pub(super) fn chunks(
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
