//! A text with placeholders that names the results of each job.
//!
//! The text before the first placeholder up to its last slash is a directory that
//! no value can leave: below it, slashes of values part names, and each name is made
//! harmless. A pattern that begins with a value has no such directory: that value says
//! where results go, as in `<.>.out`.

use super::encode::{self, PathNaming};
use super::location::{NameMeaning, PathRoot, ResultsLocation};
use crate::error::{Error, Result};
use crate::input::Row;
use crate::placeholder::{JobPosition, RenderedText, TextTemplate};

/// A text that names results.
#[derive(Debug)]
pub(crate) struct ResultsPattern {
    text: TextTemplate,
    /// Bytes of the text that name the directory that everything is below.
    fixed: usize,
    files: NameMeaning,
}

impl ResultsPattern {
    /// `typed` is what `text` was parsed from.
    ///
    /// # Errors
    /// The text names the input itself, or a directory above that of a value.
    pub(crate) fn new(text: TextTemplate, typed: &[u8]) -> Result<ResultsPattern> {
        let shown = String::from_utf8_lossy(typed);
        if text.is_whole_value() {
            let message = format!("--results '{shown}' would overwrite the files that it names");
            return Err(Error::new(message).hint(format!("--results '{shown}.out'")));
        }
        let beginning = text.beginning();
        let fixed = beginning.iter().rposition(|&byte| byte == b'/');
        let fixed = fixed.map_or(0, |slash| slash + 1);
        let mut rest = typed[fixed.min(typed.len())..].split(|&byte| byte == b'/');
        if rest.any(|name| name == b"..") {
            return Err(
                Error::new(format!("'..' behind a placeholder in --results '{shown}'"))
                    .hint("name the directory in front of it"),
            );
        }
        Ok(ResultsPattern {
            fixed,
            files: if typed.ends_with(b"/") {
                NameMeaning::Inside
            } else {
                NameMeaning::Beside
            },
            text,
        })
    }

    /// The directory that everything is below; nothing for the working directory.
    pub(super) fn directory(&self) -> &[u8] {
        &self.text.beginning()[..self.fixed]
    }

    /// Tells whether the text contains the number of all jobs.
    pub(super) fn needs_total(&self) -> bool {
        self.text.needs_total()
    }

    pub(super) fn names_slot(&self) -> bool {
        self.text.names_slot()
    }

    /// Location of the results of a job.
    pub(super) fn location(
        &self,
        row: &Row,
        place: JobPosition,
        naming: PathNaming,
    ) -> ResultsLocation {
        let mut names = PathNames(vec![PathName::default()]);
        let mut root = PathRoot::Base;
        for (nth, part) in self.text.parts(row, place).enumerate() {
            match part {
                RenderedText::Text(text) if nth == 0 => {
                    names.add(&text[self.fixed..], PathTrust::Trusted)
                }
                RenderedText::Text(text) => names.add(&text, PathTrust::Trusted),
                RenderedText::Value(value) if nth == 0 => {
                    root = if value.starts_with(b"/") {
                        PathRoot::Absolute
                    } else {
                        PathRoot::Relative
                    };
                    names.add(&value, PathTrust::Trusted);
                }
                RenderedText::Value(value) => names.add(&value, PathTrust::Value(naming)),
            }
        }
        ResultsLocation {
            path: names.finish(self.files.limit()),
            root,
            files: self.files,
        }
    }
}

/// The names of a path that is being put together; the last one may go on.
struct PathNames(Vec<PathName>);

#[derive(Default)]
struct PathName {
    bytes: Vec<u8>,
    /// A value is part of the name.
    has_value: bool,
}

/// Power of a piece of a path.
#[derive(Clone, Copy)]
enum PathTrust {
    /// May lead anywhere.
    Trusted,
    /// May name something.
    Value(PathNaming),
}

impl PathNames {
    fn add(&mut self, text: &[u8], kind: PathTrust) {
        for (nth, piece) in text.split(|&byte| byte == b'/').enumerate() {
            if nth > 0 {
                self.0.push(PathName::default());
            }
            let last = self.0.last_mut().expect("there is always one");
            match kind {
                PathTrust::Value(PathNaming::Percent) if !piece.is_empty() => {
                    let name = encode::component(piece, PathNaming::Percent);
                    last.bytes.extend_from_slice(&name);
                }
                _ => last.bytes.extend_from_slice(piece),
            }
            last.has_value |= matches!(kind, PathTrust::Value(_));
        }
    }

    fn finish(self, limit: usize) -> Vec<Vec<u8>> {
        let names = self.0.into_iter().filter(|name| !name.bytes.is_empty());
        let names = names.map(|name| {
            if name.has_value {
                encode::shortened(encode::harmless(name.bytes), limit)
            } else {
                name.bytes
            }
        });
        let path: Vec<Vec<u8>> = names.collect();
        if path.is_empty() {
            vec![encode::EMPTY.to_vec()]
        } else {
            path
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::placeholder::{CommandDialect, PlaceholderSpellings, RowShape};

    fn pattern(typed: &str) -> Result<ResultsPattern> {
        let text = TextTemplate::parse(
            typed.as_bytes(),
            CommandDialect::Own,
            &PlaceholderSpellings::default(),
            &RowShape::of(2),
        );
        ResultsPattern::new(text.unwrap(), typed.as_bytes())
    }

    fn shown(typed: &str, values: [&str; 2], naming: PathNaming) -> String {
        let pattern = pattern(typed).unwrap();
        let row = Row::from_iter(values);
        let location = pattern.location(&row, JobPosition::of(7, 1), naming);
        let root = match location.root {
            PathRoot::Base => String::from_utf8(pattern.directory().to_vec()).unwrap(),
            PathRoot::Relative => String::new(),
            PathRoot::Absolute => "/".to_owned(),
        };
        format!(
            "{root}:{}",
            String::from_utf8(location.path.join(&b'/')).unwrap()
        )
    }

    #[test]
    fn values_stay_below_the_fixed_part() {
        let table = [
            ("out/<1>.txt", ["a", ""], "out/:a.txt"),
            ("out/<1>", ["a/b", ""], "out/:a/b"),
            ("out/<1>", ["../../x", ""], "out/:%2E./%2E./x"),
            ("out/<1>", ["/etc/x", ""], "out/:etc/x"),
            ("out/<1>", ["", ""], "out/:%empty"),
            ("out/.<1>", [".", ""], "out/:.%2E"),
            ("out/.<1>", ["", ""], "out/:%2E"),
            ("out/.<1>.", ["", ""], "out/:%2E%2E"),
            ("/t/a<1>/<#>/", ["b%", ""], "/t/:ab%25/7"),
            ("<#>/<1>", ["a", ""], ":7/a"),
            ("<1.>.out", ["d/a.c", ""], ":d/a.out"),
            ("<1.>.out", ["/d/a.c", ""], "/:d/a.out"),
            ("<1>-<2>", ["../a", "../b"], ":../a-%2E./b"),
        ];
        for (typed, values, expected) in table {
            assert_eq!(
                shown(typed, values, PathNaming::Percent),
                expected,
                "{typed}"
            );
        }
        assert_eq!(
            shown("o/<1>", ["../.x/a b", ""], PathNaming::Backslash),
            "o/:%2E%2E/.x/a b"
        );
    }

    #[test]
    fn a_pattern_must_name_something_new() {
        assert!(pattern("<1>").is_err());
        assert!(pattern("out/<1>/../x").is_err());
        assert!(pattern("../out/<1>").is_ok());
        assert!(pattern("<1/>").is_ok());
    }
}
