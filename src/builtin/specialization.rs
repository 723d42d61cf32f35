//! A built-in with the arguments that were typed, for all jobs and for one.

use std::io::{self, Write};
use std::sync::Arc;

use super::arguments::{ArgumentError, BuiltinArgument, ParsedArguments};
use super::builtin_io::BuiltinIo;
use super::registry;
use super::transform::{BuiltinSpec, Transform};
use crate::error::{Error, Result};

/// A built-in and what was typed after it.
#[derive(Debug, Clone)]
pub(crate) struct BuiltinSpecialization {
    spec: &'static BuiltinSpec,
    made: Option<BuiltinInstance>,
    /// Meaning of the only value, if no file can be among the operands.
    instead_of_file: Option<String>,
}

#[derive(Debug, Clone)]
struct BuiltinInstance {
    transform: Arc<dyn Transform>,
    /// Number of operands that are no files but part of the transform.
    taken: usize,
}

/// A transform with the files of one job.
#[derive(Debug, Clone)]
pub(crate) struct BuiltinCall {
    name: &'static str,
    transform: Arc<dyn Transform>,
    files: Vec<Vec<u8>>,
}

impl BuiltinSpecialization {
    /// Reads the arguments before there are values.
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

    /// Refuses values that are no files, where standard input is empty.
    pub(crate) fn check_files(&self) -> Result<()> {
        let Some(what) = &self.instead_of_file else {
            return Ok(());
        };
        let text = format!("the value is taken for {what}, and no file is left");
        Err(refusal(self.spec, &ArgumentError::Wrong(text)))
    }

    /// The call for the arguments of one job.
    ///
    /// # Errors
    /// A value makes an option that cannot be.
    pub(crate) fn call(
        &self,
        arguments: Vec<BuiltinArgument>,
    ) -> std::result::Result<BuiltinCall, String> {
        let spec = self.spec;
        let reported = |problem: ArgumentError| format!("{}: {problem}", spec.name);
        let mut parsed = ParsedArguments::new(spec.flags, arguments).map_err(reported)?;
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

    /// Builds a transform from the values of one job.
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

    pub(crate) fn combined(&self) -> Option<CombinedResult> {
        let transform = &self.made.as_ref()?.transform;
        transform.whole().is_some().then(|| CombinedResult {
            name: self.spec.name,
            transform: Arc::clone(transform),
        })
    }
}

impl BuiltinCall {
    pub(crate) fn name(&self) -> &'static str {
        self.name
    }

    /// Returns the exit status.
    ///
    /// # Errors
    /// The job was cancelled.
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

/// Combined result of all jobs of a run.
#[derive(Debug, Clone)]
pub(crate) struct CombinedResult {
    name: &'static str,
    transform: Arc<dyn Transform>,
}

impl CombinedResult {
    pub(crate) fn name(&self) -> &'static str {
        self.name
    }

    /// Writes the result of the jobs that have succeeded, once only.
    ///
    /// # Errors
    /// Nobody takes it, or a temporary file cannot be read.
    pub(crate) fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        match self.transform.whole() {
            Some(whole) => whole.write(out),
            None => Ok(()),
        }
    }
}
