//! Messages and records about jobs, apart from their output, each by an
//! [`Observer`](crate::observer::Observer): remarks, the job log, the closing block, the
//! progress display.

mod counts;
pub(crate) mod failure_summary;
pub(crate) mod joblog;
pub(crate) mod label;
pub(crate) mod progress;
pub(crate) mod remarks;
pub(crate) mod resume;
pub(crate) mod run_summary;
