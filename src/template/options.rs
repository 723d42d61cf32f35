//! What the command line says about the command and its placeholders.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::PathBuf;

use crate::expression::Shorthand;

/// Whose rules compose the command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CommandDialect {
    /// One word is a command line, several are an argument vector.
    Own,
    /// Words are joined by a space and parsed again by the shell.
    Gnu,
}

/// How the words of the command are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WordHandling {
    /// Shell syntax in them counts.
    Parsed,
    /// `-q`: every word is an argument as it stands.
    Literal,
    /// There are none: each row is a command as [`CommandTemplate::show`] writes it.
    ///
    /// [`CommandTemplate::show`]: super::CommandTemplate::show
    Shown,
}

/// Which shell runs what needs one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ShellProgram {
    /// Path or name of the shell.
    pub path: PathBuf,
    /// Options that it always gets: `--shell 'bash -o pipefail'`.
    pub options: Vec<OsString>,
    /// Whether the user named it.
    pub choice: ShellChoice,
    /// What it reads before each command, in its own language.
    pub definitions: Vec<u8>,
}

#[cfg(test)]
impl ShellProgram {
    /// The shell of this name, which nobody asked for.
    pub(crate) fn named(path: &str) -> ShellProgram {
        ShellProgram {
            path: path.into(),
            options: Vec::new(),
            choice: ShellChoice::Default,
            definitions: Vec::new(),
        }
    }
}

/// Where the shell's name comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ShellChoice {
    /// Nobody asked for it: it is left out where it is not needed.
    Default,
    /// `--shell`, or `$PARALLEL_ENV` that only a shell can read: it always runs the command.
    Asked,
}

/// What to do with a value that a second parser will read again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SecondParserPolicy {
    /// One warning at the start.
    Warn,
    /// `--strict`: an error before any job starts.
    Refuse,
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
    Places,
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

/// What the command line says about the command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TemplateOptions {
    /// The command's words; none if each row is a command line.
    pub words: Vec<Vec<u8>>,
    /// Whose rules compose it.
    pub dialect: CommandDialect,
    /// How its words are read.
    pub quoting: WordHandling,
    /// What placeholders look like, beside the usual.
    pub spellings: PlaceholderSpellings,
    /// The shell.
    pub shell: ShellProgram,
    /// The shell for exported functions, if it was found.
    pub bash: Option<ShellProgram>,
    /// Names of the bash functions in the environment.
    pub functions: BTreeSet<Vec<u8>>,
    /// Second parsers.
    pub strictness: SecondParserPolicy,
    /// `--plain-values`: a job fails whose values are no plain words.
    pub plain_values: bool,
    /// The rows.
    pub shape: RowShape,
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

#[cfg(test)]
impl TemplateOptions {
    /// One word is a command line of `/bin/sh`; rows have `arity` values.
    pub(crate) fn fake(words: &[&str], arity: usize) -> Self {
        TemplateOptions {
            words: words.iter().map(|word| word.as_bytes().to_vec()).collect(),
            dialect: CommandDialect::Own,
            quoting: WordHandling::Parsed,
            spellings: PlaceholderSpellings::default(),
            shell: ShellProgram::named("/bin/sh"),
            bash: None,
            functions: BTreeSet::new(),
            strictness: SecondParserPolicy::Warn,
            plain_values: false,
            shape: RowShape::of(arity),
        }
    }
}
