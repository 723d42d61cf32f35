//! What becomes of values before rows are made of them: those that do not count are left
//! out, blanks around them are cut off.

use super::Value;

/// Which blanks around a value are cut off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum TrimSides {
    /// None.
    #[default]
    Nothing,
    /// Those before it.
    Left,
    /// Those after it.
    Right,
    /// Both.
    Both,
}

/// What becomes of a value that is empty, or nothing but blanks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum BlankValues {
    /// It is a value.
    #[default]
    Kept,
    /// It is left out: `-r`.
    Skipped,
}

/// What becomes of the first line of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum FirstLinePolicy {
    /// It is a value.
    #[default]
    Kept,
    /// It is left out.
    Skipped,
}

/// How values are cleaned.
#[derive(Debug, Clone, Default)]
pub(crate) struct ValueCleanup {
    /// Blanks around values, or around their columns.
    pub trim: TrimSides,
    /// Values that are blank.
    pub blank: BlankValues,
    /// The value that ends its source: `-E`.
    pub end: Option<Value>,
    /// The first line.
    pub first: FirstLinePolicy,
}

/// What a value turned out to be.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum CleanupResult {
    Value,
    Skipped,
    End,
}

impl ValueCleanup {
    pub(super) fn judge(&self, value: &[u8]) -> CleanupResult {
        if self.end.as_deref() == Some(value) {
            CleanupResult::End
        } else if self.blank == BlankValues::Skipped && value.trim_ascii().is_empty() {
            CleanupResult::Skipped
        } else {
            CleanupResult::Value
        }
    }

    /// From now on every value counts.
    pub(super) fn forget_values(&mut self) {
        *self = ValueCleanup {
            trim: self.trim,
            ..ValueCleanup::default()
        };
    }

    /// Whether a value that is at hand may not be one.
    pub(super) fn is_picky(&self) -> bool {
        self.blank == BlankValues::Skipped || self.end.is_some()
    }
}

impl TrimSides {
    /// The value without the blanks.
    pub(super) fn cut(self, value: &[u8]) -> &[u8] {
        match self {
            TrimSides::Nothing => value,
            TrimSides::Left => value.trim_ascii_start(),
            TrimSides::Right => value.trim_ascii_end(),
            TrimSides::Both => value.trim_ascii(),
        }
    }
}
