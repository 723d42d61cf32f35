//! Where values come from: command line, files and standard input, combined
//! into rows. Knows nothing of templates or jobs.
//!
//! Everything streams: a row is there as soon as its last delimiter has been
//! read, and nothing is read before it is asked for. Only sources that a
//! combination must go through more than once are kept in memory.

pub(crate) mod byte_order_mark;
pub(crate) mod columns;
mod combine;
pub(crate) mod delimiter;
pub(crate) mod group;
mod nul_bytes;
mod reader;
mod records;
mod row_filter;
mod stream;
pub(crate) mod suspect;
pub(crate) mod value_cleanup;

use std::collections::VecDeque;
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;
use std::sync::Arc;

use crate::error::Result;
pub(crate) use crate::os::byte_strings::ByteStrings;
use byte_order_mark::ByteOrderMark;
use columns::{ColumnFormat, HeaderNames};
use combine::SourceCombination;
use group::{RowGrouper, RowGrouping};
pub(crate) use nul_bytes::NulBytes;
use nul_bytes::NulFilter;
use row_filter::RowFilter;
use stream::{SourceValues, ValueTerminator};
use suspect::{SuspectHints, SuspectValues};
use value_cleanup::{TrimSides, ValueCleanup};

/// One value from one source: any bytes, never re-read as anything else.
pub(crate) type Value = Vec<u8>;

/// One value from each source: what one job is made from.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Row(pub ByteStrings);

impl<S: AsRef<[u8]>> FromIterator<S> for Row {
    fn from_iter<I: IntoIterator<Item = S>>(values: I) -> Row {
        Row(values.into_iter().collect())
    }
}

/// Where the values of one source come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum SourceOrigin {
    /// `::: a b c`
    Arguments(Vec<Value>),
    /// `:::: FILE`, `-a FILE`
    File(PathBuf),
    /// Standard input, when no other source was given or for the name `-`.
    Stdin,
}

/// How a source goes together with the one before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SourceJoin {
    /// Every combination; the first source varies slowest (`:::`).
    Product,
    /// Value by value with the source before it; ends with the shorter (`:::+`).
    Linked,
}

/// One source on the command line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct InputSource {
    /// Where its values come from.
    pub origin: SourceOrigin,
    /// How it goes together with the source before it.
    pub join: SourceJoin,
}

/// How rows are made from the sources.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CombineMode {
    /// As each source's [`SourceJoin`] says.
    AsWritten,
    /// `--link`: all sources side by side, shorter ones start again.
    Wrapped,
}

/// What becomes of a newline at the very end of input whose last value has no
/// delimiter after it: `echo a,b | prun -d, ...`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FinalNewline {
    /// It belongs to the last value, as in GNU parallel and for `-0`.
    Kept,
    /// One is dropped: it ends the text, not the value.
    Dropped,
}

/// What the command line says about input.
#[derive(Debug, Clone)]
pub(crate) struct InputOptions {
    /// At least one.
    pub sources: Vec<InputSource>,
    /// How they are combined.
    pub combine: CombineMode,
    /// The bytes that end a value in a file or on standard input; not empty.
    pub delimiter: Vec<u8>,
    /// What a newline after the last value means.
    pub final_newline: FinalNewline,
    /// What a byte order mark at the beginning of a source means.
    pub mark: ByteOrderMark,
    /// What a NUL byte in a value means.
    pub nul: NulBytes,
    /// Bytes that are held of one value at most.
    pub max_record: usize,
    /// Which values count.
    pub cleaning: ValueCleanup,
    /// Whether they have columns.
    pub columns: ColumnFormat,
    /// Whether the first ones are names.
    pub header: HeaderNames,
}

