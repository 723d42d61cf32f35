//! Processes above prun: its parent, the parent of that, and so on.

use std::ffi::OsString;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// File names of shells.
const SHELLS: [&str; 16] = [
    "ash", "bash", "busybox", "csh", "dash", "fish", "ksh", "ksh93", "lksh", "mksh", "posh", "sh",
    "tcsh", "yash", "zsh", "rbash",
];

/// Bound on the search: the process table can change while it is read.
const MAX_ANCESTORS: usize = 1000;

/// Path of the nearest shell above prun.
pub(super) fn shell() -> Option<OsString> {
    let mut pid = std::os::unix::process::parent_id();
    for _ in 0..MAX_ANCESTORS {
        if pid == 0 {
            return None;
        }
        let program = fs::read_link(format!("/proc/{pid}/exe"));
        if let Some(shell) = program.ok().and_then(|program| shell_at(&program)) {
            return Some(shell);
        }
        pid = parent(&fs::read(format!("/proc/{pid}/stat")).ok()?)?;
    }
    None
}

/// Path of the program, if it is a shell. The kernel marks one as deleted that was replaced
/// by a newer version since it was started.
fn shell_at(program: &Path) -> Option<OsString> {
    let path = program.as_os_str().as_bytes();
    let path = path.strip_suffix(b" (deleted)").unwrap_or(path);
    let path = Path::new(std::ffi::OsStr::from_bytes(path));
    let name = path.file_name()?.to_str()?;
    // zsh-5.9
    let (name, _) = name.split_once('-').unwrap_or((name, ""));
    SHELLS.contains(&name).then(|| path.into())
}

/// Process number of the parent in `/proc/PID/stat`. The program's name comes before it, in
/// parentheses, and may have any byte in it.
fn parent(stat: &[u8]) -> Option<u32> {
    let end = stat.iter().rposition(|&byte| byte == b')')?;
    let rest = std::str::from_utf8(&stat[end + 1..]).ok()?;
    rest.split_ascii_whitespace().nth(1)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shell_is_known_by_the_file_that_it_runs() {
        for (path, shell) in [
            ("/usr/bin/bash", Some("/usr/bin/bash")),
            ("/usr/bin/zsh-5.9", Some("/usr/bin/zsh-5.9")),
            ("/bin/dash (deleted)", Some("/bin/dash")),
            ("/usr/bin/perl", None),
            ("/usr/bin/sshd", None),
            ("/", None),
        ] {
            let expected = shell.map(OsString::from);
            assert_eq!(shell_at(Path::new(path)), expected, "{path}");
        }
    }

    #[test]
    fn the_parent_is_told_after_the_name() {
        assert_eq!(parent(b"12 (a) b (c)) S 34 12 1 0"), Some(34));
        assert_eq!(parent(b"12 (a"), None);
        assert_eq!(parent(b""), None);
    }
}
