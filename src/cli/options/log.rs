//! The job log, and running what an earlier run has left to do.

use std::path::PathBuf;

use clap::{Args, ValueHint};

use crate::policy::record_sync::RecordSync;

#[derive(Debug, Clone, PartialEq, Default, Args)]
#[group(skip)]
#[command(next_help_heading = "Log")]
pub(crate) struct LogArgs {
    /// Write a log to FILE, with one line per job
    ///
    /// A line has nine columns, separated by tabs, as in GNU parallel: Seq, Host, Starttime,
    /// JobRuntime, Send, Receive, Exitval, Signal, Command. The name - means standard output. The
    /// log of an earlier run is replaced, unless + is before the name: then lines are appended.
    /// prun does not overwrite a file that is not a job log.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub joblog: Option<PathBuf>,

    /// When the job log is on the disk: each, TIME, end or never
    ///
    /// What prun has written survives the end of prun, whatever that is. It survives a power
    /// failure as soon as the disk has it: with each, before a line counts as written; with a time
    /// such as 1s, at most that long after it was written; with end, the default, when prun ends;
    /// with never, when the system writes it. If the disk cannot take the log, prun starts no more
    /// jobs and exits with status 255. A pipe or a device is written to and nothing more.
    #[arg(long, value_name = "WHEN")]
    pub joblog_sync: Option<RecordSync>,

    /// Skip the jobs that are done according to the job log
    ///
    /// This needs --joblog, and new lines are appended to that file. Jobs are identified by their
    /// commands, so that you can add, remove or reorder inputs. A job that failed counts as done. A
    /// job that prun stopped because of --timeout, --halt or a signal is not. If jobs have several
    /// values, as with -n, -L or -X, their whole commands are compared: a new input changes the
    /// commands of all jobs after it. A log is refused if none of its commands could belong to this
    /// run. With --gnu, jobs are identified by their numbers.
    #[arg(long)]
    pub resume: bool,

    /// Like --resume, but run failed jobs again
    #[arg(long)]
    pub resume_failed: bool,

    /// Run the failed commands in the job log again
    ///
    /// This needs --joblog, and neither a command nor input: prun takes the commands from the log
    /// and keeps their job numbers. A shell runs the commands. Those that begin with @ are
    /// built-ins.
    #[arg(long)]
    pub retry_failed: bool,
}
