//! A placeholder: the source of its text, and its texts for a row.

use std::borrow::Cow;

use crate::expression::{Expression, ExpressionOutcome};
use crate::input::Row;
use crate::quote;

use super::edit::ValueEdit;
use super::position::JobPosition;

/// A source of text, and the edit that is made to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Placeholder {
    pub(crate) source: PlaceholderSubject,
    pub(crate) edit: ValueEdit,
}

/// Source of a placeholder's text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PlaceholderSubject {
    /// Every value of the row.
    All,
    /// One value: from 1, or from -1 backwards.
    Nth(i32),
    /// The job's number.
    Seq,
    /// The slot's number.
    Slot,
}

/// Verdict of an expression on a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ExpressionVerdict {
    Fine,
    /// No job is wanted for it.
    Skip,
    /// Failed, with the reason.
    Flaw(String),
}

impl Placeholder {
    /// Every value as it is.
    pub(crate) const WHOLE: Placeholder = Placeholder {
        source: PlaceholderSubject::All,
        edit: ValueEdit::Keep,
    };

    pub(crate) fn expression(&self) -> Option<&Expression> {
        match &self.edit {
            ValueEdit::Computed(expression) => Some(expression),
            _ => None,
        }
    }

    /// Tells whether its expression may give text that a shell is to read as code.
    pub(crate) fn can_unquote(&self) -> bool {
        self.expression().is_some_and(Expression::can_unquote)
    }

    /// Tells values from numbers of prun's own.
    pub(crate) fn is_value(&self) -> bool {
        matches!(
            self.source,
            PlaceholderSubject::All | PlaceholderSubject::Nth(_)
        )
    }

    /// Texts that it yields for a row of `len` values.
    pub(crate) fn count(&self, len: usize) -> usize {
        match self.source {
            PlaceholderSubject::All => len,
            // What is computed for one place is there even without any value.
            PlaceholderSubject::Nth(_)
                if len == 0 && matches!(self.edit, ValueEdit::Computed(_)) =>
            {
                1
            }
            PlaceholderSubject::Nth(index) => usize::from(index_in_row(index, len).is_some()),
            PlaceholderSubject::Seq | PlaceholderSubject::Slot => 1,
        }
    }

    /// The `nth` of its texts, `nth` being below [`Placeholder::count`].
    pub(crate) fn text<'r>(
        &self,
        nth: usize,
        row: &'r Row,
        position: JobPosition,
    ) -> Cow<'r, [u8]> {
        match self.source {
            PlaceholderSubject::Seq => return Cow::Owned(position.seq.to_string().into_bytes()),
            PlaceholderSubject::Slot => return Cow::Owned(position.slot.to_string().into_bytes()),
            PlaceholderSubject::All | PlaceholderSubject::Nth(_) => {}
        }
        let value = self.value(nth, row).unwrap_or_default();
        match self.edit {
            ValueEdit::Keep => Cow::Borrowed(value),
            _ => self.edit.apply(value, &position.facts(row)),
        }
    }

    /// The value that the `nth` of its texts is made from.
    pub(crate) fn value<'r>(&self, nth: usize, row: &'r Row) -> Option<&'r [u8]> {
        let at = match self.source {
            PlaceholderSubject::Seq | PlaceholderSubject::Slot => None,
            PlaceholderSubject::All => Some(nth),
            PlaceholderSubject::Nth(index) => index_in_row(index, row.values.len()),
        };
        row.values.get(at?)
    }

    /// The verdict of its expression; fine without one.
    pub(crate) fn verdict(&self, row: &Row, position: JobPosition) -> ExpressionVerdict {
        let ValueEdit::Computed(expression) = &self.edit else {
            return ExpressionVerdict::Fine;
        };
        let facts = position.facts(row);
        for nth in 0..self.count(row.values.len()) {
            let value = self.value(nth, row).unwrap_or_default();
            match expression.apply(value, &facts) {
                ExpressionOutcome::Text(_) | ExpressionOutcome::Code(_) => {}
                ExpressionOutcome::Skip => return ExpressionVerdict::Skip,
                ExpressionOutcome::Error(why) => return ExpressionVerdict::Flaw(why),
            }
        }
        ExpressionVerdict::Fine
    }

    /// Appends its texts as GNU parallel quotes them, one space between them, but for those
    /// that are code.
    pub(crate) fn push_quoted(&self, row: &Row, position: JobPosition, out: &mut Vec<u8>) {
        for nth in 0..self.count(row.values.len()) {
            if nth > 0 {
                out.push(b' ');
            }
            let code = self
                .expression()
                .filter(|expression| expression.can_unquote());
            let value = self.value(nth, row).unwrap_or_default();
            match code.map(|code| code.apply(value, &position.facts(row))) {
                Some(ExpressionOutcome::Code(code)) => out.extend_from_slice(&code),
                _ => quote::gnu(&self.text(nth, row, position), out),
            }
        }
    }

    /// All its texts, one space between them.
    pub(crate) fn joined<'r>(&self, row: &'r Row, position: JobPosition) -> Cow<'r, [u8]> {
        match self.count(row.values.len()) {
            0 => Cow::Borrowed(b""),
            1 => self.text(0, row, position),
            count => {
                let mut all = Vec::new();
                for nth in 0..count {
                    if nth > 0 {
                        all.push(b' ');
                    }
                    all.extend_from_slice(&self.text(nth, row, position));
                }
                Cow::Owned(all)
            }
        }
    }

    /// Tells whether its text depends on the slot's number.
    pub(crate) fn is_slot(&self) -> bool {
        let computes = self.expression().is_some_and(Expression::needs_slot);
        computes || matches!(self.source, PlaceholderSubject::Slot)
    }

    /// Tells whether its text depends on the job's number.
    pub(crate) fn is_seq(&self) -> bool {
        let computes = self.expression().is_some_and(Expression::needs_seq);
        computes || matches!(self.source, PlaceholderSubject::Seq)
    }

    /// One of its texts as a placeholder, for rows of `len` values: different spellings of
    /// one value compare equal.
    pub(crate) fn single(&self, nth: usize, len: usize) -> Placeholder {
        let at = match self.source {
            PlaceholderSubject::All => Some(nth),
            PlaceholderSubject::Nth(index) => index_in_row(index, len),
            PlaceholderSubject::Seq | PlaceholderSubject::Slot => None,
        };
        match at.and_then(|at| i32::try_from(at + 1).ok()) {
            Some(index) => Placeholder {
                source: PlaceholderSubject::Nth(index),
                edit: self.edit.clone(),
            },
            None => self.clone(),
        }
    }
}

/// The place in a row of `len` values that an index names.
fn index_in_row(index: i32, len: usize) -> Option<usize> {
    let magnitude = usize::try_from(index.unsigned_abs()).ok()?;
    if magnitude == 0 || magnitude > len {
        None
    } else if index > 0 {
        Some(magnitude - 1)
    } else {
        Some(len - magnitude)
    }
}
