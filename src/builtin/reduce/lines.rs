//! Files line by line.

use std::io;

use memchr::memchr;

use crate::builtin::builtin_input::hold;
use crate::builtin::builtin_io::BuiltinIo;
use crate::builtin::files::each_chunk;

/// Passes the lines of a file to `take`, without their newlines.
pub(super) fn each_line(
    file: &[u8],
    stdio: &BuiltinIo<'_>,
    mut take: impl FnMut(&[u8]) -> io::Result<()>,
) -> io::Result<()> {
    // Beginning of a line whose end is in a later chunk.
    let mut begun = Vec::new();
    let most = stdio.workers().max_record();
    each_chunk(file, stdio, |bytes| {
        let mut rest = bytes;
        while let Some(end) = memchr(b'\n', rest) {
            if begun.is_empty() {
                take(&rest[..end])?;
            } else {
                hold(&mut begun, &rest[..end], most)?;
                take(&begun)?;
                begun.clear();
            }
            rest = &rest[end + 1..];
        }
        hold(&mut begun, rest, most)
    })?;
    if begun.is_empty() {
        Ok(())
    } else {
        take(&begun)
    }
}
