//! What is told of jobs apart from their output: the job log, the closing block, the
//! progress display.

mod counts;
pub(crate) mod joblog;
pub(crate) mod label;
pub(crate) mod progress;
pub(crate) mod resume;
pub(crate) mod summary;
