//! Forms of results, as the command line says.

use std::path::PathBuf;

use super::assign::Assignments;
use super::locator::ResultsLayout;
use super::table::{FieldSeparator, TableWidth};
use crate::placeholder::CommandDialect;

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
