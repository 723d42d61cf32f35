//! Options by the names that conflicts call them, and whether they are given.

use std::path::Path;

use super::block_source;
use crate::cli::Cli;
use crate::exec::termination::LeakPolicy;
use crate::job::Outcome;
use crate::policy::halt::{HaltReason, HaltRule};

/// The name of an option in messages, and whether it is given.
pub(super) type OptionTest = (&'static str, fn(&Cli) -> bool);

pub(super) const CONFIG: OptionTest = ("--config", |cli| !cli.preset.config.is_empty());
pub(super) const PROFILE: OptionTest = ("--profile", |cli| !cli.preset.profile.is_empty());
pub(super) const PLAIN: OptionTest = ("--plain", |cli| cli.preset.plain);
pub(super) const CSV: OptionTest = ("--csv", |cli| cli.input.csv);
pub(super) const TSV: OptionTest = ("--tsv", |cli| cli.input.tsv);
pub(super) const JSONL: OptionTest = ("--jsonl", |cli| cli.input.jsonl);
pub(super) const COLSEP: OptionTest = ("--colsep", |cli| cli.input.colsep.is_some());
pub(super) const HEADER: OptionTest = ("--header", |cli| cli.input.header.is_some());
pub(super) const DELIMITER: OptionTest = ("--delimiter", |cli| cli.input.delimiter.is_some());
pub(super) const NULL: OptionTest = ("--null", |cli| cli.input.null);
pub(super) const MAX_LINES: OptionTest = ("-L", |cli| cli.input.max_lines.is_some());
/// With blocks, it says what a record is.
pub(super) const LINES_OF_VALUES: OptionTest = ("-L", |cli| {
    cli.input.max_lines.is_some() && !cli.blocks.are_made()
});
pub(super) const MAX_ARGS: OptionTest = ("-n", |cli| cli.input.max_args.is_some());
pub(super) const MAX_REPLACE_ARGS: OptionTest = ("-N", |cli| cli.input.max_replace_args.is_some());
pub(super) const CONTEXT_REPLACE: OptionTest = ("-X", |cli| cli.input.context_replace);
pub(super) const MANY: OptionTest = ("-m", |cli| cli.input.many);
pub(super) const XARGS: OptionTest = ("--xargs", |cli| cli.input.xargs);
pub(super) const RESUME: OptionTest = ("--resume", |cli| cli.log.resume);
pub(super) const RESUME_FAILED: OptionTest = ("--resume-failed", |cli| cli.log.resume_failed);
pub(super) const RETRY_FAILED: OptionTest = ("--retry-failed", |cli| {
    // With --queue, it is that of the queue.
    cli.log.retry_failed && cli.queue.queue.is_none()
});
pub(super) const COMMAND_OR_INPUT: OptionTest = ("a command or input", |cli| {
    !cli.command.is_empty() || !cli.sources.is_empty() || !cli.input.arg_file.is_empty()
});
pub(super) const RESULTS: OptionTest = ("--results", |cli| cli.output.results.is_some());
pub(super) const RESULTS_ON_STDOUT: OptionTest = ("--results", |cli| {
    let name = cli.output.results.as_ref();
    name.is_some_and(|name| name == "-.csv" || name == "-.tsv" || name == "-.json")
});
pub(super) const FILES: OptionTest = ("--files", |cli| cli.output.files);
pub(super) const FILES0: OptionTest = ("--files0", |cli| cli.output.files0);
pub(super) const PARSET: OptionTest = ("parset", |cli| cli.output.parset.is_some());
pub(super) const JOBLOG_ON_STDOUT: OptionTest = ("--joblog", has_joblog_on_stdout);
pub(super) const JOBLOG_DASH: OptionTest = ("--joblog -", has_joblog_on_stdout);
pub(super) const JOBLOG_SYNC: OptionTest = ("--joblog-sync", |cli| cli.log.joblog_sync.is_some());
pub(super) const EVENTS_ON_STDOUT: OptionTest = ("--events -", |cli| {
    cli.observers.events.as_deref() == Some(Path::new("-"))
});
pub(super) const LATEST_LINE: OptionTest = ("--latest-line", |cli| cli.output.latest_line);
pub(super) const LINE_BUFFER: OptionTest = ("--line-buffer", |cli| cli.output.line_buffer);
pub(super) const UNGROUP: OptionTest = ("--ungroup", |cli| cli.output.ungroup);
pub(super) const KEEP_ORDER: OptionTest = ("--keep-order", |cli| cli.output.keep_order);
pub(super) const TAG: OptionTest = ("--tag", |cli| cli.output.tag);
pub(super) const TAGSTRING: OptionTest = ("--tagstring", |cli| cli.output.tagstring.is_some());
pub(super) const COLOR: OptionTest = ("--color", |cli| cli.output.color.is_some());
pub(super) const CTAG: OptionTest = ("--ctag", |cli| cli.output.ctag.is_some());
pub(super) const COLOR_FAILED: OptionTest =
    ("--color-failed", |cli| cli.output.color_failed.is_some());
pub(super) const LEAK: OptionTest = ("--leak", |cli| cli.failure.leak.is_some());
pub(super) const LEAK_FAIL: OptionTest = ("--leak fail", |cli| {
    cli.failure.leak == Some(LeakPolicy::Fail)
});
pub(super) const OK_CODE_OF_LEAK: OptionTest = ("--ok-codes 1", |cli| {
    let accepted = cli.failure.ok_codes;
    accepted.is_some_and(|accepted| accepted.contains(Outcome::Leaked.status()))
});
pub(super) const HALT_EARLY: OptionTest = ("--halt", |cli| {
    let halt = &cli.failure.halt;
    matches!(halt, Some(HaltRule::When { reason, .. }) if *reason != HaltReason::Fail)
});

pub(super) const PIPE: OptionTest = ("--pipe", |cli| cli.blocks.pipe);
pub(super) const SHOWS_PARTS: OptionTest = ("--dry-run -vv", block_source::shows_parts);
pub(super) const PIPEPART: OptionTest = ("--pipepart", |cli| cli.blocks.pipepart);
pub(super) const ROUND_ROBIN: OptionTest = ("--round-robin", |cli| cli.blocks.round_robin);
pub(super) const TEE: OptionTest = ("--tee", |cli| cli.blocks.tee);
pub(super) const SHARD: OptionTest = ("--shard", |cli| cli.blocks.shard.is_some());
pub(super) const BIN: OptionTest = ("--bin", |cli| cli.blocks.bin.is_some());
pub(super) const GROUP_BY: OptionTest = ("--group-by", |cli| cli.blocks.group_by.is_some());
pub(super) const CAT: OptionTest = ("--cat", |cli| cli.blocks.cat);
pub(super) const FIFO: OptionTest = ("--fifo", |cli| cli.blocks.fifo);
pub(super) const BLOCK: OptionTest = ("--block", |cli| cli.blocks.block.is_some());
pub(super) const BLOCK_TIMEOUT: OptionTest =
    ("--block-timeout", |cli| cli.blocks.block_timeout.is_some());
pub(super) const RECEND: OptionTest = ("--recend", |cli| cli.blocks.recend.is_some());
pub(super) const RECSTART: OptionTest = ("--recstart", |cli| cli.blocks.recstart.is_some());
pub(super) const REGEXP: OptionTest = ("--regexp", |cli| cli.blocks.regexp);
pub(super) const REMOVE_REC_SEP: OptionTest = ("--remove-rec-sep", |cli| cli.blocks.remove_rec_sep);
pub(super) const RETRIES: OptionTest = ("--retries", |cli| cli.failure.retries.is_some());
pub(super) const RETRY_ON: OptionTest = ("--retry-on", |cli| cli.failure.retry_on.is_some());
pub(super) const RETRY_DELAY: OptionTest =
    ("--retry-delay", |cli| cli.failure.retry_delay.is_some());
pub(super) const MAX_CHARS: OptionTest = ("-s", |cli| cli.input.max_chars.is_some());
pub(super) const SHUF: OptionTest = ("--shuf", |cli| cli.input.shuf);
pub(super) const TTY: OptionTest = ("--tty", |cli| cli.output.tty);
pub(super) const MEMSUSPEND: OptionTest = ("--memsuspend", |cli| cli.running.memsuspend.is_some());
pub(super) const VALUES: OptionTest = ("values", |cli| {
    !cli.sources.is_empty() && !cli.blocks.pipepart
});
pub(super) const KEY: OptionTest = ("--key", |cli| cli.sharing.key.is_some());
pub(super) const PLAN: OptionTest = ("--plan", |cli| cli.sharing.plan.is_some());
pub(super) const GNU: OptionTest = ("--gnu", |cli| cli.template.gnu);
pub(super) const LINK: OptionTest = ("--link", |cli| cli.input.link);
pub(super) const EOF_TEXT: OptionTest = ("-E", |cli| cli.input.eof.is_some());
pub(super) const TRIM: OptionTest = ("--trim", |cli| cli.input.trim.is_some());
pub(super) const SKIP_BLANK: OptionTest = ("-r", |cli| cli.input.no_run_if_empty);
pub(super) const TOTAL_JOBS: OptionTest = ("--total-jobs", |cli| cli.input.total_jobs.is_some());
pub(super) const QUOTE: OptionTest = ("-q", |cli| cli.template.quote);
pub(super) const PLAIN_VALUES: OptionTest = ("--plain-values", |cli| cli.template.plain_values);
pub(super) const STRICT: OptionTest = ("--strict", |cli| cli.template.strict);
pub(super) const TOTAL: OptionTest = ("--total", |cli| cli.output.total);
pub(super) const SHELLQUOTE: OptionTest = ("--shellquote", |cli| cli.running.shellquote > 0);
pub(super) const QUEUE: OptionTest = ("--queue", |cli| cli.queue.queue.is_some());
pub(super) const PER_KEY: OptionTest = ("--per-key", |cli| cli.sharing.per_key.is_some());
pub(super) const KEY_RATE: OptionTest = ("--key-rate", |cli| cli.sharing.key_rate.is_some());
pub(super) const WORKER: OptionTest = ("--worker", |cli| cli.sharing.worker);
pub(super) const WORKER_SEND: OptionTest =
    ("--worker-send", |cli| cli.sharing.worker_send.is_some());
pub(super) const WORKER_END: OptionTest = ("--worker-end", |cli| cli.sharing.worker_end.is_some());
pub(super) const WORKER_JOBS: OptionTest =
    ("--worker-jobs", |cli| cli.sharing.worker_jobs.is_some());
pub(super) const CGROUP: OptionTest = ("--cgroup", |cli| cli.job_limits.cgroup);
pub(super) const JOB_MEM: OptionTest = ("--job-mem", |cli| cli.job_limits.job_mem.is_some());
pub(super) const JOB_CPUS: OptionTest = ("--job-cpus", |cli| cli.job_limits.job_cpus.is_some());
pub(super) const JOB_PIDS: OptionTest = ("--job-pids", |cli| cli.job_limits.job_pids.is_some());
pub(super) const OK_CODES: OptionTest = ("--ok-codes", |cli| cli.failure.ok_codes.is_some());

fn has_joblog_on_stdout(cli: &Cli) -> bool {
    cli.log.joblog.as_deref() == Some(Path::new("-"))
}
