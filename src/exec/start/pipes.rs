//! Pipes between prun and the processes of an attempt.

use std::io::{self, BufRead};
use std::os::fd::{AsFd, OwnedFd};

use rustix::fs::{OFlags, fcntl_setfl};
use rustix::io::{Errno, write};

use crate::error::reason_text;
use crate::exec::capture::{OutputDestination, OutputStream};
use crate::input::JobStdin;
use crate::os::pipe::enlarge;

/// All that a pipe holds by default (pipe(7)).
const DEFAULT_CAPACITY: u64 = 64 << 10;

/// prun's ends of the pipes: it writes to the first and reads from the others.
#[derive(Default)]
pub(crate) struct ProcessPipes {
    /// Open as long as there is something to write and somebody to read it.
    pub stdin: Option<StdinWriter>,
    pub stdout: Option<OwnedFd>,
    pub stderr: Option<OwnedFd>,
    /// Bytes written to standard input. The job has not read more than these, but may have
    /// left some of them in the pipe.
    pub sent: u64,
}

/// Rest of a job's standard input, and the pipe that it is written to.
pub(crate) struct StdinWriter {
    pipe: OwnedFd,
    source: Box<dyn BufRead>,
}

impl ProcessPipes {
    /// Opens the pipes that an attempt needs. The array holds the ends for its processes, by
    /// the number of the descriptor. All ends are closed on exec: a child must hold no pipe of
    /// another one.
    ///
    /// # Errors
    /// There is no descriptor left, a stream was read by an earlier attempt, or a file cannot
    /// be read.
    pub(crate) fn open(
        stdin: &JobStdin,
        output: OutputDestination,
    ) -> io::Result<(ProcessPipes, [Option<OwnedFd>; 3])> {
        let mut pipes = ProcessPipes::default();
        let mut streams = [stdin.pipe()?, None, None];
        if let Some(source) = stdin.reader() {
            let (reader, writer) = io::pipe()?;
            // The job's end stays blocking: that is another open file description.
            fcntl_setfl(&writer, OFlags::NONBLOCK)?;
            if stdin.length() > Some(DEFAULT_CAPACITY) {
                enlarge(writer.as_fd());
            }
            streams[0] = Some(reader.into());
            pipes.stdin = Some(StdinWriter {
                pipe: writer.into(),
                source,
            });
        }
        // A small block needs no poll: it is in the pipe before there is a reader.
        pipes.feed()?;
        if output == OutputDestination::Capture {
            for (ours, theirs) in [&mut pipes.stdout, &mut pipes.stderr]
                .into_iter()
                .zip(&mut streams[1..])
            {
                let (reader, writer) = io::pipe()?;
                (*ours, *theirs) = (Some(reader.into()), Some(writer.into()));
            }
        }
        Ok((pipes, streams))
    }

    pub(crate) fn output(&mut self, stream: OutputStream) -> &mut Option<OwnedFd> {
        match stream {
            OutputStream::Stdout => &mut self.stdout,
            OutputStream::Stderr => &mut self.stderr,
        }
    }

    /// Writes once to standard input, and closes it after the last byte. A job that reads no
    /// more (`EPIPE`) is no error.
    ///
    /// # Errors
    /// The bytes cannot be read.
    pub(crate) fn feed(&mut self) -> io::Result<()> {
        let Some(StdinWriter { pipe, source }) = &mut self.stdin else {
            return Ok(());
        };
        match write(&*pipe, source.fill_buf().map_err(unreadable)?) {
            Ok(count) => {
                self.sent += count as u64;
                source.consume(count);
                if source.fill_buf().map_err(unreadable)?.is_empty() {
                    self.stdin = None;
                }
            }
            Err(Errno::AGAIN | Errno::INTR) => {}
            Err(Errno::PIPE) => self.stdin = None,
            Err(error) => return Err(error.into()),
        }
        Ok(())
    }
}

fn unreadable(error: io::Error) -> io::Error {
    io::Error::other(format!(
        "cannot read standard input: {}",
        reason_text(&error)
    ))
}

impl StdinWriter {
    pub(crate) fn pipe(&self) -> &OwnedFd {
        &self.pipe
    }
}
