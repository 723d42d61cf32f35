//! Where values are in a line: in its words, in the variables that it sets, in what one
//! command gives to the next.

mod flow;

use std::collections::BTreeSet;
use std::ops::Range;

use super::super::direct::{Part, Word};
use super::super::lex::{Line, Target, What};
use super::super::table as shell_table;

/// How a value is in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Carry {
    No,
    /// The text is the value: if it is code, it is meant as such.
    Whole,
    /// There is more than the value.
    Inside,
}

/// A line, and which variables hold values.
pub(super) struct Scene<'a> {
    text: &'a [u8],
    line: &'a Line,
    variables: BTreeSet<Vec<u8>>,
    /// Those that were declared to be integers, or names of others.
    integers: BTreeSet<Vec<u8>>,
    /// Those whose subscripts are text.
    maps: BTreeSet<Vec<u8>>,
    /// Files that values were written to, and more than these.
    files: BTreeSet<Vec<u8>>,
}

impl<'a> Scene<'a> {
    pub(super) fn new(text: &'a [u8], line: &'a Line) -> Scene<'a> {
        let mut scene = Scene {
            text,
            line,
            variables: BTreeSet::new(),
            integers: declared(line, b"in"),
            maps: declared(line, b"A"),
            files: BTreeSet::new(),
        };
        // A variable may be set from another one.
        loop {
            let known = scene.variables.len() + scene.files.len();
            for at in 0..line.commands.len() {
                let names = scene.set_by(at);
                scene.variables.extend(names);
                let files = scene.written_by(at);
                scene.files.extend(files);
            }
            if scene.variables.len() + scene.files.len() == known {
                return scene;
            }
        }
    }

    pub(super) fn commands(&self) -> &'a [Vec<Word>] {
        &self.line.commands
    }

    pub(super) fn text(&self) -> &'a [u8] {
        self.text
    }

    pub(super) fn line(&self) -> &'a Line {
        self.line
    }

    /// Whether the variable holds a value.
    pub(super) fn is_tainted(&self, name: &[u8]) -> bool {
        self.variables.contains(name)
    }

    pub(super) fn is_integer(&self, name: &[u8]) -> bool {
        self.integers.contains(name)
    }

    pub(super) fn is_map(&self, name: &[u8]) -> bool {
        self.maps.contains(name)
    }

    pub(super) fn has_value(&self, word: &Word) -> bool {
        self.carry(word) != Carry::No
    }

    /// Whether a text has a `$NAME` that holds a value.
    pub(super) fn names_value(&self, text: &[u8]) -> bool {
        names(text).any(|name| self.variables.contains(name))
    }

    /// Whether it is a file that the line wrote values to.
    pub(super) fn is_written(&self, word: &Word) -> bool {
        word.fixed()
            .is_some_and(|name| self.files.contains(plain_path(name)))
    }

    /// The files that a command's output goes to.
    pub(super) fn outputs(&self, at: usize) -> impl Iterator<Item = &'a Word> {
        let redirections = self
            .line
            .settings
            .get(at)
            .map(|setting| &setting.redirections);
        redirections
            .into_iter()
            .flatten()
            .filter_map(|redirection| match (&redirection.target, redirection.fd) {
                (Target::File(_, word), 1) => Some(word),
                _ => None,
            })
            .chain(self.copies(at))
    }

    /// The words of `tee`.
    fn copies(&self, at: usize) -> &'a [Word] {
        let words = &self.line.commands[at];
        match super::program_position(words) {
            Some(tee) if super::file_name(&words[tee]) == "tee" => &words[tee + 1..],
            _ => &[],
        }
    }

    /// The variables that this command sets to a value.
    fn set_by(&self, at: usize) -> Vec<Vec<u8>> {
        let words = &self.line.commands[at];
        let mut names: Vec<Vec<u8>> = words
            .iter()
            .filter(|word| self.carry(word) != Carry::No)
            .filter_map(|word| Some(set_name(word.head())?.to_vec()))
            .collect();
        let Some(start) = super::program_position(words) else {
            return names;
        };
        let arguments = &words[start + 1..];
        let carries = arguments.iter().any(|word| self.carry(word) != Carry::No);
        let name = words[start].fixed().unwrap_or_default();
        let is_loop = arguments.first().and_then(Word::fixed) == Some(b"in");
        if carries && is_loop {
            names.push(name.to_vec());
        }
        if carries && (name == b"set" || self.line.functions.iter().any(|own| own == name)) {
            names.extend((b'1'..=b'9').chain(*b"@*").map(|name| vec![name]));
        }
        if let (b"printf", Some((option, rest))) = (name, arguments.split_first())
            && option.fixed() == Some(b"-v")
            && carries
        {
            names.extend(rest.first().map(|word| word.head().to_vec()));
        }
        if matches!(name, b"read" | b"mapfile" | b"readarray") && self.input(at) != Carry::No {
            names.extend(arguments.iter().map(|word| word.head().to_vec()));
        }
        names
    }

    pub(super) fn carry(&self, word: &Word) -> Carry {
        let has_value = word.parts.iter().any(|part| match part {
            Part::Place(placeholder, _) => placeholder.is_value(),
            Part::Code(range) => self.code_carries(range.clone()),
            Part::Text(_) => false,
        });
        let has_more = word.parts.iter().any(|part| match part {
            Part::Text(text) => !text.trim_ascii().is_empty(),
            Part::Place(..) => false,
            Part::Code(_) => true,
        });
        match (has_value, has_more) {
            (false, _) => Carry::No,
            (true, false) => Carry::Whole,
            (true, true) => Carry::Inside,
        }
    }

    /// Whether what an expansion gives has a value in it.
    pub(super) fn code_carries(&self, range: Range<usize>) -> bool {
        let text = &self.text[range.clone()];
        if names(text).any(|name| self.variables.contains(name)) {
            return true;
        }
        let is_array = text.starts_with(b"(") && self.text[..range.start].ends_with(b"=");
        match text {
            _ if is_array => self.has_spot(&range),
            [b'$', b'\'', ..] => self.has_spot(&range),
            [_, b'(', ..] => self.prints_value(&range),
            _ => false,
        }
    }

    /// Whether a value stands anywhere in a text.
    fn has_spot(&self, range: &Range<usize>) -> bool {
        self.line.spots.iter().any(|spot| match &spot.what {
            What::Place(place) => place.is_value() && range.contains(&spot.range.start),
            What::Literal => false,
        })
    }

    /// `<(echo 'echo <>')`: a file of what commands print.
    pub(super) fn is_printed(&self, word: &Word) -> bool {
        match word.parts.first() {
            Some(Part::Code(range)) => {
                self.text[range.clone()].starts_with(b"<(") && self.carry(word) == Carry::Inside
            }
            _ => false,
        }
    }
}

