//! Built-ins in a pipeline: each runs on a thread of its own, as a command would run as a
//! process, and is ended by no signal but by hearing that there was a halt.

use std::cell::{Cell, RefCell};
use std::convert::Infallible;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::Arc;
use std::thread;

use crossbeam_channel::{Receiver, Sender, TryRecvError, bounded, unbounded};
use rustix::event::{PollFd, PollFlags};
use rustix::fs::CWD;
use rustix::io::Errno;

use super::link::{Flow, Halted, Inlet, Outlet};
use super::redirect::Streams;
use crate::builtin::{Call, Port, Stdin, over};
use crate::error::reason_text;
use crate::os::child::{Status, Usage};
use crate::os::pipe::write_some;
use crate::os::wake::Wake;

/// Enough for every built-in. Only what is used takes memory.
const STACK: usize = 256 << 10;

/// A built-in that only has to be started.
#[derive(Debug)]
pub struct Filter {
    /// What it does.
    pub call: Call,
    /// Its streams; none for `/dev/null` and prun's own output.
    pub streams: Streams,
    /// What the built-in before it writes, instead of standard input.
    pub inlet: Option<Inlet>,
    /// What the one after it reads, instead of standard output.
    pub outlet: Option<Outlet>,
    /// Where it runs, if not where prun does.
    pub directory: Option<OwnedFd>,
}

/// The filters of one job that run.
#[derive(Debug)]
pub struct Filters {
    running: usize,
    ends: (Sender<End>, Receiver<End>),
    /// Gone after a halt.
    halt: Option<Sender<Infallible>>,
    halted: Halted,
    /// To wake them with.
    wakes: Vec<Arc<Wake>>,
    /// To wake the slot with.
    slot: Arc<Wake>,
}

/// How a filter has ended.
#[derive(Debug)]
pub struct End {
    /// Its place in the pipeline.
    pub at: usize,
    /// Its status; a process would have got the signal in it.
    pub status: Status,
    /// What it used.
    pub usage: Usage,
}

impl Filters {
    /// None yet. When one has ended, the slot is woken.
    pub fn new(slot: Arc<Wake>) -> Filters {
        let (halt, halted) = bounded(0);
        Filters {
            running: 0,
            ends: unbounded(),
            halt: Some(halt),
            halted,
            wakes: Vec::new(),
            slot,
        }
    }

    /// Starts one more.
    ///
    /// # Errors
    /// There is no room for a thread.
    pub fn start(&mut self, filter: Filter, at: usize) -> io::Result<()> {
        let wake = Arc::new(Wake::new()?);
        let desk = Desk {
            name: filter.call.name(),
            streams: filter.streams,
            inlet: filter.inlet,
            outlet: filter.outlet,
            directory: filter.directory,
            halted: self.halted.clone(),
            wake: Arc::clone(&wake),
            pending: RefCell::default(),
            why: Cell::new(None),
        };
        let (ends, slot) = (self.ends.0.clone(), Arc::clone(&self.slot));
        let call = filter.call;
        thread::Builder::new()
            .name(call.name().to_owned())
            .stack_size(STACK)
            .spawn(move || work(&call, desk, Farewell::new(at, ends, slot)))?;
        self.wakes.push(wake);
        self.running += 1;
        Ok(())
    }

    /// How many run.
    pub fn running(&self) -> usize {
        self.running
    }

    /// One that has ended since this was asked last.
    pub fn ended(&mut self) -> Option<End> {
        let end = self.ends.1.try_recv().ok()?;
        self.running -= 1;
        Some(end)
    }

    /// Ends those that run, and those that would be started.
    pub fn stop(&mut self) {
        self.halt = None;
        for wake in &self.wakes {
            wake.wake();
        }
    }
}

/// What a thread does for a filter.
fn work(call: &Call, desk: Desk, mut farewell: Farewell) {
    desk.wake.attach();
    let before = Usage::of_thread();
    let result = call.run(&desk);
    farewell.end.status = match (result, desk.why.get()) {
        (_, Some(Why::NobodyReads)) => Status::Signaled(libc::SIGPIPE),
        (_, Some(Why::Halted)) => Status::Signaled(libc::SIGTERM),
        (Ok(status), None) => Status::Exited(status),
        (_, Some(Why::Broken)) | (Err(_), None) => Status::Exited(1),
    };
    // Whoever reads or writes at its other ends hears of it before the slot does.
    drop(desk);
    farewell.end.usage = Usage::of_thread().since(before);
}

