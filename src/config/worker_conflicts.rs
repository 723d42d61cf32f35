//! Options that cannot go together with `--worker`.

use super::conflict::{Conflict, LEAVE_EITHER, given};
use super::option_tests::*;
use crate::cli::Cli;
use crate::error::{Error, Result};

/// Refused in any dialect.
pub(super) const WORKERS: &[Conflict] = &[
    Conflict {
        options: &[WORKER],
        others: &[PIPE, PIPEPART],
        problem: "cannot go together: both say what a process reads",
        hint: "leave out --worker: {other} gives each job a block",
    },
    Conflict {
        options: &[WORKER],
        others: &[TTY, UNGROUP],
        problem: "cannot go together: prun reads the answers, and tells them apart",
        hint: LEAVE_EITHER,
    },
    Conflict {
        options: &[WORKER],
        others: &[CGROUP, JOB_MEM, JOB_CPUS, JOB_PIDS],
        problem: "cannot go together: jobs share a process, and so its control group",
        hint: LEAVE_EITHER,
    },
    Conflict {
        options: &[WORKER],
        others: &[CONTEXT_REPLACE, MANY, XARGS, MAX_CHARS],
        problem: "cannot go together: messages are no command lines to be filled",
        hint: "-n 100 sends a hundred values at once",
    },
    Conflict {
        options: &[WORKER],
        others: &[LEAK],
        problem: "cannot go together: a worker lives on by itself",
        hint: LEAVE_EITHER,
    },
    Conflict {
        options: &[WORKER],
        others: &[OK_CODES],
        problem: "cannot go together: a job has succeeded when it is answered, and has no status",
        hint: LEAVE_EITHER,
    },
    Conflict {
        options: &[WORKER],
        others: &[TOTAL],
        problem: "cannot go together: the sum is made of the output of commands that end",
        hint: "prun --worker ... | awk '{ sum += $1 } END { print sum }'",
    },
    Conflict {
        options: &[WORKER],
        others: &[RETRY_FAILED],
        problem: "cannot go together: the log has commands of their own",
        hint: "leave out --worker, or use --resume-failed",
    },
    Conflict {
        options: &[WORKER_END],
        others: &[NULL],
        problem: "cannot go together: both say where an answer ends",
        hint: "for input alone, there is -d '\\0'",
    },
];

/// # Errors
/// It is said what is sent to a worker, and not that there is one.
pub(super) fn check(cli: &Cli) -> Result<()> {
    match given(&[WORKER_SEND, WORKER_END, WORKER_JOBS], cli) {
        Some(option) if !cli.sharing.worker => {
            let line = cli.typed_line.with_options(&["--worker"]);
            Err(Error::new(format!("{option} needs --worker")).hint(line))
        }
        _ => Ok(()),
    }
}
