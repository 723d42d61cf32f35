//! Texts that are no expressions.

use std::fmt;

/// Reason why a text is no expression: `'system' is not known`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ExpressionError(String);

impl ExpressionError {
    pub(super) fn new(text: impl Into<String>) -> ExpressionError {
        ExpressionError(text.into())
    }

    pub(super) fn unknown(word: &[u8]) -> ExpressionError {
        ExpressionError(format!("'{}' is not known", String::from_utf8_lossy(word)))
    }

    pub(super) fn unreadable(text: &[u8]) -> ExpressionError {
        let text = String::from_utf8_lossy(text);
        ExpressionError(format!("'{text}' cannot be read"))
    }
}

impl fmt::Display for ExpressionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ExpressionError {}
