//! What a start waits for beside a free slot.

use crate::cli::Cli;
use crate::error::{Error, Result};
use crate::os::host::Host;
use crate::os::pressure::PressureResource;
use crate::os::system_metrics::SystemMetrics;
use crate::placeholder::CommandDialect;
use crate::policy::memory::MemorySize;
use crate::policy::pressure::PressureLimits;
use crate::pool::throttle::{LoadLimit, LoadRule, PressureLimit, PressureOptions, ThrottleOptions};

/// What `--load`, `--noswap`, `--pressure`, `--memfree`, `--memsuspend` and `--limit` ask for.
///
/// # Errors
/// It cannot be measured here, or could never come true.
pub(super) fn conditions(
    cli: &Cli,
    dialect: CommandDialect,
    host: &Host,
) -> Result<Option<ThrottleOptions>> {
    let running = &cli.running;
    let is_asked = running.load.is_some()
        || running.noswap
        || running.pressure.is_some()
        || running.memfree.is_some()
        || running.memsuspend.is_some()
        || running.limit.is_some();
    if !is_asked {
        return Ok(None);
    }
    check_limit(cli)?;
    let metrics = SystemMetrics::system();
    if running.load.is_some() && metrics.load().is_none() {
        return Err(unknown("--load", "how busy it is"));
    }
    if running.noswap && metrics.swap_counts().is_none() {
        return Err(unknown("--noswap", "how much it swaps"));
    }
    check_memory("--memfree", running.memfree, &metrics)?;
    check_memory("--memsuspend", running.memsuspend, &metrics)?;
    Ok(Some(ThrottleOptions {
        load: running.load.map(|load| LoadLimit {
            below: load.limit(host.cpus),
            rule: match dialect {
                CommandDialect::Own => LoadRule::System,
                CommandDialect::Gnu => LoadRule::Visible,
            },
        }),
        avoids_swapping: running.noswap && !metrics.has_no_swap(),
        pressure: pressure(running.pressure.as_ref(), &metrics, host)?,
        memory: running.memfree,
        suspend_below: running.memsuspend,
        command: running.limit.clone(),
        always_runs_one: dialect == CommandDialect::Own,
        metrics,
    }))
}

/// # Errors
/// The system does not tell of pressure.
fn pressure(
    limits: Option<&PressureLimits>,
    metrics: &SystemMetrics,
    host: &Host,
) -> Result<Option<PressureOptions>> {
    let Some(limits) = limits else {
        return Ok(None);
    };
    let open = |&(resource, below): &(PressureResource, f64)| {
        let file = metrics.pressure_file(resource).map_err(|(path, error)| {
            Error::new(format!(
                "--pressure cannot be used: cannot read '{}'",
                path.display()
            ))
            .because(&error)
            .hint("--load 100% and --memfree 2G need no pressure-stall information")
        })?;
        Ok(PressureLimit {
            resource,
            below,
            file,
        })
    };
    Ok(Some(PressureOptions {
        limits: limits.0.iter().map(open).collect::<Result<_>>()?,
        first_jobs: host.cpus,
    }))
}

/// # Errors
/// The available memory is unknown, or there never will be so much.
fn check_memory(option: &str, wanted: Option<MemorySize>, metrics: &SystemMetrics) -> Result<()> {
    let Some(wanted) = wanted else {
        return Ok(());
    };
    let total = metrics.total_memory().map(MemorySize);
    let total = total.filter(|_| metrics.available_memory().is_some());
    let total = total.ok_or_else(|| unknown(option, "how much memory it has left"))?;
    if wanted > total {
        return Err(Error::new(format!(
            "{option} {wanted} would let no job start: there is {total} of memory in all"
        ))
        .hint(format!("{option} {}", MemorySize(total.0 / 4))));
    }
    Ok(())
}

/// GNU parallel has three commands of its own, which would be looked for in vain.
fn check_limit(cli: &Cli) -> Result<()> {
    let text = cli
        .running
        .limit
        .as_ref()
        .map(|limit| limit.to_string_lossy());
    let word = text.as_deref().unwrap_or_default().split(' ').next();
    let instead = match word {
        Some("load") => "--load 100% starts jobs only while the load is below that",
        Some("mem") => "--memfree 2G starts jobs only while so much memory is available",
        Some("io") => "--load counts threads that wait for a disk, too: --load 100%",
        _ => return Ok(()),
    };
    let text = text.unwrap_or_default();
    Err(Error::new(format!("--limit '{text}' is not a command that prun has")).hint(instead))
}

fn unknown(option: &str, what: &str) -> Error {
    Error::new(format!(
        "{option} cannot be used: this system does not tell {what}"
    ))
    .hint("-j2 runs two jobs at once, --delay 1 starts one a second")
}
