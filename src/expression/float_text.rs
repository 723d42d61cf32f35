//! Floats as decimal text.

/// A number as `%.<digits>g` writes it.
pub(super) fn general(number: f64, digits: usize) -> String {
    general_with(number, digits, false)
}

pub(super) fn general_with(number: f64, digits: usize, keeps_zeros: bool) -> String {
    if !number.is_finite() {
        return special(number);
    }
    let digits = digits.max(1);
    let scientific = format!("{number:.*e}", digits - 1);
    let exponent = scientific
        .rsplit('e')
        .next()
        .and_then(|text| text.parse::<i32>().ok());
    let exponent = exponent.unwrap_or(0);
    let is_small = exponent < -4;
    if is_small || exponent >= digits as i32 {
        let (mantissa, _) = scientific.split_once('e').unwrap_or((&scientific, ""));
        let mantissa = if keeps_zeros {
            mantissa
        } else {
            without_zeros(mantissa)
        };
        return with_exponent(mantissa, exponent);
    }
    let decimals = (digits as i32 - 1 - exponent).max(0) as usize;
    let fixed = format!("{number:.decimals$}");
    let text = if keeps_zeros {
        &fixed
    } else {
        without_zeros(&fixed)
    };
    if text == "-0" {
        "0".to_owned()
    } else {
        text.to_owned()
    }
}

pub(super) fn special(number: f64) -> String {
    let text = if number.is_nan() {
        "NaN"
    } else if number > 0.0 {
        "Inf"
    } else {
        "-Inf"
    };
    text.to_owned()
}

fn without_zeros(text: &str) -> &str {
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.')
    } else {
        text
    }
}

pub(super) fn with_exponent(mantissa: &str, exponent: i32) -> String {
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{mantissa}e{sign}{:02}", exponent.unsigned_abs())
}
