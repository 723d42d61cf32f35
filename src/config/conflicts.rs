//! Options that cannot go together: one of them would silently do nothing, or each says
//! something else.

use super::conflict::{Conflict, LEAVE_EITHER, given};
use super::option_tests::*;
use super::queue_conflicts::{self, QUEUES};
use super::sharing_conflicts::{self, SHARING};
use super::worker_conflicts::{self, WORKERS};
use crate::builtin::CombinedResult;
use crate::cli::Cli;
use crate::error::{Error, Result};

const DEALT: &str = "cannot go together: both say which job gets what";
const UNSEEN: &str = "cannot go together: prun does not see ungrouped output";
const SAME_COUNT: &str = "both say how many values a job gets";

/// Refused without `--gnu`: GNU parallel takes these as they come.
const OWN: &[Conflict] = &[
    Conflict {
        options: &[PLAIN],
        others: &[CONFIG, PROFILE],
        problem: "cannot go together: one ignores files of options, the other names one",
        hint: LEAVE_EITHER,
    },
    Conflict {
        options: &[LEAK],
        others: &[UNGROUP],
        problem: UNSEEN,
        hint: LEAVE_EITHER,
    },
    Conflict {
        options: &[RESUME],
        others: &[RESUME_FAILED],
        problem: "cannot go together",
        hint: "--resume-failed alone runs what failed and what was not run",
    },
    Conflict {
        options: &[RESUME, RESUME_FAILED],
        others: &[RETRY_FAILED],
        problem: "cannot go together",
        hint: "--retry-failed runs the commands of the log; --resume-failed those of this command line",
    },
    Conflict {
        options: &[RETRY_FAILED],
        others: &[COMMAND_OR_INPUT],
        problem: "cannot go together: the log has the commands",
        hint: "leave them out, or use --resume-failed",
    },
    Conflict {
        options: &[MAX_ARGS],
        others: &[MAX_REPLACE_ARGS],
        problem: SAME_COUNT,
        hint: LEAVE_EITHER,
    },
    Conflict {
        options: &[MAX_LINES],
        others: &[CONTEXT_REPLACE, MANY, XARGS],
        problem: SAME_COUNT,
        hint: LEAVE_EITHER,
    },
    Conflict {
        options: &[CONTEXT_REPLACE],
        others: &[MANY, XARGS],
        problem: SAME_COUNT,
        hint: LEAVE_EITHER,
    },
    Conflict {
        options: &[MANY],
        others: &[XARGS],
        problem: SAME_COUNT,
        hint: LEAVE_EITHER,
    },
    Conflict {
        options: &[RESULTS],
        others: &[FILES0, FILES],
        problem: "cannot go together: both say where output is kept",
        hint: "leave out {other}: --results names the files",
    },
    Conflict {
        options: &[UNGROUP],
        others: &[RESULTS, FILES0, FILES],
        problem: UNSEEN,
        hint: "leave out --ungroup",
    },
    Conflict {
        options: &[LATEST_LINE],
        others: &[RESULTS, FILES0, FILES],
        problem: "cannot go together: one keeps the last line, the other all",
        hint: "leave out {other} or --latest-line",
    },
    Conflict {
        options: &[RESULTS_ON_STDOUT],
        others: &[JOBLOG_ON_STDOUT],
        problem: "cannot both write to standard output",
        hint: "give one of them the name of a file",
    },
    Conflict {
        options: &[EVENTS_ON_STDOUT],
        others: &[RESULTS_ON_STDOUT, JOBLOG_ON_STDOUT],
        problem: "cannot both write to standard output",
        hint: "give one of them the name of a file",
    },
    Conflict {
        options: &[LATEST_LINE],
        others: &[UNGROUP, LINE_BUFFER],
        problem: "cannot go together: one prints the last line, the other all",
        hint: "leave out {other} or --latest-line",
    },
    Conflict {
        options: &[UNGROUP],
        others: &[KEEP_ORDER, TAG, TAGSTRING, COLOR, CTAG, COLOR_FAILED],
        problem: UNSEEN,
        hint: "--line-buffer {other} prints each line as it comes",
    },
];

