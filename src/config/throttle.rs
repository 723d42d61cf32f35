//! What a start waits for beside a free slot.

use crate::cli::Cli;
use crate::error::{Error, Result};
use crate::os::host::Host;
use crate::os::system_metrics::SystemMetrics;
use crate::placeholder::CommandDialect;
use crate::policy::memory::MemorySize;
use crate::pool::throttle::{LoadLimit, LoadRule, ThrottleOptions};

/// What `--load`, `--memfree` and `--limit` ask for.
///
/// # Errors
/// It cannot be measured here, or could never come true.
pub(super) fn conditions(
    cli: &Cli,
    dialect: CommandDialect,
    host: &Host,
) -> Result<Option<ThrottleOptions>> {
    if cli.running.load.is_none() && cli.running.memfree.is_none() && cli.running.limit.is_none() {
        return Ok(None);
    }
    check_limit(cli)?;
    let metrics = SystemMetrics::system();
    if cli.running.load.is_some() && metrics.load().is_none() {
        return Err(unknown("--load", "how busy it is"));
    }
    if let Some(wanted) = cli.running.memfree {
        let total = metrics.total_memory().map(MemorySize);
        let total = total.filter(|_| metrics.available_memory().is_some());
        let total = total.ok_or_else(|| unknown("--memfree", "how much memory it has left"))?;
        if wanted > total {
            return Err(Error::new(format!(
                "--memfree {wanted} would let no job start: there is {total} of memory in all"
            ))
            .hint(format!("--memfree {}", MemorySize(total.0 / 4))));
        }
    }
    Ok(Some(ThrottleOptions {
        load: cli.running.load.map(|load| LoadLimit {
            below: load.limit(host.cpus),
            rule: match dialect {
                CommandDialect::Own => LoadRule::System,
                CommandDialect::Gnu => LoadRule::Visible,
            },
        }),
        memory: cli.running.memfree,
        command: cli.running.limit.clone(),
        metrics,
    }))
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
