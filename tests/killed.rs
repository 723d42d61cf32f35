//! Runs that are ended at any moment, and gone on with by `--resume`: every job runs to its
//! end, its output is there, and nothing is left behind.
//!
//! The moments are drawn from a seed, which a failed test tells. The tests try a few, with
//! `PRUN_FAULTS=full` they try many more.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::time::Duration;

use crate::support::{Output, Test, can_inject, is_full, records, skip};

/// Number of values, and of lines of the input of blocks.
const VALUES: usize = 30;

/// Two of the jobs do not end by themselves the first time.
const JOB: &str = "case <> in (10|20) [ -e again ] || exec sleep 60;; esac; exec echo value <>";

/// Latest moment of a signal, in milliseconds: by then all jobs but two have ended.
const LATEST: u64 = 200;

/// A run that keeps a job log in `log`.
struct Interrupted {
    /// As a shell reads them.
    args: &'static str,
    /// Concatenation of what both runs have stored, beside what they printed.
    stored: fn(&Output) -> String,
    /// Its jobs read files that have a name, which a killed run cannot remove.
    has_named_files: bool,
}

fn nothing(_: &Output) -> String {
    String::new()
}

fn results(output: &Output) -> String {
    let jobs = fs::read_dir(output.path("results/1")).into_iter().flatten();
    let files = jobs.flatten().map(|job| job.path().join("stdout"));
    files
        .filter_map(|file| fs::read_to_string(file).ok())
        .collect()
}

fn lines(text: &str) -> BTreeSet<&str> {
    text.lines()
        .filter(|line| line.starts_with("value "))
        .collect()
}

fn read(output: &Output, name: impl AsRef<Path>) -> String {
    fs::read_to_string(output.path(name)).unwrap_or_default()
}

/// Number of each job that a log has as done.
fn done(output: &Output, log: &str) -> BTreeSet<String> {
    // Killed before it had written the first line.
    if read(output, log).is_empty() {
        return BTreeSet::new();
    }
    records(&output.path(log))
        .into_iter()
        .filter(|fields| fields[6..8] == ["0", "0"])
        .map(|fields| fields[0].clone())
        .collect()
}

impl Interrupted {
    /// Ends a run, as `ending` does with `$run`, a command line, and goes on with it.
    fn run(&self, ending: &str, is_killed: bool) -> Output {
        let values: String = (1..=VALUES).map(|n| format!("value {n}\n")).collect();
        let numbers: String = (1..=VALUES).map(|n| format!("{n}\n")).collect();
        let mut test = Test::new();
        if is_killed && self.has_named_files {
            test = test.leaves_temporary_files();
        }
        // Two runs, on a machine that may be busy with many others.
        test.limit(Duration::from_secs(30))
            .file("values", values)
            .file("numbers", numbers)
            .env("JOB", JOB)
            .line(format!(
                "set -m; run='prun $more --joblog log {}'
                 {ending}
                 cp log log.before; touch again; more=--resume
                 eval \"$run\" >out.after 2>err.after",
                self.args
            ))
            .stderr_any()
            .success()
    }

    fn check(&self, output: &Output, moment: &str) {
        let [before, after] = ["before", "after"].map(|run| {
            let err = read(output, format!("err.{run}"));
            let is_panic = err.contains("panicked") || err.contains("internal error");
            assert!(!is_panic, "{moment}: {err}");
            read(output, format!("out.{run}"))
        });
        let all = before.clone() + &after + &(self.stored)(output);
        let missing: Vec<usize> = (1..=VALUES)
            .filter(|n| !lines(&all).contains(format!("value {n}").as_str()))
            .collect();
        let err = read(output, "err.after");
        assert!(
            missing.is_empty(),
            "{moment}: no output of {missing:?}\n{err}"
        );
        let (first, both) = (done(output, "log.before"), done(output, "log"));
        assert!(first.is_subset(&both), "{moment}: {first:?}, {both:?}");
    }

    /// Kills, terminates and interrupts the run at moments drawn from the seed.
    #[track_caller]
    fn survives_signals(&self, seed: u64) {
        let rounds = if is_full() { 60 } else { 1 };
        let mut random = fastrand::Rng::with_seed(seed);
        for round in 0..rounds {
            for signal in ["KILL", "TERM", "INT"] {
                let moment = random.u64(..LATEST);
                let ending = format!(
                    "eval \"exec $run\" >out.before 2>err.before & sleep .{moment:03}
                     kill -{signal} $!; wait $!"
                );
                let output = self.run(&ending, signal == "KILL");
                let moment = format!("seed {seed}, round {round}: {signal} after {moment} ms");
                self.check(&output, &moment);
            }
        }
    }

    /// Kills the run at calls of its threads.
    #[track_caller]
    fn survives_kills_at_calls(&self, seed: u64) {
        if !can_inject() {
            skip!("strace is not installed or not permitted");
        }
        let mut random = fastrand::Rng::with_seed(seed);
        let places = if is_full() { 1..=60 } else { 1..=1 };
        for call in ["write", "openat", "clone3", "wait4", "unlinkat", "fcntl"] {
            for place in places.clone() {
                let place = if is_full() {
                    place
                } else {
                    random.usize(4..24)
                };
                let ending = format!(
                    "touch again
                     eval \"strace -f -qq -b execve -o trace -e trace={call} \
                     -e inject={call}:signal=KILL:when={place} $run\" \
                     >out.before 2>err.before"
                );
                let output = self.run(&ending, true);
                self.check(&output, &format!("KILL at {call} {place}"));
            }
        }
    }

    #[track_caller]
    fn survives(&self, seed: u64) {
        self.survives_signals(seed);
        self.survives_kills_at_calls(seed);
    }
}

const PRINTING: Interrupted = Interrupted {
    args: "-j4 \"$JOB\" :::: numbers",
    stored: nothing,
    has_named_files: false,
};

#[test]
fn output_of_whole_jobs() {
    PRINTING.survives(1);
}

#[test]
fn output_in_the_order_of_the_input() {
    let run = Interrupted {
        args: "-j4 -k \"$JOB\" :::: numbers",
        ..PRINTING
    };
    run.survives(2);
}

#[test]
fn output_line_by_line() {
    let run = Interrupted {
        args: "-j4 --lb --retries 2 \"$JOB\" :::: numbers",
        ..PRINTING
    };
    run.survives(3);
}

#[test]
fn results_in_files() {
    let run = Interrupted {
        args: "-j4 --results results \"$JOB\" :::: numbers",
        stored: results,
        ..PRINTING
    };
    run.survives(4);
}

#[test]
fn blocks_of_a_stream() {
    let run = Interrupted {
        args: "-j4 -k --pipe --block 50 cat <values",
        ..PRINTING
    };
    run.survives(5);
}

#[test]
fn blocks_in_files() {
    let run = Interrupted {
        args: "-j4 --pipe --cat --block 50 \"cat <<>\" <values",
        has_named_files: true,
        ..PRINTING
    };
    run.survives(6);
}
