//! Double quotes, patterns and replacements: variables, escapes and `\U...\E`.

use super::ast::{AstFunction, AstNode};
use super::error::ExpressionError;
use super::escape::escape;
use super::infix::level;
use super::lex::{QuotedOperand, parameter_length, scalar};
use super::parse::ExpressionParser;
use super::value::ExpressionValue;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum InterpolationKind {
    Text,
    /// `\1` is `$1`.
    Replacement,
    /// Escapes are left to the pattern.
    Pattern,
}

struct TextCursor<'t> {
    rest: &'t [u8],
    kind: InterpolationKind,
}

impl<'t> TextCursor<'t> {
    fn take(&mut self, length: usize) -> &'t [u8] {
        let (taken, rest) = self.rest.split_at(length.min(self.rest.len()));
        self.rest = rest;
        taken
    }
}

#[derive(Default)]
struct InterpolationParts {
    done: Vec<AstNode>,
    literal: Vec<u8>,
}

impl InterpolationParts {
    fn push(&mut self, node: AstNode) {
        match node {
            AstNode::Constant(value) => self.literal.extend(value.into_text()),
            node => {
                self.end_literal();
                self.done.push(node);
            }
        }
    }

    fn end_literal(&mut self) {
        if !self.literal.is_empty() {
            let literal = std::mem::take(&mut self.literal);
            self.done
                .push(AstNode::Constant(ExpressionValue::Text(literal)));
        }
    }

    fn into_node(mut self) -> AstNode {
        if self.done.is_empty() {
            return AstNode::Constant(ExpressionValue::Text(self.literal));
        }
        self.end_literal();
        AstNode::Join(self.done)
    }
}

