//! The exit statuses that prun gives and those that it reports for jobs.

/// Every input ran, every job returned 0, every byte was delivered.
pub(crate) const SUCCESS: u8 = 0;

/// 1 to 100 is the number of failed jobs; this stands for more (as GNU parallel).
pub(crate) const MANY_FAILED: u8 = 101;

/// A job was stopped by its time limit (as timeout(1)).
pub(crate) const TIMED_OUT: u8 = 124;

/// A job's command was found and could not be executed (as sh(1)).
pub(crate) const NOT_EXECUTABLE: u8 = 126;

/// A job's command was not found (as sh(1)).
pub(crate) const NOT_FOUND: u8 = 127;

/// Added to the number of a signal that ended a job or prun (as sh(1)).
pub(crate) const SIGNALED: u8 = 128;

/// prun's own error: usage, input, output or log (as GNU parallel).
pub(crate) const ERROR: u8 = 255;

/// How prun ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunExit {
    /// With this exit status.
    Status(u8),
    /// By this signal, so that its parent sees what happened.
    Signal(i32),
}
