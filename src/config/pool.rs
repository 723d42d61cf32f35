//! From options to the pool: when jobs start, and how their output is told apart.

use super::log::JobLogSetup;
use super::parsed_cli::ParsedCli;
use super::{blocks, exec, output, results, throttle};
use crate::error::Result;
use crate::exec::capture::ReleaseBoundary;
use crate::log::progress::{ProgressOptions, ProgressOutput};
use crate::output::results::ResultsForm;
use crate::placeholder::CommandDialect;
use crate::policy::timeout::TimeLimit;
use crate::pool::{ColorScope, PoolOptions};

/// How jobs are run, and where progress is shown.
pub(super) fn options(
    typed: &ParsedCli<'_>,
    slots: usize,
    joblog: &JobLogSetup,
    results: Option<&ResultsForm>,
) -> Result<(PoolOptions, Option<ProgressOptions>)> {
    let (cli, host) = (typed.cli, typed.host);
    let mode = match results {
        None => output::mode(cli),
        Some(form) => results::mode(cli, form),
    };
    let progress = output::progress(typed, mode);
    let (color_scope, color_failed) = match results {
        None => (
            output::color_scope(cli, host),
            output::color_failed(cli, host),
        ),
        Some(_) => (ColorScope::Nothing, false),
    };
    let options = PoolOptions {
        niceness: exec::niceness(cli)?,
        slots,
        all_at_once: blocks::run_at_once(cli),
        reads_streams: cli.blocks.are_streams(),
        tees_input: cli.blocks.tee,
        slots_file: None,
        retry: cli.failure.retries.unwrap_or_default(),
        halt: cli.failure.halt.unwrap_or_default(),
        // GNU parallel writes the record before the next job starts.
        waits_for_records: typed.dialect == CommandDialect::Gnu
            && slots == 1
            && joblog.path.is_some(),
        stop_signals: cli.running.termseq.clone().unwrap_or_default(),
        throttle: throttle::conditions(cli, typed.dialect, host)?,
        timeout_percent: match cli.running.timeout {
            Some(TimeLimit::Percent(percent)) => Some(percent),
            _ => None,
        },
        delay: cli.running.delay.unwrap_or_default(),
        mode,
        release_boundary: match progress.map(|progress| progress.surface) {
            Some(ProgressOutput::SharedTerminal) => ReleaseBoundary::Lines,
            _ => ReleaseBoundary::Anywhere,
        },
        print_command: output::print_command(cli),
        color_scope,
        color_failed,
        verbosity: output::verbosity(cli, typed.dialect),
    };
    Ok((options, progress))
}
