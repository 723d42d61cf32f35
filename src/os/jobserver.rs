//! Tokens of a jobserver of make(1): each byte in a pipe lets one more process run beside those
//! that run. Whoever takes a byte writes it back when that process has ended.
//!
//! The pipe is read and written by open files of prun's own, which do not block: the flags of
//! those that were inherited are shared with make and everything below it.

use std::fmt;
use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd, RawFd};
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use rustix::event::{PollFd, PollFlags, poll};
use rustix::fs::{FileType, Mode, OFlags, Stat, fcntl_getfl, fstat, open};
use rustix::io::{
    Errno, FdFlags, fcntl_dupfd_cloexec, fcntl_setfd, ioctl_fionread, read, retry_on_intr, write,
};
use rustix::pipe::{PipeFlags, pipe_with};

use super::host::DescriptorAccess;
use super::inherited;

/// Lowest number of the descriptors that jobs inherit: shell scripts use those below.
const LOWEST: RawFd = 10;

/// Tokens to give back if prun ends by an error of its own making.
static HELD: OnceLock<Arc<TokenPipe>> = OnceLock::new();

/// Address of a jobserver, as `--jobserver-auth=` has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum JobserverAuth {
    /// `R,W`: descriptors of the two ends of a pipe that a process inherits.
    Pipe { reader: RawFd, writer: RawFd },
    /// `fifo:PATH`
    Fifo(PathBuf),
}

/// Form in which a jobserver of prun's own is announced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum JobserverStyle {
    /// Every make knows it.
    Pipe,
    /// make from 4.4 on knows it, and ninja knows no other one.
    Fifo,
}

/// Pipe of a jobserver, and the tokens that prun holds.
#[derive(Debug)]
pub(crate) struct TokenPipe {
    reader: OwnedFd,
    writer: OwnedFd,
    /// Tokens held, by the byte that each is: it goes back as it came.
    held: [AtomicUsize; 256],
    /// If prun is the server.
    served: Option<ServedPipe>,
}

/// Pipe that prun has made.
#[derive(Debug)]
struct ServedPipe {
    reader: OwnedFd,
    writer: OwnedFd,
    style: JobserverStyle,
    /// Tokens in the pipe while nobody holds any.
    tokens: usize,
}

impl fmt::Display for JobserverAuth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            JobserverAuth::Pipe { reader, writer } => write!(f, "{reader},{writer}"),
            JobserverAuth::Fifo(path) => write!(f, "fifo:{}", path.display()),
        }
    }
}

impl TokenPipe {
    /// Opens a jobserver; `None` if it cannot be used: make(1) announces it to all its
    /// children, but lets only those have the descriptors whose recipe begins with `+`.
    pub(crate) fn connect(auth: &JobserverAuth) -> Option<TokenPipe> {
        let (reader, writer) = match auth {
            JobserverAuth::Pipe { reader, writer } => {
                let reader = inherited::copy(*reader).ok()?;
                let writer = inherited::copy(*writer).ok()?;
                let is_usable = DescriptorAccess::read(reader.as_fd()) != DescriptorAccess::Write
                    && DescriptorAccess::read(writer.as_fd()) != DescriptorAccess::Read;
                // What is written has to come back.
                if !is_usable || !are_one_pipe(reader.as_fd(), writer.as_fd()) {
                    return None;
                }
                (open_reader(reader)?, open_writer(writer))
            }
            JobserverAuth::Fifo(path) => {
                // Without a writer of its own, a reader would see the end of the file.
                let flags = OFlags::RDWR | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
                let fifo = open(path, flags, Mode::empty()).ok()?;
                pipe_status(fifo.as_fd())?;
                (fifo.try_clone().ok()?, fifo)
            }
        };
        Some(TokenPipe::new(reader, writer, None))
    }

    /// Makes a jobserver of so many tokens.
    ///
    /// # Errors
    /// There is no descriptor left, or the pipe has no room for all tokens.
    pub(crate) fn serve(tokens: usize, style: JobserverStyle) -> io::Result<TokenPipe> {
        let (reader, writer) = pipe_with(PipeFlags::CLOEXEC)?;
        let reader = fcntl_dupfd_cloexec(&reader, LOWEST)?;
        let writer = fcntl_dupfd_cloexec(&writer, LOWEST)?;
        if cfg!(not(target_os = "linux")) {
            // There are no open files of prun's own, and make(1) does the same.
            rustix::fs::fcntl_setfl(&reader, OFlags::NONBLOCK)?;
        }
        let own_reader = open_reader(reader.try_clone()?).ok_or(io::ErrorKind::Unsupported)?;
        let own_writer = open_writer(writer.try_clone()?);
        let served = ServedPipe {
            reader,
            writer,
            style,
            tokens,
        };
        let pipe = TokenPipe::new(own_reader, own_writer, Some(served));
        pipe.add(tokens)?;
        Ok(pipe)
    }

