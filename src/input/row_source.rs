//! Rows that do not come from values.

use std::fmt;

use super::row::Row;
use crate::error::Result;

/// Source of whole rows, each of which may have settings of its own.
pub(crate) trait RowSource: fmt::Debug + Send {
    /// Takes note of how many rows can be used now.
    fn want(&mut self, _count: usize) {}

    /// Waits for the next row; `None` at the end.
    ///
    /// # Errors
    /// The source cannot be read. Nothing comes after an error.
    fn next(&mut self) -> Result<Option<Row>>;

    /// Tells whether [`RowSource::next`] returns at once.
    fn is_ready(&self) -> bool;
}
