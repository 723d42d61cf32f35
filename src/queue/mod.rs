//! A durable queue of rows (`--queue FILE`) that several prun processes share: an SQLite
//! database, and beside it a directory `FILE-takers`.
//!
//! An entry is a row with all that its job needs: values, command, shell, working directory.
//! It waits, then runs at one taker, and is gone when its job has succeeded and its output was
//! delivered; a failed one stays until it is asked for again. A taker that has ended, however
//! that came about, runs nothing: what it had waits again ([`takers`]).

mod claim;
mod entry;
mod file;
mod marks;
mod open;
mod put;
mod source;
mod status;
mod takers;
mod wait;

pub(crate) use entry::EntryCommand;
pub(crate) use marks::QueueMarks;
pub(crate) use put::{PutOptions, put};
pub(crate) use source::{TakeOptions, take};
pub(crate) use status::{StatusForm, status};
