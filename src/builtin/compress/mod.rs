//! Compression: files that the well-known tools read, and theirs read back.

mod codec;
mod compress_file;
mod format;
mod gzip;
mod settings;
mod small;
#[cfg(test)]
mod tests;
mod threaded;

use super::arguments::{ArgumentError, BuiltinOption, NUMBER, ParsedArguments};
use super::atomic_file::OverwritePolicy;
use crate::builtin::transform::{BuiltinSpec, Transform};
use codec::Codec;
use compress_file::{CompressFile, CompressionMode, CompressionTarget};
use format::{BZ2, CompressionFormat, GZ, LZ, XZ_FORMAT, ZST};
use settings::CompressionEffort;

/// Options of one tool, and those that all have.
macro_rules! flags {
    ($($own:expr),*) => {
        &[
            $($own,)*
            BuiltinOption::switch(
                Some('c'),
                "stdout",
                "Write to standard output, keep the file",
            ),
            BuiltinOption::switch(Some('k'), "keep", "Keep the file"),
            BuiltinOption::switch(None, "rm", "Remove the file"),
            BuiltinOption::switch(Some('f'), "force", "Replace files, follow links"),
            BuiltinOption::switch(Some('d'), "decompress", "Decompress"),
            BuiltinOption::switch(Some('t'), "test", "Read a compressed file, write nothing"),
            BuiltinOption::switch(Some('q'), "quiet", "Accepted: nothing is said anyway"),
        ]
    };
}

const fn level_of(about: &'static str) -> BuiltinOption {
    BuiltinOption::with(Some(NUMBER), "level", "N", about)
}

const FAST: BuiltinOption = BuiltinOption::switch(None, "fast", "The same as -1");
const BEST: BuiltinOption =
    BuiltinOption::switch(None, "best", "The same as the highest level of the tool");

const THREADS: BuiltinOption = BuiltinOption::with(
    Some('T'),
    "threads",
    "N",
    "At most N threads; -j limits them, too",
);

const NOTES: &str = "\
A file is written beside the one that it is made of, under another name until it is complete,
and gets its mode and times. Without a file, or for -, standard input goes to standard output.
Before a | in a line, -c need not be said: the next command reads the result, the file stays.
A name of one's own: @gzip -c <> > NAME. @gzip, @zstd and @xz share the work on a large file
between CPUs; what becomes of it does not depend on how many there are.
Statuses are those of the tool, but for lz4, whose errors are 1.";

macro_rules! pair {
    (
        $format:ident,
        ($compress:ident, $about:literal, $flags:expr),
        ($decompress:ident, $back:literal, $back_flags:expr)
    ) => {
        pub(super) static $compress: BuiltinSpec = BuiltinSpec {
            name: $format.compress,
            about: $about,
            notes: NOTES,
            flags: $flags,
            build: |parsed| build(&$format, CompressionMode::Compress, parsed),
        };

        pub(super) static $decompress: BuiltinSpec = BuiltinSpec {
            name: $format.decompress,
            about: $back,
            notes: NOTES,
            flags: $back_flags,
            build: |parsed| build(&$format, CompressionMode::Decompress, parsed),
        };
    };
}

