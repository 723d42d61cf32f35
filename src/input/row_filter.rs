//! Rows that are left out.

use std::fmt;

use super::row::Row;
use crate::error::Result;

/// Refused rows that are passed over before the row at hand is given.
pub(super) const LOOKAHEAD: usize = 1000;

type RowPredicate = Box<dyn FnMut(u64, &Row) -> Result<bool> + Send>;
type NextRow = Result<(u64, Row)>;

/// Predicates of rows, and the next row that they all admit.
#[derive(Default)]
pub(super) struct RowFilter {
    filters: Vec<RowPredicate>,
    /// Row after the last one that was given, if it is known.
    kept: Option<NextRow>,
}

impl RowFilter {
    pub(super) fn add(&mut self, filter: impl FnMut(u64, &Row) -> Result<bool> + Send + 'static) {
        self.filters.push(Box::new(filter));
    }

    pub(super) fn is_empty(&self) -> bool {
        self.filters.is_empty()
    }

    /// The row if all predicates admit it. An error is not for them to judge, and may be theirs.
    pub(super) fn admitted(&mut self, next: NextRow) -> Option<NextRow> {
        let Ok((number, row)) = &next else {
            return Some(next);
        };
        for filter in &mut self.filters {
            match filter(*number, row) {
                Ok(true) => {}
                Ok(false) => return None,
                Err(error) => return Some(Err(error)),
            }
        }
        Some(next)
    }

    pub(super) fn has_kept(&self) -> bool {
        self.kept.is_some()
    }

    pub(super) fn set_kept(&mut self, next: NextRow) {
        self.kept = Some(next);
    }

    pub(super) fn take_kept(&mut self) -> Option<NextRow> {
        self.kept.take()
    }
}

impl fmt::Debug for RowFilter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RowFilter")
            .field("filters", &self.filters.len())
            .field("kept", &self.kept)
            .finish()
    }
}
