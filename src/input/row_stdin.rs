//! Standard input of rows.

use std::collections::VecDeque;

use super::job_stdin::StdinSource;
use super::row::Row;
use crate::error::Result;

/// Standard input of rows, of which there are as many as inputs.
#[derive(Debug)]
pub(super) struct RowStdin {
    pub source: Box<dyn StdinSource>,
    pub values: StdinValues,
}

/// Values of rows that have a standard input.
#[derive(Debug)]
pub(crate) enum StdinValues {
    Nothing,
    /// This text with the row's number: a path (`--cat`, `--fifo`).
    Numbered(Vec<u8>),
    /// Those of rows that were read, and none when these have come to their end.
    Given(VecDeque<Row>),
}

impl RowStdin {
    /// Row of the next standard input, by the row's number.
    pub(super) fn next(&mut self, number: u64) -> Result<Option<Row>> {
        let Some(stdin) = self.source.next()? else {
            return Ok(None);
        };
        Ok(match &mut self.values {
            StdinValues::Nothing => Some(stdin.into()),
            StdinValues::Numbered(text) => Some(Row {
                stdin,
                ..Row::from_iter([[text, number.to_string().as_bytes()].concat()])
            }),
            StdinValues::Given(rows) => {
                let row = rows.pop_front().unwrap_or_default();
                Some(Row { stdin, ..row })
            }
        })
    }
}
