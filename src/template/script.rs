//! A program for a shell. Values are its positional parameters, so that nothing
//! in them is ever program text. The first line saves them: `set --` and functions
//! change `$1`.

use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt, OsStringExt};

use crate::input::{Row, Strings};

use super::definitions::Definitions;
use super::direct::{push_argument, push_values};
use super::lex::{Reading, Setting};
use super::placeholder::Placeholder;
use super::program::{Filling, Hole, Piece, Program};
use super::quote;
use super::{BadValue, Place, integer};

/// A shell script for rows of one length.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Script {
    /// Saves the parameters.
    prologue: String,
    pub(super) body: Body,
    parameters: Vec<Parameter>,
    rest: Rest,
}

/// What follows the parameters that have names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rest {
    Nothing,
    /// All values, which the script knows as `"$@"`.
    Values,
}

/// More values than these are no parameters with names: a script must not grow with them.
const MOST_NAMED: usize = 9;

/// So many parameters are looked through for one that is the same.
const MOST_COMPARED: usize = 64;

/// The script's text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Body {
    /// The same for every job.
    Fixed(OsString),
    /// As GNU parallel: some values are in the text.
    Varying(Vec<Fragment>),
}

/// A piece of a script that is made for each job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fragment {
    Text(Vec<u8>),
    Quoted(Placeholder),
    Raw(Placeholder),
}

/// What the shell gets as one positional parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Parameter {
    placeholder: Placeholder,
    reading: Reading,
}

impl Script {
    /// The script for rows of `len` values.
    pub(super) fn new(program: &Program, len: usize, definitions: &Definitions) -> Script {
        let mut writer = Writer {
            len,
            name: definitions.parameter(),
            fragments: vec![Vec::new().into()],
            parameters: Vec::new(),
            rest: Rest::Nothing,
        };
        program.each_piece(len, |piece| match piece {
            Piece::Text(text) => writer.text().extend_from_slice(text),
            Piece::Hole(hole) => writer.hole(hole),
        });
        writer.finish(definitions)
    }

    /// Appends the script, `$0` and the parameters.
    pub(super) fn push_to(
        &self,
        (row, place): (&Row, Place),
        (shell, definitions): (&OsString, &Definitions),
        argv: &mut Strings,
    ) -> Result<(), BadValue> {
        match &self.body {
            Body::Fixed(text) => argv.push(text.as_bytes()),
            Body::Varying(fragments) => {
                let body = fill(fragments, row, place);
                let script = definitions.before(self.prologue.as_bytes(), &body);
                push_argument(argv, &script, place)?;
            }
        }
        argv.push(shell.as_bytes());
        for parameter in &self.parameters {
            parameter.push_to(argv, row, place)?;
        }
        if self.rest == Rest::Values {
            push_values(argv, row, place)?;
        }
        Ok(())
    }
}

impl Parameter {
    fn push_to(&self, argv: &mut Strings, row: &Row, place: Place) -> Result<(), BadValue> {
        let text = self.placeholder.joined(row, place);
        match self.reading {
            Reading::Bytes => push_argument(argv, &text, place),
            Reading::Integer => match integer::canonical(&text) {
                Some(number) => push_argument(argv, &number, place),
                None => Err(not_a_number("an integer", &text, place)),
            },
            Reading::Number if integer::is_decimal(&text) => push_argument(argv, &text, place),
            Reading::Number => Err(not_a_number("a number", &text, place)),
        }
    }
}

fn not_a_number(what: &str, text: &[u8], place: Place) -> BadValue {
    let (seq, text) = (place.seq, quote::excerpt(text));
    BadValue(format!(
        "input {seq} is not {what} where the shell calculates: {text}"
    ))
}

fn fill(fragments: &[Fragment], row: &Row, place: Place) -> Vec<u8> {
    let mut script = Vec::new();
    for fragment in fragments {
        match fragment {
            Fragment::Text(text) => script.extend_from_slice(text),
            Fragment::Raw(placeholder) => script.extend_from_slice(&placeholder.joined(row, place)),
            Fragment::Quoted(placeholder) => placeholder.push_quoted(row, place, &mut script),
        }
    }
    script
}

