//! The work of one job: one command, or a list of them that prun runs as a shell
//! would, without a shell.

use std::ffi::OsString;

use crate::builtin::BuiltinCall;
use crate::input::ByteStrings;
use crate::shell::Redirection;

/// The work of one job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum JobWork {
    /// One process.
    Command(PreparedCommand),
    /// Several, or one with redirections.
    List(CommandList),
    /// No process: a built-in of prun's.
    Builtin(BuiltinCall),
}

/// Pipelines, one after the other. Unless built-ins of prun's are called, the first stage of
/// the first one is always a process, or has one after it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CommandList<A = StageAction, W = OsString> {
    /// Operand of a `cd` at the beginning.
    pub directory: Option<W>,
    /// At least one.
    pub pipelines: Vec<Pipeline<A, W>>,
    pub unusual: UnusualPrograms,
}

/// Handling of what is unusual in a list: a program that is missing, a file of another
/// kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum UnusualPrograms {
    /// A shell, which knows what to say or has another way.
    ByShell,
    /// Nobody, since the list calls built-ins of prun's: what cannot be done is a failure.
    /// That of any stage is the pipeline's.
    Fails,
}

/// Commands that run at the same time, each reading what the one before it writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pipeline<A = StageAction, W = OsString> {
    /// By the status of the pipeline that ran last.
    pub when: PipelineCondition,
    /// At least one.
    pub stages: Vec<PipelineStage<A, W>>,
}

/// Operator before a pipeline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PipelineCondition {
    /// The first pipeline, or `;`.
    Always,
    /// `&&`
    AfterSuccess,
    /// `||`
    AfterFailure,
}

/// One command of a pipeline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PipelineStage<A = StageAction, W = OsString> {
    pub action: A,
    /// In the order in which they are done.
    pub redirections: Vec<Redirection<W>>,
}

/// Action of a stage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum StageAction {
    /// A process.
    Run(PreparedCommand),
    /// A built-in of prun's.
    Call(BuiltinCall),
    /// `echo` with plain arguments: these bytes. It is the only stage, or the first one
    /// without redirections.
    Echo(Vec<u8>),
    /// `true`, `:` and `false`, the only stage.
    Status(u8),
}

/// A program with its arguments and variables.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PreparedCommand {
    /// Program and arguments.
    pub argv: ByteStrings,
    /// Variables that leading `NAME=value` words set.
    pub environment: Vec<(OsString, OsString)>,
}
