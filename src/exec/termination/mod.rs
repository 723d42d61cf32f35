//! The end of an attempt: its limits, requests to stop it, and the signals for that.

mod attempt_limits;
pub(crate) mod end_requests;
mod leak_policy;
pub(crate) mod signal_sequence;
pub(crate) mod slot_control;
mod stop_reason;

pub(crate) use attempt_limits::AttemptLimits;
pub(crate) use leak_policy::LeakPolicy;
pub(crate) use stop_reason::StopReason;
