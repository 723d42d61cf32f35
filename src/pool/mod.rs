//! The pool: a bounded number of slots that run jobs, a feeder that reads them, and
//! the dispatcher between them, which owns all state of the run.

mod dispatcher;
mod event;
mod feeder;
mod last_bytes;
mod limit_command;
mod options;
mod pressure_watch;
mod read_ahead;
mod reporter;
mod resource_backoff;
mod row_spool;
mod run_result;
mod run_setup;
mod service_event;
mod services;
mod slot;
mod slot_pool;
pub(crate) mod slots_file;
mod thread;
pub(crate) mod throttle;
mod watcher;

pub(crate) use dispatcher::run;
pub(crate) use options::{ColorScope, KeyOptions, PlanOptions, PoolOptions, PrintCommand};
pub(crate) use run_result::{HaltCause, RunResult};
pub(crate) use run_setup::{JobTag, RunIo, RunSetup, TagSource};
