//! How the values of several sources become rows.

use std::vec;

use super::stream::Stream;
use super::{Combine, Join, Strings};
use crate::error::Result;

/// All sources together, giving one row's values after another.
#[derive(Debug)]
pub(super) enum Combination {
    Product(Product),
    Wrapped(Wrapped),
    /// Rows that were made before.
    Read(vec::IntoIter<Strings>),
}

impl Combination {
    /// The first stream's join has nothing before it to go together with.
    pub(super) fn new(streams: Vec<(Stream, Join)>, combine: Combine) -> Self {
        match combine {
            Combine::AsWritten => Combination::Product(Product::new(streams)),
            Combine::Wrapped => Combination::Wrapped(Wrapped::new(streams)),
        }
    }

    /// Appends the values of the next row, if there is one.
    pub(super) fn append_next(&mut self, values: &mut Strings) -> Result<bool> {
        match self {
            Combination::Product(product) => product.append_next(values),
            Combination::Wrapped(wrapped) => wrapped.append_next(values),
            Combination::Read(rows) => {
                let next = rows.next();
                next.iter().for_each(|row| values.append(row));
                Ok(next.is_some())
            }
        }
    }

    /// Whether the next row, or the end, is known without waiting.
    pub(super) fn is_ready(&self) -> bool {
        match self {
            Combination::Product(product) => product.is_ready(),
            Combination::Wrapped(wrapped) => wrapped.cycles.iter().all(Cycle::is_ready),
            Combination::Read(_) => true,
        }
    }

    pub(super) fn total(&self) -> Option<u64> {
        match self {
            Combination::Product(product) => product.total(),
            Combination::Wrapped(wrapped) => wrapped.total(),
            Combination::Read(rows) => Some(rows.len() as u64),
        }
    }
}

/// Sources linked by `:::+`: value by value, as long as all have one.
#[derive(Debug)]
struct Linked(Vec<Stream>);

impl Linked {
    fn append_next(&mut self, values: &mut Strings) -> Result<bool> {
        if let [stream] = self.0.as_mut_slice() {
            return stream.append_next(values);
        }
        // Where one source has ended, another must not be waited for.
        if self.0.iter().any(Stream::is_exhausted) {
            return Ok(false);
        }
        let before = values.len();
        for stream in &mut self.0 {
            if !stream.append_next(values)? {
                values.truncate(before);
                return Ok(false);
            }
        }
        Ok(!self.0.is_empty())
    }

    fn is_ready(&self) -> bool {
        self.0.iter().all(Stream::is_ready)
    }

    fn total(&self) -> Option<u64> {
        let totals: Option<Vec<u64>> = self.0.iter().map(Stream::total).collect();
        totals?.into_iter().min()
    }
}

/// Every combination, the first group of sources varying slowest. Only that one
/// is read as it is needed; the others are gone through again and again.
#[derive(Debug)]
pub(super) struct Product {
    slowest: Linked,
    /// Its current values, as long as they have combinations left.
    head: Option<Strings>,
    /// The other groups, until they are needed for the first time ...
    unread: Vec<Linked>,
    /// ... and from then on.
    tables: Vec<Table>,
}

/// All values of one group, and which of them are next.
#[derive(Debug)]
struct Table {
    rows: Vec<Strings>,
    place: usize,
}

impl Product {
    fn new(streams: Vec<(Stream, Join)>) -> Self {
        let mut groups: Vec<Linked> = Vec::new();
        for (stream, join) in streams {
            match (join, groups.last_mut()) {
                (Join::Linked, Some(group)) => group.0.push(stream),
                (Join::Product, _) | (Join::Linked, None) => groups.push(Linked(vec![stream])),
            }
        }
        let unread = groups.split_off(groups.len().min(1));
        Product {
            slowest: groups.pop().unwrap_or(Linked(Vec::new())),
            head: None,
            unread,
            tables: Vec::new(),
        }
    }

