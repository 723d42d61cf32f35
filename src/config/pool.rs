//! From options to the pool: when jobs start, and how their output is told apart.

use super::log::JobLogSetup;
use super::parsed_cli::ParsedCli;
use super::slot_setup::SlotSetup;
use super::{blocks, exec, output, results, slots, throttle};
use crate::cli::Cli;
use crate::error::Result;
use crate::exec::capture::ReleaseBoundary;
use crate::log::progress::{ProgressOptions, ProgressOutput};
use crate::output::results::ResultsForm;
use crate::placeholder::CommandDialect;
use crate::policy::retry::RetryPolicy;
use crate::policy::timeout::TimeLimit;
use crate::policy::user_signals::UserSignals;
use crate::pool::{ColorScope, KeyOptions, PoolOptions};

/// How jobs are run, and where progress is shown.
pub(super) fn options(
    typed: &ParsedCli<'_>,
    slots: SlotSetup,
    key: Option<KeyOptions>,
    joblog: &JobLogSetup,
    results: Option<&ResultsForm>,
) -> Result<(PoolOptions, Option<ProgressOptions>)> {
    let (cli, host) = (typed.cli, typed.host);
    let mode = match results {
        None => output::mode(cli),
        Some(form) => results::mode(cli, form),
    };
    let progress = output::progress(typed, mode);
    let color_scope = match results {
        None => output::color_scope(cli, host),
        Some(_) => ColorScope::Nothing,
    };
    let options = PoolOptions {
        niceness: exec::niceness(cli)?,
        slots: slots.count,
        all_at_once: blocks::run_at_once(cli),
        reads_streams: cli.blocks.are_streams(),
        tees_input: cli.blocks.tee,
        shares_input: cli.queue.is_taken(),
        descriptors: slots.descriptors,
        fixed_slots: slots::reason_to_stay(cli, &slots),
        user_signals: user_signals(typed),
        slots_file: slots::file(cli, &slots, host),
        slot_bound: slots.bound,
        tokens: slots.tokens,
        retry: retry(cli),
        halt: cli.failure.halt.unwrap_or_default(),
        // GNU parallel writes the record before the next job starts.
        waits_for_records: typed.dialect == CommandDialect::Gnu
            && slots.count == 1
            && joblog.path.is_some(),
        stop_signals: cli.running.termseq.clone().unwrap_or_default(),
        throttle: throttle::conditions(cli, typed.dialect, host)?,
        timeout_percent: match cli.running.timeout {
            Some(TimeLimit::Percent(percent)) => Some(percent),
            _ => None,
        },
        // As for --timeout, no time is no limit.
        total_time: cli.running.timeout_total.filter(|time| !time.is_zero()),
        delay: cli.running.delay.unwrap_or_default(),
        rate: cli.running.rate,
        key,
        plan: None,
        mode,
        release_boundary: match progress.map(|progress| progress.surface) {
            Some(ProgressOutput::SharedTerminal) => ReleaseBoundary::Lines,
            _ => ReleaseBoundary::Anywhere,
        },
        print_command: output::print_command(cli),
        color_scope,
        color_failed: results.is_none() && output::color_failed(cli, host),
        verbosity: output::verbosity(cli, typed.dialect),
    };
    Ok((options, progress))
}

fn retry(cli: &Cli) -> RetryPolicy {
    RetryPolicy {
        limit: cli.failure.retries.unwrap_or_default(),
        on: cli.failure.retry_on.unwrap_or_default(),
        delay: cli.failure.retry_delay.unwrap_or_default(),
    }
}

/// What `SIGUSR1` and `SIGUSR2` do.
fn user_signals(typed: &ParsedCli<'_>) -> UserSignals {
    let signals = match typed.dialect {
        CommandDialect::Own => UserSignals::default(),
        CommandDialect::Gnu => UserSignals::of_gnu(),
    };
    signals.listing_on(typed.cli.running.status_on)
}
