//! Pressure of the system below which jobs may start: `--pressure`.

use std::str::FromStr;
use std::time::Duration;

use super::load;
use crate::error::{Error, Result};
use crate::os::clock::ClockReading;
use crate::os::pressure::{PressureResource, StallReading};

/// Least time between two readings.
const INTERVAL: Duration = Duration::from_secs(1);

/// Age from which a reading says too little of the last second.
const STALE: Duration = Duration::from_secs(3);

/// Limits of `--pressure`, at least one and at most one of each resource: percent of the time
/// for which some tasks may wait.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct PressureLimits(pub Vec<(PressureResource, f64)>);

impl FromStr for PressureLimits {
    type Err = Error;

    /// Reads `cpu=15,mem=5,io=20%`.
    fn from_str(text: &str) -> Result<Self> {
        let mut limits = Vec::new();
        for limit in text.split(',') {
            let Some((resource, percent)) = parse(limit) else {
                return Err(refused(&format!("'{limit}' is no limit of '--pressure'")));
            };
            if limits.iter().any(|(other, _)| *other == resource) {
                let name = resource.name();
                return Err(refused(&format!("--pressure has two limits of {name}")));
            }
            limits.push((resource, percent));
        }
        Ok(PressureLimits(limits))
    }
}

fn parse(limit: &str) -> Option<(PressureResource, f64)> {
    let (name, percent) = limit.split_once('=')?;
    let resource = match name {
        "cpu" => PressureResource::Cpu,
        "mem" | "memory" => PressureResource::Memory,
        "io" => PressureResource::Io,
        _ => return None,
    };
    let percent = percent.strip_suffix('%').unwrap_or(percent);
    let percent = load::number(percent)?;
    // The kernel counts microseconds of a second.
    (0.0001..=100.0)
        .contains(&percent)
        .then_some((resource, percent))
}

fn refused(message: &str) -> Error {
    Error::new(message)
        .hint("--pressure cpu=15,mem=5,io=20 gives the percent of the time that tasks may wait")
}

/// Measurement of the pressure of the last second, by two readings.
#[derive(Debug, Default)]
pub(crate) struct PressureMeter {
    /// Time of the last reading, and what the total was.
    last: Option<(ClockReading, Duration)>,
    percent: f64,
}

impl PressureMeter {
    /// Tells whether it is time for a reading.
    pub(crate) fn is_due(&self, now: ClockReading) -> bool {
        self.last.is_none_or(|(last, _)| now >= last + INTERVAL)
    }

    /// Takes a reading. If the kernel tells of pressure (`is_watched`), one that is long ago
    /// serves as well as another: had there been pressure since, it would not be the last.
    ///
    /// The kernel's own average of ten seconds lags. Of a control group with six busy loops on two
    /// CPUs, it was still 0 after two seconds and 29 after five, and took eleven seconds from their
    /// end to fall below 15; the total moved and stood still at once.
    pub(crate) fn take(&mut self, now: ClockReading, reading: StallReading, is_watched: bool) {
        self.percent = match self.last {
            Some((last, total)) if is_watched || now <= last + STALE => {
                let time = now.saturating_sub(last).max(Duration::from_millis(1));
                let stall = reading.total.saturating_sub(total);
                (stall.as_secs_f64() / time.as_secs_f64() * 100.0).min(100.0)
            }
            _ => reading.average,
        };
        self.last = Some((now, reading.total));
    }

    /// Takes note that the kernel tells of at least so much pressure, with the `total` of now.
    pub(crate) fn told(&mut self, now: ClockReading, percent: f64, total: Duration) {
        self.percent = percent;
        self.last = Some((now, total));
    }

    /// Percent of the time for which some tasks waited.
    pub(crate) fn percent(&self) -> f64 {
        self.percent
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_read() {
        use PressureResource::{Cpu, Io, Memory};
        for (text, limits) in [
            (
                "cpu=15,mem=5,io=20",
                vec![(Cpu, 15.0), (Memory, 5.0), (Io, 20.0)],
            ),
            ("memory=0.5%", vec![(Memory, 0.5)]),
            ("io=100,cpu=1", vec![(Io, 100.0), (Cpu, 1.0)]),
        ] {
            assert_eq!(text.parse(), Ok(PressureLimits(limits)), "{text}");
        }
        for text in [
            "",
            "cpu",
            "cpu=",
            "cpu=0",
            "cpu=101",
            "cpu=-1",
            "cpu=1e1",
            "gpu=1",
            "cpu=1,",
            "CPU=1",
            "cpu=nan",
            "cpu=1,cpu=2",
            "mem=1,memory=2",
            "cpu=%",
            "cpu= 1",
        ] {
            assert!(text.parse::<PressureLimits>().is_err(), "{text}");
        }
    }

    #[test]
    fn the_pressure_is_that_between_two_readings_and_the_average_before() {
        let milliseconds = Duration::from_millis;
        let reading = |total, average| StallReading {
            total: milliseconds(total),
            average,
        };
        let mut meter = PressureMeter::default();
        assert!(meter.is_due(milliseconds(0)));
        meter.take(milliseconds(0), reading(500, 12.5), false);
        assert!((meter.percent() - 12.5).abs() < 1e-9);
        assert!(!meter.is_due(milliseconds(999)));
        assert!(meter.is_due(milliseconds(1000)));
        for (at, total, is_watched, percent) in [
            (1000, 750, false, 25.0),
            (3000, 750, false, 0.0),
            (4000, 9999, false, 100.0),
            (7001, 9999, false, 77.0),
            (17_001, 10_999, true, 10.0),
            // The counter of another group.
            (18_001, 0, false, 0.0),
        ] {
            meter.take(milliseconds(at), reading(total, 77.0), is_watched);
            assert!((meter.percent() - percent).abs() < 1e-9, "{at}");
        }
        meter.told(milliseconds(18_500), 15.0, milliseconds(400));
        assert!((meter.percent() - 15.0).abs() < 1e-9);
        assert!(!meter.is_due(milliseconds(19_400)));
        meter.take(milliseconds(19_500), reading(500, 77.0), false);
        assert!((meter.percent() - 10.0).abs() < 1e-9);
    }
}
