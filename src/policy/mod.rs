//! Decisions about the run: pure functions of numbers and of what the command line says. No
//! file here waits, reads a clock or knows of processes.

pub(crate) mod delay;
pub(crate) mod descriptors;
pub(crate) mod duration;
pub(crate) mod halt;
pub(crate) mod jobs;
pub(crate) mod load;
pub(crate) mod memory;
pub(crate) mod retry;
pub(crate) mod timeout;
