//! Options that do not go together with `--queue`: what is said of values is for the one who puts
//! them, and what is said of running for the one who takes them.

use super::conflict::Conflict;
use super::option_tests::*;
use crate::cli::Cli;
use crate::error::{Error, Result};

const PUT: OptionTest = ("--put", |cli| cli.queue.put);
const PUT_COMMAND: OptionTest = ("--put with a command", |cli| {
    cli.queue.put && !cli.command.is_empty()
});
const PUT_ALONE: OptionTest = ("--put without a command", |cli| {
    cli.queue.put && cli.command.is_empty()
});
const SHELL: OptionTest = ("--shell", |cli| cli.template.shell.is_some());
const STATUS: OptionTest = ("--queue-status", |cli| cli.queue.queue_status);
const FOLLOW: OptionTest = ("--follow", |cli| cli.queue.follow);
const PRIORITY: OptionTest = ("--priority", |cli| cli.queue.priority.is_some());
const QUEUE_MAX: OptionTest = ("--queue-max", |cli| cli.queue.queue_max.is_some());
const JSON: OptionTest = ("--json", |cli| cli.queue.json);
/// Jobs come from the queue.
const TAKEN: OptionTest = ("--queue without --put", |cli| cli.queue.is_taken());

const RETRY_FAILED_ENTRIES: OptionTest = ("--retry-failed", |cli| cli.log.retry_failed);
const INPUT: OptionTest = ("values", |cli| {
    !cli.sources.is_empty() || !cli.input.arg_file.is_empty()
});
const HALT: OptionTest = ("--halt", |cli| cli.failure.halt.is_some());
const HALT_SHARE: OptionTest = ("--halt with a percentage", |cli| {
    cli.failure.halt.is_some_and(|halt| halt.is_share())
});
const JOBLOG: OptionTest = ("--joblog", |cli| cli.log.joblog.is_some());
const EVENTS: OptionTest = ("--events", |cli| cli.observers.events.is_some());
const SUMMARY: OptionTest = ("--summary", |cli| cli.observers.summary.is_some());
const PROGRESS: OptionTest = ("--progress", |cli| cli.observers.progress);
const TIMEOUT: OptionTest = ("--timeout", |cli| cli.running.timeout.is_some());
const TIMEOUT_TOTAL: OptionTest = ("--timeout-total", |cli| cli.running.timeout_total.is_some());
const DELAY: OptionTest = ("--delay", |cli| cli.running.delay.is_some());
const RATE: OptionTest = ("--rate", |cli| cli.running.rate.is_some());
const WORKDIR: OptionTest = ("--workdir", |cli| cli.running.workdir.is_some());
const DRY_RUN: OptionTest = ("--dry-run", |cli| cli.running.dry_run);
const TMPL: OptionTest = ("--tmpl", |cli| !cli.template.tmpl.is_empty());
const PLUS: OptionTest = ("--plus", |cli| cli.template.plus);
const RPL: OptionTest = ("--rpl", |cli| !cli.template.rpl.is_empty());
const PARENS: OptionTest = ("--parens", |cli| cli.template.parens.is_some());
/// Other spellings of placeholders.
const REPLACEMENT: OptionTest = ("-I", |cli| {
    let template = &cli.template;
    let renamed = [
        &template.replacement,
        &template.replace,
        &template.extensionreplace,
        &template.basenamereplace,
        &template.basenameextensionreplace,
        &template.dirnamereplace,
        &template.seqreplace,
        &template.slotreplace,
    ];
    renamed.into_iter().any(Option::is_some)
});

/// An option, and the one without which it means nothing.
const NEEDED: &[(OptionTest, OptionTest, &str)] = &[
    (PUT, QUEUE, "prun --queue FILE --put COMMAND ::: VALUE"),
    (FOLLOW, QUEUE, "prun --queue FILE --follow"),
    (STATUS, QUEUE, "prun --queue FILE --queue-status"),
    (
        PRIORITY,
        PUT,
        "prun --queue FILE --put --priority 5 ::: VALUE",
    ),
    (
        QUEUE_MAX,
        PUT,
        "prun --queue FILE --put --queue-max 100 ::: VALUE",
    ),
    (JSON, STATUS, "prun --queue FILE --queue-status --json"),
];

