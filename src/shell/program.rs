//! Shells that run commands, by name, and the words that start them.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::os::byte_strings::ByteStrings;

/// Shells whose language is another one, or that do not hold every byte value.
const FOREIGN: [&str; 12] = [
    "csh",
    "elvish",
    "es",
    "fish",
    "ion",
    "mksh",
    "nu",
    "powershell",
    "pwsh",
    "rc",
    "tcsh",
    "xonsh",
];

fn name(path: &Path) -> &OsStr {
    path.file_name().unwrap_or(path.as_os_str())
}

/// Tells whether the shell reads scripts of prun's.
pub(crate) fn is_known(path: &Path) -> bool {
    !FOREIGN.iter().any(|foreign| name(path) == *foreign)
}

pub(crate) fn is_bash(path: &Path) -> bool {
    name(path) == "bash"
}

/// Tells whether the shell reads `&>` as both outputs.
pub(crate) fn joins_outputs(path: &Path) -> bool {
    let real = real_name(path);
    real.starts_with("ksh") || ["bash", "zsh", "busybox"].contains(&&*real)
}

/// Tells whether the shell reads `$'…'`: those that read `&>` do.
pub(crate) fn knows_ansi(path: &Path) -> bool {
    joins_outputs(path)
}

/// Tells whether prun knows exactly how the shell runs a list of commands. zsh, for one,
/// lets a stream go to several files.
pub(crate) fn is_imitated(path: &Path) -> bool {
    ["bash", "dash"].contains(&&*real_name(path))
}

pub(crate) fn is_zsh(path: &Path) -> bool {
    real_name(path).starts_with("zsh")
}

/// Extent of a shell's language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ShellFamily {
    /// bash, zsh, ksh.
    Large,
    Busybox,
    /// Little more than what all shells know.
    Plain,
    Unknown,
}

/// The family of a shell, as far as its name tells.
pub(crate) fn family(path: &Path) -> ShellFamily {
    match real_name(path).as_str() {
        "bash" | "rbash" | "zsh" | "yash" => ShellFamily::Large,
        name if name.starts_with("ksh") || name.starts_with("zsh") => ShellFamily::Large,
        "busybox" => ShellFamily::Busybox,
        "dash" | "ash" | "posh" => ShellFamily::Plain,
        _ => ShellFamily::Unknown,
    }
}

/// `/bin/sh` may be any shell.
fn real_name(path: &Path) -> String {
    let real = path.canonicalize();
    let real = name(real.as_deref().unwrap_or(path));
    real.to_string_lossy().into_owned()
}

/// An error for a shell that cannot be used.
pub(crate) fn check(path: &Path) -> Result<()> {
    if is_known(path) {
        return Ok(());
    }
    let shell = name(path).display();
    Err(Error::new(format!("the shell '{shell}' cannot run prun's commands")).hint("--shell bash"))
}

/// Words before the script: `SH -c`, with the shell's own options between them.
pub(crate) fn launcher(shell: &ShellProgram) -> ByteStrings {
    let mut argv = ByteStrings::from_iter([shell.path.as_os_str().as_bytes()]);
    if name(&shell.path) == "busybox" {
        argv.push(b"sh");
    }
    for option in &shell.options {
        argv.push(option.as_bytes());
    }
    argv.push(b"-c");
    argv
}

/// A shell that runs commands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ShellProgram {
    /// Path or name of the shell.
    pub path: PathBuf,
    /// Options that it always gets: `--shell 'bash -o pipefail'`.
    pub options: Vec<OsString>,
    /// `--shell`, or `$PARALLEL_ENV` that only a shell can read: it always runs the command.
    /// One that nobody asked for is left out where it is not needed.
    pub is_asked: bool,
    /// Text in the shell's own language that it reads before each command.
    pub definitions: Vec<u8>,
}

#[cfg(test)]
impl ShellProgram {
    /// The shell of this name, which nobody asked for.
    pub(crate) fn named(path: &str) -> ShellProgram {
        ShellProgram {
            path: path.into(),
            options: Vec::new(),
            is_asked: false,
            definitions: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shells_are_known_by_name() {
        for path in ["/bin/sh", "bash", "/usr/bin/zsh", "/opt/ksh93", "busybox"] {
            assert!(check(Path::new(path)).is_ok(), "{path}");
        }
        for path in [
            "/usr/bin/fish",
            "csh",
            "tcsh",
            "mksh",
            "nu",
            "pwsh",
            "elvish",
        ] {
            assert!(check(Path::new(path)).is_err(), "{path}");
        }
        let shell = |path: &str, options: &[&str]| ShellProgram {
            options: options.iter().map(std::ffi::OsString::from).collect(),
            ..ShellProgram::named(path)
        };
        assert_eq!(
            launcher(&shell("/bin/busybox", &[])),
            ByteStrings::from_iter(["/bin/busybox", "sh", "-c"])
        );
        assert_eq!(
            launcher(&shell("bash", &["-o", "pipefail"])),
            ByteStrings::from_iter(["bash", "-o", "pipefail", "-c"])
        );
    }
}
