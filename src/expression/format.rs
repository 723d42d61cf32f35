//! `sprintf`.

use super::float_text::{general_with, special, with_exponent};
use super::limits::{LONGEST, too_long};
use super::text::{character, prefix};
use super::value::{ExpressionNumber, ExpressionValue};

/// One `%...` of a format.
#[derive(Default)]
struct FormatDirective {
    left: bool,
    zeros: bool,
    plus: bool,
    space: bool,
    alternate: bool,
    width: usize,
    precision: Option<usize>,
}

struct FormatArguments<'a> {
    rest: std::slice::Iter<'a, ExpressionValue>,
}

impl FormatArguments<'_> {
    fn next(&mut self) -> ExpressionValue {
        self.rest
            .next()
            .cloned()
            .unwrap_or(ExpressionValue::Undefined)
    }
}

/// `sprintf FORMAT, ARGUMENTS`
pub(super) fn sprintf(arguments: &[ExpressionValue]) -> Result<Vec<u8>, String> {
    let Some((format, arguments)) = arguments.split_first() else {
        return Ok(Vec::new());
    };
    let format = format.text();
    let mut arguments = FormatArguments {
        rest: arguments.iter(),
    };
    let mut out = Vec::new();
    let mut rest = format.as_slice();
    while let Some(percent) = memchr::memchr(b'%', rest) {
        out.extend_from_slice(&rest[..percent]);
        rest = &rest[percent..];
        let length = one(rest, &mut arguments, &mut out)?;
        rest = &rest[length..];
        if out.len() > LONGEST {
            return Err(too_long());
        }
    }
    out.extend_from_slice(rest);
    Ok(out)
}

/// Writes the value of the directive that `text` begins with. Returns the length of the
/// directive.
fn one(
    text: &[u8],
    arguments: &mut FormatArguments<'_>,
    out: &mut Vec<u8>,
) -> Result<usize, String> {
    let (directive, length) = directive(text, arguments)?;
    let Some(&letter) = text.get(length) else {
        out.extend_from_slice(text);
        return Ok(text.len());
    };
    match letter {
        b'%' => out.push(b'%'),
        b'c' => {
            let number = u32::try_from(arguments.next().number().integer());
            directive.pad(&character(number.unwrap_or(0xFFFD)), out);
        }
        b's' => {
            let mut text = arguments.next().text();
            if let Some(precision) = directive.precision {
                text.truncate(prefix(&text, precision));
            }
            directive.pad(&text, out);
        }
        b'd' | b'i' | b'u' | b'x' | b'X' | b'o' | b'b' | b'B' => {
            let number = arguments.next().number();
            directive.integer(number, letter, out);
        }
        b'e' | b'E' | b'f' | b'F' | b'g' | b'G' => {
            directive.float(arguments.next().number().float(), letter, out);
        }
        _ => out.extend_from_slice(&text[..=length]),
    }
    Ok(length + 1)
}

/// Flags, width and precision, and their length with the percent sign.
fn directive(
    text: &[u8],
    arguments: &mut FormatArguments<'_>,
) -> Result<(FormatDirective, usize), String> {
    let mut directive = FormatDirective::default();
    let mut at = 1;
    while let Some(flag) = text.get(at) {
        match flag {
            b'-' => directive.left = true,
            b'0' => directive.zeros = true,
            b'+' => directive.plus = true,
            b' ' => directive.space = true,
            b'#' => directive.alternate = true,
            _ => break,
        }
        at += 1;
    }
    let width = size(text, &mut at, arguments)?;
    directive.left |= width < 0;
    directive.width = width.unsigned_abs() as usize;
    if text.get(at) == Some(&b'.') {
        at += 1;
        let precision = size(text, &mut at, arguments)?;
        directive.precision = usize::try_from(precision).ok();
    }
    while matches!(text.get(at), Some(b'l' | b'h' | b'q' | b'L' | b'V')) {
        at += 1;
    }
    Ok((directive, at))
}

