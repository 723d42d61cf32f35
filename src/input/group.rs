//! Several values for one job.

use super::{Row, Value};
use crate::error::Result;

/// How many values a job gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    /// One of each source.
    Single,
    /// None: the command runs once for each (`-N0`).
    Nothing,
    /// So many rows together, the last job maybe fewer (`-N`, `-n`).
    Rows(usize),
    /// So many lines, if they fit; one that ends with a blank goes on in the next (`-L`).
    Lines(Fill),
    /// As many as its command line holds (`-X`, `-m`, `--xargs`).
    Fill(Fill),
}

/// How a command line is filled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fill {
    /// What all values together must fit into: the line that was asked for, and what the
    /// system takes.
    pub rooms: [Room; 2],
    /// How often a value is there.
    pub times: usize,
    /// The most rows or lines.
    pub most: usize,
    /// What the last values are spread over: the number of slots, or 1.
    pub slots: usize,
}

/// Bytes that values may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Room {
    /// All of them.
    pub all: usize,
    /// Each time that a value is there, beside its own bytes.
    pub each: usize,
}

impl Fill {
    /// Adds what the values take, by room, to what is used.
    fn use_up(&self, values: &[Value], used: &mut [usize; 2]) {
        for (used, room) in used.iter_mut().zip(&self.rooms) {
            let costs = values.iter().map(|value| value.len() + room.each);
            *used += self.times * costs.sum::<usize>();
        }
    }

    fn is_over(&self, used: [usize; 2]) -> bool {
        let mut rooms = used.iter().zip(&self.rooms);
        rooms.any(|(used, room)| *used > room.all)
    }
}

/// Makes groups of rows.
#[derive(Debug)]
pub(super) struct Grouper {
    pub(super) group: Group,
    /// Rows that were read and are for later jobs.
    waiting: Vec<Vec<Value>>,
    /// Of the last rows: how many each job gets.
    share: Option<usize>,
}

impl Grouper {
    pub(super) fn new(group: Group) -> Self {
        Grouper {
            group,
            waiting: Vec::new(),
            share: None,
        }
    }

    /// The next group; `next` gives rows.
    pub(super) fn next(
        &mut self,
        mut next: impl FnMut() -> Result<Option<Vec<Value>>>,
    ) -> Result<Option<Row>> {
        match self.group {
            Group::Single => next().map(|values| values.map(Row)),
            Group::Nothing => Ok(next()?.map(|_| Row::default())),
            Group::Rows(count) => collect(count, next),
            Group::Lines(fill) => self.fill(fill, || line(&mut next)),
            Group::Fill(fill) => self.fill(fill, next),
        }
    }

    fn fill(
        &mut self,
        fill: Fill,
        mut next: impl FnMut() -> Result<Option<Vec<Value>>>,
    ) -> Result<Option<Row>> {
        if let Some(share) = self.share {
            return Ok(self.take(share));
        }
        let mut used = [0; 2];
        for values in &self.waiting {
            fill.use_up(values, &mut used);
        }
        while self.waiting.len() < fill.most {
            let Some(values) = next()? else {
                let share = self.waiting.len().div_ceil(fill.slots).max(1);
                self.share = Some(share);
                return Ok(self.take(share));
            };
            fill.use_up(&values, &mut used);
            self.waiting.push(values);
            // One value is taken whatever its length: its job tells what is wrong.
            if fill.is_over(used) && self.waiting.len() > 1 {
                return Ok(self.take(self.waiting.len() - 1));
            }
        }
        Ok(self.take(fill.most))
    }

    fn take(&mut self, count: usize) -> Option<Row> {
        let count = count.min(self.waiting.len());
        let values: Vec<Value> = self.waiting.drain(..count).flatten().collect();
        (count > 0).then_some(Row(values))
    }

    /// How many groups that many rows make, if it is only a matter of number.
    pub(super) fn groups(&self, rows: u64) -> Option<u64> {
        match self.group {
            Group::Single | Group::Nothing => Some(rows),
            Group::Rows(count) => Some(rows.div_ceil(count as u64)),
            Group::Lines(_) | Group::Fill(_) => None,
        }
    }
}

fn collect(
    count: usize,
    mut next: impl FnMut() -> Result<Option<Vec<Value>>>,
) -> Result<Option<Row>> {
    let mut all = Vec::new();
    for nth in 0..count {
        match next()? {
            Some(values) => all.extend(values),
            None if nth == 0 => return Ok(None),
            None => break,
        }
    }
    Ok(Some(Row(all)))
}

/// The next line, with those that it goes on in.
fn line(mut next: impl FnMut() -> Result<Option<Vec<Value>>>) -> Result<Option<Vec<Value>>> {
    let Some(mut all) = next()? else {
        return Ok(None);
    };
    let goes_on = |value: &Value| matches!(value.last(), Some(b' ' | b'\t'));
    while let Some(last) = all.last_mut().filter(|last| goes_on(last))
        && let Some(values) = next()?
    {
        let mut values = values.into_iter();
        if let Some(first) = values.next() {
            last.extend_from_slice(&first);
        }
        all.extend(values);
    }
    Ok(Some(all))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn groups(group: Group, values: &[&str]) -> Vec<String> {
        let mut grouper = Grouper::new(group);
        let mut values = values.iter();
        let mut groups = Vec::new();
        let mut next = || Ok(values.next().map(|value| vec![value.as_bytes().to_vec()]));
        while let Some(row) = grouper.next(&mut next).unwrap() {
            groups.push(String::from_utf8(row.0.join(&b'+')).unwrap());
        }
        groups
    }

    #[test]
    fn so_many_rows_together() {
        assert_eq!(groups(Group::Rows(2), &["a", "b", "c"]), ["a+b", "c"]);
        assert_eq!(groups(Group::Rows(2), &[]), [""; 0]);
        assert_eq!(groups(Group::Nothing, &["a", "b"]), ["", ""]);
    }

    #[test]
    fn lines_with_a_blank_at_their_end_go_on() {
        let lines = ["a ", "b", "c", "", "d", "e\t"];
        let up_to = |most, all| {
            Group::Lines(Fill {
                rooms: [Room { all, each: 1 }; 2],
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
            Group::Fill(Fill {
                rooms: [Room { all: 12, each: 2 }, Room { all: 99, each: 9 }],
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
