//! Progress of a run as one line of text.

use std::time::Duration;

use console::measure_text_width;
use serde_json::Value;

use crate::tally::Tally;

/// Widths of the graph that shows the share of jobs that are done: the first that fits.
const GRAPHS: [usize; 2] = [20, 10];

/// The counts and times of a run at some moment.
#[derive(Debug, Clone, Copy)]
pub(super) struct RunCounts {
    pub tally: Tally,
    /// Time since the start, without pauses.
    pub elapsed: Duration,
    /// Jobs per second, lately; none before the first one has ended.
    pub rate: Option<f64>,
}

impl RunCounts {
    /// The line without regard to its length.
    pub(super) fn line(&self) -> String {
        self.pieces().join(", ")
    }

    /// The line in so many columns, with a graph before it if there is room. A number is
    /// left out rather than cut: half of it is another number.
    pub(super) fn fit(&self, columns: usize) -> String {
        let pieces = self.pieces();
        for length in (1..=pieces.len()).rev() {
            let text = pieces[..length].join(", ");
            let width = measure_text_width(&text);
            if width <= columns {
                let graphs = GRAPHS.iter().filter(|_| length == pieces.len());
                let graph = graphs.filter_map(|&graph| self.graph(graph));
                let mut graph = graph.filter(|graph| width + graph.len() < columns);
                return match graph.next() {
                    Some(graph) => format!("{graph} {text}"),
                    None => text,
                };
            }
        }
        let short = [Some(self.done()), self.percent()];
        let mut short = short.into_iter().flatten();
        short.find(|text| text.len() <= columns).unwrap_or_default()
    }

    /// The line that stays when the run is over: `60 jobs, 2 failed, 12.3 s`.
    pub(super) fn closing(&self) -> String {
        let parts = [
            (self.tally.failed, "failed"),
            (self.tally.stopped, "stopped"),
            (self.tally.skipped, "skipped"),
        ];
        let text = counted(self.tally.over(), &parts);
        format!("{text}, {}", time_in_tenths(self.elapsed))
    }

    /// Parts of the line, the most important first.
    fn pieces(&self) -> Vec<String> {
        let Tally {
            failed, skipped, ..
        } = self.tally;
        let done = self.ended();
        let mut pieces = vec![match self.percent() {
            Some(percent) => format!("{} {percent}", self.done()),
            None if self.tally.total.is_some() => self.done(),
            None => format!("{done} done"),
        }];
        if failed > 0 {
            pieces.push(format!("{failed} failed"));
        }
        if skipped > 0 {
            pieces.push(format!("{skipped} skipped"));
        }
        if let (Some(rate), Some(total)) = (self.rate, self.total())
            && total > done
        {
            let left = Duration::try_from_secs_f64((total - done) as f64 / rate);
            let left = short_time(left.unwrap_or(Duration::MAX));
            pieces.push(format!("{left} left"));
        }
        pieces.push(format!("{} elapsed", short_time(self.elapsed)));
        pieces.extend(self.rate.map(per_time));
        pieces
    }

    /// Number of jobs that are over, but for those that prun has stopped.
    fn ended(&self) -> u64 {
        self.tally.done + self.tally.skipped
    }

    /// Number of all jobs. `--total-jobs` may have promised too few.
    fn total(&self) -> Option<u64> {
        self.tally.total.map(|total| total.max(self.ended()))
    }

    fn done(&self) -> String {
        match self.total() {
            Some(total) => format!("{}/{total}", self.ended()),
            None => self.ended().to_string(),
        }
    }

    fn percent(&self) -> Option<String> {
        let total = self.total().filter(|&total| total > 0)?;
        let percent = u128::from(self.ended()) * 100 / u128::from(total);
        Some(format!("{percent}%"))
    }

    fn graph(&self, width: usize) -> Option<String> {
        let total = self.total().filter(|&total| total > 0)?;
        let filled = u128::from(self.ended()) * width as u128 / u128::from(total);
        let filled = filled as usize;
        let tip = if filled < width { ">" } else { "" };
        let rest = width - filled - tip.len();
        Some(format!("[{}{tip}{}]", "=".repeat(filled), " ".repeat(rest)))
    }
}

/// An object with the number of jobs that were skipped, if there are any.
pub(super) fn with_skipped(mut object: Value, tally: &Tally) -> Value {
    if tally.skipped > 0 {
        object["skipped"] = tally.skipped.into();
    }
    object
}

/// A number of jobs, and those parts of it that are not 0: `60 jobs, 2 failed`.
pub(super) fn counted(jobs: u64, parts: &[(u64, &str)]) -> String {
    let noun = if jobs == 1 { "job" } else { "jobs" };
    format!("{jobs} {noun}{}", listed(parts))
}

/// Jobs that did not run to their end, as more parts of a count: `, 2 stopped`.
pub(super) fn unfinished(tally: &Tally) -> String {
    // `--total-jobs` may have promised too few.
    let unstarted = tally
        .total
        .map_or(0, |total| total.saturating_sub(tally.over()));
    let mut text = listed(&[
        (tally.stopped, "stopped"),
        (tally.skipped, "skipped"),
        (unstarted, "not started"),
    ]);
    if tally.total.is_none() {
        text.push_str(", rest of the input not read");
    }
    text
}

fn listed(parts: &[(u64, &str)]) -> String {
    let parts = parts.iter().filter(|(count, _)| *count > 0);
    parts
        .map(|(count, what)| format!(", {count} {what}"))
        .collect()
}

