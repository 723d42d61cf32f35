//! One child process: started in a process group with the streams that it is given, and
//! watched through a descriptor.
//!
//! There are two ways to start it. The fast one is `clone3_spawn`, on Linux; the portable one is
//! duct's, everywhere else and where a kernel or a sandbox refuses the first. Both give the
//! child the same attributes.

use std::ffi::{OsStr, OsString};
use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd, RawFd};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::sync::{OnceLock, PoisonError, RwLock};
use std::thread;

use rustix::process::{Pid, Signal, kill_process, kill_process_group};

use super::byte_strings::ByteStrings;
use super::job_cgroup::CgroupEntrances;
pub(crate) use super::parent_death::ChildLifetime;
pub(crate) use super::wait::{ExitStatus, ResourceUsage};
use super::{job_cgroup, limits, parent_death, startup, terminal, wait};

/// Held by every thread that is starting a child.
static STARTING: RwLock<()> = RwLock::new(());

/// Program of a child, and what it finds around it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ChildStart<'a> {
    /// File to execute; it is not looked up in `PATH`.
    pub program: &'a Path,
    /// Arguments, the program's own name first.
    pub argv: &'a ByteStrings,
    /// Variables added to prun's own environment; later ones win.
    pub environment: &'a [(OsString, OsString)],
    /// Descriptors above 2 that become 0, 1 and 2; without one, `/dev/null` and prun's own
    /// output.
    pub streams: [Option<BorrowedFd<'a>>; 3],
    /// Its directory, if it is another one than prun's.
    pub directory: Option<BorrowedFd<'a>>,
    pub group: ChildGroup,
    /// Control group, if it is another one than prun's.
    pub cgroup: Option<&'a CgroupEntrances>,
    pub lifetime: ChildLifetime,
}

/// The process group of a child.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ChildGroup {
    /// Its own.
    Own,
    /// Its own, which gets the terminal if prun has it (`--tty`).
    Foreground,
    /// That of this leader, which has not been reaped.
    Of(Pid),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum StartMethod {
    /// By `clone3_spawn`, unless the system refuses that.
    Fast,
    /// By duct.
    Portable,
}

impl StartMethod {
    /// `PRUN_START=portable` is for tests and measurements.
    fn wanted() -> StartMethod {
        static WANTED: OnceLock<StartMethod> = OnceLock::new();
        *WANTED.get_or_init(|| match std::env::var_os("PRUN_START") {
            Some(way) if way == "portable" => StartMethod::Portable,
            _ => StartMethod::Fast,
        })
    }
}

/// A started process. The thread that started it must reap it.
#[derive(Debug)]
pub(crate) struct Child {
    pub pid: Pid,
    exit: OwnedFd,
    reaper: ChildReaper,
}

#[derive(Debug)]
enum ChildReaper {
    /// Nobody but [`Child::reap`].
    Nobody,
    /// duct, which has to know.
    Duct(Box<duct::Handle>),
}

impl Child {
    /// Starts a process and returns when it executes the program.
    ///
    /// # Errors
    /// Errors of execve(2) and clone(2): `ENOENT`, `EACCES`, `ENOEXEC`, `E2BIG`, `ETXTBSY`
    /// concern this program; `EAGAIN`, `ENOMEM`, `EMFILE`, `ENFILE` mean that processes,
    /// memory or descriptors are short at present. Instead of `ENOEXEC`, the portable start
    /// may run the file by `/bin/sh`.
    pub(crate) fn start(start: &ChildStart<'_>) -> io::Result<Child> {
        Child::start_by(StartMethod::wanted(), start)
    }

    fn start_by(method: StartMethod, start: &ChildStart<'_>) -> io::Result<Child> {
        let _starting = STARTING.read().unwrap_or_else(PoisonError::into_inner);
        let fast = match method {
            StartMethod::Fast => fast::start(start)?,
            StartMethod::Portable => None,
        };
        let (pid, exit, reaper) = match fast {
            Some((pid, pidfd)) => (pid, pidfd, ChildReaper::Nobody),
            None => start_portably(start)?,
        };
        Ok(Child { pid, exit, reaper })
    }

