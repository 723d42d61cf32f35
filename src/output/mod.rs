//! Output of jobs: its order, its form, and one thread that writes and may block so that
//! nobody else has to.

pub(crate) mod color;
mod combined;
mod descriptor;
mod finished_attempt;
mod mode;
pub(crate) mod results;
pub(crate) mod sequencer;
pub(crate) mod status_area;
mod target;
pub(crate) mod writer;

pub(crate) use descriptor::{print, write_all};
pub(crate) use finished_attempt::FinishedAttempt;
pub(crate) use mode::{OutputMode, OutputOrder};
pub(crate) use target::WriteTarget;
