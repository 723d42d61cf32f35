//! One child process: started in a group of its own, with both output streams in
//! pipes, and watched through a descriptor.
//!
//! There are two ways to start it. The fast one is `launch`, on Linux; the portable one is
//! duct's, everywhere else and where a kernel or a sandbox refuses the first.

use std::ffi::OsString;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::sync::{PoisonError, RwLock};
use std::thread;

use rustix::process::{Pid, Signal, kill_process_group};

pub use super::wait::{Status, Usage};
use super::{limits, startup, wait};

/// Held by every thread that is starting a child.
static STARTING: RwLock<()> = RwLock::new(());

/// Where a child's output goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Output {
    /// Into two pipes that [`Child`] holds the other ends of.
    Capture,
    /// Where prun's own output goes.
    Inherit,
}

/// What to start.
#[derive(Debug, Clone, Copy)]
pub struct Start<'a> {
    /// The file to execute; it is not looked up in `PATH`.
    pub program: &'a Path,
    /// What the program sees as its arguments, its own name first.
    pub argv: &'a [OsString],
    /// Variables added to prun's own environment; later ones win.
    pub environment: &'a [(OsString, OsString)],
    /// Where its output goes. Its standard input is `/dev/null`.
    pub output: Output,
}

/// A started process, the leader of its own process group.
///
/// It must be reaped by the thread that started it.
#[derive(Debug)]
pub struct Child {
    /// The number of the process and of its group.
    pub pid: Pid,
    /// The end of its standard output to read from.
    pub stdout: Option<OwnedFd>,
    /// The end of its standard error to read from.
    pub stderr: Option<OwnedFd>,
    exit: OwnedFd,
    keeper: Keeper,
}

/// Who reaps a child.
#[derive(Debug)]
enum Keeper {
    /// Nobody but [`Child::reap`].
    #[cfg_attr(
        not(all(
            target_os = "linux",
            any(target_arch = "x86_64", target_arch = "aarch64")
        )),
        expect(dead_code, reason = "there is no fast start")
    )]
    Nobody,
    /// duct, which has to know.
    Duct(Box<duct::Handle>),
}

impl Child {
    /// Starts a process and returns when it executes the program.
    ///
    /// # Errors
    /// What execve(2) and clone(2) say: `ENOENT`, `EACCES`, `ENOEXEC`, `E2BIG`,
    /// `ETXTBSY` concern this program; `EAGAIN`, `ENOMEM`, `EMFILE`, `ENFILE` mean that
    /// there is no room for a process or its pipes at present.
    pub fn start(start: &Start<'_>) -> io::Result<Child> {
        let _starting = STARTING.read().unwrap_or_else(PoisonError::into_inner);
        let (mut readers, mut writers) = ([None, None], [None, None]);
        if start.output == Output::Capture {
            for (reader, writer) in readers.iter_mut().zip(&mut writers) {
                // Both ends are closed on exec: a child must hold no pipe of another one.
                let ends = io::pipe()?;
                (*reader, *writer) = (Some(ends.0.into()), Some(ends.1.into()));
            }
        }
        let (pid, exit, keeper) = match fast::start(start, &writers)? {
            Some((pid, pidfd)) => (pid, pidfd, Keeper::Nobody),
            None => start_portably(start, writers)?,
        };
        let [stdout, stderr] = readers;
        Ok(Child {
            pid,
            stdout,
            stderr,
            exit,
            keeper,
        })
    }

    /// Readable or hung up once the process has ended.
    pub fn exit_fd(&self) -> BorrowedFd<'_> {
        self.exit.as_fd()
    }

    /// How the process ended and what it used; waits for its end. The process stays
    /// a zombie, and so its group can still be signalled safely.
    pub fn peek(&self) -> io::Result<(Status, Usage)> {
        wait::peek(self.pid)
    }

    /// Gives the process back to the kernel. Its number means nothing from now on.
    pub fn reap(self) -> io::Result<()> {
        match self.keeper {
            Keeper::Nobody => wait::reap(self.pid),
            Keeper::Duct(handle) => handle.wait().map(|_| ()),
        }
    }
}

