//! Several values for one job.

use std::collections::VecDeque;

use super::{ByteStrings, Row};
use crate::error::Result;

/// How many values a job gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RowGrouping {
    /// One of each source.
    Single,
    /// None: the command runs once for each (`-N0`).
    Nothing,
    /// So many rows together, the last job maybe fewer (`-N`, `-n`).
    Rows(usize),
    /// So many lines, if they fit; one that ends with a blank goes on in the next (`-L`).
    Lines(CommandLineFill),
    /// As many as its command line holds (`-X`, `-m`, `--xargs`).
    Fill(CommandLineFill),
}

/// How a command line is filled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct CommandLineFill {
    /// What all values together must fit into: the line that was asked for, and what the
    /// system takes.
    pub rooms: [ArgumentSpace; 2],
    /// How often a value is there.
    pub times: usize,
    /// The most rows or lines.
    pub most: usize,
    /// What the last values are spread over: the number of slots, or 1.
    pub slots: usize,
}

/// Bytes that values may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ArgumentSpace {
    /// All of them.
    pub all: usize,
    /// Each time that a value is there, beside its own bytes.
    pub each: usize,
}

impl CommandLineFill {
    /// What so many values of so many bytes take, by room.
    fn used(&self, count: usize, size: usize) -> [usize; 2] {
        self.rooms
            .map(|room| self.times * (size + count * room.each))
    }

    fn is_over(&self, used: [usize; 2]) -> bool {
        let mut rooms = used.iter().zip(&self.rooms);
        rooms.any(|(used, room)| *used > room.all)
    }
}

/// Makes groups of rows.
#[derive(Debug)]
pub(super) struct RowGrouper {
    pub(super) group: RowGrouping,
    /// The values of rows that were read and are for later jobs.
    waiting: ByteStrings,
    /// How many values are waiting up to the end of each row.
    ends: Vec<usize>,
    /// The last groups, once there are no more rows.
    last: Option<VecDeque<Row>>,
    /// How much the last group had: most are alike.
    usual: (usize, usize),
}

impl RowGrouper {
    pub(super) fn new(group: RowGrouping) -> Self {
        RowGrouper {
            group,
            waiting: ByteStrings::default(),
            ends: Vec::new(),
            last: None,
            usual: (1, 0),
        }
    }

    /// The next group; `append` appends the values of the next row and tells whether there
    /// is one.
    pub(super) fn next(
        &mut self,
        mut append: impl FnMut(&mut ByteStrings) -> Result<bool>,
    ) -> Result<Option<Row>> {
        match self.group {
            RowGrouping::Single => self.collect(1, append),
            RowGrouping::Nothing => Ok(append(&mut ByteStrings::default())?.then(Row::default)),
            RowGrouping::Rows(count) => self.collect(count, append),
            RowGrouping::Lines(fill) => self.fill(fill, |values| append_line(values, &mut append)),
            RowGrouping::Fill(fill) => self.fill(fill, append),
        }
    }

    fn collect(
        &mut self,
        count: usize,
        mut append: impl FnMut(&mut ByteStrings) -> Result<bool>,
    ) -> Result<Option<Row>> {
        let mut all = ByteStrings::with_capacity(self.usual.0, self.usual.1);
        for nth in 0..count {
            if !append(&mut all)? {
                if nth == 0 {
                    return Ok(None);
                }
                break;
            }
        }
        self.usual = (all.len(), all.size());
        Ok(Some(Row(all)))
    }

    fn fill(
        &mut self,
        fill: CommandLineFill,
        mut append: impl FnMut(&mut ByteStrings) -> Result<bool>,
    ) -> Result<Option<Row>> {
        if let Some(last) = &mut self.last {
            return Ok(last.pop_front());
        }
        while self.ends.len() < fill.most {
            if !append(&mut self.waiting)? {
                let mut last = self.share_out(fill.slots);
                let first = last.pop_front();
                self.last = Some(last);
                return Ok(first);
            }
            self.ends.push(self.waiting.len());
            let used = fill.used(self.waiting.len(), self.waiting.size());
            // One value is taken whatever its length: its job tells what is wrong.
            if fill.is_over(used) && self.ends.len() > 1 {
                return Ok(self.take(self.ends.len() - 1));
            }
        }
        Ok(self.take(fill.most))
    }

