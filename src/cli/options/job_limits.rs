//! Control groups of jobs, and what these limit.

use clap::Args;

use crate::policy::load;
use crate::policy::memory::MemorySize;

#[derive(Debug, Clone, PartialEq, Default, Args)]
#[group(skip)]
#[command(next_help_heading = "Control groups")]
pub(crate) struct JobLimitArgs {
    /// Run each job in a control group and leave nothing behind
    ///
    /// Linux only. When the job has ended, in whichever way, or prun has, all processes of the job
    /// are killed, also those that run in the background or have left its process group. The
    /// groups are made below that of prun, in the hierarchy of version 2. That needs root, or a
    /// group that is delegated to you: systemd-run --user --scope -p Delegate=yes prun ...
    #[arg(long)]
    pub cgroup: bool,

    /// Let each job use at most SIZE of memory
    ///
    /// Implies --cgroup. SIZE is as for --memfree; swap is not used. If a job needs more, the
    /// kernel kills processes of it, and the job has failed.
    #[arg(long, value_name = "SIZE", allow_hyphen_values = true)]
    pub job_mem: Option<MemorySize>,

    /// Let each job use at most N CPUs: 2, 0.5
    ///
    /// Implies --cgroup. The job may run on any CPU, but gets no more CPU time than N CPUs have.
    #[arg(long, value_name = "N", allow_hyphen_values = true, value_parser = cpus)]
    pub job_cpus: Option<f64>,

    /// Let each job have at most N processes and threads
    ///
    /// Implies --cgroup. A job that wants more gets an error.
    #[arg(
        long,
        value_name = "N",
        allow_hyphen_values = true,
        value_parser = clap::value_parser!(u64).range(1..=4_194_304)
    )]
    pub job_pids: Option<u64>,
}

/// Reads a number of CPUs: at least 0.01, which is the least share that the kernel gives.
fn cpus(text: &str) -> Result<f64, String> {
    load::number(text)
        .filter(|number| (0.01..=1e6).contains(number))
        .ok_or_else(|| "it is not a number of CPUs from 0.01 on".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_cpus_are_plain_and_not_too_small() {
        assert_eq!(cpus("2"), Ok(2.0));
        assert_eq!(cpus("0.5"), Ok(0.5));
        for text in ["", ".", "0", "0.001", "-1", "1e3", "nan", "inf", "x", "2 "] {
            assert!(cpus(text).is_err(), "{text}");
        }
    }
}
