//! `@sum`: the sum of numbers.

use std::io::{self, Write};

use super::column::{self, NumberColumn};
use super::decimal::DecimalSum;
use super::reducer::{Reducer, Reduction};
use crate::builtin::builtin_io::BuiltinIo;
use crate::builtin::transform::BuiltinSpec;

pub(in crate::builtin) static SUM: BuiltinSpec = BuiltinSpec {
    name: "@sum",
    about: "The sum of the numbers in all jobs",
    notes: notes!(
        "One number in each line, or in a field of each line. The sum is exact to the last digit:
0.1 and 0.2 are 0.3. A line without a number makes its job fail. Exponents are known from
e-400 to e400."
    ),
    flags: &[column::FIELD, column::DELIMITER, column::SKIP],
    build: |parsed| {
        Ok(Box::new(Reducer::new(SumReduction(NumberColumn::new(
            parsed,
        )?))))
    },
};

#[derive(Debug)]
struct SumReduction(NumberColumn);

impl Reduction for SumReduction {
    type Part = DecimalSum;

    const NAME: &'static str = "@sum";

    fn begin(&self, _: u64) -> DecimalSum {
        DecimalSum::default()
    }

    fn take(&self, part: &mut DecimalSum, file: &[u8], stdio: &BuiltinIo<'_>) -> io::Result<()> {
        self.0.each_number(file, stdio, |number| {
            part.add(number);
            Ok(())
        })
    }

    fn merge(&self, whole: &mut DecimalSum, part: DecimalSum) -> io::Result<()> {
        whole.add_sum(part);
        Ok(())
    }

    fn write(&self, whole: DecimalSum, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "{whole}")
    }
}
