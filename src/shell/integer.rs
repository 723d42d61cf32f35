//! Values in places where a shell calculates. Shells run code there (an array
//! subscript can hold a substitution), so that only plain integers are let in.

/// An optional sign and decimal digits, without the leading zeros that would
/// make it octal; `None` for anything else.
pub(crate) fn canonical(text: &[u8]) -> Option<Vec<u8>> {
    let (sign, digits): (&[u8], &[u8]) = match text {
        [b'-', digits @ ..] => (b"-", digits),
        [b'+', digits @ ..] => (b"", digits),
        digits => (b"", digits),
    };
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let zeros = digits.iter().take_while(|&&digit| digit == b'0').count();
    let kept = &digits[zeros.min(digits.len() - 1)..];
    Some([sign, kept].concat())
}

/// An optional sign, decimal digits, and at most one point among them.
pub(crate) fn is_decimal(text: &[u8]) -> bool {
    let digits = text.strip_prefix(b"-").or(text.strip_prefix(b"+"));
    let mut halves = digits.unwrap_or(text).splitn(2, |byte| *byte == b'.');
    let (whole, fraction) = (halves.next().unwrap_or_default(), halves.next());
    let all = |digits: &[u8]| !digits.is_empty() && digits.iter().all(u8::is_ascii_digit);
    all(whole) && fraction.is_none_or(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_decimal() {
        for text in ["0", "-1.5", "+3", "007", "10.25"] {
            assert!(is_decimal(text.as_bytes()), "{text}");
        }
        for text in [
            "", ".", "1.", ".5", "1.2.3", "x", "1e3", "a[$(x)]", "--1", "1 ",
        ] {
            assert!(!is_decimal(text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn only_decimal_integers_pass() {
        let table = [
            ("0", "0"),
            ("007", "7"),
            ("+08", "8"),
            ("-010", "-10"),
            ("000", "0"),
        ];
        for (text, expected) in table {
            assert_eq!(canonical(text.as_bytes()).unwrap(), expected.as_bytes());
        }
        for text in [
            "",
            "-",
            "+",
            "x",
            "1x",
            " 1",
            "1\n",
            "0x1",
            "a[$(touch pwn)]",
            "1.5",
            "--1",
        ] {
            assert_eq!(canonical(text.as_bytes()), None, "{text:?}");
        }
    }
}
