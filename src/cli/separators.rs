//! The words `:::`, `:::+`, `::::` and `::::+`, which end the command and begin
//! sources. They are cut off before options are parsed: everything after the first
//! is input, whatever it looks like. Other words can stand for them.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStringExt;

use crate::error::{Error, Result};
use crate::input::{InputSource, SourceJoin, SourceOrigin};

/// The words that end a command and begin sources.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SourceSeparators {
    /// Begins values; a plus behind it links them.
    pub values: OsString,
    /// Begins names of files; the same.
    pub files: OsString,
}

impl Default for SourceSeparators {
    fn default() -> Self {
        SourceSeparators {
            values: ":::".into(),
            files: "::::".into(),
        }
    }
}

/// What follows a separator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum SourceSeparator {
    Values(SourceJoin),
    Files(SourceJoin),
}

impl SourceSeparators {
    /// Cuts the words of a command line into options and command on one side and
    /// sources on the other. The words before `from` are options, whatever they look like.
    ///
    /// # Errors
    /// `::::` without a file: what was meant is not "no input".
    pub(crate) fn cut(
        &self,
        mut argv: Vec<OsString>,
        from: usize,
    ) -> Result<(Vec<OsString>, Vec<InputSource>)> {
        let first = argv[from..]
            .iter()
            .position(|word| self.read(word).is_some());
        let rest = argv.split_off(first.map_or(argv.len(), |first| from + first));
        Ok((argv, self.sources(rest)?))
    }

    fn read(&self, word: &OsStr) -> Option<SourceSeparator> {
        let word = word.as_encoded_bytes();
        let is = |separator: &OsStr, plus: &[u8]| {
            word.strip_prefix(separator.as_encoded_bytes()) == Some(plus)
        };
        let separators = [
            (
                &self.values,
                SourceSeparator::Values as fn(SourceJoin) -> SourceSeparator,
            ),
            (&self.files, SourceSeparator::Files),
        ];
        separators.into_iter().find_map(|(text, separator)| {
            if is(text, b"") {
                Some(separator(SourceJoin::Product))
            } else {
                is(text, b"+").then(|| separator(SourceJoin::Linked))
            }
        })
    }

    /// The words of sources; `VALUE...` for more values than a person types.
    pub(super) fn words(&self, sources: &[InputSource]) -> Vec<OsString> {
        const MOST: usize = 64;
        let mut words = Vec::new();
        for InputSource { origin, join } in sources {
            let (separator, values) = match origin {
                SourceOrigin::Arguments(values) if values.len() > MOST => {
                    (&self.values, vec!["VALUE...".into()])
                }
                SourceOrigin::Arguments(values) => {
                    let values = values.iter().cloned().map(OsString::from_vec);
                    (&self.values, values.collect())
                }
                SourceOrigin::File(path) => (&self.files, vec![path.into()]),
                SourceOrigin::Stdin => (&self.files, vec!["-".into()]),
            };
            let mut separator = separator.clone();
            if *join == SourceJoin::Linked {
                separator.push("+");
            }
            words.push(separator);
            words.extend(values);
        }
        words
    }

    /// The sources in words that begin with a separator.
    fn sources(&self, words: Vec<OsString>) -> Result<Vec<InputSource>> {
        let mut sources = Vec::new();
        let mut words = words.into_iter().peekable();
        while let Some(separator) = words.next().and_then(|word| self.read(&word)) {
            let mut group = Vec::new();
            while let Some(word) = words.next_if(|word| self.read(word).is_none()) {
                group.push(word);
            }
            sources.extend(separator.sources(group)?);
        }
        Ok(sources)
    }
}

impl SourceSeparator {
    fn sources(self, words: Vec<OsString>) -> Result<Vec<InputSource>> {
        match self {
            SourceSeparator::Values(join) => {
                let values = words.into_iter().map(OsString::into_vec).collect();
                let origin = SourceOrigin::Arguments(values);
                Ok(vec![InputSource { origin, join }])
            }
            SourceSeparator::Files(_) if words.is_empty() => Err(no_file()),
            SourceSeparator::Files(join) => Ok(words
                .into_iter()
                .map(|file| InputSource {
                    origin: SourceOrigin::File(file.into()),
                    join,
                })
                .collect()),
        }
    }
}

