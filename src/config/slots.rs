//! From `-j` to the number of slots.

use crate::cli::{Cli, usage_error};
use crate::error::Result;
use crate::os::host::Host;
use crate::policy::descriptors::DescriptorNeeds;
use crate::policy::jobs::{JobLimit, MOST};
use crate::pool::slots_file::{self, SlotBound, SlotCapacity, SlotsFile};

/// Slots of a run, and what may become of their number.
#[derive(Debug)]
pub(super) struct SlotSetup {
    pub count: usize,
    pub descriptors: DescriptorNeeds,
    pub bound: Option<SlotBound>,
}

/// Number of slots that `-j` asks for and the system allows.
///
/// # Errors
/// It is no number of jobs, or above the bound.
pub(super) fn count(
    cli: &Cli,
    SlotSetup {
        descriptors, bound, ..
    }: &SlotSetup,
    host: &Host,
    notices: &mut Vec<String>,
) -> Result<usize> {
    let localhost = cli.compat.sshlogin.and_then(|login| login.slots);
    let asked = match (&cli.running.jobs, localhost) {
        // There is one terminal.
        _ if cli.output.tty => 1,
        (_, Some(slots)) => slots,
        (Some(jobs), None) => number_of_jobs(jobs, cli, host, notices)?,
        (None, None) => bound.as_ref().map_or(host.cpus, |bound| bound.most),
    };
    if let Some(bound) = bound {
        let asker = match (&cli.running.jobs, localhost) {
            (Some(jobs), None) => format!("-j {jobs}"),
            _ => "-S".to_owned(),
        };
        bound.check(asked, &asker)?;
    }
    let SlotCapacity { possible, limit } = slots_file::fit(asked, *descriptors);
    let is_number = cli.running.jobs != Some(JobLimit::Unlimited) && asked < MOST;
    if is_number && possible < asked && !cli.template.gnu {
        let wanted = descriptors.wanted(asked);
        notices.push(format!(
            "prun: warning: running {possible} at once instead of {asked} jobs: only {limit} files can be open\nhint: ulimit -n {wanted}"
        ));
    }
    Ok(possible)
}

/// What `-j` makes, told if it is more than was left.
fn number_of_jobs(
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
    match (
        &cli.running.jobs,
        cli.compat.sshlogin.and_then(|host| host.slots),
    ) {
        (Some(jobs @ JobLimit::File(_)), None) if reason_to_stay(cli).is_none() => {
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
pub(super) fn reason_to_stay(cli: &Cli) -> Option<&'static str> {
    if cli.output.tty {
        Some("there is one terminal")
    } else if cli.blocks.are_streams() {
        Some("the input is divided between them")
    } else {
        None
    }
}
