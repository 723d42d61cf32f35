//! A built-in in a pipeline: it reads what the stage before it writes, writes what the one
//! after it reads, and hears when it is to end.

use std::cell::{Cell, RefCell};
use std::fs::File;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::Arc;

use crossbeam_channel::TryRecvError;
use rustix::event::{PollFd, PollFlags};
use rustix::fs::CWD;
use rustix::io::Errno;

use crate::builtin::{BuiltinCall, BuiltinIo, BuiltinStdin, OnSuccess, WorkerThreads, over};
use crate::error::reason_text;
use crate::exec::builtin::byte_channel::{ByteReceiver, ByteSender, CancelSignal, ChannelState};
use crate::os::child::ExitStatus;
use crate::os::pipe::write_some;
use crate::os::standard_streams::StandardStreams;
use crate::os::wake::Wake;

/// A built-in that only has to be started.
#[derive(Debug)]
pub(crate) struct BuiltinStage {
    /// What it does.
    pub call: BuiltinCall,
    /// Its streams; none for `/dev/null` and prun's own output.
    pub streams: StandardStreams,
    /// What the built-in before it writes, instead of standard input.
    pub inlet: Option<ByteReceiver>,
    /// What the one after it reads, instead of standard output.
    pub outlet: Option<ByteSender>,
    /// Whether there is a stage after it.
    pub is_read_on: bool,
    /// Where it runs, if not where prun does.
    pub directory: Option<OwnedFd>,
    /// The job's number.
    pub seq: u64,
}

/// Why a filter is not to go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum StageStop {
    Halted,
    NobodyReads,
    /// Its output cannot be written; it was told.
    Broken,
}

/// What a filter has around it.
struct PipelineIo<'a> {
    filter: BuiltinStage,
    halted: CancelSignal,
    wake: Arc<Wake>,
    workers: &'a WorkerThreads,
    pending: RefCell<Vec<u8>>,
    why: Cell<Option<StageStop>>,
    on_success: Cell<Option<OnSuccess>>,
}

impl BuiltinStage {
    /// Does it on this thread, which is woken after a halt. How it ended, where a process
    /// would have got the signal in it, and what is left to be done.
    pub(crate) fn run(
        self,
        halted: CancelSignal,
        wake: Arc<Wake>,
        workers: &WorkerThreads,
    ) -> (ExitStatus, Option<OnSuccess>) {
        let _running = workers.enter();
        let pipeline_io = PipelineIo {
            filter: self,
            halted,
            wake,
            workers,
            pending: RefCell::default(),
            why: Cell::new(None),
            on_success: Cell::default(),
        };
        let status = match (
            pipeline_io.filter.call.run(&pipeline_io),
            pipeline_io.why.get(),
        ) {
            (_, Some(StageStop::NobodyReads)) => ExitStatus::Signaled(libc::SIGPIPE),
            (_, Some(StageStop::Halted)) => ExitStatus::Signaled(libc::SIGTERM),
            (Ok(status), None) => ExitStatus::Exited(status),
            (_, Some(StageStop::Broken)) | (Err(_), None) => ExitStatus::Exited(1),
        };
        (status, pipeline_io.on_success.take())
    }
}

