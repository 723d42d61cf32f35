//! Messages and records about jobs, apart from their output, each by an
//! [`Observer`](crate::observer::Observer): remarks, the job log, the event log, the
//! closing block, the progress display.

mod command_field;
mod counts;
pub(crate) mod events;
pub(crate) mod failure_summary;
pub(crate) mod joblog;
pub(crate) mod label;
pub(crate) mod log_file;
pub(crate) mod plan_history;
pub(crate) mod progress;
pub(crate) mod remarks;
pub(crate) mod resume;
pub(crate) mod run_summary;
