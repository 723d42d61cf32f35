//! Decimal numbers, and sums of them that lose no digit.

use std::collections::BTreeMap;
use std::fmt;

/// Largest exponent of a number: the digits of more could fill the memory.
const MOST_EXPONENT: i32 = 400;

const MOST_DIGITS: usize = 1 << 20;

/// Decimal digits in a limb of a sum.
const DIGITS: i32 = 18;

/// Limit of a limb.
const BASE: i128 = 10_i128.pow(DIGITS as u32);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Decimal<'a> {
    is_negative: bool,
    whole: &'a [u8],
    fraction: &'a [u8],
    exponent: i32,
}

impl<'a> Decimal<'a> {
    /// Reads `-12.5`, `.5`, `1e-3` and the like, with blanks or a carriage return around
    /// it.
    pub(super) fn parse(text: &'a [u8]) -> Option<Decimal<'a>> {
        let text = text.trim_ascii();
        let (is_negative, text) = match text {
            [b'-', rest @ ..] => (true, rest),
            [b'+', rest @ ..] => (false, rest),
            rest => (false, rest),
        };
        let (whole, rest) = digits(text);
        let (fraction, rest) = match rest {
            [b'.', rest @ ..] => digits(rest),
            rest => (&rest[..0], rest),
        };
        if !(1..=MOST_DIGITS).contains(&(whole.len() + fraction.len())) {
            return None;
        }
        let exponent = match rest {
            [] => 0,
            [b'e' | b'E', exponent @ ..] => {
                let exponent: i32 = std::str::from_utf8(exponent).ok()?.parse().ok()?;
                if exponent.abs() > MOST_EXPONENT {
                    return None;
                }
                exponent
            }
            _ => return None,
        };
        Some(Decimal {
            is_negative,
            whole,
            fraction,
            exponent,
        })
    }

    /// Power of ten of the first digit, and the digits.
    fn power_and_digits(&self) -> (i32, impl Iterator<Item = u8>) {
        let digits = self.whole.iter().chain(self.fraction);
        let first = self.whole.len() as i32 + self.exponent - 1;
        (first, digits.map(|digit| digit - b'0'))
    }

    /// Appends the number without an exponent.
    pub(super) fn write_plain(&self, out: &mut Vec<u8>) {
        if self.exponent == 0 && !self.whole.is_empty() {
            if self.is_negative {
                out.push(b'-');
            }
            out.extend_from_slice(self.whole);
            if !self.fraction.is_empty() {
                out.push(b'.');
                out.extend_from_slice(self.fraction);
            }
            return;
        }
        let mut sum = DecimalSum::default();
        sum.add(self);
        out.extend_from_slice(sum.to_string().as_bytes());
    }
}

/// The digits at the beginning of a text, and the rest.
pub(super) fn digits(text: &[u8]) -> (&[u8], &[u8]) {
    let count = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    text.split_at(count)
}

/// A sum of decimal numbers: exact, and the same in whatever order they were added.
#[derive(Debug, Clone, Default)]
pub(super) struct DecimalSum {
    /// By exponents of `BASE`. A limb has room for more additions than anyone will live to
    /// see.
    limbs: BTreeMap<i32, i128>,
}

impl DecimalSum {
    pub(super) fn add(&mut self, number: &Decimal<'_>) {
        let sign = if number.is_negative { -1 } else { 1 };
        let (mut power, digits) = number.power_and_digits();
        let mut limb = 0;
        for digit in digits {
            limb = limb * 10 + i128::from(digit);
            if power.rem_euclid(DIGITS) == 0 {
                self.add_limb(power.div_euclid(DIGITS), sign * limb);
                limb = 0;
            }
            power -= 1;
        }
        // `power` is that of the first missing digit.
        let missing = (power + 1).rem_euclid(DIGITS) as u32;
        if missing > 0 {
            let limb = limb * 10_i128.pow(missing);
            self.add_limb(power.div_euclid(DIGITS), sign * limb);
        }
    }

    pub(super) fn add_sum(&mut self, other: DecimalSum) {
        for (exponent, limb) in other.limbs {
            self.add_limb(exponent, limb);
        }
    }

    fn add_limb(&mut self, exponent: i32, limb: i128) {
        if limb != 0 {
            *self.limbs.entry(exponent).or_default() += limb;
        }
    }

    pub(super) fn nearest(&self) -> f64 {
        self.to_string().parse().unwrap_or(f64::NAN)
    }

    /// Interpolates: `one` for a `done` of 0, `other` for one of ten to the power of
    /// `digits`.
    pub(super) fn between(
        one: &DecimalSum,
        other: &DecimalSum,
        done: u64,
        digits: u32,
    ) -> DecimalSum {
        let (whole, done) = (10_i128.pow(digits), i128::from(done));
        let mut both = one.times(whole - done);
        both.add_sum(other.times(done));
        let mut between = DecimalSum::default();
        if let Some(number) = Decimal::parse(format!("{both}e-{digits}").as_bytes()) {
            between.add(&number);
        }
        between
    }

    /// `factor` is at most a power of ten that leaves room in a limb.
    fn times(&self, factor: i128) -> DecimalSum {
        let limbs = self.limbs.iter();
        DecimalSum {
            limbs: limbs
                .map(|(exponent, limb)| (*exponent, limb * factor))
                .collect(),
        }
    }