    /// Takes the first so many rows; what is left is short.
    fn take(&mut self, count: usize) -> Option<Row> {
        let end = *self.ends.get(count.checked_sub(1)?)?;
        let rest = self.waiting.split_off(end);
        let values = std::mem::replace(&mut self.waiting, rest);
        self.ends.drain(..count);
        self.ends.iter_mut().for_each(|later| *later -= end);
        Some(Row(values))
    }

    /// Spreads the rows that are waiting over the slots.
    fn share_out(&mut self, slots: usize) -> VecDeque<Row> {
        let share = self.ends.len().div_ceil(slots).max(1);
        let mut start = 0;
        let ends = self.ends.chunks(share).filter_map(<[usize]>::last);
        ends.map(|&end| Row(self.waiting.part(std::mem::replace(&mut start, end)..end)))
            .collect()
    }

    /// How many groups that many rows make, if it is only a matter of number.
    pub(super) fn groups(&self, rows: u64) -> Option<u64> {
        match self.group {
            RowGrouping::Single | RowGrouping::Nothing => Some(rows),
            RowGrouping::Rows(count) => Some(rows.div_ceil(count as u64)),
            RowGrouping::Lines(_) | RowGrouping::Fill(_) => None,
        }
    }
}

/// Appends the next line, with those that it goes on in.
fn append_line(
    values: &mut ByteStrings,
    mut append: impl FnMut(&mut ByteStrings) -> Result<bool>,
) -> Result<bool> {
    let before = values.len();
    if !append(values)? {
        return Ok(false);
    }
    let goes_on = |values: &ByteStrings| {
        let last = values.last().filter(|_| values.len() > before);
        last.is_some_and(|last| last.ends_with(b" ") || last.ends_with(b"\t"))
    };
    while goes_on(values) {
        let last = values.len() - 1;
        if !append(values)? {
            break;
        }
        values.join_next(last);
    }
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn groups(group: RowGrouping, values: &[&str]) -> Vec<String> {
        let mut grouper = RowGrouper::new(group);
        let mut values = values.iter();
        let mut groups = Vec::new();
        let mut next = |row: &mut ByteStrings| {
            let next = values.next();
            row.extend(next);
            Ok(next.is_some())
        };
        while let Some(row) = grouper.next(&mut next).unwrap() {
            groups.push(String::from_utf8(row.0.join(b"+")).unwrap());
        }
        groups
    }

    #[test]
    fn so_many_rows_together() {
        assert_eq!(groups(RowGrouping::Rows(2), &["a", "b", "c"]), ["a+b", "c"]);
        assert_eq!(groups(RowGrouping::Rows(2), &[]), [""; 0]);
        assert_eq!(groups(RowGrouping::Nothing, &["a", "b"]), ["", ""]);
    }

    #[test]
    fn lines_with_a_blank_at_their_end_go_on() {
        let lines = ["a ", "b", "c", "", "d", "e\t"];
        let up_to = |most, all| {
            RowGrouping::Lines(CommandLineFill {
                rooms: [ArgumentSpace { all, each: 1 }; 2],
                times: 1,
                most,
                slots: 1,
            })
        };
        assert_eq!(groups(up_to(2, 99), &lines), ["a b+c", "+d", "e\t"]);
        assert_eq!(groups(up_to(1, 99), &["a ", " ", "b", "c"]), ["a  b", "c"]);
        assert_eq!(groups(up_to(9, 7), &lines), ["a b+c+", "d+e\t"]);
    }

    #[test]
    fn command_lines_are_filled_and_the_rest_is_spread() {
        let fill = |slots, most| {
            RowGrouping::Fill(CommandLineFill {
                rooms: [
                    ArgumentSpace { all: 12, each: 2 },
                    ArgumentSpace { all: 99, each: 9 },
                ],
                times: 2,
                most,
                slots,
            })
        };
        let values = ["a", "b", "c", "d", "e"];
        assert_eq!(groups(fill(1, 9), &values), ["a+b", "c+d", "e"]);
        assert_eq!(groups(fill(2, 9), &values[..2]), ["a", "b"]);
        assert_eq!(groups(fill(1, 1), &values[..2]), ["a", "b"]);
        assert_eq!(
            groups(fill(1, 9), &["far too long", "b"]),
            ["far too long", "b"]
        );
        assert_eq!(groups(fill(3, 9), &[]), [""; 0]);
    }
}
