//! Forms of results, as the command line says.

use std::path::PathBuf;

use super::assign::Assignments;
use super::encode::PathNaming;
use super::locator::ResultsLayout;
use super::table::{FieldSeparator, TableWidth};

/// Form of results.
#[derive(Debug)]
pub(crate) enum ResultsForm {
    /// Three files for each job below a directory.
    Directory {
        layout: ResultsLayout,
        /// Its name, if the layout does not say.
        name: PathBuf,
        naming: PathNaming,
        /// End of each name of a file, if names are printed.
        names: Option<NameTerminator>,
    },
    /// A row for each job.
    Rows {
        notation: RowNotation,
        /// The file; none for standard output.
        file: Option<PathBuf>,
    },
    /// A value of a variable for each job.
    Variables(Assignments),
    /// `--files`: a file for each job, whose name is printed.
    Files {
        directory: PathBuf,
        /// Beginning and end of its name.
        affixes: (&'static str, &'static str),
        end: NameTerminator,
    },
}

impl ResultsForm {
    /// Tells whether an earlier run has left something there.
    pub(crate) fn is_there(&self) -> bool {
        match self {
            ResultsForm::Directory { layout, name, .. } => layout.directory(name).exists(),
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

    /// Tells whether names of files contain the number of all jobs.
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

/// Notation of a row of results.
#[derive(Debug)]
pub(crate) enum RowNotation {
    /// Fields between separators.
    Separated {
        separator: FieldSeparator,
        /// Names of values.
        names: Vec<Vec<u8>>,
        width: TableWidth,
    },
    /// A JSON object.
    Json,
}

/// End of a printed name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NameTerminator {
    Newline,
    /// `--files0`
    Nul,
}

/// Place of a tag when output becomes results.
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
