//! Conflicts of the options by which jobs share something.

use super::conflict::{Conflict, LEAVE_EITHER, given};
use crate::cli::Cli;
use crate::config::option_tests::*;
use crate::error::{Error, Result};

pub(super) const SHARING: &[Conflict] = &[
    Conflict {
        options: &[PIPE, PIPEPART],
        others: &[KEY],
        problem: "cannot go together: a key is made of values, and jobs read blocks",
        hint: LEAVE_EITHER,
    },
    Conflict {
        options: &[RETRY_FAILED],
        others: &[KEY],
        problem: "cannot go together: the log has commands, and not their values",
        hint: "--resume-failed with the same input and command line runs what failed",
    },
    Conflict {
        options: &[PLAN],
        others: &[COMMAND_OR_INPUT, RETRY_FAILED, WORKER, QUEUE],
        problem: "cannot go together: the plan has the jobs",
        hint: "leave out {other}",
    },
    Conflict {
        options: &[PLAN],
        others: &[
            PIPE,
            PIPEPART,
            MAX_ARGS,
            MAX_REPLACE_ARGS,
            MAX_LINES,
            MAX_CHARS,
            CONTEXT_REPLACE,
            MANY,
            XARGS,
            SHUF,
            LINK,
            CSV,
            TSV,
            JSONL,
            COLSEP,
            HEADER,
            DELIMITER,
            NULL,
            EOF_TEXT,
            TRIM,
            SKIP_BLANK,
            TOTAL_JOBS,
        ],
        problem: "cannot go together: a plan has no values",
        hint: "leave out {other}",
    },
    Conflict {
        options: &[PLAN],
        others: &[QUOTE, PLAIN_VALUES, STRICT, TOTAL, SHELLQUOTE, PARSET],
        problem: "cannot go together: each job of a plan has a command of its own",
        hint: "leave out {other}",
    },
    Conflict {
        options: &[PLAN],
        others: &[TTY],
        problem: "cannot go together: jobs of a plan run side by side, and there is one terminal",
        hint: "leave out --tty",
    },
    Conflict {
        options: &[PLAN],
        others: &[GNU],
        problem: "cannot go together: GNU parallel has no plans",
        hint: "leave out --gnu",
    },
];

/// # Errors
/// It is said how many jobs of a key may run, and not what their keys are.
pub(super) fn check_keys(cli: &Cli) -> Result<()> {
    match given(&[PER_KEY, KEY_RATE], cli) {
        // Jobs of a plan may have keys of their own.
        Some(option) if cli.sharing.key.is_none() && cli.sharing.plan.is_none() => {
            let line = cli.typed_line.with_options(&["--key", "<1>"]);
            Err(Error::new(format!("{option} needs --key")).hint(line))
        }
        _ => Ok(()),
    }
}
