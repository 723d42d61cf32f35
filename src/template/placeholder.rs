//! What a placeholder stands for and what it yields for a row.

use std::borrow::Cow;

use crate::input::Row;

use super::edit::Edit;
use super::{Place, quote};
use crate::expression::{Applied, Expression};

/// What a placeholder stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Placeholder {
    pub(super) source: Source,
    pub(super) edit: Edit,
}

/// Where a placeholder's text comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Source {
    /// Every value of the row.
    All,
    /// One value: from 1, or from -1 backwards.
    Nth(i32),
    /// The job's number.
    Seq,
    /// The slot's number.
    Slot,
}

/// What an expression says of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Verdict {
    Fine,
    /// No job is wanted for it.
    Skip,
    /// It has no result.
    Flaw(String),
}

impl Placeholder {
    /// Every value as it is.
    pub(super) const WHOLE: Placeholder = Placeholder {
        source: Source::All,
        edit: Edit::Keep,
    };

    /// What computes its texts.
    pub(super) fn expression(&self) -> Option<&Expression> {
        match &self.edit {
            Edit::Computed(expression) => Some(expression),
            _ => None,
        }
    }

    /// Whether a text of it may be for a shell to read.
    pub(super) fn can_unquote(&self) -> bool {
        self.expression().is_some_and(Expression::can_unquote)
    }

    /// Whether it stands for input, not for a number of prun's own.
    pub(super) fn is_value(&self) -> bool {
        matches!(self.source, Source::All | Source::Nth(_))
    }

    /// How many texts it yields for a row of `len` values.
    pub(super) fn count(&self, len: usize) -> usize {
        match self.source {
            Source::All => len,
            // What is computed for one place is there even without any value.
            Source::Nth(_) if len == 0 && matches!(self.edit, Edit::Computed(_)) => 1,
            Source::Nth(index) => usize::from(position(index, len).is_some()),
            Source::Seq | Source::Slot => 1,
        }
    }

    /// The `nth` of its texts, `nth` being below [`Placeholder::count`].
    pub(super) fn text<'r>(&self, nth: usize, row: &'r Row, place: Place) -> Cow<'r, [u8]> {
        match self.source {
            Source::Seq => return Cow::Owned(place.seq.to_string().into_bytes()),
            Source::Slot => return Cow::Owned(place.slot.to_string().into_bytes()),
            Source::All | Source::Nth(_) => {}
        }
        let value = self.value(nth, row).unwrap_or_default();
        match self.edit {
            Edit::Keep => Cow::Borrowed(value),
            _ => self.edit.apply(value, &place.facts(row)),
        }
    }

    /// The value that the `nth` of its texts is made from.
    pub(super) fn value<'r>(&self, nth: usize, row: &'r Row) -> Option<&'r [u8]> {
        let at = match self.source {
            Source::Seq | Source::Slot => None,
            Source::All => Some(nth),
            Source::Nth(index) => position(index, row.0.len()),
        };
        row.0.get(at?)
    }

    /// What its expression says of a row, if it has one.
    pub(super) fn verdict(&self, row: &Row, place: Place) -> Verdict {
        let Edit::Computed(expression) = &self.edit else {
            return Verdict::Fine;
        };
        let facts = place.facts(row);
        for nth in 0..self.count(row.0.len()) {
            let value = self.value(nth, row).unwrap_or_default();
            match expression.apply(value, &facts) {
                Applied::Text(_) | Applied::Code(_) => {}
                Applied::Skip => return Verdict::Skip,
                Applied::Flaw(why) => return Verdict::Flaw(why),
            }
        }
        Verdict::Fine
    }

    /// Appends its texts as GNU parallel quotes them, one space between them, but for those
    /// that are code.
    pub(super) fn push_quoted(&self, row: &Row, place: Place, out: &mut Vec<u8>) {
        for nth in 0..self.count(row.0.len()) {
            if nth > 0 {
                out.push(b' ');
            }
            let code = self
                .expression()
                .filter(|expression| expression.can_unquote());
            let value = self.value(nth, row).unwrap_or_default();
            match code.map(|code| code.apply(value, &place.facts(row))) {
                Some(Applied::Code(code)) => out.extend_from_slice(&code),
                _ => quote::gnu(&self.text(nth, row, place), out),
            }
        }
    }

    /// All its texts, one space between them.
    pub(super) fn joined<'r>(&self, row: &'r Row, place: Place) -> Cow<'r, [u8]> {
        match self.count(row.0.len()) {
            0 => Cow::Borrowed(b""),
            1 => self.text(0, row, place),
            count => {
                let mut all = Vec::new();
                for nth in 0..count {
                    if nth > 0 {
                        all.push(b' ');
                    }
                    all.extend_from_slice(&self.text(nth, row, place));
                }
                Cow::Owned(all)
            }
        }
    }

    /// Whether it is the slot's number.
    pub(super) fn is_slot(&self) -> bool {
        let computes = self.expression().is_some_and(Expression::needs_slot);
        computes || matches!(self.source, Source::Slot)
    }

    /// Whether it is the job's number.
    pub(super) fn is_seq(&self) -> bool {
        let computes = self.expression().is_some_and(Expression::needs_seq);
        computes || matches!(self.source, Source::Seq)
    }

    /// The same placeholder for one of its texts in rows of `len` values, so that
    /// different spellings of one value compare equal.
    pub(super) fn single(&self, nth: usize, len: usize) -> Placeholder {
        let at = match self.source {
            Source::All => Some(nth),
            Source::Nth(index) => position(index, len),
            Source::Seq | Source::Slot => None,
        };
        match at.and_then(|at| i32::try_from(at + 1).ok()) {
            Some(index) => Placeholder {
                source: Source::Nth(index),
                edit: self.edit.clone(),
            },
            None => self.clone(),
        }
    }
}

/// The place in a row of `len` values that an index names.
fn position(index: i32, len: usize) -> Option<usize> {
    let magnitude = usize::try_from(index.unsigned_abs()).ok()?;
    if magnitude == 0 || magnitude > len {
        None
    } else if index > 0 {
        Some(magnitude - 1)
    } else {
        Some(len - magnitude)
    }
}
