//! Cleaning of values before rows are made of them: some are left out, blanks around them
//! are cut off.

use super::row::Value;

/// `--trim`: sides of a value where blanks are cut off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum TrimSides {
    /// `--trim n`
    #[default]
    Nothing,
    /// `--trim l`
    Left,
    /// `--trim r`
    Right,
    /// `--trim lr`, `--trim rl`
    Both,
}

#[derive(Debug, Clone, Default)]
pub(crate) struct ValueCleanup {
    /// Blanks around values, or around their columns.
    pub trim: TrimSides,
    /// `-r`: leave out values that are empty or nothing but blanks.
    pub skip_blank: bool,
    /// `-E`: the value that ends its source.
    pub end: Option<Value>,
    /// Leave out the first line of each file.
    pub skip_first_line: bool,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum CleanupResult {
    Value,
    Skipped,
    End,
}

impl ValueCleanup {
    pub(super) fn classify(&self, value: &[u8]) -> CleanupResult {
        if self.end.as_deref() == Some(value) {
            CleanupResult::End
        } else if self.skip_blank && value.trim_ascii().is_empty() {
            CleanupResult::Skipped
        } else {
            CleanupResult::Value
        }
    }

    /// Leaves out no more values.
    pub(super) fn keep_all(&mut self) {
        *self = ValueCleanup {
            trim: self.trim,
            ..ValueCleanup::default()
        };
    }

    /// A value that is at hand may be left out.
    pub(super) fn may_skip(&self) -> bool {
        self.skip_blank || self.end.is_some()
    }
}

impl TrimSides {
    pub(super) fn cut(self, value: &[u8]) -> &[u8] {
        match self {
            TrimSides::Nothing => value,
            TrimSides::Left => value.trim_ascii_start(),
            TrimSides::Right => value.trim_ascii_end(),
            TrimSides::Both => value.trim_ascii(),
        }
    }
}
