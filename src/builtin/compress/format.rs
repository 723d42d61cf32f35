//! Formats, with the conventions of their tools.

use super::codec::Codec;

#[derive(Debug)]
pub(super) struct CompressionFormat {
    pub(super) compress: &'static str,
    pub(super) decompress: &'static str,
    pub(super) codec: Codec,
    /// First bytes of a compressed file.
    pub(super) magic: &'static [u8],
    /// Ends of the names of compressed files, and their replacements.
    pub(super) suffixes: &'static [(&'static str, &'static str)],
    pub(super) level: i32,
    pub(super) most: i32,
    /// The tool keeps the source unless told otherwise.
    pub(super) keeps: bool,
    pub(super) links: LinkPolicy,
    pub(super) statuses: ToolStatuses,
}

/// Files that are left alone without `-f`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LinkPolicy {
    /// Symbolic links, and files with another name.
    Refused,
    /// Like `Refused`, if the file would be removed.
    RefusedToRemove,
    /// Symbolic links.
    SymbolicRefused,
    Followed,
}

/// Exit statuses of the tool.
#[derive(Debug, Clone, Copy)]
pub(super) struct ToolStatuses {
    pub(super) corrupt: u8,
    /// A file was skipped.
    pub(super) skipped: u8,
    /// The target exists.
    pub(super) exists: u8,
    /// A file has the suffix already; `None` if that does not matter.
    pub(super) suffixed: Option<u8>,
    /// Something else follows the compressed data.
    pub(super) garbage: u8,
    /// Status that counts less than the others.
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
