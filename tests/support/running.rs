//! A program that runs for a test: its streams are collected, its time is limited,
//! and whatever it started is found again, because it has a session of its own.

use std::cell::Cell;
use std::fs;
use std::io::{self, Read, Write};
use std::path::PathBuf;
use std::process::{self, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use super::process::stat;
use super::terminal::{Size, Terminal, Wiring};

/// Standard input of the program.
pub(crate) enum Input {
    Nothing,
    Bytes(Vec<u8>),
    /// A pipe whose other end the test keeps.
    Open,
}

/// The program, started.
pub(crate) struct Running {
    pub session: Session,
    pub stdout: Arc<Stream>,
    pub stderr: Arc<Stream>,
    /// Open end for the test: the pipe, or the terminal's keyboard.
    pub input: Option<Box<dyn Write + Send>>,
    /// The screen, to change its size.
    pub screen: Option<fs::File>,
    /// When the test has waited long enough.
    pub deadline: Instant,
    ended: Receiver<io::Result<ExitStatus>>,
}

/// End of the program, and its output.
pub(crate) struct Ended {
    /// None: it had to be killed.
    pub status: Option<ExitStatus>,
    pub stdout: Vec<u8>,
    pub stderr: Vec<u8>,
    /// Lives as long as this, and kills what is left of it then.
    pub session: Session,
}

impl Running {
    /// Starts the command in a session of its own.
    pub(crate) fn start(
        mut command: Command,
        input: Input,
        terminal: Option<(Wiring, Size)>,
        limit: Duration,
    ) -> io::Result<Running> {
        command
            .stdin(match input {
                Input::Nothing => Stdio::null(),
                Input::Bytes(_) | Input::Open => Stdio::piped(),
            })
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut screen = None;
        if let Some((wiring, size)) = terminal {
            let terminal = Terminal::open(size)?;
            if wiring == Wiring::Everything {
                command
                    .stdin(terminal.line.try_clone()?)
                    .stdout(terminal.line.try_clone()?);
            }
            command.stderr(terminal.line);
            screen = Some(terminal.screen);
        }

        let deadline = Instant::now() + limit;
        let mut child = command.spawn()?;
        drop(command); // and with it our copies of the terminal, or its end never shows

        let mut keyboard = feed(child.stdin.take(), input);
        let mut stdout = child.stdout.take().map(Stream::collect);
        let mut stderr = child.stderr.take().map(Stream::collect);
        if let Some(screen) = &screen {
            let drawn = Some(Stream::collect(screen.try_clone()?));
            if stdout.is_some() {
                stderr = drawn;
            } else {
                stdout = drawn;
                keyboard = Some(Box::new(screen.try_clone()?));
            }
        }
        Ok(Running {
            session: Session::of(&child),
            stdout: stdout.unwrap_or_default(),
            stderr: stderr.unwrap_or_else(Stream::empty),
            input: keyboard,
            screen,
            deadline,
            ended: wait_for(child),
        })
    }

    /// Waits for the end of the program and of its streams, and kills what is
    /// late for it.
    pub(crate) fn finish(mut self) -> Ended {
        drop(self.input.take());
        let remaining = self.deadline.saturating_duration_since(Instant::now());
        let ended = self.ended.recv_timeout(remaining);
        let complete = self.stdout.wait(self.deadline, Content::is_complete)
            && self.stderr.wait(self.deadline, Content::is_complete);
        let status = match ended {
            Ok(status) if complete => Some(status.expect("nobody else waits for the program")),
            _ => None,
        };
        if status.is_none() {
            self.session.kill();
            let soon = Instant::now() + Duration::from_secs(1);
            self.stdout.wait(soon, Content::is_complete);
            self.stderr.wait(soon, Content::is_complete);
        }
        Ended {
            status,
            stdout: self.stdout.bytes(),
            stderr: self.stderr.bytes(),
            session: self.session,
        }
    }
}

/// Gives the program its input from a thread, since it may not read it while the
/// test has something else to do. Returns the pipe that the test keeps.
fn feed(stdin: Option<process::ChildStdin>, input: Input) -> Option<Box<dyn Write + Send>> {
    let mut stdin = stdin?;
    match input {
        Input::Nothing => None,
        Input::Open => Some(Box::new(stdin)),
        Input::Bytes(bytes) => {
            // A program may end without reading; then the rest is not wanted.
            thread::spawn(move || stdin.write_all(&bytes));
            None
        }
    }
}

fn wait_for(mut child: process::Child) -> Receiver<io::Result<ExitStatus>> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || sender.send(child.wait()));
    receiver
}

