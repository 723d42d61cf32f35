//! News of the services of a plan.

use crate::job::AttemptRecord;

/// News of a service, by its index in the plan.
#[derive(Debug)]
pub(super) enum ServiceEvent {
    Ready(usize),
    /// Nobody can tell whether it is ready, for this reason.
    Unready(usize, String),
    /// It has ended, and its check with it.
    Ended(usize, Box<ServiceEnd>),
}

/// End of a service.
#[derive(Debug)]
pub(super) struct ServiceEnd {
    pub record: AttemptRecord,
    /// The end of what it printed, on both streams.
    pub output: Vec<u8>,
    /// It had printed more.
    pub is_cut: bool,
}
