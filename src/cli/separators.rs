//! The words `:::`, `:::+`, `::::` and `::::+`, which end the command and begin
//! sources. They are cut off before options are parsed: everything after the first
//! is input, whatever it looks like.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStringExt;

use crate::error::{Error, Result};
use crate::input::{Join, Origin, Source};

/// Cuts the words of a command line into options and command on one side and
/// sources on the other.
///
/// # Errors
/// `::::` without a file: what was meant is not "no input".
pub fn cut(mut argv: Vec<OsString>) -> Result<(Vec<OsString>, Vec<Source>)> {
    let first = argv
        .iter()
        .position(|word| Separator::parse(word).is_some());
    let tail = argv.split_off(first.unwrap_or(argv.len()));
    Ok((argv, sources(tail)?))
}

/// What follows a separator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Separator {
    Values(Join),
    Files(Join),
}

impl Separator {
    fn parse(word: &OsStr) -> Option<Self> {
        Some(match word.as_encoded_bytes() {
            b":::" => Separator::Values(Join::Product),
            b":::+" => Separator::Values(Join::Linked),
            b"::::" => Separator::Files(Join::Product),
            b"::::+" => Separator::Files(Join::Linked),
            _ => return None,
        })
    }

    fn sources(self, words: Vec<OsString>) -> Result<Vec<Source>> {
        match self {
            Separator::Values(join) => {
                let values = words.into_iter().map(OsString::into_vec).collect();
                let origin = Origin::Arguments(values);
                Ok(vec![Source { origin, join }])
            }
            Separator::Files(_) if words.is_empty() => Err(no_file()),
            Separator::Files(join) => Ok(words
                .into_iter()
                .map(|file| Source {
                    origin: Origin::File(file.into()),
                    join,
                })
                .collect()),
        }
    }
}

/// The sources in words that begin with a separator.
fn sources(words: Vec<OsString>) -> Result<Vec<Source>> {
    let mut sources = Vec::new();
    let mut words = words.into_iter().peekable();
    while let Some(separator) = words.next().and_then(|word| Separator::parse(&word)) {
        let mut group = Vec::new();
        while let Some(word) = words.next_if(|word| Separator::parse(word).is_none()) {
            group.push(word);
        }
        sources.extend(separator.sources(group)?);
    }
    Ok(sources)
}

fn no_file() -> Error {
    Error::new("'::::' needs a file of values")
        .hint("prun COMMAND :::: FILE reads values from FILE; prun COMMAND ::: VALUE... takes them as they are")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The head, and each source as its first separator's name and its words.
    fn cut_words(line: &str) -> (String, String) {
        let (head, sources) = cut(line.split(' ').map(OsString::from).collect()).unwrap();
        let sources = sources.into_iter().map(|Source { origin, join }| {
            let (mark, text) = match origin {
                Origin::Arguments(values) => {
                    (":::", String::from_utf8(values.join(&b',')).unwrap())
                }
                Origin::File(path) => ("::::", path.display().to_string()),
                Origin::Stdin => ("stdin", String::new()),
            };
            match join {
                Join::Product => format!("{mark}{text}"),
                Join::Linked => format!("{mark}+{text}"),
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
        let (_, sources) = cut(argv).unwrap();
        assert_eq!(sources[0].origin, Origin::Arguments(vec![value]));
    }

    #[test]
    fn a_file_separator_needs_a_file() {
        assert!(cut(vec!["echo".into(), "::::".into()]).is_err());
        assert!(cut(vec!["::::+".into(), ":::".into(), "a".into()]).is_err());
    }
}
