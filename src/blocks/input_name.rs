//! Name of what is cut, and errors that say it.

use std::fmt;
use std::io;
use std::path::Path;
use std::sync::Arc;

use crate::error::Error;

/// Path of a file, or none for standard input.
#[derive(Debug, Clone)]
pub(crate) struct InputName(pub Option<Arc<Path>>);

/// Bytes that have a bound (`--max-record`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum BoundedPart {
    Header,
    Record,
    /// Records of a block that has a number of them.
    Block,
}

impl InputName {
    pub(crate) fn file(path: &Path) -> InputName {
        InputName(Some(path.into()))
    }

    pub(crate) fn unreadable(&self, error: &io::Error) -> Error {
        Error::new(format!("cannot read {self}")).because(error)
    }

    pub(super) fn too_long(&self, part: BoundedPart, most: u64) -> Error {
        let (what, borders) = match part {
            BoundedPart::Header => ("the header is", "--header says where it ends"),
            BoundedPart::Record => (
                "a record is",
                "--recend and --recstart say where records end",
            ),
            BoundedPart::Block => (
                "the records of one job are",
                "--recend and --recstart say where records end",
            ),
        };
        Error::new(format!("{self}: {what} longer than {most} bytes"))
            .hint(format!("--max-record SIZE allows more; {borders}"))
    }
}

impl fmt::Display for InputName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Some(path) => write!(f, "'{}'", path.display()),
            None => f.write_str("standard input"),
        }
    }
}