    fn new(reader: OwnedFd, writer: OwnedFd, served: Option<ServedPipe>) -> TokenPipe {
        TokenPipe {
            reader,
            writer,
            held: [const { AtomicUsize::new(0) }; 256],
            served,
        }
    }

    /// Address for jobs, if prun is the server.
    pub(crate) fn address(&self) -> Option<JobserverAuth> {
        let served = self.served.as_ref()?;
        let reader = served.reader.as_raw_fd();
        Some(match served.style {
            JobserverStyle::Pipe => JobserverAuth::Pipe {
                reader,
                writer: served.writer.as_raw_fd(),
            },
            // A pipe without a name can be opened here like one with a name (proc(5)), and
            // leaves no file behind.
            JobserverStyle::Fifo => {
                let pid = std::process::id();
                JobserverAuth::Fifo(format!("/proc/{pid}/fd/{reader}").into())
            }
        })
    }

    /// Lets jobs inherit the pipe if prun is the server, from now on.
    pub(crate) fn share(&self) {
        if let Some(served) = &self.served
            && served.style == JobserverStyle::Pipe
        {
            for end in [&served.reader, &served.writer] {
                // No flag of an open descriptor is refused.
                let _ = fcntl_setfd(end, FdFlags::empty());
            }
        }
    }

