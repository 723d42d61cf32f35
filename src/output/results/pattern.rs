//! A text with placeholders that names the results of each job.
//!
//! What stands before the first placeholder up to its last slash is a directory that
//! no value can leave: below it, slashes of values part names, and each name is made
//! harmless. A pattern that begins with a value has no such directory: that value says
//! where results go, as in `<.>.out`.

use super::encode;
use super::place::{Files, Root, Spot};
use crate::error::{Error, Result};
use crate::input::Row;
use crate::template::{Dialect, Part, Place, Text};

/// A text that names results.
#[derive(Debug)]
pub struct Pattern {
    text: Text,
    /// So many bytes of it name the directory that everything is below.
    fixed: usize,
    files: Files,
}

impl Pattern {
    /// `typed` is what `text` was parsed from.
    ///
    /// # Errors
    /// It names the input itself, or a directory above that of a value.
    pub fn new(text: Text, typed: &[u8]) -> Result<Pattern> {
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
        Ok(Pattern {
            fixed,
            files: match typed.ends_with(b"/") {
                true => Files::Inside,
                false => Files::Beside,
            },
            text,
        })
    }

    /// The directory that everything is below; nothing for the working directory.
    pub(super) fn directory(&self) -> &[u8] {
        &self.text.beginning()[..self.fixed]
    }

    /// Whether it depends on the slot.
    pub(super) fn needs_total(&self) -> bool {
        self.text.needs_total()
    }

    pub(super) fn names_slot(&self) -> bool {
        self.text.names_slot()
    }

    /// Where the results of a job are.
    pub(super) fn spot(&self, row: &Row, place: Place, dialect: Dialect) -> Spot {
        let mut names = Names(vec![Name::default()]);
        let mut root = Root::Base;
        for (nth, part) in self.text.parts(row, place).enumerate() {
            match part {
                Part::Text(text) if nth == 0 => names.add(&text[self.fixed..], Kind::Trusted),
                Part::Text(text) => names.add(&text, Kind::Trusted),
                Part::Value(value) if nth == 0 => {
                    root = match value.starts_with(b"/") {
                        true => Root::Absolute,
                        false => Root::Relative,
                    };
                    names.add(&value, Kind::Trusted);
                }
                Part::Value(value) => names.add(&value, Kind::Value(dialect)),
            }
        }
        Spot {
            path: names.finish(self.files.limit()),
            root,
            files: self.files,
        }
    }
}

/// The names of a path that is being put together; the last one may go on.
struct Names(Vec<Name>);

#[derive(Default)]
struct Name {
    bytes: Vec<u8>,
    /// Whether a value is part of it.
    has_value: bool,
}

/// What a piece of a path may do.
#[derive(Clone, Copy)]
enum Kind {
    /// Lead anywhere.
    Trusted,
    /// Name something.
    Value(Dialect),
}

impl Names {
    fn add(&mut self, text: &[u8], kind: Kind) {
        for (nth, piece) in text.split(|&byte| byte == b'/').enumerate() {
            if nth > 0 {
                self.0.push(Name::default());
            }
            let last = self.0.last_mut().expect("there is always one");
            match kind {
                Kind::Value(Dialect::Own) if !piece.is_empty() => {
                    let name = encode::component(piece, Dialect::Own);
                    last.bytes.extend_from_slice(&name);
                }
                _ => last.bytes.extend_from_slice(piece),
            }
            last.has_value |= matches!(kind, Kind::Value(_));
        }
    }

    fn finish(self, limit: usize) -> Vec<Vec<u8>> {
        let names = self.0.into_iter().filter(|name| !name.bytes.is_empty());
        let names = names.map(|name| match name.has_value {
            true => encode::shortened(encode::harmless(name.bytes), limit),
            false => name.bytes,
        });
        let path: Vec<Vec<u8>> = names.collect();
        match path.is_empty() {
            true => vec![encode::EMPTY.to_vec()],
            false => path,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::template::{Shape, Spellings};

    fn pattern(typed: &str) -> Result<Pattern> {
        let text = Text::parse(
            typed.as_bytes(),
            Dialect::Own,
            &Spellings::default(),
            &Shape::of(2),
        );
        Pattern::new(text.unwrap(), typed.as_bytes())
    }

    fn shown(typed: &str, values: [&str; 2], dialect: Dialect) -> String {
        let pattern = pattern(typed).unwrap();
        let row = Row::from_iter(values);
        let spot = pattern.spot(&row, Place::of(7, 1), dialect);
        let root = match spot.root {
            Root::Base => String::from_utf8(pattern.directory().to_vec()).unwrap(),
            Root::Relative => String::new(),
            Root::Absolute => "/".to_owned(),
        };
        format!(
            "{root}:{}",
            String::from_utf8(spot.path.join(&b'/')).unwrap()
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
            assert_eq!(shown(typed, values, Dialect::Own), expected, "{typed}");
        }
        assert_eq!(
            shown("o/<1>", ["../.x/a b", ""], Dialect::Gnu),
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
