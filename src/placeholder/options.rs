//! What the command line says about placeholders and the rows that fill them.

use crate::expression::Shorthand;
use crate::quote::QuoteStyle;

/// Whose rules compose the command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CommandDialect {
    /// One word is a command line, several are an argument vector.
    Own,
    /// Words are joined by a space and parsed again by the shell.
    Gnu,
}

impl CommandDialect {
    /// How commands of this dialect are shown.
    pub(crate) fn quote_style(self) -> QuoteStyle {
        match self {
            CommandDialect::Own => QuoteStyle::Readable,
            CommandDialect::Gnu => QuoteStyle::Gnu,
        }
    }
}

/// What several values in the middle of a word become.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum RepeatMode {
    /// One text with spaces between; as GNU parallel, words that part there.
    #[default]
    Values,
    /// The whole word once for each (`-N`, `-X`).
    Words,
}

/// What is known of rows before there are any.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct RowShape {
    /// How many values most rows have.
    pub arity: usize,
    /// Whether the others may have more.
    pub length: RowLength,
    /// The names of values.
    pub names: ValueNames,
    /// After so many values those of the next rows follow; 0 if there is one row.
    pub period: usize,
    /// What several values in a word become.
    pub repeat: RepeatMode,
}

/// The names of values.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct ValueNames {
    /// Those that are known, in order.
    pub known: Vec<Vec<u8>>,
    /// What `<other>` is.
    pub others: UnknownNames,
    /// How many rows have them in one job.
    pub rows: RowsPerJob,
}

/// How many rows a job gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum RowsPerJob {
    /// One.
    #[default]
    One,
    /// Several: a name would stand for a value of the first one, and the others be lost.
    Several,
}

/// What a name in brackets is that is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum UnknownNames {
    /// Text.
    #[default]
    Text,
    /// An error: columns have names, and this is none. The shell would take it for a
    /// redirection.
    Refused,
    /// A placeholder: there is no input that could tell the names.
    Placeholders,
}

/// Whether all rows have the same number of values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum RowLength {
    /// At most as many as is known.
    #[default]
    Fixed,
    /// Any number: columns.
    Varying,
}

impl RowShape {
    /// Rows of that many values.
    pub(crate) fn of(arity: usize) -> RowShape {
        RowShape {
            arity,
            ..RowShape::default()
        }
    }
}

/// Spellings of placeholders that the user has chosen.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct PlaceholderSpellings {
    /// Texts that take the place of usual ones (`-I`).
    pub renamed: Vec<(RenamedPlaceholder, Vec<u8>)>,
    /// What is around expressions (`--parens`), if not `{=` and `=}`.
    pub parens: Option<(Vec<u8>, Vec<u8>)>,
    /// Names for expressions (`--rpl`).
    pub shorthands: Vec<Shorthand>,
    /// Whether there are names for more of a path.
    pub plus: PlusPlaceholders,
}

/// Whether there are placeholders beside the usual ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum PlusPlaceholders {
    /// No.
    #[default]
    No,
    /// Those of `--plus`.
    Yes,
}

/// A placeholder that can have another spelling.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RenamedPlaceholder {
    /// `<>`
    Value,
    /// `<.>`
    Stem,
    /// `</>`
    Base,
    /// `</.>`
    BaseStem,
    /// `<//>`
    Directory,
    /// `<#>`
    Seq,
    /// `<%>`
    Slot,
}

/// How many values a placeholder in braces can number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NumberedForms {
    /// Of a row with so many values.
    UpTo(usize),
    /// The columns of a table that has not been read.
    Any,
}

impl NumberedForms {
    pub(crate) fn of(shape: &RowShape) -> NumberedForms {
        let is_table = shape.length == RowLength::Varying && shape.period == 0;
        match is_table && shape.names.known.is_empty() {
            true => NumberedForms::Any,
            false => NumberedForms::UpTo(shape.arity),
        }
    }
}

/// What several values become.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ValueSpread {
    /// Words of their own; none at all leave nothing.
    Words,
    /// One text with spaces between.
    Joined,
    /// The whole word once for each.
    Each,
}
