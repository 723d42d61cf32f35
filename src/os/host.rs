//! Facts about the machine and the caller that a run depends on, read once at the start. All
//! that follows is a function of them and of the command line.

use std::collections::BTreeSet;
use std::env;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use rustix::fs::{FileType, OFlags, fcntl_getfl, fstat};

use super::{ancestor, cgroup};

/// Machine and caller of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Host {
    /// Name by which prun was called.
    pub(crate) argv0: OsString,
    /// CPUs that prun may use, by affinity and by control group; at least one.
    pub(crate) cpus: usize,
    /// Descriptor 0.
    pub(crate) stdin: StandardDescriptor,
    /// Descriptor 1.
    pub(crate) stdout: StandardDescriptor,
    /// Descriptor 2.
    pub(crate) stderr: StandardDescriptor,
    /// True if standard output and standard error are the same device, such as one terminal.
    pub(crate) shares_output: bool,
    /// Environment variables that mean something to prun.
    pub(crate) environment: HostEnvironment,
}

/// File that a standard descriptor refers to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StandardDescriptor {
    /// Kind of the file.
    pub(crate) kind: FileKind,
    /// Access that it was opened for.
    pub(crate) access: DescriptorAccess,
    /// Path of a regular file or directory.
    pub(crate) path: Option<PathBuf>,
}

/// Kinds of file, as far as they matter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FileKind {
    /// A terminal.
    Terminal,
    /// A regular file.
    Regular,
    /// A directory.
    Directory,
    /// A character device that is no terminal, such as `/dev/null`.
    Device,
    /// A pipe, a socket, another device, or a descriptor that is closed.
    Other,
}

/// Access that a descriptor was opened for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DescriptorAccess {
    /// Reading.
    Read,
    /// Writing.
    Write,
    /// Reading and writing.
    Both,
}

/// Environment variables; one that is unset or empty is `None`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct HostEnvironment {
    /// `$SHELL`
    pub(crate) shell: Option<OsString>,
    /// `$PRUN_SHELL`
    pub(crate) prun_shell: Option<OsString>,
    /// `$PARALLEL_SHELL`
    pub(crate) parallel_shell: Option<OsString>,
    /// `$NO_COLOR`
    pub(crate) no_color: Option<OsString>,
    /// `$TERM`
    pub(crate) term: Option<OsString>,
    /// `$TMPDIR`
    pub(crate) tmpdir: Option<OsString>,
    /// `$HOME`
    pub(crate) home: Option<OsString>,
    /// `$XDG_CONFIG_HOME`
    pub(crate) config_home: Option<OsString>,
    /// `$XDG_RUNTIME_DIR`
    pub(crate) runtime_dir: Option<OsString>,
    /// `$PRUN_SEMAPHORES`
    pub(crate) semaphores: Option<OsString>,
    /// `$PRUN`
    pub(crate) prun: Option<OsString>,
    /// `$PARALLEL`
    pub(crate) parallel: Option<OsString>,
    /// `$MAKEFLAGS`
    pub(crate) makeflags: Option<OsString>,
    /// `$CARGO_MAKEFLAGS`
    pub(crate) cargo_makeflags: Option<OsString>,
    /// `$PARALLEL_ENV`
    pub(crate) definitions: Option<ShellDefinitions>,
    /// Names of exported bash functions.
    pub(crate) functions: BTreeSet<Vec<u8>>,
}

/// Definitions of the calling shell for the shells of jobs: `$PARALLEL_ENV`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ShellDefinitions {
    /// Definitions, or the name of a file that has them.
    pub(crate) text: OsString,
    /// Shell that has called prun, whose language the definitions are in.
    pub(crate) shell: Option<OsString>,
}

impl Host {
    /// Asks the system.
    pub fn read() -> Self {
        Host {
            argv0: env::args_os().next().unwrap_or_default(),
            cpus: cpus(),
            stdin: StandardDescriptor::read(rustix::stdio::stdin()),
            stdout: StandardDescriptor::read(rustix::stdio::stdout()),
            stderr: StandardDescriptor::read(rustix::stdio::stderr()),
            shares_output: shares_output(),
            environment: HostEnvironment::read(env::vars_os()),
        }
    }

