//! Functions of values that need nothing but their arguments.

use super::ast::Function;
use super::format::sprintf;
use super::text;
use super::value::{Number, Value};

/// A function of one value that always has a result.
pub(super) fn of_text(function: Function, value: &Value) -> Value {
    let text = value.text();
    match function {
        Function::Uc => Value::Text(text::upper(&text)),
        Function::Lc => Value::Text(text::lower(&text)),
        Function::Ucfirst => Value::Text(text::first_changed(&text, text::title)),
        Function::Lcfirst => Value::Text(text::first_changed(&text, text::lower)),
        Function::ShellQuote => Value::Text(text::quoted_for_shell(&text)),
        Function::PerlQuote => Value::Text(text::quoted_for_perl(&text)),
        Function::Quotemeta => Value::Text(text::quoted_for_pattern(&text)),
        Function::Length if *value == Value::Undefined => Value::Undefined,
        Function::Length => Value::count(text::length(&text)),
        Function::Ord => {
            let first = &text[..text::prefix(&text, 1)];
            Value::integer(text::units(first).0.first().copied().unwrap_or(0))
        }
        Function::Hex => based(&text, 16),
        Function::Oct => based(&text, 8),
        Function::Chr => {
            let number = u32::try_from(value.number().integer());
            Value::Text(text::character(number.unwrap_or(0xFFFD)))
        }
        Function::Defined => Value::truth(*value != Value::Undefined),
        _ => value.clone(),
    }
}

/// A function of one number.
pub(super) fn of_number(function: Function, value: &Value) -> Result<Value, String> {
    let number = value.number();
    let float = number.float();
    let result = match function {
        Function::Int => match number {
            Number::Float(float) => whole(float),
            integer => integer,
        },
        Function::Abs => match number {
            Number::Integer(integer) => Number::from_wide(integer.abs()),
            Number::Float(float) => Number::Float(float.abs()),
        },
        Function::Sqrt if float < 0.0 => return Err("square root of a negative number".to_owned()),
        Function::Sqrt => Number::Float(float.sqrt()),
        Function::Log if float <= 0.0 => return Err("logarithm of zero or less".to_owned()),
        Function::Log => Number::Float(float.ln()),
        _ => Number::Float(float.exp()),
    };
    Ok(Value::Number(result))
}

/// The float without its fraction, as an integer if it fits.
fn whole(float: f64) -> Number {
    let whole = float.trunc();
    match whole.abs() < 9.3e18 {
        true => Number::from_wide(whole as i128),
        false => Number::Float(whole),
    }
}

/// A function of several values or of a list.
pub(super) fn of_list(function: Function, values: &[Value]) -> Result<Value, String> {
    let number = |place: usize| values.get(place).map(|value| value.number().integer());
    Ok(match function {
        Function::Sprintf => Value::Text(sprintf(values)?),
        Function::Join => match values.split_first() {
            None => Value::Text(Vec::new()),
            Some((separator, values)) => {
                let texts: Vec<Vec<u8>> = values.iter().map(Value::text).collect();
                Value::Text(texts.join(separator.text().as_slice()))
            }
        },
        Function::Reverse => {
            let texts: Vec<Vec<u8>> = values.iter().map(Value::text).collect();
            Value::Text(text::reversed(&texts.concat()))
        }
        Function::Index | Function::Rindex => {
            let (text, part) = (values[0].text(), values[1].text());
            text::position(&text, &part, number(2), function == Function::Rindex)
        }
        Function::Substr => {
            let text = values[0].text();
            let count = values.get(2).filter(|count| **count != Value::Undefined);
            let count = count.map(|count| count.number().integer());
            match text::span(&text, number(1).unwrap_or(0), count) {
                Some((start, end)) => Value::Text(text[start..end].to_vec()),
                None => Value::Undefined,
            }
        }
        Function::Ascending => Value::truth(values.is_sorted_by(|a, b| a.text() < b.text())),
        _ => {
            let mut texts: Vec<Vec<u8>> = values.iter().map(Value::text).collect();
            texts.sort_unstable();
            Value::truth(texts.is_sorted_by(|a, b| a < b))
        }
    })
}

/// The number that digits of a base stand for; a prefix can name another base.
fn based(text: &[u8], base: u32) -> Value {
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
    Value::integer(number)
}
