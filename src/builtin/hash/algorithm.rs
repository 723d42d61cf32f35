//! Checksums of files.

use std::io;

use sha2::Digest;

use super::tree;
use crate::builtin::builtin_input::{BuiltinInput, fill};
use crate::builtin::builtin_io::{BuiltinIo, CHUNK, complain};

#[derive(Debug)]
pub(super) struct HashAlgorithm {
    /// Name of the built-in.
    pub(super) name: &'static str,
    /// Name in the lines of `--tag`.
    pub(super) tag: &'static str,
    /// In bytes.
    pub(super) length: usize,
    /// Parts of a file can be hashed at the same time, as those of a BLAKE3 tree.
    pub(super) is_tree: bool,
    pub(super) start: fn() -> Box<dyn StreamHasher>,
}

pub(super) trait StreamHasher: Send {
    fn update(&mut self, bytes: &[u8]);
    fn finish(self: Box<Self>) -> Vec<u8>;
}

impl<D: Digest + Send> StreamHasher for D {
    fn update(&mut self, bytes: &[u8]) {
        Digest::update(self, bytes);
    }

    fn finish(self: Box<Self>) -> Vec<u8> {
        (*self).finalize().to_vec()
    }
}

pub(super) struct Blake3Hasher(pub(super) blake3::Hasher);

impl StreamHasher for Blake3Hasher {
    fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    fn finish(self: Box<Self>) -> Vec<u8> {
        self.0.finalize().as_bytes().to_vec()
    }
}

pub(super) struct Crc32Hasher(pub(super) crc32fast::Hasher);

impl StreamHasher for Crc32Hasher {
    fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    fn finish(self: Box<Self>) -> Vec<u8> {
        self.0.finalize().to_be_bytes().to_vec()
    }
}

impl HashAlgorithm {
    pub(super) fn sum(&self, file: &[u8], stdio: &BuiltinIo<'_>) -> io::Result<Vec<u8>> {
        let mut source = BuiltinInput::open(file, stdio)?;
        if self.is_tree
            && let Some(sum) = tree::sum(&mut source)?
        {
            return Ok(sum);
        }
        let mut hasher = (self.start)();
        let mut buffer = source.buffer(CHUNK);
        loop {
            let count = fill(&mut source, &mut buffer)?;
            hasher.update(&buffer[..count]);
            if count < buffer.len() {
                return Ok(hasher.finish());
            }
        }
    }

    pub(super) fn complain(
        &self,
        stdio: &BuiltinIo<'_>,
        file: &[u8],
        error: io::Error,
    ) -> io::Result<()> {
        complain(stdio, &format!("{}: cannot read", self.name), file, error)
    }
}
