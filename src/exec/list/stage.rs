//! Stages of the pipelines of a list, and the step after a pipeline.

use crate::exec::builtin::stage::BuiltinStage;
use crate::os::child::Child;
use crate::os::standard_streams::{OutputStream, StandardStreams};
use crate::template::PreparedCommand;

/// A stage that is ready to be started.
#[derive(Debug)]
pub(super) enum PreparedStage {
    Process(PreparedCommand, StandardStreams),
    Builtin(BuiltinStage),
    /// It cannot be started for this reason.
    Failed(String),
}

/// A stage that was started.
#[derive(Debug)]
pub(crate) enum StartedStage {
    Process(Child),
    /// It is to be started on a thread.
    Builtin(BuiltinStage),
    /// It could not be started for this reason.
    Failed(String),
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum NextStep {
    /// A pipeline whose stages are to be started.
    Pipeline,
    /// A command of the shell's own, which prun has done: its output to one of the job's
    /// streams, and its status.
    Done(Option<(OutputStream, Vec<u8>)>, u8),
    End,
}
