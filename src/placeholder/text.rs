//! Text with placeholders that is never run: tags, names of files, files for jobs.

use std::borrow::Cow;

use crate::error::Result;
use crate::expression::Expression;
use crate::input::Row;

use super::dialect::CommandDialect;
use super::edit::ValueEdit;
use super::indices;
use super::options::{PlaceholderSpellings, RowShape};
use super::position::JobPosition;
use super::source::Placeholder;
use super::syntax::PlaceholderSyntax;

#[derive(Debug)]
pub(crate) struct TextTemplate {
    pieces: Vec<TextPiece>,
}

#[derive(Debug, PartialEq, Eq)]
enum TextPiece {
    Text(Vec<u8>),
    Placeholder(Placeholder),
}

/// A part of a text for one row.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum RenderedText<'a> {
    /// From the text itself, or a number of prun's own.
    Text(Cow<'a, [u8]>),
    /// From values.
    Value(Cow<'a, [u8]>),
}

impl TextTemplate {
    /// Parses placeholders by the same rules as the command's.
    ///
    /// # Errors
    /// In the own dialect, an index above the number of sources.
    pub(crate) fn parse(
        text: &[u8],
        dialect: CommandDialect,
        spellings: &PlaceholderSpellings,
        shape: &RowShape,
    ) -> Result<TextTemplate> {
        let syntax = PlaceholderSyntax::choose([text], dialect, spellings, shape);
        syntax.check_families(&[text])?;
        TextTemplate::read(text, &syntax, shape)
    }

    /// Parses the text of a file, in which braces may be anything.
    ///
    /// # Errors
    /// As [`TextTemplate::parse`].
    pub(crate) fn document(
        text: &[u8],
        dialect: CommandDialect,
        spellings: &PlaceholderSpellings,
        shape: &RowShape,
    ) -> Result<TextTemplate> {
        let syntax =
            PlaceholderSyntax::choose([text], dialect, spellings, shape).with_foreign_text();
        TextTemplate::read(text, &syntax, shape)
    }

    fn read(text: &[u8], syntax: &PlaceholderSyntax, shape: &RowShape) -> Result<TextTemplate> {
        syntax.check(text)?;
        let mut pieces = Vec::new();
        let mut at = 0;
        while at < text.len() {
            let rest = &text[at..];
            if let Some((placeholder, length)) = syntax.at_start(rest) {
                if syntax.rules.is_strict {
                    indices::check_index(&placeholder, &rest[..length], shape)?;
                }
                pieces.push(TextPiece::Placeholder(placeholder));
                at += length;
                continue;
            }
            let (from, length) = match syntax.escaped(&rest[1..]) {
                Some(length) if rest[0] == b'\\' => (1, length),
                _ => (0, 1),
            };
            push(&mut pieces, &rest[from..from + length]);
            at += from + length;
        }
        Ok(TextTemplate { pieces })
    }

    pub(crate) fn placeholders(&self) -> impl Iterator<Item = &Placeholder> {
        self.pieces.iter().filter_map(|piece| match piece {
            TextPiece::Text(_) => None,
            TextPiece::Placeholder(placeholder) => Some(placeholder),
        })
    }

    /// Tells whether an expression asks how many jobs there are.
    pub(crate) fn needs_total(&self) -> bool {
        let mut computed = self.placeholders().filter_map(Placeholder::expression);
        computed.any(Expression::needs_total)
    }

    /// The text before the first placeholder.
    pub(crate) fn beginning(&self) -> &[u8] {
        match self.pieces.first() {
            Some(TextPiece::Text(text)) => text,
            _ => b"",
        }
    }

    pub(crate) fn has_placeholders(&self) -> bool {
        let mut pieces = self.pieces.iter();
        pieces.any(|piece| matches!(piece, TextPiece::Placeholder(_)))
    }

    /// Tells whether the text is one value as it stands, and nothing else.
    pub(crate) fn is_whole_value(&self) -> bool {
        matches!(&self.pieces[..], [TextPiece::Placeholder(placeholder)] if placeholder.is_value() && placeholder.edit == ValueEdit::Keep)
    }

    /// Tells whether the text depends on the slot.
    pub(crate) fn names_slot(&self) -> bool {
        let mut pieces = self.pieces.iter();
        pieces.any(
            |piece| matches!(piece, TextPiece::Placeholder(placeholder) if placeholder.is_slot()),
        )
    }

    /// The parts of the text for one row.
    pub(crate) fn parts<'a>(
        &'a self,
        row: &'a Row,
        position: JobPosition,
    ) -> impl Iterator<Item = RenderedText<'a>> + use<'a> {
        self.pieces.iter().map(move |piece| match piece {
            TextPiece::Text(text) => RenderedText::Text(Cow::Borrowed(text)),
            TextPiece::Placeholder(placeholder) => {
                let text = placeholder.joined(row, position);
                if placeholder.is_value() {
                    RenderedText::Value(text)
                } else {
                    RenderedText::Text(text)
                }
            }
        })
    }

    /// The text for one row, values as they are.
    pub(crate) fn render(&self, row: &Row, position: JobPosition) -> Vec<u8> {
        let mut out = Vec::new();
        for part in self.parts(row, position) {
            let (RenderedText::Text(text) | RenderedText::Value(text)) = part;
            out.extend_from_slice(&text);
        }
        out
    }
}

fn push(pieces: &mut Vec<TextPiece>, text: &[u8]) {
    match pieces.last_mut() {
        Some(TextPiece::Text(last)) => last.extend_from_slice(text),
        _ => pieces.push(TextPiece::Text(text.to_vec())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_put_in_as_they_are() {
        let row = Row::from_iter(["d/a b.c", "<1>"]);
        let position = JobPosition::of(7, 2);
        let usual = PlaceholderSpellings::default();
        let table = [
            ("<>", "d/a b.c <1>"),
            ("<1/.>:<2>", "a b:<1>"),
            ("<#>/<%>", "7/2"),
            ("\\<> <1>", "<> d/a b.c"),
            ("{1/}", "a b.c"),
            ("a\\b", "a\\b"),
        ];
        for (text, expected) in table {
            let text = TextTemplate::parse(
                text.as_bytes(),
                CommandDialect::Own,
                &usual,
                &RowShape::of(2),
            )
            .unwrap();
            assert_eq!(text.render(&row, position), expected.as_bytes());
        }
        assert!(
            TextTemplate::parse(b"<3>", CommandDialect::Own, &usual, &RowShape::of(2)).is_err()
        );
        assert!(TextTemplate::parse(b"{3}", CommandDialect::Gnu, &usual, &RowShape::of(2)).is_ok());
    }
}