    /// Limbs of the sum times `sign` from the exponent `lowest` on, each at least 0 and
    /// below `BASE`; `None` if the sum is negative.
    fn carried(&self, lowest: i32, sign: i128) -> Option<Vec<i128>> {
        let highest = self
            .limbs
            .keys()
            .next_back()
            .map_or(0, |exponent| *exponent);
        let mut carried = Vec::new();
        let mut carry = 0;
        for exponent in lowest..=highest.max(0) {
            let limb = self.limbs.get(&exponent).map_or(0, |limb| limb * sign) + carry;
            carried.push(limb.rem_euclid(BASE));
            carry = limb.div_euclid(BASE);
        }
        while carry > 0 {
            carried.push(carry % BASE);
            carry /= BASE;
        }
        (carry == 0).then_some(carried)
    }
}

impl fmt::Display for DecimalSum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lowest = self
            .limbs
            .keys()
            .next()
            .map_or(0, |exponent| (*exponent).min(0));
        let (sign, limbs) = match self.carried(lowest, 1) {
            Some(limbs) => ("", limbs),
            None => ("-", self.carried(lowest, -1).unwrap_or_default()),
        };
        let (fraction, whole) = limbs.split_at(lowest.unsigned_abs() as usize);
        let text = |limbs: &[i128]| -> String {
            let limbs = limbs.iter().rev();
            limbs.map(|limb| format!("{limb:018}")).collect()
        };
        let (whole, fraction) = (text(whole), text(fraction));
        let whole = match whole.trim_start_matches('0') {
            "" => "0",
            whole => whole,
        };
        match fraction.trim_end_matches('0') {
            "" => write!(f, "{sign}{whole}"),
            fraction => write!(f, "{sign}{whole}.{fraction}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sum(texts: &[&str]) -> DecimalSum {
        let mut sum = DecimalSum::default();
        for text in texts {
            sum.add(&Decimal::parse(text.as_bytes()).unwrap());
        }
        sum
    }

    #[test]
    fn numbers_are_added_exactly() {
        for (texts, expected) in [
            (&[][..], "0"),
            (&["1", "2", "3"], "6"),
            (&["0.1", "0.2"], "0.3"),
            (&["-0.1", ".1", "-0"], "0"),
            (&["1.50", "2.50"], "4"),
            (&[" +7\r", "\t-9 "], "-2"),
            (&["1e3", "1E-3", "-1e+3"], "0.001"),
            (&["1e30", "1e-20", "-1e30"], "0.00000000000000000001"),
            (&["999999999999999999", "1"], "1000000000000000000"),
            (&["-999999999999999999", "-1"], "-1000000000000000000"),
            (
                &["-1e18", "1e-18"],
                "-999999999999999999.999999999999999999",
            ),
            (&["5.", "000", "00.5"], "5.5"),
            (
                &["170141183460469231731687303715884105728", "1"],
                "170141183460469231731687303715884105729",
            ),
        ] {
            assert_eq!(sum(texts).to_string(), expected, "{texts:?}");
        }
    }

    #[test]
    fn what_is_no_number_is_none() {
        for text in [
            "",
            " ",
            "-",
            ".",
            "+-1",
            "1e",
            "1e+",
            "e5",
            "1,5",
            "0x10",
            "1 2",
            "inf",
            "nan",
            "1e401",
            "1e99999999999",
            "--1",
            "1.2.3",
            "\u{661}",
        ] {
            assert_eq!(Decimal::parse(text.as_bytes()), None, "{text:?}");
        }
    }

    #[test]
    fn numbers_are_written_plainly() {
        for (text, expected) in [
            ("1e3", "1000"),
            ("-2.50", "-2.50"),
            (".5", "0.5"),
            ("+12", "12"),
            ("12.5e-3", "0.0125"),
        ] {
            let mut plain = Vec::new();
            Decimal::parse(text.as_bytes())
                .unwrap()
                .write_plain(&mut plain);
            assert_eq!(String::from_utf8(plain).unwrap(), expected);
        }
    }

    #[test]
    fn what_is_between_is_exact() {
        for (one, other, done, expected) in [
            ("1", "2", 0, "1"),
            ("1", "2", 50, "1.5"),
            ("-1.1", "1.1", 25, "-0.55"),
            (
                "999999999999999999999",
                "1000000000000000000000",
                10,
                "999999999999999999999.1",
            ),
        ] {
            let between = DecimalSum::between(&sum(&[one]), &sum(&[other]), done, 2);
            assert_eq!(between.to_string(), expected);
        }
    }

    proptest! {
        #[test]
        fn sums_are_those_of_whole_numbers(
            numbers in prop::collection::vec((any::<i64>(), 0_u32..15), 0..40),
            split in 0_usize..40,
        ) {
            let texts: Vec<String> = (numbers.iter())
                .map(|(number, scale)| format!("{number}e-{scale}"))
                .collect();
            let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
            let (one, other) = texts.split_at(split.min(texts.len()));
            let mut parts = sum(other);
            parts.add_sum(sum(one));
            let exact: i128 = (numbers.iter())
                .map(|(number, scale)| i128::from(*number) * 10_i128.pow(14 - *scale))
                .sum::<i128>();
            let expected = sum(&[&format!("{exact}e-14")]);
            prop_assert_eq!(parts.to_string(), expected.to_string());
            let digits = expected.to_string().replace(['.', '-'], "");
            let digits = digits.trim_start_matches('0');
            let naive = exact.unsigned_abs().to_string();
            prop_assert!(naive.trim_end_matches('0') == digits.trim_end_matches('0'));
        }
    }
}
