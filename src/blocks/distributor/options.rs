//! Options of a distribution.

use std::num::NonZeroU32;

use crate::blocks::column_key::ColumnKey;

/// Division of a stream among workers.
#[derive(Debug)]
pub(crate) struct DistributionOptions {
    pub mode: DistributionMode,
    pub workers: NonZeroU32,
    /// Bytes of a block. For `--shard` and `--bin`, as many bytes as a block for each worker
    /// are held beside the buffers of the reader.
    pub block_size: usize,
    /// Each worker gets the header before its first record.
    pub passes_header: bool,
    /// A worker starts when there is a block for it. For `--round-robin`.
    pub starts_with_block: bool,
}

/// Choice of the workers that get a block.
#[derive(Debug)]
pub(crate) enum DistributionMode {
    /// `--round-robin`: whichever can take it, or with `--keep-order` one after the other. A
    /// worker holds one block beside what is in its pipe, so the reader needs one buffer for
    /// each worker and two for itself.
    RoundRobin { is_ordered: bool },
    /// `--tee`: all of them.
    Tee,
    /// `--shard`: each line goes to a worker by the hash of its key. The reader needs three
    /// buffers.
    Shard(ColumnKey),
    /// `--bin`: each line goes to a worker by the number that is its key.
    Bin(ColumnKey),
}

impl DistributionMode {
    /// Key of the records, if they are dealt by it.
    pub(crate) fn key(&self) -> Option<&ColumnKey> {
        match self {
            DistributionMode::Shard(key) | DistributionMode::Bin(key) => Some(key),
            DistributionMode::RoundRobin { .. } | DistributionMode::Tee => None,
        }
    }
}
