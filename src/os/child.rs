//! One child process: started in a group of its own, with both output streams in
//! pipes, and watched through a descriptor.

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
    handle: duct::Handle,
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
        let (mut stdout, mut stderr) = (None, None);
        if start.output == Output::Capture {
            // Both ends are closed on exec: a child must hold no pipe of another one.
            let (out_reader, out_writer) = io::pipe()?;
            let (err_reader, err_writer) = io::pipe()?;
            expression = expression.stdout_file(out_writer).stderr_file(err_writer);
            stdout = Some(out_reader.into());
            stderr = Some(err_reader.into());
        }
        let handle = expression.start()?;
        // The expression holds the writers; while it lives, the readers see no end.
        drop(expression);
        let pid = handle.pids()[0] as i32;
        let pid = Pid::from_raw(pid).expect("a started process has a number above 0");
        let exit = match watch_exit(pid) {
            Ok(exit) => exit,
            Err(error) => {
                // No job may run unwatched.
                let _ = kill_process_group(pid, Signal::KILL);
                let _ = handle.wait();
                return Err(error);
            }
        };
        Ok(Child {
            pid,
            stdout,
            stderr,
            exit,
            handle,
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
        self.handle.wait().map(|_| ())
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
