//! What prun says of the run and its jobs, beside their output.

use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, ValueHint};

use crate::log::run_summary::SummaryForm;

#[derive(Debug, Clone, PartialEq, Default, Args)]
#[group(skip)]
#[command(next_help_heading = "Output")]
pub(crate) struct ObserverArgs {
    /// Show progress on standard error
    ///
    /// On a terminal, the last lines show the number of jobs that are done and failed, the
    /// estimated time left, and the values (or the --tagstring) of the jobs that have run longest.
    /// Output is printed above them. If standard error is not a terminal, a line is printed every
    /// ten seconds. A summary such as 60 jobs, 2 failed, 12.3 s is printed at the end. prun reads
    /// ahead to find out how many jobs there are. Up to 256 MiB of input are kept in a temporary
    /// file.
    #[arg(long, visible_aliases = ["bar", "eta"])]
    pub progress: bool,

    /// Print counts, times and memory use at the end of the run
    ///
    /// The summary on standard error says how many jobs there were and how many of them failed,
    /// were run again, were stopped or were not started. It also shows how long the run took, the
    /// CPU time of all jobs, the mean and the longest run time of an attempt, and the largest
    /// memory use of a process, with the jobs they belong to. The memory of a process includes that
    /// of prun itself at the time when it starts the job. The summary is printed even with --quiet,
    /// but not with --dry-run.
    ///
    /// With --summary=json, it is one line with a JSON object: total (number of all jobs; null if
    /// the input was not read to its end), done, failed, retried and stopped (numbers of jobs),
    /// elapsed (seconds), attempts (that have run), user and system (seconds of CPU time),
    /// mean_runtime, slowest (an object with seq, runtime and command), largest (one with seq,
    /// max_rss in bytes, and command). The last three are null if no job has run. Commands are
    /// written as with --events.
    #[arg(
        long,
        value_name = "FORM",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "text",
        value_parser = PossibleValuesParser::new(["text", "json"]).map(summary_form),
        hide_possible_values = true
    )]
    pub summary: Option<SummaryForm>,

    /// Write the run's events to FILE, one JSON object per line
    ///
    /// The name - means standard output, and /dev/fd/N a descriptor that prun was started with: a
    /// pipe, a file or a socket. A file is replaced if it has the events of an earlier run, unless
    /// + is before the name: then lines are appended. prun does not overwrite other files.
    ///
    /// Each object has the keys event and time (seconds since 1970), and further keys that depend
    /// on the event. All times are in seconds, all sizes in bytes, and what is unknown is null.
    /// Programs should ignore events and keys that they do not know: new ones do not change the
    /// version.
    ///
    /// run: the run starts: version (1), prun (its version), slots (jobs at once), total (number
    /// of all jobs).
    ///
    /// started: an attempt to run a job has begun: seq (number of the job), attempt (from 1), slot,
    /// host, command. A command with control bytes or bytes that are not UTF-8 is one word $'...'
    /// that a shell such as bash reads back.
    ///
    /// finished: it has ended: seq, attempt, slot, outcome, status (null if a signal ended it),
    /// signal (its number or null), start, runtime, user and system (CPU time), max_rss (memory of
    /// the largest process), stdout and stderr (bytes that it wrote; null with --ungroup), sent
    /// (bytes that it was given with --pipe). outcome is success, failure, signal, timeout,
    /// out_of_memory (--cgroup), stopped (by --halt, --timeout-total, --memfree, --limit, a signal),
    /// wanted_terminal, leaked, input_left, not_found, not_executable, refused or given_up; the
    /// last four have a reason.
    ///
    /// delivered: the output of a job was written, and its line of the job log: seq, attempt. Only
    /// then is the job done.
    ///
    /// retried: a failed attempt is to be followed by another one: seq, attempt (the failed one).
    /// requeued: a job that --memfree or --limit stopped will run again: seq, attempt. suspended,
    /// resumed: a job waits for memory, and goes on: seq. skipped: a job that was read will not
    /// run: seq. halted: --halt or --timeout-total ends the run.
    ///
    /// ended: all is over: elapsed, total, done, failed and stopped (numbers of jobs), complete
    /// (true if every job has run and all output was written), halted, signal (by which prun ends),
    /// error (message). Without this line prun was killed, or could not write it.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub events: Option<PathBuf>,

    /// Do not list the failed jobs at the end
    #[arg(long)]
    pub quiet: bool,
}

/// Called only with one of the possible values.
fn summary_form(name: String) -> SummaryForm {
    match name.as_str() {
        "json" => SummaryForm::Json,
        _ => SummaryForm::Text,
    }
}
