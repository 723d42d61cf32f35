//! Time limit of a job: `--timeout`.

use std::collections::VecDeque;
use std::str::FromStr;
use std::time::Duration;

use super::duration;
use crate::error::{Error, Result};

/// Number of run times that the median is made of: memory does not grow with the run, and the
/// median follows jobs that become longer.
const REMEMBERED: usize = 999;

/// Time limit of a job.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum TimeLimit {
    /// `--timeout TIME`
    After(Duration),
    /// `--timeout N%`: percent of the median run time of the jobs that have succeeded.
    Percent(f64),
}

impl FromStr for TimeLimit {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let Some(percent) = text.strip_suffix('%') else {
            return duration::parse(text).map(TimeLimit::After);
        };
        let is_plain = |byte: u8| byte.is_ascii_digit() || byte == b'.';
        let number = percent.bytes().all(is_plain).then(|| percent.parse().ok());
        match number.flatten() {
            Some(percent) if percent > 0.0 && percent < 1e9 => Ok(TimeLimit::Percent(percent)),
            _ => Err(
                Error::new(format!("'{text}' is not a share of the median run time"))
                    .hint("--timeout 300% stops a job that takes three times as long as others"),
            ),
        }
    }
}

/// Median of the last run times.
#[derive(Debug, Default)]
pub(crate) struct MedianRunTime {
    /// Run times in the order of the jobs' ends.
    recent: VecDeque<Duration>,
    sorted: Vec<Duration>,
}

impl MedianRunTime {
    pub(crate) fn add(&mut self, time: Duration) {
        if self.recent.len() == REMEMBERED
            && let Some(oldest) = self.recent.pop_front()
            && let Ok(index) = self.sorted.binary_search(&oldest)
        {
            self.sorted.remove(index);
        }
        let index = self.sorted.partition_point(|other| *other < time);
        self.sorted.insert(index, time);
        self.recent.push_back(time);
    }

    /// So many percent of the median; none before the first run time.
    pub(crate) fn percent(&self, percent: f64) -> Option<Duration> {
        let median = self.sorted.get(self.sorted.len() / 2)?;
        Duration::try_from_secs_f64(median.as_secs_f64() * percent / 100.0).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_or_a_share_is_read() {
        let seconds = Duration::from_secs_f64;
        assert_eq!("1.5".parse(), Ok(TimeLimit::After(seconds(1.5))));
        assert_eq!("150%".parse(), Ok(TimeLimit::Percent(150.0)));
        assert_eq!("12.5%".parse(), Ok(TimeLimit::Percent(12.5)));
        for text in ["%", "0%", "-5%", "x%", "1e3%", "5%%", "", "5x"] {
            assert!(text.parse::<TimeLimit>().is_err(), "{text}");
        }
    }

    #[test]
    fn the_median_is_that_of_the_last_run_times() {
        let second = Duration::from_secs;
        let mut median = MedianRunTime::default();
        assert_eq!(median.percent(100.0), None);
        for time in [9, 1, 5] {
            median.add(second(time));
        }
        assert_eq!(median.percent(100.0), Some(second(5)));
        assert_eq!(median.percent(150.0), Some(Duration::from_millis(7500)));
        for _ in 0..REMEMBERED {
            median.add(second(100));
        }
        assert_eq!(median.sorted, vec![second(100); REMEMBERED]);
        assert_eq!(median.percent(100.0), Some(second(100)));
    }
}
