//! The words of a command line as they were typed, for hints that are the same line put
//! right.

use std::ffi::{OsStr, OsString};

use super::separators::Separators;
use crate::input::Source;

/// The words of a command line, without the program's name.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TypedLine {
    /// Options and command.
    words: Vec<OsString>,
    /// Index of the command's first word.
    command: usize,
    /// What follows the command.
    sources: Vec<OsString>,
}

impl TypedLine {
    /// Those of `words` that are not the command, its last ones, are options. Many
    /// arguments are left out, as there is no room for them in a hint.
    pub(super) fn new(
        words: Vec<OsString>,
        command: usize,
        sources: &[Source],
        separators: &Separators,
    ) -> TypedLine {
        TypedLine {
            command: words.len() - command,
            words,
            sources: separators.words(sources),
        }
    }

    /// Index of the command's first word.
    pub fn command(&self) -> usize {
        self.command
    }

    /// The words before the command.
    pub fn options(&self) -> &[OsString] {
        &self.words[..self.command]
    }

    /// The line with other words in place of `count` ones from `at` on, quoted for a shell.
    pub fn replaced<W: AsRef<OsStr>>(&self, at: usize, count: usize, words: &[W]) -> String {
        let before = self.words[..at].iter().map(OsString::as_os_str);
        let after = self.words[at + count..].iter().chain(&self.sources);
        let words = words.iter().map(AsRef::as_ref);
        let mut line = "prun".to_owned();
        for word in before.chain(words).chain(after.map(OsString::as_os_str)) {
            line.push(' ');
            line.push_str(&shell_words::quote(&word.to_string_lossy()));
        }
        line
    }

    /// The line with more options, which win over those that were typed.
    pub fn with_options(&self, options: &[&str]) -> String {
        let is_ended = self.options().last().is_some_and(|word| word == "--");
        self.replaced(self.command - usize::from(is_ended), 0, options)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::{Join, Origin};

    #[test]
    fn a_line_is_put_right_and_quoted() {
        let words = ["-j2", "sh", "-c", "echo hi", "--", "1", ""];
        let words = words.map(OsString::from).to_vec();
        let line = TypedLine::new(words, 6, &[], &Separators::default());
        assert_eq!(line.options(), ["-j2"]);
        assert_eq!(
            line.replaced(4, 1, &[":::"]),
            "prun -j2 sh -c 'echo hi' ::: 1 ''"
        );
        assert_eq!(
            line.replaced(1, 0, &["-k", "<>"]),
            "prun -j2 -k '<>' sh -c 'echo hi' -- 1 ''"
        );
    }

    #[test]
    fn options_come_last_and_sources_stay() {
        let sources = [
            Source {
                origin: Origin::File("a b".into()),
                join: Join::Product,
            },
            Source {
                origin: Origin::Arguments(vec![b"1".to_vec(), Vec::new()]),
                join: Join::Linked,
            },
        ];
        for (words, command, expected) in [
            (vec!["-k", "x"], 1, "prun -k -r x :::: 'a b' :::+ 1 ''"),
            (vec!["--", "x"], 1, "prun -r -- x :::: 'a b' :::+ 1 ''"),
            (vec![], 0, "prun -r :::: 'a b' :::+ 1 ''"),
        ] {
            let words = words.into_iter().map(OsString::from).collect();
            let line = TypedLine::new(words, command, &sources, &Separators::default());
            assert_eq!(line.with_options(&["-r"]), expected);
        }
    }
}
