//! Functions of values that need nothing but their arguments.

use super::ast::AstFunction;
use super::format::sprintf;
use super::text;
use super::value::{ExpressionNumber, ExpressionValue};

/// A function of one value that always has a result.
pub(super) fn of_text(function: AstFunction, value: &ExpressionValue) -> ExpressionValue {
    let text = value.text();
    match function {
        AstFunction::Uc => ExpressionValue::Text(text::upper(&text)),
        AstFunction::Lc => ExpressionValue::Text(text::lower(&text)),
        AstFunction::Ucfirst => ExpressionValue::Text(text::first_changed(&text, text::title)),
        AstFunction::Lcfirst => ExpressionValue::Text(text::first_changed(&text, text::lower)),
        AstFunction::ShellQuote => ExpressionValue::Text(text::quoted_for_shell(&text)),
        AstFunction::PerlQuote => ExpressionValue::Text(text::quoted_for_perl(&text)),
        AstFunction::Quotemeta => ExpressionValue::Text(text::quoted_for_pattern(&text)),
        AstFunction::Length if *value == ExpressionValue::Undefined => ExpressionValue::Undefined,
        AstFunction::Length => ExpressionValue::count(text::length(&text)),
        AstFunction::Ord => {
            let first = &text[..text::prefix(&text, 1)];
            ExpressionValue::integer(text::units(first).0.first().copied().unwrap_or(0))
        }
        AstFunction::Hex => based(&text, 16),
        AstFunction::Oct => based(&text, 8),
        AstFunction::Chr => {
            let number = u32::try_from(value.number().integer());
            ExpressionValue::Text(text::character(number.unwrap_or(0xFFFD)))
        }
        AstFunction::Defined => ExpressionValue::truth(*value != ExpressionValue::Undefined),
        _ => value.clone(),
    }
}

pub(super) fn of_number(
    function: AstFunction,
    value: &ExpressionValue,
) -> Result<ExpressionValue, String> {
    let number = value.number();
    let float = number.float();
    let result = match function {
        AstFunction::Int => match number {
            ExpressionNumber::Float(float) => whole(float),
            integer => integer,
        },
        AstFunction::Abs => match number {
            ExpressionNumber::Integer(integer) => ExpressionNumber::from_wide(integer.abs()),
            ExpressionNumber::Float(float) => ExpressionNumber::Float(float.abs()),
        },
        AstFunction::Sqrt if float < 0.0 => {
            return Err("square root of a negative number".to_owned());
        }
        AstFunction::Sqrt => ExpressionNumber::Float(float.sqrt()),
        AstFunction::Log if float <= 0.0 => {
            return Err("logarithm of zero or less".to_owned());
        }
        AstFunction::Log => ExpressionNumber::Float(float.ln()),
        _ => ExpressionNumber::Float(float.exp()),
    };
    Ok(ExpressionValue::Number(result))
}

/// The float without its fraction, as an integer if it fits.
fn whole(float: f64) -> ExpressionNumber {
    let whole = float.trunc();
    if whole.abs() < 9.3e18 {
        ExpressionNumber::from_wide(whole as i128)
    } else {
        ExpressionNumber::Float(whole)
    }
}

/// A function of several values or of a list.
pub(super) fn of_list(
    function: AstFunction,
    values: &[ExpressionValue],
) -> Result<ExpressionValue, String> {
    let number = |index: usize| values.get(index).map(|value| value.number().integer());
    Ok(match function {
        AstFunction::Sprintf => ExpressionValue::Text(sprintf(values)?),
        AstFunction::Join => match values.split_first() {
            None => ExpressionValue::Text(Vec::new()),
            Some((separator, values)) => {
                let texts: Vec<Vec<u8>> = values.iter().map(ExpressionValue::text).collect();
                ExpressionValue::Text(texts.join(separator.text().as_slice()))
            }
        },
        AstFunction::Reverse => {
            let texts: Vec<Vec<u8>> = values.iter().map(ExpressionValue::text).collect();
            ExpressionValue::Text(text::reversed(&texts.concat()))
        }
        AstFunction::Index | AstFunction::Rindex => {
            let (text, part) = (values[0].text(), values[1].text());
            text::position(&text, &part, number(2), function == AstFunction::Rindex)
        }
        AstFunction::Substr => {
            let text = values[0].text();
            let count = values
                .get(2)
                .filter(|count| **count != ExpressionValue::Undefined);
            let count = count.map(|count| count.number().integer());
            match text::span(&text, number(1).unwrap_or(0), count) {
                Some((start, end)) => ExpressionValue::Text(text[start..end].to_vec()),
                None => ExpressionValue::Undefined,
            }
        }
        AstFunction::Ascending => {
            ExpressionValue::truth(values.is_sorted_by(|a, b| a.text() < b.text()))
        }
        _ => {
            let mut texts: Vec<Vec<u8>> = values.iter().map(ExpressionValue::text).collect();
            texts.sort_unstable();
            ExpressionValue::truth(texts.is_sorted_by(|a, b| a < b))
        }
    })
}

/// The number that digits of a base stand for; a prefix can name another base.
fn based(text: &[u8], base: u32) -> ExpressionValue {
    let text = if base == 8 {
        text.trim_ascii_start()
    } else {
        text
    };
    let (base, digits) = match text {
        [b'0', b'x' | b'X', digits @ ..] | [b'x' | b'X', digits @ ..] => (16, digits),
        [b'0', b'b' | b'B', digits @ ..] | [b'b' | b'B', digits @ ..] if base == 8 => (2, digits),
        digits => (base, digits),
    };
    let mut number = 0_i128;
    for &byte in digits.iter().filter(|&&byte| byte != b'_') {
        match char::from(byte).to_digit(base) {
            Some(digit) if number <= i128::from(u64::MAX) => {
                number = number * i128::from(base) + i128::from(digit);
            }
            _ => break,
        }
    }
    ExpressionValue::integer(number)
}
