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
use codec::{Codec, Effort};
use format::{BZ2, Format, GZ, LZ, XZ_FORMAT, ZST};
use press::{Press, Target, Work};

/// The options of some, and those that all have.
macro_rules! flags {
    ($($own:expr),*) => {
        &[
            $($own,)*
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
            Flag::switch(Some('q'), "quiet", "Accepted: nothing is said anyway"),
        ]
    };
}

const fn level_of(about: &'static str) -> Flag {
    Flag::with(Some(NUMBER), "level", "N", about)
}

const FAST: Flag = Flag::switch(None, "fast", "The same as -1");
const BEST: Flag = Flag::switch(None, "best", "The same as the highest level of the tool");

const THREADS: Flag = Flag::with(
    Some('T'),
    "threads",
    "N",
    "At most N threads; -j limits them, too",
);

/// What all of them have in common.
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
        pub(super) static $compress: Spec = Spec {
            name: $format.compress,
            about: $about,
            notes: NOTES,
            flags: $flags,
            build: |parsed| build(&$format, Work::Compress, parsed),
        };

        pub(super) static $decompress: Spec = Spec {
            name: $format.decompress,
            about: $back,
            notes: NOTES,
            flags: $back_flags,
            build: |parsed| build(&$format, Work::Decompress, parsed),
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
            Flag::switch(Some('n'), "no-name", "No name and time in the file")
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
            Flag::switch(None, "long", "Look 128 MB back for what is the same"),
            Flag::switch(None, "ultra", "Accepted: levels go to 22 anyway")
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
            Flag::switch(Some('e'), "extreme", "Try harder, for more time")
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
        effort: Effort {
            extreme: parsed.has("extreme"),
            long: parsed.has("long"),
            threads: parsed.value("threads").map(threads).transpose()?,
        },
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

/// A number of threads; 0 is as many as there may be.
fn threads(text: &[u8]) -> Result<usize, Problem> {
    let text = String::from_utf8_lossy(text);
    match text.parse() {
        Ok(0) => Ok(usize::MAX),
        Ok(count) => Ok(count),
        Err(_) => Err(Problem::Wrong(format!("'{text}' is no number of threads"))),
    }
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
