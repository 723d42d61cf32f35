//! Operators between operands, and how tightly they bind.

use super::ast::{BinaryOperator, Comparison};
use super::lex::AstToken;

/// Precedences: a higher one binds more tightly.
pub(super) mod level {
    pub(in super::super) const LOWEST: u8 = 0;
    pub(in super::super) const COMMA: u8 = 4;
    pub(in super::super) const ASSIGNMENT: u8 = 5;
    pub(in super::super) const EQUALITY: u8 = 10;
    pub(in super::super) const ORDER: u8 = 11;
    pub(in super::super) const UNARY_CALL: u8 = 13;
    pub(in super::super) const UNARY: u8 = 16;
}

/// An operator between two operands, or after one.
pub(super) struct InfixOperator {
    pub(super) level: u8,
    pub(super) kind: InfixKind,
}

pub(super) enum InfixKind {
    Binary(BinaryOperator),
    Assign(Option<BinaryOperator>),
    Choice,
    Range,
    Comma,
    Bind { negated: bool },
    Step { up: bool },
}

pub(super) fn infix(token: &AstToken) -> Option<InfixOperator> {
    use BinaryOperator::{Number, Text};
    use Comparison::{AtLeast, AtMost, Equal, Greater, Less, Order, Unequal};
    let word = match token {
        AstToken::Sign(sign) => sign.as_bytes(),
        AstToken::Word(word) => word,
        _ => return None,
    };
    let assigned = word.strip_suffix(b"=").and_then(plain_operator);
    if let Some((_, operator)) = assigned {
        let kind = InfixKind::Assign(Some(operator));
        return Some(InfixOperator { level: 5, kind });
    }
    if let Some((level, operator)) = plain_operator(word) {
        let kind = InfixKind::Binary(operator);
        return Some(InfixOperator { level, kind });
    }
    let (level, kind) = match word {
        b"or" => (1, InfixKind::Binary(BinaryOperator::Or)),
        b"and" => (2, InfixKind::Binary(BinaryOperator::And)),
        b"," | b"=>" => (level::COMMA, InfixKind::Comma),
        b"=" => (level::ASSIGNMENT, InfixKind::Assign(None)),
        b"?" => (6, InfixKind::Choice),
        b".." => (7, InfixKind::Range),
        b"==" => (level::EQUALITY, InfixKind::Binary(Number(Equal))),
        b"!=" => (level::EQUALITY, InfixKind::Binary(Number(Unequal))),
        b"<=>" => (level::EQUALITY, InfixKind::Binary(Number(Order))),
        b"eq" => (level::EQUALITY, InfixKind::Binary(Text(Equal))),
        b"ne" => (level::EQUALITY, InfixKind::Binary(Text(Unequal))),
        b"cmp" => (level::EQUALITY, InfixKind::Binary(Text(Order))),
        b"<" => (level::ORDER, InfixKind::Binary(Number(Less))),
        b">" => (level::ORDER, InfixKind::Binary(Number(Greater))),
        b"<=" => (level::ORDER, InfixKind::Binary(Number(AtMost))),
        b">=" => (level::ORDER, InfixKind::Binary(Number(AtLeast))),
        b"lt" => (level::ORDER, InfixKind::Binary(Text(Less))),
        b"gt" => (level::ORDER, InfixKind::Binary(Text(Greater))),
        b"le" => (level::ORDER, InfixKind::Binary(Text(AtMost))),
        b"ge" => (level::ORDER, InfixKind::Binary(Text(AtLeast))),
        b"=~" => (15, InfixKind::Bind { negated: false }),
        b"!~" => (15, InfixKind::Bind { negated: true }),
        b"++" => (18, InfixKind::Step { up: true }),
        b"--" => (18, InfixKind::Step { up: false }),
        _ => return None,
    };
    Some(InfixOperator { level, kind })
}

/// Operators that can stand before `=`, with their precedence.
fn plain_operator(word: &[u8]) -> Option<(u8, BinaryOperator)> {
    Some(match word {
        b"||" => (8, BinaryOperator::Or),
        b"//" => (8, BinaryOperator::DefinedOr),
        b"&&" => (9, BinaryOperator::And),
        b"+" => (13, BinaryOperator::Add),
        b"-" => (13, BinaryOperator::Subtract),
        b"." => (13, BinaryOperator::Concatenate),
        b"*" => (14, BinaryOperator::Multiply),
        b"/" => (14, BinaryOperator::Divide),
        b"%" => (14, BinaryOperator::Modulo),
        b"x" => (14, BinaryOperator::Repeat),
        b"**" => (17, BinaryOperator::Power),
        _ => return None,
    })
}
