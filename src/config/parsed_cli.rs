//! The command line with what its texts are read by.

use crate::cli::Cli;
use crate::error::Result;
use crate::os::host::Host;
use crate::placeholder::{CommandDialect, PlaceholderSpellings, RowShape, TextTemplate};

/// What was typed, and what its texts are read by.
pub(super) struct ParsedCli<'a> {
    pub(super) cli: &'a Cli,
    pub(super) dialect: CommandDialect,
    pub(super) spellings: PlaceholderSpellings,
    pub(super) shape: RowShape,
    pub(super) host: &'a Host,
}

impl ParsedCli<'_> {
    /// Reads a text with placeholders.
    pub(super) fn text(&self, text: &[u8]) -> Result<TextTemplate> {
        TextTemplate::parse(text, self.dialect, &self.spellings, &self.shape)
    }

    /// Reads the text of a file with placeholders.
    pub(super) fn document(&self, text: &[u8]) -> Result<TextTemplate> {
        TextTemplate::document(text, self.dialect, &self.spellings, &self.shape)
    }
}
