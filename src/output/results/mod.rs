//! Jobs' output in files instead of on standard output: a directory of results, a
//! table, or one file per job whose name is printed.
//!
//! [`Places`] decides where the results of a job are; the thread that writes has the
//! [`Sink`], which puts them there when the job has ended.

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
use crate::output::sequencer::Finished;
use crate::template::{Dialect, Template};

pub use self::assign::Assignments;
pub use self::pattern::Pattern;
pub use self::place::{Found, Layout, Places, Spot};
use self::record::Record;
use self::sheet::Sheet;
use self::store::Base;
use self::table::Table;
pub use self::table::{Separator, Width};

/// What the command line says about results.
#[derive(Debug)]
pub enum Form {
    /// Three files for each job below a directory.
    Directory {
        /// What is below it.
        layout: Layout,
        /// Its name, if the layout does not say.
        name: PathBuf,
        /// Whose names.
        dialect: Dialect,
        /// Whether names of files are printed.
        names: Option<NameEnd>,
    },
    /// One row for each job.
    Rows {
        /// What a row looks like.
        notation: Notation,
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
        dialect: Dialect,
        /// What ends a name.
        end: NameEnd,
    },
}

impl Form {
    /// Whether an earlier run has left something there.
    pub fn is_there(&self) -> bool {
        match self {
            Form::Directory {
                layout: Layout::Tree { .. },
                name,
                ..
            } => name.exists(),
            Form::Directory {
                layout: Layout::Pattern(pattern),
                ..
            } => Path::new(OsStr::from_bytes(pattern.directory())).exists(),
            Form::Rows { .. } | Form::Variables(_) | Form::Files { .. } => false,
        }
    }

    /// The variables that take outputs.
    pub fn variables(&self) -> Option<&Assignments> {
        match self {
            Form::Variables(assignments) => Some(assignments),
            _ => None,
        }
    }

    /// Whether names of files ask how many jobs there are.
    pub fn needs_total(&self) -> bool {
        match self {
            Form::Directory {
                layout: Layout::Pattern(pattern),
                ..
            } => pattern.needs_total(),
            _ => false,
        }
    }
}

/// What a row of results looks like.
#[derive(Debug)]
pub enum Notation {
    /// Fields between separators.
    Separated {
        /// What parts them.
        separator: Separator,
        /// Names of values.
        names: Vec<Vec<u8>>,
        /// How many columns there are.
        width: Width,
    },
    /// One JSON object.
    Json,
}

/// What ends a printed name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NameEnd {
    /// A newline.
    Newline,
    /// A NUL byte (`--files0`).
    Nul,
}

/// Where a tag goes when output is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tagged {
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
pub struct Keeping {
    /// Where each job's go, in a directory of results. Whoever leaves out jobs that have
    /// results knows it, too.
    pub places: Option<Arc<Mutex<Places>>>,
    /// What writes them.
    pub sink: Sink,
    /// Where tags go.
    pub tagged: Tagged,
}

/// Writes results.
#[derive(Debug)]
pub struct Sink {
    kind: Kind,
    template: Arc<Template>,
}

#[derive(Debug)]
enum Kind {
    Directory(Arc<Base>, Option<NameEnd>),
    Table(Table, Sheet),
    Json(Sheet),
    Variables(Assignments),
    Files {
        directory: PathBuf,
        dialect: Dialect,
        end: NameEnd,
    },
}

/// Why results were not written.
#[derive(Debug)]
pub enum Failure {
    /// Standard output cannot take them.
    Stdout(io::Error),
    /// A file cannot.
    Stored(Error),
}

/// What becomes of an earlier run's table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Earlier {
    /// It is replaced.
    Replaced,
    /// Rows are added to it (`--resume`).
    Continued,
}

