//! Everything that talks to the kernel in its own terms: processes, signals,
//! wake-ups. The only place with `unsafe`, and the only one that differs between
//! systems.

mod ancestor;
pub mod byte_strings;
mod cgroup;
pub mod child;
#[cfg(target_os = "linux")]
mod children;
pub mod clock;
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
pub mod host;
pub mod limits;
pub mod malloc;
pub mod metered_reader;
pub mod niceness;
pub mod orphans;
mod parent_death;
pub mod pipe;
pub mod signal;
pub mod signal_name;
pub mod startup;
pub mod system_metrics;
pub mod terminal;
pub mod wait;
pub mod wake;