impl BuiltinIo for PipelineIo<'_> {
    fn out(&self, bytes: &[u8]) -> io::Result<()> {
        self.check()?;
        if let Some(outlet) = &self.filter.outlet {
            return match outlet.put(bytes, &self.halted) {
                ChannelState::On => Ok(()),
                ChannelState::Gone => Err(self.end(StageStop::NobodyReads)),
                ChannelState::Halted => Err(self.end(StageStop::Halted)),
            };
        }
        let stdout = io::stdout();
        let written = self.write(self.stream(1).unwrap_or(stdout.as_fd()), bytes);
        written.or_else(|errno| self.fail(errno))
    }

    fn err(&self, bytes: &[u8]) -> io::Result<()> {
        self.check()?;
        let stderr = io::stderr();
        match self.write(self.stream(2).unwrap_or(stderr.as_fd()), bytes) {
            Ok(()) => Ok(()),
            Err(Errno::CANCELED) => Err(over()),
            // There is nowhere to tell it. The status does.
            Err(_) => Err(self.end(StageStop::Broken)),
        }
    }

    fn check(&self) -> io::Result<()> {
        if self.why.get().is_none() && self.halted.try_recv() == Err(TryRecvError::Disconnected) {
            self.why.set(Some(StageStop::Halted));
        }
        match self.why.get() {
            Some(_) => Err(over()),
            None => Ok(()),
        }
    }

    fn seq(&self) -> u64 {
        self.filter.seq
    }

    fn is_read_on(&self) -> bool {
        self.filter.is_read_on
    }

    fn wait(&self, source: BorrowedFd<'_>) -> io::Result<()> {
        self.flush()?;
        let ready = self.wait_for(source, PollFlags::IN);
        ready.or_else(|errno| self.fail(errno))
    }

    fn stdin(&self) -> io::Result<BuiltinStdin> {
        match (&self.filter.inlet, self.stream(0)) {
            (Some(_), _) => Ok(BuiltinStdin::Builtin),
            (None, Some(fd)) => Ok(BuiltinStdin::File(fd.try_clone_to_owned()?.into())),
            (None, None) => Ok(BuiltinStdin::File(File::open("/dev/null")?)),
        }
    }

    fn receive(&self, buffer: &mut [u8]) -> io::Result<usize> {
        let Some(inlet) = &self.filter.inlet else {
            return Ok(0);
        };
        loop {
            let count = inlet.take(buffer);
            if count > 0 || buffer.is_empty() {
                return Ok(count);
            }
            self.flush()?;
            match inlet.wait(&self.halted) {
                ChannelState::On => {}
                ChannelState::Gone => return Ok(0),
                ChannelState::Halted => return Err(self.end(StageStop::Halted)),
            }
        }
    }

    fn pending(&self) -> &RefCell<Vec<u8>> {
        &self.pending
    }

    fn directory(&self) -> BorrowedFd<'_> {
        let directory = &self.filter.directory;
        directory.as_ref().map_or(CWD, AsFd::as_fd)
    }

    fn workers(&self) -> &WorkerThreads {
        self.workers
    }

    fn waker(&self) -> Arc<Wake> {
        Arc::clone(&self.wake)
    }

    fn rest(&self) -> io::Result<()> {
        self.flush()?;
        self.check()?;
        if let Err(error) = self.wake.poll(&mut Vec::new(), None) {
            self.fail(Errno::from_io_error(&error).unwrap_or(Errno::IO))?;
        }
        self.check()
    }

    fn on_success(&self, on_success: OnSuccess) {
        self.on_success.set(Some(on_success));
    }
}

impl PipelineIo<'_> {
    fn stream(&self, number: usize) -> Option<BorrowedFd<'_>> {
        self.filter.streams[number]
            .as_ref()
            .map(|stream| stream.as_fd())
    }

    fn end(&self, why: StageStop) -> io::Error {
        if self.why.get().is_none() {
            self.why.set(Some(why));
        }
        over()
    }

    /// Ends it because of what the system says of its streams.
    fn fail(&self, errno: Errno) -> io::Result<()> {
        match errno {
            Errno::CANCELED => Err(over()),
            Errno::PIPE => Err(self.end(StageStop::NobodyReads)),
            errno => {
                let reason = reason_text(&errno.into());
                let name = self.filter.call.name();
                let text = format!("{name}: cannot write: {reason}\n");
                self.err(text.as_bytes())?;
                Err(self.end(StageStop::Broken))
            }
        }
    }

    /// `ECANCELED`: there was a halt.
    fn write(&self, fd: BorrowedFd<'_>, bytes: &[u8]) -> Result<(), Errno> {
        let mut rest = bytes;
        while !rest.is_empty() {
            self.wait_for(fd, PollFlags::OUT)?;
            match write_some(fd, rest) {
                Ok(count) => rest = &rest[count..],
                Err(Errno::INTR | Errno::AGAIN) => {}
                Err(errno) => return Err(errno),
            }
        }
        Ok(())
    }

    /// Waits until something happens to the descriptor. `ECANCELED`: there was a halt.
    fn wait_for(&self, fd: BorrowedFd<'_>, flags: PollFlags) -> Result<(), Errno> {
        loop {
            self.check().map_err(|_| Errno::CANCELED)?;
            let mut fds = vec![PollFd::from_borrowed_fd(fd, flags)];
            let polled = self.wake.poll(&mut fds, None);
            let polled = polled.map_err(|error| Errno::from_io_error(&error).unwrap_or(Errno::IO));
            if polled? && !fds[0].revents().is_empty() {
                return Ok(());
            }
        }
    }
}
