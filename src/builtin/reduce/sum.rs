//! `@sum`: the sum of numbers.

use std::io::{self, Write};

use super::column::{self, Column};
use super::exact::Sum;
use super::{Reducer, Reduction};
use crate::builtin::{Port, Spec};

pub(in crate::builtin) static SUM: Spec = Spec {
    name: "@sum",
    about: "The sum of the numbers in all jobs",
    notes: notes!(
        "One number in each line, or in a field of each line. The sum is exact to the last digit:
0.1 and 0.2 are 0.3. A line without a number makes its job fail. Exponents are known from
e-400 to e400."
    ),
    flags: &[column::FIELD, column::DELIMITER, column::SKIP],
    build: |parsed| Ok(Box::new(Reducer::new(Adding(Column::new(parsed)?)))),
};

/// Adds up a column.
#[derive(Debug)]
struct Adding(Column);

impl Reduction for Adding {
    type Part = Sum;

    const NAME: &'static str = "@sum";

    fn begin(&self, _: u64) -> Sum {
        Sum::default()
    }

    fn take(&self, part: &mut Sum, file: &[u8], port: &dyn Port) -> io::Result<()> {
        self.0.each_number(file, port, |number| {
            part.add(number);
            Ok(())
        })
    }

    fn merge(&self, whole: &mut Sum, part: Sum) -> io::Result<()> {
        whole.add_sum(part);
        Ok(())
    }

    fn write(&self, whole: Sum, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "{whole}")
    }
}
