//! Memory that must be available when a job starts or while it runs: `--memfree`,
//! `--memsuspend`.

use std::fmt;
use std::str::FromStr;

use crate::error::{Error, Result};

/// Number of bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct MemorySize(pub u64);

/// Amount of available memory, by what it allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MemoryState {
    /// Enough for one more job.
    Enough,
    /// Enough for those that run.
    Short,
    /// Less than half of what is wanted: jobs have to end.
    Scarce,
}

/// The state of `available` memory if each start needs `wanted`.
pub(crate) fn judge(available: MemorySize, wanted: MemorySize) -> MemoryState {
    if available >= wanted {
        MemoryState::Enough
    } else if available.0 >= wanted.0 / 2 {
        MemoryState::Short
    } else {
        MemoryState::Scarce
    }
}

/// Jobs that may run at once by `--memsuspend`: all if twice as much as `wanted` is available,
/// one below `wanted`. Between these, as GNU parallel has it: two from 1 times `wanted` on, three
/// from 1.5, four from 1.67, and so on.
pub(crate) fn running_jobs(available: MemorySize, wanted: MemorySize) -> usize {
    let lacking = (wanted.0.saturating_mul(2)).saturating_sub(available.0);
    match wanted.0.checked_div(lacking) {
        Some(more) => usize::try_from(more).map_or(usize::MAX, |more| more.saturating_add(1)),
        None => usize::MAX,
    }
}

impl FromStr for MemorySize {
    type Err = Error;

    /// Reads a number, with one of `k m g t p` for powers of 1000 or `K M G T P` for powers of
    /// 1024.
    fn from_str(text: &str) -> Result<Self> {
        bytes(text).map(MemorySize).ok_or_else(|| {
            Error::new(format!("'{text}' is not an amount of memory")).hint(
                "2G is 2 GiB, and so with K, M, T, P (k, m, g, t, p and MB, GB count in thousands)",
            )
        })
    }
}

/// Reads a number of bytes, with `k m g t p` or `kB MB GB TB PB` for powers of 1000, `K M G T P` or
/// `KiB MiB GiB TiB PiB` for powers of 1024.
pub(crate) fn bytes(text: &str) -> Option<u64> {
    let end = text.find(|letter: char| letter.is_ascii_alphabetic());
    let (number, unit) = text.split_at(end.unwrap_or(text.len()));
    let is_plain = |byte: u8| byte.is_ascii_digit() || byte == b'.';
    let number: f64 = number
        .bytes()
        .all(is_plain)
        .then(|| number.parse().ok())??;
    let bytes = number * factor(unit)?;
    // Below 2^63, which no system has.
    (bytes < i64::MAX as f64).then_some(bytes as u64)
}

fn factor(unit: &str) -> Option<f64> {
    let Some(letter) = unit.chars().next() else {
        return Some(1.0);
    };
    let base: f64 = match unit.get(1..)?.to_ascii_lowercase().as_str() {
        "" if letter.eq_ignore_ascii_case(&'b') => return Some(1.0),
        "" if letter.is_ascii_uppercase() => 1024.0,
        "" | "b" => 1000.0,
        "ib" => 1024.0,
        _ => return None,
    };
    let power = "kmgtp".find(letter.to_ascii_lowercase())? as i32 + 1;
    Some(base.powi(power))
}

impl fmt::Display for MemorySize {
    /// Writes the largest unit of 1024s that leaves a number above 1.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut number = self.0 as f64;
        let mut units = ["", "K", "M", "G", "T", "P"].into_iter();
        let mut unit = units.next().unwrap_or_default();
        while number >= 1024.0 {
            let Some(next) = units.next() else { break };
            (number, unit) = (number / 1024.0, next);
        }
        let tenths = (number * 10.0).round() / 10.0;
        write!(f, "{tenths}{unit}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_powers_of_1000_or_1024() {
        for (text, bytes) in [
            ("0", 0),
            ("512", 512),
            ("1k", 1_000),
            ("1K", 1_024),
            ("1.5K", 1_536),
            ("2m", 2_000_000),
            ("2M", 2 << 20),
            ("3g", 3_000_000_000),
            ("3G", 3 << 30),
            ("1t", 1_000_000_000_000),
            ("1T", 1 << 40),
            ("1p", 1_000_000_000_000_000),
            ("1P", 1 << 50),
            ("7B", 7),
            ("1kB", 1_000),
            ("1KB", 1_000),
            ("2GB", 2_000_000_000),
            ("2GiB", 2 << 30),
            ("1kib", 1_024),
            ("0.5MiB", 1 << 19),
        ] {
            assert_eq!(text.parse(), Ok(MemorySize(bytes)), "{text}");
        }
        for text in [
            "", "G", "-1", "1e9", "1x", "1GBx", "1Gi", "1bb", "1ib", "1GB1", "1é", "inf", "99999P",
            "1 G",
        ] {
            assert!(text.parse::<MemorySize>().is_err(), "{text}");
        }
    }

    #[test]
    fn whole_numbers_with_any_unit_are_exact() {
        for number in (0..2000).chain([4095, 65_537, 1 << 20]) {
            for (power, letter) in (1..=3).zip(["k", "m", "g"]) {
                let large = letter.to_ascii_uppercase();
                let (decimal, binary) = (1000_u64.pow(power), 1024_u64.pow(power));
                for (unit, factor) in [
                    (letter.to_owned(), decimal),
                    (format!("{large}B"), decimal),
                    (large.clone(), binary),
                    (format!("{large}iB"), binary),
                ] {
                    let text = format!("{number}{unit}");
                    assert_eq!(bytes(&text), Some(number * factor), "{text}");
                }
            }
        }
    }

    #[test]
    fn amounts_are_shown_as_they_may_be_typed() {
        for (bytes, text) in [
            (0, "0"),
            (1023, "1023"),
            (1536, "1.5K"),
            (2 << 30, "2G"),
            (u64::MAX, "16384P"),
        ] {
            assert_eq!(MemorySize(bytes).to_string(), text);
        }
    }

    #[test]
    fn the_less_memory_the_fewer_jobs_run() {
        let running = |available| running_jobs(MemorySize(available), MemorySize(1200));
        for (available, jobs) in [
            (0, 1),
            (1199, 1),
            (1200, 2),
            (1799, 2),
            (1800, 3),
            (1999, 3),
            (2000, 4),
            (2399, 1201),
            (2400, usize::MAX),
        ] {
            assert_eq!(running(available), jobs, "{available}");
        }
        assert_eq!(running_jobs(MemorySize(0), MemorySize(0)), usize::MAX);
        assert_eq!(running_jobs(MemorySize(7), MemorySize(u64::MAX)), 2);
    }

    #[test]
    fn half_of_what_is_wanted_is_too_little_for_those_that_run() {
        let judge = |available| judge(MemorySize(available), MemorySize(1000));
        assert_eq!(judge(1000), MemoryState::Enough);
        assert_eq!(judge(999), MemoryState::Short);
        assert_eq!(judge(500), MemoryState::Short);
        assert_eq!(judge(499), MemoryState::Scarce);
    }
}
