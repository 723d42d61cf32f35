//! `@sort`: the lines of all jobs in order. Each job sorts its own, the end of the run
//! merges them.

mod blanks;
mod chunk;
mod disk;
mod key;
mod merge;
mod numeric;
mod order;
mod sorter;
mod version;

use std::io::{self, Write};

use super::column::one_byte;
use super::reducer::{Reducer, Reduction};
use crate::builtin::arguments::{ArgumentError, BuiltinOption, ParsedArguments, number};
use crate::builtin::builtin_input::BuiltinInput;
use crate::builtin::builtin_io::BuiltinIo;
use crate::builtin::transform::{BuiltinSpec, Transform};
use key::{SortKey, SortKeyKind, SortKeyRules};
pub(super) use order::SortOrder;
use order::SortTies;
pub(super) use sorter::{LineSorter, SorterLines};

/// Default memory for lines, in bytes.
pub(super) const MEMORY: usize = 256 << 20;

/// Least memory: less would make many tiny runs in temporary files.
const LEAST_MEMORY: usize = 64 << 10;

pub(in crate::builtin) static SORT: BuiltinSpec = BuiltinSpec {
    name: "@sort",
    about: "The lines of all jobs in order, as LC_ALL=C sort prints them",
    notes: notes!(
        "Each job sorts its input, and the lines of all are merged, as by sort(1) in the C locale
over all files in the order of the jobs. Letters of bfhnrV behind the places of a key are its
options; without any, those of the command hold. What does not fit into memory is in temporary
files meanwhile, in $TMPDIR or --tmpdir."
    ),
    flags: &[
        BuiltinOption::switch(
            Some('n'),
            "numeric-sort",
            "By the number that a line begins with",
        ),
        BuiltinOption::switch(
            Some('h'),
            "human-numeric-sort",
            "By such a number with a unit, as du -h prints it: 2K, 1.5G",
        ),
        BuiltinOption::switch(
            Some('V'),
            "version-sort",
            "By text and the numbers in it: x9 before x10",
        ),
        BuiltinOption::switch(
            Some('b'),
            "ignore-leading-blanks",
            "Keys begin where their blanks end",
        ),
        BuiltinOption::switch(Some('f'), "ignore-case", "Take a to z for A to Z"),
        BuiltinOption::switch(Some('r'), "reverse", "The other way round"),
        BuiltinOption::switch(
            Some('u'),
            "unique",
            "Of lines that are equal only the first",
        ),
        BuiltinOption::switch(
            Some('s'),
            "stable",
            "Lines whose keys are equal stay in their order",
        ),
        BuiltinOption::with(
            Some('k'),
            "key",
            "F[.C][,F[.C]]",
            "From that field and character to that; may be repeated",
        ),
        BuiltinOption::with(Some('t'), "field-separator", "C", "What is between fields"),
        BuiltinOption::switch(Some('z'), "zero-terminated", "Lines end with NUL"),
        BuiltinOption::with(
            Some('S'),
            "buffer-size",
            "SIZE",
            "The memory for lines of all jobs, 256M if nothing is said",
        ),
    ],
    build,
};

fn build(parsed: &mut ParsedArguments) -> Result<Box<dyn Transform>, ArgumentError> {
    let memory = match parsed.value("buffer-size") {
        None => MEMORY,
        Some(text) => size(text)?.max(LEAST_MEMORY),
    };
    Ok(Box::new(Reducer::new(SortReduction(LineSorter::new(
        order(parsed)?,
        memory,
    )))))
}

fn order(parsed: &ParsedArguments) -> Result<SortOrder, ArgumentError> {
    let rules = rules(parsed)?;
    let keys = parsed.values("key").map(|text| SortKey::parse(text, rules));
    let mut keys = keys.collect::<Result<Vec<SortKey>, ArgumentError>>()?;
    let is_reversed = rules.is_reversed;
    let bytes = SortKeyRules {
        is_reversed,
        ..SortKeyRules::BYTES
    };
    if keys.is_empty() && rules != bytes {
        keys.push(SortKey::whole(rules));
    }
    Ok(SortOrder {
        keys,
        separator: parsed.value("field-separator").map(one_byte).transpose()?,
        is_reversed,
        ties: match (parsed.has("unique"), parsed.has("stable")) {
            (true, _) => SortTies::Dropped,
            (false, true) => SortTies::AsCome,
            (false, false) => SortTies::ByBytes,
        },
        terminator: if parsed.has("zero-terminated") {
            0
        } else {
            b'\n'
        },
    })
}

/// Rules of keys without letters, and of whole lines.
fn rules(parsed: &ParsedArguments) -> Result<SortKeyRules, ArgumentError> {
    let mut kind = SortKeyKind::Bytes;
    for (name, other) in [
        ("numeric-sort", SortKeyKind::Number),
        ("human-numeric-sort", SortKeyKind::Size),
        ("version-sort", SortKeyKind::Version),
    ] {
        if parsed.has(name) && kind != SortKeyKind::Bytes {
            let why = "only one of -n, -h and -V can be: how lines are compared";
            return Err(ArgumentError::Wrong(why.to_owned()));
        } else if parsed.has(name) {
            kind = other;
        }
    }
    let skips_blanks = parsed.has("ignore-leading-blanks");
    Ok(SortKeyRules {
        kind,
        is_reversed: parsed.has("reverse"),
        folds_case: parsed.has("ignore-case"),
        skips_first: skips_blanks,
        skips_last: skips_blanks,
    })
}

/// Bytes: a number with `K`, `M` or `G`; without, it is `K`.
fn size(text: &[u8]) -> Result<usize, ArgumentError> {
    let (digits, unit) = match text {
        [digits @ .., b'b'] => (digits, 1),
        [digits @ .., b'k' | b'K'] => (digits, 1 << 10),
        [digits @ .., b'm' | b'M'] => (digits, 1 << 20),
        [digits @ .., b'g' | b'G'] => (digits, 1 << 30),
        digits => (digits, 1 << 10),
    };
    number(digits)?.checked_mul(unit).ok_or_else(|| {
        let text = String::from_utf8_lossy(text);
        ArgumentError::Wrong(format!("'{text}' is too large"))
    })
}

#[derive(Debug)]
struct SortReduction(LineSorter);

impl Reduction for SortReduction {
    type Part = SorterLines;

    const NAME: &'static str = "@sort";

    const STATUS: u8 = 2;

    fn begin(&self, seq: u64) -> SorterLines {
        self.0.begin(seq)
    }

    fn take(&self, part: &mut SorterLines, file: &[u8], stdio: &BuiltinIo<'_>) -> io::Result<()> {
        self.0.read(part, &mut BuiltinInput::open(file, stdio)?)
    }

    fn close(&self, part: &mut SorterLines, stdio: &BuiltinIo<'_>) -> io::Result<()> {
        self.0.close(part, stdio.workers())
    }

    fn merge(&self, whole: &mut SorterLines, part: SorterLines) -> io::Result<()> {
        self.0.add(whole, part)
    }

    fn write(&self, whole: SorterLines, out: &mut dyn Write) -> io::Result<()> {
        let terminator = [self.0.order.terminator];
        self.0.each(whole, |line| {
            out.write_all(line)?;
            out.write_all(&terminator)
        })
    }
}
