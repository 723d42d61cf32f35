//! Placeholders that the user's shell took for redirections.
//!
//! Typed without quotes, `<>` opens the next word as a file for reading and
//! writing, and `</>` opens the directory `/` and writes to the next word. prun
//! then sees a command without a placeholder and without the word, and would do
//! something nobody meant. What it does see are its descriptors.

use std::ffi::OsString;
use std::path::Path;

use crate::error::{Error, Result};
use crate::os::host::{DescriptorAccess, FileKind, StandardDescriptor};

/// Refuses to go on if standard input or output can only come from an unquoted
/// placeholder. `command` is what is left of the command.
///
/// # Errors
/// Says what happened, shows the line quoted and names the file that the shell
/// made.
pub(crate) fn check(
    command: &[OsString],
    stdin: &StandardDescriptor,
    stdout: &StandardDescriptor,
) -> Result<()> {
    if stdin.kind == FileKind::Directory {
        return Err(match stdin.path.as_deref() {
            Some(path) if path != Path::new("/") => some_directory(),
            _ => eaten("</>", command, stdout.path.as_deref()),
        });
    }
    let opened_both_ways =
        stdin.kind == FileKind::Regular && stdin.access == DescriptorAccess::Both;
    if opened_both_ways || is_separator(stdin) {
        return Err(eaten("<>", command, stdin.path.as_deref()));
    }
    if is_separator(stdout) {
        return Err(eaten("<>", command, stdout.path.as_deref()));
    }
    Ok(())
}

/// Whether it is a file named like the word that most often follows a placeholder.
fn is_separator(standard: &StandardDescriptor) -> bool {
    let name = standard.path.as_deref().and_then(Path::file_name);
    name.is_some_and(|name| name == ":::")
}

fn eaten(placeholder: &str, command: &[OsString], stray: Option<&Path>) -> Error {
    let mut line = "prun".to_owned();
    for word in quotable(command) {
        line.push(' ');
        line.push_str(&shell_words::quote(&word.to_string_lossy()));
    }
    let mut message = format!("your shell took '{placeholder}' for a redirection");
    let mut advice = format!("quote it: {line} '{placeholder}' ...");
    if let Some((path, name)) = stray.and_then(|path| Some((path, path.file_name()?))) {
        message.push_str(&format!(", with '{}' as the file", name.display()));
        advice.push_str(&cleanup(path));
    }
    Error::new(message).hint(advice)
}

/// The file may be one that was there before and matters, unless nobody would have
/// given it that name.
fn cleanup(stray: &Path) -> String {
    let path = stray.to_string_lossy();
    let path = shell_words::quote(&path);
    if stray.ends_with(":::") {
        format!("; remove {path}, which your shell made")
    } else {
        format!("; look at {path}, which your shell opened")
    }
}

/// `<.>` opens the current directory, but people redirect from directories by
/// mistake too.
fn some_directory() -> Error {
    Error::new("cannot read standard input: Is a directory")
        .hint("placeholders are quoted, or your shell takes them for redirections: prun COMMAND '<.>' ::: VALUE...")
}

/// Where the placeholder stood among the words is lost, and words after it may be
/// values: the command's name and the options that follow it are certain.
fn quotable(command: &[OsString]) -> impl Iterator<Item = &OsString> {
    let options = |word: &&OsString| word.as_encoded_bytes().starts_with(b"-");
    let (name, rest) = command.split_at(command.len().min(1));
    name.iter().chain(rest.iter().take_while(options))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn standard(kind: FileKind, access: DescriptorAccess, path: &str) -> StandardDescriptor {
        StandardDescriptor {
            kind,
            access,
            path: Some(path.into()),
        }
    }

    fn message(command: &str, stdin: &StandardDescriptor, stdout: &StandardDescriptor) -> String {
        let command: Vec<OsString> = command.split(' ').map(OsString::from).collect();
        check(&command, stdin, stdout).unwrap_err().to_string()
    }

    #[test]
    fn the_separator_as_a_file_is_named_with_the_line_to_type() {
        let stdin = standard(FileKind::Regular, DescriptorAccess::Both, "/home/u/:::");
        assert_eq!(
            message(
                "gzip -9 a b",
                &stdin,
                &StandardDescriptor::pipe(DescriptorAccess::Write)
            ),
            "prun: your shell took '<>' for a redirection, with ':::' as the file\n\
             hint: quote it: prun gzip -9 '<>' ...; remove /home/u/:::, which your shell made"
        );
    }

    #[test]
    fn another_word_may_have_been_taken() {
        let stdin = standard(FileKind::Regular, DescriptorAccess::Both, "/tmp/my dest");
        assert_eq!(
            message(
                "cp",
                &stdin,
                &StandardDescriptor::pipe(DescriptorAccess::Write)
            ),
            "prun: your shell took '<>' for a redirection, with 'my dest' as the file\n\
             hint: quote it: prun cp '<>' ...; look at '/tmp/my dest', which your shell opened"
        );
    }

    #[test]
    fn the_slash_forms_redirect_both_ways() {
        let stdin = standard(FileKind::Directory, DescriptorAccess::Read, "/");
        let stdout = standard(FileKind::Regular, DescriptorAccess::Write, "/tmp/:::");
        let message = message("echo a", &stdin, &stdout);
        assert!(
            message.contains("took '</>' for a redirection"),
            "{message}"
        );
        assert!(message.contains("remove /tmp/:::"), "{message}");
    }

    #[test]
    fn a_directory_cannot_be_input() {
        let stdin = standard(FileKind::Directory, DescriptorAccess::Read, "/tmp");
        let message = message(
            "echo",
            &stdin,
            &StandardDescriptor::pipe(DescriptorAccess::Write),
        );
        assert!(message.starts_with("prun: cannot read standard input: Is a directory\n"));
    }

    #[test]
    fn ordinary_redirections_are_left_alone() {
        let output = standard(FileKind::Regular, DescriptorAccess::Write, "/tmp/out");
        for stdin in [
            StandardDescriptor::pipe(DescriptorAccess::Read),
            standard(FileKind::Regular, DescriptorAccess::Read, "/tmp/list"),
            StandardDescriptor {
                kind: FileKind::Terminal,
                access: DescriptorAccess::Both,
                path: None,
            },
        ] {
            assert_eq!(
                check(&["echo".into()], &stdin, &output),
                Ok(()),
                "{stdin:?}"
            );
        }
    }
}
