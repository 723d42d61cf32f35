//! Where jobs' output goes: in which order, by one thread that may block so that
//! nobody else has to.

pub(crate) mod color;
mod outlet;
pub(crate) mod results;
pub(crate) mod sequencer;
pub(crate) mod status_area;
pub(crate) mod writer;

use std::io;
use std::os::fd::AsFd;

use crate::error::{Error, Result};
use crate::exit::{self, RunExit};
use crate::os::startup;

/// How the output of several jobs is kept apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OutputMode {
    /// Not at all: jobs write where prun would (`--ungroup`).
    Live,
    /// Line by line (`--line-buffer`).
    Lines(OutputOrder),
    /// Job by job (`--group`).
    Grouped(OutputOrder),
    /// Job by job, of standard output the last line only (`--latest-line`).
    Latest(OutputOrder),
}

/// In which order jobs are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OutputOrder {
    /// As they finish.
    Finished,
    /// As their inputs came (`--keep-order`).
    Input,
}

impl OutputMode {
    /// The order of whole jobs in this mode.
    pub(crate) fn order(self) -> OutputOrder {
        match self {
            OutputMode::Live => OutputOrder::Finished,
            OutputMode::Lines(order) | OutputMode::Grouped(order) | OutputMode::Latest(order) => {
                order
            }
        }
    }
}

/// Prints prun's own text, where no writer runs. Returns how prun ends if that was
/// all.
///
/// # Errors
/// Standard output cannot take it. A reader that is gone is none: it ends prun as it
/// ends any filter.
pub(crate) fn print(text: &[u8]) -> Result<RunExit> {
    if !startup::was_open(1) {
        // There is something in its place by now that takes everything.
        return Err(Error::new("standard output is closed"));
    }
    match writer::write_all(io::stdout().as_fd(), text) {
        Ok(()) => Ok(RunExit::Status(exit::SUCCESS)),
        Err(error)
            if error.kind() == io::ErrorKind::BrokenPipe
                && !startup::was_ignored(libc::SIGPIPE) =>
        {
            Ok(RunExit::Signal(libc::SIGPIPE))
        }
        Err(error) => Err(Error::new("cannot write standard output").because(&error)),
    }
}