    fn append_next(&mut self, values: &mut Strings) -> Result<bool> {
        if self.unread.is_empty() && self.tables.is_empty() {
            return self.slowest.append_next(values);
        }
        let head = match self.head.take() {
            Some(head) => head,
            None => {
                let mut head = Strings::default();
                if !self.slowest.append_next(&mut head)? {
                    return Ok(false);
                }
                head
            }
        };
        for group in self.unread.drain(..) {
            self.tables.push(Table::read(group)?);
        }
        let rows = self.tables.iter().map(|table| table.rows.get(table.place));
        let Some(rows) = rows.collect::<Option<Vec<&Strings>>>() else {
            return Ok(false);
        };
        values.append(&head);
        rows.into_iter().for_each(|row| values.append(row));
        // Like an odometer: a table that starts again moves the one before it.
        let moved = self.tables.iter_mut().rev().any(Table::advance);
        self.head = moved.then_some(head);
        Ok(true)
    }

    /// The faster groups are read to their ends, which only arguments have at hand.
    fn is_ready(&self) -> bool {
        let others_known = self.unread.iter().all(|group| group.total().is_some());
        self.head.is_some() || (self.slowest.is_ready() && others_known)
    }

    /// More than can be counted is more than can be run.
    fn total(&self) -> Option<u64> {
        let unread = self.unread.iter().map(Linked::total);
        let read = self
            .tables
            .iter()
            .map(|table| Some(table.rows.len() as u64));
        unread
            .chain(read)
            .try_fold(self.slowest.total()?, |product, count| {
                Some(product.saturating_mul(count?))
            })
    }
}

impl Table {
    fn read(mut group: Linked) -> Result<Self> {
        let mut rows = Vec::new();
        let mut values = Strings::default();
        while group.append_next(&mut values)? {
            rows.push(std::mem::take(&mut values));
        }
        Ok(Table { rows, place: 0 })
    }

    /// Moves to the next row; at the end to the first again, and says no.
    fn advance(&mut self) -> bool {
        self.place = (self.place + 1) % self.rows.len();
        self.place > 0
    }
}

/// `--link`: as many rows as the longest source has values; the shorter ones start
/// again.
#[derive(Debug)]
pub(super) struct Wrapped {
    cycles: Vec<Cycle>,
    row: usize,
}

/// A source that starts again when it has ended.
#[derive(Debug)]
struct Cycle {
    stream: Stream,
    /// Its records so far, in case it has to start again.
    seen: Vec<Strings>,
}

impl Wrapped {
    fn new(streams: Vec<(Stream, Join)>) -> Self {
        let cycles = streams.into_iter().map(|(stream, _)| Cycle {
            stream,
            seen: Vec::new(),
        });
        Wrapped {
            cycles: cycles.collect(),
            row: 0,
        }
    }

    fn append_next(&mut self, values: &mut Strings) -> Result<bool> {
        let mut fresh = Vec::with_capacity(self.cycles.len());
        for cycle in &mut self.cycles {
            let mut record = Strings::default();
            let is_there = cycle.stream.append_next(&mut record)?;
            fresh.push(is_there.then_some(record));
        }
        if fresh.iter().all(Option::is_none) {
            return Ok(false);
        }
        self.remember(&fresh);
        let before = values.len();
        for (cycle, fresh) in self.cycles.iter().zip(&fresh) {
            match fresh.as_ref().or_else(|| cycle.again(self.row)) {
                Some(record) => values.append(record),
                None => {
                    values.truncate(before);
                    return Ok(false);
                }
            }
        }
        self.row += 1;
        Ok(true)
    }

    /// Keeps what may be needed again. A source that has outlived all others never
    /// starts again, so that one endless source does not fill the memory.
    fn remember(&mut self, fresh: &[Option<Strings>]) {
        if fresh.iter().flatten().count() < 2 {
            return;
        }
        for (cycle, record) in self.cycles.iter_mut().zip(fresh) {
            cycle.seen.extend(record.clone());
        }
    }

    fn total(&self) -> Option<u64> {
        let totals = self.cycles.iter().map(|cycle| cycle.stream.total());
        let totals: Vec<u64> = totals.collect::<Option<_>>()?;
        let longest = totals.iter().copied().max()?;
        Some(if totals.contains(&0) { 0 } else { longest })
    }
}

impl Cycle {
    /// The record for a row after the stream's end; none if it never had any.
    fn again(&self, row: usize) -> Option<&Strings> {
        let place = row.checked_rem(self.seen.len())?;
        self.seen.get(place)
    }

    fn is_ready(&self) -> bool {
        self.stream.is_ready()
    }
}