/// Waits until no child is between its fork and its exec.
///
/// Until it executes its program, a child holds copies of all descriptors, and so of
/// the pipes of other children: on a busy machine that can look as if one of them had
/// left a process behind.
pub fn finish_starts() {
    drop(STARTING.write().unwrap_or_else(PoisonError::into_inner));
}

type Started = (Pid, OwnedFd, Keeper);

fn start_portably(start: &Start<'_>, writers: [Option<OwnedFd>; 2]) -> io::Result<Started> {
    let program = start.program.to_owned();
    let arg0 = start.argv[0].clone();
    let mut expression = duct::cmd(program, &start.argv[1..])
        .unchecked()
        .stdin_null()
        .before_spawn(move |command| {
            command.arg0(&arg0).process_group(0);
            if startup::needs_restoring() || limits::needs_restoring() {
                restore_before_exec(command);
            }
            Ok(())
        });
    for (name, value) in start.environment {
        expression = expression.env(name, value);
    }
    if let [Some(stdout), Some(stderr)] = writers {
        expression = expression.stdout_file(stdout).stderr_file(stderr);
    }
    let handle = expression.start()?;
    // The expression holds the writers; while it lives, the readers see no end.
    drop(expression);
    let pid = handle.pids()[0] as i32;
    let pid = Pid::from_raw(pid).expect("a started process has a number above 0");
    match watch_exit(pid) {
        Ok(exit) => Ok((pid, exit, Keeper::Duct(Box::new(handle)))),
        Err(error) => {
            // No job may run unwatched.
            let _ = kill_process_group(pid, Signal::KILL);
            let _ = handle.wait();
            Err(error)
        }
    }
}

/// Restoring needs code between fork and exec, which makes the start slower, so it is
/// asked for only where there is something to restore.
fn restore_before_exec(command: &mut std::process::Command) {
    // SAFETY: both functions make only async-signal-safe calls: no allocation, no
    // lock, no panic.
    unsafe {
        command.pre_exec(|| {
            limits::restore();
            startup::restore();
            Ok(())
        });
    }
}

#[cfg(all(
    target_os = "linux",
    any(target_arch = "x86_64", target_arch = "aarch64")
))]
mod fast {
    use std::ffi::{CString, c_char};
    use std::fs::File;
    use std::os::unix::ffi::OsStrExt;
    use std::sync::OnceLock;
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::super::environment::Environment;
    use super::super::launch::{self, Failure, Launch};
    use super::*;

    /// Set once the system has refused the fast start, or if the user has.
    static REFUSED: AtomicBool = AtomicBool::new(false);

    /// The standard input of all children.
    static NULL: OnceLock<File> = OnceLock::new();

    /// Starts the process, unless the fast start is refused: then nothing has happened.
    pub(super) fn start(
        start: &Start<'_>,
        writers: &[Option<OwnedFd>; 2],
    ) -> io::Result<Option<(Pid, OwnedFd)>> {
        if REFUSED.load(Ordering::Relaxed) || !is_wanted() {
            return Ok(None);
        }
        let program = CString::new(start.program.as_os_str().as_bytes())?;
        let words = start.argv.iter().map(|word| CString::new(word.as_bytes()));
        let words: Vec<CString> = words.collect::<Result<_, _>>()?;
        let mut argv: Vec<*const c_char> = words.iter().map(|word| word.as_ptr()).collect();
        argv.push(std::ptr::null());
        let environment = Environment::new(start.environment)?;
        let [stdout, stderr] = writers.each_ref().map(|end| end.as_ref().map(AsFd::as_fd));
        let launch = Launch {
            program: &program,
            argv: &argv,
            environment: environment.pointers(),
            streams: [Some(null()?), stdout, stderr],
        };
        match launch::start(&launch) {
            Ok(started) => Ok(Some(started)),
            Err(Failure::Error(error)) => Err(error),
            Err(Failure::Refused) => {
                REFUSED.store(true, Ordering::Relaxed);
                Ok(None)
            }
        }
    }