fn per_time(rate: f64) -> String {
    match rate {
        rate if rate >= 10.0 => format!("{rate:.0}/s"),
        rate if rate >= 1.0 => format!("{rate:.1}/s"),
        rate if rate * 60.0 >= 1.0 => format!("{:.1}/min", rate * 60.0),
        rate => format!("{:.1}/h", rate * 3600.0),
    }
}

/// A time as people read it: `1.2 ms`, `340 ms`, `12.3 s`, `2m05s`.
pub(super) fn precise_time(time: Duration) -> String {
    let milliseconds = time.as_secs_f64() * 1000.0;
    match milliseconds {
        ..9.95 => format!("{milliseconds:.1} ms"),
        ..999.5 => format!("{milliseconds:.0} ms"),
        _ => time_in_tenths(time),
    }
}

/// A time in tenths of a second, from one minute on in seconds.
fn time_in_tenths(time: Duration) -> String {
    if time < Duration::from_millis(59_950) {
        return format!("{:.1} s", time.as_secs_f64());
    }
    short_time(time.saturating_add(Duration::from_millis(500)))
}

/// A time in at most six characters.
pub(super) fn short_time(time: Duration) -> String {
    let seconds = time.as_secs();
    match seconds {
        0..=59 => format!("{seconds}s"),
        60..=3599 => format!("{}m{:02}s", seconds / 60, seconds % 60),
        3600..=359_999 => format!("{}h{:02}m", seconds / 3600, seconds / 60 % 60),
        _ => format!("{}d", (seconds / 86_400).min(99_999)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn counts(done: u64, failed: u64, total: Option<u64>) -> RunCounts {
        RunCounts {
            tally: Tally {
                total,
                done,
                failed,
                stopped: 0,
                ..Tally::default()
            },
            elapsed: Duration::from_millis(12_345),
            rate: (done > 0).then_some(4.0),
        }
    }

    #[test]
    fn what_is_known_is_told() {
        for (counts, line) in [
            (counts(0, 0, None), "0 done, 12s elapsed"),
            (counts(0, 0, Some(0)), "0/0, 12s elapsed"),
            (counts(0, 0, Some(60)), "0/60 0%, 12s elapsed"),
            (counts(12, 0, None), "12 done, 12s elapsed, 4.0/s"),
            (
                counts(12, 2, Some(60)),
                "12/60 20%, 2 failed, 12s left, 12s elapsed, 4.0/s",
            ),
            (counts(60, 0, Some(60)), "60/60 100%, 12s elapsed, 4.0/s"),
            (
                counts(599, 0, Some(600)),
                "599/600 99%, 0s left, 12s elapsed, 4.0/s",
            ),
            (counts(5, 0, Some(3)), "5/5 100%, 12s elapsed, 4.0/s"),
        ] {
            assert_eq!(counts.line(), line);
        }
    }

    #[test]
    fn numbers_are_left_out_and_not_cut() {
        let counts = counts(12, 2, Some(60));
        let all = "12/60 20%, 2 failed, 12s left, 12s elapsed, 4.0/s";
        for (columns, line) in [
            (79, format!("[====>               ] {all}")),
            (72, format!("[====>               ] {all}")),
            (71, format!("[==>       ] {all}")),
            (61, all.to_owned()),
            (49, all.to_owned()),
            (48, "12/60 20%, 2 failed, 12s left, 12s elapsed".to_owned()),
            (20, "12/60 20%, 2 failed".to_owned()),
            (18, "12/60 20%".to_owned()),
            (8, "12/60".to_owned()),
            (4, "20%".to_owned()),
            (2, String::new()),
            (1, String::new()),
            (0, String::new()),
        ] {
            assert_eq!(counts.fit(columns), line, "{columns}");
        }
    }

    #[test]
    fn the_graph_is_full_at_the_end_only() {
        for (done, graph) in [
            (0, "[>         ]"),
            (1, "[=>        ]"),
            (9, "[=========>]"),
            (10, "[==========]"),
        ] {
            assert_eq!(counts(done, 0, Some(10)).graph(10).unwrap(), graph);
        }
        assert_eq!(counts(3, 0, None).graph(10), None);
    }

    #[test]
    fn times_have_digits_that_count() {
        for (micros, text) in [
            (0, "0.0 ms"),
            (1_240, "1.2 ms"),
            (9_950, "10 ms"),
            (999_499, "999 ms"),
            (999_500, "1.0 s"),
            (59_940_000, "59.9 s"),
            (59_949_999, "59.9 s"),
            (59_950_000, "1m00s"),
            (89_499_999, "1m29s"),
            (89_500_000, "1m30s"),
            (60_000_000, "1m00s"),
            (125_000_000, "2m05s"),
        ] {
            assert_eq!(precise_time(Duration::from_micros(micros)), text);
        }
    }

    #[test]
    fn the_last_line_counts_all_that_ran() {
        assert_eq!(
            counts(60, 2, Some(60)).closing(),
            "60 jobs, 2 failed, 12.3 s"
        );
        let mut one = counts(1, 0, None);
        assert_eq!(one.closing(), "1 job, 12.3 s");
        one.tally.stopped = 2;
        one.elapsed = Duration::from_secs(125);
        assert_eq!(one.closing(), "3 jobs, 2 stopped, 2m05s");
        one.elapsed = Duration::from_millis(59_999);
        assert_eq!(one.closing(), "3 jobs, 2 stopped, 1m00s");
    }

    proptest! {
        #[test]
        fn the_line_fits(
            (done, failed, total) in (0u64..1 << 40, 0u64..100, prop::option::of(0u64..1 << 40)),
            columns in 0usize..100,
        ) {
            prop_assert!(counts(done, failed, total).fit(columns).len() <= columns);
        }
    }
}
