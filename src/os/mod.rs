//! Processes, signals and descriptors, in the kernel's own terms. Only here is `unsafe`,
//! and only here do systems differ.

pub(crate) mod alarm;
mod ancestor;
pub(crate) mod background;
pub(crate) mod byte_strings;
mod cgroup;
pub(crate) mod child;
#[cfg(target_os = "linux")]
mod children;
pub(crate) mod clock;
#[cfg(all(
    target_os = "linux",
    any(target_arch = "x86_64", target_arch = "aarch64")
))]
mod clone3_spawn;
#[cfg(all(
    target_os = "linux",
    any(target_arch = "x86_64", target_arch = "aarch64")
))]
mod environment;
pub(crate) mod fifo;
pub(crate) mod file_watch;
pub(crate) mod guard;
pub(crate) mod host;
pub(crate) mod inherited;
pub(crate) mod internal_error;
pub(crate) mod job_cgroup;
pub(crate) mod jobserver;
pub(crate) mod limits;
pub(crate) mod malloc;
pub(crate) mod metered_reader;
pub(crate) mod niceness;
pub(crate) mod orphans;
mod parent_death;
pub(crate) mod pipe;
pub(crate) mod pressure;
pub(crate) mod record_lock;
pub(crate) mod reopen;
pub(crate) mod signal;
pub(crate) mod signal_name;
pub(crate) mod signal_wait;
pub(crate) mod standard_streams;
pub(crate) mod startup;
pub(crate) mod system_metrics;
pub(crate) mod terminal;
pub(crate) mod wait;
pub(crate) mod wake;
