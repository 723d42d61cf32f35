//! The words of a command line as they were typed, for hints that are the same line put
//! right.

use std::ffi::{OsStr, OsString};

use super::separators::SourceSeparators;
use crate::builtin;
use crate::exec::start::path_lookup;
use crate::input::InputSource;
use crate::policy::jobs::JobLimit;

/// The words of a command line, without the program's name.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct TypedLine {
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
        sources: &[InputSource],
        separators: &SourceSeparators,
    ) -> TypedLine {
        TypedLine {
            command: words.len() - command,
            words,
            sources: separators.words(sources),
        }
    }

    /// Index of the command's first word.
    pub(crate) fn command(&self) -> usize {
        self.command
    }

    /// The words before the command.
    pub(crate) fn options(&self) -> &[OsString] {
        &self.words[..self.command]
    }

    /// The line with other words in place of `count` ones from `at` on, quoted for a shell.
    pub(crate) fn replaced<W: AsRef<OsStr>>(&self, at: usize, count: usize, words: &[W]) -> String {
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

    /// The line without a `-j` whose value is no number of jobs: it has taken the command's
    /// name for it. Nothing if the value may be a file's.
    pub(crate) fn without_bare_jobs(&self) -> Option<String> {
        let names = ["-j", "-P", "--jobs", "--max-procs"];
        let is_command = |word: &OsString| {
            let is_builtin = word.as_encoded_bytes().first() == Some(&builtin::MARK);
            let is_line = word.as_encoded_bytes().contains(&b' ');
            is_builtin || is_line || path_lookup::search(word).is_ok()
        };
        let is_bare = |pair: &[OsString]| {
            let is_jobs = names.iter().any(|name| pair[0] == *name);
            let is_free = |jobs| matches!(jobs, JobLimit::File(path) if !path.exists());
            is_jobs && is_free(JobLimit::parse(&pair[1])) && is_command(&pair[1])
        };
        let at = self.words.windows(2).position(is_bare)?;
        let none: [&str; 0] = [];
        (at < self.command).then(|| self.replaced(at, 1, &none))
    }

    /// The line with `value` behind an option that lacks one.
    pub(super) fn with_value(&self, option: &str, value: &str) -> Option<String> {
        let at = self.words.iter().position(|word| word == option)?;
        Some(self.replaced(at + 1, 0, &[value]))
    }

    /// The line without its sources.
    pub(crate) fn reading_stdin(&self) -> String {
        let (mut words, mut command) = (self.words.clone(), self.command);
        let is_source = |word: &OsString| {
            let word = word.as_encoded_bytes();
            word.starts_with(b"-a") || word.starts_with(b"--arg-file")
        };
        if let Some(at) = words[..command].iter().position(is_source) {
            let is_apart = words[at] == "-a" || words[at] == "--arg-file";
            let count = 1 + usize::from(is_apart);
            words.drain(at..at + count);
            command -= count;
        }
        let sources = Vec::new();
        let line = TypedLine {
            words,
            command,
            sources,
        };
        line.with_options(&[])
    }

    /// The line with more options, which win over those that were typed.
    pub(crate) fn with_options(&self, options: &[&str]) -> String {
        let is_ended = self.options().last().is_some_and(|word| word == "--");
        self.replaced(self.command - usize::from(is_ended), 0, options)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::{SourceJoin, SourceOrigin};

    #[test]
    fn a_line_is_put_right_and_quoted() {
        let words = ["-j2", "sh", "-c", "echo hi", "--", "1", ""];
        let words = words.map(OsString::from).to_vec();
        let line = TypedLine::new(words, 6, &[], &SourceSeparators::default());
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
            InputSource {
                origin: SourceOrigin::File("a b".into()),
                join: SourceJoin::Product,
            },
            InputSource {
                origin: SourceOrigin::Arguments(vec![b"1".to_vec(), Vec::new()]),
                join: SourceJoin::Linked,
            },
        ];
        for (words, command, expected) in [
            (vec!["-k", "x"], 1, "prun -k -r x :::: 'a b' :::+ 1 ''"),
            (vec!["--", "x"], 1, "prun -r -- x :::: 'a b' :::+ 1 ''"),
            (vec![], 0, "prun -r :::: 'a b' :::+ 1 ''"),
        ] {
            let words = words.into_iter().map(OsString::from).collect();
            let line = TypedLine::new(words, command, &sources, &SourceSeparators::default());
            assert_eq!(line.with_options(&["-r"]), expected);
        }
    }
}
