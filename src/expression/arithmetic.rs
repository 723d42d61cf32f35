//! Arithmetic and comparison, exact for integers as long as they fit in 64 bits.

use std::cmp::Ordering;

use super::ast::{BinaryOperator, Comparison};
use super::value::{ExpressionNumber, ExpressionValue};

pub(super) fn compute(
    operator: BinaryOperator,
    left: &ExpressionValue,
    right: &ExpressionValue,
) -> Result<ExpressionValue, String> {
    let (left, right) = (left.number(), right.number());
    let number = match operator {
        BinaryOperator::Add => exact(left, right, i128::checked_add, |a, b| a + b),
        BinaryOperator::Subtract => exact(left, right, i128::checked_sub, |a, b| a - b),
        BinaryOperator::Multiply => exact(left, right, i128::checked_mul, |a, b| a * b),
        BinaryOperator::Divide => divide(left, right)?,
        BinaryOperator::Modulo => modulo(left, right)?,
        _ => power(left, right),
    };
    Ok(ExpressionValue::Number(number))
}

fn exact(
    left: ExpressionNumber,
    right: ExpressionNumber,
    integers: fn(i128, i128) -> Option<i128>,
    floats: fn(f64, f64) -> f64,
) -> ExpressionNumber {
    if let (Some(left), Some(right)) = (left.exact(), right.exact())
        && let Some(result) = integers(left, right)
    {
        return ExpressionNumber::from_wide(result);
    }
    ExpressionNumber::Float(floats(left.float(), right.float()))
}

fn divide(left: ExpressionNumber, right: ExpressionNumber) -> Result<ExpressionNumber, String> {
    if right.float() == 0.0 {
        return Err("division by zero".to_owned());
    }
    if let (ExpressionNumber::Integer(left), ExpressionNumber::Integer(right)) = (left, right)
        && left % right == 0
    {
        return Ok(ExpressionNumber::from_wide(left / right));
    }
    Ok(ExpressionNumber::Float(left.float() / right.float()))
}

/// The remainder has the sign of the right operand; fractions are cut off.
fn modulo(left: ExpressionNumber, right: ExpressionNumber) -> Result<ExpressionNumber, String> {
    let wide = |number| match number {
        ExpressionNumber::Integer(integer) => integer,
        ExpressionNumber::Float(float) => i128::from(float as i64),
    };
    let (left, right) = (wide(left), wide(right));
    if right == 0 {
        return Err("division by zero".to_owned());
    }
    let rest = left % right;
    let differs = rest != 0 && (rest < 0) != (right < 0);
    Ok(ExpressionNumber::from_wide(if differs {
        rest + right
    } else {
        rest
    }))
}

fn power(left: ExpressionNumber, right: ExpressionNumber) -> ExpressionNumber {
    if let (ExpressionNumber::Integer(base), ExpressionNumber::Integer(exponent)) = (left, right)
        && let Ok(exponent) = u32::try_from(exponent)
        && let Some(power) = base.checked_pow(exponent)
    {
        return ExpressionNumber::from_wide(power);
    }
    ExpressionNumber::Float(left.float().powf(right.float()))
}

pub(super) fn compare(
    asked: Comparison,
    left: &ExpressionValue,
    right: &ExpressionValue,
    by_text: bool,
) -> ExpressionValue {
    let order = if by_text {
        Some(left.text().cmp(&right.text()))
    } else {
        number_order(left.number(), right.number())
    };
    let is = |wanted: &[Ordering]| order.is_some_and(|order| wanted.contains(&order));
    ExpressionValue::truth(match asked {
        Comparison::Order => {
            return order.map_or(ExpressionValue::Undefined, |order| {
                ExpressionValue::integer(order as i8)
            });
        }
        Comparison::Equal => is(&[Ordering::Equal]),
        Comparison::Unequal => !is(&[Ordering::Equal]),
        Comparison::Less => is(&[Ordering::Less]),
        Comparison::Greater => is(&[Ordering::Greater]),
        Comparison::AtMost => is(&[Ordering::Less, Ordering::Equal]),
        Comparison::AtLeast => is(&[Ordering::Greater, Ordering::Equal]),
    })
}

fn number_order(left: ExpressionNumber, right: ExpressionNumber) -> Option<Ordering> {
    match (left, right) {
        (ExpressionNumber::Integer(left), ExpressionNumber::Integer(right)) => {
            Some(left.cmp(&right))
        }
        (left, right) => left.float().partial_cmp(&right.float()),
    }
}

/// The opposite of a value; of a word, the word with a minus.
pub(super) fn negated(value: &ExpressionValue) -> ExpressionValue {
    if let ExpressionValue::Text(text) = value {
        match text.first() {
            Some(b'a'..=b'z' | b'A'..=b'Z' | b'_') => {
                return ExpressionValue::Text([b"-", text.as_slice()].concat());
            }
            Some(b'-') if text.get(1).is_some_and(u8::is_ascii_alphabetic) => {
                return ExpressionValue::Text([b"+", &text[1..]].concat());
            }
            _ => {}
        }
    }
    ExpressionValue::Number(match value.number() {
        ExpressionNumber::Integer(integer) => ExpressionNumber::from_wide(-integer),
        ExpressionNumber::Float(float) => ExpressionNumber::Float(-float),
    })
}

/// The value after `++`: one more, and `az` becomes `ba`.
pub(super) fn increased(value: &ExpressionValue) -> ExpressionValue {
    if let ExpressionValue::Text(text) = value
        && let Some(next) = next_word(text)
    {
        return ExpressionValue::Text(next);
    }
    let one = ExpressionNumber::Integer(1);
    ExpressionValue::Number(exact(value.number(), one, i128::checked_add, |a, b| a + b))
}

/// The word after `text`, if that is letters, then digits.
fn next_word(text: &[u8]) -> Option<Vec<u8>> {
    let letters = text
        .iter()
        .take_while(|byte| byte.is_ascii_alphabetic())
        .count();
    let is_word = letters > 0 && text[letters..].iter().all(u8::is_ascii_digit);
    if !is_word {
        return None;
    }
    let mut next = text.to_vec();
    for byte in next.iter_mut().rev() {
        match byte {
            b'z' => *byte = b'a',
            b'Z' => *byte = b'A',
            b'9' => *byte = b'0',
            _ => {
                *byte += 1;
                return Some(next);
            }
        }
    }
    let more = if next[0] == b'0' { b'1' } else { next[0] };
    next.insert(0, more);
    Some(next)
}
