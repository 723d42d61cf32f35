//! Several values for one job.

use std::collections::VecDeque;

use super::row::Row;
use crate::error::Result;
use crate::os::byte_strings::ByteStrings;

/// Number of values for one job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RowGrouping {
    /// One value of each source.
    Single,
    /// `-N0`: none; the command runs once for each.
    Nothing,
    /// `-N`, `-n`: this many rows together, the last job maybe fewer.
    Rows(usize),
    /// `-L`: lines as long as they fit; one that ends with a blank goes on in the next.
    Lines(CommandLineFill),
    /// `-X`, `-m`, `--xargs`: as many values as the command line holds.
    Fill(CommandLineFill),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct CommandLineFill {
    /// Limits for all values together: the line that was asked for, and the system's.
    pub spaces: [ArgumentSpace; 2],
    /// Number of times that the command has each value.
    pub times: usize,
    /// Rows or lines at most.
    pub most: usize,
    /// Number of jobs that the last values are spread over: the slots, or 1.
    pub slots: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ArgumentSpace {
    /// Bytes for all values.
    pub all: usize,
    /// Bytes for each time that a value is there, beside its own.
    pub each: usize,
}

impl CommandLineFill {
    /// Bytes that `count` values of `size` bytes take, for each of the two spaces.
    fn used(&self, count: usize, size: usize) -> [usize; 2] {
        self.spaces
            .map(|space| self.times * (size + count * space.each))
    }

    fn is_over(&self, used: [usize; 2]) -> bool {
        let mut spaces = used.iter().zip(&self.spaces);
        spaces.any(|(used, space)| *used > space.all)
    }
}

/// Makes groups of rows.
#[derive(Debug)]
pub(super) struct RowGrouper {
    pub(super) group: RowGrouping,
    /// Values of rows that were read and are for later jobs.
    waiting: ByteStrings,
    /// Number of waiting values up to the end of each row.
    ends: Vec<usize>,
    /// Last groups, once there are no more rows.
    last: Option<VecDeque<Row>>,
    /// Values and bytes of the last group: most are alike.
    last_size: (usize, usize),
}

impl RowGrouper {
    pub(super) fn new(group: RowGrouping) -> Self {
        RowGrouper {
            group,
            waiting: ByteStrings::default(),
            ends: Vec::new(),
            last: None,
            last_size: (1, 0),
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
        let mut all = ByteStrings::with_capacity(self.last_size.0, self.last_size.1);
        for nth in 0..count {
            if !append(&mut all)? {
                if nth == 0 {
                    return Ok(None);
                }
                break;
            }
        }
        self.last_size = (all.len(), all.size());
        Ok(Some(all.into()))
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

    /// Takes the first `count` rows; the rest is short.
    fn take(&mut self, count: usize) -> Option<Row> {
        let end = *self.ends.get(count.checked_sub(1)?)?;
        let rest = self.waiting.split_off(end);
        let values = std::mem::replace(&mut self.waiting, rest);
        self.ends.drain(..count);
        self.ends.iter_mut().for_each(|later| *later -= end);
        Some(values.into())
    }

    /// Spreads the rows that are waiting over the slots.
    fn share_out(&mut self, slots: usize) -> VecDeque<Row> {
        let share = self.ends.len().div_ceil(slots).max(1);
        let mut start = 0;
        let ends = self.ends.chunks(share).filter_map(<[usize]>::last);
        ends.map(|&end| {
            self.waiting
                .part(std::mem::replace(&mut start, end)..end)
                .into()
        })
        .collect()
    }

    /// Number of groups of that many rows, if it depends on nothing else.
    pub(super) fn groups(&self, rows: u64) -> Option<u64> {
        match self.group {
            RowGrouping::Single | RowGrouping::Nothing => Some(rows),
            RowGrouping::Rows(count) => Some(rows.div_ceil(count as u64)),
            RowGrouping::Lines(_) | RowGrouping::Fill(_) => None,
        }
    }
}

/// Appends the next line, with its continuation lines.
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
            groups.push(String::from_utf8(row.values.join(b"+")).unwrap());
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
                spaces: [ArgumentSpace { all, each: 1 }; 2],
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
                spaces: [
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
