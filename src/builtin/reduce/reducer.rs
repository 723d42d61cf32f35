//! Parts of a result, made by jobs and added up.

use std::fmt;
use std::io::{self, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::builtin::builtin_io::{BuiltinIo, complain};
use crate::builtin::files::named;
use crate::builtin::on_success::{CommitError, OnSuccess};
use crate::builtin::transform::{ReductionResult, Transform};
use crate::error::reason_text;

/// Rules for making parts of a result and adding them up.
pub(in crate::builtin) trait Reduction:
    fmt::Debug + Send + Sync + 'static
{
    /// Part of one job, or of several.
    type Part: fmt::Debug + Send + 'static;

    /// Name of the built-in.
    const NAME: &'static str;

    /// Status of a job whose input cannot be read.
    const STATUS: u8 = 1;

    /// Part of a job without input. `seq` is the job's number.
    fn begin(&self, seq: u64) -> Self::Part;

    /// Adds the contents of a file.
    ///
    /// # Errors
    /// The file cannot be read, or the job was cancelled.
    fn take(&self, part: &mut Self::Part, file: &[u8], stdio: &BuiltinIo<'_>) -> io::Result<()>;

    /// Completes a part before it is added to the whole, where other jobs wait.
    ///
    /// # Errors
    /// There is no space for a temporary file.
    fn close(&self, _part: &mut Self::Part, _stdio: &BuiltinIo<'_>) -> io::Result<()> {
        Ok(())
    }

    /// Adds a part to the whole.
    ///
    /// # Errors
    /// Nothing was added.
    fn merge(&self, whole: &mut Self::Part, part: Self::Part) -> io::Result<()>;

    /// Writes the result.
    ///
    /// # Errors
    /// Nobody takes it, or a temporary file cannot be read.
    fn write(&self, whole: Self::Part, out: &mut dyn Write) -> io::Result<()>;
}

#[derive(Debug)]
pub(in crate::builtin) struct Reducer<R: Reduction>(Arc<ReductionTotal<R>>);

#[derive(Debug)]
struct ReductionTotal<R: Reduction> {
    reduction: R,
    whole: Mutex<R::Part>,
}

impl<R: Reduction> Reducer<R> {
    pub(in crate::builtin) fn new(reduction: R) -> Reducer<R> {
        Reducer(Arc::new(ReductionTotal {
            whole: Mutex::new(reduction.begin(0)),
            reduction,
        }))
    }

    /// Makes the part of a job, and hands over how it is added to the whole.
    fn reduce<'a>(
        &self,
        files: &[&'a [u8]],
        stdio: &BuiltinIo<'_>,
    ) -> Result<(), (&'a [u8], io::Error)> {
        let total = Arc::clone(&self.0);
        let mut part = total.reduction.begin(stdio.seq());
        for &file in files {
            let taken = total.reduction.take(&mut part, file, stdio);
            taken.map_err(|error| (file, error))?;
        }
        // The last check for the end of the job: from here on the built-in succeeds.
        let closed = total.reduction.close(&mut part, stdio);
        let closed = closed.and_then(|()| stdio.check());
        closed.map_err(|error| (&b""[..], error))?;
        stdio.on_success(OnSuccess::new(move || total.add(part)));
        Ok(())
    }
}

impl<R: Reduction> ReductionTotal<R> {
    /// A merge that fails leaves the whole as it was: so does one that panics.
    fn whole(&self) -> MutexGuard<'_, R::Part> {
        self.whole.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn add(&self, part: R::Part) -> Result<(), CommitError> {
        let merged = self.reduction.merge(&mut self.whole(), part);
        merged.map_err(|error| CommitError {
            message: format!("{}: {}\n", R::NAME, reason_text(&error)),
            status: R::STATUS,
        })
    }
}

impl<R: Reduction> Transform for Reducer<R> {
    fn run(&self, files: &[Vec<u8>], stdio: &BuiltinIo<'_>) -> io::Result<u8> {
        let Err((file, error)) = self.reduce(&named(files), stdio) else {
            return Ok(0);
        };
        if error
            .get_ref()
            .is_some_and(|inner| inner.is::<TemporaryFileError>())
        {
            stdio.err(format!("{}: {error}\n", R::NAME).as_bytes())?
        } else {
            complain(stdio, &format!("{}: cannot read", R::NAME), file, error)?
        }
        Ok(R::STATUS)
    }

    fn whole(&self) -> Option<&dyn ReductionResult> {
        Some(self)
    }
}

/// A temporary file cannot be used.
#[derive(Debug)]
pub(super) struct TemporaryFileError(io::Error);

impl TemporaryFileError {
    pub(super) fn error(error: io::Error) -> io::Error {
        io::Error::other(TemporaryFileError(error))
    }
}

impl fmt::Display for TemporaryFileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot use a temporary file: {}", reason_text(&self.0))
    }
}

impl std::error::Error for TemporaryFileError {}

impl<R: Reduction> ReductionResult for Reducer<R> {
    fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let ReductionTotal { reduction, .. } = &*self.0;
        let whole = std::mem::replace(&mut *self.0.whole(), reduction.begin(0));
        reduction.write(whole, out)
    }
}
