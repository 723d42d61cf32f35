//! Jobs' output in files instead of on standard output: a directory of results, a
//! table, or one file per job whose name is printed.
//!
//! [`ResultsLocator`] decides where the results of a job are; the thread that writes has the
//! [`ResultsWriter`], which puts them there when the job has ended.

mod assign;
mod encode;
mod json;
mod pattern;
mod place;
mod record;
mod sheet;
mod store;
mod table;
mod tree;

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use crate::error::{Error, Result};
use crate::output::sequencer::FinishedJob;
use crate::placeholder::CommandDialect;
use crate::template::CommandTemplate;

pub(crate) use self::assign::Assignments;
pub(crate) use self::pattern::ResultsPattern;
pub(crate) use self::place::{LocatedResults, ResultsLayout, ResultsLocation, ResultsLocator};
use self::record::ResultsRow;
use self::sheet::TableFile;
use self::store::ResultsRoot;
use self::table::ResultsTable;
pub(crate) use self::table::{FieldSeparator, TableWidth};

/// What the command line says about results.
#[derive(Debug)]
pub(crate) enum ResultsForm {
    /// Three files for each job below a directory.
    Directory {
        /// What is below it.
        layout: ResultsLayout,
        /// Its name, if the layout does not say.
        name: PathBuf,
        /// Whose names.
        dialect: CommandDialect,
        /// Whether names of files are printed.
        names: Option<NameTerminator>,
    },
    /// One row for each job.
    Rows {
        /// What a row looks like.
        notation: RowNotation,
        /// The file; none for standard output.
        file: Option<PathBuf>,
    },
    /// A value of a variable for each job.
    Variables(Assignments),
    /// One file for each job, whose name is printed.
    Files {
        /// Where it is.
        directory: PathBuf,
        /// Whose names.
        dialect: CommandDialect,
        /// What ends a name.
        end: NameTerminator,
    },
}

impl ResultsForm {
    /// Whether an earlier run has left something there.
    pub(crate) fn is_there(&self) -> bool {
        match self {
            ResultsForm::Directory {
                layout: ResultsLayout::Tree { .. },
                name,
                ..
            } => name.exists(),
            ResultsForm::Directory {
                layout: ResultsLayout::Pattern(pattern),
                ..
            } => Path::new(OsStr::from_bytes(pattern.directory())).exists(),
            ResultsForm::Rows { .. } | ResultsForm::Variables(_) | ResultsForm::Files { .. } => {
                false
            }
        }
    }

    /// The variables that take outputs.
    pub(crate) fn variables(&self) -> Option<&Assignments> {
        match self {
            ResultsForm::Variables(assignments) => Some(assignments),
            _ => None,
        }
    }

    /// Whether names of files ask how many jobs there are.
    pub(crate) fn needs_total(&self) -> bool {
        match self {
            ResultsForm::Directory {
                layout: ResultsLayout::Pattern(pattern),
                ..
            } => pattern.needs_total(),
            _ => false,
        }
    }
}

/// What a row of results looks like.
#[derive(Debug)]
pub(crate) enum RowNotation {
    /// Fields between separators.
    Separated {
        /// What parts them.
        separator: FieldSeparator,
        /// Names of values.
        names: Vec<Vec<u8>>,
        /// How many columns there are.
        width: TableWidth,
    },
    /// One JSON object.
    Json,
}

/// What ends a printed name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NameTerminator {
    /// A newline.
    Newline,
    /// A NUL byte (`--files0`).
    Nul,
}

/// Where a tag goes when output is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TagPlacement {
    /// Before lines of both streams.
    Output,
    /// Nowhere.
    Nothing,
    /// Before the names that are printed.
    Names,
    /// Before them and before lines of standard error.
    NamesAndStderr,
}

/// Results that are ready to be written.
#[derive(Debug)]
pub(crate) struct ResultsOutput {
    /// Where each job's go, in a directory of results. Whoever leaves out jobs that have
    /// results knows it, too.
    pub places: Option<Arc<Mutex<ResultsLocator>>>,
    /// What writes them.
    pub sink: ResultsWriter,
    /// Where tags go.
    pub tagged: TagPlacement,
}

/// Writes results.
#[derive(Debug)]
pub(crate) struct ResultsWriter {
    kind: ResultsKind,
    template: Arc<CommandTemplate>,
}

#[derive(Debug)]
enum ResultsKind {
    Directory(Arc<ResultsRoot>, Option<NameTerminator>),
    Table(ResultsTable, TableFile),
    Json(TableFile),
    Variables(Assignments),
    Files {
        directory: PathBuf,
        dialect: CommandDialect,
        end: NameTerminator,
    },
}

/// Why results were not written.
#[derive(Debug)]
pub(crate) enum ResultsError {
    /// Standard output cannot take them.
    Stdout(io::Error),
    /// A file cannot.
    Stored(Error),
}

/// What becomes of an earlier run's table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ExistingTable {
    /// It is replaced.
    Replaced,
    /// Rows are added to it (`--resume`).
    Continued,
}

