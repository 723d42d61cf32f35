//! prun runs one command per input through a bounded pool of processes.

pub mod error;

pub mod exit;

pub mod os;

pub mod input;

pub mod template;

pub mod job;

pub mod tally;

pub mod spool;

pub mod exec;

pub mod policy;