fn no_file() -> Error {
    Error::new("'::::' needs a file of values")
        .hint("prun COMMAND :::: FILE reads values from FILE; prun COMMAND ::: VALUE... takes them as they are")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut<'a>(
        words: impl IntoIterator<Item = &'a str>,
    ) -> Result<(Vec<OsString>, Vec<InputSource>)> {
        let words = words.into_iter().map(OsString::from).collect();
        SourceSeparators::default().cut(words, 0)
    }

    /// The head, and each source as its first separator's name and its words.
    fn cut_words(line: &str) -> (String, String) {
        let (head, sources) = cut(line.split(' ')).unwrap();
        let sources = sources.into_iter().map(|InputSource { origin, join }| {
            let (mark, text) = match origin {
                SourceOrigin::Arguments(values) => {
                    (":::", String::from_utf8(values.join(&b',')).unwrap())
                }
                SourceOrigin::File(path) => ("::::", path.display().to_string()),
                SourceOrigin::Stdin => ("stdin", String::new()),
            };
            match join {
                SourceJoin::Product => format!("{mark}{text}"),
                SourceJoin::Linked => format!("{mark}+{text}"),
            }
        });
        let sources: Vec<String> = sources.collect();
        (
            head.join(OsStr::new(" ")).into_string().unwrap(),
            sources.join(" "),
        )
    }

    #[test]
    fn the_first_separator_ends_the_command() {
        for (line, head, sources) in [
            ("prun -k echo", "prun -k echo", ""),
            ("prun echo ::: a b", "prun echo", ":::a,b"),
            ("prun ::: a -k --help --", "prun", ":::a,-k,--help,--"),
            (
                "prun e ::: 1 2 ::: a b :::+ x y",
                "prun e",
                ":::1,2 :::a,b :::+x,y",
            ),
            ("prun e :::: f1 f2", "prun e", "::::f1 ::::f2"),
            (
                "prun e :::: f1 ::::+ f2 f3",
                "prun e",
                "::::f1 ::::+f2 ::::+f3",
            ),
            ("prun e :::: - ::: a", "prun e", "::::- :::a"),
            ("prun e :::", "prun e", ":::"),
            ("prun e ::: ::: a", "prun e", "::: :::a"),
            ("prun e ::: ::::x a:::", "prun e", ":::::::x,a:::"),
        ] {
            assert_eq!(
                cut_words(line),
                (head.to_owned(), sources.to_owned()),
                "{line}"
            );
        }
    }

    #[test]
    fn values_are_bytes() {
        let value = b"\xff\xfe".to_vec();
        let argv = vec![":::".into(), OsString::from_vec(value.clone())];
        let (_, sources) = SourceSeparators::default().cut(argv, 0).unwrap();
        assert_eq!(sources[0].origin, SourceOrigin::Arguments(vec![value]));
    }

    #[test]
    fn a_file_separator_needs_a_file() {
        assert!(cut(["echo", "::::"]).is_err());
        assert!(cut(["::::+", ":::", "a"]).is_err());
    }

    #[test]
    fn other_words_can_separate() {
        let separators = SourceSeparators {
            values: "//".into(),
            files: ",".into(),
        };
        let words = [
            "--arg-sep",
            "//",
            "echo",
            ":::",
            "//",
            "a",
            "//+",
            "b",
            ",",
            "f",
        ];
        let words = words.map(OsString::from).to_vec();
        let (head, sources) = separators.cut(words, 2).unwrap();
        assert_eq!(head.join(OsStr::new(" ")), "--arg-sep // echo :::");
        assert_eq!(sources.len(), 3);
        assert_eq!(sources[1].join, SourceJoin::Linked);
    }
}