    /// Readable or hung up once the process has ended.
    pub(crate) fn exit_fd(&self) -> BorrowedFd<'_> {
        self.exit.as_fd()
    }

    /// Waits for the end of the process and tells its status and usage. The process stays
    /// a zombie, and so its group can still be signalled safely.
    pub(crate) fn peek(&self) -> io::Result<(ExitStatus, ResourceUsage)> {
        wait::peek(self.pid)
    }

    /// Waits for the end of the process, tells its status and usage, and gives it back to the
    /// kernel. Its number means nothing from now on.
    pub(crate) fn reap(self) -> io::Result<(ExitStatus, ResourceUsage)> {
        match self.reaper {
            ChildReaper::Nobody => wait::reap(self.pid),
            ChildReaper::Duct(handle) => {
                let end = wait::peek(self.pid)?;
                handle.wait().map(|_| end)
            }
        }
    }
}

/// Waits until no child is between its fork and its exec.
///
/// Until it executes its program, a child holds copies of all descriptors, and so of
/// the pipes of other children: on a busy machine that can look as if one of them had
/// left a process behind.
pub(crate) fn finish_starts() {
    drop(STARTING.write().unwrap_or_else(PoisonError::into_inner));
}

/// Lets children go on that a stop of prun's process group has caught between their fork
/// and their exec. To be called when prun has been continued.
pub(crate) fn continue_starts() {
    #[cfg(target_os = "linux")]
    super::children::continue_unstarted();
}

type StartResult = (Pid, OwnedFd, ChildReaper);

fn start_portably(start: &ChildStart<'_>) -> io::Result<StartResult> {
    let program = start.program.to_owned();
    let mut argv = start.argv.iter().map(OsStr::from_bytes);
    let arg0 = argv.next().unwrap_or_default().to_owned();
    let streams = start
        .streams
        .map(|stream| stream.map(|stream| stream.as_raw_fd()));
    let directory = start.directory.map(|directory| directory.as_raw_fd());
    let group = match start.group {
        ChildGroup::Own | ChildGroup::Foreground => 0,
        // Even a leader that has ended keeps the group, as it was not reaped.
        ChildGroup::Of(leader) => leader.as_raw_nonzero().get(),
    };
    let terminal = match start.group {
        ChildGroup::Foreground => terminal::for_new_leader(),
        ChildGroup::Own | ChildGroup::Of(_) => None,
    };
    let cgroup = start.cgroup.map(CgroupEntrances::raw);
    let lifetime = start.lifetime;
    let mut expression = duct::cmd(program, argv)
        .unchecked()
        .stdin_null()
        .before_spawn(move |command| {
            command.arg0(&arg0).process_group(group);
            prepare_before_exec(command, (streams, directory, terminal), lifetime);
            if let Some(cgroup) = cgroup {
                enter_before_exec(command, cgroup);
            }
            Ok(())
        });
    for (name, value) in start.environment {
        expression = expression.env(name, value);
    }
    let handle = expression.start()?;
    let pid = handle.pids()[0] as i32;
    let pid = Pid::from_raw(pid).expect("a started process has a number above 0");
    match watch_exit(pid) {
        Ok(exit) => Ok((pid, exit, ChildReaper::Duct(Box::new(handle)))),
        Err(error) => {
            // No job may run unwatched, and none twice: after a shortage it would be tried again.
            let _ = match start.group {
                ChildGroup::Own | ChildGroup::Foreground => kill_process_group(pid, Signal::KILL),
                ChildGroup::Of(_) => kill_process(pid, Signal::KILL),
            };
            let _ = handle.wait();
            Err(io::Error::other(error))
        }
    }
}

/// Puts the child into a control group between fork and exec.
fn enter_before_exec(command: &mut std::process::Command, entrances: [RawFd; 4]) {
    // SAFETY: the function makes async-signal-safe calls only, on descriptors that are open
    // until the start is over.
    unsafe {
        command.pre_exec(move || job_cgroup::enter(&entrances));
    }
}