    fn null() -> io::Result<BorrowedFd<'static>> {
        if let Some(file) = NULL.get() {
            return Ok(file.as_fd());
        }
        let file = File::open("/dev/null")?;
        Ok(NULL.get_or_init(|| file).as_fd())
    }

    /// `PRUN_START=portable` is for tests and measurements.
    fn is_wanted() -> bool {
        static WANTED: OnceLock<bool> = OnceLock::new();
        *WANTED.get_or_init(|| std::env::var_os("PRUN_START").is_none_or(|way| way != "portable"))
    }
}

#[cfg(not(all(
    target_os = "linux",
    any(target_arch = "x86_64", target_arch = "aarch64")
)))]
mod fast {
    use super::*;

    /// Other systems have only the portable start.
    pub(super) fn start(
        _: &Start<'_>,
        _: &[Option<OwnedFd>; 2],
    ) -> io::Result<Option<(Pid, OwnedFd)>> {
        Ok(None)
    }
}

/// A descriptor that tells the end of `pid`: a pidfd (pidfd_open(2)), or where the
/// kernel or a sandbox refuses that, a pipe that a waiting thread closes.
fn watch_exit(pid: Pid) -> io::Result<OwnedFd> {
    // The child cannot have been reaped yet, so the number is still its own.
    #[cfg(target_os = "linux")]
    if let Ok(pidfd) = rustix::process::pidfd_open(pid, rustix::process::PidfdFlags::empty()) {
        return Ok(pidfd);
    }
    let (reader, writer) = io::pipe()?;
    thread::Builder::new()
        .stack_size(64 * 1024)
        .spawn(move || {
            let _ = wait::peek(pid);
            drop(writer);
        })?;
    Ok(reader.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;

    fn start(script: &str) -> Child {
        Child::start(&Start {
            program: Path::new("/bin/sh"),
            argv: &["sh", "-c", script].map(OsString::from),
            environment: &[("GREETING".into(), "hello".into())],
            output: Output::Capture,
        })
        .unwrap()
    }

    #[test]
    fn both_streams_and_the_status_come_back() {
        let mut child = start("echo $GREETING; echo oops >&2; exit 3");
        let (mut out, mut err) = (String::new(), String::new());
        let stdout = child.stdout.take().unwrap();
        let stderr = child.stderr.take().unwrap();
        std::fs::File::from(stdout)
            .read_to_string(&mut out)
            .unwrap();
        std::fs::File::from(stderr)
            .read_to_string(&mut err)
            .unwrap();
        assert_eq!((out.as_str(), err.as_str()), ("hello\n", "oops\n"));
        assert_eq!(child.peek().unwrap().0, Status::Exited(3));
        child.reap().unwrap();
    }

    #[test]
    fn a_signal_is_not_an_exit() {
        let child = start("kill -9 $$");
        assert_eq!(child.peek().unwrap().0, Status::Signaled(9));
        child.reap().unwrap();
    }

    #[test]
    fn a_missing_program_is_told_as_such() {
        let error = Child::start(&Start {
            program: Path::new("/no/such/program"),
            argv: &[OsString::from("program")],
            environment: &[],
            output: Output::Inherit,
        })
        .unwrap_err();
        assert_eq!(error.raw_os_error(), Some(libc::ENOENT));
    }

    #[test]
    fn the_waiting_thread_serves_where_pidfds_do_not() {
        let child = start("exit 0");
        let (reader, writer) = io::pipe().unwrap();
        let pid = child.pid;
        thread::spawn(move || {
            wait::peek(pid).unwrap();
            drop(writer);
        });
        let mut byte = [0];
        assert_eq!(rustix::io::read(&reader, &mut byte).unwrap(), 0);
        child.reap().unwrap();
    }
}
