//! Where values are in a line: in its words, in the variables that it sets, in what one
//! command gives to the next.

use std::collections::BTreeSet;
use std::ops::Range;

use super::super::direct::{Part, Word};
use super::super::lex::{Line, Operator, Target, What};
use super::super::placeholder::Placeholder;
use super::super::table as shell_table;
use super::table;

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
}

impl<'a> Scene<'a> {
    pub(super) fn new(text: &'a [u8], line: &'a Line) -> Scene<'a> {
        let mut scene = Scene {
            text,
            line,
            variables: BTreeSet::new(),
        };
        // A variable may be set from another one.
        loop {
            let known = scene.variables.len();
            for at in 0..line.commands.len() {
                let names = scene.set_by(at);
                scene.variables.extend(names);
            }
            if scene.variables.len() == known {
                return scene;
            }
        }
    }

    pub(super) fn commands(&self) -> &'a [Vec<Word>] {
        &self.line.commands
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
    }

    /// The variables that this command sets to a value.
    fn set_by(&self, at: usize) -> Vec<Vec<u8>> {
        let words = &self.line.commands[at];
        let mut names: Vec<Vec<u8>> = words
            .iter()
            .filter(|word| self.carry(word) != Carry::No)
            .filter_map(|word| {
                Some(word.head()[..shell_table::assigned_name(word.head())?].to_vec())
            })
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
        if name == b"read" && self.input(at) != Carry::No {
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
    fn code_carries(&self, range: Range<usize>) -> bool {
        let text = &self.text[range.clone()];
        if names(text).any(|name| self.variables.contains(name)) {
            return true;
        }
        match text {
            [b'$', b'\'', ..] => self.line.spots.iter().any(|spot| match &spot.what {
                What::Place(place) => place.is_value() && range.contains(&spot.range.start),
                What::Literal => false,
            }),
            [_, b'(', ..] => self.substitution_carries(&range),
            _ => false,
        }
    }

    /// Whether a command in a substitution prints a value. Those further in are among them.
    fn substitution_carries(&self, range: &Range<usize>) -> bool {
        let places = |word: &Word| word.placeholders().any(Placeholder::is_value);
        let mut fed = self.line.fed.iter();
        if fed.any(|(start, word)| range.contains(start) && places(word)) {
            return true;
        }
        let settings = self.line.settings.iter().zip(&self.line.commands);
        let mut inside = settings.filter(|(setting, _)| range.contains(&setting.start));
        inside.any(|(_, words)| {
            let start = super::program_position(words).unwrap_or(0);
            table::PRINTING.contains(&super::file_name(&words[start]))
                && words[start + 1..].iter().any(places)
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

    /// What a command reads on its standard input.
    pub(super) fn input(&self, at: usize) -> Carry {
        let piped = self.before(at).map_or(Carry::No, |at| self.output(at));
        self.fed(at).max(piped)
    }

    /// What a here-document or a here-string gives to a command.
    fn fed(&self, at: usize) -> Carry {
        let Some(setting) = self.line.settings.get(at) else {
            return Carry::No;
        };
        let fed = self.line.fed.iter();
        let fed = fed.filter(|(start, _)| *start == setting.start);
        let carries = fed.map(|(_, word)| self.carry(word));
        carries.max().unwrap_or(Carry::No)
    }

    /// The command whose output a command reads.
    fn before(&self, at: usize) -> Option<usize> {
        let before = at.checked_sub(1)?;
        let setting = self.line.settings.get(before)?;
        (setting.operator == Operator::Pipe).then_some(before)
    }

    /// What a command prints.
    pub(super) fn output(&self, mut at: usize) -> Carry {
        loop {
            let words = &self.line.commands[at];
            let Some(start) = super::program_position(words) else {
                return Carry::No;
            };
            let name = super::file_name(&words[start]);
            let arguments = &words[start + 1..];
            if table::PRINTING.contains(&name) {
                return self.printed(name, arguments);
            }
            let is_code = matches!(name, "awk" | "sed");
            let inside = |word| self.carry(word) == Carry::Inside;
            if is_code && arguments.iter().any(inside) {
                return Carry::Inside;
            }
            let fed = self.fed(at);
            match self.before(at) {
                _ if !table::PASSING.contains(&name) => return Carry::No,
                Some(before) if fed == Carry::No => at = before,
                _ => return fed,
            }
        }
    }

    fn printed(&self, name: &str, arguments: &[Word]) -> Carry {
        let mut words = arguments;
        let mut alone = true;
        if name == "printf"
            && let Some((format, rest)) = arguments.split_first()
            && let Some(format) = format.fixed()
        {
            if memchr::memmem::find(format, b"%q").is_some() {
                return Carry::No;
            }
            alone = matches!(format, b"%s" | b"%s\\n" | b"%s\\0" | b"%b" | b"%b\\n");
            words = rest;
        }
        let is_option = |word: &&Word| word.head().starts_with(b"-") && word.fixed().is_some();
        let words: Vec<&Word> = words.iter().filter(|word| !is_option(word)).collect();
        let carry = words.iter().map(|word| self.carry(word)).max();
        let each_alone = name == "printf" || words.len() == 1;
        match carry.unwrap_or(Carry::No) {
            Carry::Whole if !alone || !each_alone => Carry::Inside,
            carry => carry,
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
