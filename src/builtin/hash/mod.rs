//! Checksums, as sha256sum(1) and its kin print and check them.

mod algorithm;
mod check;
mod name;
mod tree;

use std::io::{self, Write};

use data_encoding::HEXLOWER;
use sha2::Digest;

use super::arguments::{ArgumentError, BuiltinOption, ParsedArguments};
use crate::builtin::builtin_io::{BufferedStdout, BuiltinIo};
use crate::builtin::files::{cannot_read, each_file};
use crate::builtin::transform::{BuiltinSpec, Transform};
use algorithm::{Blake3Hasher, Crc32Hasher, HashAlgorithm};
use check::{CheckVerbosity, ChecksumCheck};
use name::escape;

const FLAGS: &[BuiltinOption] = &[
    BuiltinOption::switch(Some('b'), "binary", "Mark names with * instead of a space"),
    BuiltinOption::switch(Some('t'), "text", "Mark names with a space (default)"),
    BuiltinOption::switch(
        Some('z'),
        "zero",
        "End lines with NUL, and do not escape names",
    ),
    BuiltinOption::switch(
        None,
        "tag",
        "Print lines as BSD has them: NAME (FILE) = SUM",
    ),
    BuiltinOption::switch(
        Some('c'),
        "check",
        "Read sums from the files and check them",
    ),
    BuiltinOption::switch(None, "quiet", "With -c: do not print OK"),
    BuiltinOption::switch(None, "status", "With -c: print nothing, the status tells"),
    BuiltinOption::switch(None, "strict", "With -c: fail for lines that are no sums"),
    BuiltinOption::switch(Some('w'), "warn", "With -c: tell which lines are no sums"),
    BuiltinOption::switch(None, "ignore-missing", "With -c: pass over missing files"),
];

/// Options that need `--check`.
const CHECKING: [&str; 5] = ["ignore-missing", "status", "warn", "quiet", "strict"];

macro_rules! algorithm {
    ($spec:ident, $algorithm:ident, $about:literal, $notes:literal, $made:expr) => {
        static $algorithm: HashAlgorithm = $made;

        pub(super) static $spec: BuiltinSpec = BuiltinSpec {
            name: $algorithm.name,
            about: $about,
            notes: $notes,
            flags: FLAGS,
            build: |parsed| build(&$algorithm, parsed),
        };
    };
}

algorithm!(
    SHA256,
    OF_SHA256,
    "SHA-256 checksums, as sha256sum prints them",
    "Lines are those of sha256sum(1), and -c checks them.",
    HashAlgorithm {
        name: "@sha256",
        tag: "SHA256",
        length: 32,
        is_tree: false,
        start: || Box::new(sha2::Sha256::new()),
    }
);

algorithm!(
    SHA512,
    OF_SHA512,
    "SHA-512 checksums, as sha512sum prints them",
    "Lines are those of sha512sum(1), and -c checks them.",
    HashAlgorithm {
        name: "@sha512",
        tag: "SHA512",
        length: 64,
        is_tree: false,
        start: || Box::new(sha2::Sha512::new()),
    }
);

algorithm!(
    SHA1,
    OF_SHA1,
    "SHA-1 checksums, as sha1sum prints them",
    "Lines are those of sha1sum(1), and -c checks them.",
    HashAlgorithm {
        name: "@sha1",
        tag: "SHA1",
        length: 20,
        is_tree: false,
        start: || Box::new(sha1::Sha1::new()),
    }
);

algorithm!(
    MD5,
    OF_MD5,
    "MD5 checksums, as md5sum prints them",
    "Lines are those of md5sum(1), and -c checks them.",
    HashAlgorithm {
        name: "@md5",
        tag: "MD5",
        length: 16,
        is_tree: false,
        start: || Box::new(md5::Md5::new()),
    }
);

algorithm!(
    BLAKE3,
    OF_BLAKE3,
    "BLAKE3 checksums, as b3sum prints them",
    "Lines are those of b3sum(1). A large file is split between CPUs. Options and what -c
says are those of sha256sum(1).",
    HashAlgorithm {
        name: "@blake3",
        tag: "BLAKE3",
        length: 32,
        is_tree: true,
        start: || Box::new(Blake3Hasher(blake3::Hasher::new())),
    }
);