const ALWAYS: &[Conflict] = &[
    Conflict {
        options: &[LEAK_FAIL],
        others: &[OK_CODE_OF_LEAK],
        problem: "cannot go together: the log has 1 for a job that left a process",
        hint: LEAVE_EITHER,
    },
    Conflict {
        options: &[LINES_OF_VALUES],
        others: &[MAX_ARGS, MAX_REPLACE_ARGS],
        problem: SAME_COUNT,
        hint: LEAVE_EITHER,
    },
    Conflict {
        options: &[JSONL],
        others: &[CSV, TSV, COLSEP, HEADER, DELIMITER, NULL],
        problem: "cannot go together",
        hint: "each line is an object whose fields have names: prun --jsonl 'echo <name>'",
    },
    Conflict {
        options: &[TSV],
        others: &[CSV, COLSEP],
        problem: "cannot go together",
        hint: "--csv --colsep names another byte between columns: prun --csv --colsep ';'",
    },
    Conflict {
        options: &[CSV, TSV],
        others: &[DELIMITER, NULL],
        problem: "cannot go together",
        hint: "--colsep names the byte between columns: prun --csv --colsep ';'",
    },
    Conflict {
        options: &[PIPE, PIPEPART],
        others: &[CONTEXT_REPLACE, MANY, XARGS, MAX_CHARS, JSONL, SHUF],
        problem: "cannot go together: jobs read blocks instead of values",
        hint: "leave out {other}",
    },
    Conflict {
        options: &[PIPE, PIPEPART],
        others: &[RETRY_FAILED],
        problem: "cannot go together: the log has commands, and not what they have read",
        hint: "--resume-failed with the same input and the same command line runs what failed",
    },
    Conflict {
        options: &[PIPE, PIPEPART],
        others: &[TTY],
        problem: "cannot go together: both say what a job reads",
        hint: LEAVE_EITHER,
    },
    Conflict {
        options: &[TEE, SHARD, BIN],
        others: &[MEMSUSPEND],
        problem: "cannot go together: a job that is suspended would hold up the others",
        hint: "--memfree SIZE holds starts back, and suspends no job",
    },
    Conflict {
        options: &[ROUND_ROBIN, TEE, SHARD, BIN],
        others: &[RETRIES, RESUME, RESUME_FAILED],
        problem: "cannot go together: what a job has read cannot be read again",
        hint: LEAVE_EITHER,
    },
    Conflict {
        options: &[BLOCK_TIMEOUT],
        others: &[RESUME, RESUME_FAILED],
        problem: "cannot go together: the blocks differ from run to run",
        hint: LEAVE_EITHER,
    },
    Conflict {
        options: &[ROUND_ROBIN],
        others: &[TEE, SHARD, BIN],
        problem: DEALT,
        hint: LEAVE_EITHER,
    },
    Conflict {
        options: &[TEE],
        others: &[SHARD, BIN],
        problem: DEALT,
        hint: LEAVE_EITHER,
    },
    Conflict {
        options: &[SHARD],
        others: &[BIN],
        problem: DEALT,
        hint: LEAVE_EITHER,
    },
    Conflict {
        options: &[PIPEPART],
        others: &[BLOCK_TIMEOUT],
        problem: "cannot go together: a file does not keep anybody waiting",
        hint: LEAVE_EITHER,
    },
    Conflict {
        options: &[CAT, FIFO],
        others: &[SHOWS_PARTS],
        problem: "cannot go together: the file of a block is there only while its job runs",
        hint: "leave out -vv",
    },
    Conflict {
        options: &[CAT],
        others: &[FIFO],
        problem: "cannot go together",
        hint: LEAVE_EITHER,
    },
    Conflict {
        options: &[CAT, FIFO],
        others: &[ROUND_ROBIN, TEE, SHARD, BIN, VALUES],
        problem: "cannot go together: a file is for one block, whose name is the only value",
        hint: LEAVE_EITHER,
    },
    Conflict {
        options: &[GROUP_BY, SHARD, BIN],
        others: &[RECEND, RECSTART, MAX_LINES, DELIMITER, NULL],
        problem: "cannot go together: a column is one of a line, or of a record of CSV",
        hint: LEAVE_EITHER,
    },
    Conflict {
        options: &[GROUP_BY, SHARD, BIN],
        others: &[REMOVE_REC_SEP, REGEXP],
        problem: "cannot go together: a key is that of a whole line",
        hint: LEAVE_EITHER,
    },
    Conflict {
        options: &[CSV, TSV],
        others: &[RECEND, RECSTART],
        problem: "cannot go together: both say where records end",
        hint: LEAVE_EITHER,
    },
    Conflict {
        options: &[JOBLOG_SYNC],
        others: &[JOBLOG_DASH],
        problem: "cannot go together: standard output may be no file",
        hint: "give the job log the name of a file",
    },
    Conflict {
        options: &[PARSET],
        others: &[RESULTS, FILES, FILES0, JOBLOG_DASH, EVENTS_ON_STDOUT],
        problem: "cannot go together: output goes to variables",
        hint: "leave out {other}",
    },
];

