//! What is told of jobs apart from their output: the job log, the closing block, the
//! progress display.

mod counts;
pub mod joblog;
pub mod label;
pub mod progress;
pub mod resume;
pub mod summary;
