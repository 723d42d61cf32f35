//! Work that a built-in leaves for the time when its job has succeeded.

use std::fmt;

/// An action that is taken once the job has succeeded as a whole. If it has not, the action
/// is dropped.
pub(crate) struct OnSuccess(Box<dyn FnOnce() -> Result<(), CommitError> + Send>);

/// Failure of the action: the job has failed after all.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct CommitError {
    /// Text for standard error.
    pub message: String,
    /// Exit status of the built-in.
    pub status: u8,
}

impl OnSuccess {
    pub(crate) fn new(
        action: impl FnOnce() -> Result<(), CommitError> + Send + 'static,
    ) -> OnSuccess {
        OnSuccess(Box::new(action))
    }

    pub(crate) fn commit(self) -> Result<(), CommitError> {
        (self.0)()
    }
}

impl fmt::Debug for OnSuccess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OnSuccess")
    }
}
