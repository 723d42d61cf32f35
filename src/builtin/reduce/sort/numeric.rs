//! Numbers at the beginning of a text, as `sort -n` and `sort -h` take them.

use std::cmp::Ordering;

use super::blanks::blanks;
use crate::builtin::reduce::decimal::digits;

/// Blanks, a minus, digits, a point and digits; the rest of the text does not count, and no
/// digits are 0.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct NumericKey<'a> {
    is_negative: bool,
    /// Without zeros before them.
    whole: &'a [u8],
    /// Without zeros after them.
    fraction: &'a [u8],
}

/// Digits in a prefix.
const DIGITS: u32 = 16;

/// Number of digits before the point from which on prefixes do not differ.
const MOST_WHOLE: usize = 127;

impl<'a> NumericKey<'a> {
    pub(super) fn of(text: &'a [u8]) -> NumericKey<'a> {
        let text = &text[blanks(text)..];
        let (is_negative, text) = match text {
            [b'-', rest @ ..] => (true, rest),
            rest => (false, rest),
        };
        let zeros = text.iter().take_while(|byte| **byte == b'0').count();
        let (whole, rest) = digits(&text[zeros..]);
        let fraction = match rest {
            [b'.', rest @ ..] => digits(rest).0,
            _ => &rest[..0],
        };
        let last = fraction.iter().rposition(|byte| *byte != b'0');
        let fraction = &fraction[..last.map_or(0, |last| last + 1)];
        NumericKey {
            is_negative: is_negative && !(whole.is_empty() && fraction.is_empty()),
            whole,
            fraction,
        }
    }

    /// Order-preserving, but different keys may have the same prefix.
    pub(super) fn prefix(&self) -> u64 {
        const POSITIVE: u64 = 1 << 63;
        let length = self.whole.len().min(MOST_WHOLE);
        let mut digits = 0;
        if length < MOST_WHOLE {
            let mut all = self.whole.iter().chain(self.fraction);
            for _ in 0..DIGITS {
                let digit = all.next().map_or(0, |digit| digit - b'0');
                digits = digits * 10 + u64::from(digit);
            }
        }
        let prefix = POSITIVE | (length as u64) << 56 | digits;
        if self.is_negative { !prefix } else { prefix }
    }

    fn is_zero(&self) -> bool {
        self.whole.is_empty() && self.fraction.is_empty()
    }

    /// Compares without signs.
    fn compare_sizes(&self, other: &NumericKey<'_>) -> Ordering {
        (self.whole.len().cmp(&other.whole.len()))
            .then_with(|| self.whole.cmp(other.whole))
            .then_with(|| self.fraction.cmp(other.fraction))
    }
}

/// A number with a unit: a larger unit is more whatever the number, and a number without one
/// is less than any.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct SizeKey<'a> {
    unit: i8,
    number: NumericKey<'a>,
}

/// Ascending; `k` counts as `K`.
const UNITS: &[u8] = b"KMGTPEZY";

impl<'a> SizeKey<'a> {
    pub(super) fn of(text: &'a [u8], folds_case: bool) -> SizeKey<'a> {
        let number = NumericKey::of(text);
        let text = &text[blanks(text)..];
        let (_, mut rest) = digits(text.strip_prefix(b"-").unwrap_or(text));
        if let Some(fraction) = rest.strip_prefix(b".") {
            rest = digits(fraction).1;
        }
        let letter = match rest.first() {
            Some(b'k') => b'K',
            Some(letter) if folds_case => letter.to_ascii_uppercase(),
            letter => letter.copied().unwrap_or_default(),
        };
        let index = UNITS.iter().position(|unit| *unit == letter);
        let unit = match index {
            Some(index) if !number.is_zero() => index as i8 + 1,
            _ => 0,
        };
        SizeKey {
            unit: if number.is_negative { -unit } else { unit },
            number,
        }
    }

    /// Order-preserving, but different keys may have the same prefix.
    pub(super) fn prefix(&self) -> u64 {
        const SHIFT: u32 = 5;
        let unit = (self.unit + (1 << (SHIFT - 1))) as u64;
        unit << (u64::BITS - SHIFT) | self.number.prefix() >> SHIFT
    }
}

impl Ord for NumericKey<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self.is_negative, other.is_negative) {
            (false, false) => self.compare_sizes(other),
            (true, true) => other.compare_sizes(self),
            (true, false) => Ordering::Less,
            (false, true) => Ordering::Greater,
        }
    }
}

impl PartialOrd for NumericKey<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn numbers_are_in_order() {
        let ascending = [
            "-1000000000000000000000",
            "-99",
            "-1.5",
            "-1.25",
            "-0.0001",
            "-0",
            "0.0000000000000000001",
            "0.1",
            " 0.25",
            "1",
            "\t1.1",
            "9",
            "10",
            "12345678901234567",
            "12345678901234568",
        ];
        for (at, one) in ascending.iter().enumerate() {
            for (other_at, other) in ascending.iter().enumerate() {
                let (one, other) = (
                    NumericKey::of(one.as_bytes()),
                    NumericKey::of(other.as_bytes()),
                );
                assert_eq!(one.cmp(&other), at.cmp(&other_at), "{one:?} {other:?}");
            }
        }
        for zero in ["", "x", "-", "--5", "+3", ".", "-.0", "000"] {
            assert_eq!(
                NumericKey::of(zero.as_bytes()),
                NumericKey::of(b"0"),
                "{zero}"
            );
        }
    }

    #[test]
    fn sizes_are_in_order() {
        let ascending = [
            "-2M", "-1M", "-1500K", "-3", "0G", "1023", " .5k", "1K", "1.5K", "1000.K", "1Mi",
            "1G", "1T", "1P", "1E", "1Z", "0.5Y", "1Y",
        ];
        for (at, one) in ascending.iter().enumerate() {
            for (other_at, other) in ascending.iter().enumerate() {
                let of = |text: &'static str| SizeKey::of(text.as_bytes(), false);
                let (one, other) = (of(one), of(other));
                assert_eq!(one.cmp(&other), at.cmp(&other_at), "{one:?} {other:?}");
                let by_prefix = one.prefix().cmp(&other.prefix());
                assert!(
                    by_prefix.is_eq() || by_prefix == one.cmp(&other),
                    "{one:?} {other:?}"
                );
            }
        }
        assert_eq!(SizeKey::of(b"7m", false).unit, 0);
        assert_eq!(SizeKey::of(b"7m", true).unit, 2);
    }

    proptest! {
        #[test]
        fn prefixes_agree_with_numbers(one in "-?[0-9]{0,20}(\\.[0-9]{0,20})?", other in "-?[0-9]{0,20}(\\.[0-9]{0,3})?") {
            let (one, other) = (NumericKey::of(one.as_bytes()), NumericKey::of(other.as_bytes()));
            let by_prefix = one.prefix().cmp(&other.prefix());
            prop_assert!(by_prefix == Ordering::Equal || by_prefix == one.cmp(&other));
        }
    }
}
