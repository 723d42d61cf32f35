//! Where jobs' output goes: in which order, by one thread that may block so that
//! nobody else has to.

pub mod color;
mod outlet;
pub mod results;
pub mod sequencer;
pub mod status_area;
pub mod writer;

use std::io;
use std::os::fd::AsFd;

use crate::error::{Error, Result};
use crate::exit::{self, End};
use crate::os::startup;

/// How the output of several jobs is kept apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Not at all: jobs write where prun would (`--ungroup`).
    Live,
    /// Line by line (`--line-buffer`).
    Lines(Order),
    /// Job by job (`--group`).
    Grouped(Order),
    /// Job by job, of standard output the last line only (`--latest-line`).
    Latest(Order),
}

/// In which order jobs are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// As they finish.
    Finished,
    /// As their inputs came (`--keep-order`).
    Input,
}

impl Mode {
    /// The order of whole jobs in this mode.
    pub fn order(self) -> Order {
        match self {
            Mode::Live => Order::Finished,
            Mode::Lines(order) | Mode::Grouped(order) | Mode::Latest(order) => order,
        }
    }
}

/// Prints prun's own text, where no writer runs. Returns how prun ends if that was
/// all.
///
/// # Errors
/// Standard output cannot take it. A reader that is gone is none: it ends prun as it
/// ends any filter.
pub fn print(text: &[u8]) -> Result<End> {
    if !startup::was_open(1) {
        // There is something in its place by now that takes everything.
        return Err(Error::new("standard output is closed"));
    }
    match writer::write_all(io::stdout().as_fd(), text) {
        Ok(()) => Ok(End::Status(exit::SUCCESS)),
        Err(error)
            if error.kind() == io::ErrorKind::BrokenPipe
                && !startup::was_ignored(libc::SIGPIPE) =>
        {
            Ok(End::Signal(libc::SIGPIPE))
        }
        Err(error) => Err(Error::new("cannot write standard output").because(&error)),
    }
}