/// Bytes that arrive while the test goes on.
#[derive(Default)]
pub(crate) struct Stream {
    content: Mutex<Content>,
    grown: Condvar,
}

/// Bytes that have arrived so far.
#[derive(Default)]
pub(crate) struct Content {
    pub bytes: Vec<u8>,
    complete: bool,
}

impl Content {
    fn is_complete(&self) -> bool {
        self.complete
    }
}

impl Stream {
    /// A stream that has ended without a byte.
    fn empty() -> Arc<Stream> {
        Stream::collect(io::empty())
    }

    fn collect(mut source: impl Read + Send + 'static) -> Arc<Stream> {
        let stream = Arc::new(Stream::default());
        let collector = Arc::clone(&stream);
        thread::spawn(move || {
            let mut buffer = vec![0; 1 << 16];
            // A terminal whose other end is closed gives an error: that is its end.
            while let Ok(n @ 1..) = source.read(&mut buffer) {
                collector.content().bytes.extend_from_slice(&buffer[..n]);
                collector.grown.notify_all();
            }
            collector.content().complete = true;
            collector.grown.notify_all();
        });
        stream
    }

    fn content(&self) -> MutexGuard<'_, Content> {
        self.content.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until the content is as wanted; false if it is not by the deadline.
    pub(crate) fn wait(&self, deadline: Instant, mut wanted: impl FnMut(&Content) -> bool) -> bool {
        let remaining = deadline.saturating_duration_since(Instant::now());
        let content = self.content();
        let (content, _) = self
            .grown
            .wait_timeout_while(content, remaining, |content| !wanted(content))
            .unwrap_or_else(PoisonError::into_inner);
        wanted(&content)
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        self.content().bytes.clone()
    }
}

/// Everything that the program started, unless it made sessions of its own.
pub(crate) struct Session {
    leader: Pid,
    /// Only its own members could start others: once it is empty, it stays so.
    is_over: Cell<bool>,
}

impl Session {
    fn of(child: &process::Child) -> Session {
        Session {
            leader: Pid::from_child(child),
            is_over: Cell::new(false),
        }
    }

    pub(crate) fn leader(&self) -> Pid {
        self.leader
    }

    /// The processes still alive, each with its command line.
    pub(crate) fn members(&self) -> Vec<(Pid, String)> {
        if self.is_over.get() {
            return Vec::new();
        }
        let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
        let members: Vec<(Pid, String)> = processes
            .filter_map(|entry| {
                let pid = Pid::from_raw(entry.file_name().to_str()?.parse().ok()?)?;
                self.holds(pid)?.then(|| (pid, command_line(&entry.path())))
            })
            .collect();
        self.is_over.set(members.is_empty());
        members
    }

    /// None for a process that is gone.
    fn holds(&self, pid: Pid) -> Option<bool> {
        let stat = stat(pid)?;
        let fields: Vec<&str> = stat.split(' ').collect();
        let dead = matches!(fields[0], "Z" | "X");
        let session = fields.get(3).and_then(|field| field.parse().ok());
        let is_ours = session == Some(self.leader.as_raw_nonzero().get());
        Some(!dead && (pid == self.leader || is_ours))
    }

    /// Waits a moment for the last ones to go, and returns those that stay.
    pub(crate) fn survivors(&self) -> Vec<(Pid, String)> {
        let patience = Instant::now() + Duration::from_secs(5);
        loop {
            let members = self.members();
            if members.is_empty() || Instant::now() > patience {
                return members;
            }
            thread::sleep(Duration::from_millis(5));
        }
    }

    pub(crate) fn kill(&self) {
        for (pid, _) in self.members() {
            let _ = kill_process(pid, Signal::KILL);
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.kill();
    }
}

fn command_line(process: &std::path::Path) -> String {
    let words = fs::read(PathBuf::from(process).join("cmdline")).unwrap_or_default();
    String::from_utf8_lossy(&words).replace('\0', " ")
}
