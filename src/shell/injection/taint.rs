//! Taint analysis of a line: values in its words, in the variables that it sets, in what one
//! command gives to the next.

mod flow;
mod variables;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use crate::placeholder::{TemplateWord, WordPart};
use crate::shell::lex::{CommandContext, ListOperator, ShellLine, SiteContent};
use crate::shell::vocabulary;

pub(super) use self::variables::parameter_names;
use super::program_words::{is_option, program_position};
use super::table;

/// Share of a text that comes from values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Taint {
    No,
    /// The text is the value: if it is code, it is meant as such.
    Whole,
    /// A value and other text.
    Inside,
}

/// A line, and which variables hold values.
pub(super) struct TaintedLine<'a> {
    text: &'a [u8],
    line: &'a ShellLine,
    /// Variables that were declared to be integers, or names of others.
    integers: BTreeSet<Vec<u8>>,
    /// Variables whose subscripts are text.
    maps: BTreeSet<Vec<u8>>,
    depth: usize,
    flow: TaintFlow,
}

/// Variables, files and streams that values have reached.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
struct TaintFlow {
    variables: BTreeSet<Vec<u8>>,
    /// Files that values were written to.
    files: BTreeMap<Vec<u8>, Taint>,
    /// Standard input of each command.
    inputs: Vec<Taint>,
    /// Output of each command.
    outputs: Vec<Taint>,
}

