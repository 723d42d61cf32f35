//! Text with placeholders that is never run: what is put before output lines.

use std::borrow::Cow;

use crate::error::Result;
use crate::expression::Expression;
use crate::input::Row;

use super::edit::Edit;
use super::forms::Forms;
use super::placeholder::Placeholder;
use super::{Dialect, Place, Shape, Spellings, indices};

/// Text with placeholders that is only ever read by people: `--tagstring`.
#[derive(Debug)]
pub struct Text {
    pieces: Vec<Piece>,
}

#[derive(Debug, PartialEq, Eq)]
enum Piece {
    Text(Vec<u8>),
    Place(Placeholder),
}

/// A part of a text for one row.
#[derive(Debug, PartialEq, Eq)]
pub enum Part<'a> {
    /// From the text itself, or a number of prun's own.
    Text(Cow<'a, [u8]>),
    /// From values.
    Value(Cow<'a, [u8]>),
}

impl Text {
    /// Parses placeholders by the same rules as the command's.
    ///
    /// # Errors
    /// In the own dialect, an index above the number of sources.
    pub fn parse(
        text: &[u8],
        dialect: Dialect,
        spellings: &Spellings,
        shape: &Shape,
    ) -> Result<Text> {
        let forms = Forms::choose([text], dialect, spellings, shape);
        forms.check_families(&[text])?;
        Text::read(text, &forms, shape)
    }

    /// The same for the text of a file, in which braces may be anything.
    ///
    /// # Errors
    /// As [`Text::parse`].
    pub fn document(
        text: &[u8],
        dialect: Dialect,
        spellings: &Spellings,
        shape: &Shape,
    ) -> Result<Text> {
        let forms = Forms::choose([text], dialect, spellings, shape).with_foreign_text();
        Text::read(text, &forms, shape)
    }

    fn read(text: &[u8], forms: &Forms, shape: &Shape) -> Result<Text> {
        forms.check(text)?;
        let mut pieces = Vec::new();
        let mut at = 0;
        while at < text.len() {
            let rest = &text[at..];
            if let Some((placeholder, length)) = forms.at_start(rest) {
                if forms.dialect == Dialect::Own {
                    indices::check_index(&placeholder, &rest[..length], shape)?;
                }
                pieces.push(Piece::Place(placeholder));
                at += length;
                continue;
            }
            let (from, length) = match forms.escaped(&rest[1..]) {
                Some(length) if rest[0] == b'\\' => (1, length),
                _ => (0, 1),
            };
            push(&mut pieces, &rest[from..from + length]);
            at += from + length;
        }
        Ok(Text { pieces })
    }

    /// Whether it asks how many jobs there are.
    pub fn needs_total(&self) -> bool {
        let mut computed = self.pieces.iter().filter_map(|piece| match piece {
            Piece::Text(_) => None,
            Piece::Place(placeholder) => placeholder.expression(),
        });
        computed.any(Expression::needs_total)
    }

    /// What it begins with before any placeholder.
    pub fn beginning(&self) -> &[u8] {
        match self.pieces.first() {
            Some(Piece::Text(text)) => text,
            _ => b"",
        }
    }

    /// Whether it has placeholders.
    pub fn has_placeholders(&self) -> bool {
        let mut pieces = self.pieces.iter();
        pieces.any(|piece| matches!(piece, Piece::Place(_)))
    }

    /// Whether it is a value as it stands, and nothing else.
    pub fn is_whole_value(&self) -> bool {
        matches!(&self.pieces[..], [Piece::Place(place)] if place.is_value() && place.edit == Edit::Keep)
    }

    /// Whether it depends on the slot.
    pub fn names_slot(&self) -> bool {
        let mut pieces = self.pieces.iter();
        pieces.any(|piece| matches!(piece, Piece::Place(place) if place.is_slot()))
    }

    /// The parts of the text for one row.
    pub fn parts<'a>(
        &'a self,
        row: &'a Row,
        place: Place,
    ) -> impl Iterator<Item = Part<'a>> + use<'a> {
        self.pieces.iter().map(move |piece| match piece {
            Piece::Text(text) => Part::Text(Cow::Borrowed(text)),
            Piece::Place(placeholder) => {
                let text = placeholder.joined(row, place);
                match placeholder.is_value() {
                    true => Part::Value(text),
                    false => Part::Text(text),
                }
            }
        })
    }

    /// The text for one row, values as they are.
    pub fn render(&self, row: &Row, place: Place) -> Vec<u8> {
        let mut out = Vec::new();
        for part in self.parts(row, place) {
            let (Part::Text(text) | Part::Value(text)) = part;
            out.extend_from_slice(&text);
        }
        out
    }
}

fn push(pieces: &mut Vec<Piece>, text: &[u8]) {
    match pieces.last_mut() {
        Some(Piece::Text(last)) => last.extend_from_slice(text),
        _ => pieces.push(Piece::Text(text.to_vec())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_put_in_as_they_are() {
        let row = Row::from_iter(["d/a b.c", "<1>"]);
        let place = Place::of(7, 2);
        let usual = Spellings::default();
        let table = [
            ("<>", "d/a b.c <1>"),
            ("<1/.>:<2>", "a b:<1>"),
            ("<#>/<%>", "7/2"),
            ("\\<> <1>", "<> d/a b.c"),
            ("{1/}", "a b.c"),
            ("a\\b", "a\\b"),
        ];
        for (text, expected) in table {
            let text = Text::parse(text.as_bytes(), Dialect::Own, &usual, &Shape::of(2)).unwrap();
            assert_eq!(text.render(&row, place), expected.as_bytes());
        }
        assert!(Text::parse(b"<3>", Dialect::Own, &usual, &Shape::of(2)).is_err());
        assert!(Text::parse(b"{3}", Dialect::Gnu, &usual, &Shape::of(2)).is_ok());
    }
}
