//! What a start waits for beside a free slot.

use crate::cli::Cli;
use crate::error::{Error, Result};
use crate::os::gauges::Gauges;
use crate::os::world::World;
use crate::policy::memory::Size;
use crate::pool::throttle::Conditions;

/// What `--load` and `--memfree` ask for.
///
/// # Errors
/// It cannot be measured here, or could never come true.
pub fn conditions(cli: &Cli, world: &World) -> Result<Option<Conditions>> {
    if cli.load.is_none() && cli.memfree.is_none() {
        return Ok(None);
    }
    let gauges = Gauges::system();
    if cli.load.is_some() && gauges.load().is_none() {
        return Err(unknown("--load", "how busy it is"));
    }
    if let Some(wanted) = cli.memfree {
        let total = gauges.total_memory().map(Size);
        let total = total.filter(|_| gauges.available_memory().is_some());
        let total = total.ok_or_else(|| unknown("--memfree", "how much memory it has left"))?;
        if wanted > total {
            return Err(Error::new(format!(
                "--memfree {wanted} would let no job start: there is {total} of memory in all"
            ))
            .hint(format!("--memfree {}", Size(total.0 / 4))));
        }
    }
    Ok(Some(Conditions {
        load: cli.load.map(|load| load.limit(world.cpus)),
        memory: cli.memfree,
        gauges,
    }))
}

fn unknown(option: &str, what: &str) -> Error {
    Error::new(format!(
        "{option} cannot be used: this system does not tell {what}"
    ))
    .hint("-j2 runs two jobs at once, --delay 1 starts one a second")
}