    /// Two CPUs, no terminal and an empty environment, for tests to say only what
    /// differs.
    #[cfg(test)]
    pub(crate) fn test() -> Self {
        Host {
            argv0: "prun".into(),
            cpus: 2,
            stdin: StandardDescriptor::pipe(DescriptorAccess::Read),
            stdout: StandardDescriptor::pipe(DescriptorAccess::Write),
            stderr: StandardDescriptor::pipe(DescriptorAccess::Write),
            shares_output: true,
            environment: HostEnvironment::default(),
        }
    }
}

impl StandardDescriptor {
    /// One end of a pipe.
    #[cfg(test)]
    pub(crate) fn pipe(access: DescriptorAccess) -> Self {
        StandardDescriptor {
            kind: FileKind::Other,
            access,
            path: None,
        }
    }

    /// True if a person may be looking at it, or typing into it.
    pub(crate) fn is_terminal(&self) -> bool {
        self.kind == FileKind::Terminal
    }

    fn read(descriptor: BorrowedFd<'_>) -> Self {
        let kind = FileKind::read(descriptor);
        StandardDescriptor {
            kind,
            access: DescriptorAccess::read(descriptor),
            path: match kind {
                FileKind::Regular | FileKind::Directory => path(descriptor),
                FileKind::Terminal | FileKind::Device | FileKind::Other => None,
            },
        }
    }
}

impl FileKind {
    fn read(descriptor: BorrowedFd<'_>) -> Self {
        let Ok(status) = fstat(descriptor) else {
            return FileKind::Other;
        };
        match FileType::from_raw_mode(status.st_mode) {
            FileType::RegularFile => FileKind::Regular,
            FileType::Directory => FileKind::Directory,
            FileType::CharacterDevice if rustix::termios::isatty(descriptor) => FileKind::Terminal,
            FileType::CharacterDevice => FileKind::Device,
            _ => FileKind::Other,
        }
    }
}

impl DescriptorAccess {
    pub(crate) fn read(descriptor: BorrowedFd<'_>) -> Self {
        let flags = fcntl_getfl(descriptor).unwrap_or(OFlags::RDONLY);
        // Not bits but a number of two: read-only is zero.
        match flags & OFlags::ACCMODE {
            OFlags::RDWR => DescriptorAccess::Both,
            OFlags::WRONLY => DescriptorAccess::Write,
            _ => DescriptorAccess::Read,
        }
    }
}

fn path(descriptor: BorrowedFd<'_>) -> Option<PathBuf> {
    fs::read_link(format!("/proc/self/fd/{}", descriptor.as_fd().as_raw_fd())).ok()
}

impl HostEnvironment {
    fn read(variables: impl Iterator<Item = (OsString, OsString)>) -> Self {
        let mut environment = HostEnvironment::default();
        for (name, value) in variables {
            environment.take(&name, value);
        }
        environment
    }

    fn take(&mut self, name: &OsStr, value: OsString) {
        let variable = match name.as_bytes() {
            b"SHELL" => &mut self.shell,
            b"PRUN_SHELL" => &mut self.prun_shell,
            b"PARALLEL_SHELL" => &mut self.parallel_shell,
            b"NO_COLOR" => &mut self.no_color,
            b"TERM" => &mut self.term,
            b"TMPDIR" => &mut self.tmpdir,
            b"HOME" => &mut self.home,
            b"XDG_CONFIG_HOME" => &mut self.config_home,
            b"XDG_RUNTIME_DIR" => &mut self.runtime_dir,
            b"PRUN_SEMAPHORES" => &mut self.semaphores,
            b"PRUN" => &mut self.prun,
            b"PARALLEL" => &mut self.parallel,
            b"MAKEFLAGS" => &mut self.makeflags,
            b"CARGO_MAKEFLAGS" => &mut self.cargo_makeflags,
            b"PARALLEL_ENV" => {
                self.definitions = (!value.is_empty()).then(|| ShellDefinitions {
                    text: value,
                    shell: ancestor::shell(),
                });
                return;
            }
            name => {
                self.functions.extend(function(name).map(<[u8]>::to_vec));
                return;
            }
        };
        *variable = Some(value).filter(|value| !value.is_empty());
    }
}