/// Options that say something of blocks alone.
const OF_BLOCKS: &[OptionTest] = &[
    BLOCK,
    BLOCK_TIMEOUT,
    RECEND,
    RECSTART,
    REGEXP,
    REMOVE_REC_SEP,
];

/// Refused where all jobs together have one result, as with `@count`: the built-in is the
/// other part.
const COMBINED: &[Conflict] = &[
    Conflict {
        options: &[RETRY_FAILED, RESUME_FAILED, RESUME],
        others: &[],
        problem: "cannot go together: the result would lack the jobs that are left out",
        hint: "leave out {one}: all jobs run again",
    },
    Conflict {
        options: &[RESULTS_ON_STDOUT, FILES, FILES0],
        others: &[],
        problem: "cannot go together: standard output is for the one result of all jobs",
        hint: "leave out {one}",
    },
    Conflict {
        options: &[HALT_EARLY],
        others: &[],
        problem: "cannot go together: a run that was halted has no result",
        hint: "--halt now,fail=1 halts only where a job has failed",
    },
];

/// # Errors
/// The first conflict of the command line.
pub(super) fn check(cli: &Cli) -> Result<()> {
    let own = if cli.template.gnu { &[] } else { OWN };
    // GNU parallel ignores them.
    if !cli.template.gnu
        && !cli.blocks.are_made()
        && let Some(option) = given(OF_BLOCKS, cli)
    {
        let line = cli.typed_line.with_options(&["--pipe"]);
        return Err(Error::new(format!("{option} needs --pipe or --pipepart")).hint(line));
    }
    check_header(cli)?;
    check_retries(cli)?;
    sharing_conflicts::check_keys(cli)?;
    worker_conflicts::check(cli)?;
    queue_conflicts::check(cli)?;
    let sharing = SHARING.iter().chain(WORKERS).chain(QUEUES);
    let mut conflicts = own.iter().chain(ALWAYS).chain(sharing);
    conflicts.try_for_each(|conflict| conflict.check(cli))
}

/// # Errors
/// It is said how a job is tried again, and not that it is.
fn check_retries(cli: &Cli) -> Result<()> {
    match given(&[RETRY_ON, RETRY_DELAY], cli) {
        Some(option) if cli.failure.retries.is_none() => {
            let line = cli.typed_line.with_options(&["--retries", "3"]);
            Err(Error::new(format!("{option} needs --retries")).hint(line))
        }
        _ => Ok(()),
    }
}

/// # Errors
/// The header of values is said as that of blocks.
fn check_header(cli: &Cli) -> Result<()> {
    match cli.input.header.as_deref() {
        None | Some(":" | "0") => Ok(()),
        Some(_) if cli.blocks.are_made() => Ok(()),
        Some(header) => Err(Error::new(format!(
            "--header {header} is for --pipe: values have one line of names"
        ))
        .hint("--header : takes the names of columns from the first line")),
    }
}

/// # Errors
/// The result would lack jobs on purpose, or there would be something else where it goes.
pub(super) fn check_combined(cli: &Cli, combined: &CombinedResult) -> Result<()> {
    for conflict in COMBINED {
        if let Some(one) = given(conflict.options, cli) {
            return Err(conflict.error(one, combined.name()));
        }
    }
    Ok(())
}
