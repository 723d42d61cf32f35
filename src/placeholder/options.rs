//! Options of placeholders, and facts about the rows that fill them.

use crate::expression::Shorthand;

/// Facts about all rows, known before the first one is read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct RowShape {
    /// Values that most rows have.
    pub arity: usize,
    /// Others may have more: columns.
    pub varies: bool,
    /// The names of values.
    pub names: ValueNames,
    /// After so many values those of the next rows follow; 0 if there is one row.
    pub period: usize,
    /// A word with several values is there once for each (`-N`, `-X`).
    pub repeats_words: bool,
    /// A command without a placeholder gets no values (`--gnu --pipe`).
    pub needs_placeholder: bool,
    /// Jobs read a block or a stream on standard input, beside their values (`--pipe`).
    pub has_stdin: bool,
    /// Braces are text: there is one job without values (`--semaphore`), whose command may have
    /// them for others.
    pub braces_are_text: bool,
}

/// The names of values.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct ValueNames {
    /// In the order of the values.
    pub known: Vec<Vec<u8>>,
    /// Meaning of `<other>`.
    pub others: UnknownNames,
    /// A job has several rows: a name would stand for a value of the first one, and the
    /// others be lost.
    pub is_ambiguous: bool,
}

/// Meaning of a name in brackets that is not among the known ones.
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

impl RowShape {
    /// Tells whether values are appended to a command without a placeholder.
    pub(crate) fn is_appended(&self) -> bool {
        self.arity > 0 && !self.needs_placeholder
    }

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
    /// Delimiters of expressions (`--parens`), if not `{=` and `=}`.
    pub parens: Option<(Vec<u8>, Vec<u8>)>,
    /// Names for expressions (`--rpl`).
    pub shorthands: Vec<Shorthand>,
    /// `--plus`
    pub plus: bool,
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

/// The highest number that a placeholder in braces can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NumberedForms {
    /// That of a row with so many values.
    UpTo(usize),
    /// The columns of a table that has not been read.
    Any,
}

impl NumberedForms {
    pub(crate) fn of(shape: &RowShape) -> NumberedForms {
        let is_table = shape.varies && shape.period == 0;
        if is_table && shape.names.known.is_empty() {
            NumberedForms::Any
        } else {
            NumberedForms::UpTo(shape.arity)
        }
    }
}
