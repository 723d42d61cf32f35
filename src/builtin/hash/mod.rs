//! Checksums, as sha256sum(1) and its kin print and check them.

mod check;
mod name;
mod tree;

use std::io::{self, Write};

use sha2::Digest;

use super::arguments::{ArgumentError, BuiltinOption, ParsedArguments};
use super::builtin_input::fill;
use super::builtin_io::CHUNK;
use super::{BufferedStdout, BuiltinInput, BuiltinIo, BuiltinSpec, Transform, complain};
use check::{CheckVerbosity, ChecksumCheck, MalformedLines};
use name::escape;

/// A way to make checksums.
#[derive(Debug)]
struct HashAlgorithm {
    /// The built-in's name.
    name: &'static str,
    /// What `--tag` calls it.
    tag: &'static str,
    /// The length of a checksum in bytes.
    length: usize,
    split: HashSplitting,
    start: fn() -> Box<dyn StreamHasher>,
}

/// Whether parts of a file can be hashed for themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum HashSplitting {
    Never,
    /// As the parts of a BLAKE3 tree.
    Tree,
}

/// A checksum on its way.
trait StreamHasher: Send {
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

struct Blake3Hasher(blake3::Hasher);

impl StreamHasher for Blake3Hasher {
    fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    fn finish(self: Box<Self>) -> Vec<u8> {
        self.0.finalize().as_bytes().to_vec()
    }
}

struct Crc32Hasher(crc32fast::Hasher);

impl StreamHasher for Crc32Hasher {
    fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    fn finish(self: Box<Self>) -> Vec<u8> {
        self.0.finalize().to_be_bytes().to_vec()
    }
}

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

/// What only makes sense with `--check`.
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
        split: HashSplitting::Never,
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
        split: HashSplitting::Never,
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
        split: HashSplitting::Never,
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
        split: HashSplitting::Never,
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
        split: HashSplitting::Tree,
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
        split: HashSplitting::Never,
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
            says: match parsed.last(&["status", "warn", "quiet"]) {
                Some("status") => CheckVerbosity::Nothing,
                Some("warn") => CheckVerbosity::BadLines,
                Some("quiet") => CheckVerbosity::Failures,
                _ => CheckVerbosity::Everything,
            },
            strictness: if parsed.has("strict") {
                MalformedLines::Strict
            } else {
                MalformedLines::Lenient
            },
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

/// How a line looks.
#[derive(Debug, Clone, Copy)]
enum ChecksumFormat {
    /// The sum, a space, this, the name.
    Marked(u8),
    /// `SHA256 (NAME) = SUM`
    Tagged,
}

/// Prints checksums.
#[derive(Debug)]
struct ChecksumTransform {
    algorithm: &'static HashAlgorithm,
    form: ChecksumFormat,
    end: u8,
}

impl Transform for ChecksumTransform {
    fn run(&self, files: &[Vec<u8>], stdio: &BuiltinIo<'_>) -> io::Result<u8> {
        let mut status = 0;
        let mut out = BufferedStdout::new(stdio);
        let stdin = [b"-".to_vec()];
        let files = if files.is_empty() { &stdin } else { files };
        for file in files {
            match self.algorithm.sum(file, stdio) {
                Ok(sum) => self.write(file, &sum, &mut out)?,
                Err(error) => {
                    out.flush()?;
                    status = 1;
                    self.algorithm.complain(stdio, file, error)?;
                }
            }
        }
        out.flush()?;
        Ok(status)
    }
}

impl ChecksumTransform {
    fn write(&self, file: &[u8], sum: &[u8], out: &mut dyn Write) -> io::Result<()> {
        let mut line = Vec::with_capacity(2 * sum.len() + file.len() + 16);
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
                push_hex(sum, &mut line);
                line.extend_from_slice(&[b' ', mark]);
                line.extend_from_slice(name);
            }
            ChecksumFormat::Tagged => {
                line.extend_from_slice(self.algorithm.tag.as_bytes());
                line.extend_from_slice(b" (");
                line.extend_from_slice(name);
                line.extend_from_slice(b") = ");
                push_hex(sum, &mut line);
            }
        }
        line.push(self.end);
        out.write_all(&line)
    }
}

impl HashAlgorithm {
    fn sum(&self, file: &[u8], stdio: &BuiltinIo<'_>) -> io::Result<Vec<u8>> {
        let mut source = BuiltinInput::open(file, stdio)?;
        if self.split == HashSplitting::Tree
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

    fn complain(&self, stdio: &BuiltinIo<'_>, file: &[u8], error: io::Error) -> io::Result<()> {
        complain(stdio, &format!("{}: cannot read", self.name), file, error)
    }
}

fn push_hex(bytes: &[u8], out: &mut Vec<u8>) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    for byte in bytes {
        out.push(DIGITS[usize::from(byte >> 4)]);
        out.push(DIGITS[usize::from(byte & 15)]);
    }
}
