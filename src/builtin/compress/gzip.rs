//! gzip files (RFC 1952). A large one is compressed in blocks, each on its own but with the
//! end of the one before it as its dictionary; together they are one deflate stream. The
//! bytes do not depend on the number of threads.

use std::io::{self, Read, Write};
use std::ops::ControlFlow;

use crc32fast::Hasher;
use flate2::{Compress, Compression, FlushCompress, Status};

use super::settings::CompressionSettings;
use crate::builtin::builtin_input::fill;
use crate::builtin::builtin_io::BuiltinIo;
use crate::builtin::parallel_map::parallel_map;

/// The size of a block. Less costs size and time, more makes the threads wait for each other
/// at the end.
const BLOCK: usize = 256 << 10;

/// Window of deflate (RFC 1951).
const WINDOW: usize = 32 << 10;

/// A block, and its dictionary.
struct DeflateInput {
    bytes: Vec<u8>,
    start: usize,
    flush: FlushCompress,
}

struct DeflatedBlock {
    bytes: Vec<u8>,
    checksum: Hasher,
    length: usize,
}

/// Compresses all of `source`.
pub(super) fn compress(
    source: &mut dyn Read,
    out: &mut dyn Write,
    settings: &CompressionSettings,
    stdio: &BuiltinIo<'_>,
) -> io::Result<()> {
    // The library's first level is a third larger than that of gzip, its second one is
    // smaller and takes less time than gzip's first.
    let level = Compression::new(settings.level.max(2) as u32);
    let (mut checksum, mut length) = (Hasher::new(), 0_u64);
    out.write_all(&header(settings))?;
    let mut blocks = DeflateInputReader::new(source);
    parallel_map(
        stdio,
        || blocks.next(),
        |block, _| block.deflate(level),
        |deflated| {
            let deflated = deflated?;
            checksum.combine(&deflated.checksum);
            length += deflated.length as u64;
            out.write_all(&deflated.bytes)?;
            Ok(ControlFlow::Continue(()))
        },
    )
    .map(drop)?;
    out.write_all(&trailer(checksum.finalize(), length))
}

pub(super) fn header(settings: &CompressionSettings) -> Vec<u8> {
    const NAMED: u8 = 8;
    const UNIX: u8 = 3;
    let mut header = vec![0x1f, 0x8b, 8];
    header.push(if settings.name.is_some() { NAMED } else { 0 });
    let time = u32::try_from(settings.time).unwrap_or(0);
    header.extend_from_slice(&time.to_le_bytes());
    header.push(match settings.level {
        1 => 4,
        9 => 2,
        _ => 0,
    });
    header.push(UNIX);
    if let Some(name) = &settings.name {
        header.extend_from_slice(name);
        header.push(0);
    }
    header
}

/// The length is stored modulo 2^32.
pub(super) fn trailer(checksum: u32, length: u64) -> [u8; 8] {
    let mut trailer = [0; 8];
    trailer[..4].copy_from_slice(&checksum.to_le_bytes());
    trailer[4..].copy_from_slice(&(length as u32).to_le_bytes());
    trailer
}

/// Cuts a source into blocks.
struct DeflateInputReader<'a> {
    source: &'a mut dyn Read,
    /// End of the last block; `None` once there are no more.
    before: Option<Vec<u8>>,
}

impl<'a> DeflateInputReader<'a> {
    fn new(source: &'a mut dyn Read) -> DeflateInputReader<'a> {
        DeflateInputReader {
            source,
            before: Some(Vec::new()),
        }
    }

    /// The last one may be empty: there is no other way to tell that it is the last.
    fn next(&mut self) -> io::Result<Option<DeflateInput>> {
        let Some(mut bytes) = self.before.take() else {
            return Ok(None);
        };
        let start = bytes.len();
        bytes.resize(start + BLOCK, 0);
        let count = fill(self.source, &mut bytes[start..])?;
        bytes.truncate(start + count);
        let flush = match count {
            BLOCK => FlushCompress::Sync,
            _ => FlushCompress::Finish,
        };
        if count == BLOCK {
            let mut before = Vec::with_capacity(WINDOW + BLOCK);
            before.extend_from_slice(&bytes[bytes.len() - WINDOW..]);
            self.before = Some(before);
        }
        Ok(Some(DeflateInput {
            bytes,
            start,
            flush,
        }))
    }
}

impl DeflateInput {
    fn deflate(self, level: Compression) -> io::Result<DeflatedBlock> {
        let (before, block) = self.bytes.split_at(self.start);
        let mut engine = Compress::new(level, false);
        if !before.is_empty() {
            engine.set_dictionary(before)?;
        }
        let mut bytes = Vec::with_capacity(block.len() / 2 + 64);
        loop {
            let rest = &block[engine.total_in() as usize..];
            let status = engine.compress_vec(rest, &mut bytes, self.flush)?;
            // A full buffer means that there is more (zlib's manual).
            if status == Status::StreamEnd || bytes.len() < bytes.capacity() {
                break;
            }
            bytes.reserve(block.len() / 4 + 64);
        }
        let mut checksum = Hasher::new();
        checksum.update(block);
        Ok(DeflatedBlock {
            bytes,
            checksum,
            length: block.len(),
        })
    }
}
