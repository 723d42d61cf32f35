//! Built-ins that reduce: what they find in all jobs becomes one result of the run.
//!
//! Each job makes a part of its own and pledges to add it to the whole, under a lock that is
//! taken once for a job. That is done when the job has succeeded with all that is in its
//! line: what one did that failed, ran out of time or is tried again counts neither twice
//! nor half. The whole does not depend on the order in which jobs end.

/// The rest of a help, with what holds for all that reduce.
macro_rules! notes {
    ($text:literal) => {
        concat!(
            $text,
            "

The result is printed once, on standard output, when all else is. It is that of the jobs that
succeeded; the exit status counts the others. A run that was halted or interrupted has none.

It may be the last command of a line: 'zcat <> | @sum', 'cd d && cat <> | @sum'. What reaches
it counts if the job succeeds as a whole."
        )
    };
}

mod column;
mod decimal;
mod freq;
mod lines;
mod sort;
mod stats;
mod sum;

pub(super) use freq::FREQ;
pub(super) use sort::SORT;
pub(super) use stats::STATS;
pub(super) use sum::SUM;

use std::fmt;
use std::io::{self, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::arguments::ArgumentError;
use super::builtin_io::{BuiltinIo, complain};
use super::on_success::{CommitError, OnSuccess};
use super::text::named;
use super::{BuiltinSpecialization, Transform};
use crate::error::reason_text;

/// How parts of a result are made and put together.
pub(super) trait Reduction: fmt::Debug + Send + Sync + 'static {
    /// What comes of one job, or of several.
    type Part: fmt::Debug + Send + 'static;

    /// The built-in's name.
    const NAME: &'static str;

    /// The status of a job whose input cannot be read.
    const STATUS: u8 = 1;

    /// The part of a job without input. `seq` is the job's number.
    fn begin(&self, seq: u64) -> Self::Part;

    /// Adds what is in a file.
    ///
    /// # Errors
    /// What is wrong with the file, or the job is over.
    fn take(&self, part: &mut Self::Part, file: &[u8], stdio: &BuiltinIo<'_>) -> io::Result<()>;

    /// Does what can be done before the part is added to the whole: other jobs wait there.
    ///
    /// # Errors
    /// There is no room for a temporary file.
    fn close(&self, _part: &mut Self::Part, _stdio: &BuiltinIo<'_>) -> io::Result<()> {
        Ok(())
    }

    /// Adds a part to the whole.
    ///
    /// # Errors
    /// It was not added, and the whole is as it was.
    fn merge(&self, whole: &mut Self::Part, part: Self::Part) -> io::Result<()>;

    /// Writes what all parts make together.
    ///
    /// # Errors
    /// Nobody takes it, or it cannot be read back from where it was put.
    fn write(&self, whole: Self::Part, out: &mut dyn Write) -> io::Result<()>;
}

/// A reduction at work: it adds up the parts of all jobs.
#[derive(Debug)]
pub(super) struct Reducer<R: Reduction>(Arc<ReductionTotal<R>>);

/// How parts are put together, and those that were.
#[derive(Debug)]
struct ReductionTotal<R: Reduction> {
    reduction: R,
    whole: Mutex<R::Part>,
}

impl<R: Reduction> Reducer<R> {
    pub(super) fn new(reduction: R) -> Reducer<R> {
        Reducer(Arc::new(ReductionTotal {
            whole: Mutex::new(reduction.begin(0)),
            reduction,
        }))
    }

    /// Makes the part of a job, and pledges to add it to the whole.
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
        // The last time that the built-in can be told to end: from here on it succeeds.
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
struct TemporaryFileError(io::Error);

impl TemporaryFileError {
    fn error(error: io::Error) -> io::Error {
        io::Error::other(TemporaryFileError(error))
    }
}

impl fmt::Display for TemporaryFileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot use a temporary file: {}", reason_text(&self.0))
    }
}

impl std::error::Error for TemporaryFileError {}

/// What the parts of all jobs have become.
pub(super) trait ReductionResult {
    /// Writes it, and leaves one without input.
    ///
    /// # Errors
    /// Nobody takes it, or it cannot be read back from where it was put.
    fn write(&self, out: &mut dyn Write) -> io::Result<()>;
}

impl<R: Reduction> ReductionResult for Reducer<R> {
    fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let ReductionTotal { reduction, .. } = &*self.0;
        let whole = std::mem::replace(&mut *self.0.whole(), reduction.begin(0));
        reduction.write(whole, out)
    }
}

/// The one result of all jobs of a run.
#[derive(Debug, Clone)]
pub(crate) struct CombinedResult {
    name: &'static str,
    transform: Arc<dyn Transform>,
}

impl CombinedResult {
    pub(super) fn of(plan: &BuiltinSpecialization) -> Option<CombinedResult> {
        let transform = &plan.made.as_ref()?.transform;
        transform.whole().is_some().then(|| CombinedResult {
            name: plan.spec.name,
            transform: Arc::clone(transform),
        })
    }

    /// The name of the built-in.
    pub(crate) fn name(&self) -> &'static str {
        self.name
    }

    /// Writes the result of the jobs that have succeeded. Once only.
    ///
    /// # Errors
    /// Nobody takes it, or it cannot be read back from where it was put.
    pub(crate) fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        match self.transform.whole() {
            Some(whole) => whole.write(out),
            None => Ok(()),
        }
    }
}

/// A number of lines.
fn count(text: &[u8]) -> Result<usize, ArgumentError> {
    let number = std::str::from_utf8(text)
        .ok()
        .and_then(|text| text.parse().ok());
    number.ok_or_else(|| {
        let text = String::from_utf8_lossy(text);
        ArgumentError::Wrong(format!("'{text}' is no number"))
    })
}
