//! The formats, with the ways of their tools.

use super::codec::Codec;

/// A format, with the ways of its tool.
#[derive(Debug)]
pub(super) struct CompressionFormat {
    pub(super) compress: &'static str,
    pub(super) decompress: &'static str,
    pub(super) codec: Codec,
    /// What a compressed file begins with.
    pub(super) magic: &'static [u8],
    /// What names of compressed files end with, and what that becomes.
    pub(super) suffixes: &'static [(&'static str, &'static str)],
    pub(super) level: i32,
    pub(super) most: i32,
    /// Whether the tool keeps the file unless told otherwise.
    pub(super) keeps: bool,
    pub(super) links: LinkPolicy,
    pub(super) statuses: ToolStatuses,
}

/// Which files are left alone unless -f is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LinkPolicy {
    /// Symbolic links, and files with another name.
    Refused,
    /// Those, if the file would be removed.
    RefusedToRemove,
    /// Symbolic links.
    SymbolicRefused,
    /// None.
    Followed,
}

/// The tool's exit statuses.
#[derive(Debug, Clone, Copy)]
pub(super) struct ToolStatuses {
    pub(super) corrupt: u8,
    /// A file was passed over.
    pub(super) skipped: u8,
    /// There is such a file already.
    pub(super) exists: u8,
    /// A file has the suffix already; none if that does not matter.
    pub(super) suffixed: Option<u8>,
    /// What follows the compressed data is something else.
    pub(super) garbage: u8,
    /// One that counts less than the others.
    pub(super) warning: Option<u8>,
}

pub(super) static GZ: CompressionFormat = CompressionFormat {
    compress: "@gzip",
    decompress: "@gunzip",
    codec: Codec::Gzip,
    magic: b"\x1f\x8b",
    suffixes: &[
        (".gz", ""),
        (".tgz", ".tar"),
        (".taz", ".tar"),
        ("-gz", ""),
        (".z", ""),
        ("-z", ""),
        ("_z", ""),
    ],
    level: 6,
    most: 9,
    keeps: false,
    links: LinkPolicy::Refused,
    statuses: ToolStatuses {
        corrupt: 1,
        skipped: 2,
        exists: 2,
        suffixed: Some(0),
        garbage: 2,
        warning: Some(2),
    },
};

pub(super) static ZST: CompressionFormat = CompressionFormat {
    compress: "@zstd",
    decompress: "@unzstd",
    codec: Codec::Zstd,
    magic: b"\x28\xb5\x2f\xfd",
    suffixes: &[(".zst", ""), (".tzst", ".tar")],
    level: 3,
    most: 22,
    keeps: true,
    links: LinkPolicy::SymbolicRefused,
    statuses: ToolStatuses {
        corrupt: 1,
        skipped: 1,
        exists: 1,
        suffixed: None,
        garbage: 1,
        warning: None,
    },
};

pub(super) static XZ_FORMAT: CompressionFormat = CompressionFormat {
    compress: "@xz",
    decompress: "@unxz",
    codec: Codec::Xz,
    magic: b"\xfd7zXZ\0",
    suffixes: &[(".xz", ""), (".txz", ".tar")],
    level: 6,
    most: 9,
    keeps: false,
    links: LinkPolicy::RefusedToRemove,
    statuses: ToolStatuses {
        corrupt: 1,
        skipped: 2,
        exists: 1,
        suffixed: Some(2),
        garbage: 1,
        warning: Some(2),
    },
};

pub(super) static BZ2: CompressionFormat = CompressionFormat {
    compress: "@bzip2",
    decompress: "@bunzip2",
    codec: Codec::Bzip2,
    magic: b"BZh",
    suffixes: &[
        (".bz2", ""),
        (".bz", ""),
        (".tbz2", ".tar"),
        (".tbz", ".tar"),
    ],
    level: 9,
    most: 9,
    keeps: false,
    links: LinkPolicy::Refused,
    statuses: ToolStatuses {
        corrupt: 2,
        skipped: 1,
        exists: 1,
        suffixed: Some(1),
        garbage: 0,
        warning: None,
    },
};

pub(super) static LZ: CompressionFormat = CompressionFormat {
    compress: "@lz4",
    decompress: "@unlz4",
    codec: Codec::Lz4,
    magic: b"\x04\x22\x4d\x18",
    suffixes: &[(".lz4", ""), (".tlz4", ".tar")],
    level: 1,
    most: 12,
    keeps: true,
    links: LinkPolicy::Followed,
    statuses: ToolStatuses {
        corrupt: 1,
        skipped: 1,
        exists: 1,
        suffixed: None,
        garbage: 1,
        warning: None,
    },
};
