//! Options that cannot go together: one of them would silently do nothing, or each says
//! something else.

use std::path::Path;

use crate::builtin::CombinedResult;
use crate::cli::Cli;
use crate::error::{Error, Result};
use crate::policy::halt::{HaltReason, HaltRule};

/// The name of an option in messages, and whether it is given.
type OptionTest = (&'static str, fn(&Cli) -> bool);

/// Any of `options` beside any of `others`: of each, the first that is given is named.
struct Conflict {
    options: &'static [OptionTest],
    others: &'static [OptionTest],
    /// Follows `ONE and OTHER` in the message.
    problem: &'static str,
    /// `{one}` and `{other}` stand for the names.
    hint: &'static str,
}

const CONFIG: OptionTest = ("--config", |cli| !cli.preset.config.is_empty());
const PROFILE: OptionTest = ("--profile", |cli| !cli.preset.profile.is_empty());
const PLAIN: OptionTest = ("--plain", |cli| cli.preset.plain);
const CSV: OptionTest = ("--csv", |cli| cli.input.csv);
const TSV: OptionTest = ("--tsv", |cli| cli.input.tsv);
const JSONL: OptionTest = ("--jsonl", |cli| cli.input.jsonl);
const COLSEP: OptionTest = ("--colsep", |cli| cli.input.colsep.is_some());
const HEADER: OptionTest = ("--header", |cli| cli.input.header.is_some());
const DELIMITER: OptionTest = ("--delimiter", |cli| cli.input.delimiter.is_some());
const NULL: OptionTest = ("--null", |cli| cli.input.null);
const MAX_LINES: OptionTest = ("-L", |cli| cli.input.max_lines.is_some());
/// With blocks, it says what a record is.
const LINES_OF_VALUES: OptionTest = ("-L", |cli| {
    cli.input.max_lines.is_some() && given(&[PIPE, PIPEPART], cli).is_none()
});
const MAX_ARGS: OptionTest = ("-n", |cli| cli.input.max_args.is_some());
const MAX_REPLACE_ARGS: OptionTest = ("-N", |cli| cli.input.max_replace_args.is_some());
const CONTEXT_REPLACE: OptionTest = ("-X", |cli| cli.input.context_replace);
const MANY: OptionTest = ("-m", |cli| cli.input.many);
const XARGS: OptionTest = ("--xargs", |cli| cli.input.xargs);
const RESUME: OptionTest = ("--resume", |cli| cli.log.resume);
const RESUME_FAILED: OptionTest = ("--resume-failed", |cli| cli.log.resume_failed);
const RETRY_FAILED: OptionTest = ("--retry-failed", |cli| cli.log.retry_failed);
const COMMAND_OR_INPUT: OptionTest = ("a command or input", |cli| {
    !cli.command.is_empty() || !cli.sources.is_empty() || !cli.input.arg_file.is_empty()
});
const RESULTS: OptionTest = ("--results", |cli| cli.output.results.is_some());
const RESULTS_ON_STDOUT: OptionTest = ("--results", |cli| {
    let name = cli.output.results.as_ref();
    name.is_some_and(|name| name == "-.csv" || name == "-.tsv" || name == "-.json")
});
const FILES: OptionTest = ("--files", |cli| cli.output.files);
const FILES0: OptionTest = ("--files0", |cli| cli.output.files0);
const PARSET: OptionTest = ("parset", |cli| cli.output.parset.is_some());
const JOBLOG_ON_STDOUT: OptionTest = ("--joblog", has_joblog_on_stdout);
const JOBLOG_DASH: OptionTest = ("--joblog -", has_joblog_on_stdout);
const LATEST_LINE: OptionTest = ("--latest-line", |cli| cli.output.latest_line);
const LINE_BUFFER: OptionTest = ("--line-buffer", |cli| cli.output.line_buffer);
const UNGROUP: OptionTest = ("--ungroup", |cli| cli.output.ungroup);
const KEEP_ORDER: OptionTest = ("--keep-order", |cli| cli.output.keep_order);
const TAG: OptionTest = ("--tag", |cli| cli.output.tag);
const TAGSTRING: OptionTest = ("--tagstring", |cli| cli.output.tagstring.is_some());
const COLOR: OptionTest = ("--color", |cli| cli.output.color.is_some());
const CTAG: OptionTest = ("--ctag", |cli| cli.output.ctag.is_some());
const COLOR_FAILED: OptionTest = ("--color-failed", |cli| cli.output.color_failed.is_some());
const LEAK: OptionTest = ("--leak", |cli| cli.failure.leak.is_some());
const HALT_EARLY: OptionTest = ("--halt", |cli| {
    let halt = &cli.failure.halt;
    matches!(halt, Some(HaltRule::When { reason, .. }) if *reason != HaltReason::Fail)
});

const PIPE: OptionTest = ("--pipe", |cli| cli.blocks.pipe);
const PIPEPART: OptionTest = ("--pipepart", |cli| cli.blocks.pipepart);
const ROUND_ROBIN: OptionTest = ("--round-robin", |cli| cli.blocks.round_robin);
const TEE: OptionTest = ("--tee", |cli| cli.blocks.tee);
const SHARD: OptionTest = ("--shard", |cli| cli.blocks.shard.is_some());
const BIN: OptionTest = ("--bin", |cli| cli.blocks.bin.is_some());
const GROUP_BY: OptionTest = ("--group-by", |cli| cli.blocks.group_by.is_some());
const CAT: OptionTest = ("--cat", |cli| cli.blocks.cat);
const FIFO: OptionTest = ("--fifo", |cli| cli.blocks.fifo);
const BLOCK: OptionTest = ("--block", |cli| cli.blocks.block.is_some());
const BLOCK_TIMEOUT: OptionTest = ("--block-timeout", |cli| cli.blocks.block_timeout.is_some());
const RECEND: OptionTest = ("--recend", |cli| cli.blocks.recend.is_some());
const RECSTART: OptionTest = ("--recstart", |cli| cli.blocks.recstart.is_some());
const REGEXP: OptionTest = ("--regexp", |cli| cli.blocks.regexp);
const REMOVE_REC_SEP: OptionTest = ("--remove-rec-sep", |cli| cli.blocks.remove_rec_sep);
const RETRIES: OptionTest = ("--retries", |cli| cli.failure.retries.is_some());
const MAX_CHARS: OptionTest = ("-s", |cli| cli.input.max_chars.is_some());
const SHUF: OptionTest = ("--shuf", |cli| cli.input.shuf);
const TTY: OptionTest = ("--tty", |cli| cli.output.tty);
const VALUES: OptionTest = ("values", |cli| !cli.sources.is_empty());

fn has_joblog_on_stdout(cli: &Cli) -> bool {
    cli.log.joblog.as_deref() == Some(Path::new("-"))
}

const DEALT: &str = "cannot go together: both say which job gets what";
const UNSEEN: &str = "cannot go together: prun does not see ungrouped output";
const SAME_COUNT: &str = "both say how many values a job gets";
const LEAVE_EITHER: &str = "leave out {one} or {other}";

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
        options: &[ROUND_ROBIN, TEE, SHARD, BIN],
        others: &[RETRIES, RESUME, RESUME_FAILED],
        problem: "cannot go together: what a job has read cannot be read again",
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
        options: &[ROUND_ROBIN, SHARD, BIN],
        others: &[VALUES],
        problem: "cannot go together: each job gets a part of the input, whatever its value",
        hint: "--tee gives each value's job all of the input",
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
        options: &[GROUP_BY],
        others: &[REMOVE_REC_SEP],
        problem: "cannot go together: the separators are within the groups",
        hint: LEAVE_EITHER,
    },
    Conflict {
        options: &[CSV, TSV],
        others: &[RECEND, RECSTART],
        problem: "cannot go together: both say where records end",
        hint: LEAVE_EITHER,
    },
    Conflict {
        options: &[PARSET],
        others: &[RESULTS, FILES, FILES0, JOBLOG_DASH],
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
        && given(&[PIPE, PIPEPART], cli).is_none()
        && let Some(option) = given(OF_BLOCKS, cli)
    {
        let line = cli.typed_line.with_options(&["--pipe"]);
        return Err(Error::new(format!("{option} needs --pipe or --pipepart")).hint(line));
    }
    check_header(cli)?;
    for conflict in own.iter().chain(ALWAYS) {
        let pair = given(conflict.options, cli).zip(given(conflict.others, cli));
        if let Some((one, other)) = pair {
            return Err(conflict.error(one, other));
        }
    }
    Ok(())
}

/// # Errors
/// The header of values is said as that of blocks.
fn check_header(cli: &Cli) -> Result<()> {
    match cli.input.header.as_deref() {
        None | Some(":" | "0") => Ok(()),
        Some(_) if given(&[PIPE, PIPEPART], cli).is_some() => Ok(()),
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

fn given(options: &[OptionTest], cli: &Cli) -> Option<&'static str> {
    let option = options.iter().find(|(_, is_given)| is_given(cli));
    option.map(|(name, _)| *name)
}

impl Conflict {
    fn error(&self, one: &str, other: &str) -> Error {
        let hint = self.hint.replace("{one}", one).replace("{other}", other);
        Error::new(format!("{one} and {other} {}", self.problem)).hint(hint)
    }
}
