//! Numbers at the beginning of a text, as `sort -n` takes them.

use std::cmp::Ordering;

use crate::builtin::reduce::exact::digits;

/// Blanks, a minus, digits, a point and digits; what follows does not count, and no digits
/// are 0.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Numeric<'a> {
    is_negative: bool,
    /// Without zeros before them.
    whole: &'a [u8],
    /// Without zeros after them.
    fraction: &'a [u8],
}

/// So many digits are in a prefix.
const DIGITS: u32 = 16;

/// From so many digits before the point on, prefixes do not differ.
const MOST_WHOLE: usize = 127;

impl<'a> Numeric<'a> {
    pub(super) fn of(text: &'a [u8]) -> Numeric<'a> {
        let blanks = text
            .iter()
            .take_while(|byte| matches!(byte, b' ' | b'\t' | b'\n'));
        let text = &text[blanks.count()..];
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
        Numeric {
            is_negative: is_negative && !(whole.is_empty() && fraction.is_empty()),
            whole,
            fraction,
        }
    }

    /// A number that is smaller for a smaller one, or the same.
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
        match self.is_negative {
            true => !prefix,
            false => prefix,
        }
    }

    /// Which one is larger, signs aside.
    fn compare_sizes(&self, other: &Numeric<'_>) -> Ordering {
        (self.whole.len().cmp(&other.whole.len()))
            .then_with(|| self.whole.cmp(other.whole))
            .then_with(|| self.fraction.cmp(other.fraction))
    }
}

impl Ord for Numeric<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self.is_negative, other.is_negative) {
            (false, false) => self.compare_sizes(other),
            (true, true) => other.compare_sizes(self),
            (true, false) => Ordering::Less,
            (false, true) => Ordering::Greater,
        }
    }
}

impl PartialOrd for Numeric<'_> {
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
                let (one, other) = (Numeric::of(one.as_bytes()), Numeric::of(other.as_bytes()));
                assert_eq!(one.cmp(&other), at.cmp(&other_at), "{one:?} {other:?}");
            }
        }
        for zero in ["", "x", "-", "--5", "+3", ".", "-.0", "000"] {
            assert_eq!(Numeric::of(zero.as_bytes()), Numeric::of(b"0"), "{zero}");
        }
    }

    proptest! {
        #[test]
        fn prefixes_agree_with_numbers(one in "-?[0-9]{0,20}(\\.[0-9]{0,20})?", other in "-?[0-9]{0,20}(\\.[0-9]{0,3})?") {
            let (one, other) = (Numeric::of(one.as_bytes()), Numeric::of(other.as_bytes()));
            let by_prefix = one.prefix().cmp(&other.prefix());
            prop_assert!(by_prefix == Ordering::Equal || by_prefix == one.cmp(&other));
        }
    }
}
