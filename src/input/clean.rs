//! What becomes of values before rows are made of them: those that do not count are left
//! out, blanks around them are cut off.

use super::Value;

/// Which blanks around a value are cut off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Trim {
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
pub enum Blank {
    /// It is a value.
    #[default]
    Kept,
    /// It is left out: `-r`.
    Skipped,
}

/// What becomes of the first line of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum FirstLine {
    /// It is a value.
    #[default]
    Kept,
    /// It is left out.
    Skipped,
}

/// How values are cleaned.
#[derive(Debug, Clone, Default)]
pub struct Cleaning {
    /// Blanks around values, or around their columns.
    pub trim: Trim,
    /// Values that are blank.
    pub blank: Blank,
    /// The value that ends its source: `-E`.
    pub end: Option<Value>,
    /// The first line.
    pub first: FirstLine,
}

/// What a value turned out to be.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Cleaned {
    Value,
    Skipped,
    End,
}

impl Cleaning {
    pub(super) fn judge(&self, value: &[u8]) -> Cleaned {
        if self.end.as_deref() == Some(value) {
            Cleaned::End
        } else if self.blank == Blank::Skipped && value.trim_ascii().is_empty() {
            Cleaned::Skipped
        } else {
            Cleaned::Value
        }
    }

    /// From now on every value counts.
    pub(super) fn forget_values(&mut self) {
        *self = Cleaning {
            trim: self.trim,
            ..Cleaning::default()
        };
    }

    /// Whether a value that is at hand may not be one.
    pub(super) fn is_picky(&self) -> bool {
        self.blank == Blank::Skipped || self.end.is_some()
    }
}

impl Trim {
    /// The value without the blanks.
    pub(super) fn cut(self, value: &[u8]) -> &[u8] {
        match self {
            Trim::Nothing => value,
            Trim::Left => value.trim_ascii_start(),
            Trim::Right => value.trim_ascii_end(),
            Trim::Both => value.trim_ascii(),
        }
    }
}
