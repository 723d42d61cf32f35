//! Built-in transforms: `@sha256`, `@count` and the like, which do inside prun what a
//! well-known tool does in a process of its own.
//!
//! A [`BuiltinSpec`] says what there is: a name, the options, what it is made by. What was typed
//! is read by [`arguments`], once for all jobs where no value is an option's. A
//! `Transform` gets the names of files, and a [`BuiltinIo`] through which it reads, writes and
//! hears that it is to end; it knows neither jobs nor processes. Each file is a `Source`,
//! a plain reader that looks after all that between two reads. Some have one result for all
//! jobs instead of output for each: that is `reduce`.

pub(crate) mod arguments;
mod atomic_file;
mod builtin_input;
mod builtin_io;
mod compress;
mod data;
mod hash;
mod help;
mod on_success;
mod parallel_file;
mod parallel_map;
mod reduce;
mod registry;
mod text;
mod workers;

use std::fmt;
use std::io;
use std::sync::Arc;

use crate::error::{Error, Result};

use arguments::{ArgumentError, BuiltinArgument, BuiltinOption, ParsedArguments};
use builtin_input::BuiltinInput;
use builtin_io::{BufferedStdout, complain, is_cancelled};
pub(crate) use builtin_io::{BuiltinEnv, BuiltinIo, BuiltinSink, BuiltinStop, CHUNK};
pub(crate) use help::{explain, list, names};
pub(crate) use on_success::{CommitError, OnSuccess};
pub(crate) use reduce::CombinedResult;
pub(crate) use workers::WorkerThreads;

/// What begins the name of a built-in.
pub(crate) const MARK: u8 = b'@';

/// One built-in, as the table of them has it.
#[derive(Debug)]
pub(crate) struct BuiltinSpec {
    /// The name, `@` included.
    pub name: &'static str,
    /// What it does, in a line.
    pub about: &'static str,
    /// The rest of its help: what it does as which tool, and what not.
    pub notes: &'static str,
    /// What it takes.
    pub flags: &'static [BuiltinOption],
    /// Makes it from what was typed; what is left in the operands are files.
    build: fn(&mut ParsedArguments) -> std::result::Result<Box<dyn Transform>, ArgumentError>,
}

/// What a built-in does for one job.
trait Transform: fmt::Debug + Send + Sync {
    /// Does it to these files, or to standard input if there are none, and returns the exit
    /// status. What is wrong with a file is told on standard error.
    ///
    /// # Errors
    /// The job is over before its end: [`is_cancelled`] holds.
    fn run(&self, files: &[Vec<u8>], stdio: &BuiltinIo<'_>) -> io::Result<u8>;

    /// What comes of all jobs together, if it writes nothing for a single one.
    fn whole(&self) -> Option<&dyn reduce::ReductionResult> {
        None
    }
}

/// A built-in and what was typed after it.
#[derive(Debug, Clone)]
pub(crate) struct BuiltinSpecialization {
    spec: &'static BuiltinSpec,
    made: Option<BuiltinInstance>,
    /// What the only value is, if no file can be among the operands.
    instead_of_file: Option<String>,
}

/// A transform for all jobs.
#[derive(Debug, Clone)]
struct BuiltinInstance {
    transform: Arc<dyn Transform>,
    /// So many of the operands are no files but part of it.
    taken: usize,
}

/// What is to be done for one job.
#[derive(Debug, Clone)]
pub(crate) struct BuiltinCall {
    name: &'static str,
    transform: Arc<dyn Transform>,
    files: Vec<Vec<u8>>,
}

impl BuiltinSpecialization {
    /// Looks at what was typed before there are values.
    ///
    /// # Errors
    /// There is no such built-in, or it does not take these options.
    pub(crate) fn new(
        name: &[u8],
        arguments: Vec<BuiltinArgument>,
    ) -> Result<BuiltinSpecialization> {
        let spec = registry::find(name)?;
        let refused = |problem| refusal(spec, &problem);
        let mut parsed = ParsedArguments::new(spec.flags, arguments).map_err(refused)?;
        if parsed.depends_on_values {
            return Ok(BuiltinSpecialization {
                spec,
                made: None,
                instead_of_file: None,
            });
        }
        let operands = parsed.operands.len();
        let (made, instead_of_file) = match (spec.build)(&mut parsed) {
            Ok(transform) => {
                let made = BuiltinInstance {
                    transform: transform.into(),
                    taken: operands - parsed.operands.len(),
                };
                (Some(made), None)
            }
            Err(ArgumentError::NotYet(instead_of_file)) => (None, instead_of_file),
            Err(problem) => return Err(refused(problem)),
        };
        Ok(BuiltinSpecialization {
            spec,
            made,
            instead_of_file,
        })
    }

    /// Looks whether there can be a file, where standard input is empty.
    ///
    /// # Errors
    /// The values are something else.
    pub(crate) fn check_files(&self) -> Result<()> {
        let Some(what) = &self.instead_of_file else {
            return Ok(());
        };
        let text = format!("the value is taken for {what}, and no file is left");
        Err(refusal(self.spec, &ArgumentError::Wrong(text)))
    }

    /// What is to be done with the arguments of one job.
    ///
    /// # Errors
    /// A value makes an option that cannot be; why.
    pub(crate) fn call(
        &self,
        arguments: Vec<BuiltinArgument>,
    ) -> std::result::Result<BuiltinCall, String> {
        let spec = self.spec;
        let told = |problem: ArgumentError| format!("{}: {problem}", spec.name);
        let mut parsed = ParsedArguments::new(spec.flags, arguments).map_err(told)?;
        let (transform, taken) = match &self.made {
            Some(made) => (Arc::clone(&made.transform), made.taken),
            None => (self.build_for_one(&mut parsed)?, 0),
        };
        Ok(BuiltinCall {
            name: spec.name,
            transform,
            files: parsed.files(taken),
        })
    }

    /// What the values of a job make of it.
    fn build_for_one(
        &self,
        parsed: &mut ParsedArguments,
    ) -> std::result::Result<Arc<dyn Transform>, String> {
        let name = self.spec.name;
        let built = (self.spec.build)(parsed).map_err(|problem| format!("{name}: {problem}"))?;
        match built.whole() {
            Some(_) => Err(format!(
                "{name}: no value can be an option: there is one result for all jobs"
            )),
            None => Ok(built.into()),
        }
    }

    /// The one result of all jobs, if that is what it makes.
    pub(crate) fn combined(&self) -> Option<CombinedResult> {
        CombinedResult::of(self)
    }
}

impl BuiltinCall {
    /// The built-in's name.
    pub(crate) fn name(&self) -> &'static str {
        self.name
    }

    /// Does it and returns the exit status.
    ///
    /// # Errors
    /// The job is over before its end: [`is_cancelled`] holds.
    pub(crate) fn run(&self, stdio: &BuiltinIo<'_>) -> io::Result<u8> {
        self.transform.run(&self.files, stdio)
    }
}

impl PartialEq for BuiltinCall {
    fn eq(&self, other: &BuiltinCall) -> bool {
        self.name == other.name && self.files == other.files
    }
}

impl Eq for BuiltinCall {}

fn refusal(spec: &BuiltinSpec, problem: &ArgumentError) -> Error {
    Error::new(format!("{}: {problem}", spec.name)).hint(format!("prun --help {}", spec.name))
}