impl<'a> TaintedLine<'a> {
    pub(super) fn new(text: &'a [u8], line: &'a ShellLine) -> TaintedLine<'a> {
        TaintedLine::with(text, line, BTreeSet::new(), 0)
    }

    /// A line so many texts of code further in, whose variables hold values from outside.
    pub(super) fn with(
        text: &'a [u8],
        line: &'a ShellLine,
        variables: BTreeSet<Vec<u8>>,
        depth: usize,
    ) -> TaintedLine<'a> {
        let nothing = vec![Taint::No; line.commands.len()];
        let mut tainted = TaintedLine {
            text,
            line,
            integers: declared(line, b"inEF"),
            maps: declared(line, b"A"),
            depth,
            flow: TaintFlow {
                variables,
                inputs: nothing.clone(),
                outputs: nothing,
                ..TaintFlow::default()
            },
        };
        // A variable may be set from another one, a file from a function's output. Nothing
        // is taken back, so that this ends.
        loop {
            let before = tainted.flow.clone();
            for at in 0..line.commands.len() {
                tainted.flow.inputs[at] = tainted.reads(at).max(tainted.flow.inputs[at]);
                tainted.flow.outputs[at] = tainted.prints(at).max(tainted.flow.outputs[at]);
                let names = tainted.set_by(at);
                tainted.flow.variables.extend(names);
            }
            for (file, taint_of) in tainted.written() {
                let known = tainted.flow.files.entry(file).or_insert(taint_of);
                *known = taint_of.max(*known);
            }
            if tainted.flow == before {
                return tainted;
            }
        }
    }

    pub(super) fn commands(&self) -> &'a [Vec<TemplateWord>] {
        &self.line.commands
    }

    pub(super) fn text(&self) -> &'a [u8] {
        self.text
    }

    pub(super) fn line(&self) -> &'a ShellLine {
        self.line
    }

    pub(super) fn depth(&self) -> usize {
        self.depth
    }

    pub(super) fn variables(&self) -> &BTreeSet<Vec<u8>> {
        &self.flow.variables
    }

    /// The words of a command that are checked, since they are numbers to the shell.
    pub(super) fn numbers(&self, command: usize) -> impl Iterator<Item = usize> {
        let numbers = self.line.numbers.iter();
        numbers
            .filter(move |(at, _)| *at == command)
            .map(|(_, word)| *word)
    }

    pub(super) fn is_tainted(&self, name: &[u8]) -> bool {
        self.flow.variables.contains(name)
    }

    /// The variables with values that are given to programs.
    pub(super) fn exported(&self) -> impl Iterator<Item = &'a [u8]> {
        let commands = self.line.commands.iter();
        let exporting = commands.filter_map(|words| {
            let start = program_position(words)?;
            let arguments = &words[start + 1..];
            let asks = |word: &TemplateWord| is_option(word) && word.head().contains(&b'x');
            match words[start].fixed()? {
                b"export" => Some(arguments),
                b"declare" | b"typeset" if arguments.iter().any(asks) => Some(arguments),
                _ => None,
            }
        });
        let names = exporting.flatten().map(|word| {
            let head = word.head();
            &head[..vocabulary::name_length(head)]
        });
        names.filter(|name| self.is_tainted(name))
    }

    pub(super) fn is_integer(&self, name: &[u8]) -> bool {
        self.integers.contains(name)
    }

    pub(super) fn is_map(&self, name: &[u8]) -> bool {
        self.maps.contains(name)
    }

    pub(super) fn has_value(&self, word: &TemplateWord) -> bool {
        self.taint_of(word) != Taint::No
    }

    /// Tells whether a text has a `$NAME` that holds a value.
    pub(super) fn names_value(&self, text: &[u8]) -> bool {
        names(text).any(|name| self.flow.variables.contains(name))
    }

    /// Taint of a file that the line wrote.
    pub(super) fn written_to(&self, word: &TemplateWord) -> Taint {
        let file = self.flow.files.get(&self.file_key(word));
        file.copied().unwrap_or(Taint::No)
    }

    /// The files that values and more than these were written to.
    pub(super) fn scripts(&self) -> impl Iterator<Item = &[u8]> {
        let files = self.flow.files.iter();
        files.filter_map(|(file, taint_of)| (*taint_of == Taint::Inside).then_some(&file[..]))
    }

    /// A name that is the same wherever the same file is meant: its text, as far as that
    /// is known.
    pub(super) fn file_key(&self, word: &TemplateWord) -> Vec<u8> {
        let mut key = Vec::new();
        for part in &word.parts {
            match part {
                WordPart::Text(text) => key.extend_from_slice(text),
                WordPart::Code(range) => key.extend_from_slice(&self.text[range.clone()]),
                WordPart::Placeholder(placeholder, _) => {
                    key.extend(format!("<{placeholder:?}>").bytes())
                }
            }
        }
        plain_path(&key).to_vec()
    }

    /// The commands of a function.
    fn body(&self, name: &[u8]) -> Option<Range<usize>> {
        let mut functions = self.line.functions.iter();
        let found = functions.find(|function| function.name == name);
        found.map(|function| function.body.clone())
    }

    pub(super) fn taint_of(&self, word: &TemplateWord) -> Taint {
        let has_value = word.parts.iter().any(|part| match part {
            WordPart::Placeholder(placeholder, _) => placeholder.is_value(),
            WordPart::Code(range) => self.code_is_tainted(range.clone()),
            WordPart::Text(_) => false,
        });
        let has_more = word.parts.iter().any(|part| match part {
            WordPart::Text(text) => !text.trim_ascii().is_empty(),
            WordPart::Placeholder(..) => false,
            WordPart::Code(_) => true,
        });
        match (has_value, has_more) {
            (false, _) => Taint::No,
            (true, false) => Taint::Whole,
            (true, true) => Taint::Inside,
        }
    }

    /// Tells whether the result of an expansion has a value in it.
    pub(super) fn code_is_tainted(&self, range: Range<usize>) -> bool {
        let text = &self.text[range.clone()];
        let is_array = text.starts_with(b"(") && self.text[..range.start].ends_with(b"=");
        match text {
            _ if is_array => self.has_site_in(&range) || self.expands(&range),
            [b'$', b'\'', ..] => self.has_site_in(&range),
            // The same without its dollar.
            [b'(', ..] if self.text[..range.start].ends_with(b"$") => false,
            [_, b'(', ..] if self.counts(&range) => false,
            _ => self.expands(&range),
        }
    }

    /// Tells whether the results of the expansions in a text have values in them.
    pub(super) fn expands(&self, range: &Range<usize>) -> bool {
        let text = &self.text[range.clone()];
        let after = |opening: &[u8]| {
            let at = memchr::memmem::find(text, opening)?;
            Some(&text[at + opening.len()..])
        };
        // `${!r}`: the name may be any; `${!a[@]}` are keys.
        let indirect = after(b"${!").is_some_and(|rest| {
            let rest = &rest[vocabulary::name_length(rest)..];
            !rest.starts_with(b"[") && !self.flow.variables.is_empty()
        });
        let input = after(b"$(<").is_some_and(|rest| self.names_file(rest));
        let quoted = after(b"`").is_some_and(|rest| self.names_file(rest));
        self.names_value(text) || indirect || input || quoted || self.prints_value(range)
    }

    /// Tells whether a text has the name of a file that a value was written to.
    fn names_file(&self, text: &[u8]) -> bool {
        let is_end = |byte: &u8| byte.is_ascii_whitespace() || b"`<>()|;&\"'".contains(byte);
        let mut words = text.split(is_end);
        words.any(|word| self.flow.files.contains_key(plain_path(word)))
    }

    /// Tells whether a placeholder of a value stands in this range.
    fn has_site_in(&self, range: &Range<usize>) -> bool {
        self.line.sites.iter().any(|site| match &site.what {
            SiteContent::Placeholder(placeholder) => {
                placeholder.is_value() && range.contains(&site.range.start)
            }
            SiteContent::Literal => false,
        })
    }

    /// `<(echo 'echo <>')`: a file of what commands print.
    pub(super) fn is_printed(&self, word: &TemplateWord) -> bool {
        match word.parts.first() {
            Some(WordPart::Code(range)) => {
                self.text[range.clone()].starts_with(b"<(") && self.taint_of(word) == Taint::Inside
            }
            _ => false,
        }
    }
}

