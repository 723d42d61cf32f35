//! Lists of commands (`a && b | c`) that prun runs itself, without a shell.

mod redirect;
pub(crate) mod runner;
mod stage;

pub(crate) use stage::{NextStep, StartedStage};