/// Opens what results are written to, before any job starts.
///
/// # Errors
/// A directory that cannot be made, a file that cannot be written.
pub fn open(form: Form, earlier: Earlier, template: &Arc<Template>) -> Result<Keeping> {
    let (kind, places, tagged) = match form {
        Form::Directory {
            layout,
            name,
            dialect,
            names,
        } => {
            let base = match &layout {
                Layout::Tree { .. } => Base::make(&name)?,
                Layout::Pattern(pattern) => {
                    Base::make(Path::new(OsStr::from_bytes(pattern.directory())))?
                }
            };
            let base = Arc::new(base);
            let places = Places::new(layout, dialect, Arc::clone(&base), template.run());
            let tagged = match names {
                Some(_) => Tagged::Names,
                None => Tagged::Nothing,
            };
            let places = Arc::new(Mutex::new(places));
            (Kind::Directory(base, names), Some(places), tagged)
        }
        Form::Rows { notation, file } => {
            let kind = open_rows(notation, file, earlier)?;
            (kind, None, Tagged::Output)
        }
        Form::Variables(assignments) => (Kind::Variables(assignments), None, Tagged::Output),
        Form::Files {
            directory,
            dialect,
            end,
        } => {
            let kind = Kind::Files {
                directory,
                dialect,
                end,
            };
            (kind, None, Tagged::NamesAndStderr)
        }
    };
    Ok(Keeping {
        places,
        sink: Sink {
            kind,
            template: Arc::clone(template),
        },
        tagged,
    })
}

/// A file of one row for each job, new or gone on with.
fn open_rows(notation: Notation, file: Option<PathBuf>, earlier: Earlier) -> Result<Kind> {
    Ok(match notation {
        Notation::Json => Kind::Json(Sheet::open(file, earlier, whole_lines)?.0),
        Notation::Separated {
            separator,
            names,
            width,
        } => {
            let whole = |file: &File| table::whole_rows(file, separator);
            let (sheet, columns) = Sheet::open(file, earlier, whole)?;
            let mut table = Table::new(separator, names, width);
            table.go_on(columns);
            Kind::Table(table, sheet)
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

impl Sink {
    /// Whether anything is printed on standard output.
    pub fn prints(&self) -> bool {
        match &self.kind {
            Kind::Directory(_, names) => names.is_some(),
            Kind::Table(_, sheet) | Kind::Json(sheet) => sheet.is_stdout(),
            Kind::Variables(_) | Kind::Files { .. } => true,
        }
    }

    /// Whether standard error is left to be printed.
    pub fn leaves_stderr(&self) -> bool {
        matches!(self.kind, Kind::Variables(_) | Kind::Files { .. })
    }

    /// Writes the results of a job that is over, in a directory at its place. Returns
    /// what is to be printed in place of its output.
    ///
    /// # Errors
    /// Results that could not be written.
    pub fn keep(
        &mut self,
        finished: &Finished,
        spot: Option<&Spot>,
    ) -> std::result::Result<Vec<u8>, Failure> {
        match &mut self.kind {
            Kind::Directory(base, names) => {
                let spot = spot.expect("a directory of results has places");
                base.write(spot, finished).map_err(Failure::Stored)?;
                Ok(match names {
                    Some(end) => named(finished, &base.files_of(spot)[0], *end),
                    None => Vec::new(),
                })
            }
            Kind::Table(table, sheet) => {
                let record = Record::new(finished, &self.template);
                let written = table.write(&record, sheet);
                sheet.end_row(written).map(|()| Vec::new())
            }
            Kind::Json(sheet) => {
                let record = Record::new(finished, &self.template);
                let written = json::write(&record, sheet);
                sheet.end_row(written).map(|()| Vec::new())
            }
            Kind::Variables(assignments) => {
                let output = assign::read(&finished.stdout).map_err(|error| {
                    let message =
                        format!("cannot read the output of job {}", finished.report.job.seq);
                    Failure::Stored(Error::new(message).because(&error))
                })?;
                let assigned = assignments.assign(&finished.report.job.row, &output);
                assigned.map_err(Failure::Stored)
            }
            Kind::Files {
                directory,
                dialect,
                end,
            } => {
                let path = file(finished, directory, *dialect).map_err(|error| {
                    let message = format!("cannot write a file in '{}'", directory.display());
                    Failure::Stored(Error::new(message).because(&error))
                })?;
                Ok(named(finished, &path, *end))
            }
        }
    }
}

/// A new file with a job's standard output.
fn file(finished: &Finished, directory: &Path, dialect: Dialect) -> io::Result<PathBuf> {
    let (prefix, suffix) = match dialect {
        Dialect::Own => ("prun", ".out"),
        Dialect::Gnu => ("par", ".par"),
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

fn named(finished: &Finished, path: &Path, end: NameEnd) -> Vec<u8> {
    let end = match end {
        NameEnd::Newline => b"\n",
        NameEnd::Nul => b"\0",
    };
    let name = path.as_os_str().as_bytes();
    [finished.tag.as_slice(), name, end].concat()
}
