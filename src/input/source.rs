//! Sources of values: arguments, files, standard input.

use std::path::PathBuf;

use super::row::Value;

/// Origin of the values of one source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum SourceOrigin {
    /// `::: a b c`
    Arguments(Vec<Value>),
    /// `:::: FILE`, `-a FILE`
    File(PathBuf),
    /// Standard input, when no other source was given or for the name `-`.
    Stdin,
}

/// Combination of a source with the one before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SourceJoin {
    /// `:::`: every combination; the first source varies slowest.
    Product,
    /// `:::+`: value by value; ends with the shorter source.
    Linked,
}

/// One source on the command line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct InputSource {
    pub origin: SourceOrigin,
    pub join: SourceJoin,
}

impl SourceOrigin {
    pub(crate) fn is_stdin(&self) -> bool {
        match self {
            SourceOrigin::Stdin => true,
            SourceOrigin::File(path) => path.as_os_str() == "-",
            SourceOrigin::Arguments(_) => false,
        }
    }
}