impl ExpressionParser<'_> {
    /// The body of double quotes.
    pub(super) fn text(&mut self, body: &[u8]) -> Result<AstNode, ExpressionError> {
        self.interpolated(body, InterpolationKind::Text)
    }

    /// The second part of `s///`.
    pub(super) fn replacement(&mut self, body: &[u8]) -> Result<AstNode, ExpressionError> {
        self.interpolated(body, InterpolationKind::Replacement)
    }

    /// The source of a pattern.
    pub(super) fn pattern(&mut self, quoted: &QuotedOperand) -> Result<AstNode, ExpressionError> {
        if quoted.interpolates {
            self.interpolated(&quoted.body, InterpolationKind::Pattern)
        } else {
            Ok(AstNode::Constant(ExpressionValue::Text(
                quoted.body.clone(),
            )))
        }
    }

    fn interpolated(
        &mut self,
        body: &[u8],
        kind: InterpolationKind,
    ) -> Result<AstNode, ExpressionError> {
        let mut cursor = TextCursor { rest: body, kind };
        let mut pieces = self.pieces(&mut cursor, None)?;
        while !cursor.rest.is_empty() {
            // One `\E` too many.
            cursor.take(2);
            let more = self.pieces(&mut cursor, None)?;
            pieces = AstNode::Join(vec![pieces, more]);
        }
        Ok(pieces)
    }

    /// Reads up to the end, or to what ends the `\U`, `\L` or `\Q` it is in.
    fn pieces(
        &mut self,
        cursor: &mut TextCursor<'_>,
        within: Option<u8>,
    ) -> Result<AstNode, ExpressionError> {
        let mut pieces = InterpolationParts::default();
        loop {
            match *cursor.rest {
                [] => return Ok(pieces.into_node()),
                [b'\\', b'E', ..] => return Ok(pieces.into_node()),
                [b'\\', letter @ (b'U' | b'L'), ..]
                    if matches!(within, Some(b'U' | b'L')) && within != Some(letter) =>
                {
                    return Ok(pieces.into_node());
                }
                [b'\\', letter @ (b'U' | b'L' | b'Q'), ..] => {
                    let node = self.deeper(|parser| parser.shifted(cursor, letter))?;
                    pieces.push(node);
                }
                [b'\\', letter @ (b'u' | b'l'), ..] => {
                    cursor.take(2);
                    let function = match letter {
                        b'u' => AstFunction::Ucfirst,
                        _ => AstFunction::Lcfirst,
                    };
                    let rest = self.deeper(|parser| parser.pieces(cursor, within))?;
                    pieces.push(call(function, rest));
                }
                [b'\\', ..] if cursor.kind == InterpolationKind::Pattern => {
                    pieces.literal.extend(cursor.take(2));
                }
                [b'\\', digit @ b'1'..=b'9', ..]
                    if cursor.kind == InterpolationKind::Replacement =>
                {
                    cursor.take(2);
                    pieces.push(AstNode::Group(usize::from(digit - b'0')));
                }
                [b'\\', ..] => {
                    let (bytes, length) = escape(&cursor.rest[1..]);
                    pieces.literal.extend(bytes);
                    cursor.take(1 + length);
                }
                [b'$', ..] => self.scalar_piece(cursor, &mut pieces)?,
                [b'@', ..] => self.array_piece(cursor, &mut pieces)?,
                [byte, ..] => {
                    pieces.literal.push(byte);
                    cursor.take(1);
                }
            }
        }
    }

    /// `\U...\E` and the like.
    fn shifted(
        &mut self,
        cursor: &mut TextCursor<'_>,
        letter: u8,
    ) -> Result<AstNode, ExpressionError> {
        cursor.take(2);
        // `\L\u` means the same as `\u\L`.
        let first = match *cursor.rest {
            [b'\\', b'u', ..] if letter == b'L' => Some(AstFunction::Ucfirst),
            [b'\\', b'l', ..] if letter == b'U' => Some(AstFunction::Lcfirst),
            _ => None,
        };
        if first.is_some() {
            cursor.take(2);
        }
        let inside = self.pieces(cursor, Some(letter))?;
        if cursor.rest.starts_with(b"\\E") {
            cursor.take(2);
        }
        let function = match letter {
            b'U' => AstFunction::Uc,
            b'L' => AstFunction::Lc,
            _ => AstFunction::Quotemeta,
        };
        let shifted = call(function, inside);
        Ok(match first {
            Some(first) => call(first, shifted),
            None => shifted,
        })
    }

    fn scalar_piece(
        &mut self,
        cursor: &mut TextCursor<'_>,
        pieces: &mut InterpolationParts,
    ) -> Result<(), ExpressionError> {
        if let Some(length) = parameter_length(cursor.rest) {
            let name = &cursor.take(length)[2..];
            pieces.literal.extend(self.parameter(name));
            return Ok(());
        }
        if let Some((name, length)) = scalar(cursor.rest) {
            let is_element = name == b"arg" && cursor.rest.get(length) == Some(&b'[');
            let length = length
                + if is_element {
                    index_length(cursor, length)?
                } else {
                    0
                };
            let typed = cursor.take(length);
            let is_other = matches!(cursor.rest.first(), Some(b'[' | b'{'));
            if is_other && cursor.kind != InterpolationKind::Pattern {
                // An element of another list in Perl.
                return Err(ExpressionError::unreadable(
                    &[typed, &cursor.rest[..1]].concat(),
                ));
            }
            let node = if is_element {
                self.nested(typed, |parser| parser.expression(level::LOWEST))?
            } else {
                self.nested(typed, ExpressionParser::operand)?
            };
            pieces.push(node);
            return Ok(());
        }
        if cursor.rest.starts_with(b"$#arg") {
            cursor.take(5);
            pieces.push(AstNode::LastIndex);
            return Ok(());
        }
        let next = cursor.rest.get(1).copied().unwrap_or(b' ');
        let is_literal = cursor.kind == InterpolationKind::Pattern || !next.is_ascii_punctuation();
        if !is_literal && next != b'\\' {
            return Err(ExpressionError::unknown(&[b'$', next]));
        }
        pieces.literal.extend(cursor.take(1));
        Ok(())
    }

    fn array_piece(
        &mut self,
        cursor: &mut TextCursor<'_>,
        pieces: &mut InterpolationParts,
    ) -> Result<(), ExpressionError> {
        let name = super::lex::name(&cursor.rest[1..]);
        if name.is_empty() {
            pieces.literal.extend(cursor.take(1));
            return Ok(());
        }
        let mut length = 1 + name.len();
        if name == b"arg" && cursor.rest.get(length) == Some(&b'[') {
            length += index_length(cursor, length)?;
        }
        let typed = cursor.take(length);
        let list = self.nested(typed, ExpressionParser::operand)?;
        let space = AstNode::Constant(ExpressionValue::Text(b" ".to_vec()));
        pieces.push(AstNode::Call(AstFunction::Join, vec![space, list]));
        Ok(())
    }
}

/// The length of the `[...]` at `start`.
fn index_length(cursor: &TextCursor<'_>, start: usize) -> Result<usize, ExpressionError> {
    let rest = &cursor.rest[start..];
    match rest.iter().position(|&byte| byte == b']') {
        Some(end) => Ok(end + 1),
        None => Err(ExpressionError::new("the '[' is not closed")),
    }
}

/// A call of a function of one text; at once if the text is known.
fn call(function: AstFunction, text: AstNode) -> AstNode {
    match text {
        AstNode::Constant(value) => AstNode::Constant(super::functions::of_text(function, &value)),
        text => AstNode::Call(function, vec![text]),
    }
}
