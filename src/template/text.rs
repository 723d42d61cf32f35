//! Text with placeholders that is never run: what is put before output lines.

use crate::error::Result;
use crate::expression::Expression;
use crate::input::Row;

use super::forms::Forms;
use super::placeholder::Placeholder;
use super::{Dialect, Place, Shape, Spellings, complaint};

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
        forms.check(text)?;
        let mut pieces = Vec::new();
        let mut at = 0;
        while at < text.len() {
            let rest = &text[at..];
            if let Some((placeholder, length)) = forms.at_start(rest) {
                if dialect == Dialect::Own {
                    complaint::check_index(&placeholder, &rest[..length], shape)?;
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
        self.pieces.iter().any(|piece| match piece {
            Piece::Text(_) => false,
            Piece::Place(placeholder) => placeholder
                .expression()
                .is_some_and(Expression::needs_total),
        })
    }

    /// The text for one row, values as they are.
    pub fn render(&self, row: &Row, place: Place) -> Vec<u8> {
        let mut out = Vec::new();
        for piece in &self.pieces {
            match piece {
                Piece::Text(text) => out.extend_from_slice(text),
                Piece::Place(placeholder) => {
                    out.extend_from_slice(&placeholder.joined(row, place));
                }
            }
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
        let row = Row(vec![b"d/a b.c".to_vec(), b"<1>".to_vec()]);
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
