//! Jobs that are messages to processes that live on (`--worker`): one process for each slot,
//! started with the slot's first job. A job writes a message to its standard input and reads
//! an answer from its standard output.
//!
//! - [`answer`]: where an answer ends
//! - [`process`]: the process of a slot, between its jobs and at its end
//! - [`exchange`]: one message and its answer
//! - [`supply`]: a process for the next message
//! - [`messages`]: what is said about workers
//! - [`executor`]: all of these for all slots

mod answer;
mod exchange;
mod executor;
mod messages;
mod process;
mod supply;

pub(crate) use answer::AnswerEnd;
pub(crate) use executor::{WorkerExecutor, WorkerOptions};