pair!(
    GZ,
    (
        GZIP,
        "Compress files as gzip does",
        flags!(
            level_of("How hard to try: 1 to 9, 6 if nothing is said"),
            FAST,
            BEST,
            BuiltinOption::switch(Some('n'), "no-name", "No name and time in the file")
        )
    ),
    (GUNZIP, "Decompress files as gunzip does", flags!())
);
pair!(
    ZST,
    (
        ZSTD,
        "Compress files as zstd does",
        flags!(
            level_of("How hard to try: 1 to 22, 3 if nothing is said"),
            FAST,
            BEST,
            THREADS,
            BuiltinOption::switch(None, "long", "Look 128 MB back for what is the same"),
            BuiltinOption::switch(None, "ultra", "Accepted: levels go to 22 anyway")
        )
    ),
    (UNZSTD, "Decompress files as unzstd does", flags!())
);
pair!(
    XZ_FORMAT,
    (
        XZ,
        "Compress files as xz does",
        flags!(
            level_of("How hard to try: 0 to 9, 6 if nothing is said"),
            FAST,
            BEST,
            THREADS,
            BuiltinOption::switch(Some('e'), "extreme", "Try harder, for more time")
        )
    ),
    (UNXZ, "Decompress files as unxz does", flags!())
);
pair!(
    BZ2,
    (
        BZIP2,
        "Compress files as bzip2 does",
        flags!(
            level_of("How hard to try: 1 to 9, 9 if nothing is said"),
            FAST,
            BEST
        )
    ),
    (BUNZIP2, "Decompress files as bunzip2 does", flags!())
);
pair!(
    LZ,
    (
        LZ4,
        "Compress files as lz4 does",
        flags!(
            level_of("How hard to try: 1 to 12, 1 if nothing is said"),
            FAST,
            BEST
        )
    ),
    (UNLZ4, "Decompress files as unlz4 does", flags!())
);

fn build(
    format: &'static CompressionFormat,
    work: CompressionMode,
    parsed: &mut ParsedArguments,
) -> Result<Box<dyn Transform>, ArgumentError> {
    let work = match (parsed.has("test"), parsed.has("decompress")) {
        (true, _) => CompressionMode::Test,
        (_, true) => CompressionMode::Decompress,
        _ => work,
    };
    let level = match parsed.last(&["level", "fast", "best"]) {
        Some("fast") => 1,
        Some("best") => format
            .most
            .min(if format.codec == Codec::Zstd { 19 } else { 9 }),
        Some(_) => level(format, parsed.value("level").unwrap_or_default())?,
        None => format.level,
    };
    let removes = match parsed.last(&["keep", "rm"]) {
        Some(last) => last == "rm",
        None => !format.keeps,
    };
    Ok(Box::new(CompressFile {
        format,
        name: match work {
            CompressionMode::Compress => format.compress,
            CompressionMode::Decompress | CompressionMode::Test => format.decompress,
        },
        work,
        level,
        effort: CompressionEffort {
            extreme: parsed.has("extreme"),
            long: parsed.has("long"),
            threads: parsed.value("threads").map(threads).transpose()?,
        },
        target: match (parsed.has("stdout"), removes) {
            (true, _) => CompressionTarget::Stdout,
            (false, true) => CompressionTarget::Instead,
            (false, false) => CompressionTarget::Beside,
        },
        existing: if parsed.has("force") {
            OverwritePolicy::Replaced
        } else {
            OverwritePolicy::Kept
        },
        is_named: !parsed.has("no-name"),
    }))
}

/// Number of threads; 0 is as many as there may be.
fn threads(text: &[u8]) -> Result<usize, ArgumentError> {
    let text = String::from_utf8_lossy(text);
    match text.parse() {
        Ok(0) => Ok(usize::MAX),
        Ok(count) => Ok(count),
        Err(_) => Err(ArgumentError::Wrong(format!(
            "'{text}' is no number of threads"
        ))),
    }
}

/// In `-19`, gzip sees two levels, the last of which counts.
fn level(format: &CompressionFormat, digits: &[u8]) -> Result<i32, ArgumentError> {
    let text = String::from_utf8_lossy(digits);
    let wrong = || {
        ArgumentError::Wrong(format!(
            "there is no level {text}; it goes to {}",
            format.most
        ))
    };
    let last = &text[text.len().saturating_sub(1)..];
    let digits = if format.most == 9 { last } else { &text };
    let level = digits.parse().map_err(|_| wrong())?;
    let least = i32::from(format.codec != Codec::Xz);
    if (least..=format.most).contains(&level) {
        Ok(level)
    } else {
        Err(wrong())
    }
}