/// The names after `$` in a text.
fn names(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    memchr::memchr_iter(b'$', text).map(|at| {
        let rest = &text[at + 1..];
        let rest = rest.strip_prefix(b"{").unwrap_or(rest);
        let parameter = matches!(rest.first(), Some(b'0'..=b'9' | b'@' | b'*'));
        &rest[..shell_table::name_length(rest).max(usize::from(parameter))]
    })
}

/// The name in `NAME=`, `NAME+=`, `NAME[…]=`.
fn set_name(head: &[u8]) -> Option<&[u8]> {
    let length = shell_table::name_length(head);
    let sets = matches!(head[length..], [b'=', ..] | [b'+', b'=', ..] | [b'[', ..]);
    (length > 0 && sets).then(|| &head[..length])
}

/// The names that are declared with one of these options.
fn declared(line: &Line, letters: &[u8]) -> BTreeSet<Vec<u8>> {
    let mut names = BTreeSet::new();
    for words in &line.commands {
        let Some(start) = super::program_position(words) else {
            continue;
        };
        let name = words[start].fixed().unwrap_or_default();
        let is_declaring = matches!(name, b"declare" | b"typeset" | b"local" | b"integer");
        let options = words[start + 1..]
            .iter()
            .filter(|word| super::is_option(word));
        let mut options = options.flat_map(|word| word.head());
        let asked = name == b"integer" && letters.contains(&b'i');
        if is_declaring && (asked || options.any(|letter| letters.contains(letter))) {
            names.extend(words[start + 1..].iter().map(|word| {
                let length = shell_table::name_length(word.head());
                word.head()[..length].to_vec()
            }));
        }
    }
    names.remove(&b""[..]);
    names
}

/// `x` for `./x`.
pub(super) fn plain_path(path: &[u8]) -> &[u8] {
    path.strip_prefix(b"./").unwrap_or(path)
}