    /// Takes a token, if there is one.
    ///
    /// # Errors
    /// Those of read(2): there will be no more tokens.
    pub(crate) fn take(&self) -> io::Result<bool> {
        let mut token = [0];
        match retry_on_intr(|| read(&self.reader, &mut token)) {
            Ok(0) => Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(_) => {
                self.held[usize::from(token[0])].fetch_add(1, Ordering::SeqCst);
                Ok(true)
            }
            Err(Errno::AGAIN) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// Gives one token back, if any is held.
    ///
    /// # Errors
    /// Those of write(2): the token is lost.
    pub(crate) fn give_back(&self) -> io::Result<()> {
        let is_one = |held: usize| held.checked_sub(1);
        let mut tokens = (0..=u8::MAX).zip(&self.held);
        let taken = tokens.find(|(_, held)| {
            held.fetch_update(Ordering::SeqCst, Ordering::SeqCst, is_one)
                .is_ok()
        });
        match taken {
            Some((token, _)) => self.put(&[token]),
            None => Ok(()),
        }
    }

    /// Waits until there may be a token, which others may be quicker to take.
    pub(crate) fn wait(&self) {
        let mut polled = [PollFd::from_borrowed_fd(self.reader.as_fd(), PollFlags::IN)];
        // After an error, whoever reads sees it.
        let _ = retry_on_intr(|| poll(&mut polled, None));
    }

    /// Makes the tokens complete again if prun is the server. To be called when no job runs: what
    /// neither is there nor held here was held by a process that was killed.
    ///
    /// # Errors
    /// The pipe cannot be used.
    pub(crate) fn refill(&self) -> io::Result<()> {
        let Some(served) = &self.served else {
            return Ok(());
        };
        let there = usize::try_from(ioctl_fionread(&self.reader)?).unwrap_or(usize::MAX);
        let wanted = served.tokens.saturating_sub(self.held());
        // A process that has outlived its job may have given one back late.
        for _ in wanted..there {
            let _ = retry_on_intr(|| read(&self.reader, &mut [0u8]));
        }
        self.add(wanted.saturating_sub(there))
    }

    /// Has the tokens given back if prun ends by an error of its own making.
    pub(crate) fn give_back_on_panic(self: &Arc<Self>) {
        let _ = HELD.set(Arc::clone(self));
    }

    /// Number of tokens that prun holds.
    fn held(&self) -> usize {
        let held = self.held.iter().map(|held| held.load(Ordering::SeqCst));
        held.sum()
    }

    fn add(&self, tokens: usize) -> io::Result<()> {
        for _ in 0..tokens {
            self.put(b"+")?;
        }
        Ok(())
    }

    fn put(&self, token: &[u8]) -> io::Result<()> {
        retry_on_intr(|| write(&self.writer, token))?;
        Ok(())
    }
}

/// Gives back the tokens of a run that cannot go on.
pub(super) fn give_all_back() {
    if let Some(pipe) = HELD.get() {
        for _ in 0..pipe.held() {
            let _ = pipe.give_back();
        }
    }
}

/// Status of a pipe; `None` for any other file.
fn pipe_status(fd: BorrowedFd<'_>) -> Option<Stat> {
    let status = fstat(fd).ok()?;
    let is_pipe = FileType::from_raw_mode(status.st_mode) == FileType::Fifo;
    is_pipe.then_some(status)
}

/// Tells whether two descriptors are of one pipe.
fn are_one_pipe(one: BorrowedFd<'_>, other: BorrowedFd<'_>) -> bool {
    let both = pipe_status(one).zip(pipe_status(other));
    both.is_some_and(|(one, other)| (one.st_dev, one.st_ino) == (other.st_dev, other.st_ino))
}

/// The reading end as an open file of prun's own, or as it is if it does not block anyway.
fn open_reader(reader: OwnedFd) -> Option<OwnedFd> {
    if let Some(own) = reopen(reader.as_fd(), OFlags::RDONLY) {
        return Some(own);
    }
    let flags = fcntl_getfl(&reader).ok()?;
    flags.contains(OFlags::NONBLOCK).then_some(reader)
}

/// The writing end as an open file of prun's own, or as it is: a pipe has room for the tokens
/// that came out of it.
fn open_writer(writer: OwnedFd) -> OwnedFd {
    reopen(writer.as_fd(), OFlags::WRONLY).unwrap_or(writer)
}

#[cfg(target_os = "linux")]
fn reopen(end: BorrowedFd<'_>, access: OFlags) -> Option<OwnedFd> {
    let flags = access | OFlags::NONBLOCK | OFlags::CLOEXEC;
    open(super::reopen::link(end), flags, Mode::empty()).ok()
}

/// `/dev/fd` of other systems gives a copy that shares the flags.
#[cfg(not(target_os = "linux"))]
fn reopen(_: BorrowedFd<'_>, _: OFlags) -> Option<OwnedFd> {
    None
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write, pipe};

    use super::*;

    /// A jobserver of another process, with these tokens.
    fn server(tokens: &[u8]) -> (io::PipeReader, io::PipeWriter, JobserverAuth) {
        let (reader, mut writer) = pipe().unwrap();
        writer.write_all(tokens).unwrap();
        for end in [reader.as_fd(), writer.as_fd()] {
            fcntl_setfd(end, FdFlags::empty()).unwrap();
        }
        let auth = JobserverAuth::Pipe {
            reader: reader.as_raw_fd(),
            writer: writer.as_raw_fd(),
        };
        (reader, writer, auth)
    }

    #[test]
    fn tokens_go_back_as_they_came() {
        let (mut reader, writer, auth) = server(b"+x+");
        let tokens = TokenPipe::connect(&auth).unwrap();
        let taken: Vec<bool> = (0..5).map(|_| tokens.take().unwrap()).collect();
        assert_eq!(taken, [true, true, true, false, false]);
        // Others still wait for what they read.
        assert!(!fcntl_getfl(&reader).unwrap().contains(OFlags::NONBLOCK));
        for _ in 0..5 {
            tokens.give_back().unwrap();
        }
        assert_eq!(ioctl_fionread(&writer).unwrap(), 3);
        let mut back = [0; 3];
        reader.read_exact(&mut back).unwrap();
        back.sort_unstable();
        assert_eq!(&back, b"++x");
    }

    #[test]
    fn what_is_no_pipe_is_no_jobserver() {
        let (reader, writer, auth) = server(b"+");
        let (other, _other_writer, _) = server(b"+");
        let file = tempfile::tempfile().unwrap();
        fcntl_setfd(&file, FdFlags::empty()).unwrap();
        let (reader_fd, writer_fd) = (reader.as_raw_fd(), writer.as_raw_fd());
        for (reader, writer) in [
            (-2, -2),
            (reader_fd, -1),
            (writer_fd, reader_fd),
            (reader_fd, reader_fd),
            (other.as_raw_fd(), writer_fd),
            (file.as_raw_fd(), file.as_raw_fd()),
            (RawFd::MAX, RawFd::MAX),
        ] {
            let auth = JobserverAuth::Pipe { reader, writer };
            assert!(TokenPipe::connect(&auth).is_none(), "{auth}");
        }
        for path in ["", "/nonexistent/fifo", "/dev/null", "/"] {
            let auth = JobserverAuth::Fifo(path.into());
            assert!(TokenPipe::connect(&auth).is_none(), "{auth}");
        }
        // prun's own descriptors are none that it was given.
        fcntl_setfd(&reader, FdFlags::CLOEXEC).unwrap();
        assert!(TokenPipe::connect(&auth).is_none());
    }

    #[test]
    fn a_server_makes_its_tokens_complete_again() {
        for style in [JobserverStyle::Pipe, JobserverStyle::Fifo] {
            let tokens = TokenPipe::serve(3, style).unwrap();
            tokens.share();
            let client = TokenPipe::connect(&tokens.address().unwrap()).unwrap();
            let count = || ioctl_fionread(&tokens.reader).unwrap();
            assert_eq!(count(), 3);
            assert!(client.take().unwrap() && client.take().unwrap());
            // It is killed.
            drop(client);
            assert_eq!(count(), 1);
            tokens.refill().unwrap();
            assert_eq!(count(), 3);
            tokens.add(4).unwrap();
            tokens.refill().unwrap();
            assert_eq!(count(), 3);
        }
    }

    #[test]
    fn more_tokens_than_a_pipe_can_hold_are_refused() {
        assert!(TokenPipe::serve(10_000_000, JobserverStyle::Pipe).is_err());
    }
}
