//! The formats themselves, by the libraries that know them.

use std::io::{self, BufRead, Read, Write};

use super::settings::CompressionSettings;
use super::{gzip, threaded};
use crate::builtin::builtin_io::{BuiltinIo, CHUNK};

/// A format of compressed data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Codec {
    Gzip,
    Zstd,
    Xz,
    Bzip2,
    Lz4,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TrailingData {
    Nothing,
    Garbage,
}

impl Codec {
    /// Compresses all of `source`.
    pub(super) fn compress(
        self,
        source: &mut dyn BufRead,
        out: &mut dyn Write,
        settings: &CompressionSettings,
        stdio: &BuiltinIo<'_>,
    ) -> io::Result<()> {
        let level = settings.level;
        // Encoders that read: those that write would end a file properly whose source
        // failed.
        match self {
            Codec::Gzip => gzip::compress(source, out, settings, stdio),
            Codec::Zstd => threaded::zstd(source, out, settings, stdio),
            Codec::Xz => threaded::xz(source, out, settings, stdio),
            Codec::Bzip2 => {
                let level = bzip2::Compression::new(level as u32);
                copy(&mut bzip2::bufread::BzEncoder::new(source, level), out)
            }
            Codec::Lz4 => {
                let mut encoder = lz4::EncoderBuilder::new()
                    .level(level as u32)
                    .block_mode(lz4::BlockMode::Independent)
                    .block_size(lz4::BlockSize::Max4MB)
                    .build(out)?;
                copy(&mut *source, &mut encoder)?;
                encoder.finish().1
            }
        }
    }

    /// The source begins as this format does.
    pub(super) fn begins(self, source: &mut dyn BufRead, magic: &[u8]) -> io::Result<bool> {
        let start = source.fill_buf()?;
        let length = start.len().min(magic.len());
        // A shorter start is one that ends unexpectedly.
        let is_skippable = self == Codec::Zstd && is_skippable(start);
        Ok(start[..length] == magic[..length] || is_skippable)
    }

    /// Decompresses all of `source`, which may be several compressed files in a row.
    pub(super) fn decompress(
        self,
        source: &mut dyn BufRead,
        out: &mut dyn Write,
    ) -> io::Result<TrailingData> {
        match self {
            Codec::Gzip => members(source, b"\x1f\x8b", |source| {
                copy(&mut flate2::bufread::GzDecoder::new(&mut *source), out)?;
                skip_zeros(source)
            }),
            Codec::Bzip2 => members(source, b"BZh", |source| {
                copy(&mut bzip2::bufread::BzDecoder::new(&mut *source), out)?;
                skip_zeros(source)
            }),
            // To lz4, no bytes at all are no compressed file, which is empty, too.
            Codec::Lz4 if source.fill_buf()?.is_empty() => Ok(TrailingData::Nothing),
            Codec::Lz4 => members(source, b"\x04\x22\x4d\x18", |source| {
                // The `lz4` crate has a decoder, too, but it does not stop where a file ends.
                let mut source = TruncationReader {
                    source,
                    ended: false,
                };
                let decoder = lz4_flex::frame::FrameDecoder::new(&mut source);
                let copied = copy(&mut { decoder }, out);
                if source.ended {
                    Err(io::ErrorKind::UnexpectedEof.into())
                } else {
                    copied
                }
            }),
            Codec::Zstd => {
                is_there(source)?;
                let mut decoder = zstd::stream::read::Decoder::with_buffer(source)?;
                copy(&mut decoder, out).map(|()| TrailingData::Nothing)
            }
            Codec::Xz => {
                is_there(source)?;
                let mut decoder = liblzma::bufread::XzDecoder::new_multi_decoder(source);
                copy(&mut decoder, out).map(|()| TrailingData::Nothing)
            }
        }
    }
}

/// A source whose end is an error: to `lz4_flex` a file that ends between two blocks is
/// complete.
struct TruncationReader<'a> {
    source: &'a mut dyn BufRead,
    ended: bool,
}

impl Read for TruncationReader<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.source.read(buffer)? {
            0 if !buffer.is_empty() => {
                self.ended = true;
                Err(io::ErrorKind::InvalidData.into())
            }
            count => Ok(count),
        }
    }
}

/// A frame that means nothing to zstd.
fn is_skippable(start: &[u8]) -> bool {
    matches!(start, [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..])
}

/// An empty file is no compressed one.
fn is_there(source: &mut dyn BufRead) -> io::Result<()> {
    match source.fill_buf()? {
        [] => Err(io::ErrorKind::UnexpectedEof.into()),
        _ => Ok(()),
    }
}

/// Decompresses one member after the other.
fn members(
    source: &mut dyn BufRead,
    magic: &[u8],
    mut member: impl FnMut(&mut dyn BufRead) -> io::Result<()>,
) -> io::Result<TrailingData> {
    is_there(source)?;
    loop {
        member(source)?;
        let start = source.fill_buf()?;
        let length = start.len().min(magic.len());
        if start.is_empty() {
            return Ok(TrailingData::Nothing);
        }
        if start[..length] != magic[..length] {
            return Ok(TrailingData::Garbage);
        }
    }
}

fn skip_zeros(source: &mut dyn BufRead) -> io::Result<()> {
    loop {
        let start = source.fill_buf()?;
        let zeros = start.iter().take_while(|byte| **byte == 0).count();
        if zeros == 0 {
            return Ok(());
        }
        source.consume(zeros);
    }
}

fn copy(from: &mut dyn Read, to: &mut dyn Write) -> io::Result<()> {
    /// Most results are small, and memory has to be cleared before it is used.
    const LITTLE: usize = 16 << 10;
    let mut buffer = vec![0; LITTLE];
    loop {
        match from.read(&mut buffer) {
            Ok(0) => return Ok(()),
            Ok(count) => {
                to.write_all(&buffer[..count])?;
                if count == buffer.len() && count < CHUNK {
                    buffer.resize(CHUNK, 0);
                }
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}
