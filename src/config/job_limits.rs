//! From options to the control groups of jobs: `--cgroup`, `--job-mem`, `--job-cpus`,
//! `--job-pids`.

use crate::cli::Cli;
use crate::error::{Error, Result};
use crate::os::job_cgroup::JobLimits;
use crate::policy::memory::MemorySize;
use crate::template::CommandTemplate;

/// Memory below which the kernel may deny the process itself, which would look as if the memory
/// of the machine were short.
const LEAST_MEMORY: MemorySize = MemorySize(256 << 10);

/// Descriptors that the control group of a job takes, in up to four hierarchies.
pub(super) fn descriptors(cli: &Cli) -> usize {
    if is_wanted(cli) { 5 } else { 0 }
}

fn is_wanted(cli: &Cli) -> bool {
    let typed = &cli.job_limits;
    typed.cgroup || typed.job_mem.is_some() || typed.job_cpus.is_some() || typed.job_pids.is_some()
}

/// Limits of jobs that run in control groups of their own; `None` if they run in that of prun.
///
/// # Errors
/// There will be no process to which they apply.
pub(super) fn limits(cli: &Cli, template: &CommandTemplate) -> Result<Option<JobLimits>> {
    if !is_wanted(cli) {
        return Ok(None);
    }
    if template.is_one_builtin() {
        return Err(
            Error::new("control groups cannot be had for a command that runs inside prun")
                .hint("leave out --cgroup, --job-mem, --job-cpus and --job-pids"),
        );
    }
    if let Some(size) = cli.job_limits.job_mem.filter(|&size| size < LEAST_MEMORY) {
        return Err(Error::new(format!(
            "--job-mem {size} is too little: no process can be started in it"
        ))
        .hint("--job-mem 100M"));
    }
    Ok(Some(JobLimits {
        memory: cli.job_limits.job_mem.map(|size| size.0),
        cpus: cli.job_limits.job_cpus,
        pids: cli.job_limits.job_pids,
    }))
}
