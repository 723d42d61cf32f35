//! The streams that jobs' output goes to.

use crate::exec::capture::OutputStream;

/// A stream of prun's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WriteTarget {
    Stdout,
    Stderr,
}

impl From<OutputStream> for WriteTarget {
    fn from(stream: OutputStream) -> Self {
        match stream {
            OutputStream::Stdout => WriteTarget::Stdout,
            OutputStream::Stderr => WriteTarget::Stderr,
        }
    }
}