/// Sets up the child between fork and exec. The streams are put in place here because
/// duct would keep copies of them, and descriptors may be few.
fn prepare_before_exec(
    command: &mut std::process::Command,
    (streams, directory, terminal): ([Option<RawFd>; 3], Option<RawFd>, Option<RawFd>),
    lifetime: ChildLifetime,
) {
    let parent = (lifetime == ChildLifetime::OfPrun).then(std::process::id);
    // SAFETY: these functions make only async-signal-safe calls: no allocation, no lock,
    // no panic. The descriptors are open until the start is over.
    unsafe {
        command.pre_exec(move || {
            for (number, stream) in (0..).zip(streams) {
                if let Some(stream) = stream
                    && libc::dup2(stream, number) < 0
                {
                    return Err(io::Error::last_os_error());
                }
            }
            if let Some(directory) = directory
                && libc::fchdir(directory) < 0
            {
                return Err(io::Error::last_os_error());
            }
            if let Some(terminal) = terminal {
                startup::block_all();
                terminal::take(terminal);
            }
            if let Some(parent) = parent {
                parent_death::end_with(parent);
            }
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
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::super::clone3_spawn::{self, Clone3Spawn, SpawnError};
    use super::super::environment::ChildEnvironment;
    use super::*;

    /// Set once the system has refused the fast start.
    static REFUSED: AtomicBool = AtomicBool::new(false);

    /// The standard input of all children.
    static NULL: OnceLock<File> = OnceLock::new();

    /// Starts the process, unless the fast start is refused: then nothing has happened.
    pub(super) fn start(start: &ChildStart<'_>) -> io::Result<Option<(Pid, OwnedFd)>> {
        if REFUSED.load(Ordering::Relaxed) {
            return Ok(None);
        }
        let program = CString::new(start.program.as_os_str().as_bytes())?;
        if start.argv.has_nul() {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        // A NUL byte is after each.
        let words = start.argv.iter().map(|word| word.as_ptr().cast());
        let argv: Vec<*const c_char> = words.chain([std::ptr::null()]).collect();
        let environment = ChildEnvironment::new(start.environment)?;
        let [stdin, stdout, stderr] = start.streams;
        let stdin = match stdin {
            Some(stdin) => stdin,
            None => null()?,
        };
        let launch = Clone3Spawn {
            program: &program,
            argv: &argv,
            environment: environment.pointers(),
            streams: [Some(stdin), stdout, stderr],
            directory: start.directory,
            terminal: match start.group {
                ChildGroup::Foreground => terminal::for_new_leader(),
                ChildGroup::Own | ChildGroup::Of(_) => None,
            },
            group: match start.group {
                ChildGroup::Own | ChildGroup::Foreground => None,
                ChildGroup::Of(leader) => Some(leader),
            },
            cgroup: start.cgroup,
            lifetime: start.lifetime,
        };
        match clone3_spawn::start(&launch) {
            Ok(started) => Ok(Some(started)),
            Err(SpawnError::Error(error)) => Err(error),
            Err(SpawnError::Refused) => {
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
}

#[cfg(not(all(
    target_os = "linux",
    any(target_arch = "x86_64", target_arch = "aarch64")
)))]
mod fast {
    use super::*;

    /// Other systems have only the portable start.
    pub(super) fn start(_: &ChildStart<'_>) -> io::Result<Option<(Pid, OwnedFd)>> {
        Ok(None)
    }
}

/// A descriptor that tells the end of `pid`: a pidfd (pidfd_open(2)), or where the
/// kernel or a sandbox refuses that, a pipe that a waiting thread closes. The start has
/// just given back more descriptors than that takes.
fn watch_exit(pid: Pid) -> io::Result<OwnedFd> {
    // The child cannot have been reaped yet, so the number is still its own.
    #[cfg(target_os = "linux")]
    if let Ok(pidfd) = rustix::process::pidfd_open(pid, rustix::process::PidfdFlags::empty()) {
        return Ok(pidfd);
    }
    watch_by_thread(pid)
}

/// A thread waits for the end of `pid` and closes the pipe.
fn watch_by_thread(pid: Pid) -> io::Result<OwnedFd> {
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
mod tests;
