//! Built-ins as all of a job, and as stages of a pipeline.

pub(crate) mod byte_channel;
pub(crate) mod job;
pub(crate) mod stage;
pub(crate) mod threads;
