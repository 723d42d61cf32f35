//! Writing the results of jobs that have ended.

use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use super::assign::{self, Assignments};
use super::form::NameTerminator;
use super::json;
use super::locator::{self, ResultsLocator};
use super::root::{self, ResultsRoot};
use super::row::ResultsRow;
use super::table::ResultsTable;
use super::table_file::{ResultsError, TableFile};
use crate::error::Error;
use crate::output::FinishedAttempt;
use crate::template::CommandTemplate;

/// Writer of results.
#[derive(Debug)]
pub(crate) struct ResultsWriter {
    pub(super) kind: ResultsKind,
    pub(super) template: Arc<CommandTemplate>,
}

#[derive(Debug)]
pub(super) enum ResultsKind {
    Directory {
        root: Arc<ResultsRoot>,
        locator: Arc<Mutex<ResultsLocator>>,
        names: Option<NameTerminator>,
    },
    Table(ResultsTable, TableFile),
    Json(TableFile),
    Variables(Assignments),
    Files {
        directory: PathBuf,
        affixes: (&'static str, &'static str),
        end: NameTerminator,
    },
}

impl ResultsWriter {
    /// Tells whether anything is printed on standard output.
    pub(crate) fn prints(&self) -> bool {
        match &self.kind {
            ResultsKind::Directory { names, .. } => names.is_some(),
            ResultsKind::Table(_, file) | ResultsKind::Json(file) => file.is_stdout(),
            ResultsKind::Variables(_) | ResultsKind::Files { .. } => true,
        }
    }

    /// Tells whether standard error is left to be printed.
    pub(crate) fn leaves_stderr(&self) -> bool {
        matches!(
            self.kind,
            ResultsKind::Variables(_) | ResultsKind::Files { .. }
        )
    }

    /// Writes the results of a job that has ended. Returns what is printed in place of its
    /// output.
    ///
    /// # Errors
    /// Results that could not be written.
    pub(crate) fn write(&mut self, finished: &FinishedAttempt) -> Result<Vec<u8>, ResultsError> {
        Ok(match &mut self.kind {
            ResultsKind::Directory {
                root,
                locator,
                names,
            } => return in_directory(finished, root, locator, *names),
            ResultsKind::Table(table, file) => {
                let row = ResultsRow::new(finished, &self.template);
                let written = table.write(&row, file);
                file.end_row(written)?;
                Vec::new()
            }
            ResultsKind::Json(file) => {
                let row = ResultsRow::new(finished, &self.template);
                let written = json::write(&row, file);
                file.end_row(written)?;
                Vec::new()
            }
            ResultsKind::Variables(assignments) => {
                let output = assign::read(&finished.stdout).map_err(|error| {
                    let message =
                        format!("cannot read the output of job {}", finished.record.job.seq);
                    ResultsError::Stored(Error::new(message).because(&error))
                })?;
                let assigned = assignments.assign(&finished.record.job.row, &output);
                assigned.map_err(ResultsError::Stored)?
            }
            ResultsKind::Files {
                directory,
                affixes,
                end,
            } => {
                let path = file(finished, directory, *affixes).map_err(|error| {
                    let message = format!("cannot write a file in '{}'", directory.display());
                    ResultsError::Stored(Error::new(message).because(&error))
                })?;
                named(finished, &path, *end)
            }
        })
    }
}

fn in_directory(
    finished: &FinishedAttempt,
    root: &ResultsRoot,
    locator: &Mutex<ResultsLocator>,
    names: Option<NameTerminator>,
) -> Result<Vec<u8>, ResultsError> {
    let location = locator::lock(locator).find(&finished.record).location;
    root.write(&location, finished)
        .map_err(ResultsError::Stored)?;
    let stdout = names.map(|end| named(finished, &root.files_of(&location)[0], end));
    Ok(stdout.unwrap_or_default())
}

/// A new file with a job's standard output.
fn file(
    finished: &FinishedAttempt,
    directory: &Path,
    (prefix, suffix): (&str, &str),
) -> io::Result<PathBuf> {
    let mut builder = tempfile::Builder::new();
    let file = builder
        .prefix(prefix)
        .suffix(suffix)
        .tempfile_in(directory)?;
    // It is removed again if it cannot be written.
    root::copy(&finished.stdout, file.as_file())?;
    let (_, path) = file.keep()?;
    Ok(path)
}

fn named(finished: &FinishedAttempt, path: &Path, end: NameTerminator) -> Vec<u8> {
    let end = match end {
        NameTerminator::Newline => b"\n",
        NameTerminator::Nul => b"\0",
    };
    let name = path.as_os_str().as_bytes();
    [finished.tag.as_slice(), name, end].concat()
}
