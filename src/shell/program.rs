//! Shells that run commands, by name, and the words that start them.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::os::byte_strings::ByteStrings;

use super::definitions::DefinitionsPrologue;

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

/// A shell that runs commands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ShellProgram {
    /// Path or name of the shell.
    pub path: PathBuf,
    /// Name of the program that the path leads to: `/bin/sh` may be any shell.
    pub real_name: String,
    /// Words before the script: `SH -c`, with the shell's own options between them.
    pub launcher: ByteStrings,
    /// `--shell`, or `$PARALLEL_ENV` that only a shell can read: it always runs the command.
    /// One that nobody asked for is left out where it is not needed.
    pub is_asked: bool,
    /// Text in its own language that it reads before each command.
    pub definitions: DefinitionsPrologue,
}

impl ShellProgram {
    /// The shell of this path with the options that it always gets
    /// (`--shell 'bash -o pipefail'`). Nobody asked for it.
    pub(crate) fn new(path: PathBuf, options: &[OsString], definitions: Vec<u8>) -> ShellProgram {
        let real = path.canonicalize();
        let real = file_name(real.as_deref().unwrap_or(&path));
        let real_name = real.to_string_lossy().into_owned();
        let mut launcher = ByteStrings::from_iter([path.as_os_str().as_bytes()]);
        if file_name(&path) == "busybox" {
            launcher.push(b"sh");
        }
        for option in options {
            launcher.push(option.as_bytes());
        }
        launcher.push(b"-c");
        ShellProgram {
            definitions: DefinitionsPrologue::new(definitions, real_name.starts_with("zsh")),
            path,
            real_name,
            launcher,
            is_asked: false,
        }
    }

    /// Tells whether the shell reads scripts of prun's.
    pub(crate) fn is_known(&self) -> bool {
        !FOREIGN
            .iter()
            .any(|foreign| file_name(&self.path) == *foreign)
    }

    pub(crate) fn is_bash(&self) -> bool {
        file_name(&self.path) == "bash"
    }

    /// Tells whether the shell reads `&>` as both outputs.
    pub(crate) fn joins_outputs(&self) -> bool {
        let real = &*self.real_name;
        real.starts_with("ksh") || ["bash", "zsh", "busybox"].contains(&real)
    }

    /// Tells whether the shell reads `$'…'`: those that read `&>` do.
    pub(crate) fn knows_ansi(&self) -> bool {
        self.joins_outputs()
    }

    /// Tells whether prun knows exactly how the shell runs a list of commands. zsh, for one,
    /// lets a stream go to several files.
    pub(crate) fn is_imitated(&self) -> bool {
        ["bash", "dash"].contains(&&*self.real_name)
    }

    pub(crate) fn is_zsh(&self) -> bool {
        self.real_name.starts_with("zsh")
    }

    /// The family of the shell, as far as its name tells.
    pub(crate) fn family(&self) -> ShellFamily {
        match self.real_name.as_str() {
            "bash" | "rbash" | "zsh" | "yash" => ShellFamily::Large,
            name if name.starts_with("ksh") || name.starts_with("zsh") => ShellFamily::Large,
            "busybox" => ShellFamily::Busybox,
            "dash" | "ash" | "posh" => ShellFamily::Plain,
            _ => ShellFamily::Unknown,
        }
    }

    /// # Errors
    /// The shell cannot be used.
    pub(crate) fn check(&self) -> Result<()> {
        if self.is_known() {
            return Ok(());
        }
        let shell = file_name(&self.path).display();
        let message = format!("the shell '{shell}' cannot run prun's commands");
        Err(Error::new(message).hint("--shell bash"))
    }
}

fn file_name(path: &Path) -> &OsStr {
    path.file_name().unwrap_or(path.as_os_str())
}

#[cfg(test)]
impl ShellProgram {
    /// The shell of this name, which nobody asked for.
    pub(crate) fn named(path: &str) -> ShellProgram {
        ShellProgram::new(path.into(), &[], Vec::new())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shells_are_known_by_name() {
        for path in ["/bin/sh", "bash", "/usr/bin/zsh", "/opt/ksh93", "busybox"] {
            assert!(ShellProgram::named(path).check().is_ok(), "{path}");
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
            assert!(ShellProgram::named(path).check().is_err(), "{path}");
        }
        let launcher = |path: &str, options: &[&str]| {
            let options: Vec<OsString> = options.iter().map(OsString::from).collect();
            let shell = ShellProgram::new(path.into(), &options, Vec::new());
            shell.launcher
        };
        assert_eq!(
            launcher("/bin/busybox", &[]),
            ByteStrings::from_iter(["/bin/busybox", "sh", "-c"])
        );
        assert_eq!(
            launcher("bash", &["-o", "pipefail"]),
            ByteStrings::from_iter(["bash", "-o", "pipefail", "-c"])
        );
    }
}
