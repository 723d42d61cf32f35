//! The words of a command line as they were typed, for hints that are the same line put
//! right.

use std::ffi::{OsStr, OsString};

/// The words of a command line before its first source.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TypedLine {
    words: Vec<OsString>,
    /// Index of the command's first word.
    command: usize,
}

impl TypedLine {
    /// `words` begin with the program's name; those from `command` on are the command.
    pub(super) fn new(words: Vec<OsString>, command: usize) -> TypedLine {
        TypedLine { words, command }
    }

    /// Index of the command's first word.
    pub fn command(&self) -> usize {
        self.command
    }

    /// The words before the command, without the program's name.
    pub fn options(&self) -> &[OsString] {
        &self.words[self.words.len().min(1)..self.command]
    }

    /// The line with other words in place of `count` ones from `at` on, quoted for a shell.
    pub fn replaced<W: AsRef<OsStr>>(&self, at: usize, count: usize, words: &[W]) -> String {
        let before = self.words[..at].iter().skip(1).map(OsString::as_os_str);
        let after = self.words[at + count..].iter().map(OsString::as_os_str);
        let words = words.iter().map(AsRef::as_ref);
        let mut line = "prun".to_owned();
        for word in before.chain(words).chain(after) {
            line.push(' ');
            line.push_str(&shell_words::quote(&word.to_string_lossy()));
        }
        line
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_put_right_and_quoted() {
        let words = ["/bin/prun", "-j2", "sh", "-c", "echo hi", "--", "1", ""];
        let line = TypedLine::new(words.map(OsString::from).to_vec(), 2);
        assert_eq!(line.options(), ["-j2"]);
        assert_eq!(
            line.replaced(5, 1, &[":::"]),
            "prun -j2 sh -c 'echo hi' ::: 1 ''"
        );
        assert_eq!(
            line.replaced(2, 0, &["-k", "<>"]),
            "prun -j2 -k '<>' sh -c 'echo hi' -- 1 ''"
        );
    }
}