/// Removes `$PARALLEL_ENV` from the environment of prun: jobs have what it defines.
///
/// Called while prun has one thread.
pub(crate) fn drop_definitions() {
    // SAFETY: no other thread reads or changes the environment, as there is none.
    unsafe { env::remove_var("PARALLEL_ENV") }
}

/// Compares device numbers. `/dev/tty` has one of its own, whichever terminal it stands for.
fn shares_output() -> bool {
    let number = |status: rustix::fs::Stat| status.st_rdev;
    let stdout = fstat(rustix::stdio::stdout()).map(number);
    let stderr = fstat(rustix::stdio::stderr()).map(number);
    let controlling = rustix::fs::stat("/dev/tty").map(number);
    stdout == stderr || [stdout, stderr].contains(&controlling)
}

/// Name of the bash function that an environment variable holds: `f` for `BASH_FUNC_f%%`.
fn function(variable: &[u8]) -> Option<&[u8]> {
    variable.strip_prefix(b"BASH_FUNC_")?.strip_suffix(b"%%")
}

/// CPUs by affinity and by control group. The standard library rounds the quota of a control
/// group down; here it is rounded up.
fn cpus() -> usize {
    let limit = cgroup::cpu_limit(Path::new("/")).unwrap_or(usize::MAX);
    allowed_cpus().min(limit).max(1)
}

fn allowed_cpus() -> usize {
    #[cfg(target_os = "linux")]
    if let Ok(set) = rustix::thread::sched_getaffinity(None) {
        return set.count() as usize;
    }
    // Also where there are more CPUs than the set has bits.
    std::thread::available_parallelism().map_or(1, usize::from)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::{File, OpenOptions};

    fn environment(variables: &[(&str, &str)]) -> HostEnvironment {
        let owned = variables
            .iter()
            .map(|(name, value)| (name.into(), value.into()));
        HostEnvironment::read(owned)
    }

    #[test]
    fn the_environment_is_sorted_out() {
        let environment = environment(&[
            ("SHELL", "/bin/zsh"),
            ("NO_COLOR", ""),
            ("BASH_FUNC_f%%", "() {  :; }"),
            ("BASH_FUNC_g-h%%", "() {  :; }"),
            ("BASH_FUNC_", "x"),
            ("HOME", "/root"),
            ("OTHER", "x"),
        ]);
        let functions = [b"f".to_vec(), b"g-h".to_vec()];
        assert_eq!(
            environment,
            HostEnvironment {
                shell: Some("/bin/zsh".into()),
                home: Some("/root".into()),
                functions: functions.into(),
                ..HostEnvironment::default()
            }
        );
    }

    #[test]
    fn descriptors_tell_what_they_are() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let both = OpenOptions::new().read(true).write(true).open(file.path());
        assert_eq!(
            StandardDescriptor::read(both.unwrap().as_fd()),
            StandardDescriptor {
                kind: FileKind::Regular,
                access: DescriptorAccess::Both,
                path: Some(file.path().canonicalize().unwrap()),
            }
        );
        let directory = StandardDescriptor::read(File::open("/").unwrap().as_fd());
        assert_eq!(directory.kind, FileKind::Directory);
        assert_eq!(directory.path, Some("/".into()));

        let (read, write) = rustix::pipe::pipe().unwrap();
        assert_eq!(
            StandardDescriptor::read(read.as_fd()),
            StandardDescriptor::pipe(DescriptorAccess::Read)
        );
        assert_eq!(
            StandardDescriptor::read(write.as_fd()),
            StandardDescriptor::pipe(DescriptorAccess::Write)
        );
    }

    #[test]
    fn a_host_has_at_least_one_cpu() {
        assert!(Host::read().cpus >= 1);
    }
}
