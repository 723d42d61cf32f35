//! A job's output, from its pipes to where it waits or leaves: the tag goes before each
//! line, bytes that may be printed now are emitted, the others are spooled.

mod flush;
pub(crate) mod last_line;
pub(crate) mod line_decoration;
mod output_capture;
pub(crate) mod output_credit;

pub(crate) use crate::os::standard_streams::OutputStream;
pub(crate) use output_capture::{
    AttemptEvent, LastLineDisplay, OutputCapture, OutputDestination, OutputRelease, ReleaseBoundary,
};
