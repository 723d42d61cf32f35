//! A value that is read again.

use crate::placeholder::PlaceholderSyntax;

use super::hint;
use super::table::SinkLanguage;

/// A value that is read again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct InjectionFinding {
    /// Name of the program that reads it.
    parser: String,
    language: SinkLanguage,
    /// A safe command in its place, written for [`hint::hint`].
    safe: &'static str,
}

impl InjectionFinding {
    pub(super) fn new(
        parser: impl Into<String>,
        language: SinkLanguage,
        safe: &'static str,
    ) -> InjectionFinding {
        InjectionFinding {
            parser: parser.into(),
            language,
            safe,
        }
    }

    pub(crate) fn message(&self) -> String {
        format!("the value is read again as code by '{}'", self.parser)
    }

    /// A command to type instead. `has_placeholders` tells whether the typed one has any.
    pub(crate) fn hint(&self, syntax: &PlaceholderSyntax, has_placeholders: bool) -> String {
        hint::hint(self.safe, syntax, has_placeholders)
    }

    /// Tells whether quotes mean there what they mean to a shell.
    pub(crate) fn is_shell(&self) -> bool {
        self.language == SinkLanguage::Shell
    }
}
