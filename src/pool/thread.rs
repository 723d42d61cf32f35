//! Threads of the pool.

use std::io;
use std::thread::JoinHandle;

use crate::error::{Error, Result};

/// Stack size in bytes: slots need little, and there may be thousands.
const STACK: usize = 256 << 10;

/// Starts a named thread, which nobody joins.
pub(super) fn spawn(name: String, body: impl FnOnce() + Send + 'static) -> io::Result<()> {
    spawn_joinable(name, body).map(drop)
}

/// Starts a named thread.
pub(super) fn spawn_joinable(
    name: String,
    body: impl FnOnce() + Send + 'static,
) -> io::Result<JoinHandle<()>> {
    let builder = std::thread::Builder::new().name(name).stack_size(STACK);
    builder.spawn(body)
}

/// [`spawn`] for a thread that the run cannot do without.
pub(super) fn spawn_or_fail(name: &str, body: impl FnOnce() + Send + 'static) -> Result<()> {
    spawn(name.to_owned(), body)
        .map_err(|error| Error::new(format!("cannot start the {name}'s thread")).because(&error))
}
