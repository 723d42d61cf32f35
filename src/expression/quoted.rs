//! Quotes: `/.../`, `{...}`, any delimiter.

use super::error::ExpressionError;

/// A cursor over the parts of a quoted operator.
pub(super) struct QuotedCursor<'a> {
    open: u8,
    /// After the delimiter that opens the next part.
    rest: &'a [u8],
}

impl<'a> QuotedCursor<'a> {
    /// Begins with the delimiter that opens the first part.
    pub(super) fn open(text: &'a [u8]) -> Result<QuotedCursor<'a>, ExpressionError> {
        match text.split_first() {
            Some((&open, rest)) if open.is_ascii_punctuation() => Ok(QuotedCursor { open, rest }),
            _ => Err(ExpressionError::unreadable(text)),
        }
    }

    pub(super) fn delimiter(&self) -> u8 {
        self.open
    }

    /// Text after the part read last.
    pub(super) fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// Reads up to the delimiter that closes. A backslash before a delimiter goes,
    /// except in brackets.
    pub(super) fn part(&mut self) -> Result<Vec<u8>, ExpressionError> {
        let close = closing(self.open);
        let mut body = Vec::new();
        let mut depth = 0;
        let mut bytes = self.rest.iter();
        while let Some(&byte) = bytes.next() {
            if byte == b'\\' {
                let Some(&escaped) = bytes.next() else { break };
                if escaped != close || close != self.open {
                    body.push(byte);
                }
                body.push(escaped);
                continue;
            }
            if byte == close {
                if depth == 0 {
                    self.rest = bytes.as_slice();
                    return Ok(body);
                }
                depth -= 1;
            } else if byte == self.open {
                depth += 1;
            }
            body.push(byte);
        }
        let open = char::from(self.open);
        Err(ExpressionError::new(format!("the '{open}' is not closed")))
    }

    /// The second part: after brackets it has its own delimiters.
    pub(super) fn second_part(&mut self) -> Result<Vec<u8>, ExpressionError> {
        if closing(self.open) != self.open {
            *self = match QuotedCursor::open(self.rest.trim_ascii_start()) {
                Ok(second) => second,
                Err(_) => return Err(ExpressionError::new("its second part is missing")),
            };
        }
        self.part()
    }
}

fn closing(open: u8) -> u8 {
    match open {
        b'(' => b')',
        b'[' => b']',
        b'{' => b'}',
        b'<' => b'>',
        other => other,
    }
}
