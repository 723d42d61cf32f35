//! How JSON is laid out: on many lines, or on one.

use std::io::{self, Write};

use super::scan::{Sink, Token};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    Pretty,
    Compact,
}

/// Writes values in a style.
pub(super) struct Layout<W> {
    pub(super) out: W,
    style: Style,
    depth: usize,
    /// Whether an object or array has begun and nothing is in it yet.
    is_empty: bool,
}

impl<W: Write> Layout<W> {
    pub(super) fn new(out: W, style: Style) -> Layout<W> {
        Layout {
            out,
            style,
            depth: 0,
            is_empty: false,
        }
    }

    fn new_line(&mut self) -> io::Result<()> {
        const INDENT: &[u8] = b"  ";
        if self.style == Style::Compact {
            return Ok(());
        }
        self.out.write_all(b"\n")?;
        (0..self.depth).try_for_each(|_| self.out.write_all(INDENT))
    }
}

impl<W: Write> Sink for Layout<W> {
    fn token(&mut self, token: Token, text: &[u8]) -> io::Result<()> {
        let was_empty = std::mem::take(&mut self.is_empty);
        match token {
            Token::End => {
                self.depth -= 1;
                if !was_empty {
                    self.new_line()?;
                }
            }
            _ if was_empty => self.new_line()?,
            _ => {}
        }
        self.out.write_all(text)?;
        match token {
            Token::Begin => {
                self.depth += 1;
                self.is_empty = true;
                Ok(())
            }
            Token::Comma => self.new_line(),
            Token::Colon if self.style == Style::Pretty => self.out.write_all(b" "),
            _ => Ok(()),
        }
    }

    fn end_of_value(&mut self) -> io::Result<()> {
        self.out.write_all(b"\n")
    }
}
