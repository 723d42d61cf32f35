//! A second prun, in the background, which goes on where the first one is done.

use std::io::{self, PipeReader, PipeWriter, Read, Write};

/// Side of a fork, with its end of the pipe by which the parent hears of the child's start.
pub(crate) enum ForkSide {
    Parent(StartReport),
    Child(StartReporter),
}

/// The parent's end.
#[derive(Debug)]
pub(crate) struct StartReport(PipeReader);

/// The child's end.
#[derive(Debug)]
pub(crate) struct StartReporter(PipeWriter);

impl StartReport {
    /// Waits for what the child reports; `None` if it has died instead.
    pub(crate) fn wait(mut self) -> Option<u8> {
        let mut status = [0];
        self.0.read_exact(&mut status).ok()?;
        Some(status[0])
    }
}

impl StartReporter {
    /// Reports to the parent, which ends with this exit status. A parent that was killed
    /// meanwhile is no error.
    pub(crate) fn report(mut self, status: u8) {
        let _ = self.0.write_all(&[status]);
    }
}

/// Forks. The child is in a process group of its own: signals of the keyboard, and those to the
/// group of the shell's job, are not for it.
///
/// Called while prun has one thread.
///
/// # Errors
/// Processes, memory or descriptors are short.
pub(crate) fn fork() -> io::Result<ForkSide> {
    let (reader, writer) = io::pipe()?;
    // SAFETY: there is no other thread that could hold a lock or be in the middle of a change,
    // so that the child can go on as the parent could.
    match unsafe { libc::fork() } {
        -1 => Err(io::Error::last_os_error()),
        0 => {
            // SAFETY: setpgid(2) takes two numbers.
            unsafe { libc::setpgid(0, 0) };
            Ok(ForkSide::Child(StartReporter(writer)))
        }
        _ => Ok(ForkSide::Parent(StartReport(reader))),
    }
}