impl From<Vec<u8>> for Fragment {
    fn from(text: Vec<u8>) -> Fragment {
        Fragment::Text(text)
    }
}

/// A script while it is written.
struct Writer {
    len: usize,
    /// What the names of parameters begin with.
    name: String,
    fragments: Vec<Fragment>,
    parameters: Vec<Parameter>,
    rest: Rest,
}

impl Writer {
    fn text(&mut self) -> &mut Vec<u8> {
        if !matches!(self.fragments.last(), Some(Fragment::Text(_))) {
            self.fragments.push(Vec::new().into());
        }
        match self.fragments.last_mut() {
            Some(Fragment::Text(text)) => text,
            _ => unreachable!("a text was just put at the end"),
        }
    }

    fn hole(&mut self, hole: &Hole) {
        match hole.filling {
            Filling::Raw => self.fragments.push(Fragment::Raw(hole.placeholder.clone())),
            Filling::Quoted => self
                .fragments
                .push(Fragment::Quoted(hole.placeholder.clone())),
            Filling::Parameter(Setting::Word) => self.words(hole),
            Filling::Parameter(Setting::Part) => self.reference(hole, "\"", "\""),
            Filling::Parameter(Setting::Single) => self.reference(hole, "'\"", "\"'"),
            Filling::Parameter(Setting::Ansi) => self.reference(hole, "'\"", "\"$'"),
            Filling::Parameter(_) => {
                hole.part_from_minus(self.text());
                self.reference(hole, "", "");
            }
        }
    }

    fn words(&mut self, hole: &Hole) {
        let is_whole = hole.placeholder == Placeholder::WHOLE && hole.reading == Reading::Bytes;
        if is_whole && self.len > MOST_NAMED {
            self.rest = Rest::Values;
            return self.text().extend_from_slice(b"\"$@\"");
        }
        for nth in 0..hole.placeholder.count(self.len) {
            let before = if nth > 0 { " \"" } else { "\"" };
            let one = Parameter {
                placeholder: hole.placeholder.single(nth, self.len),
                reading: hole.reading,
            };
            self.parameter(one, before, "\"");
        }
    }

    fn reference(&mut self, hole: &Hole, before: &str, after: &str) {
        let placeholder = match hole.placeholder.count(self.len) {
            1 => hole.placeholder.single(0, self.len),
            _ => hole.placeholder.clone(),
        };
        let reading = hole.reading;
        self.parameter(
            Parameter {
                placeholder,
                reading,
            },
            before,
            after,
        );
    }

    fn parameter(&mut self, parameter: Parameter, before: &str, after: &str) {
        // Looking through the parameters of very many values would take too long.
        let mut few = self.parameters.iter().take(MOST_COMPARED);
        let known = few.position(|other| *other == parameter);
        let number = 1 + known.unwrap_or_else(|| {
            self.parameters.push(parameter);
            self.parameters.len() - 1
        });
        let text = format!("{before}${{{}{number}}}{after}", self.name);
        self.text().extend_from_slice(text.as_bytes());
    }

    fn finish(self, definitions: &Definitions) -> Script {
        let prologue = prologue(&self.name, self.parameters.len(), self.rest);
        let body = match self.fragments.as_slice() {
            [Fragment::Text(text)] => {
                let script = definitions.before(prologue.as_bytes(), text);
                Body::Fixed(OsString::from_vec(script.into_owned()))
            }
            _ => Body::Varying(self.fragments),
        };
        Script {
            prologue,
            body,
            parameters: self.parameters,
            rest: self.rest,
        }
    }
}

/// `_prun1=$1 _prun2=$2; set --; `
fn prologue(name: &str, count: usize, rest: Rest) -> String {
    if count == 0 {
        return String::new();
    }
    let saved: Vec<String> = (1..=count)
        .map(|number| match number {
            1..=9 => format!("{name}{number}=${number}"),
            _ => format!("{name}{number}=${{{number}}}"),
        })
        .collect();
    let left = match rest {
        Rest::Nothing => "set --".to_owned(),
        Rest::Values => format!("shift {count}"),
    };
    format!("{}; {left}; ", saved.join(" "))
}
