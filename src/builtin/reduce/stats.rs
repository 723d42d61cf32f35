//! `@stats`: count, sum, mean and percentiles of numbers.

use std::collections::BTreeMap;
use std::io::{self, Write};

use super::column::{self, NumberColumn};
use super::decimal::{Decimal, DecimalSum};
use super::reducer::{Reducer, Reduction};
use super::sort::{LineSorter, MEMORY, SortOrder, SorterLines};
use crate::builtin::arguments::{ArgumentError, BuiltinOption, ParsedArguments};
use crate::builtin::builtin_io::BuiltinIo;
use crate::builtin::transform::{BuiltinSpec, Transform};

pub(in crate::builtin) static STATS: BuiltinSpec = BuiltinSpec {
    name: "@stats",
    about: "Count, sum, range, mean, deviation, median of numbers",
    notes: notes!(
        "One number in each line, or in a field of each line. What they are like is a name, a tab
and a value a line: count, sum, min, max, mean, sd (of a sample, by count - 1), median, and
the percentiles asked for. Mean and sd have about 15 digits, the others all; a percentile
between two numbers is on the line between them. A line without a number makes its job fail.
What does not fit into 256 MiB is in temporary files meanwhile."
    ),
    flags: &[
        column::FIELD,
        column::DELIMITER,
        column::SKIP,
        BuiltinOption::with(
            Some('p'),
            "percentiles",
            "P,...",
            "Percentiles, such as 90,99.9",
        ),
    ],
    build,
};

fn build(parsed: &mut ParsedArguments) -> Result<Box<dyn Transform>, ArgumentError> {
    let asked = parsed.value("percentiles");
    let asked = asked.map(|text| text.split(|byte| *byte == b','));
    let mut percentiles = vec![Percentile::median()];
    for text in asked.into_iter().flatten() {
        percentiles.push(Percentile::parse(text)?);
    }
    Ok(Box::new(Reducer::new(StatsReduction {
        column: NumberColumn::new(parsed)?,
        percentiles,
        sorter: LineSorter::new(SortOrder::numeric(), MEMORY),
    })))
}

#[derive(Debug)]
struct Percentile {
    name: String,
    /// In parts of `WHOLE`.
    share: u64,
}

/// A share of 100 %.
const WHOLE: u64 = 100_000_000;

/// `WHOLE` is ten to the power of this.
const WHOLE_DIGITS: u32 = 8;

impl Percentile {
    fn median() -> Percentile {
        Percentile {
            name: "median".to_owned(),
            share: WHOLE / 2,
        }
    }

    fn parse(text: &[u8]) -> Result<Percentile, ArgumentError> {
        let text = String::from_utf8_lossy(text);
        let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
        let share = format!("{whole}{fraction:0<6}");
        let is_plain = whole.len() <= 3
            && !whole.is_empty()
            && fraction.len() <= 6
            && share.bytes().all(|byte| byte.is_ascii_digit());
        match share.parse() {
            Ok(share) if is_plain && share <= WHOLE => Ok(Percentile {
                name: format!("p{text}"),
                share,
            }),
            _ => {
                let why = format!("'{text}' is no percentile: a number from 0 to 100");
                Err(ArgumentError::Wrong(why))
            }
        }
    }

    /// Index among `count` sorted numbers, and the distance towards the next one in parts
    /// of `WHOLE`.
    fn index(&self, count: u64) -> (u64, u64) {
        let (share, whole) = (u128::from(self.share), u128::from(WHOLE));
        let index = u128::from(count.saturating_sub(1)) * share;
        ((index / whole) as u64, (index % whole) as u64)
    }
}

#[derive(Debug)]
struct StatsReduction {
    column: NumberColumn,
    percentiles: Vec<Percentile>,
    sorter: LineSorter,
}

/// Numbers of one job, or of several.
#[derive(Debug)]
struct StatsNumbers {
    count: u64,
    sum: DecimalSum,
    /// Written without exponents.
    sorted: SorterLines,
}

impl Reduction for StatsReduction {
    type Part = StatsNumbers;

    const NAME: &'static str = "@stats";

    fn begin(&self, seq: u64) -> StatsNumbers {
        StatsNumbers {
            count: 0,
            sum: DecimalSum::default(),
            sorted: self.sorter.begin(seq),
        }
    }

    fn take(&self, part: &mut StatsNumbers, file: &[u8], stdio: &BuiltinIo<'_>) -> io::Result<()> {
        let mut plain = Vec::new();
        self.column.each_number(file, stdio, |number| {
            part.count += 1;
            part.sum.add(number);
            plain.clear();
            number.write_plain(&mut plain);
            self.sorter.push(&mut part.sorted, &plain, stdio.workers())
        })
    }

