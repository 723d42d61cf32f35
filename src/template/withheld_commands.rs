//! Commands of a job log that are not run from it.
//!
//! A log has a command as text, values and all. Where a check has kept a value from a shell,
//! or where the text means something else than the job did, running it would make the
//! value code. Such a command is written as another one, which has it in its text and does
//! nothing but fail, in whatever shell: other programs run commands from logs, too.

/// The status is that of a job that was not started.
const BEFORE: &[u8] = b"sh -c 'exit 126' 'not to be run as text: ";

const AFTER: &[u8] = b"'";

/// The command that stands for another one, in one line. One that does so already is left
/// as it is.
pub(crate) fn withhold(command: &[u8]) -> Vec<u8> {
    if withheld(command).is_some() {
        return command.to_vec();
    }
    let mut text = BEFORE.to_vec();
    push_escaped(command, &mut text);
    text.extend_from_slice(AFTER);
    text
}

/// The command that another one stands for.
pub(crate) fn withheld(command: &[u8]) -> Option<Vec<u8>> {
    let text = command.strip_prefix(BEFORE)?.strip_suffix(AFTER)?;
    unescaped(text)
}

/// Appends a text so that it stays on its line, in quotes of any kind: there is no quote in
/// it. A shell that does not know `$'…'` reads it as one word, too.
pub(crate) fn push_escaped(text: &[u8], line: &mut Vec<u8>) {
    for &byte in text {
        match byte {
            b'\n' => line.extend_from_slice(b"\\n"),
            b'\t' => line.extend_from_slice(b"\\t"),
            b'\\' => line.extend_from_slice(b"\\\\"),
            b'\'' | b'\0'..b' ' | 0x7f => {
                line.extend_from_slice(format!("\\x{byte:02x}").as_bytes());
            }
            byte => line.push(byte),
        }
    }
}

/// The text that was escaped so, if it was.
pub(crate) fn unescaped(line: &[u8]) -> Option<Vec<u8>> {
    let mut text = Vec::with_capacity(line.len());
    let mut bytes = line.iter();
    while let Some(&byte) = bytes.next() {
        text.push(match byte {
            b'\'' => return None,
            b'\\' => match bytes.next()? {
                b'n' => b'\n',
                b't' => b'\t',
                // Earlier logs have a quote so.
                escaped @ (b'\\' | b'\'') => *escaped,
                b'x' => {
                    let digits = [*bytes.next()?, *bytes.next()?];
                    let digits = std::str::from_utf8(&digits).ok()?;
                    u8::from_str_radix(digits, 16).ok()?
                }
                _ => return None,
            },
            byte => byte,
        });
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    use std::process::Command;

    use super::*;

    #[test]
    fn a_command_that_is_withheld_can_be_read() {
        assert_eq!(
            withhold(b"echo 'a'\n$(( <> ))\\"),
            br"sh -c 'exit 126' 'not to be run as text: echo \x27a\x27\n$(( <> ))\\'"
        );
        let once = withhold(b"x");
        assert_eq!(withhold(&once), once);
        assert_eq!(withheld(b"sh -c 'exit 126' x"), None);
    }

    #[test]
    fn no_shell_runs_what_is_withheld() {
        let sandbox = tempfile::tempdir().unwrap();
        let shells = ["dash", "bash", "zsh", "ksh93", "busybox"];
        for hostile in [
            "echo $(( a[$(touch pwn)] ))",
            "'; touch pwn; '",
            "\\'; touch pwn; \\'",
            "x\ntouch pwn\n",
            "cat <<E\nx\nE\ntouch pwn\nE",
            "\\",
            "`touch pwn` \"; touch pwn",
        ] {
            let command = withhold(hostile.as_bytes());
            for shell in shells {
                let Ok(mut child) = Command::new(shell)
                    .args(if shell == "busybox" { &["sh"][..] } else { &[] })
                    .arg("-c")
                    .arg(OsStr::from_bytes(&command))
                    .current_dir(sandbox.path())
                    .spawn()
                else {
                    continue;
                };
                assert_eq!(child.wait().unwrap().code(), Some(126), "{shell} {hostile}");
            }
        }
        assert!(std::fs::read_dir(sandbox.path()).unwrap().next().is_none());
    }

    proptest::proptest! {
        #[test]
        fn every_command_comes_back(command in proptest::collection::vec(0u8.., 0..20)) {
            let text = withhold(&command);
            proptest::prop_assert!(!text.iter().any(|byte| *byte < b' '));
            proptest::prop_assert_eq!(withheld(&text), Some(command));
        }
    }
}
