//! A value that is read again.

use crate::placeholder::PlaceholderSyntax;

use super::hint;
use super::table::SinkLanguage;

/// A value that is read again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct InjectionFinding {
    /// What reads it.
    parser: String,
    language: SinkLanguage,
    /// What to type instead, for [`hint::hint`].
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

    /// What to type instead. `has_places` tells whether the command has placeholders.
    pub(crate) fn hint(&self, syntax: &PlaceholderSyntax, has_placeholders: bool) -> String {
        hint::hint(self.safe, syntax, has_placeholders)
    }

    /// Whether quotes mean there what they mean to a shell.
    pub(crate) fn is_shell(&self) -> bool {
        self.language == SinkLanguage::Shell
    }
}
