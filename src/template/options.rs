//! Options of the command.

use std::collections::BTreeSet;

use crate::placeholder::{CommandDialect, PlaceholderSpellings, RowShape};
use crate::shell::ShellProgram;

/// Reading of the command's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WordHandling {
    /// Shell syntax in them counts.
    Parsed,
    /// `-q`: every word is an argument as it stands.
    Literal,
    /// No words: each row is a command as [`CommandTemplate::show`] writes it.
    ///
    /// [`CommandTemplate::show`]: super::CommandTemplate::show
    Shown,
}

/// Options of the command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TemplateOptions {
    /// The command's words; none if each row is a command line.
    pub words: Vec<Vec<u8>>,
    /// Whose rules compose it.
    pub dialect: CommandDialect,
    pub quoting: WordHandling,
    /// Spellings of placeholders beside the usual ones.
    pub spellings: PlaceholderSpellings,
    /// The shell.
    pub shell: ShellProgram,
    /// The shell for exported functions, if it was found.
    pub bash: Option<ShellProgram>,
    /// Names of the bash functions in the environment.
    pub functions: BTreeSet<Vec<u8>>,
    /// `--strict`: a value that a second parser would read is an error, not a warning.
    pub strict: bool,
    /// `--plain-values`: a job fails whose values are no plain words.
    pub plain_values: bool,
    /// The rows.
    pub shape: RowShape,
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
            strict: false,
            plain_values: false,
            shape: RowShape::of(arity),
        }
    }
}
