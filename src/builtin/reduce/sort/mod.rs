//! `@sort`: the lines of all jobs in order. Each job sorts its own, the end of the run merges
//! them.

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
use super::{Reducer, Reduction};
use crate::builtin::arguments::{Flag, Parsed, Problem};
use crate::builtin::{Port, Source, Spec, Transform};
use key::{Key, Kind, Rules};
pub(super) use order::Order;
use order::{Direction, Ties};
pub(super) use sorter::{Lines, Sorter};

/// The memory for lines if nothing is said.
pub(super) const MEMORY: usize = 256 << 20;

/// With less, temporary files would consist of crumbs.
const LEAST_MEMORY: usize = 64 << 10;

pub(in crate::builtin) static SORT: Spec = Spec {
    name: "@sort",
    about: "The lines of all jobs in order, as LC_ALL=C sort prints them",
    notes: notes!(
        "Each job sorts its input, and the lines of all are merged, as by sort(1) in the C locale
over all files in the order of the jobs. Letters of bfhnrV behind the places of a key are its
options; without any, those of the command hold. What does not fit into memory is in temporary
files meanwhile, in $TMPDIR or --tmpdir."
    ),
    flags: &[
        Flag::switch(
            Some('n'),
            "numeric-sort",
            "By the number that a line begins with",
        ),
        Flag::switch(
            Some('h'),
            "human-numeric-sort",
            "By such a number with a unit, as du -h prints it: 2K, 1.5G",
        ),
        Flag::switch(
            Some('V'),
            "version-sort",
            "By text and the numbers in it: x9 before x10",
        ),
        Flag::switch(
            Some('b'),
            "ignore-leading-blanks",
            "Keys begin where their blanks end",
        ),
        Flag::switch(Some('f'), "ignore-case", "Take a to z for A to Z"),
        Flag::switch(Some('r'), "reverse", "The other way round"),
        Flag::switch(
            Some('u'),
            "unique",
            "Of lines that are equal only the first",
        ),
        Flag::switch(
            Some('s'),
            "stable",
            "Lines whose keys are equal stay in their order",
        ),
        Flag::with(
            Some('k'),
            "key",
            "F[.C][,F[.C]]",
            "From that field and character to that; may be repeated",
        ),
        Flag::with(Some('t'), "field-separator", "C", "What is between fields"),
        Flag::switch(Some('z'), "zero-terminated", "Lines end with NUL"),
        Flag::with(
            Some('S'),
            "buffer-size",
            "SIZE",
            "The memory for lines of all jobs, 256M if nothing is said",
        ),
    ],
    build,
};

fn build(parsed: &mut Parsed) -> Result<Box<dyn Transform>, Problem> {
    let memory = match parsed.value("buffer-size") {
        None => MEMORY,
        Some(text) => size(text)?.max(LEAST_MEMORY),
    };
    Ok(Box::new(Reducer::new(Sort(Sorter::new(
        order(parsed)?,
        memory,
    )))))
}

fn order(parsed: &Parsed) -> Result<Order, Problem> {
    let rules = rules(parsed)?;
    let keys = parsed.values("key").map(|text| Key::parse(text, rules));
    let mut keys = keys.collect::<Result<Vec<Key>, Problem>>()?;
    let direction = rules.direction;
    let bytes = Rules {
        direction,
        ..Rules::BYTES
    };
    if keys.is_empty() && rules != bytes {
        keys.push(Key::whole(rules));
    }
    Ok(Order {
        keys,
        separator: parsed.value("field-separator").map(one_byte).transpose()?,
        direction,
        ties: match (parsed.has("unique"), parsed.has("stable")) {
            (true, _) => Ties::Dropped,
            (false, true) => Ties::AsCome,
            (false, false) => Ties::ByBytes,
        },
        terminator: match parsed.has("zero-terminated") {
            true => 0,
            false => b'\n',
        },
    })
}

/// What holds for keys that say nothing, and for lines without keys.
fn rules(parsed: &Parsed) -> Result<Rules, Problem> {
    let mut kind = Kind::Bytes;
    for (name, other) in [
        ("numeric-sort", Kind::Number),
        ("human-numeric-sort", Kind::Size),
        ("version-sort", Kind::Version),
    ] {
        if parsed.has(name) && kind != Kind::Bytes {
            let why = "only one of -n, -h and -V can be: how lines are compared";
            return Err(Problem::Wrong(why.to_owned()));
        } else if parsed.has(name) {
            kind = other;
        }
    }
    let skips_blanks = parsed.has("ignore-leading-blanks");
    Ok(Rules {
        kind,
        direction: match parsed.has("reverse") {
            true => Direction::Downwards,
            false => Direction::Upwards,
        },
        folds_case: parsed.has("ignore-case"),
        skips_first: skips_blanks,
        skips_last: skips_blanks,
    })
}

/// Bytes: a number with `K`, `M` or `G`; without, it is `K`.
fn size(text: &[u8]) -> Result<usize, Problem> {
    let (digits, unit) = match text {
        [digits @ .., b'b'] => (digits, 1),
        [digits @ .., b'k' | b'K'] => (digits, 1 << 10),
        [digits @ .., b'm' | b'M'] => (digits, 1 << 20),
        [digits @ .., b'g' | b'G'] => (digits, 1 << 30),
        digits => (digits, 1 << 10),
    };
    super::count(digits).map(|count| count.saturating_mul(unit))
}

#[derive(Debug)]
struct Sort(Sorter);

impl Reduction for Sort {
    type Part = Lines;

    const NAME: &'static str = "@sort";

    const STATUS: u8 = 2;

    fn begin(&self, seq: u64) -> Lines {
        self.0.begin(seq)
    }

    fn take(&self, part: &mut Lines, file: &[u8], port: &dyn Port) -> io::Result<()> {
        self.0.read(part, &mut Source::open(file, port)?)
    }

    fn close(&self, part: &mut Lines, port: &dyn Port) -> io::Result<()> {
        self.0.close(part, port.workers())
    }

    fn merge(&self, whole: &mut Lines, part: Lines) -> io::Result<()> {
        self.0.add(whole, part)
    }

    fn write(&self, whole: Lines, out: &mut dyn Write) -> io::Result<()> {
        let terminator = [self.0.order.terminator];
        self.0.each(whole, |line| {
            out.write_all(line)?;
            out.write_all(&terminator)
        })
    }
}
