//! A built-in in a pipeline: it reads from the stage before it, writes to the one after it,
//! and is stopped with the others.

use std::fs::File;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use crossbeam_channel::TryRecvError;
use rustix::fs::CWD;

use crate::builtin::{
    BuiltinCall, BuiltinEnv, BuiltinIo, BuiltinSink, BuiltinStop, OnSuccess, WorkerThreads,
};
use crate::error::reason_text;
use crate::exec::builtin::byte_channel::{ByteReceiver, ByteSender, CancelSignal, ChannelState};
use crate::os::child::ExitStatus;
use crate::os::pipe::write_some;
use crate::os::standard_streams::{OutputStream, StandardStreams};
use crate::os::wake::Wake;

/// A built-in that is ready to be started.
#[derive(Debug)]
pub(crate) struct BuiltinStage {
    pub call: BuiltinCall,
    pub streams: StandardStreams,
    /// Output of the built-in before it, instead of standard input.
    pub receiver: Option<ByteReceiver>,
    /// Input of the built-in after it, instead of standard output.
    pub sender: Option<ByteSender>,
    pub feeds_next_stage: bool,
    /// [`BuiltinEnv::reads_part`]
    pub reads_part: bool,
    /// `None` is prun's own.
    pub directory: Option<OwnedFd>,
    /// The job's number.
    pub seq: u64,
}

impl BuiltinStage {
    /// Runs it to its end on this thread, which is woken after a halt. A stop that would be a
    /// signal for a process is one in the status.
    pub(crate) fn run(
        self,
        cancel_signal: CancelSignal,
        wake: &Wake,
        workers: &WorkerThreads,
    ) -> (ExitStatus, Option<OnSuccess>) {
        let (stdout, stderr) = (io::stdout(), io::stderr());
        let stream = |number: usize| self.streams[number].as_ref().map(|stream| stream.as_fd());
        let stderr = stream(2).unwrap_or(stderr.as_fd());
        let env = BuiltinEnv {
            name: self.call.name(),
            seq: self.seq,
            directory: self.directory.as_ref().map_or(CWD, AsFd::as_fd),
            workers,
            wake,
            stdout: match self.sender {
                Some(_) => None,
                None => Some(stream(1).unwrap_or(stdout.as_fd())),
            },
            stderr: Some(stderr),
            feeds_next_stage: self.feeds_next_stage,
            reads_part: self.reads_part,
        };
        let sink = StageSink {
            stdin: stream(0),
            receiver: self.receiver.as_ref(),
            sender: self.sender.as_ref(),
            cancel_signal,
        };
        let stdio = BuiltinIo::new(env, &sink);
        let result = self.call.run(&stdio);
        let (status, on_success) = stdio.finish(result);
        let status = match status {
            Ok(status) => ExitStatus::Exited(status),
            Err(BuiltinStop::Cancelled) => ExitStatus::Signaled(libc::SIGTERM),
            Err(BuiltinStop::ReaderGone) => ExitStatus::Signaled(libc::SIGPIPE),
            Err(BuiltinStop::WriteFailed) => ExitStatus::Exited(1),
            Err(BuiltinStop::WaitFailed(error)) => {
                tell(stderr, env.name, &error);
                ExitStatus::Exited(1)
            }
        };
        (status, on_success)
    }
}

/// If this cannot be written either, the status tells.
fn tell(stderr: BorrowedFd<'_>, name: &str, error: &io::Error) {
    let text = format!("{name}: cannot wait: {}\n", reason_text(error));
    let _ = write_some(stderr, text.as_bytes());
}

struct StageSink<'a> {
    /// `None` is `/dev/null`.
    stdin: Option<BorrowedFd<'a>>,
    /// Instead of `stdin`.
    receiver: Option<&'a ByteReceiver>,
    /// Instead of standard output.
    sender: Option<&'a ByteSender>,
    cancel_signal: CancelSignal,
}

impl BuiltinSink for StageSink<'_> {
    fn must_stop(&self) -> bool {
        self.cancel_signal.try_recv() == Err(TryRecvError::Disconnected)
    }

    fn write(&self, stdio: &BuiltinIo<'_>, _: OutputStream, bytes: &[u8]) -> io::Result<()> {
        stdio.check()?;
        let send = |sender: &ByteSender| sender.send(bytes, &self.cancel_signal);
        match self.sender.map_or(ChannelState::Closed, send) {
            ChannelState::Open => Ok(()),
            ChannelState::Closed => Err(stdio.stop(BuiltinStop::ReaderGone)),
            ChannelState::Cancelled => Err(stdio.stop(BuiltinStop::Cancelled)),
        }
    }

    fn open_stdin(&self) -> io::Result<Option<File>> {
        match (self.receiver, self.stdin) {
            (Some(_), _) => Ok(None),
            (None, Some(fd)) => Ok(Some(fd.try_clone_to_owned()?.into())),
            (None, None) => File::open("/dev/null").map(Some),
        }
    }

    fn read(&self, stdio: &BuiltinIo<'_>, buffer: &mut [u8]) -> io::Result<usize> {
        let Some(receiver) = self.receiver else {
            return Ok(0);
        };
        loop {
            let count = receiver.try_read(buffer);
            if count > 0 || buffer.is_empty() {
                return Ok(count);
            }
            stdio.flush()?;
            match receiver.wait(&self.cancel_signal) {
                ChannelState::Open => {}
                ChannelState::Closed => return Ok(0),
                ChannelState::Cancelled => return Err(stdio.stop(BuiltinStop::Cancelled)),
            }
        }
    }
}