/// A width or precision: digits, or `*` for the next argument.
fn size(text: &[u8], at: &mut usize, arguments: &mut FormatArguments<'_>) -> Result<i64, String> {
    let mut size = 0_i64;
    if text.get(*at) == Some(&b'*') {
        *at += 1;
        size = arguments.next().number().integer();
    } else {
        while let Some(digit) = text.get(*at).filter(|byte| byte.is_ascii_digit()) {
            size = size
                .saturating_mul(10)
                .saturating_add(i64::from(digit - b'0'));
            *at += 1;
        }
    }
    if size.unsigned_abs() > LONGEST as u64 {
        Err(too_long())
    } else {
        Ok(size)
    }
}

impl FormatDirective {
    /// Fills up a text to the width.
    fn pad(&self, text: &[u8], out: &mut Vec<u8>) {
        let missing = self.width.saturating_sub(super::text::length(text));
        let fill = if self.zeros && !self.left { b'0' } else { b' ' };
        if !self.left {
            out.resize(out.len() + missing, fill);
        }
        out.extend_from_slice(text);
        if self.left {
            out.resize(out.len() + missing, b' ');
        }
    }

    /// Fills up a number: zeros go after its sign.
    fn number(&self, sign: &str, digits: &str, zeros: bool, out: &mut Vec<u8>) {
        let length = sign.len() + digits.len();
        let missing = self.width.saturating_sub(length);
        let (before, between, after) = if self.left {
            (0, 0, missing)
        } else if zeros {
            (0, missing, 0)
        } else {
            (missing, 0, 0)
        };
        out.resize(out.len() + before, b' ');
        out.extend_from_slice(sign.as_bytes());
        out.resize(out.len() + between, b'0');
        out.extend_from_slice(digits.as_bytes());
        out.resize(out.len() + after, b' ');
    }

    fn sign(&self, is_negative: bool) -> &'static str {
        match is_negative {
            true => "-",
            false if self.plus => "+",
            false if self.space => " ",
            false => "",
        }
    }

    fn integer(&self, number: ExpressionNumber, letter: u8, out: &mut Vec<u8>) {
        let integer = match number {
            ExpressionNumber::Integer(integer) => integer,
            ExpressionNumber::Float(float) if !float.is_finite() => {
                return self.number(
                    self.sign(float < 0.0),
                    special(float.abs()).as_str(),
                    false,
                    out,
                );
            }
            ExpressionNumber::Float(float) => {
                (float as i128).clamp(i64::MIN.into(), u64::MAX.into())
            }
        };
        // Without a sign a negative number is its 64 bits.
        let bits = integer as u64;
        let (sign, mut digits) = match letter {
            b'd' | b'i' => (self.sign(integer < 0), integer.unsigned_abs().to_string()),
            b'u' => ("", bits.to_string()),
            b'x' => (self.base("0x", bits), format!("{bits:x}")),
            b'X' => (self.base("0X", bits), format!("{bits:X}")),
            b'b' => (self.base("0b", bits), format!("{bits:b}")),
            b'B' => (self.base("0B", bits), format!("{bits:b}")),
            _ => (self.base("0", bits), format!("{bits:o}")),
        };
        if let Some(precision) = self.precision {
            let missing = precision.saturating_sub(digits.len());
            digits.insert_str(0, &"0".repeat(missing));
            if precision == 0 && integer == 0 {
                digits.clear();
            }
        }
        let zeros = self.zeros && self.precision.is_none();
        self.number(sign, &digits, zeros, out);
    }

    fn base(&self, mark: &'static str, bits: u64) -> &'static str {
        if self.alternate && bits != 0 {
            mark
        } else {
            ""
        }
    }

    fn float(&self, float: f64, letter: u8, out: &mut Vec<u8>) {
        let size = float.abs();
        let precision = self.precision.unwrap_or(6);
        let digits = match letter.to_ascii_lowercase() {
            _ if !float.is_finite() => special(size),
            b'f' => format!("{size:.precision$}"),
            b'e' => {
                let scientific = format!("{size:.precision$e}");
                let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
                with_exponent(mantissa, exponent.parse().unwrap_or(0))
            }
            _ => general_with(size, precision, self.alternate),
        };
        let digits = if letter.is_ascii_uppercase() && float.is_finite() {
            digits.to_ascii_uppercase()
        } else {
            digits
        };
        let sign = self.sign(float.is_sign_negative() && !float.is_nan());
        self.number(sign, &digits, self.zeros && float.is_finite(), out);
    }
}