/// The line with the commands that are given to functions which run their arguments:
/// `run() { "$@"; }; run eval x`.
pub(super) fn with_forwarded(text: &[u8], line: &ShellLine) -> Option<ShellLine> {
    let forwards = |words: &Vec<TemplateWord>| {
        let first = words.first().map(|word| word.parts.iter());
        first.into_iter().flatten().any(|part| match part {
            WordPart::Code(range) => {
                matches!(&text[range.clone()], b"$@" | b"$*" | b"$1" | b"${@}")
            }
            _ => false,
        })
    };
    let mut functions = line.functions.iter();
    if !functions.any(|function| line.commands[function.body.clone()].iter().any(forwards)) {
        return None;
    }
    let mut forwarded = line.clone();
    for (words, context) in line.commands.iter().zip(&line.contexts) {
        let start = program_position(words).unwrap_or(0);
        let name = words[start].fixed();
        let is_own = line.functions.iter().any(|own| Some(&own.name[..]) == name);
        if is_own && words.len() > start + 1 {
            forwarded.commands.push(words[start + 1..].to_vec());
            forwarded.contexts.push(CommandContext {
                start: context.start,
                redirections: Vec::new(),
                operator: ListOperator::End,
            });
        }
    }
    Some(forwarded)
}

/// The names after `$` in a text.
fn names(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    memchr::memchr_iter(b'$', text).map(|at| {
        let rest = &text[at + 1..];
        let rest = rest.strip_prefix(b"{").unwrap_or(rest);
        let parameter = matches!(rest.first(), Some(b'0'..=b'9' | b'@' | b'*'));
        &rest[..vocabulary::name_length(rest).max(usize::from(parameter))]
    })
}

/// The names that are declared with one of these options.
fn declared(line: &ShellLine, letters: &[u8]) -> BTreeSet<Vec<u8>> {
    let mut names = BTreeSet::new();
    for words in &line.commands {
        let Some(start) = program_position(words) else {
            continue;
        };
        let name = words[start].fixed().unwrap_or_default();
        let is_declaring = table::DECLARING.iter().any(|own| own.as_bytes() == name);
        let options = words[start + 1..].iter().filter(|word| is_option(word));
        let mut options = options.flat_map(|word| word.head());
        let asked = match name {
            b"integer" | b"float" => letters.contains(&b'i'),
            b"nameref" => letters.contains(&b'n'),
            _ => false,
        };
        if is_declaring && (asked || options.any(|letter| letters.contains(letter))) {
            names.extend(words[start + 1..].iter().map(|word| {
                let length = vocabulary::name_length(word.head());
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
