//! Small files are compressed at once, by compressors that each thread keeps: to make one
//! takes longer than to use it.

use std::cell::RefCell;
use std::io;

use libdeflater::{CompressionLvl, Compressor};
use zstd::zstd_safe::CParameter;

use super::codec::Codec;
use super::gzip::{header, trailer};
use super::settings::CompressionSettings;

/// Size of the largest small file, in bytes.
pub(super) const SMALL: u64 = 1 << 20;

thread_local! {
    static DEFLATE: RefCell<Option<(i32, Compressor)>> = const { RefCell::new(None) };
    static ZSTD: RefCell<Option<(i32, zstd::bulk::Compressor<'static>)>> =
        const { RefCell::new(None) };
}

/// The compressed file; `None` for formats whose compressors are not worth keeping.
pub(super) fn compress(
    codec: Codec,
    bytes: &[u8],
    settings: &CompressionSettings,
) -> io::Result<Option<Vec<u8>>> {
    match codec {
        Codec::Gzip => gzip(bytes, settings).map(Some),
        Codec::Zstd => zstd(bytes, settings.level).map(Some),
        Codec::Xz | Codec::Bzip2 | Codec::Lz4 => Ok(None),
    }
}

fn gzip(bytes: &[u8], settings: &CompressionSettings) -> io::Result<Vec<u8>> {
    let mut file = header(settings);
    let start = file.len();
    DEFLATE.with_borrow_mut(|kept| {
        let compressor = match kept {
            Some((level, compressor)) if *level == settings.level => compressor,
            _ => {
                let level = CompressionLvl::new(settings.level);
                let level = level.map_err(|_| io::ErrorKind::InvalidInput)?;
                &mut kept.insert((settings.level, Compressor::new(level))).1
            }
        };
        file.resize(start + compressor.deflate_compress_bound(bytes.len()), 0);
        let length = compressor.deflate_compress(bytes, &mut file[start..]);
        file.truncate(start + length.expect("the bound is one"));
        io::Result::Ok(())
    })?;
    file.extend_from_slice(&trailer(crc32fast::hash(bytes), bytes.len() as u64));
    Ok(file)
}

fn zstd(bytes: &[u8], level: i32) -> io::Result<Vec<u8>> {
    ZSTD.with_borrow_mut(|kept| {
        let compressor = match kept {
            Some((of, compressor)) if *of == level => compressor,
            _ => {
                let mut compressor = zstd::bulk::Compressor::new(level)?;
                compressor.set_parameter(CParameter::ChecksumFlag(true))?;
                &mut kept.insert((level, compressor)).1
            }
        };
        compressor.compress(bytes)
    })
}
