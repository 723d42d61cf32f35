//! What goes from one command to the next: through pipes, files, functions.

use std::ops::Range;

use super::super::super::direct::{Part, Word};
use super::super::super::lex::{Operator, Target};
use super::super::super::placeholder::Placeholder;
use super::super::{file_name, program_position, table};
use super::{Carry, Scene, plain_path};

impl Scene<'_> {
    /// The files that get more than a value from a command.
    pub(super) fn written_by(&self, at: usize) -> Vec<Vec<u8>> {
        let named: Vec<Vec<u8>> = self
            .outputs(at)
            .filter_map(|word| Some(plain_path(word.fixed()?).to_vec()))
            .collect();
        match named.is_empty() || self.output(at) != Carry::Inside {
            true => Vec::new(),
            false => named,
        }
    }

    /// Whether a command in a substitution prints a value. Those further in are among them.
    pub(in super::super) fn prints_value(&self, range: &Range<usize>) -> bool {
        let places = |word: &Word| {
            let mut codes = word.parts.iter();
            word.placeholders().any(Placeholder::is_value)
                || codes.any(|part| match part {
                    Part::Code(range) => self.names_value(&self.text[range.clone()]),
                    _ => false,
                })
        };
        let mut fed = self.line.fed.iter();
        if fed.any(|(start, word)| range.contains(start) && places(word)) {
            return true;
        }
        let settings = self
            .line
            .settings
            .iter()
            .zip(&self.line.commands)
            .enumerate();
        let mut inside = settings.filter(|(_, (setting, _))| range.contains(&setting.start));
        inside.any(|(at, (_, words))| {
            let start = program_position(words).unwrap_or(0);
            words.get(start).is_some_and(|name| {
                table::PRINTING.contains(&file_name(name))
                    && words[start + 1..].iter().any(places)
                    && self.is_passed_on(at)
            })
        })
    }

    /// Whether those that read a command's output print it.
    fn is_passed_on(&self, mut at: usize) -> bool {
        while self.line.settings[at].operator == Operator::Pipe {
            at += 1;
            let Some(words) = self.line.commands.get(at) else {
                return true;
            };
            let name = program_position(words).map(|at| file_name(&words[at]));
            if !name.is_some_and(|name| table::PASSING.contains(&name) || name == "xargs") {
                return false;
            }
        }
        true
    }

    /// What a command reads on its standard input.
    pub(in super::super) fn input(&self, at: usize) -> Carry {
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
        let opened = setting.redirections.iter().map(|redirection| {
            match (&redirection.target, redirection.fd) {
                (Target::File(_, word), 0) if self.is_written(word) => Carry::Inside,
                (Target::File(_, word), 0) if self.is_printed(word) => Carry::Inside,
                _ => Carry::No,
            }
        });
        carries.chain(opened).max().unwrap_or(Carry::No)
    }

    /// The command whose output a command reads.
    fn before(&self, at: usize) -> Option<usize> {
        let before = at.checked_sub(1)?;
        let setting = self.line.settings.get(before)?;
        (setting.operator == Operator::Pipe).then_some(before)
    }

    /// What a command prints.
    pub(in super::super) fn output(&self, mut at: usize) -> Carry {
        let mut least = Carry::Whole;
        loop {
            let words = &self.line.commands[at];
            let Some(start) = program_position(words) else {
                return Carry::No;
            };
            let name = file_name(&words[start]);
            let arguments = &words[start + 1..];
            let fed = self.fed(at);
            let before = self.before(at);
            let is_appended = words[..start].iter().any(|word| file_name(word) == "xargs");
            if table::PRINTING.contains(&name) {
                let printed = self.printed(name, arguments);
                match before {
                    Some(before) if is_appended && printed == Carry::No => {
                        least = Carry::Inside;
                        at = before;
                        continue;
                    }
                    _ if printed == Carry::No => return Carry::No,
                    _ => return printed.max(least),
                }
            }
            if self.line.functions.iter().any(|own| own == name.as_bytes()) {
                return self.printed_before(at);
            }
            let is_code = matches!(name, "awk" | "sed" | "paste");
            let inside = |word: &Word| self.carry(word) == Carry::Inside || self.is_written(word);
            let is_passing = table::PASSING.contains(&name);
            if (is_code || is_passing && name != "grep")
                && arguments
                    .iter()
                    .any(|word| is_code && inside(word) || self.is_written(word))
            {
                return Carry::Inside;
            }
            if is_code {
                least = Carry::Inside;
            }
            match before {
                _ if !is_passing => return Carry::No,
                Some(before) if fed == Carry::No => at = before,
                _ if fed == Carry::No => return Carry::No,
                _ => return fed.max(least),
            }
        }
    }

    /// What commands before this one print: those of a function's body are among them.
    fn printed_before(&self, at: usize) -> Carry {
        let commands = self.line.commands[..at].iter();
        let printed = commands.map(|words| {
            let start = program_position(words)?;
            let name = file_name(&words[start]);
            let is_printing = table::PRINTING.contains(&name);
            is_printing.then(|| self.printed(name, &words[start + 1..]))
        });
        printed.flatten().max().unwrap_or(Carry::No)
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
