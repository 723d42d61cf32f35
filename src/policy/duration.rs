//! Lengths of time as people type them: `90`, `1.5s`, `2m`, `1d3.5h16.6m4s`.

use std::time::Duration;

use crate::error::{Error, Result};

/// Limit of a hundred years. More is a slip of the finger, and would overflow a deadline.
const LONGEST: Duration = Duration::from_secs(100 * 366 * DAY);

const MILLISECOND: u128 = 1_000_000;

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

const NANOS_PER_SECOND: u128 = 1_000_000_000;

/// Number of digits that cannot overflow the arithmetic below, whatever their unit.
const MOST_DIGITS: usize = 18;

/// Reads seconds, or a sum of numbers with the units `ms s m h d`, or longer names of these.
///
/// # Errors
/// Anything else, and more than a hundred years.
pub(crate) fn parse(text: &str) -> Result<Duration> {
    sum(text).ok_or_else(|| {
        Error::new(format!("'{text}' is not a length of time"))
            .hint("write seconds (90, 1.5) or a sum with units (500ms, 2m, 1h30m, 1d)")
    })
}

fn sum(text: &str) -> Option<Duration> {
    let mut rest = text;
    let mut nanos = 0;
    while !rest.is_empty() || rest.len() == text.len() {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.');
        let (number, after) = rest.split_at(end.unwrap_or(rest.len()));
        let (unit, after) = unit(after)?;
        nanos += nanos_in(number, unit)?;
        rest = after;
    }
    let seconds = u64::try_from(nanos / NANOS_PER_SECOND).ok()?;
    let below = u32::try_from(nanos % NANOS_PER_SECOND).ok()?;
    let duration = Duration::new(seconds, below);
    (duration <= LONGEST).then_some(duration)
}

/// The nanoseconds in the unit that `text` begins with, and what follows it. A number
/// without a unit is seconds.
fn unit(text: &str) -> Option<(u128, &str)> {
    let end = text.find(|c: char| !c.is_ascii_alphabetic());
    let (name, after) = text.split_at(end.unwrap_or(text.len()));
    let seconds = match name.to_ascii_lowercase().as_str() {
        "ms" | "msec" | "msecs" => return Some((MILLISECOND, after)),
        "" if !text.is_empty() => return None,
        "" | "s" | "sec" | "secs" | "second" | "seconds" => 1,
        "m" | "min" | "mins" | "minute" | "minutes" => MINUTE,
        "h" | "hr" | "hrs" | "hour" | "hours" => HOUR,
        "d" | "day" | "days" => DAY,
        _ => return None,
    };
    Some((u128::from(seconds) * NANOS_PER_SECOND, after))
}

/// A decimal number of units, exactly: `16.6` minutes are 996 seconds and not
/// whatever a binary fraction makes of them.
fn nanos_in(number: &str, unit: u128) -> Option<u128> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let digits = format!("{whole}{fraction}");
    if digits.len() > MOST_DIGITS {
        return None;
    }
    // Refuses no digits at all and a second point.
    let value: u128 = digits.parse().ok()?;
    let scale = 10_u128.pow(u32::try_from(fraction.len()).ok()?);
    Some(value * unit / scale)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_sums_are_lengths_of_time() {
        for (text, millis) in [
            ("0", 0),
            ("1", 1_000),
            ("1.5", 1_500),
            (".25", 250),
            ("2.", 2_000),
            ("10s", 10_000),
            ("2m", 120_000),
            ("3h", 10_800_000),
            ("1d", 86_400_000),
            ("1H", 3_600_000),
            ("1m30", 90_000),
            ("500ms", 500),
            ("1s500MS", 1_500),
            ("5min", 300_000),
            ("2hours30mins", 9_000_000),
            ("1h30m", 5_400_000),
            ("16.6m", 996_000),
            ("1d3.5h16.6m4s", 100_000_000),
        ] {
            assert_eq!(parse(text), Ok(Duration::from_millis(millis)), "{text}");
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for text in [
            "",
            "s",
            "-1",
            "+1",
            "1e3",
            "1.2.3",
            " 5",
            "5 ",
            "5x",
            "1us",
            "1mon",
            "ms",
            "50%",
            ".",
            "1é",
            "999999999999999999d",
            "9999999999999999999",
            "101000d",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
    #[test]
    fn sums_in_any_units_are_exact() {
        let units = [("ms", 1), ("s", 1_000), ("min", 60_000), ("h", 3_600_000)];
        for number in [0, 1, 7, 59, 61, 999, 1_001] {
            for (one, first) in units {
                for (other, second) in units {
                    let text = format!("{number}{one}3{other}");
                    let expected = Duration::from_millis(number * first + 3 * second);
                    assert_eq!(parse(&text), Ok(expected), "{text}");
                }
            }
        }
    }
}
