//! Standard input, output and error of a process.

use std::os::fd::OwnedFd;
use std::sync::Arc;

/// Descriptors 0, 1 and 2. `None` is `/dev/null` for standard input, prun's own stream for
/// the others.
pub(crate) type StandardStreams = [Option<Arc<OwnedFd>>; 3];

/// One of the two streams that a job writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OutputStream {
    Stdout,
    Stderr,
}
