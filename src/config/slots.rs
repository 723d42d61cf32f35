//! From `-j` to the number of slots.

use super::parsed_cli::ParsedCli;
use super::slot_setup::{SlotSetup, are_typed, localhost_slots};
use super::{blocks, jobserver, slot_env};
use crate::cli::{Cli, usage_error};
use crate::error::Result;
use crate::exec::start::job_variables::JobVariables;
use crate::input::Rows;
use crate::os::host::Host;
use crate::policy::descriptors::DescriptorNeeds;
use crate::policy::jobs::{JobLimit, MOST};
use crate::pool::slots_file::{self, SlotCapacity, SlotsFile};
use crate::template::CommandTemplate;

/// Number of slots, what bounds it, and what jobs know of it.
///
/// # Errors
/// There cannot be so many, or not so.
pub(super) fn resolve(
    typed: &ParsedCli<'_>,
    (template, descriptors): (&CommandTemplate, DescriptorNeeds),
    rows: &mut Rows,
    notices: &mut Vec<String>,
) -> Result<(SlotSetup, JobVariables)> {
    let (cli, host) = (typed.cli, typed.host);
    let by_slot = slot_env::variables(cli, template)?;
    let outer = jobserver::outer(cli, host);
    let mut setup = SlotSetup {
        count: 0,
        spread: 0,
        descriptors,
        bound: slot_env::bound(&by_slot),
        is_by_tokens: outer.is_some() && !are_typed(cli),
        tokens: outer,
    };
    setup.count = count(cli, &setup, host, notices)?;
    setup.count = blocks::slots(cli, &setup, rows)?;
    setup.spread = if setup.is_by_tokens {
        setup.count.min(host.cpus)
    } else {
        setup.count
    };
    let mut fixed = Vec::new();
    if let Some(own) = jobserver::own(cli, template, setup.tokens.as_ref(), setup.count)? {
        fixed = jobserver::variables(&own, setup.count, host);
        setup.tokens = Some(own);
    }
    let variables = JobVariables {
        by_slot,
        fixed,
        ..JobVariables::default()
    };
    Ok((setup, variables))
}

/// Number of slots that `-j` asks for and the system allows.
///
/// # Errors
/// It is no number of jobs, or above the bound.
fn count(cli: &Cli, setup: &SlotSetup, host: &Host, notices: &mut Vec<String>) -> Result<usize> {
    let localhost = localhost_slots(cli);
    let asked = match (&cli.running.jobs, localhost) {
        // There is one terminal.
        _ if cli.output.tty => 1,
        (_, Some(slots)) => slots,
        (Some(jobs), None) => number_of_jobs(jobs, cli, host, notices)?,
        (None, None) => match &setup.bound {
            Some(bound) => bound.most,
            None if setup.is_by_tokens => MOST,
            None => host.cpus,
        },
    };
    if let Some(bound) = &setup.bound {
        let asker = match (&cli.running.jobs, localhost) {
            (Some(jobs), None) => format!("-j {jobs}"),
            _ => "-S".to_owned(),
        };
        bound.check(asked, &asker)?;
    }
    let SlotCapacity { possible, limit } = slots_file::fit(asked, setup.descriptors);
    let is_number = cli.running.jobs != Some(JobLimit::Unlimited) && asked < MOST;
    if is_number && possible < asked && !cli.template.gnu {
        let wanted = setup.descriptors.wanted(asked);
        notices.push(format!(
            "prun: warning: running {possible} at once instead of {asked} jobs: only {limit} files can be open\nhint: ulimit -n {wanted}"
        ));
    }
    Ok(possible)
}

/// What `-j` makes, told if it is more than was left.
pub(super) fn number_of_jobs(
    jobs: &JobLimit,
    cli: &Cli,
    host: &Host,
    notices: &mut Vec<String>,
) -> Result<usize> {
    let jobs = match (jobs.read(), cli.typed_line.without_bare_jobs()) {
        (Err(error), Some(line)) => return Err(error.hint(usage_error::all_cpus(&line))),
        (jobs, _) => jobs?,
    };
    let cpus = host.cpus;
    if jobs.is_raised(cpus) {
        if cli.template.gnu {
            return Err(jobs.nothing_left(cpus));
        }
        let s = if cpus == 1 { "" } else { "s" };
        notices.push(format!(
            "prun: warning: -j {jobs} on {cpus} CPU{s}: running one job at a time"
        ));
    }
    jobs.slots(cpus)
}

/// The file that `-j` names, if that is what counts.
pub(super) fn file(cli: &Cli, setup: &SlotSetup, host: &Host) -> Option<SlotsFile> {
    match (&cli.running.jobs, localhost_slots(cli)) {
        (Some(jobs @ JobLimit::File(_)), None) if reason_to_stay(cli, setup).is_none() => {
            Some(SlotsFile {
                jobs: jobs.clone(),
                cpus: host.cpus,
                descriptors: setup.descriptors,
                bound: setup.bound.clone(),
            })
        }
        _ => None,
    }
}

/// Reason why signals do not change the number of slots, if there is one.
pub(super) fn reason_to_stay(cli: &Cli, setup: &SlotSetup) -> Option<&'static str> {
    if cli.output.tty {
        Some("there is one terminal")
    } else if cli.blocks.are_streams() {
        Some("the input is divided between them")
    } else if setup.is_by_tokens {
        Some("the jobserver of make decides")
    } else if setup
        .tokens
        .as_ref()
        .is_some_and(|pipe| pipe.address().is_some())
    {
        Some("the jobserver has as many tokens")
    } else {
        None
    }
}
