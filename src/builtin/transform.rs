//! Interface of a built-in: its entry in the registry, and its work for one job.

use std::fmt;
use std::io::{self, Write};

use super::arguments::{ArgumentError, BuiltinOption, ParsedArguments};
use super::builtin_io::BuiltinIo;

/// Entry of a built-in in the registry.
#[derive(Debug)]
pub(crate) struct BuiltinSpec {
    /// With the `@`.
    pub name: &'static str,
    /// One line of `--builtins`.
    pub about: &'static str,
    /// Rest of the help: the tool it is like, and the differences.
    pub notes: &'static str,
    pub flags: &'static [BuiltinOption],
    /// Takes what it needs of the operands; those that are left are files.
    pub(super) build: fn(&mut ParsedArguments) -> Result<Box<dyn Transform>, ArgumentError>,
}

/// Work of a built-in for one job.
pub(super) trait Transform: fmt::Debug + Send + Sync {
    /// Reads these files, or standard input if there are none, and returns the exit status.
    /// Problems of a file are reported on standard error.
    ///
    /// # Errors
    /// The job was cancelled.
    fn run(&self, files: &[Vec<u8>], stdio: &BuiltinIo<'_>) -> io::Result<u8>;

    /// The combined result of all jobs, if there is no output for each.
    fn whole(&self) -> Option<&dyn ReductionResult> {
        None
    }
}

/// Combined result of all jobs.
pub(super) trait ReductionResult {
    /// Writes the result, and leaves an empty one.
    ///
    /// # Errors
    /// Nobody takes it, or a temporary file cannot be read.
    fn write(&self, out: &mut dyn Write) -> io::Result<()>;
}
