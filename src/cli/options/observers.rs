//! What prun says of the run and its jobs, beside their output.

use clap::Args;

#[derive(Debug, Clone, PartialEq, Default, Args)]
#[group(skip)]
#[command(next_help_heading = "Output")]
pub(crate) struct ObserverArgs {
    /// Show how far the run is, on standard error
    ///
    /// On a terminal, the last lines show how many jobs are done and failed, the time left, and
    /// the values (or the --tagstring) of the jobs that have run longest; what jobs print goes
    /// above them. Elsewhere a line is printed every ten seconds. A line stays at the end:
    /// 60 jobs, 2 failed, 12.3 s. To know how many jobs there are, the input is read ahead, up
    /// to 256 MiB of it, which wait in a temporary file.
    #[arg(long, visible_aliases = ["bar", "eta"])]
    pub progress: bool,

    /// Print counts, times and memory at the end, on standard error
    ///
    /// How many jobs there were and failed, were retried, stopped or not started; how long the
    /// run took; the CPU time that all jobs have used; the mean and the longest run time of an
    /// attempt, and the largest memory of a process, with the jobs that had them. The kernel
    /// counts memory from what prun itself has when it starts the job. With --quiet, too; not
    /// with --dry-run.
    #[arg(long)]
    pub summary: bool,

    /// Do not list the failed jobs at the end
    #[arg(long)]
    pub quiet: bool,
}
