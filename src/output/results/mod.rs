//! Jobs' output in files instead of on standard output: a directory of results, a
//! table, or one file per job whose name is printed.
//!
//! [`ResultsReservation`] keeps names for jobs in the order of their starts; the thread that
//! writes has the [`ResultsWriter`], which puts results there when the job has ended.

mod assign;
mod encode;
mod form;
mod json;
mod location;
mod locator;
mod pattern;
mod reservation;
mod root;
mod row;
mod table;
mod table_file;
mod tree;
mod writer;

use std::collections::HashSet;
use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use crate::error::Result;
use crate::template::CommandTemplate;

pub(crate) use self::assign::Assignments;
pub(crate) use self::encode::PathNaming;
pub(crate) use self::form::{NameTerminator, ResultsForm, RowNotation, TagPlacement};
pub(crate) use self::locator::{ResultsLayout, ResultsLocator};
pub(crate) use self::pattern::ResultsPattern;
pub(crate) use self::reservation::ResultsReservation;
use self::root::ResultsRoot;
use self::table::ResultsTable;
pub(crate) use self::table::{FieldSeparator, TableWidth};
use self::table_file::TableFile;
pub(crate) use self::table_file::{ExistingTable, ResultsError};
use self::writer::ResultsKind;
pub(crate) use self::writer::ResultsWriter;

/// Results that are ready to be written.
#[derive(Debug)]
pub(crate) struct ResultsOutput {
    /// Shared with whoever leaves out jobs that have results; only for a directory.
    pub locator: Option<Arc<Mutex<ResultsLocator>>>,
    pub writer: ResultsWriter,
    pub tagged: TagPlacement,
}

/// Opens what results are written to, before any job starts. Complete results of jobs that
/// had one of the numbers `done` in an earlier run are kept.
///
/// # Errors
/// A directory that cannot be made, a file that cannot be written.
pub(crate) fn open(
    form: ResultsForm,
    earlier: ExistingTable,
    done: HashSet<u64>,
    template: &Arc<CommandTemplate>,
) -> Result<ResultsOutput> {
    let (kind, tagged) = match form {
        ResultsForm::Directory {
            layout,
            name,
            naming,
            names,
        } => {
            let tagged = match names {
                Some(_) => TagPlacement::Names,
                None => TagPlacement::Nothing,
            };
            let root = Arc::new(ResultsRoot::make(layout.directory(&name))?);
            let mut locator =
                ResultsLocator::new(layout, naming, Arc::clone(&root), template.run());
            locator.keep_results_of(done);
            let kind = ResultsKind::Directory {
                root,
                locator: Arc::new(Mutex::new(locator)),
                names,
            };
            (kind, tagged)
        }
        ResultsForm::Rows { notation, file } => {
            (open_rows(notation, file, earlier)?, TagPlacement::Output)
        }
        ResultsForm::Variables(assignments) => {
            (ResultsKind::Variables(assignments), TagPlacement::Output)
        }
        ResultsForm::Files {
            directory,
            affixes,
            end,
        } => {
            let kind = ResultsKind::Files {
                directory,
                affixes,
                end,
            };
            (kind, TagPlacement::NamesAndStderr)
        }
    };
    let locator = match &kind {
        ResultsKind::Directory { locator, .. } => Some(Arc::clone(locator)),
        _ => None,
    };
    Ok(ResultsOutput {
        locator,
        writer: ResultsWriter {
            kind,
            template: Arc::clone(template),
        },
        tagged,
    })
}

/// A file of one row for each job, new or gone on with.
fn open_rows(
    notation: RowNotation,
    file: Option<PathBuf>,
    earlier: ExistingTable,
) -> Result<ResultsKind> {
    Ok(match notation {
        RowNotation::Json => ResultsKind::Json(TableFile::open(file, earlier, whole_lines)?.0),
        RowNotation::Separated {
            separator,
            names,
            width,
        } => {
            let whole = |file: &File| table::whole_rows(file, separator);
            let (file, columns) = TableFile::open(file, earlier, whole)?;
            let mut table = ResultsTable::new(separator, names, width);
            table.go_on(columns);
            ResultsKind::Table(table, file)
        }
    })
}

/// End of the last whole line of a file.
fn whole_lines(file: &File) -> io::Result<(u64, Option<usize>)> {
    let mut whole = 0;
    let mut lines = BufReader::new(file);
    let mut line = Vec::new();
    loop {
        line.clear();
        match lines.read_until(b'\n', &mut line)? {
            0 => return Ok((whole, None)),
            count if line.ends_with(b"\n") => whole += count as u64,
            _ => return Ok((whole, None)),
        }
    }
}
