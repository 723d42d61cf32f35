//! A queue of jobs that several runs share.

use std::path::PathBuf;

use clap::{Args, ValueHint};

#[derive(Debug, Clone, PartialEq, Default, Args)]
#[group(skip)]
#[command(next_help_heading = "Jobs that share")]
pub(crate) struct QueueArgs {
    /// Run the jobs that wait in the queue FILE
    ///
    /// The queue is a file (an SQLite database) that several prun can use at once: some put jobs
    /// into it (--put), others take them. Each job is taken by one prun only. It is done when it
    /// has succeeded and its output was written; then its entry is removed. If the prun that runs
    /// it is killed, the job waits again, and others take it. A job that has failed stays in the
    /// queue as failed (--retry-failed). prun ends when nothing waits and its own jobs have ended,
    /// even if other prun still run some. Jobs are numbered in the order in which they are taken.
    ///
    /// A job that was put with a command runs that command. For the others, there is the command of
    /// this line, or, without one, their values are the command line. Jobs run in the directory in
    /// which they were put. The directory FILE-takers tells who is there. The queue has to be on a
    /// disk of this host.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub queue: Option<PathBuf>,

    /// Put the inputs into the queue instead of running them
    ///
    /// Each input becomes an entry, with the command (if there is one), --shell and the working
    /// directory. Exit status 0 says that all are in the queue and on the disk, so that not even a
    /// power failure loses them. Inputs from a pipe are put as they come.
    #[arg(long)]
    pub put: bool,

    /// Priority of what is put, 0 by default; higher goes first
    #[arg(long, value_name = "N", allow_hyphen_values = true)]
    pub priority: Option<i64>,

    /// Wait with --put while N entries are waiting
    #[arg(
        long,
        value_name = "N",
        allow_hyphen_values = true,
        value_parser = clap::value_parser!(u64).range(1..=i64::MAX as u64)
    )]
    pub queue_max: Option<u64>,

    /// Do not end when nothing is waiting in the queue
    ///
    /// prun sleeps until something is put into the queue. SIGHUP lets it end after the jobs that
    /// are running. If FILE does not exist, it is made.
    #[arg(long)]
    pub follow: bool,

    /// Print how many entries are waiting, running, done, failed
    #[arg(long)]
    pub queue_status: bool,

    /// Print --queue-status as a JSON object
    #[arg(long)]
    pub json: bool,
}

impl QueueArgs {
    /// Tells whether jobs come from a queue.
    pub(crate) fn is_taken(&self) -> bool {
        self.queue.is_some() && !self.put && !self.queue_status
    }
}