    fn close(&self, part: &mut StatsNumbers, stdio: &BuiltinIo<'_>) -> io::Result<()> {
        self.sorter.close(&mut part.sorted, stdio.workers())
    }

    fn merge(&self, whole: &mut StatsNumbers, part: StatsNumbers) -> io::Result<()> {
        self.sorter.add(&mut whole.sorted, part.sorted)?;
        whole.count += part.count;
        whole.sum.add_sum(part.sum);
        Ok(())
    }

    fn write(&self, whole: StatsNumbers, out: &mut dyn Write) -> io::Result<()> {
        let (count, sum) = (whole.count, whole.sum);
        let mean = sum.nearest() / count as f64;
        let (wanted, deviation) = self.describe(whole.sorted, count, mean)?;
        writeln!(out, "count\t{count}\nsum\t{sum}")?;
        let mut print = |name: &str, value: Option<String>| {
            let value = value.unwrap_or_else(|| "-".to_owned());
            writeln!(out, "{name}\t{value}")
        };
        let any = |text: String| (count > 0).then_some(text);
        print("min", any(wanted[&0].to_string()))?;
        print("max", any(wanted[&count.saturating_sub(1)].to_string()))?;
        print("mean", any(mean.to_string()))?;
        print("sd", deviation.of_sample(count).map(|sd| sd.to_string()))?;
        for percentile in &self.percentiles {
            let (index, rest) = percentile.index(count);
            let (one, other) = (&wanted[&index], &wanted[&(index + 1)]);
            let value = DecimalSum::between(one, other, rest, WHOLE_DIGITS);
            print(&percentile.name, any(value.to_string()))?;
        }
        Ok(())
    }
}

impl StatsReduction {
    /// The smallest number, the largest one and those next to a percentile, by their
    /// indexes; and the deviation of all from their mean.
    fn describe(
        &self,
        sorted: SorterLines,
        count: u64,
        mean: f64,
    ) -> io::Result<(BTreeMap<u64, DecimalSum>, StandardDeviation)> {
        let indexes = self.percentiles.iter().map(|one| one.index(count).0);
        let wanted = indexes.flat_map(|index| [index, index + 1]);
        let wanted = wanted.chain([0, count.saturating_sub(1)]);
        let mut wanted: BTreeMap<u64, DecimalSum> =
            wanted.map(|index| (index, DecimalSum::default())).collect();
        let mut deviation = StandardDeviation::from_mean(mean);
        let mut index = 0;
        self.sorter.each(sorted, |line| {
            deviation.add(nearest(line));
            if let (Some(sum), Some(number)) = (wanted.get_mut(&index), Decimal::parse(line)) {
                sum.add(&number);
            }
            index += 1;
            Ok(())
        })?;
        Ok((wanted, deviation))
    }
}

fn nearest(line: &[u8]) -> f64 {
    let text = std::str::from_utf8(line).unwrap_or_default();
    text.parse().unwrap_or(f64::NAN)
}

#[derive(Debug)]
struct StandardDeviation {
    mean: f64,
    distances: CompensatedSum,
    squares: CompensatedSum,
}

impl StandardDeviation {
    fn from_mean(mean: f64) -> StandardDeviation {
        StandardDeviation {
            mean,
            distances: CompensatedSum::default(),
            squares: CompensatedSum::default(),
        }
    }

    fn add(&mut self, value: f64) {
        let distance = value - self.mean;
        self.distances.add(distance);
        self.squares.add(distance * distance);
    }

    /// Of a sample; one number alone has none.
    fn of_sample(&self, count: u64) -> Option<f64> {
        let count = count as f64;
        // Corrects the rounding error of the mean.
        let distance = self.distances.total();
        let squares = self.squares.total() - distance * distance / count;
        (count > 1.0).then(|| (squares.max(0.0) / (count - 1.0)).sqrt())
    }
}

/// A sum that keeps its rounding errors (Neumaier).
#[derive(Debug, Default)]
struct CompensatedSum {
    sum: f64,
    lost: f64,
}

impl CompensatedSum {
    fn add(&mut self, value: f64) {
        let sum = self.sum + value;
        self.lost += if self.sum.abs() >= value.abs() {
            (self.sum - sum) + value
        } else {
            (value - sum) + self.sum
        };
        self.sum = sum;
    }

    fn total(&self) -> f64 {
        self.sum + self.lost
    }
}
