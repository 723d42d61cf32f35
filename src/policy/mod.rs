//! Decisions about the run: pure functions of numbers and of what the command
//! line says. Nothing here waits, reads a clock or knows of processes.

pub mod delay;
pub mod descriptors;
pub mod duration;
pub mod halt;
pub mod jobs;
pub mod load;
pub mod memory;
pub mod retry;
pub mod timeout;
