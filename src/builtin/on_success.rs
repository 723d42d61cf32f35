//! What a built-in leaves to be done when its job has succeeded.

use std::fmt;

/// Something that is to be done once the job has succeeded as a whole. It is dropped if the
/// job has not: then nothing has happened.
pub(crate) struct OnSuccess(Box<dyn FnOnce() -> Result<(), CommitError> + Send>);

/// A commit that failed: the job has failed after all.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct CommitError {
    /// What the built-in says of it on standard error.
    pub message: String,
    /// The status that it ends with.
    pub status: u8,
}

impl OnSuccess {
    /// Pledges to do this.
    pub(crate) fn new(
        deed: impl FnOnce() -> Result<(), CommitError> + Send + 'static,
    ) -> OnSuccess {
        OnSuccess(Box::new(deed))
    }

    /// Does it.
    ///
    /// # Errors
    /// It was not done, and the job has failed.
    pub(crate) fn keep(self) -> Result<(), CommitError> {
        (self.0)()
    }
}

impl fmt::Debug for OnSuccess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pledge")
    }
}
