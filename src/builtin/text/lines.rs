//! Files in blocks of whole lines.

use std::io::{self, Read};
use std::ops::ControlFlow;

use memchr::{memchr, memrchr};

use crate::builtin::builtin_input::{BuiltinInput, reserve, too_long};
use crate::builtin::builtin_io::{BuiltinIo, CHUNK};

/// Passes a file to `take` in blocks of whole lines, until it breaks. Only the last line of
/// a file may be without its newline.
pub(super) fn each_block(
    file: &[u8],
    stdio: &BuiltinIo<'_>,
    take: impl FnMut(&[u8]) -> io::Result<ControlFlow<()>>,
) -> io::Result<()> {
    let mut source = BuiltinInput::open(file, stdio)?;
    let buffer = source.buffer(CHUNK);
    let most = stdio.workers().max_record();
    blocks(&mut source, buffer, most, take)
}

/// Passes a source to `take` in the same way, by a buffer that grows with long lines, of
/// `most` bytes or about as many as the buffer has.
pub(super) fn blocks(
    source: &mut dyn Read,
    mut buffer: Vec<u8>,
    most: usize,
    mut take: impl FnMut(&[u8]) -> io::Result<ControlFlow<()>>,
) -> io::Result<()> {
    let mut held = 0;
    loop {
        if held == buffer.len() {
            // The line is longer than the buffer.
            if held > most {
                return Err(too_long(most));
            }
            let longer = most.saturating_add(1).min(2 * held).max(held + 1);
            reserve(&mut buffer, longer - held)?;
            buffer.resize(longer, 0);
        }
        let count = source.read(&mut buffer[held..])?;
        if count == 0 {
            break;
        }
        let filled = held + count;
        let Some(end) = memrchr(b'\n', &buffer[held..filled]) else {
            held = filled;
            continue;
        };
        let whole = held + end + 1;
        if take(&buffer[..whole])?.is_break() {
            return Ok(());
        }
        buffer.copy_within(whole..filled, 0);
        held = filled - whole;
    }
    match held {
        0 => Ok(()),
        held => take(&buffer[..held]).map(drop),
    }
}

/// The block without its final newline.
pub(super) fn body(block: &[u8]) -> &[u8] {
    block.strip_suffix(b"\n").unwrap_or(block)
}

/// The lines of a block, without their newlines.
pub(super) fn each(block: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = (!block.is_empty()).then(|| body(block));
    std::iter::from_fn(move || {
        let lines = rest?;
        let end = memchr(b'\n', lines);
        rest = end.map(|end| &lines[end + 1..]);
        Some(&lines[..end.unwrap_or(lines.len())])
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_what_newlines_end() {
        for (block, expected) in [
            (&b""[..], &[][..]),
            (b"\n", &[&b""[..]]),
            (b"a", &[b"a"]),
            (b"a\n", &[b"a"]),
            (b"a\n\nb", &[b"a", b"", b"b"]),
            (b"\n\n", &[b"", b""]),
        ] {
            assert_eq!(each(block).collect::<Vec<_>>(), expected, "{block:?}");
        }
    }
}
