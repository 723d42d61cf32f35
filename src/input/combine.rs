//! Rows of the values of several sources.

use std::vec;

use super::source::SourceJoin;
use super::source_values::SourceValues;
use crate::error::Result;
use crate::os::byte_strings::ByteStrings;

#[derive(Debug)]
pub(super) enum SourceCombination {
    Product(SourceProduct),
    Wrapped(WrappedSources),
    /// Rows that are known.
    Read(vec::IntoIter<ByteStrings>),
}

impl SourceCombination {
    /// The first stream's join has nothing before it to go together with.
    pub(super) fn new(streams: Vec<(SourceValues, SourceJoin)>, link: bool) -> Self {
        if link {
            SourceCombination::Wrapped(WrappedSources::new(streams))
        } else {
            SourceCombination::Product(SourceProduct::new(streams))
        }
    }

    /// Appends the values of the next row, if there is one.
    pub(super) fn append_next(&mut self, values: &mut ByteStrings) -> Result<bool> {
        match self {
            SourceCombination::Product(product) => product.append_next(values),
            SourceCombination::Wrapped(wrapped) => wrapped.append_next(values),
            SourceCombination::Read(rows) => {
                let next = rows.next();
                next.iter().for_each(|row| values.append(row));
                Ok(next.is_some())
            }
        }
    }

    /// The next row, or the end, is known without waiting.
    pub(super) fn is_ready(&self) -> bool {
        match self {
            SourceCombination::Product(product) => product.is_ready(),
            SourceCombination::Wrapped(wrapped) => {
                wrapped.cycles.iter().all(RepeatingSource::is_ready)
            }
            SourceCombination::Read(_) => true,
        }
    }

    pub(super) fn total(&self) -> Option<u64> {
        match self {
            SourceCombination::Product(product) => product.total(),
            SourceCombination::Wrapped(wrapped) => wrapped.total(),
            SourceCombination::Read(rows) => Some(rows.len() as u64),
        }
    }
}

/// Sources linked by `:::+`: value by value, as long as all have one.
#[derive(Debug)]
struct LinkedSources(Vec<SourceValues>);

impl LinkedSources {
    fn append_next(&mut self, values: &mut ByteStrings) -> Result<bool> {
        if let [stream] = self.0.as_mut_slice() {
            return stream.append_next(values);
        }
        // Once one source has ended, another must not be waited for.
        if self.0.iter().any(SourceValues::is_exhausted) {
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
        self.0.iter().all(SourceValues::is_ready)
    }

    fn total(&self) -> Option<u64> {
        let totals: Option<Vec<u64>> = self.0.iter().map(SourceValues::total).collect();
        totals?.into_iter().min()
    }
}

/// Every combination, the first group of sources varying slowest. Only that one
/// is read as it is needed; the others are gone through again and again.
#[derive(Debug)]
pub(super) struct SourceProduct {
    slowest: LinkedSources,
    /// Current values of `slowest`, as long as they have combinations left.
    head: Option<ByteStrings>,
    /// The other groups, until they are needed for the first time.
    unread: Vec<LinkedSources>,
    /// The other groups, from then on.
    tables: Vec<ValueTable>,
}

/// All values of one group, and the index of the next.
#[derive(Debug)]
struct ValueTable {
    rows: Vec<ByteStrings>,
    current: usize,
}

impl SourceProduct {
    fn new(streams: Vec<(SourceValues, SourceJoin)>) -> Self {
        let mut groups: Vec<LinkedSources> = Vec::new();
        for (stream, join) in streams {
            match (join, groups.last_mut()) {
                (SourceJoin::Linked, Some(group)) => group.0.push(stream),
                (SourceJoin::Product, _) | (SourceJoin::Linked, None) => {
                    groups.push(LinkedSources(vec![stream]))
                }
            }
        }
        let unread = groups.split_off(groups.len().min(1));
        SourceProduct {
            slowest: groups.pop().unwrap_or(LinkedSources(Vec::new())),
            head: None,
            unread,
            tables: Vec::new(),
        }
    }

    fn append_next(&mut self, values: &mut ByteStrings) -> Result<bool> {
        if self.unread.is_empty() && self.tables.is_empty() {
            return self.slowest.append_next(values);
        }
        let head = match self.head.take() {
            Some(head) => head,
            None => {
                let mut head = ByteStrings::default();
                if !self.slowest.append_next(&mut head)? {
                    return Ok(false);
                }
                head
            }
        };
        for group in self.unread.drain(..) {
            self.tables.push(ValueTable::read(group)?);
        }
        let rows = self
            .tables
            .iter()
            .map(|table| table.rows.get(table.current));
        let Some(rows) = rows.collect::<Option<Vec<&ByteStrings>>>() else {
            return Ok(false);
        };
        values.append(&head);
        rows.into_iter().for_each(|row| values.append(row));
        // Like an odometer: a table that starts again moves the one before it.
        let moved = self.tables.iter_mut().rev().any(ValueTable::advance);
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
        let unread = self.unread.iter().map(LinkedSources::total);
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

impl ValueTable {
    fn read(mut group: LinkedSources) -> Result<Self> {
        let mut rows = Vec::new();
        let mut values = ByteStrings::default();
        while group.append_next(&mut values)? {
            rows.push(std::mem::take(&mut values));
        }
        Ok(ValueTable { rows, current: 0 })
    }

    /// Moves to the next row; at the end to the first again, and says no.
    fn advance(&mut self) -> bool {
        self.current = (self.current + 1) % self.rows.len();
        self.current > 0
    }
}

/// `--link`: as many rows as the longest source has values; the shorter ones start
/// again.
#[derive(Debug)]
pub(super) struct WrappedSources {
    cycles: Vec<RepeatingSource>,
    row: usize,
}

/// A source that starts again when it has ended.
#[derive(Debug)]
struct RepeatingSource {
    stream: SourceValues,
    /// Records so far, in case it has to start again.
    seen: Vec<ByteStrings>,
}

impl WrappedSources {
    fn new(streams: Vec<(SourceValues, SourceJoin)>) -> Self {
        let cycles = streams.into_iter().map(|(stream, _)| RepeatingSource {
            stream,
            seen: Vec::new(),
        });
        WrappedSources {
            cycles: cycles.collect(),
            row: 0,
        }
    }

    fn append_next(&mut self, values: &mut ByteStrings) -> Result<bool> {
        let mut fresh = Vec::with_capacity(self.cycles.len());
        for cycle in &mut self.cycles {
            let mut record = ByteStrings::default();
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
    fn remember(&mut self, fresh: &[Option<ByteStrings>]) {
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

impl RepeatingSource {
    /// The record for a row after the stream's end; none if it never had any.
    fn again(&self, row: usize) -> Option<&ByteStrings> {
        let place = row.checked_rem(self.seen.len())?;
        self.seen.get(place)
    }

    fn is_ready(&self) -> bool {
        self.stream.is_ready()
    }
}
