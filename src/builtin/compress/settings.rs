//! Settings of an encoder.

#[derive(Debug)]
pub(super) struct CompressionSettings {
    pub(super) level: i32,
    pub(super) effort: CompressionEffort,
    /// Name and time in a gzip file.
    pub(super) name: Option<Vec<u8>>,
    pub(super) time: i64,
}

/// Settings beside the level, of codecs that have them.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct CompressionEffort {
    /// `--extreme`, of xz.
    pub(super) extreme: bool,
    /// `--long`, of zstd.
    pub(super) long: bool,
    /// Threads at most.
    pub(super) threads: Option<usize>,
}
