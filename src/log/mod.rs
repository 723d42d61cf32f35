//! What is told of jobs apart from their output: the job log, the closing block, the
//! progress display.

mod bar;
pub mod joblog;
pub mod progress;
pub mod resume;
pub mod summary;
