//! The rows of a run, read as they are needed.

use std::collections::VecDeque;
use std::os::unix::ffi::OsStrExt;
use std::sync::Arc;

use super::columns::{HeaderNames, RecordFormat};
use super::combine::SourceCombination;
use super::delimiter::Delimiter;
use super::group::{RowGrouper, RowGrouping};
use super::job_stdin::StdinSource;
use super::nul_bytes::NulFilter;
use super::row::{Row, Value};
use super::row_filter::{LOOKAHEAD, RowFilter};
use super::row_source::RowSource;
use super::row_stdin::{RowStdin, StdinValues};
use super::source::{InputSource, SourceOrigin};
use super::source_values::{SourceValues, ValueSyntax, check_stdin_is_read_once};
use super::suspect::{SuspectHints, SuspectValues};
use super::value_cleanup::{TrimSides, ValueCleanup};
use crate::error::Result;
use crate::os::byte_strings::ByteStrings;

/// The command line's options for input.
#[derive(Debug, Clone)]
pub(crate) struct InputOptions {
    /// At least one.
    pub sources: Vec<InputSource>,
    /// `--link`: all sources side by side, shorter ones start again.
    pub link: bool,
    /// The bytes that end a value in a file or on standard input; not empty.
    pub delimiter: Vec<u8>,
    /// At the very end of input one newline ends the text, not its last value:
    /// `echo a,b | prun -d, ...`. GNU parallel and `-0` keep it.
    pub drop_final_newline: bool,
    /// Drop a byte order mark at the beginning of a source. GNU parallel and `-0` keep it.
    pub drop_byte_order_mark: bool,
    /// Write NUL bytes in values as `\0`, with one warning, as GNU parallel does.
    pub escape_nul: bool,
    /// Bytes that are held of one value at most.
    pub max_record: usize,
    pub cleanup: ValueCleanup,
    pub columns: RecordFormat,
    pub header: HeaderNames,
}

impl Default for InputOptions {
    /// Lines as they are, from no source.
    fn default() -> InputOptions {
        InputOptions {
            sources: Vec::new(),
            link: false,
            delimiter: b"\n".to_vec(),
            drop_final_newline: false,
            drop_byte_order_mark: false,
            escape_nul: false,
            max_record: usize::MAX,
            cleanup: ValueCleanup::default(),
            columns: RecordFormat::Whole,
            header: HeaderNames::Absent,
        }
    }
}

/// Rows of a run with their numbers, from 1 in input order.
#[derive(Debug)]
pub(crate) struct Rows {
    combination: SourceCombination,
    /// Names of the values of a row, as far as they have any.
    names: Vec<Value>,
    /// Names that were asked for and are not in the first object.
    missing: Vec<Value>,
    grouper: RowGrouper,
    /// The number of the last row that was read.
    number: u64,
    /// Rows read ahead.
    ahead: VecDeque<(u64, Row)>,
    filter: RowFilter,
    /// Source of the rows' standard input, if they have any.
    stdin: Option<RowStdin>,
    /// Source of rows that are made elsewhere.
    source: Option<Box<dyn RowSource>>,
    /// Rows bring settings with them.
    have_settings: bool,
    suspects: Arc<SuspectValues>,
    hints: SuspectHints,
    given: u64,
    /// Total to report as long as the real one is not known.
    assumed_total: Option<u64>,
    /// The combination has no more rows.
    ended: bool,
    nul: NulFilter,
}

/// Opens every source: a missing file is known before any job starts.
///
/// # Errors
/// A file that cannot be opened, a directory, standard input named twice.
pub(crate) fn open(options: InputOptions) -> Result<Rows> {
    check_stdin_is_read_once(&options.sources)?;
    let syntax = ValueSyntax {
        delimiter: Delimiter::new(&options.delimiter),
        drop_final_newline: options.drop_final_newline,
        drop_byte_order_mark: options.drop_byte_order_mark,
        nul: NulFilter::new(options.escape_nul),
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
            &syntax,
            &options.columns,
            &options.cleanup,
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
        combination: SourceCombination::new(streams, options.link),
        names: names.collect(),
        missing,
        suspects,
        ended: false,
        nul: syntax.nul,
        ..Rows::numbered(Vec::new())
    })
}

impl Rows {
    /// Rows that are known, with their numbers.
    pub(crate) fn numbered(rows: Vec<(u64, Row)>) -> Rows {
        Rows {
            have_settings: rows.iter().any(|(_, row)| row.settings.is_some()),
            combination: SourceCombination::Read(Vec::new().into_iter()),
            names: Vec::new(),
            missing: Vec::new(),
            grouper: RowGrouper::new(RowGrouping::Single),
            number: 0,
            ahead: rows.into(),
            filter: RowFilter::default(),
            stdin: None,
            source: None,
            suspects: Arc::default(),
            hints: SuspectHints::default(),
            given: 0,
            assumed_total: None,
            ended: true,
            nul: NulFilter::new(false),
        }
    }

    /// Makes a row of each standard input.
    pub(crate) fn make_of_stdin(&mut self, source: Box<dyn StdinSource>, values: StdinValues) {
        self.ended = false;
        self.number = 0;
        self.stdin = Some(RowStdin { source, values });
    }

    /// Gives the rows of this source, after those that are known.
    pub(crate) fn continue_with(&mut self, source: Box<dyn RowSource>) {
        self.ended = false;
        self.source = Some(source);
    }

    /// Takes note of how many rows can be used now.
    pub(crate) fn want(&mut self, count: usize) {
        if let Some(source) = &mut self.source {
            source.want(count);
        }
    }

    /// Takes the rows that were read ahead and not asked for.
    pub(crate) fn take_ahead(&mut self) -> VecDeque<Row> {
        self.ahead.drain(..).map(|(_, row)| row).collect()
    }