algorithm!(
    CRC32,
    OF_CRC32,
    "CRC-32 checksums, as in zip and gzip files",
    "The sums are those of zip, gzip and crc32(1). Lines, options and what -c says are as
in sha256sum(1): eight digits, two spaces, the name.",
    HashAlgorithm {
        name: "@crc32",
        tag: "CRC32",
        length: 4,
        is_tree: false,
        start: || Box::new(Crc32Hasher(crc32fast::Hasher::new())),
    }
);

fn build(
    algorithm: &'static HashAlgorithm,
    parsed: &mut ParsedArguments,
) -> Result<Box<dyn Transform>, ArgumentError> {
    let wrong = |text: &str| Err(ArgumentError::Wrong(text.to_owned()));
    if parsed.has("check") {
        if let Some(other) = parsed.last(&["binary", "text", "tag", "zero"]) {
            return wrong(&format!("'--{other}' does not go with '--check'"));
        }
        return Ok(Box::new(ChecksumCheck {
            algorithm,
            verbosity: match parsed.last(&["status", "warn", "quiet"]) {
                Some("status") => CheckVerbosity::Nothing,
                Some("warn") => CheckVerbosity::BadLines,
                Some("quiet") => CheckVerbosity::Failures,
                _ => CheckVerbosity::Everything,
            },
            is_strict: parsed.has("strict"),
            ignores_missing: parsed.has("ignore-missing"),
        }));
    }
    if let Some(other) = parsed.last(&CHECKING) {
        return wrong(&format!("'--{other}' goes with '--check' only"));
    }
    let mark = parsed.last(&["binary", "text"]);
    if parsed.has("tag") && mark == Some("text") {
        return wrong("'--tag' does not go with '--text'");
    }
    Ok(Box::new(ChecksumTransform {
        algorithm,
        form: match (parsed.has("tag"), mark) {
            (true, _) => ChecksumFormat::Tagged,
            (false, Some("binary")) => ChecksumFormat::Marked(b'*'),
            (false, _) => ChecksumFormat::Marked(b' '),
        },
        end: if parsed.has("zero") { 0 } else { b'\n' },
    }))
}

#[derive(Debug, Clone, Copy)]
enum ChecksumFormat {
    /// The sum, a space, this mark, the name.
    Marked(u8),
    /// `SHA256 (NAME) = SUM`
    Tagged,
}

#[derive(Debug)]
struct ChecksumTransform {
    algorithm: &'static HashAlgorithm,
    form: ChecksumFormat,
    end: u8,
}

impl Transform for ChecksumTransform {
    fn run(&self, files: &[Vec<u8>], stdio: &BuiltinIo<'_>) -> io::Result<u8> {
        let print = |file: &[u8], out: &mut BufferedStdout<'_>| {
            self.write(file, &self.algorithm.sum(file, stdio)?, out)
        };
        each_file(files, stdio, print, cannot_read(self.algorithm.name, stdio))
    }
}

impl ChecksumTransform {
    fn write(&self, file: &[u8], sum: &[u8], out: &mut dyn Write) -> io::Result<()> {
        let sum = HEXLOWER.encode(sum);
        let mut line = Vec::with_capacity(sum.len() + file.len() + 16);
        let escaped = match self.end {
            0 => None,
            _ => escape(file),
        };
        if escaped.is_some() {
            line.push(b'\\');
        }
        let name = escaped.as_deref().unwrap_or(file);
        match self.form {
            ChecksumFormat::Marked(mark) => {
                line.extend_from_slice(sum.as_bytes());
                line.extend_from_slice(&[b' ', mark]);
                line.extend_from_slice(name);
            }
            ChecksumFormat::Tagged => {
                line.extend_from_slice(self.algorithm.tag.as_bytes());
                line.extend_from_slice(b" (");
                line.extend_from_slice(name);
                line.extend_from_slice(b") = ");
                line.extend_from_slice(sum.as_bytes());
            }
        }
        line.push(self.end);
        out.write_all(&line)
    }
}