/// The rows of a run with their numbers, from 1 in input order, read as they are needed.
#[derive(Debug)]
pub(crate) struct Rows {
    combination: SourceCombination,
    names: Vec<Value>,
    missing: Vec<Value>,
    grouper: RowGrouper,
    /// The number of the last row that was read.
    number: u64,
    /// Rows that were read and not asked for.
    ahead: VecDeque<(u64, Row)>,
    sieve: RowFilter,
    suspects: Arc<SuspectValues>,
    hints: SuspectHints,
    given: u64,
    /// How many rows the user says there are.
    promised: Option<u64>,
    state: RowsState,
    nul: NulFilter,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum RowsState {
    Open,
    Ended,
}

/// Opens every source: a missing file is known before any job starts.
///
/// # Errors
/// A file that cannot be opened, a directory, standard input named twice.
pub(crate) fn open(options: InputOptions) -> Result<Rows> {
    stream::check_stdin_is_read_once(&options.sources)?;
    let ending = ValueTerminator {
        delimiter: delimiter::Delimiter::new(&options.delimiter),
        final_newline: options.final_newline,
        mark: options.mark,
        nul: NulFilter::new(options.nul),
        max_record: options.max_record,
    };
    let mut streams = Vec::with_capacity(options.sources.len());
    let mut names = Vec::new();
    let mut missing = Vec::new();
    let suspects = Arc::new(SuspectValues::default());
    for source in options.sources {
        let file_name = match &source.origin {
            SourceOrigin::File(path) => path.as_os_str().as_bytes().to_vec(),
            SourceOrigin::Arguments(_) | SourceOrigin::Stdin => Vec::new(),
        };
        let mut stream = SourceValues::open(
            source.origin,
            &ending,
            &options.columns,
            &options.cleaning,
            &suspects,
        )?;
        names.extend(stream.fields().known.iter().cloned());
        missing.extend(stream.fields().missing.iter().cloned());
        match options.header {
            HeaderNames::Absent => {}
            HeaderNames::First => stream.take_names(&mut names)?,
            HeaderNames::FileName => names.push(file_name),
        }
        streams.push((stream, source.join));
    }
    let names = names.iter().map(|name| TrimSides::Both.cut(name).to_vec());
    Ok(Rows {
        combination: SourceCombination::new(streams, options.combine),
        names: names.collect(),
        missing,
        suspects,
        state: RowsState::Open,
        nul: ending.nul,
        ..Rows::numbered(Vec::new())
    })
}

impl SourceOrigin {
    /// Whether values are read from standard input.
    pub(crate) fn is_stdin(&self) -> bool {
        match self {
            SourceOrigin::Stdin => true,
            SourceOrigin::File(path) => path.as_os_str() == "-",
            SourceOrigin::Arguments(_) => false,
        }
    }
}

impl Rows {
    /// Rows that were made before, with their numbers.
    pub(crate) fn numbered(rows: Vec<(u64, Row)>) -> Rows {
        Rows {
            combination: SourceCombination::Read(Vec::new().into_iter()),
            names: Vec::new(),
            missing: Vec::new(),
            grouper: RowGrouper::new(RowGrouping::Single),
            number: 0,
            ahead: rows.into(),
            sieve: RowFilter::default(),
            suspects: Arc::default(),
            hints: SuspectHints::default(),
            given: 0,
            promised: None,
            state: RowsState::Ended,
            nul: NulFilter::new(NulBytes::Kept),
        }
    }

    /// Makes groups of the rows that have not been asked for yet.
    pub(crate) fn group(&mut self, group: RowGrouping) {
        self.grouper = RowGrouper::new(group);
    }

    /// Reads all that is left, to give it in another order.
    ///
    /// # Errors
    /// A source cannot be read.
    pub(crate) fn shuffle(&mut self) -> Result<()> {
        let mut all = Vec::new();
        let mut values = ByteStrings::default();
        while self.combination.append_next(&mut values)? {
            all.push(std::mem::take(&mut values));
        }
        fastrand::shuffle(&mut all);
        self.combination = SourceCombination::Read(all.into_iter());
        Ok(())
    }

    /// Leaves out the rows that `filter` refuses, and their numbers with them. It sees each
    /// row once, in order, unless a filter that was set before has refused it.
    pub(crate) fn keep(&mut self, filter: impl FnMut(u64, &Row) -> bool + Send + 'static) {
        self.sieve.add(filter);
    }

