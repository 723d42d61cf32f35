//! What prun says of the run and its jobs, beside their output.

use clap::Args;

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
    #[arg(long)]
    pub summary: bool,

    /// Do not list the failed jobs at the end
    #[arg(long)]
    pub quiet: bool,
}
