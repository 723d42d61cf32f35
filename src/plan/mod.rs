//! Jobs that need each other (`--plan`): what a plan says, and which of its jobs may start when.
//! Knows nothing of processes, threads or output.
//!
//! - `entry`: one line of a plan
//! - `fields`: values of JSON as what they have to be
//! - `plan`: all lines together, with their needs
//! - [`graph`]: who needs whom, cycles, waves
//! - [`progress`]: how far a run has come, and who may start, or never will

mod entry;
mod fields;
pub(crate) mod graph;
#[expect(
    clippy::module_inception,
    reason = "a plan is what the module is about"
)]
mod plan;
pub(crate) mod progress;

pub(crate) use entry::{PlanJob, Readiness};
pub(crate) use plan::Plan;
