//! The job log, and running what an earlier run has left to do.

use std::path::PathBuf;

use clap::{Args, ValueHint};

#[derive(Debug, Clone, PartialEq, Default, Args)]
#[group(skip)]
#[command(next_help_heading = "Log")]
pub(crate) struct LogArgs {
    /// Write one line per job to FILE
    ///
    /// Nine columns separated by tabs, as GNU parallel writes them: Seq, Host, Starttime,
    /// JobRuntime, Send, Receive, Exitval, Signal, Command. The name - is standard output. With +
    /// before the name, lines are added to those that are there; without it, the log of an earlier
    /// run is replaced. A file that is no job log is left alone.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub joblog: Option<PathBuf>,

    /// Leave out the jobs that the job log has as done
    ///
    /// Needs --joblog, and adds to that file. Jobs are known by their commands, so inputs may be
    /// added, removed and put in another order. A job that failed is done; one that prun ended,
    /// because of --timeout, --halt or a signal, is not. Jobs with several values, as from -n, -L
    /// or -X, are compared whole: an input before them that is new changes them all. A log in
    /// which no command could be one of this run is refused. With --gnu, jobs are known by their
    /// numbers.
    #[arg(long)]
    pub resume: bool,

    /// Like --resume, but run failed jobs again
    #[arg(long)]
    pub resume_failed: bool,

    /// Run the job log's failed commands again
    ///
    /// Needs --joblog, and neither a command nor input: the commands come from the log, and keep
    /// their numbers. A shell runs them; those that begin with @ are built-ins.
    #[arg(long)]
    pub retry_failed: bool,
}
