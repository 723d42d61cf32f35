//! Values: text and numbers, each read as the other whenever that is asked for.

use super::float_text::general;

#[derive(Debug, Clone, PartialEq)]
pub(super) enum ExpressionValue {
    /// A group that took no part, a value that is not there.
    Undefined,
    Text(Vec<u8>),
    Number(ExpressionNumber),
}

/// Values in a tree are constants that were typed, and of those no number is NaN.
impl Eq for ExpressionValue {}

/// An integer as long as it is exact.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum ExpressionNumber {
    /// From -2^63 to 2^64-1.
    Integer(i128),
    Float(f64),
}

impl ExpressionNumber {
    /// The number, as a float if it is out of the range of integers.
    pub(super) fn from_wide(number: i128) -> ExpressionNumber {
        if (i128::from(i64::MIN)..=i128::from(u64::MAX)).contains(&number) {
            ExpressionNumber::Integer(number)
        } else {
            ExpressionNumber::Float(number as f64)
        }
    }

    /// The number, if it is an integer or a float without a fraction that fits.
    pub(super) fn exact(self) -> Option<i128> {
        match self {
            ExpressionNumber::Integer(integer) => Some(integer),
            ExpressionNumber::Float(float) => {
                let is_exact = float.fract() == 0.0 && float.abs() < 9e18;
                is_exact.then_some(float as i128)
            }
        }
    }

    pub(super) fn float(self) -> f64 {
        match self {
            ExpressionNumber::Integer(integer) => integer as f64,
            ExpressionNumber::Float(float) => float,
        }
    }

    /// The number without its fraction; huge ones are cut to the range of an `i64`.
    pub(super) fn integer(self) -> i64 {
        match self {
            ExpressionNumber::Integer(integer) => {
                integer.clamp(i128::from(i64::MIN), i128::from(i64::MAX)) as i64
            }
            ExpressionNumber::Float(float) => float as i64,
        }
    }

    /// Remainder of the number without its fraction, from 0 to `modulus - 1`; 0 if it is not
    /// finite.
    pub(crate) fn rem_euclid(self, modulus: u32) -> u32 {
        match self {
            ExpressionNumber::Integer(integer) => integer.rem_euclid(modulus.into()) as u32,
            ExpressionNumber::Float(float) => float.trunc().rem_euclid(modulus.into()) as u32,
        }
    }

    fn text(self) -> Vec<u8> {
        match self {
            ExpressionNumber::Integer(integer) => integer.to_string().into_bytes(),
            ExpressionNumber::Float(float) => general(float, 15).into_bytes(),
        }
    }
}

impl ExpressionValue {
    /// True is 1, false is the empty text.
    pub(super) fn truth(is_true: bool) -> ExpressionValue {
        if is_true {
            ExpressionValue::integer(1)
        } else {
            ExpressionValue::Text(Vec::new())
        }
    }

    pub(super) fn integer(integer: impl Into<i128>) -> ExpressionValue {
        ExpressionValue::Number(ExpressionNumber::from_wide(integer.into()))
    }

    /// A length or a position.
    pub(super) fn count(count: usize) -> ExpressionValue {
        ExpressionValue::integer(count as i128)
    }

    /// Perl's rule: `0` and the empty text are false.
    pub(super) fn is_true(&self) -> bool {
        match self {
            ExpressionValue::Undefined => false,
            ExpressionValue::Text(text) => !matches!(text.as_slice(), b"" | b"0"),
            ExpressionValue::Number(number) => number.float() != 0.0,
        }
    }

    pub(super) fn text(&self) -> Vec<u8> {
        self.clone().into_text()
    }

    pub(super) fn into_text(self) -> Vec<u8> {
        match self {
            ExpressionValue::Undefined => Vec::new(),
            ExpressionValue::Text(text) => text,
            ExpressionValue::Number(number) => number.text(),
        }
    }

    /// The value as a number: what the text begins with, or 0.
    pub(super) fn number(&self) -> ExpressionNumber {
        match self {
            ExpressionValue::Undefined => ExpressionNumber::Integer(0),
            ExpressionValue::Text(text) => leading_number(text),
            ExpressionValue::Number(number) => *number,
        }
    }
}

/// The number that `text` begins with, after white space; 0 if there is none.
pub(crate) fn leading_number(text: &[u8]) -> ExpressionNumber {
    let text = text.trim_ascii_start();
    let sign = usize::from(matches!(text.first(), Some(b'+' | b'-')));
    if let Some(special) = special(&text[sign..]) {
        let negative = text[0] == b'-';
        return ExpressionNumber::Float(if negative { -special } else { special });
    }
    let whole = digits(&text[sign..]);
    let mut end = sign + whole;
    let mut fraction = 0;
    if text.get(end) == Some(&b'.') {
        fraction = digits(&text[end + 1..]);
        if whole + fraction > 0 {
            end += 1 + fraction;
        }
    }
    if whole + fraction == 0 {
        return ExpressionNumber::Integer(0);
    }
    let is_integer = end == sign + whole;
    let exponent = exponent(&text[end..]);
    let number = str::from_utf8(&text[..end + exponent]).unwrap_or("0");
    if is_integer && exponent == 0 && whole < 30 {
        return ExpressionNumber::from_wide(number.parse().unwrap_or(0));
    }
    ExpressionNumber::Float(number.parse().unwrap_or(0.0))
}

/// Number of digits that `text` begins with.
fn digits(text: &[u8]) -> usize {
    text.iter().take_while(|byte| byte.is_ascii_digit()).count()
}

/// The length of the exponent that `text` begins with, or 0.
fn exponent(text: &[u8]) -> usize {
    if !matches!(text.first(), Some(b'e' | b'E')) {
        return 0;
    }
    let sign = usize::from(matches!(text.get(1), Some(b'+' | b'-')));
    match digits(&text[1 + sign..]) {
        0 => 0,
        digits => 1 + sign + digits,
    }
}

fn special(text: &[u8]) -> Option<f64> {
    let word = text.get(..3)?;
    if word.eq_ignore_ascii_case(b"inf") {
        return Some(f64::INFINITY);
    }
    word.eq_ignore_ascii_case(b"nan").then_some(f64::NAN)
}