pub(super) const QUEUES: &[Conflict] = &[
    Conflict {
        options: &[QUEUE],
        others: &[GNU],
        problem: "cannot go together: GNU parallel has no such queue",
        hint: "leave out --gnu",
    },
    Conflict {
        options: &[STATUS],
        others: &[PUT, FOLLOW, RETRY_FAILED_ENTRIES, COMMAND_OR_INPUT],
        problem: "cannot go together: one looks at the queue, the other changes it",
        hint: "prun --queue FILE --queue-status",
    },
    Conflict {
        options: &[PUT],
        others: &[FOLLOW, RETRY_FAILED_ENTRIES],
        problem: "cannot go together: one puts into the queue, the other takes from it",
        hint: "leave out {other}, and give it to the prun that takes",
    },
    Conflict {
        options: &[QUEUE],
        others: &[PIPE, PIPEPART],
        problem: "cannot go together: a queue has values, not blocks",
        hint: "prun --queue FILE --put splits no input: put the names of files",
    },
    Conflict {
        options: &[QUEUE],
        others: &[RESUME, RESUME_FAILED],
        problem: "cannot go together: the queue itself has what is left to do",
        hint: "leave out {other}; --retry-failed takes what has failed",
    },
    Conflict {
        options: &[QUEUE],
        others: &[PARSET, SHELLQUOTE, TOTAL],
        problem: "cannot go together: that is about one whole run",
        hint: "leave out {other}",
    },
    Conflict {
        options: &[TAKEN],
        others: &[
            INPUT, NULL, DELIMITER, CSV, TSV, JSONL, COLSEP, HEADER, LINK, TRIM, EOF_TEXT, SHUF,
        ],
        problem: "cannot go together: the values are in the queue",
        hint: "a prun that puts takes them: prun --queue FILE --put COMMAND ::: VALUE",
    },
    Conflict {
        options: &[TAKEN],
        others: &[TOTAL_JOBS, HALT_SHARE],
        problem: "cannot go together: nobody knows how many jobs there will be",
        hint: "leave out {other}; --halt soon,fail=3 counts jobs",
    },
    Conflict {
        options: &[TAKEN],
        others: &[DRY_RUN],
        problem: "cannot go together: others may take what would be shown",
        hint: "prun --queue FILE --queue-status tells how many jobs are waiting",
    },
    Conflict {
        options: &[TAKEN],
        others: &[WORKDIR],
        problem: "cannot go together: jobs run where they were put",
        hint: "leave out --workdir",
    },
    Conflict {
        options: &[PUT],
        others: &[HEADER, JSONL],
        problem: "cannot go together: a queue has no names of values",
        hint: "number the columns: prun --queue FILE --put --csv 'COMMAND <1>'",
    },
    Conflict {
        options: &[TAKEN, PUT_COMMAND],
        others: &[
            MAX_ARGS,
            MAX_REPLACE_ARGS,
            MAX_LINES,
            CONTEXT_REPLACE,
            MANY,
            XARGS,
            MAX_CHARS,
        ],
        problem: "cannot go together: only values that are put without a command can be grouped",
        hint: "put the values with {other}, and give the command to the prun that takes them",
    },
    Conflict {
        options: &[PUT_ALONE],
        others: &[SHELL],
        problem: "cannot go together: the prun that takes the values has the command",
        hint: "prun --queue FILE {other} bash",
    },
    Conflict {
        options: &[PUT],
        others: &[
            QUOTE,
            REPLACEMENT,
            RPL,
            PARENS,
            PLUS,
            TMPL,
            STRICT,
            PLAIN_VALUES,
        ],
        problem: "cannot go together: the command is read by the prun that takes it",
        hint: "leave out {other}, and write the command without it",
    },
    Conflict {
        options: &[PUT],
        others: &[
            JOBLOG,
            EVENTS,
            SUMMARY,
            PROGRESS,
            RESULTS,
            FILES,
            FILES0,
            KEEP_ORDER,
            TAG,
            TAGSTRING,
            LINE_BUFFER,
            UNGROUP,
            LATEST_LINE,
            TTY,
            RETRIES,
            RETRY_ON,
            HALT,
            TIMEOUT,
            TIMEOUT_TOTAL,
            DELAY,
            RATE,
            KEY,
            WORKDIR,
            LEAK,
            MEMSUSPEND,
        ],
        problem: "cannot go together: nothing runs",
        hint: "give {other} to the prun that takes the jobs: prun --queue FILE {other}",
    },
];

/// # Errors
/// An option of a queue is given without the one that it belongs to.
pub(super) fn check(cli: &Cli) -> Result<()> {
    for ((option, is_given), (needed, is_there), line) in NEEDED {
        if is_given(cli) && !is_there(cli) {
            return Err(Error::new(format!("{option} needs {needed}")).hint(*line));
        }
    }
    Ok(())
}
