//! Rules of the run, as they are typed, and what they decide: functions of numbers that know
//! no clock and no processes. Only the number in the file of `-j FILE` is read here.

pub(crate) mod delay;
pub(crate) mod descriptors;
pub(crate) mod duration;
pub(crate) mod halt;
pub(crate) mod jobs;
pub(crate) mod key;
pub(crate) mod load;
pub(crate) mod makeflags;
pub(crate) mod memory;
pub(crate) mod pressure;
pub(crate) mod rate;
pub(crate) mod record_sync;
pub(crate) mod retry;
pub(crate) mod slot_values;
pub(crate) mod statuses;
pub(crate) mod swap;
pub(crate) mod timeout;
pub(crate) mod user_signals;
