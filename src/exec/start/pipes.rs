//! Pipes between prun and the processes of an attempt.

use std::io;
use std::os::fd::OwnedFd;

use super::stdin_reopened::ReopenedFile;
use super::stdin_writer::StdinWriter;
use crate::exec::capture::{OutputDestination, OutputStream};
use crate::input::JobStdin;

/// prun's ends of the pipes: it writes to the first and reads from the others.
#[derive(Default)]
pub(crate) struct ProcessPipes {
    /// Open as long as there is something to write and somebody to read it.
    pub stdin: Option<StdinWriter>,
    pub stdout: Option<OwnedFd>,
    pub stderr: Option<OwnedFd>,
    /// Bytes written to standard input.
    written: u64,
    /// Standard input that needs no pipe.
    reopened: Option<ReopenedFile>,
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
        if let Some((reopened, theirs)) = ReopenedFile::open(stdin)? {
            (pipes.reopened, streams[0]) = (Some(reopened), Some(theirs));
        } else if let Some((writer, theirs)) = StdinWriter::open(stdin)? {
            (pipes.stdin, streams[0]) = (Some(writer), Some(theirs));
        }
        // A block that the pipe takes needs no poll: it is there before there is a reader.
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

    /// Writes to standard input what the pipe takes, and closes it after the last byte. A job
    /// that reads no more is no error.
    ///
    /// # Errors
    /// The bytes cannot be read.
    pub(crate) fn feed(&mut self) -> io::Result<()> {
        if let Some(writer) = &mut self.stdin
            && !writer.write_some(&mut self.written)?
        {
            self.stdin = None;
        }
        Ok(())
    }

    /// Number of bytes that the job has got, at its end. It has not read more, but may have
    /// left some of them in the pipe.
    pub(crate) fn sent(&self) -> u64 {
        let reopened = self.reopened.as_ref();
        reopened.map_or(self.written, ReopenedFile::sent)
    }

    /// Looks at standard input at the end of the job.
    ///
    /// # Errors
    /// A file that it has read itself has become shorter.
    pub(crate) fn check_stdin(&self) -> io::Result<()> {
        self.reopened.as_ref().map_or(Ok(()), ReopenedFile::check)
    }
}