/// Tells the slot of the end, whatever the end is.
struct Farewell {
    end: End,
    ends: Sender<End>,
    slot: Arc<Wake>,
}

impl Farewell {
    fn new(at: usize, ends: Sender<End>, slot: Arc<Wake>) -> Farewell {
        let end = End {
            at,
            status: Status::Exited(1),
            usage: Usage::default(),
        };
        Farewell { end, ends, slot }
    }
}

impl Drop for Farewell {
    fn drop(&mut self) {
        let End { at, status, usage } = self.end;
        // Nobody listens only when the job was given up.
        let _ = self.ends.send(End { at, status, usage });
        self.slot.wake();
    }
}

/// Why a filter is not to go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Why {
    Halted,
    NobodyReads,
    /// Its output cannot be written; it was told.
    Broken,
}

/// What a filter has around it.
struct Desk {
    name: &'static str,
    streams: Streams,
    inlet: Option<Inlet>,
    outlet: Option<Outlet>,
    directory: Option<OwnedFd>,
    halted: Halted,
    wake: Arc<Wake>,
    pending: RefCell<Vec<u8>>,
    why: Cell<Option<Why>>,
}

impl Port for Desk {
    fn out(&self, bytes: &[u8]) -> io::Result<()> {
        self.check()?;
        if let Some(outlet) = &self.outlet {
            return match outlet.put(bytes, &self.halted) {
                Flow::On => Ok(()),
                Flow::Gone => Err(self.end(Why::NobodyReads)),
                Flow::Halted => Err(self.end(Why::Halted)),
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
            Err(_) => Err(self.end(Why::Broken)),
        }
    }

    fn check(&self) -> io::Result<()> {
        if self.why.get().is_none() && self.halted.try_recv() == Err(TryRecvError::Disconnected) {
            self.why.set(Some(Why::Halted));
        }
        match self.why.get() {
            Some(_) => Err(over()),
            None => Ok(()),
        }
    }

    fn wait(&self, source: BorrowedFd<'_>) -> io::Result<()> {
        self.flush()?;
        let ready = self.wait_for(source, PollFlags::IN);
        ready.or_else(|errno| self.fail(errno))
    }

    fn stdin(&self) -> io::Result<Stdin> {
        match (&self.inlet, self.stream(0)) {
            (Some(_), _) => Ok(Stdin::Builtin),
            (None, Some(fd)) => Ok(Stdin::File(fd.try_clone_to_owned()?.into())),
            (None, None) => Ok(Stdin::File(std::fs::File::open("/dev/null")?)),
        }
    }

    fn receive(&self, buffer: &mut [u8]) -> io::Result<usize> {
        let Some(inlet) = &self.inlet else {
            return Ok(0);
        };
        loop {
            let count = inlet.take(buffer);
            if count > 0 || buffer.is_empty() {
                return Ok(count);
            }
            self.flush()?;
            match inlet.wait(&self.halted) {
                Flow::On => {}
                Flow::Gone => return Ok(0),
                Flow::Halted => return Err(self.end(Why::Halted)),
            }
        }
    }

    fn pending(&self) -> &RefCell<Vec<u8>> {
        &self.pending
    }

    fn directory(&self) -> BorrowedFd<'_> {
        self.directory.as_ref().map_or(CWD, AsFd::as_fd)
    }
}

impl Desk {
    fn stream(&self, number: usize) -> Option<BorrowedFd<'_>> {
        self.streams[number].as_ref().map(|stream| stream.as_fd())
    }

    fn end(&self, why: Why) -> io::Error {
        if self.why.get().is_none() {
            self.why.set(Some(why));
        }
        over()
    }

    /// Ends it because of what the system says of its streams.
    fn fail(&self, errno: Errno) -> io::Result<()> {
        match errno {
            Errno::CANCELED => Err(over()),
            Errno::PIPE => Err(self.end(Why::NobodyReads)),
            errno => {
                let reason = reason_text(&errno.into());
                let text = format!("{}: cannot write: {reason}\n", self.name);
                self.err(text.as_bytes())?;
                Err(self.end(Why::Broken))
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
