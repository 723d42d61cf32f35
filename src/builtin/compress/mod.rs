//! Compression: files that the well-known tools read, and theirs read back.

mod codec;
mod format;
mod gzip;
mod press;
mod small;
#[cfg(test)]
mod tests;
mod threaded;

use super::arguments::{Flag, NUMBER, Parsed, Problem};
use super::place::Existing;
use super::{Spec, Transform};
use codec::Codec;
use format::{BZ2, Format, GZ, LZ, XZ_FORMAT, ZST};
use press::{Press, Target, Work};

const FLAGS: &[Flag] = &[
    Flag::with(Some(NUMBER), "level", "N", "How hard to try, from 1 on"),
    Flag::switch(None, "fast", "The same as -1"),
    Flag::switch(None, "best", "The same as the highest level of the tool"),
    Flag::switch(
        Some('c'),
        "stdout",
        "Write to standard output, keep the file",
    ),
    Flag::switch(Some('k'), "keep", "Keep the file"),
    Flag::switch(None, "rm", "Remove the file"),
    Flag::switch(Some('f'), "force", "Replace files, follow links"),
    Flag::switch(Some('d'), "decompress", "Decompress"),
    Flag::switch(Some('t'), "test", "Read a compressed file, write nothing"),
    Flag::switch(Some('n'), "no-name", "No name and time in a gzip file"),
    Flag::switch(Some('q'), "quiet", "Accepted: nothing is said anyway"),
];

/// What all of them have in common.
const NOTES: &str = "\
A file is written beside the one that it is made of, under another name until it is complete,
and gets its mode and times. Without a file, or for -, standard input goes to standard output.
Statuses are those of the tool, but for lz4, whose errors are 1.";

macro_rules! pair {
    ($format:ident, $compress:ident, $about:literal, $decompress:ident, $back:literal) => {
        pub(super) static $compress: Spec = Spec {
            name: $format.compress,
            about: $about,
            notes: NOTES,
            flags: FLAGS,
            build: |parsed| build(&$format, Work::Compress, parsed),
        };

        pub(super) static $decompress: Spec = Spec {
            name: $format.decompress,
            about: $back,
            notes: NOTES,
            flags: FLAGS,
            build: |parsed| build(&$format, Work::Decompress, parsed),
        };
    };
}

pair!(
    GZ,
    GZIP,
    "Compress files as gzip does",
    GUNZIP,
    "Decompress files as gunzip does"
);
pair!(
    ZST,
    ZSTD,
    "Compress files as zstd does",
    UNZSTD,
    "Decompress files as unzstd does"
);
pair!(
    XZ_FORMAT,
    XZ,
    "Compress files as xz does",
    UNXZ,
    "Decompress files as unxz does"
);
pair!(
    BZ2,
    BZIP2,
    "Compress files as bzip2 does",
    BUNZIP2,
    "Decompress files as bunzip2 does"
);
pair!(
    LZ,
    LZ4,
    "Compress files as lz4 does",
    UNLZ4,
    "Decompress files as unlz4 does"
);

fn build(
    format: &'static Format,
    work: Work,
    parsed: &mut Parsed,
) -> Result<Box<dyn Transform>, Problem> {
    let work = match (parsed.has("test"), parsed.has("decompress")) {
        (true, _) => Work::Test,
        (_, true) => Work::Decompress,
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
    Ok(Box::new(Press {
        format,
        name: match work {
            Work::Compress => format.compress,
            Work::Decompress | Work::Test => format.decompress,
        },
        work,
        level,
        target: match (parsed.has("stdout"), removes) {
            (true, _) => Target::Stdout,
            (false, true) => Target::Instead,
            (false, false) => Target::Beside,
        },
        existing: match parsed.has("force") {
            true => Existing::Replaced,
            false => Existing::Kept,
        },
        is_named: !parsed.has("no-name"),
    }))
}

/// In `-19`, gzip sees two levels, the last of which counts.
fn level(format: &Format, digits: &[u8]) -> Result<i32, Problem> {
    let text = String::from_utf8_lossy(digits);
    let wrong = || {
        Problem::Wrong(format!(
            "there is no level {text}; it goes to {}",
            format.most
        ))
    };
    let last = &text[text.len().saturating_sub(1)..];
    let digits = if format.most == 9 { last } else { &text };
    let level = digits.parse().map_err(|_| wrong())?;
    let least = i32::from(format.codec != Codec::Xz);
    match (least..=format.most).contains(&level) {
        true => Ok(level),
        false => Err(wrong()),
    }
}
