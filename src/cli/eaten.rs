//! Placeholders that the user's shell took for redirections.
//!
//! Typed without quotes, `<>` opens the next word as a file for reading and
//! writing, and `</>` opens the directory `/` and writes to the next word. prun
//! then sees a command without a placeholder and without the word, and would do
//! something nobody meant. What it does see are its descriptors.

use std::ffi::OsString;
use std::path::Path;

use crate::error::{Error, Result};
use crate::os::world::{Access, Kind, Standard};

/// Refuses to go on if standard input or output can only come from an unquoted
/// placeholder. `command` is what is left of the command.
///
/// # Errors
/// Says what happened, shows the line quoted and names the file that the shell
/// made.
pub fn check(command: &[OsString], stdin: &Standard, stdout: &Standard) -> Result<()> {
    if stdin.kind == Kind::Directory {
        return Err(match stdin.path.as_deref() {
            Some(path) if path != "/" => some_directory(),
            _ => eaten("</>", command, stdout.path.as_deref()),
        });
    }
    let opened_both_ways = stdin.kind == Kind::Regular && stdin.access == Access::Both;
    if opened_both_ways || is_separator(stdin) {
        return Err(eaten("<>", command, stdin.path.as_deref()));
    }
    if is_separator(stdout) {
        return Err(eaten("<>", command, stdout.path.as_deref()));
    }
    Ok(())
}

/// Whether it is a file named like the word that most often follows a placeholder.
fn is_separator(standard: &Standard) -> bool {
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

    fn standard(kind: Kind, access: Access, path: &str) -> Standard {
        Standard {
            kind,
            access,
            path: Some(path.into()),
        }
    }

    fn message(command: &str, stdin: &Standard, stdout: &Standard) -> String {
        let command: Vec<OsString> = command.split(' ').map(OsString::from).collect();
        check(&command, stdin, stdout).unwrap_err().to_string()
    }

    #[test]
    fn the_separator_as_a_file_is_named_with_the_line_to_type() {
        let stdin = standard(Kind::Regular, Access::Both, "/home/u/:::");
        assert_eq!(
            message("gzip -9 a b", &stdin, &Standard::pipe(Access::Write)),
            "prun: your shell took '<>' for a redirection, with ':::' as the file\n\
             hint: quote it: prun gzip -9 '<>' ...; remove /home/u/:::, which your shell made"
        );
    }

    #[test]
    fn another_word_may_have_been_taken() {
        let stdin = standard(Kind::Regular, Access::Both, "/tmp/my dest");
        assert_eq!(
            message("cp", &stdin, &Standard::pipe(Access::Write)),
            "prun: your shell took '<>' for a redirection, with 'my dest' as the file\n\
             hint: quote it: prun cp '<>' ...; look at '/tmp/my dest', which your shell opened"
        );
    }

    #[test]
    fn the_slash_forms_redirect_both_ways() {
        let stdin = standard(Kind::Directory, Access::Read, "/");
        let stdout = standard(Kind::Regular, Access::Write, "/tmp/:::");
        let message = message("echo a", &stdin, &stdout);
        assert!(
            message.contains("took '</>' for a redirection"),
            "{message}"
        );
        assert!(message.contains("remove /tmp/:::"), "{message}");
    }

    #[test]
    fn a_directory_cannot_be_input() {
        let stdin = standard(Kind::Directory, Access::Read, "/tmp");
        let message = message("echo", &stdin, &Standard::pipe(Access::Write));
        assert!(message.starts_with("prun: cannot read standard input: Is a directory\n"));
    }

    #[test]
    fn ordinary_redirections_are_left_alone() {
        let output = standard(Kind::Regular, Access::Write, "/tmp/out");
        for stdin in [
            Standard::pipe(Access::Read),
            standard(Kind::Regular, Access::Read, "/tmp/list"),
            Standard {
                kind: Kind::Terminal,
                access: Access::Both,
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