/// Opens what results are written to, before any job starts.
///
/// # Errors
/// A directory that cannot be made, a file that cannot be written.
pub(crate) fn open(
    form: ResultsForm,
    earlier: ExistingTable,
    template: &Arc<CommandTemplate>,
) -> Result<ResultsOutput> {
    let (kind, places, tagged) = match form {
        ResultsForm::Directory {
            layout,
            name,
            dialect,
            names,
        } => {
            let base = match &layout {
                ResultsLayout::Tree { .. } => ResultsRoot::make(&name)?,
                ResultsLayout::Pattern(pattern) => {
                    ResultsRoot::make(Path::new(OsStr::from_bytes(pattern.directory())))?
                }
            };
            let base = Arc::new(base);
            let places = ResultsLocator::new(layout, dialect, Arc::clone(&base), template.run());
            let tagged = match names {
                Some(_) => TagPlacement::Names,
                None => TagPlacement::Nothing,
            };
            let places = Arc::new(Mutex::new(places));
            (ResultsKind::Directory(base, names), Some(places), tagged)
        }
        ResultsForm::Rows { notation, file } => {
            let kind = open_rows(notation, file, earlier)?;
            (kind, None, TagPlacement::Output)
        }
        ResultsForm::Variables(assignments) => (
            ResultsKind::Variables(assignments),
            None,
            TagPlacement::Output,
        ),
        ResultsForm::Files {
            directory,
            dialect,
            end,
        } => {
            let kind = ResultsKind::Files {
                directory,
                dialect,
                end,
            };
            (kind, None, TagPlacement::NamesAndStderr)
        }
    };
    Ok(ResultsOutput {
        places,
        sink: ResultsWriter {
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
            let (sheet, columns) = TableFile::open(file, earlier, whole)?;
            let mut table = ResultsTable::new(separator, names, width);
            table.go_on(columns);
            ResultsKind::Table(table, sheet)
        }
    })
}

/// Where the last whole line of a file ends.
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

impl ResultsWriter {
    /// Whether anything is printed on standard output.
    pub(crate) fn prints(&self) -> bool {
        match &self.kind {
            ResultsKind::Directory(_, names) => names.is_some(),
            ResultsKind::Table(_, sheet) | ResultsKind::Json(sheet) => sheet.is_stdout(),
            ResultsKind::Variables(_) | ResultsKind::Files { .. } => true,
        }
    }

    /// Whether standard error is left to be printed.
    pub(crate) fn leaves_stderr(&self) -> bool {
        matches!(
            self.kind,
            ResultsKind::Variables(_) | ResultsKind::Files { .. }
        )
    }

    /// Writes the results of a job that is over, in a directory at its place. Returns
    /// what is to be printed in place of its output.
    ///
    /// # Errors
    /// Results that could not be written.
    pub(crate) fn keep(
        &mut self,
        finished: &FinishedJob,
        spot: Option<&ResultsLocation>,
    ) -> std::result::Result<Vec<u8>, ResultsError> {
        match &mut self.kind {
            ResultsKind::Directory(base, names) => {
                let spot = spot.expect("a directory of results has places");
                base.write(spot, finished).map_err(ResultsError::Stored)?;
                Ok(match names {
                    Some(end) => named(finished, &base.files_of(spot)[0], *end),
                    None => Vec::new(),
                })
            }
            ResultsKind::Table(table, sheet) => {
                let record = ResultsRow::new(finished, &self.template);
                let written = table.write(&record, sheet);
                sheet.end_row(written).map(|()| Vec::new())
            }
            ResultsKind::Json(sheet) => {
                let record = ResultsRow::new(finished, &self.template);
                let written = json::write(&record, sheet);
                sheet.end_row(written).map(|()| Vec::new())
            }
            ResultsKind::Variables(assignments) => {
                let output = assign::read(&finished.stdout).map_err(|error| {
                    let message =
                        format!("cannot read the output of job {}", finished.report.job.seq);
                    ResultsError::Stored(Error::new(message).because(&error))
                })?;
                let assigned = assignments.assign(&finished.report.job.row, &output);
                assigned.map_err(ResultsError::Stored)
            }
            ResultsKind::Files {
                directory,
                dialect,
                end,
            } => {
                let path = file(finished, directory, *dialect).map_err(|error| {
                    let message = format!("cannot write a file in '{}'", directory.display());
                    ResultsError::Stored(Error::new(message).because(&error))
                })?;
                Ok(named(finished, &path, *end))
            }
        }
    }
}

/// A new file with a job's standard output.
fn file(finished: &FinishedJob, directory: &Path, dialect: CommandDialect) -> io::Result<PathBuf> {
    let (prefix, suffix) = match dialect {
        CommandDialect::Own => ("prun", ".out"),
        CommandDialect::Gnu => ("par", ".par"),
    };
    let mut builder = tempfile::Builder::new();
    let file = builder
        .prefix(prefix)
        .suffix(suffix)
        .tempfile_in(directory)?;
    // It is removed again if it cannot be written.
    store::copy(&finished.stdout, file.as_file())?;
    let (_, path) = file.keep()?;
    Ok(path)
}

fn named(finished: &FinishedJob, path: &Path, end: NameTerminator) -> Vec<u8> {
    let end = match end {
        NameTerminator::Newline => b"\n",
        NameTerminator::Nul => b"\0",
    };
    let name = path.as_os_str().as_bytes();
    [finished.tag.as_slice(), name, end].concat()
}