    /// Reads up to so many rows, to be given later, and returns how many are there.
    ///
    /// # Errors
    /// A source cannot be read.
    pub(crate) fn read_ahead(&mut self, most: usize) -> Result<usize> {
        let mut read = std::mem::take(&mut self.ahead);
        while read.len() < most
            && let Some(next) = self.next_read()
        {
            read.push_back(next?);
        }
        self.ahead = read;
        Ok(self.ahead.len())
    }

    /// Reads all that is left, to be given later, and returns how many rows there are.
    ///
    /// # Errors
    /// A source cannot be read.
    pub(crate) fn read_all(&mut self) -> Result<u64> {
        self.read_ahead(usize::MAX)?;
        Ok(self.number)
    }

    /// Takes the user's word for how many rows there are.
    pub(crate) fn promise(&mut self, total: u64) {
        self.promised = Some(total);
    }

    /// How many rows will be given in all, if that is known without reading further.
    pub(crate) fn total(&self) -> Option<u64> {
        if self.has_ended() {
            return Some(self.given);
        }
        let known = match (self.sieve.is_empty(), self.state) {
            (false, _) => None,
            (true, RowsState::Ended) => Some(self.given + self.ahead.len() as u64),
            (true, RowsState::Open) => {
                let read = self.combination.total();
                read.and_then(|read| self.grouper.groups(read))
            }
        };
        known.or(self.promised)
    }

    /// Whether the next row is at hand, so that asking for it cannot wait for a
    /// slow producer.
    pub(crate) fn is_ready(&self) -> bool {
        self.has_ended() || self.sieve.has_kept() || self.sieve.is_empty() && self.is_next_at_hand()
    }

    fn has_ended(&self) -> bool {
        self.state == RowsState::Ended && self.ahead.is_empty() && !self.sieve.has_kept()
    }

    /// The same for a row that a filter may refuse.
    fn is_next_at_hand(&self) -> bool {
        let is_single = matches!(
            self.grouper.group,
            RowGrouping::Single | RowGrouping::Nothing
        );
        !self.ahead.is_empty()
            || self.state == RowsState::Ended
            || is_single && self.combination.is_ready()
    }

    fn next_row(&mut self) -> Result<Option<Row>> {
        let combination = &mut self.combination;
        self.grouper.next(|values| combination.append_next(values))
    }

    /// The next row, whatever the filters say.
    fn next_read(&mut self) -> Option<Result<(u64, Row)>> {
        if let Some(row) = self.ahead.pop_front() {
            return Some(Ok(row));
        }
        if self.state == RowsState::Ended {
            return None;
        }
        let next = self.next_row().transpose();
        if let Some(Ok(row)) = next {
            self.number += 1;
            return Some(Ok((self.number, row)));
        }
        self.state = RowsState::Ended;
        next.map(|next| next.map(|row| (self.number, row)))
    }

    /// The next row that no filter refuses.
    fn next_kept(&mut self) -> Option<Result<(u64, Row)>> {
        loop {
            let next = self.next_read()?;
            if self.sieve.admits(&next) {
                return Some(next);
            }
        }
    }

    /// Passes over refused rows as long as that cannot take long, so that it is known
    /// whether another row is at hand.
    fn look_on(&mut self) {
        for _ in 0..row_filter::PATIENCE {
            if !self.is_next_at_hand() {
                return;
            }
            match self.next_read() {
                Some(next) if self.sieve.admits(&next) => return self.sieve.set_kept(next),
                Some(_) => {}
                None => return,
            }
        }
    }
}

impl Iterator for Rows {
    type Item = Result<(u64, Row)>;

    /// An error comes once and is the last item.
    fn next(&mut self) -> Option<Self::Item> {
        let next = match self.sieve.take_kept() {
            Some(kept) => kept,
            None => self.next_kept()?,
        };
        if next.is_ok() {
            self.given += 1;
            if !self.sieve.is_empty() {
                self.look_on();
            }
        }
        Some(next)
    }
}

#[cfg(test)]
mod tests;