    /// Tells whether rows have a standard input.
    pub(crate) fn have_stdin(&self) -> bool {
        self.stdin.is_some()
    }

    /// Tells whether rows have nothing but values, and nobody else could use them.
    pub(crate) fn have_values_alone(&self) -> bool {
        self.stdin.is_none() && self.source.is_none() && !self.have_settings
    }

    pub(crate) fn names(&self) -> &[Value] {
        &self.names
    }

    pub(crate) fn missing(&self) -> &[Value] {
        &self.missing
    }

    pub(crate) fn set_hints(&mut self, hints: SuspectHints) {
        self.hints = hints;
    }

    /// Warnings of values in the rows read so far, each given once.
    pub(crate) fn take_warnings(&mut self) -> Vec<String> {
        let mut warnings = self.hints.take_warnings(&self.suspects);
        warnings.extend(self.nul.take_warning().map(str::to_owned));
        warnings
    }

    /// Groups the rows that have not been asked for yet.
    pub(crate) fn group(&mut self, group: RowGrouping) {
        self.grouper = RowGrouper::new(group);
    }

    /// `--shuf`: reads all that is left and gives it in another order.
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

    /// Leaves out the rows that `predicate` refuses, and their numbers with them. It sees
    /// each row once, in order, unless an earlier predicate has refused it.
    pub(crate) fn keep(&mut self, mut predicate: impl FnMut(u64, &Row) -> bool + Send + 'static) {
        self.try_keep(move |number, row| Ok(predicate(number, row)));
    }

    /// Does as [`Rows::keep`]; an error of the predicate ends the rows.
    pub(crate) fn try_keep(
        &mut self,
        predicate: impl FnMut(u64, &Row) -> Result<bool> + Send + 'static,
    ) {
        self.filter.add(predicate);
    }

    /// Reads up to so many rows, to be given later, and returns how many are there.
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
    pub(crate) fn read_all(&mut self) -> Result<u64> {
        self.read_ahead(usize::MAX)?;
        Ok(self.number)
    }

    /// Sets the total as long as it is not known.
    pub(crate) fn assume_total(&mut self, total: u64) {
        self.assumed_total = Some(total);
    }

    /// Number of rows that will be given in all, if it is known without reading further.
    pub(crate) fn total(&self) -> Option<u64> {
        if self.has_ended() {
            return Some(self.given);
        }
        let known = if !self.filter.is_empty() {
            None
        } else if self.ended {
            Some(self.given + self.ahead.len() as u64)
        } else if self.source.is_some() {
            None
        } else if let Some(stdin) = &self.stdin {
            stdin.source.total()
        } else {
            let read = self.combination.total();
            read.and_then(|read| self.grouper.groups(read))
        };
        known.or(self.assumed_total)
    }

    /// The next row is at hand: asking for it cannot wait for a slow producer.
    pub(crate) fn is_ready(&self) -> bool {
        self.has_ended()
            || self.filter.has_kept()
            || self.filter.is_empty() && self.is_next_at_hand()
    }

    fn has_ended(&self) -> bool {
        self.ended && self.ahead.is_empty() && !self.filter.has_kept()
    }

    /// Like [`Rows::is_ready`], for a row that a filter may refuse.
    fn is_next_at_hand(&self) -> bool {
        let is_single = matches!(
            self.grouper.group,
            RowGrouping::Single | RowGrouping::Nothing
        );
        if !self.ahead.is_empty() || self.ended {
            return true;
        }
        match (&self.source, &self.stdin) {
            (Some(source), _) => source.is_ready(),
            (None, Some(stdin)) => stdin.source.is_ready(),
            (None, None) => is_single && self.combination.is_ready(),
        }
    }

    fn next_row(&mut self) -> Result<Option<Row>> {
        if let Some(source) = &mut self.source {
            return source.next();
        }
        if let Some(stdin) = &mut self.stdin {
            return stdin.next(self.number + 1);
        }
        let combination = &mut self.combination;
        self.grouper.next(|values| combination.append_next(values))
    }

    /// Next row before filters.
    fn next_read(&mut self) -> Option<Result<(u64, Row)>> {
        if let Some(row) = self.ahead.pop_front() {
            return Some(Ok(row));
        }
        if self.ended {
            return None;
        }
        let next = self.next_row().transpose();
        if let Some(Ok(row)) = next {
            self.number += 1;
            return Some(Ok((self.number, row)));
        }
        self.ended = true;
        next.map(|next| next.map(|row| (self.number, row)))
    }

    /// Next row that all filters admit.
    fn next_kept(&mut self) -> Option<Result<(u64, Row)>> {
        loop {
            let next = self.next_read()?;
            if let Some(next) = self.filter.admitted(next) {
                return Some(next);
            }
        }
    }

    /// Passes over refused rows as long as that cannot take long, so that it is known if
    /// another row is at hand.
    fn skip_refused(&mut self) {
        for _ in 0..LOOKAHEAD {
            if !self.is_next_at_hand() {
                return;
            }
            let Some(next) = self.next_read() else {
                return;
            };
            if let Some(next) = self.filter.admitted(next) {
                return self.filter.set_kept(next);
            }
        }
    }
}

impl Iterator for Rows {
    type Item = Result<(u64, Row)>;

    /// An error comes once and is the last item.
    fn next(&mut self) -> Option<Self::Item> {
        let next = match self.filter.take_kept() {
            Some(kept) => kept,
            None => self.next_kept()?,
        };
        if next.is_ok() {
            self.given += 1;
            if !self.filter.is_empty() {
                self.skip_refused();
            }
        }
        Some(next)
    }
}
