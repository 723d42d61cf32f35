//! Built-in transforms: `@sha256`, `@count` and the like, which do inside prun what a
//! well-known tool does in a process of its own.
//!
//! The [`registry`] lists a `BuiltinSpec` for each: its name, its options, its constructor.
//! [`arguments`] are read once for all jobs where no value is among the options. A
//! `Transform` gets the names of files, and a [`BuiltinIo`] through which it reads, writes and
//! learns that its job was cancelled; it knows neither jobs nor processes. Each file is a
//! `BuiltinInput`, a reader that checks for that between two reads. Built-ins that [`reduce`]
//! make one result of all jobs instead of output for each.

pub(crate) mod arguments;
mod atomic_file;
mod builtin_input;
mod builtin_io;
mod compress;
mod data;
mod files;
mod hash;
mod help;
mod on_success;
mod parallel_file;
mod parallel_map;
mod reduce;
mod registry;
mod specialization;
mod text;
mod transform;
mod workers;

pub(crate) use builtin_io::{BuiltinEnv, BuiltinIo, BuiltinSink, BuiltinStop, CHUNK};
pub(crate) use help::{explain, list, names};
pub(crate) use on_success::{CommitError, OnSuccess};
pub(crate) use specialization::{BuiltinCall, BuiltinSpecialization, CombinedResult};
pub(crate) use workers::WorkerThreads;

/// First byte of the name of a built-in.
pub(crate) const MARK: u8 = b'@';
