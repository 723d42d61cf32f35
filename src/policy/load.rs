//! Load of the system below which a job may start: `--load`.

use std::str::FromStr;

use crate::error::{Error, Result};

/// Limit that stands for 0 and those below it: nearly idle.
const LEAST: f64 = 0.01;

/// Limit of the number of threads that run or wait for a disk.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum LoadThreshold {
    /// `8`, `1.5`
    Count(f64),
    /// `+2`, `-1`: added to the number of CPUs.
    Beside(f64),
    /// `100%` of the CPUs.
    Percent(f64),
}

impl LoadThreshold {
    /// The limit on a system of so many CPUs.
    pub(crate) fn limit(self, cpus: usize) -> f64 {
        let cpus = cpus as f64;
        let limit = match self {
            LoadThreshold::Count(count) => count,
            LoadThreshold::Beside(count) => cpus + count,
            LoadThreshold::Percent(percent) => cpus * percent / 100.0,
        };
        limit.max(LEAST)
    }
}

impl FromStr for LoadThreshold {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let load = if let Some(percent) = text.strip_suffix('%') {
            number(percent).map(LoadThreshold::Percent)
        } else if let Some(count) = text.strip_prefix('+') {
            number(count).map(LoadThreshold::Beside)
        } else if let Some(count) = text.strip_prefix('-') {
            number(count).map(|count| LoadThreshold::Beside(-count))
        } else {
            number(text).map(LoadThreshold::Count)
        };
        load.ok_or_else(|| {
            Error::new(format!("'{text}' is no value of '--load'")).hint(
                "write a number (--load 8), more or fewer than the CPUs (--load +1) or a share of them (--load 100%)",
            )
        })
    }
}

/// Reads digits and at most one point, while Rust would take `inf` and `1e9`.
pub(crate) fn number(text: &str) -> Option<f64> {
    let is_plain = |byte: u8| byte.is_ascii_digit() || byte == b'.';
    text.bytes().all(is_plain).then(|| text.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_counts_from_the_cpus() {
        for (text, limit) in [
            ("8", 8.0),
            ("1.5", 1.5),
            ("+1", 5.0),
            ("-1", 3.0),
            ("100%", 4.0),
            ("12.5%", 0.5),
            ("0", LEAST),
            ("0%", LEAST),
            ("-9", LEAST),
        ] {
            let load: LoadThreshold = text.parse().unwrap();
            assert!((load.limit(4) - limit).abs() < 1e-9, "{text}");
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for text in ["", "x", "%", "+", "-", "1e3", "inf", "+-1", "1.2.3", "5 %"] {
            assert!(text.parse::<LoadThreshold>().is_err(), "{text}");
        }
    }
}
